//! What the words rest on: when and from where it was looked, what was seen.

use std::collections::BTreeSet;

use certvigil_model::{CertificateSeen, Foreign, Incident, Problem, Span, Subject};

use super::calendar::{moment, stamp};
use super::named::sentence;
use super::{ClockSeen, Context, Link};

/// Findings that are told in full.
const FINDINGS: usize = 5;
/// Certificates of a chain that are told.
const CHAIN: usize = 10;

/// One item a fact.
pub(super) fn proof(incident: &Incident, cx: &Context) -> Vec<Vec<Span>> {
    let mut items = findings(incident);
    items.push(looked(incident, cx));
    items.push(clock(cx.clock.as_ref()));
    let chain = match &incident.subject {
        Subject::Certificate(_) | Subject::Endpoint(_) | Subject::Target(_) => cx.chain.as_slice(),
        _ => &[],
    };
    match (&incident.certificate, chain) {
        (Some(certificate), []) => items.push(of_certificate(certificate)),
        (_, chain) => {
            let links = chain.iter().take(CHAIN).enumerate();
            items.extend(links.map(|(place, link)| of_link(place, chain.len(), link)));
        }
    }
    if let Some(head) = &cx.journal_head {
        items.push(vec!["journal head: ".into(), Span::Code(Foreign::new(head))]);
    }
    items
}

/// Each finding once, however many places show it.
pub(super) fn findings(incident: &Incident) -> Vec<Vec<Span>> {
    let places = incident.places.values().filter(|place| !place.is_good());
    let problems = places.flat_map(|place| &place.problems).filter(|problem| problem.counts());
    let mut told = BTreeSet::new();
    let once = problems.filter(|Problem { id, message, .. }| told.insert((id, message)));
    once.take(FINDINGS).map(of_problem).collect()
}

fn of_problem(problem: &Problem) -> Vec<Span> {
    vec![
        Span::Code(Foreign::new(&problem.id)),
        format!(" ({}): ", problem.severity.name()).into(),
        sentence(&problem.message),
    ]
}

/// When, from where and by what.
pub(super) fn looked(incident: &Incident, cx: &Context) -> Vec<Span> {
    let mut spans = vec![format!("last seen bad {}", stamp(incident.last_bad)).into()];
    if incident.first_seen != incident.last_bad {
        spans.push(format!(", first {}", stamp(incident.first_seen)).into());
    }
    if let Some(location) = &cx.location {
        spans.extend([", from ".into(), Span::Foreign(Foreign::new(location))]);
    }
    spans.push(format!(", by {}", cx.tool).into());
    spans
}

/// An offset below a tenth of a second is none.
fn clock(seen: Option<&ClockSeen>) -> Vec<Span> {
    let Some(ClockSeen { ahead_ms, with }) = seen else {
        return vec!["clock of this machine: not compared with others".into()];
    };
    let seconds = *ahead_ms as f64 / 1000.0;
    let offset = match ahead_ms {
        -99..=99 => "less than 0.1 s off".to_owned(),
        0.. => format!("{seconds:.1} s ahead"),
        _ => format!("{:.1} s behind", -seconds),
    };
    let mut spans = vec![format!("clock of this machine: {offset}").into()];
    for (position, other) in with.iter().enumerate() {
        let joint = if position == 0 { ", compared with " } else { ", " };
        spans.extend([joint.into(), Span::Foreign(Foreign::new(other))]);
    }
    spans
}

fn of_link(place: usize, total: usize, link: &Link) -> Vec<Span> {
    let mut spans = vec![
        format!("certificate {} of {total} presented: ", place + 1).into(),
        Span::Foreign(link.subject.clone()),
    ];
    if let Some(ends) = link.not_after {
        spans.push(format!(", ends {}", moment(ends)).into());
    }
    spans.extend([
        ", serial ".into(),
        Span::Code(Foreign::new(&link.serial_number)),
        ", SHA-256 ".into(),
        Span::Code(Foreign::new(link.sha256.to_string())),
    ]);
    spans
}

fn of_certificate(certificate: &CertificateSeen) -> Vec<Span> {
    let CertificateSeen { subject, issuer, serial_number, sha256, not_before, not_after, .. } =
        certificate;
    vec![
        "certificate: ".into(),
        Span::Foreign(subject.clone()),
        ", issued by ".into(),
        Span::Foreign(issuer.clone()),
        format!(", valid from {} to {}", moment(*not_before), moment(*not_after)).into(),
        ", serial ".into(),
        Span::Code(Foreign::new(serial_number)),
        ", SHA-256 ".into(),
        Span::Code(Foreign::new(sha256.to_string())),
    ]
}
