//! Puts the looks at a pool's addresses together: one endpoint, known by the target's name.

use std::sync::Arc;

use certvigil_judge::{Look, judge_pool};
use certvigil_model::{
    Asked, By, Capture, Ended, Judgement, Outcome, Policy, Presented, Target, Time,
};
use certvigil_report::{EndpointLine, PoolSeen};
use certvigil_x509::Certificate;

/// The pool's one line, out of the lines of its addresses; the name has `of` of them.
pub(crate) fn together(
    target: &Target,
    parts: &[Arc<EndpointLine>],
    of: usize,
    policy: &Policy,
) -> EndpointLine {
    let (seen, lost): (Vec<_>, Vec<_>) =
        parts.iter().map(AsRef::as_ref).partition(|part| has_shown(part));
    let looks: Vec<(Look<'_>, &Judgement)> = parts
        .iter()
        .map(|part| {
            let EndpointLine { endpoint, capture, presented, judgement, .. } = &**part;
            (Look { target, endpoint, capture, presented }, judgement)
        })
        .collect();
    let judgement = judge_pool(&looks, policy);
    let ended = ended(&seen, &lost);
    let pool = Some(PoolSeen { seen: seen.len(), of });
    // What was seen comes first: it is what today's client gets.
    let order: Vec<&EndpointLine> = seen.into_iter().chain(lost).collect();
    let capture = Capture {
        looked_at: order.iter().map(|part| part.capture.looked_at).min().unwrap_or(Time::FIRST),
        elapsed: order.iter().map(|part| part.capture.elapsed).max().unwrap_or_default(),
        ended,
        presented: order.iter().flat_map(|part| presented(part)).collect(),
    };
    EndpointLine {
        targets: target.spellings().cloned().collect(),
        owner: target.owner.clone(),
        tags: target.tags.clone(),
        origin: target.origin.clone(),
        endpoint: target.endpoint(None, None),
        pool,
        capture,
        presented: order.iter().flat_map(|part| chains(part)).collect(),
        judgement,
    }
}

fn has_shown(part: &EndpointLine) -> bool {
    part.capture.presented.iter().any(|presented| !presented.chain.is_empty())
}

/// The first bad end of what was seen; where nothing was, how the looks ended, and that all did.
fn ended(seen: &[&EndpointLine], lost: &[&EndpointLine]) -> Ended {
    let ends = |parts: &[&EndpointLine]| -> Vec<Ended> {
        parts.iter().map(|part| part.capture.ended.clone()).collect()
    };
    if !seen.is_empty() {
        let bad = ends(seen).into_iter().find(|ended| ended.outcome != Outcome::Captured);
        return bad.unwrap_or_else(Ended::captured);
    }
    let ends = ends(lost);
    let Some(first) = ends.first().cloned() else { return Ended::captured() };
    let count = ends.len();
    let reason = first.reason.unwrap_or_else(|| first.outcome.name().to_owned());
    let reason = format!("none of the {count} addresses looked at showed a certificate: {reason}");
    Ended { reason: Some(reason), ..first }
}

/// What an address answered, with the address; where it answered nothing, that.
fn presented(part: &EndpointLine) -> Vec<Presented> {
    let address = part.endpoint.address;
    let answers = part.capture.presented.iter().cloned();
    let mut answers: Vec<_> = answers.map(|answer| Presented { address, ..answer }).collect();
    if answers.is_empty() {
        let ended = part.capture.ended.clone();
        let nothing = Presented::unanswered(Asked::Any, By::Rustls, ended);
        answers.push(Presented { address, ..nothing });
    }
    answers
}

/// As many as [`presented`] gives.
fn chains(part: &EndpointLine) -> Vec<Vec<Certificate>> {
    let mut chains = part.presented.clone();
    chains.resize(part.capture.presented.len().max(1), Vec::new());
    chains
}
