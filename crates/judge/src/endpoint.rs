//! Judging one endpoint, and all endpoints of a target.

use std::cmp::Reverse;

use certvigil_model::{
    Capture, Datum, Finding, Judgement, Policy, Presented, Scope, Severity, Target, Time,
};
use certvigil_x509::Certificate;

use crate::context::Scene;
use crate::paths::{Standing, standings};
use crate::{Context, Look, Profile, RULES, RoundView, Seen, Shown, Signatures, Spread};

/// Everything that the rules say of one endpoint, worst first.
///
/// Each certificate that it showed goes through every certificate rule; trust and effective expiry
/// are those of the first, what today's client gets. Never panics; the work is linear in what was
/// kept, and a capture keeps little.
pub fn judge_endpoint(
    look: &Look<'_>,
    policy: &Policy,
    profiles: &[Profile],
    signatures: &Signatures,
    now: Time,
) -> Judgement {
    let scene = Scene { look: *look, policy, profiles, now };
    let seen = Seen { scene, shown: shown(scene, signatures) };
    let mut findings = Vec::new();
    for rule in RULES {
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
    Judgement {
        findings: finished(findings, policy),
        trust: first.iter().map(Standing::trust).collect(),
        effective_expiry: effective_expiry(first),
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
pub fn judge_target(looks: &[(Look<'_>, &Judgement)], policy: &Policy, now: Time) -> Vec<Finding> {
    finished(judged(&Context::Target(&Spread { looks, now }), Scope::Target), policy)
}

/// What only the whole round shows, worst first.
pub fn judge_round(view: &RoundView) -> Vec<Finding> {
    finished(judged(&Context::Round(view), Scope::Round), &Policy::default())
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
