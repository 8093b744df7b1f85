//! Judges by two times where our own clock is off.

use std::collections::{BTreeMap, BTreeSet};

use certvigil_alarm::clock::Off;
use certvigil_alarm::problems::OWN_CLOCK_OFF;
use certvigil_model::{Finding, Judgement, Severity};

/// What is the same by our time and by theirs stands; what is not is unknown. That `ours` says something else would be
/// our clock's fault, and nobody else's.
pub(crate) fn in_doubt(ours: Judgement, theirs: &Judgement, off: &Off) -> Judgement {
    if said(&ours) == said(theirs) {
        return ours;
    }
    let both = said(theirs);
    let is_said = |finding: &Finding| both.contains(&(finding.id, finding.severity));
    let mut findings = vec![unknown(off)];
    findings.extend(ours.findings.into_iter().filter(is_said));
    // The worst first, as ever: what both times say may be worse than not to know.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Judgement { findings, ..ours }
}

fn said(judgement: &Judgement) -> BTreeSet<(&'static str, Severity)> {
    judgement.findings.iter().map(|finding| (finding.id, finding.severity)).collect()
}

fn unknown(off: &Off) -> Finding {
    Finding {
        id: OWN_CLOCK_OFF.id,
        family: OWN_CLOCK_OFF.family,
        severity: OWN_CLOCK_OFF.severity,
        certificate: None,
        message: off.reason(),
        hint: Some("set this machine's clock; nothing is opened or closed meanwhile".to_owned()),
        data: BTreeMap::new(),
        accepted: None,
    }
}

#[cfg(test)]
mod tests {
    use certvigil_model::{Family, Verdict};

    use super::*;

    fn judgement(findings: &[(&'static str, Severity)]) -> Judgement {
        let finding = |(id, severity): &(&'static str, Severity)| Finding {
            id,
            severity: *severity,
            family: Family::Expiry,
            message: String::new(),
            ..unknown(&off())
        };
        let findings = findings.iter().map(finding).collect();
        Judgement { findings, trust: Vec::new(), effective_expiry: None, ends: None }
    }

    fn off() -> Off {
        Off { seconds: 55 * 86_400, told_by: vec!["a".to_owned(), "b".to_owned()] }
    }

    #[test]
    fn what_both_times_say_stands_and_the_rest_is_unknown() {
        use Severity::{Critical, Info, Warning};
        for (ours, theirs, verdict) in [
            (&[][..], &[][..], Verdict::Ok),
            (&[("expired", Critical)], &[("expired", Critical)], Verdict::Critical),
            (&[("expires-soon", Warning)], &[("expires-soon", Critical)], Verdict::Unknown),
            (&[], &[("expired", Critical)], Verdict::Unknown),
            (&[("expired", Critical)], &[], Verdict::Unknown),
            // A name is wrong at any time.
            (
                &[("name-mismatch", Critical), ("expires-soon", Warning)],
                &[("name-mismatch", Critical)],
                Verdict::Critical,
            ),
            (&[("self-signed", Info)], &[("self-signed", Info)], Verdict::Ok),
        ] {
            let told = in_doubt(judgement(ours), &judgement(theirs), &off());
            assert_eq!(told.verdict(), verdict, "{ours:?} {theirs:?}");
        }
        let told = in_doubt(judgement(&[]), &judgement(&[("expired", Critical)]), &off());
        assert_eq!(told.findings[0].message, "my clock is off by 55 d");
    }
}
