//! What readers of an issue hear later: a change, its end with the proof, its coming back.

use std::collections::BTreeSet;

use certvigil_model::{
    Block, CertificateSeen, Document, EndpointId, Family, Foreign, Incident, Place, Severity,
    Sighting, Span, Time,
};

use super::Context;
use super::calendar::{moment, stamp};
use super::named::{Named, is_somewhere, real_places, spot};
use super::phrases::{Dates, dated, phrase};
use super::places::{LISTED, places};
use super::proof::{findings, looked};
use super::title::bad_of_all;

/// What is known of how an incident was before; what is not known is not told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// How bad it was.
    pub severity_before: Option<Severity>,
    /// Where it showed.
    pub bad_before: Option<BTreeSet<EndpointId>>,
}

impl Change {
    /// What there is to compare with.
    pub fn since(before: &Incident) -> Self {
        Self { severity_before: Some(before.severity), bad_before: Some(bad(before).collect()) }
    }
}

/// How it came that a closed issue is open again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reopened {
    /// The problem is there again.
    CameBack,
    /// A person closed it while the problem was there.
    ClosedWhileBad {
        /// Who.
        by: Foreign,
        /// When.
        at: Time,
    },
}

/// The present state, and how it differs from what was before.
pub fn comment(incident: &Incident, change: &Change, cx: &Context) -> Document {
    let mut blocks = vec![Block::Paragraph(state(incident, cx))];
    let changed = changed(incident, change);
    if !changed.is_empty() {
        blocks.push(Block::List(changed));
    }
    blocks.extend(evidence(incident, cx));
    Document(blocks)
}

/// The end. `seen` is what each place shows now, as far as that is known.
pub fn closing(incident: &Incident, seen: &[Sighting], cx: &Context) -> Document {
    let named = Named::of(incident, cx);
    let mut first = vec![Span::Foreign(named.name), ": ".into()];
    let over = match (incident.family, incident.places.is_empty()) {
        (_, true) => "over: none of its places is in the inventory any more.",
        (Family::Round | Family::CheckIn | Family::Channel, _) => "over.",
        _ => "over: every place was twice seen good.",
    };
    first.push(Span::Strong(over.to_owned()));
    let since = match incident.resolved_at {
        Some(at) => format!(
            " First seen {}, last bad {}, over {}.",
            stamp(incident.first_seen),
            stamp(incident.last_bad),
            stamp(at)
        ),
        None => String::new(),
    };
    first.push(since.into());
    let mut blocks = vec![Block::Paragraph(first)];
    let good: Vec<_> = incident.places.iter().take(LISTED).collect();
    let items = good.into_iter().filter(|(_, place)| is_somewhere(place)).map(|(id, place)| {
        let seen = seen.iter().find(|sighting| sighting.endpoint == *id);
        proof_of_good(place, seen)
    });
    let mut items: Vec<_> = items.collect();
    let rest = real_places(incident).count().saturating_sub(LISTED);
    if rest > 0 {
        items.push(vec![format!("and {rest} more").into()]);
    }
    if !items.is_empty() {
        blocks.push(Block::List(items));
    }
    Document(blocks)
}

/// Back again, with the proof.
pub fn reopening(incident: &Incident, why: &Reopened, cx: &Context) -> Document {
    let mut first = match why {
        Reopened::CameBack => vec![Span::Strong("It is back.".to_owned()), " ".into()],
        Reopened::ClosedWhileBad { by, at } => vec![
            Span::Strong("It is not over.".to_owned()),
            " Closed by ".into(),
            Span::Foreign(by.clone()),
            format!(", {}. ", stamp(*at)).into(),
        ],
    };
    first.extend(state(incident, cx));
    let mut blocks = vec![Block::Paragraph(first), Block::List(places(incident))];
    blocks.extend(evidence(incident, cx));
    Document(blocks)
}

/// `www.example.org: Clients refuse the certificate since …. It is critical, at 3 of 4 places.`
fn state(incident: &Incident, cx: &Context) -> Vec<Span> {
    let breaks = dated(phrase(incident, cx.now).breaks, incident, Dates::Moments);
    let mut spans = vec![Span::Foreign(Named::of(incident, cx).name), ": ".into()];
    if !breaks.is_empty() {
        spans.extend([Span::Strong(breaks), " ".into()]);
    }
    let at = match bad_of_all(incident) {
        (_, 0 | 1) => String::new(),
        (bad, all) => format!(", at {bad} of {all} places"),
    };
    spans.push(format!("It is {}{at}.", grade(incident.severity)).into());
    spans
}

const fn grade(severity: Severity) -> &'static str {
    match severity {
        Severity::Unknown => "not known how it stands",
        other => other.name(),
    }
}

fn changed(incident: &Incident, change: &Change) -> Vec<Vec<Span>> {
    let mut items = Vec::new();
    let before = change.severity_before.filter(|before| *before != incident.severity);
    if let Some(before) = before {
        items.push(vec![
            format!("now {}, before {}", incident.severity.name(), before.name()).into(),
        ]);
    }
    let Some(bad_before) = &change.bad_before else { return items };
    let bad_now: BTreeSet<_> = bad(incident).collect();
    let shown = |id: &EndpointId| incident.places.get(id).map(spot);
    let newly_bad = bad_now.difference(bad_before).filter_map(shown).collect();
    let newly_good = bad_before.difference(&bad_now);
    let newly_good = newly_good.filter(|id| incident.places.contains_key(*id)).filter_map(shown);
    let left = bad_before.iter().filter(|id| !incident.places.contains_key(*id)).count();
    items.extend(listed("bad now: ", newly_bad));
    items.extend(listed("good now: ", newly_good.collect()));
    if left > 0 {
        items.push(vec![format!("{left} no longer in the inventory").into()]);
    }
    items
}

fn listed(label: &str, shown: Vec<Foreign>) -> Option<Vec<Span>> {
    let rest = shown.len().saturating_sub(LISTED);
    let mut spans: Vec<Span> = Vec::new();
    for (position, place) in shown.into_iter().take(LISTED).enumerate() {
        let joint = if position == 0 { label } else { ", " };
        spans.extend([joint.into(), Span::Code(place)]);
    }
    if rest > 0 {
        spans.push(format!(" and {rest} more").into());
    }
    (!spans.is_empty()).then_some(spans)
}

fn bad(incident: &Incident) -> impl Iterator<Item = EndpointId> {
    let bad = incident.places.iter().filter(|(_, place)| !place.is_good());
    bad.map(|(id, _)| *id)
}

fn evidence(incident: &Incident, cx: &Context) -> [Block; 2] {
    let mut items = findings(incident);
    items.push(looked(incident, cx));
    [Block::Heading("Proof".to_owned()), Block::List(items)]
}

fn proof_of_good(place: &Place, seen: Option<&Sighting>) -> Vec<Span> {
    let mut spans = vec!["good: ".into(), Span::Code(spot(place))];
    spans.push(format!(", last bad {}", stamp(place.last_bad)).into());
    let Some(seen) = seen else { return spans };
    spans.push(format!(", since then twice seen good, last {}", stamp(seen.last_seen)).into());
    if let Some(certificate) = &seen.certificate {
        spans.extend(with_certificate(certificate));
    }
    spans
}

fn with_certificate(certificate: &CertificateSeen) -> [Span; 5] {
    [
        format!(", with a certificate that ends {}", moment(certificate.ends.at)).into(),
        ", serial ".into(),
        Span::Code(Foreign::new(&certificate.serial_number)),
        ", SHA-256 ".into(),
        Span::Code(Foreign::new(certificate.sha256.to_string())),
    ]
}
