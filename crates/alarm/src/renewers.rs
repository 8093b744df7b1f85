//! Who renews a certificate, when that should have happened, and what a person does where it did not.

use std::time::Duration;

use certvigil_model::Time;

/// What renews a certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Renewer {
    /// This program.
    Certvigil,
    /// The ACME client of that name.
    Certbot,
    /// The controller of that name, in a Kubernetes cluster.
    CertManager,
    /// Whoever runs the service: a cloud, a host, a content network.
    Provider,
    /// A person, by hand.
    Hand,
    /// Nobody said.
    #[default]
    Unknown,
}

impl Renewer {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Certvigil,
        Self::Certbot,
        Self::CertManager,
        Self::Provider,
        Self::Hand,
        Self::Unknown,
    ];

    /// The word of the config.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Certvigil => "certvigil",
            Self::Certbot => "certbot",
            Self::CertManager => "cert-manager",
            Self::Provider => "provider",
            Self::Hand => "hand",
            Self::Unknown => "unknown",
        }
    }

    /// The renewer of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|renewer| renewer.name() == name)
    }

    /// Who should have renewed it, as a sentence begins.
    const fn subject(self) -> &'static str {
        match self {
            Self::Certvigil => "certvigil",
            Self::Certbot => "certbot",
            Self::CertManager => "cert-manager",
            Self::Provider => "its provider",
            Self::Hand => "whoever renews it by hand",
            Self::Unknown => "whatever renews it (nobody said what)",
        }
    }

    /// What a person does where it did not renew.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Certvigil => {
                "see why with `certvigil renew show`, and begin with `certvigil renew`"
            }
            Self::Certbot => {
                "on the machine that holds it: `systemctl status certbot.timer`, then `certbot renew --dry-run` for the reason and `certbot renew`"
            }
            Self::CertManager => {
                "in its cluster: `kubectl describe certificate` and the orders and challenges named there, then `cmctl renew`"
            }
            Self::Provider => {
                "see what the provider's console says of it: a validation record that is gone is the usual reason; ask its support now"
            }
            Self::Hand => "order the new certificate now, and install it at every address",
            Self::Unknown => {
                "find out who renewed it last, and write that as `renewer` in a [[certificate]] of the config"
            }
        }
    }
}

/// When the new certificate should be served, before the old one's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// So long before.
    pub before_end: Duration,
    /// Whose word that is.
    pub source: PlanSource,
}

/// Whose word a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanSource {
    /// The config's.
    Configured,
    /// The authority's renewal information (RFC 9773).
    Authority,
    /// What the last two renewals had in common.
    Learned,
}

/// A renewal that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// When the old certificate was to end.
    pub ends: Time,
    /// When the new one was first served.
    pub served: Time,
}

/// Where a certificate stands in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nobody knows a plan.
    Unplanned,
    /// It is not missed yet: nothing is told.
    Planned {
        /// When the new one should be served.
        by: Time,
    },
    /// It was missed by more than a renewer's usual lateness.
    Overdue {
        /// When the new one should have been served.
        by: Time,
        /// So much is it late.
        late: Duration,
    },
}

/// The plan of a certificate: as configured, else as the authority says, else as the last two of `seen` have it.
/// `seen` is in the order in which they happened.
pub fn plan(
    configured: Option<Duration>,
    authority: Option<Duration>,
    seen: &[Renewal],
) -> Option<Plan> {
    let plan = |source| move |before_end| Plan { before_end, source };
    configured
        .map(plan(PlanSource::Configured))
        .or_else(|| authority.map(plan(PlanSource::Authority)))
        .or_else(|| learned(seen).map(plan(PlanSource::Learned)))
}

/// The later of the last two renewals is still how it usually goes. One that came only after the end was a fault, and
/// nothing is learned from it.
fn learned(seen: &[Renewal]) -> Option<Duration> {
    let [.., one, other] = seen else { return None };
    let left = |renewal: &Renewal| {
        let left = renewal.ends.seconds_since(renewal.served);
        u64::try_from(left).ok().filter(|left| *left > 0).map(Duration::from_secs)
    };
    Some(left(one)?.min(left(other)?))
}

