//! What a look that a person's report started has brought, in words that can be sent on to whoever reported it.

use certvigil_model::{Foreign, Observation, Problem, Time};

use super::minute;

/// One sentence a line: what was asked about, how many places are good, and each that is not. No word of how it was
/// looked at, which the reader cannot use; nothing that is not known.
pub fn answer(what: &str, observations: &[Observation], now: Time) -> Vec<String> {
    let what = Foreign::new(what);
    let what = what.shown();
    let at = minute(now);
    if observations.is_empty() {
        return vec![format!(
            "{what}: we looked at {at} UTC and cannot say anything about it yet; a person has to look."
        )];
    }
    let bad: Vec<_> = observations.iter().filter(|it| worst(it).is_some()).collect();
    let head = match (bad.len(), observations.len()) {
        (0, 1) => format!("{what}: we looked at {at} UTC, and its certificate is in order."),
        (0, all) => format!(
            "{what}: we looked at {at} UTC, and the certificates at all {all} places are in order."
        ),
        (1, 1) => format!("{what}: we looked at {at} UTC, and confirm that something is wrong."),
        (bad, all) => format!(
            "{what}: we looked at {at} UTC, and confirm that something is wrong at {bad} of {all} places."
        ),
    };
    let ends =
        observations.iter().filter_map(|it| it.certificate.as_ref()).map(|it| it.ends.at).min();
    let ends = ends.filter(|end| bad.is_empty() && *end != Time::NO_SET_EXPIRY);
    let ends = ends.map(|end| format!("- it is good until {} UTC", minute(end)));
    [head].into_iter().chain(bad.iter().flat_map(|it| of_place(it))).chain(ends).collect()
}

fn of_place(observation: &Observation) -> Vec<String> {
    let place = Foreign::new(observation.place.as_str());
    let problems = observation.problems.iter().filter(|problem| problem.counts());
    let line = |problem: &Problem| {
        format!("- {}: {}", place.shown(), Foreign::new(problem.message.as_str()).shown_within(400))
    };
    problems.map(line).collect()
}

fn worst(observation: &Observation) -> Option<&Problem> {
    observation.problems.iter().filter(|problem| problem.counts()).max_by_key(|it| it.severity)
}
