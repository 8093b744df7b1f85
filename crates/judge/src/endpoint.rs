//! Judging one endpoint, and all endpoints of a target.

use std::cmp::Reverse;

use certvigil_model::{
    Capture, Datum, Family, Finding, Judgement, Policy, Presented, Scope, Severity, Target, Time,
    Transport,
};
use certvigil_x509::Certificate;

use crate::context::Scene;
use crate::paths::{Standing, standings};
use crate::rules::has_shown;
use crate::thresholds::ends;
use crate::{
    Acceptances, Beside, Context, Look, Meta, Profile, RULES, RoundView, Seen, Shown, Signatures,
    Spread, words,
};

/// Everything that the rules say of one endpoint, worst first.
///
/// Each certificate that it showed goes through every certificate rule; trust and effective expiry
/// are those of the first, what today's client gets. Never panics; the work is linear in what was
/// kept, but for the search for paths, which has a bound of its own.
pub fn judge_endpoint(
    look: &Look<'_>,
    policy: &Policy,
    profiles: &[Profile],
    signatures: &Signatures,
    now: Time,
) -> Judgement {
    let profiles = if is_file(look) { &[] } else { profiles };
    let scene = Scene { look: *look, policy, profiles, now };
    let seen = Seen { scene, shown: shown(scene, signatures) };
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| !is_file(look) || tells_of_files(rule.meta())) {
        match rule.meta().scope {
            Scope::Certificate => {
                for shown in &seen.shown {
                    rule.judge(&Context::Certificate(shown), &mut findings);
                }
            }
            Scope::Endpoint => rule.judge(&Context::Endpoint(&seen), &mut findings),
            Scope::Target | Scope::Round => {}
        }
    }
    let first = seen.shown.first().map(|shown| shown.standings.as_slice()).unwrap_or_default();
    let effective_expiry = effective_expiry(first);
    let ends = |shown: &Shown<'_>| ends(shown.end_entity, shown.thresholds(), effective_expiry);
    Judgement {
        ends: seen.shown.first().and_then(ends),
        findings: finished(findings, policy),
        trust: first.iter().map(Standing::trust).collect(),
        effective_expiry,
    }
}

fn is_file(look: &Look<'_>) -> bool {
    look.endpoint.transport == Transport::File
}

/// A certificate on disk has been shown to nobody: whom it is for, who trusts it and how its server
/// shakes hands is judged where it is served.
const fn tells_of_files(meta: &Meta) -> bool {
    match meta.family {
        Family::Expiry | Family::Form | Family::Reach => true,
        Family::Strength => matches!(meta.scope, Scope::Certificate),
        Family::Channel
        | Family::CheckIn
        | Family::Name
        | Family::Revocation
        | Family::Round
        | Family::Spread
        | Family::Trust => false,
    }
}

/// What is to be said of an endpoint that was never looked at, or showed no certificate: a finding
/// named like its outcome, with the verdict unknown. No policy lowers it.
pub fn unseen(target: &Target, capture: &Capture) -> Judgement {
    let endpoint = target.endpoint(None, None);
    let look = Look { target, endpoint: &endpoint, capture, presented: &[] };
    let now = capture.looked_at;
    judge_endpoint(&look, &Policy::default(), &[], &Signatures::default(), now)
}

