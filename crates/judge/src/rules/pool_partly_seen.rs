//! `pool-partly-seen`: some addresses of a pool showed no certificate.

use certvigil_model::{Datum, Ended, Family, Finding, Outcome, Scope, Severity};

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, Look, words};

/// A dead address of a pool takes its share of the clients with it, while every other look at the
/// name is good.
pub(super) struct PoolPartlySeen;

const META: Meta = Meta {
    id: "pool-partly-seen",
    family: Family::Reach,
    scope: Scope::Endpoint,
    severities: &[Severity::Unknown, Severity::Warning],
    citation: "RFC 1794 section 2",
    in_force: "1995-04-01",
};

impl Rule for PoolPartlySeen {
    fn meta(&self) -> &'static Meta {
        &META
    }

    /// Where it is we who saw nothing, nothing is known of the address: that is no warning.
    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Pool(parts) = cx else { return };
        let (seen, lost): (Vec<&Look<'_>>, Vec<_>) =
            parts.iter().map(|(look, _)| look).partition(|look| has_shown(look));
        if seen.is_empty() || lost.is_empty() {
            return;
        }
        let is_unknown = lost.iter().any(|look| is_unknown(look.capture.ended.outcome));
        let severity = if is_unknown { Severity::Unknown } else { Severity::Warning };
        let said = words::list(lost.iter().map(|look| sentence(look)));
        let (lost_count, all) = (lost.len(), parts.len());
        let message =
            format!("{lost_count} of the {all} addresses looked at showed no certificate: {said}");
        let places = lost.iter().take(PLACES_LIMIT);
        let places = places.map(|look| Datum::Text(words::place(look.endpoint)));
        let finding = META
            .finding(severity, message)
            .hint("mend these addresses, or take them out of the name's answer")
            .with("addresses", Datum::List(places.collect()));
        found.push(finding);
    }
}

/// Whether a certificate came, be it readable or not.
pub(crate) fn has_shown(look: &Look<'_>) -> bool {
    look.capture.presented.iter().any(|presented| !presented.chain.is_empty())
}

const fn is_unknown(outcome: Outcome) -> bool {
    outcome.is_ours() || matches!(outcome, Outcome::Unresolved)
}

fn sentence(look: &Look<'_>) -> String {
    let Ended { outcome, reason, .. } = &look.capture.ended;
    let reason = reason.as_deref().unwrap_or_else(|| outcome.name());
    format!("{}, {reason}", words::place(look.endpoint))
}

const PLACES_LIMIT: usize = 100;

#[cfg(test)]
mod tests {
    use certvigil_model::{Judgement, Phase, Policy, Verdict};

    use super::*;
    use crate::testing::{Given, NOW, as_is, days, leaf, nothing, sent};
    use crate::{Signatures, judge_endpoint, judge_pool};

    /// What a pool with these answers comes to, one an address: 192.0.2.1, 192.0.2.2, …
    fn judge(answers: &[Given]) -> Judgement {
        let endpoints: Vec<_> = (1_u8..)
            .zip(answers)
            .map(|(n, given)| given.target.endpoint(Some(([192, 0, 2, n], 443).into()), None))
            .collect();
        let looks = answers.iter().zip(&endpoints).map(|(given, endpoint)| {
            let Given { target, capture, chains: presented, .. } = given;
            Look { target, endpoint, capture, presented }
        });
        let policy = Policy::default();
        let judged: Vec<_> = looks
            .map(|look| (look, judge_endpoint(&look, &policy, &[], &Signatures::default(), NOW)))
            .collect();
        let parts: Vec<_> = judged.iter().map(|(look, judgement)| (*look, judgement)).collect();
        judge_pool(&parts, &policy)
    }

    fn good() -> Given {
        sent(vec![leaf(as_is)])
    }

    fn lost(outcome: Outcome) -> Given {
        nothing(Ended::early(outcome, Phase::Connect, "nobody was there"))
    }

    fn ids(judgement: &Judgement) -> Vec<&str> {
        let told = judgement.findings.iter().filter(|finding| finding.severity > Severity::Info);
        told.map(|finding| finding.id).collect()
    }

    #[test]
    fn a_dead_address_is_a_warning_that_names_it() {
        let judgement = judge(&[good(), lost(Outcome::Refused), good()]);
        assert_eq!((ids(&judgement), judgement.verdict()), (vec![META.id], Verdict::Warning));
        assert_eq!(
            judgement.findings[0].message,
            "1 of the 3 addresses looked at showed no certificate: 192.0.2.2:443, nobody was there"
        );
    }

    #[test]
    fn what_we_did_not_see_is_unknown() {
        for outcome in [Outcome::Local, Outcome::Unresolved] {
            assert_eq!(judge(&[good(), lost(outcome)]).verdict(), Verdict::Unknown);
        }
        let judgement = judge(&[lost(Outcome::Refused), lost(Outcome::Refused)]);
        assert_eq!((ids(&judgement), judgement.verdict()), (vec!["refused"], Verdict::Unknown));
        assert!(judge(&[good(), good()]).verdict() == Verdict::Ok);
    }

    #[test]
    fn the_worst_address_decides_and_is_named() {
        let old = || sent(vec![leaf(|facts| facts.not_after = Ok(days(-1)))]);
        let judgement = judge(&[good(), old(), good(), old()]);
        assert_eq!((ids(&judgement), judgement.verdict()), (vec!["expired"], Verdict::Critical));
        let expired = &judgement.findings[0];
        assert!(expired.message.ends_with(" (at 192.0.2.2:443, 192.0.2.4:443)"), "{expired:?}");
        let places = ["192.0.2.2:443", "192.0.2.4:443"].map(|place| Datum::Text(place.to_owned()));
        assert_eq!(expired.data["addresses"], Datum::List(places.to_vec()));
        let judgement = judge(&[old(), old()]);
        assert!(!judgement.findings[0].message.contains("(at "), "{judgement:?}");
    }
}
