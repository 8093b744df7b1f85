//! Who renews a certificate, when that should have happened, and what a person does where it did not.

mod plan;
mod said;

use certvigil_model::{CertificateSeen, Problem, Time};

use crate::problems::RENEWAL_OVERDUE;
use crate::{CertificateRule, Rules, owners};

pub use plan::{Due, Plan, PlanSource, Renewal, due, plan, renewals};
pub use said::{Said, SaidState, read};

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

/// Whether what an endpoint served before has to be known to tell whether a certificate is overdue: nobody said when it
/// should be renewed, and half of its life is over.
pub fn needs_history(rules: &Rules, certificate: &CertificateSeen, now: Time) -> bool {
    let is_told = rule(rules, certificate).is_some_and(|rule| rule.renew_before.is_some());
    let life = certificate.not_after.seconds_since(certificate.not_before);
    !is_told && now.seconds_since(certificate.not_before) > life / 2
}

/// The problem `renewal-overdue`: a certificate that should have been renewed, or whose renewer says that it cannot.
/// `seen` are renewals at the endpoint in the order in which they happened, `said` is what renewers say themselves.
pub fn judge(
    rules: &Rules,
    certificate: &CertificateSeen,
    seen: &[Renewal],
    said: &[Said],
    now: Time,
) -> Option<Problem> {
    let rule = rule(rules, certificate);
    let renewer = rule.map(|rule| rule.renewer).unwrap_or_default();
    let names: Vec<_> = owners::names(certificate).collect();
    let said = said.iter().find(|said| said.is_of(&names));
    let message = match said.and_then(Said::failure) {
        Some(reason) => format!("{} says that it cannot renew it: {reason}", renewer.subject()),
        None => {
            let life = (certificate.not_before, certificate.not_after);
            let configured = rule.and_then(|rule| rule.renew_before);
            let plan = plan(configured, said.and_then(|said| said.renews_at), seen, life)?;
            let Due::Overdue { late } = due(plan, life, now) else { return None };
            plan::overdue(renewer.subject(), plan, late)
        }
    };
    let advice = rule.and_then(|rule| rule.advice.clone());
    Some(Problem {
        certificate: Some(certificate.sha256),
        hint: Some(advice.unwrap_or_else(|| renewer.remedy().to_owned())),
        ..RENEWAL_OVERDUE.problem(message)
    })
}

/// The id of the problem.
pub const OVERDUE: &str = RENEWAL_OVERDUE.id;

fn rule<'a>(rules: &'a Rules, certificate: &CertificateSeen) -> Option<&'a CertificateRule> {
    owners::rules_of(rules, certificate).next()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use certvigil_model::{Ends, Fingerprint, Foreign, Severity};

    use super::*;
    use crate::Limits;

    const BEGINS: Time = Time::from_seconds(1_795_608_000);

    fn day(days: u64) -> Time {
        BEGINS.plus(Duration::from_secs(days * 86_400))
    }

    fn rules(rule: CertificateRule) -> Rules {
        Rules {
            site: "main".to_owned(),
            site_key: None,
            default_owner: "ops".to_owned(),
            operations: "ops".to_owned(),
            owners: BTreeMap::new(),
            certificates: vec![rule],
            windows: Vec::new(),
            sentinels: Vec::new(),
            limits: Limits::default(),
            interval: None,
            has_answers: true,
            is_time_in_doubt: false,
            config: String::new(),
        }
    }

    fn of(renewer: Renewer, days: Option<u64>) -> CertificateRule {
        CertificateRule {
            names: vec!["*.example.org".to_owned()],
            renewer,
            renew_before: days.map(|days| Duration::from_secs(days * 86_400)),
            ..CertificateRule::default()
        }
    }

    /// For 90 days.
    fn certificate() -> CertificateSeen {
        let ends = day(90);
        CertificateSeen {
            sha256: Fingerprint::of(b""),
            subject: Foreign::default(),
            names: vec![Foreign::new("DNS:www.example.org")],
            names_total: 1,
            issuer: Foreign::default(),
            serial_number: String::new(),
            not_before: BEGINS,
            not_after: ends,
            ends: Ends { at: ends, warning_from: ends, critical_from: ends },
        }
    }

    fn seen() -> Vec<Renewal> {
        let renewal = |left: u64| Renewal { ends: day(90), served: day(90 - left) };
        vec![renewal(31), renewal(30)]
    }

    #[test]
    fn inside_the_plan_nothing_is_told_and_beyond_it_the_renewer_is_named() {
        let certbot = rules(of(Renewer::Certbot, Some(30)));
        assert_eq!(judge(&certbot, &certificate(), &[], &[], day(61)), None);
        let problem = judge(&certbot, &certificate(), &[], &[], day(64));
        let problem = problem.map(|it| (it.id, it.severity, it.message, it.hint));
        assert_eq!(
            problem,
            Some((
                "renewal-overdue".to_owned(),
                Severity::Warning,
                "certbot should have renewed it by 2027-01-24, 4 days ago: the config says so"
                    .to_owned(),
                Some(Renewer::Certbot.remedy().to_owned()),
            ))
        );
    }

    #[test]
    fn two_renewals_seen_are_a_plan_where_nobody_gave_one() {
        let unknown = rules(of(Renewer::Unknown, None));
        let message = |seen: &[Renewal], now| {
            judge(&unknown, &certificate(), seen, &[], now).map(|problem| problem.message)
        };
        assert_eq!(message(&seen()[1..], day(80)), None);
        assert_eq!(message(&seen(), day(61)), None);
        let told = message(&seen(), day(64));
        assert!(told.is_some_and(|it| it.ends_with("the last two renewals were no later")));
        assert!(!needs_history(&unknown, &certificate(), day(45)));
        assert!(needs_history(&unknown, &certificate(), day(46)));
        assert!(!needs_history(&rules(of(Renewer::Hand, Some(9))), &certificate(), day(46)));
    }

    #[test]
    fn a_renewer_that_says_it_cannot_is_believed_at_once() {
        let provider = rules(of(Renewer::Provider, Some(30)));
        let said = Said {
            names: vec!["*.example.org".to_owned()],
            state: SaidState::Failed,
            reason: Some(Foreign::new("CAA\u{1b}[2J forbids it")),
            renews_at: None,
        };
        let problem = judge(&provider, &certificate(), &[], &[said], day(2));
        assert_eq!(
            problem.map(|problem| problem.message).as_deref(),
            Some("its provider says that it cannot renew it: CAA\\u{1b}[2J forbids it")
        );
    }

    #[test]
    fn a_teams_own_advice_stands_in_place_of_ours() {
        let advice = Some("call Hosting AG, customer 4711".to_owned());
        let hand = rules(CertificateRule { advice: advice.clone(), ..of(Renewer::Hand, Some(30)) });
        let problem = judge(&hand, &certificate(), &[], &[], day(80));
        assert_eq!(problem.and_then(|problem| problem.hint), advice);
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
