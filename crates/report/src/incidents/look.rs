//! What a look that a person's report started has brought, in words that can be sent on to whoever reported it.

use certvigil_model::{Foreign, Observation, Problem, Severity, Time};

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
    let all = observations.len();
    let number = |is_it: &dyn Fn(Severity) -> bool| {
        observations.iter().filter(|it| worst(it).is_some_and(is_it)).count()
    };
    // What cannot be seen from here may be our own fault: that confirms nothing.
    let wrong = number(&|severity| severity != Severity::Unknown);
    let unseen = number(&|severity| severity == Severity::Unknown);
    let said = match (wrong, unseen) {
        (0, 0) if all == 1 => "and its certificate is in order.".to_owned(),
        (0, 0) => format!("and the certificates at all {all} places are in order."),
        (0, unseen) => format!(
            "and could not see it{}: we cannot say yet whether its certificate is in order.",
            at_of(unseen, all)
        ),
        (wrong, _) => format!("and confirm that something is wrong{}.", at_of(wrong, all)),
    };
    let head = format!("{what}: we looked at {at} UTC, {said}");
    let ends = observations.iter().filter_map(|it| it.certificate.as_ref()).map(|it| it.ends.at);
    let ends = ends.min().filter(|end| wrong + unseen == 0 && *end != Time::NO_SET_EXPIRY);
    let ends = ends.map(|end| format!("- it is good until {} UTC", minute(end)));
    [head].into_iter().chain(observations.iter().flat_map(of_place)).chain(ends).collect()
}

/// ` at 1 of 2 places`; nothing where there is only one.
fn at_of(number: usize, all: usize) -> String {
    if all == 1 { String::new() } else { format!(" at {number} of {all} places") }
}

fn of_place(observation: &Observation) -> Vec<String> {
    let place = Foreign::new(observation.place.as_str());
    let problems = observation.problems.iter().filter(|problem| problem.counts());
    let line = |problem: &Problem| {
        format!("- {}: {}", place.shown(), Foreign::new(problem.message.as_str()).shown_within(400))
    };
    problems.map(line).collect()
}

fn worst(observation: &Observation) -> Option<Severity> {
    let problems = observation.problems.iter().filter(|problem| problem.counts());
    problems.map(|problem| problem.severity).max()
}
