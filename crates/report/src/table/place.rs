//! Where something shows, and the proof of it, in words.

use certvigil_model::{Foreign, Time};
use certvigil_x509::{Certificate, Facts, GeneralName};

use crate::EndpointLine;
use crate::contract::{Endpoint, told};
use crate::proof::{CHAIN_NAMED, NAME_SHOWN, seen, trust};
use crate::words::named;

/// One place where something shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) address: String,
    /// What else tells it from its neighbours.
    pub(crate) beside: String,
}

impl Place {
    pub(crate) fn of_target(target: &Foreign) -> Self {
        let name = target.shown().to_string();
        Self { name, address: String::new(), beside: String::new() }
    }

    pub(crate) fn of_round() -> Self {
        Self { name: "this round".to_owned(), address: String::new(), beside: String::new() }
    }
}

impl From<&EndpointLine> for Place {
    fn from(line: &EndpointLine) -> Self {
        Self { name: name(line), address: address(line), beside: beside(line) }
    }
}

/// The target as written; where several mean the same endpoint, the first and how many more.
fn name(line: &EndpointLine) -> String {
    match line.targets.as_slice() {
        [] => line.endpoint.host_port.clone(),
        targets => named(targets),
    }
}

/// The address; where there is none, the line of the inventory that led here, where it has one.
fn address(line: &EndpointLine) -> String {
    match (line.endpoint.place(), &line.origin) {
        (Some(place), _) => Foreign::new(place).shown().to_string(),
        (None, Some(origin)) => format!("{}:{}", origin.file, origin.line),
        (None, None) => String::new(),
    }
}

fn beside(line: &EndpointLine) -> String {
    let mut words = Vec::new();
    if let Some(name) = &line.endpoint.server_name
        && line.endpoint.address.is_some()
        && !line.targets.iter().any(|target| target.raw().contains(name.as_str()))
    {
        words.push(format!("asked for {name}"));
    }
    words.extend(line.endpoint.location.as_ref().map(|location| format!("from {location}")));
    words.extend(line.owner.clone());
    words.join(", ")
}

/// Label and words: the chain sent, its dates, the look, and who verified.
pub(crate) fn proof(line: &EndpointLine, now: Time) -> Vec<(&'static str, String)> {
    let end_entity = line.end_entity();
    [
        ("sent", end_entity.map(|_| sent(line))),
        ("sha256", end_entity.map(|certificate| certificate.fingerprint.to_string())),
        ("valid", end_entity.and_then(Certificate::facts).and_then(|facts| validity(facts, now))),
        ("seen", line.endpoint.place().is_some().then(|| seen(&Endpoint::from(line)))),
        ("trust", (!line.judgement.trust.is_empty()).then(|| trust(&line.judgement.trust))),
    ]
    .into_iter()
    .filter_map(|(label, words)| Some((label, words?)))
    .collect()
}

/// The presented chain by its subjects, and who should come next.
fn sent(line: &EndpointLine) -> String {
    let chain = line.presented_chain();
    let total = line.capture.presented.first().map_or(chain.len(), |first| first.chain_total);
    let mut names: Vec<_> = chain.iter().take(CHAIN_NAMED).map(subject).collect();
    if total > names.len() {
        names.push(format!("{} more", total - names.len()));
    }
    let issuer = chain.last().and_then(Certificate::facts).and_then(issuer);
    let issuer = issuer.map(|name| format!(", issued by {name}")).unwrap_or_default();
    format!("{}{issuer}", names.join(" ← "))
}

/// A certificate by the name that people know it by.
pub(crate) fn subject(certificate: &Certificate) -> String {
    let known = certificate.facts().and_then(|facts| {
        let name = facts.subject.as_ref().ok()?;
        let names = facts.extensions.subject_alt_name.as_ref().ok();
        let alternative = names.and_then(|names| names.as_deref()?.first());
        match (name.common_names.first(), name.text.raw().is_empty(), alternative) {
            (Some(name), ..) | (None, true, Some(GeneralName::Dns(name))) => Some(short(name)),
            (None, true, Some(GeneralName::Ip(ip))) => Some(ip.to_string()),
            (None, true, _) => Some("a nameless certificate".to_owned()),
            (None, false, _) => Some(short(&name.text)),
        }
    });
    known.unwrap_or_else(|| "an unreadable certificate".to_owned())
}

/// Who signed it; none where it is its own issuer.
fn issuer(facts: &Facts) -> Option<String> {
    let name = facts.issuer.as_ref().ok()?;
    let is_own = facts.subject.as_ref().is_ok_and(|subject| subject.text == name.text);
    if is_own { None } else { Some(short(name.common_names.first().unwrap_or(&name.text))) }
}

fn short(name: &Foreign) -> String {
    name.shown_within(NAME_SHOWN).to_string()
}

/// Both dates, as far as they can be told.
pub(crate) fn validity(facts: &Facts, now: Time) -> Option<String> {
    crate::proof::validity(told(&facts.not_before), told(&facts.not_after), now)
}
