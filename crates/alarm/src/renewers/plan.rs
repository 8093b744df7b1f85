//! When a certificate should have been renewed.

use std::time::Duration;

use certvigil_model::{Sighting, Time};

/// When the new certificate should be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// By then.
    pub by: Time,
    /// Whose word that is.
    pub source: PlanSource,
}

/// Whose word a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanSource {
    /// The config's.
    Configured,
    /// The renewer's own, or its authority's (RFC 9773).
    Said,
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
    /// It is not missed, or not by more than a renewer's usual lateness: nothing is told.
    Planned,
    /// It was missed.
    Overdue {
        /// By so much.
        late: Duration,
    },
}

/// The plan of a certificate with this life: as configured, else as the renewer says, else as the last two of `seen` had
/// it. `seen` is in the order in which they happened. A plan that is longer than the life begins with it.
pub fn plan(
    configured: Option<Duration>,
    said: Option<Time>,
    seen: &[Renewal],
    (not_before, not_after): (Time, Time),
) -> Option<Plan> {
    let life = Duration::from_secs(length(not_before, not_after));
    let before_end = |before| not_before.plus(life.saturating_sub(before));
    let plan = |source| move |by| Plan { by, source };
    configured
        .map(before_end)
        .map(plan(PlanSource::Configured))
        .or_else(|| said.map(plan(PlanSource::Said)))
        .or_else(|| learned(seen).map(before_end).map(plan(PlanSource::Learned)))
}

/// The later of the last two renewals is still how it usually goes. One that came only after the end was a fault, and
/// nothing is learned from it.
fn learned(seen: &[Renewal]) -> Option<Duration> {
    let [.., one, other] = seen else { return None };
    let left = |renewal: &Renewal| match length(renewal.served, renewal.ends) {
        0 => None,
        left => Some(Duration::from_secs(left)),
    };
    Some(left(one)?.min(left(other)?))
}

/// Renewals that an endpoint's sightings show, in the order in which they happened; the newest sighting comes first.
/// The new certificate ends later, and has a name of the old one: another one may only stand in its place.
pub fn renewals(history: &[Sighting]) -> Vec<Renewal> {
    let shown = history.iter().rev().filter_map(|it| {
        let certificate = it.certificate.as_ref()?;
        // A sighting without a certificate bears the one before it.
        it.certificate_at.is_some_and(|at| at >= it.since).then_some((it.since, certificate))
    });
    let shown: Vec<_> = shown.collect();
    let pairs = shown.iter().zip(shown.iter().skip(1));
    let renewals = pairs.filter(|((_, old), (_, new))| {
        new.sha256 != old.sha256
            && new.not_after > old.not_after
            && new.names.iter().any(|name| old.names.contains(name))
    });
    renewals
        .map(|((_, old), (served, _))| Renewal { ends: old.not_after, served: *served })
        .collect()
}

/// Where a certificate of this life stands at `now`. It may be late by a day, or by a fiftieth of its life where that is
/// more.
pub fn due(plan: Plan, (not_before, not_after): (Time, Time), now: Time) -> Due {
    let grace = (length(not_before, not_after) / 50).max(DAY);
    match length(plan.by, now) {
        late if late > grace => Due::Overdue { late: Duration::from_secs(late) },
        _ => Due::Planned,
    }
}

/// Who should have renewed it, since when, and by whose word.
pub(super) fn overdue(renewer: &str, plan: Plan, late: Duration) -> String {
    let source = match plan.source {
        PlanSource::Configured => "the config says so",
        PlanSource::Said => "it said so itself",
        PlanSource::Learned => "the last two renewals were no later",
    };
    let by = plan.by.to_string();
    let date = by.split('T').next().unwrap_or(&by);
    let late = late.as_secs() / DAY;
    let days = if late == 1 { "day" } else { "days" };
    format!("{renewer} should have renewed it by {date}, {late} {days} ago: {source}")
}

/// Seconds from one to the other; none where the other came first.
fn length(from: Time, to: Time) -> u64 {
    u64::try_from(to.seconds_since(from)).unwrap_or(0)
}

const DAY: u64 = 86_400;

#[cfg(test)]
mod tests {
    use certvigil_model::{CertificateSeen, EndpointId, Ends, Fingerprint, Foreign, Outcome};

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
        for (configured, said, seen, expected) in [
            (Some(20), Some(65.0), &seen[..], Some((70.0, PlanSource::Configured))),
            (None, Some(65.0), &seen[..], Some((65.0, PlanSource::Said))),
            (None, None, &seen[..], Some((62.0, PlanSource::Learned))),
            (None, None, &seen[2..], None),
            (None, None, &[], None),
            (None, None, &[renewal(30), renewal(-1)], None),
            (None, None, &[renewal(30), renewal(0)], None),
            (Some(100), None, &[], Some((0.0, PlanSource::Configured))),
        ] {
            let plan = plan(configured.map(days), said.map(day), seen, (BEGINS, day(90.0)));
            assert_eq!(plan, expected.map(|(by, source)| Plan { by: day(by), source }));
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
            let life = (BEGINS, day(life));
            let due = plan(Some(days(before)), None, &[], life).map(|it| due(it, life, day(at)));
            assert_eq!(matches!(due, Some(Due::Overdue { .. })), is_overdue, "{before} {at}");
        }
    }

    /// A sighting as `(since, certificate, its end, a name of it)`, in days; none where nothing was seen.
    fn sighting(since: f64, shown: Option<(u8, f64, &str)>) -> Sighting {
        let certificate = shown.map(|(number, ends, name)| CertificateSeen {
            sha256: Fingerprint::of(&[number]),
            subject: Foreign::default(),
            names: vec![Foreign::new(name)],
            names_total: 1,
            issuer: Foreign::default(),
            serial_number: String::new(),
            not_before: BEGINS,
            not_after: day(ends),
            ends: Ends { at: day(ends), warning_from: day(ends), critical_from: day(ends) },
        });
        Sighting {
            endpoint: EndpointId::NOWHERE,
            place: String::new(),
            target: Foreign::default(),
            owner: None,
            origin: None,
            port: 443,
            server_name: None,
            outcome: Outcome::Captured,
            chain: Vec::new(),
            others: Vec::new(),
            certificate_at: certificate.as_ref().map(|_| day(since)),
            certificate,
            since: day(since),
            last_seen: day(since),
            until: None,
        }
    }

    #[test]
    fn a_renewal_is_a_later_certificate_for_the_same_name() {
        let mut dark = sighting(70.0, Some((2, 150.0, "a")));
        dark.certificate_at = Some(day(60.0));
        let newest_first = [
            // Of another name.
            sighting(200.0, Some((6, 400.0, "b"))),
            // Rolled back.
            sighting(125.0, Some((2, 150.0, "a"))),
            sighting(120.0, Some((3, 210.0, "a"))),
            // The same once more, after nothing was seen.
            sighting(71.0, Some((2, 150.0, "a"))),
            dark,
            sighting(60.0, Some((2, 150.0, "a"))),
            sighting(5.0, None),
            sighting(0.0, Some((1, 90.0, "a"))),
        ];
        assert_eq!(
            renewals(&newest_first),
            [
                Renewal { ends: day(90.0), served: day(60.0) },
                Renewal { ends: day(150.0), served: day(120.0) },
            ]
        );
    }
}
