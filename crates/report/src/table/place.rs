//! Where something shows, and the proof of it, in words.

use certvigil_model::{Ended, Foreign, Outcome, Presented, Time, Tls, Trust};
use certvigil_x509::{Certificate, Facts, GeneralName};

use super::words::{day, moment, took};
use crate::EndpointLine;

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
        [only] => only.shown().to_string(),
        [first, others @ ..] => format!("{} (+{})", first.shown(), others.len()),
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
        ("seen", line.endpoint.place().is_some().then(|| seen(line))),
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
    let from = facts.not_before.as_ref().ok();
    match (from, facts.not_after.as_ref().ok()) {
        (None, None) => None,
        (Some(from), None) => Some(format!("{} to {UNTOLD}", moment(*from, now))),
        (None, Some(to)) => Some(format!("{UNTOLD} to {}", moment(*to, now))),
        (Some(from), Some(to)) if *from > now => {
            Some(format!("{} to {}", moment(*from, now), day(*to)))
        }
        (Some(from), Some(to)) => Some(format!("{} to {}", day(*from), moment(*to, now))),
    }
}

/// When the look was, by what, and how far it came.
fn seen(line: &EndpointLine) -> String {
    let capture = &line.capture;
    let mut words = vec![capture.looked_at.to_string()];
    if let Some(first) = capture.presented.first() {
        words[0].push_str(match first.by {
            certvigil_model::By::File => " in a file",
            certvigil_model::By::LegacyHello => " by the legacy hello",
            certvigil_model::By::Rustls => " by rustls",
        });
        words.extend(first.tls.as_ref().map(spoken));
        words.extend(stapled(first));
    }
    words.extend(ended(&capture.ended));
    words.push(format!("in {}", took(capture.elapsed)));
    words.join(", ")
}

fn spoken(tls: &Tls) -> String {
    let proof = match tls.key_proof {
        certvigil_model::KeyProof::Failed => "the key not proven: its signature is wrong",
        certvigil_model::KeyProof::NotChecked => "key not asked for",
        certvigil_model::KeyProof::Proven => "key proven",
        certvigil_model::KeyProof::Undetermined => "key of a kind that cannot be checked",
    };
    format!("TLS {}, {proof}", tls.version)
}

fn stapled(presented: &Presented) -> Option<String> {
    presented.ocsp_response.as_ref().map(|_| "OCSP stapled".to_owned())
}

fn ended(ended: &Ended) -> Option<String> {
    match (ended.outcome, ended.phase) {
        (Outcome::Captured, _) => None,
        (outcome, Some(phase)) => Some(format!("{} in {}", outcome.name(), phase.name())),
        (outcome, None) => Some(outcome.name().to_owned()),
    }
}

/// What each trust profile says.
fn trust(profiles: &[Trust]) -> String {
    let words: Vec<_> = profiles.iter().map(profile).collect();
    words.join("; ")
}

fn profile(trust: &Trust) -> String {
    let weight = if trust.decides { "" } else { " (shown only)" };
    let says = match (trust.trusted, trust.expires_at, &trust.reason) {
        (true, Some(Time::NO_SET_EXPIRY) | None, _) => "trusted".to_owned(),
        (true, Some(to), _) => format!("trusted to {}", day(to)),
        (false, _, Some(reason)) => format!("no path, {reason}"),
        (false, _, None) => "no path".to_owned(),
    };
    format!("{}{weight}: {says}", trust.profile)
}

/// A date whose defect stands among the findings.
const UNTOLD: &str = "a date that cannot be read";
/// Subjects of a chain that are named.
const CHAIN_NAMED: usize = 4;
/// Characters of a name inside a sentence.
const NAME_SHOWN: usize = 64;