/// What only all endpoints of one target show together, worst first.
pub fn judge_target(
    looks: &[(Look<'_>, &Judgement)],
    beside: &Beside,
    policy: &Policy,
    now: Time,
) -> Vec<Finding> {
    finished(judged(&Context::Target(&Spread { looks, beside, now }), Scope::Target), policy)
}

/// What the addresses of a pool come to, each looked at and judged: every finding of each, said once
/// with the addresses that show it. Trust is that of the first address that showed a certificate,
/// the effective expiry the earliest of all.
///
/// Where some showed one, those that did not are a finding of the pool; where none did, each says
/// why.
pub fn judge_pool(parts: &[(Look<'_>, &Judgement)], policy: &Policy) -> Judgement {
    let (mut telling, lost): (Vec<_>, Vec<_>) = parts.iter().partition(|(look, _)| has_shown(look));
    if telling.is_empty() {
        telling = lost;
    }
    let mut groups: Vec<(Finding, Vec<String>)> = Vec::new();
    for (look, judgement) in &telling {
        for finding in &judgement.findings {
            let place = words::place(look.endpoint);
            match groups.iter_mut().find(|(earlier, _)| is_said(earlier, finding)) {
                Some((_, places)) => places.push(place),
                None => groups.push((finding.clone(), vec![place])),
            }
        }
    }
    let everywhere = telling.len();
    let mut findings: Vec<Finding> =
        groups.into_iter().map(|group| with_places(group, everywhere)).collect();
    findings.extend(judged(&Context::Pool(parts), Scope::Endpoint));
    let expiries = telling.iter().filter_map(|(_, judgement)| judgement.effective_expiry);
    let ends = telling.iter().filter_map(|(_, judgement)| judgement.ends);
    Judgement {
        ends: ends.min_by_key(|ends| ends.at),
        findings: finished(findings, policy),
        trust: telling.first().map(|(_, first)| first.trust.clone()).unwrap_or_default(),
        effective_expiry: expiries.min(),
    }
}

/// A finding that not all addresses show says which do.
fn with_places((mut finding, places): (Finding, Vec<String>), everywhere: usize) -> Finding {
    if places.len() < everywhere {
        let said = words::list(places.iter().cloned());
        finding.message = format!("{} (at {said})", finding.message);
    }
    let places = places.into_iter().map(Datum::Text).collect();
    finding.data.insert("addresses", Datum::List(places));
    finding
}

/// What only the whole round shows, worst first, with what is accepted of it. Comes last: it tells
/// which acceptances met nothing.
pub fn judge_round(view: &RoundView, acceptances: &Acceptances, now: Time) -> Vec<Finding> {
    let mut findings = judged(&Context::Round(view), Scope::Round);
    acceptances.accept(&mut findings, None, now);
    findings.extend(judged(&Context::Accepting(acceptances, now), Scope::Round));
    finished(findings, &Policy::default())
}

fn judged(cx: &Context<'_>, scope: Scope) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.meta().scope == scope) {
        rule.judge(cx, &mut findings);
    }
    findings
}

/// Each different chain that an endpoint showed, with what the trust profiles say of it.
fn shown<'a>(scene: Scene<'a>, signatures: &Signatures) -> Vec<Shown<'a>> {
    let mut shown: Vec<Shown<'a>> = Vec::new();
    for (presented, chain) in scene.look.capture.presented.iter().zip(scene.look.presented) {
        let chain = &chain[..chain.len().min(Presented::CHAIN_KEPT)];
        let Some(end_entity) = chain.first() else { continue };
        if shown.iter().any(|earlier| is_same(earlier.chain, chain)) {
            continue;
        }
        let standings = standings(chain, scene.profiles, signatures, scene.now);
        shown.push(Shown { presented, end_entity, chain, standings, scene });
    }
    shown
}

fn is_same(one: &[Certificate], other: &[Certificate]) -> bool {
    one.iter().map(|c| c.fingerprint).eq(other.iter().map(|c| c.fingerprint))
}

fn effective_expiry(standings: &[Standing]) -> Option<Time> {
    let deciding = standings.iter().filter(|standing| standing.decides);
    deciding.filter_map(|standing| standing.paths.first()).map(|path| path.expires_at).min()
}

/// Findings as they leave: weighed by the policy, each said once, worst first. Among equals the
/// order of [`RULES`] stays.
fn finished(mut findings: Vec<Finding>, policy: &Policy) -> Vec<Finding> {
    findings.retain_mut(|finding| weigh(finding, policy));
    findings.sort_by_key(|finding| Reverse(finding.severity));
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        if !kept.iter().any(|earlier| is_said(earlier, &finding)) {
            kept.push(finding);
        }
    }
    kept
}