/// Where a certificate of this life stands at `now`. It may be late by a day, or by a fiftieth of its life where that is
/// more; a certificate whose plan is longer than its life is due at its beginning.
pub fn due(plan: Option<Plan>, not_before: Time, not_after: Time, now: Time) -> Due {
    let Some(plan) = plan else { return Due::Unplanned };
    let life = u64::try_from(not_after.seconds_since(not_before)).unwrap_or(0);
    let until_due = Duration::from_secs(life).saturating_sub(plan.before_end);
    let by = not_before.plus(until_due);
    let grace = Duration::from_secs((life / 50).max(DAY));
    match u64::try_from(now.seconds_since(by)).map(Duration::from_secs) {
        Ok(late) if late > grace => Due::Overdue { by, late },
        _ => Due::Planned { by },
    }
}

/// The message of `renewal-overdue`: who should have renewed it, since when, and by whose word.
pub fn overdue(renewer: Renewer, plan: Plan, by: Time, late: Duration) -> String {
    let source = match plan.source {
        PlanSource::Configured => "the config says so",
        PlanSource::Authority => "its authority says so",
        PlanSource::Learned => "the last two renewals were no later",
    };
    let by = by.to_string();
    let date = by.split('T').next().unwrap_or(&by);
    let late = late.as_secs() / DAY;
    let days = if late == 1 { "day" } else { "days" };
    format!("{} should have renewed it by {date}, {late} {days} ago: {source}", renewer.subject())
}

const DAY: u64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    const BEGINS: Time = Time::from_seconds(1_795_608_000);

    fn day(days: f64) -> Time {
        BEGINS.plus(Duration::from_secs_f64(days * 86_400.0))
    }

    fn days(days: u64) -> Duration {
        Duration::from_secs(days * DAY)
    }

    fn renewal(left: i64) -> Renewal {
        let served = day(60.0);
        Renewal { ends: Time::from_seconds(served.seconds() + left * 86_400), served }
    }

    #[test]
    fn a_plan_is_the_nearest_word_for_it() {
        let seen = [renewal(99), renewal(30), renewal(28)];
        for (configured, authority, seen, expected) in [
            (Some(20), Some(25), &seen[..], Some((20, PlanSource::Configured))),
            (None, Some(25), &seen[..], Some((25, PlanSource::Authority))),
            (None, None, &seen[..], Some((28, PlanSource::Learned))),
            (None, None, &seen[2..], None),
            (None, None, &[], None),
            (None, None, &[renewal(30), renewal(-1)], None),
            (None, None, &[renewal(30), renewal(0)], None),
        ] {
            let plan = plan(configured.map(days), authority.map(days), seen);
            let expected = expected.map(|(n, source)| Plan { before_end: days(n), source });
            assert_eq!(plan, expected);
        }
    }

    /// Missed by max(1 d, 0.02 · L).
    #[test]
    fn a_plan_may_be_missed_by_a_day_or_a_fiftieth_of_the_life() {
        for (life, before, at, is_overdue) in [
            // 90 days: a fiftieth is 1.8 days; due on day 60.
            (90.0, 30, 59.0, false),
            (90.0, 30, 61.8, false),
            (90.0, 30, 61.801, true),
            // 6 days: a day is more; due on day 4.
            (6.0, 2, 5.0, false),
            (6.0, 2, 5.01, true),
            // 398 days: 7.96 days.
            (398.0, 30, 375.9, false),
            (398.0, 30, 376.0, true),
            // The plan is longer than the life.
            (10.0, 30, 1.0, false),
            (10.0, 30, 1.1, true),
        ] {
            let plan = Plan { before_end: days(before), source: PlanSource::Configured };
            let due = due(Some(plan), BEGINS, day(life), day(at));
            assert_eq!(matches!(due, Due::Overdue { .. }), is_overdue, "{life} {before} {at}");
        }
        assert_eq!(due(None, BEGINS, day(90.0), day(90.0)), Due::Unplanned);
    }

    #[test]
    fn what_is_overdue_names_the_renewer_and_whose_word_it_is() {
        let plan = Plan { before_end: days(30), source: PlanSource::Learned };
        let Due::Overdue { by, late } = due(Some(plan), BEGINS, day(90.0), day(64.5)) else {
            panic!()
        };
        assert_eq!(
            overdue(Renewer::Certbot, plan, by, late),
            "certbot should have renewed it by 2027-01-24, 4 days ago: the last two renewals were no later"
        );
    }

    #[test]
    fn every_renewer_has_a_name_of_its_own_and_a_remedy() {
        for renewer in Renewer::ALL {
            assert_eq!(Renewer::from_name(renewer.name()), Some(renewer));
            assert!(!renewer.remedy().is_empty());
        }
        assert_eq!(Renewer::from_name("cron"), None);
    }
}
