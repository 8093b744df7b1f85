//! The words for what cannot be seen.

use std::collections::BTreeSet;

use certvigil_model::{EndpointId, Foreign, Observation, Sighting, Time};

use super::{Scene, SentinelSeen, is_unknown};

/// Nothing can be seen from here. What this machine itself lacks comes first: sentinels are dark for the same reason.
pub(super) fn blind(scene: &Scene<'_>, dark: &[&SentinelSeen], own: &[&Observation]) -> String {
    let mut why = Vec::new();
    if !own.is_empty() {
        why.push(ours(own));
    }
    if !dark.is_empty() {
        why.push(format!("{} since {}", not_answered(dark), moment(begun(scene), scene.now)));
    }
    let why = why.join(", and ");
    let unknown = scene.observations.iter().filter(|it| is_unknown(it)).count();
    let all = counted(scene.observations.len());
    let words =
        format!("I cannot see: {why}; {unknown} of {all} unknown. This says nothing about them.");
    with_next_end(words, scene, None)
}

/// Several endpoints cannot be seen for one reason.
pub(super) fn parted(scene: &Scene<'_>, why: &str, of: &[&Observation]) -> String {
    let since = moment(begun(scene), scene.now);
    let unknown = counted(of.len());
    let words = format!("{why} since {since}; {unknown} unknown. This says nothing about them.");
    let targets: BTreeSet<_> = of.iter().map(|it| &it.target).collect();
    with_next_end(words, scene, Some(&targets))
}

/// It is this machine that stood in the way.
pub(super) fn ours(of: &[&Observation]) -> String {
    let reasons = of.iter().flat_map(|it| it.problems.iter().map(|problem| &problem.message));
    match reasons.min() {
        Some(reason) => format!("this machine stands in the way ({reason})"),
        None => "this machine stands in the way".to_owned(),
    }
}

/// Who has not answered, and what happened instead where that is one thing.
pub(super) fn not_answered(dark: &[&SentinelSeen]) -> String {
    let names: Vec<_> = dark.iter().map(|seen| seen.sentinel.to_string()).collect();
    match &names[..] {
        [] => String::new(),
        [one] => format!("{one} has not answered"),
        [one, other] => format!("{one} and {other} have not answered"),
        [one, other, rest @ ..] => {
            format!("{one}, {other} and {} more have not answered", rest.len())
        }
    }
}

/// When the trouble began, as far as we know.
fn begun(scene: &Scene<'_>) -> Time {
    let looked = scene.observations.iter().filter(|it| is_unknown(it)).map(|it| it.looked_at);
    scene.since.or_else(|| looked.min()).unwrap_or(scene.now)
}

fn with_next_end(words: String, scene: &Scene<'_>, of: Option<&BTreeSet<&Foreign>>) -> String {
    let unseen = super::unseen(scene.sightings, scene.observations);
    let next = next_end(scene, &unseen, of);
    match next {
        None => words,
        Some((sighting, seen, ends)) => {
            let name = sighting.server_name.as_deref().unwrap_or_else(|| sighting.target.raw());
            let name = Foreign::new(name).shown_within(100).to_string();
            let (seen, ends) = (clock(seen, scene.now), date(ends, scene.now));
            format!("{words} As last seen at {seen}, {name} ends first, on {ends}.")
        }
    }
}

/// What ends first of what nobody can see, and when that was last seen.
fn next_end<'a>(
    scene: &Scene<'a>,
    unseen: &BTreeSet<EndpointId>,
    of: Option<&BTreeSet<&Foreign>>,
) -> Option<(&'a Sighting, Time, Time)> {
    let sightings = unseen.iter().filter_map(|id| scene.sightings.get(id));
    let known = sightings
        .filter(|sighting| of.is_none_or(|targets| targets.contains(&sighting.target)))
        .filter_map(|sighting| {
            let ends = sighting.certificate.as_ref()?.ends.at;
            let seen =
                if super::shows(sighting) { sighting.last_seen } else { sighting.certificate_at? };
            (ends > scene.now).then_some((sighting, seen, ends))
        });
    known.min_by_key(|(_, _, ends)| *ends)
}

fn counted(endpoints: usize) -> String {
    format!("{endpoints} endpoint{}", if endpoints == 1 { "" } else { "s" })
}

/// `12:03 UTC`, with its date where that is not today's.
fn moment(at: Time, now: Time) -> String {
    format!("{} UTC", clock(at, now))
}

/// `11:58`, with its date where that is not today's.
fn clock(at: Time, now: Time) -> String {
    let civil = at.to_civil();
    let time = format!("{:02}:{:02}", civil.hour, civil.minute);
    let today = now.to_civil();
    let is_today = (civil.year, civil.month, civil.day) == (today.year, today.month, today.day);
    if is_today { time } else { format!("{time} on {}", date(at, now)) }
}

/// `14 Dec`, with its year where that is not this year's.
fn date(at: Time, now: Time) -> String {
    let civil = at.to_civil();
    let month = MONTHS.get(usize::from(civil.month).wrapping_sub(1)).unwrap_or(&"");
    let year = match civil.year {
        year if year == now.to_civil().year => String::new(),
        year => format!(" {year}"),
    };
    format!("{} {month}{year}", civil.day)
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
