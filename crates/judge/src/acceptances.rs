//! Which findings somebody answers for, for a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use certvigil_model::{Acceptance, Accepted, Answer, Finding, Severity, Target, Time};

/// The acceptances of one round, and which of them met a finding.
///
/// One whose time is over accepts nothing. One for something that could not be judged accepts
/// nothing either: whoever answers for a known fault does not know what was not seen.
#[derive(Debug, Default)]
pub struct Acceptances {
    all: Arc<[Acceptance]>,
    by_finding: HashMap<String, Vec<usize>>,
    met: Vec<AtomicBool>,
}

impl Acceptances {
    /// None of them has met anything yet.
    pub fn new(all: Arc<[Acceptance]>) -> Self {
        let mut by_finding: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, acceptance) in all.iter().enumerate() {
            by_finding.entry(acceptance.finding.clone()).or_default().push(place);
        }
        let met = all.iter().map(|_| AtomicBool::new(false)).collect();
        Self { all, by_finding, met }
    }

    /// Accepts what may be accepted of `findings` at `now`: those of `target`, or, with none, those
    /// of the round itself.
    pub fn accept(&self, findings: &mut [Finding], target: Option<&Target>, now: Time) {
        for finding in findings.iter_mut().filter(|found| found.severity != Severity::Unknown) {
            finding.accepted = self.answer(finding, target, now).cloned();
        }
    }

    /// The answer that holds for longest, among those that hold.
    fn answer(&self, found: &Finding, target: Option<&Target>, now: Time) -> Option<&Answer> {
        let places = self.by_finding.get(found.id)?.iter().copied();
        let of_it = places.filter_map(|place| Some((self.all.get(place)?, self.met.get(place)?)));
        let meeting = of_it.filter(|(acceptance, _)| {
            let Acceptance { of, certificate, .. } = acceptance;
            is_for(of, target) && (certificate.is_none() || *certificate == found.certificate)
        });
        let holding = meeting.filter_map(|(acceptance, met)| {
            met.store(true, Ordering::Relaxed);
            (!has_ended(acceptance, now)).then_some(&acceptance.answer)
        });
        holding.max_by_key(|answer| answer.until)
    }

    /// Those whose time is over at `now`.
    pub(crate) fn ended(&self, now: Time) -> impl Iterator<Item = &Acceptance> {
        self.all.iter().filter(move |acceptance| has_ended(acceptance, now))
    }

    /// Those that hold at `now` and have met nothing.
    pub(crate) fn unused(&self, now: Time) -> impl Iterator<Item = &Acceptance> {
        let idle = |met: &AtomicBool| !met.load(Ordering::Relaxed);
        let unmet = self.all.iter().zip(&self.met).filter(move |(_, met)| idle(met));
        unmet.map(|(acceptance, _)| acceptance).filter(move |one| !has_ended(one, now))
    }
}

fn is_for(of: &Accepted, target: Option<&Target>) -> bool {
    match (of, target) {
        (Accepted::Target(written), Some(target)) => {
            target.spellings().any(|spelling| spelling.raw() == written)
        }
        (Accepted::Tag(tag), Some(target)) => target.tags.contains(tag),
        (Accepted::Round, None) => true,
        (Accepted::Target(_) | Accepted::Tag(_), None) | (Accepted::Round, Some(_)) => false,
    }
}

fn has_ended(acceptance: &Acceptance, now: Time) -> bool {
    acceptance.answer.until <= now
}

#[cfg(test)]
mod tests {
    use certvigil_model::{Fingerprint, Foreign, Verdict};

    use super::*;
    use crate::testing::{NOW, days, finding, target};

    fn acceptance(finding: &str, of: Accepted, until: Time) -> Acceptance {
        let answer = Answer { reason: "known".to_owned(), owner: "ops".to_owned(), until };
        Acceptance { finding: finding.to_owned(), of, answer, certificate: None, origin: None }
    }

    struct Case {
        name: &'static str,
        of: Accepted,
        until: Time,
        severity: Severity,
        target: Option<&'static str>,
        /// The verdict beside it, and whether the acceptance counts as unused.
        want: (Verdict, bool),
    }