/// The same certificate in two chains is one fact.
fn is_said(earlier: &Finding, later: &Finding) -> bool {
    earlier.id == later.id
        && earlier.certificate == later.certificate
        && earlier.message == later.message
}

/// Gives a finding the weight that its owner wants; false where it was switched off with a reason.
/// What could not be judged stays what it is.
fn weigh(finding: &mut Finding, policy: &Policy) -> bool {
    let wish = policy.adjustments.iter().rev().find(|wish| wish.finding == finding.id);
    let Some(wish) = wish.filter(|_| finding.severity != Severity::Unknown) else { return true };
    let Some(severity) = wish.severity else { return wish.reason.trim().is_empty() };
    if severity != finding.severity {
        finding.data.insert("adjusted", Datum::Text(wish.reason.clone()));
        finding.severity = severity;
    }
    true
}

#[cfg(test)]
mod tests {
    use certvigil_model::Adjustment;

    use super::*;
    use crate::testing::finding;

    fn wish(finding: &str, severity: Option<Severity>, reason: &str) -> Adjustment {
        Adjustment { finding: finding.to_owned(), severity, reason: reason.to_owned() }
    }

    struct Case {
        name: &'static str,
        given: Severity,
        wishes: Vec<Adjustment>,
        want: Option<Severity>,
    }

    #[test]
    fn a_policy_weighs_what_could_be_judged() {
        use Severity::{Critical, Info, Unknown, Warning};
        let off = || wish("a", None, "known since May, OPS-7");
        let cases = vec![
            Case { name: "no wish", given: Info, wishes: vec![], want: Some(Info) },
            Case {
                name: "another rule's",
                given: Info,
                wishes: vec![wish("b", Some(Critical), "")],
                want: Some(Info),
            },
            Case {
                name: "raised",
                given: Info,
                wishes: vec![wish("a", Some(Warning), "")],
                want: Some(Warning),
            },
            Case {
                name: "lowered",
                given: Critical,
                wishes: vec![wish("a", Some(Info), "")],
                want: Some(Info),
            },
            Case {
                name: "the last one counts",
                given: Info,
                wishes: vec![off(), wish("a", Some(Warning), "")],
                want: Some(Warning),
            },
            Case { name: "switched off", given: Warning, wishes: vec![off()], want: None },
            Case {
                name: "not without a reason",
                given: Warning,
                wishes: vec![wish("a", None, " ")],
                want: Some(Warning),
            },
            Case { name: "unknown, off", given: Unknown, wishes: vec![off()], want: Some(Unknown) },
            Case {
                name: "unknown, lowered",
                given: Unknown,
                wishes: vec![wish("a", Some(Info), "no")],
                want: Some(Unknown),
            },
        ];
        for Case { name, given, wishes, want } in cases {
            let policy = Policy { thresholds: None, adjustments: wishes };
            let left = finished(vec![finding("a", given)], &policy);
            assert_eq!(left.first().map(|finding| finding.severity), want, "{name}");
            let is_changed = want.is_some_and(|want| want != given);
            let told = left.first().is_some_and(|f| f.data.contains_key("adjusted"));
            assert_eq!(told, is_changed, "{name}");
        }
    }

    #[test]
    fn findings_are_worst_first_each_once_and_otherwise_in_order() {
        use Severity::{Critical, Info, Unknown, Warning};
        let given = vec![
            finding("a", Info),
            finding("b", Critical),
            finding("c", Unknown),
            finding("b", Critical),
            finding("d", Warning),
            finding("e", Critical),
            finding("f", Info),
        ];
        let ids: Vec<_> =
            finished(given, &Policy::default()).into_iter().map(|finding| finding.id).collect();
        assert_eq!(ids, ["b", "e", "c", "d", "a", "f"]);
    }
}
