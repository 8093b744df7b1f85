//! What an incident is about, by the name that its readers know it by.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use certvigil_model::{Family, Foreign, Incident, Place, Span, Subject};

use super::Context;

/// A name, and how many more there are.
pub(super) struct Named {
    pub(super) name: Foreign,
    pub(super) more: usize,
}

impl Named {
    /// The inventory's own names come first: they are what the reader has written.
    pub(super) fn of(incident: &Incident, cx: &Context) -> Self {
        let only = |name: String| Self { name: Foreign::new(name), more: 0 };
        if incident.family == Family::Round {
            return match &cx.location {
                Some(location) => only(format!("certvigil at {location}")),
                None => only("certvigil".to_owned()),
            };
        }
        match &incident.subject {
            Subject::Certificate(sha256) => {
                let mut targets = targets(incident).into_iter();
                match targets.next() {
                    Some(first) => Self { name: first.clone(), more: targets.len() },
                    None => of_certificate(incident).unwrap_or_else(|| {
                        only(format!("certificate {}", &sha256.to_string()[..16]))
                    }),
                }
            }
            Subject::Endpoint(id) => match real_places(incident).next() {
                Some(place) => Self { name: place.target.clone(), more: 0 },
                None => only(format!("endpoint {id}")),
            },
            Subject::Target(written) => only(written.clone()),
            Subject::Round => only("certvigil".to_owned()),
            Subject::Cause(what) => only(what.clone()),
            Subject::CheckIn(name) => only(format!("check-in {name}")),
            Subject::Channel(name) => only(format!("channel {name}")),
        }
    }

    /// In at most `limit` characters, escaped.
    pub(super) fn within(&self, limit: usize) -> String {
        let more = if self.more == 0 { String::new() } else { format!(" (+{})", self.more) };
        let name = line(&self.name, limit.saturating_sub(more.chars().count()));
        format!("{name}{more}")
    }
}

/// Foreign text as one line of at most `limit` characters, whatever its escapes take.
pub(super) fn line(text: &Foreign, limit: usize) -> String {
    let shown = text.shown().to_string();
    if shown.chars().count() <= limit {
        return shown;
    }
    shown.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

/// Places that are somewhere: what is wrong with a round, or with the way to tell people, is nowhere.
pub(super) fn real_places(incident: &Incident) -> impl Iterator<Item = &Place> {
    incident.places.values().filter(|place| is_somewhere(place))
}

/// Whether it is a place at all.
pub(super) fn is_somewhere(place: &Place) -> bool {
    !place.shown.is_empty() || !place.target.raw().is_empty()
}

/// Where it is. What was recalled from a tracker may know no more than the target.
pub(super) fn spot(place: &Place) -> Foreign {
    match place.shown.is_empty() {
        true => place.target.clone(),
        false => Foreign::new(&place.shown),
    }
}

/// Words of others as part of a sentence: what they mark as code stands in plain quotes.
pub(super) fn sentence(text: &str) -> Span {
    Span::Foreign(Foreign::new(text.replace('`', "'")))
}

/// The targets of bad places, or of all where none is; those with the most places first.
pub(super) fn targets(incident: &Incident) -> Vec<&Foreign> {
    let bad: Vec<_> = real_places(incident).filter(|place| !place.is_good()).collect();
    let places = if bad.is_empty() { real_places(incident).collect() } else { bad };
    let mut counts: BTreeMap<&Foreign, usize> = BTreeMap::new();
    for Place { target, .. } in places {
        *counts.entry(target).or_default() += 1;
    }
    let mut targets: Vec<_> = counts.into_iter().collect();
    targets.sort_by_key(|(_, count)| Reverse(*count));
    targets.into_iter().map(|(target, _)| target).collect()
}

fn of_certificate(incident: &Incident) -> Option<Named> {
    let certificate = incident.certificate.as_ref()?;
    let more = certificate.names_total.saturating_sub(1);
    Some(match certificate.names.first() {
        Some(name) => Named { name: bare(name), more },
        None => Named { name: certificate.subject.clone(), more: 0 },
    })
}

/// `www.example.org` of `DNS:www.example.org`.
fn bare(name: &Foreign) -> Foreign {
    name.raw().strip_prefix("DNS:").map_or_else(|| name.clone(), Foreign::new)
}
