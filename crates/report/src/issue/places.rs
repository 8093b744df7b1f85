//! Where an incident shows, and who answers there.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use certvigil_model::{Foreign, Incident, Origin, Place, Severity, Span};

use super::calendar::stamp;
use super::named::{real_places, spot};

/// Places that are listed; of the rest only the number.
pub(super) const LISTED: usize = 40;

/// The places, bad ones first, the worst of them first.
pub(super) fn places(incident: &Incident) -> Vec<Vec<Span>> {
    let mut all: Vec<_> = real_places(incident).collect();
    all.sort_by_key(|place| (place.is_good(), Reverse(worst(place)), &place.shown));
    let rest = all.split_off(all.len().min(LISTED));
    let mut items: Vec<_> = all.into_iter().map(|place| item(place, incident)).collect();
    if !rest.is_empty() {
        items.push(vec![remaining(&rest).into()]);
    }
    items
}

/// `web (3), cdn (1)`: the owners of the places, those with the most first.
pub(super) fn owners(incident: &Incident) -> Vec<(&str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for place in real_places(incident) {
        *counts.entry(&place.owner).or_default() += 1;
    }
    let mut owners: Vec<_> = counts.into_iter().collect();
    owners.sort_by_key(|(_, count)| Reverse(*count));
    owners
}

/// `certvigil.toml:12`.
pub(super) fn written_at(origin: &Origin) -> Span {
    Span::Code(Foreign::new(format!("{}:{}", origin.file, origin.line)))
}

/// Whether all places belong to one target.
pub(super) fn has_one_target(incident: &Incident) -> bool {
    let mut targets = real_places(incident).map(|place| &place.target);
    let first = targets.next();
    targets.all(|target| Some(target) == first)
}

fn item(place: &Place, incident: &Incident) -> Vec<Span> {
    let mut spans = vec![
        if place.is_good() { "good".into() } else { Span::Strong("bad".to_owned()) },
        ": ".into(),
        Span::Code(spot(place)),
    ];
    if !has_one_target(incident) && place.target != spot(place) {
        spans.extend([" of ".into(), Span::Foreign(place.target.clone())]);
    }
    spans.push(seen(place).into());
    if place.owner != incident.owner {
        spans.extend([", owner ".into(), Span::Foreign(Foreign::new(&place.owner))]);
    }
    if let Some(origin) = &place.origin {
        spans.extend([", from ".into(), written_at(origin)]);
    }
    spans
}

fn seen(place: &Place) -> String {
    let Place { first_bad, last_bad, good_runs, .. } = place;
    if place.is_good() {
        return format!(", last bad {}", stamp(*last_bad));
    }
    let good = match good_runs {
        0 => "",
        _ => ", good at the last look, which one more has to confirm",
    };
    match first_bad == last_bad {
        true => format!(", seen bad {}{good}", stamp(*last_bad)),
        false => format!(", bad since {}, last {}{good}", stamp(*first_bad), stamp(*last_bad)),
    }
}

fn remaining(rest: &[&Place]) -> String {
    let bad = rest.iter().filter(|place| !place.is_good()).count();
    let good = rest.len() - bad;
    format!("and {} more: {bad} bad, {good} good", rest.len())
}

fn worst(place: &Place) -> Option<Severity> {
    place.problems.iter().filter(|problem| problem.counts()).map(|problem| problem.severity).max()
}
