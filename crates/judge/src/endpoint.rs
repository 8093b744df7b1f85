//! Judging one endpoint.

use std::cmp::Reverse;

use certvigil_model::{Finding, Judgement, Policy, Presented, Time, Trust};
use certvigil_x509::Certificate;

use crate::paths::{Standing, standings};
use crate::{Context, Look, Profile, RULES, Seen, Shown, Signatures};

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
    let answers = look.capture.presented.iter().zip(look.presented);
    let mut shown: Vec<Shown<'_>> = Vec::new();
    for (presented, chain) in answers {
        let chain = &chain[..chain.len().min(Presented::CHAIN_KEPT)];
        let Some(end_entity) = chain.first() else { continue };
        if shown.iter().any(|earlier| is_same(earlier.chain, chain)) {
            continue;
        }
        let standings = standings(chain, profiles, signatures, now);
        let look = *look;
        shown.push(Shown { look, presented, end_entity, chain, standings, profiles, policy, now });
    }
    let seen = Seen { look: *look, shown, now };
    let mut findings = Vec::new();
    for rule in RULES {
        for shown in &seen.shown {
            rule.judge(&Context::Certificate(shown), &mut findings);
        }
        rule.judge(&Context::Endpoint(&seen), &mut findings);
    }
    sort(&mut findings);
    let first = seen.shown.first().map(|shown| shown.standings.as_slice()).unwrap_or_default();
    Judgement { findings, trust: trust(first), effective_expiry: effective_expiry(first) }
}

/// Worst first; rules keep the order of their registry.
pub(crate) fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| Reverse(finding.severity));
}

fn is_same(one: &[Certificate], other: &[Certificate]) -> bool {
    one.iter().map(|c| c.fingerprint).eq(other.iter().map(|c| c.fingerprint))
}

fn trust(standings: &[Standing]) -> Vec<Trust> {
    standings.iter().map(Standing::trust).collect()
}

fn effective_expiry(standings: &[Standing]) -> Option<Time> {
    let deciding = standings.iter().filter(|standing| standing.decides);
    deciding.filter_map(|standing| standing.paths.first()).map(|path| path.expires_at).min()
}