    #[test]
    fn a_finding_is_accepted_where_and_as_long_as_it_is_answered_for() {
        use Severity::{Critical, Unknown, Warning};
        let www = || Accepted::Target("www.example.org".to_owned());
        let shop = || Accepted::Tag("shop".to_owned());
        let is = Some("www.example.org");
        for Case { name, of, until, severity, target: written, want } in [
            Case {
                name: "its target",
                of: www(),
                until: days(1),
                severity: Critical,
                target: is,
                want: (Verdict::Ok, false),
            },
            Case {
                name: "its tag",
                of: shop(),
                until: days(1),
                severity: Warning,
                target: is,
                want: (Verdict::Ok, false),
            },
            Case {
                name: "another target",
                of: www(),
                until: days(1),
                severity: Warning,
                target: Some("mail.example.org"),
                want: (Verdict::Warning, true),
            },
            Case {
                name: "another tag",
                of: Accepted::Tag("mail".to_owned()),
                until: days(1),
                severity: Warning,
                target: is,
                want: (Verdict::Warning, true),
            },
            Case {
                name: "on the day that it ends",
                of: www(),
                until: NOW,
                severity: Critical,
                target: is,
                want: (Verdict::Critical, false),
            },
            Case {
                name: "what could not be judged",
                of: www(),
                until: days(1),
                severity: Unknown,
                target: is,
                want: (Verdict::Unknown, true),
            },
            Case {
                name: "the round",
                of: Accepted::Round,
                until: days(1),
                severity: Warning,
                target: None,
                want: (Verdict::Ok, false),
            },
            Case {
                name: "the round's word for no target",
                of: Accepted::Round,
                until: days(1),
                severity: Warning,
                target: is,
                want: (Verdict::Warning, true),
            },
        ] {
            let acceptances = Acceptances::new(Arc::new([acceptance("a", of, until)]));
            let target = written.map(|written| {
                let mut target = target(written);
                target.written = Foreign::new(written);
                target.tags = vec!["shop".to_owned()];
                target
            });
            let mut findings = [finding("a", severity), finding("b", Severity::Info)];
            acceptances.accept(&mut findings, target.as_ref(), NOW);
            let unused = acceptances.unused(NOW).count() == 1;
            assert_eq!((Verdict::over(&findings), unused), want, "{name}");
            assert_eq!(acceptances.ended(NOW).count(), usize::from(until <= NOW), "{name}");
        }
    }

    /// The next certificate with the same fault is another one, and nobody has answered for it.
    #[test]
    fn a_pinned_certificate_alone_is_accepted() {
        let [this, next] = [b"this", b"next"].map(|der| Fingerprint::of(der));
        let pinned = || {
            let all = acceptance("a", Accepted::Tag("shop".to_owned()), days(1));
            Acceptances::new(Arc::new([Acceptance { certificate: Some(this), ..all }]))
        };
        let mut target = target("www.example.org");
        target.tags = vec!["shop".to_owned()];
        for (certificate, accepted) in [(Some(this), true), (Some(next), false), (None, false)] {
            let acceptances = pinned();
            let mut findings = [Finding { certificate, ..finding("a", Severity::Critical) }];
            acceptances.accept(&mut findings, Some(&target), NOW);
            assert_eq!(findings[0].accepted.is_some(), accepted, "{certificate:?}");
            assert_eq!(acceptances.unused(NOW).count(), usize::from(!accepted));
        }
    }

    #[test]
    fn of_two_answers_the_one_that_holds_longer_is_told() {
        let all = [3, 9, 5].map(|day| acceptance("a", Accepted::Round, days(day)));
        let acceptances = Acceptances::new(Arc::new(all));
        let mut findings = [finding("a", Severity::Warning)];
        acceptances.accept(&mut findings, None, NOW);
        assert_eq!(findings[0].accepted.as_ref().map(|answer| answer.until), Some(days(9)));
        assert_eq!(acceptances.unused(NOW).count(), 0);
    }
}
