//! What a finding rests on, in words: the chain sent, its dates, the look, and who verified.

use std::time::Duration;

use certvigil_model::{By, Foreign, KeyProof, Outcome, Time, Trust};

use crate::contract::{Certificate, Endpoint, Tls};
use crate::words::{day, moment, took};

/// Label and words; dates are told from `now`.
pub(crate) fn proof(endpoint: &Endpoint, now: Time) -> Vec<(&'static str, String)> {
    let end_entity = endpoint.end_entity.as_ref();
    let dates =
        |certificate: &Certificate| validity(certificate.not_before, certificate.not_after, now);
    [
        ("sent", end_entity.map(|_| sent(endpoint))),
        ("sha256", end_entity.map(|certificate| certificate.sha256.to_string())),
        ("valid", end_entity.and_then(dates)),
        ("seen", endpoint.address.is_some().then(|| seen(endpoint))),
        ("trust", (!endpoint.trust.is_empty()).then(|| trust(&endpoint.trust))),
    ]
    .into_iter()
    .filter_map(|(label, words)| Some((label, words?)))
    .collect()
}

/// The presented chain by its subjects, and who should come next.
fn sent(endpoint: &Endpoint) -> String {
    let chain = &endpoint.presented_chain;
    let total = endpoint.presented.first().map_or(chain.len(), |first| first.chain_total);
    let mut names: Vec<_> = chain.iter().take(CHAIN_NAMED).map(subject).collect();
    if total > names.len() {
        names.push(format!("{} more", total - names.len()));
    }
    let last = chain.last().filter(|last| last.issuer != last.subject);
    let issuer = last.and_then(|last| Some(common_name(last.issuer.as_ref()?)));
    let issuer = issuer.map(|name| format!(", issued by {name}")).unwrap_or_default();
    format!("{}{issuer}", names.join(" ← "))
}

/// A certificate by the name that people know it by.
pub(crate) fn subject(certificate: &Certificate) -> String {
    let Some(subject) = &certificate.subject else {
        return "an unreadable certificate".to_owned();
    };
    let alternative = certificate.subject_alt_name.as_ref().and_then(|names| names.first());
    match (subject.raw().is_empty(), alternative) {
        (false, _) => common_name(subject),
        (true, Some(name)) => name.shown_within(NAME_SHOWN).to_string(),
        (true, None) => "a nameless certificate".to_owned(),
    }
}

/// The most specific commonName of RFC 4514 text; without any, all of the text.
pub(crate) fn common_name(name: &Foreign) -> String {
    let mut attributes = attributes(name.raw());
    let common = attributes.find_map(|attribute| attribute.strip_prefix("CN="));
    let shown = Foreign::new(common.unwrap_or_else(|| name.raw()));
    shown.shown_within(NAME_SHOWN).to_string()
}

/// The attributes of RFC 4514 text: a backslash escapes what would part them (section 2.4).
fn attributes(text: &str) -> impl Iterator<Item = &str> {
    let mut is_escaped = false;
    text.split(move |c| {
        let parts = !is_escaped && matches!(c, ',' | '+');
        is_escaped = !is_escaped && c == '\\';
        parts
    })
}

/// Both dates, as far as they can be told.
pub(crate) fn validity(from: Option<Time>, to: Option<Time>, now: Time) -> Option<String> {
    match (from, to) {
        (None, None) => None,
        (Some(from), None) => Some(format!("{} to {UNTOLD}", moment(from, now))),
        (None, Some(to)) => Some(format!("{UNTOLD} to {}", moment(to, now))),
        (Some(from), Some(to)) if from > now => {
            Some(format!("{} to {}", moment(from, now), day(to)))
        }
        (Some(from), Some(to)) => Some(format!("{} to {}", day(from), moment(to, now))),
    }
}

/// When the look was, by what, and how far it came.
pub(crate) fn seen(endpoint: &Endpoint) -> String {
    let mut words = vec![endpoint.looked_at.to_string()];
    if let Some(first) = endpoint.presented.first() {
        words[0].push_str(match first.by {
            By::LegacyHello => " by the legacy hello",
            By::Rustls => " by rustls",
        });
        words.extend(first.tls.as_ref().map(spoken));
        let is_stapled = first.tls.as_ref().is_some_and(|tls| tls.ocsp_stapled);
        words.extend(is_stapled.then(|| "OCSP stapled".to_owned()));
    }
    words.extend(ended(endpoint));
    words.push(format!(
        "in {}",
        took(Duration::try_from_secs_f64(endpoint.elapsed_ms / 1000.0).unwrap_or_default())
    ));
    words.join(", ")
}

fn spoken(tls: &Tls) -> String {
    let proof = match tls.key_proof {
        KeyProof::Failed => "the key not proven: its signature is wrong",
        KeyProof::NotChecked => "key not asked for",
        KeyProof::Proven => "key proven",
        KeyProof::Undetermined => "key of a kind that cannot be checked",
    };
    format!("TLS {}, {proof}", tls.version)
}

fn ended(endpoint: &Endpoint) -> Option<String> {
    match (endpoint.outcome, endpoint.phase) {
        (Outcome::Captured, _) => None,
        (outcome, Some(phase)) => Some(format!("{} in {}", outcome.name(), phase.name())),
        (outcome, None) => Some(outcome.name().to_owned()),
    }
}

/// What each trust profile says.
pub(crate) fn trust(profiles: &[Trust]) -> String {
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
pub(crate) const CHAIN_NAMED: usize = 4;
/// Characters of a name inside a sentence.
pub(crate) const NAME_SHOWN: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_name_is_cut_out_of_its_text() {
        for (text, want) in [
            ("CN=www.example.org,O=Example", "www.example.org"),
            ("O=Example,CN=www.example.org", "www.example.org"),
            ("CN=b+OU=x,CN=a", "b"),
            (r"CN=Example\, Inc.,C=DE", r"Example\, Inc."),
            (r"O=a\\,CN=b", "b"),
            ("O=No CN\\=in here", "O=No CN\\=in here"),
        ] {
            assert_eq!(common_name(&Foreign::new(text)), want);
        }
    }
}
