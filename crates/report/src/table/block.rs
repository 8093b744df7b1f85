//! What is told in one go: the same findings about the same certificates, and every place.

use std::cmp::Reverse;

use certvigil_model::{Family, Finding, Fingerprint, Severity, Time};

use super::place::{Place, proof, subject, validity};
use crate::{EndpointLine, TargetFinding};

/// What makes two endpoints one block, and the order of blocks: what ends first comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    ends: Time,
    findings: Vec<(&'static str, Option<Fingerprint>)>,
    /// Tells findings of targets apart; endpoints have none.
    sequence: Option<usize>,
}

impl Rank {
    pub(crate) fn of_endpoint(line: &EndpointLine) -> Self {
        let findings: Vec<_> = graded(line).collect();
        let ends = findings.iter().filter_map(|finding| end(finding, line)).min();
        Self {
            ends: ends.unwrap_or(Time::NO_SET_EXPIRY),
            findings: findings.iter().map(|finding| (finding.id, finding.certificate)).collect(),
            sequence: None,
        }
    }

    /// What is said of the round stands before what is said inside it.
    pub(crate) fn of_targets(said: &TargetFinding, sequence: usize) -> Self {
        let is_of_the_round = said.targets.is_empty();
        Self {
            ends: if is_of_the_round { Time::FIRST } else { Time::NO_SET_EXPIRY },
            findings: vec![(said.finding.id, said.finding.certificate)],
            sequence: Some(sequence),
        }
    }

    /// The moment that blocks are ordered by.
    pub(crate) const fn moment(&self) -> Time {
        self.ends
    }

    /// When the certificate ends that has to be replaced.
    pub(crate) fn ends(&self) -> Option<Time> {
        Some(self.ends).filter(|ends| !matches!(*ends, Time::FIRST | Time::NO_SET_EXPIRY))
    }

    /// What the places of a block are.
    pub(crate) const fn noun(&self) -> &'static str {
        if self.sequence.is_some() { "target" } else { "endpoint" }
    }
}

/// When the certificate of an expiry finding ends.
fn end(finding: &Finding, line: &EndpointLine) -> Option<Time> {
    let wanted = finding.certificate.filter(|_| finding.family == Family::Expiry)?;
    let mut all = line.presented.iter().flatten();
    let facts = all.find(|certificate| certificate.fingerprint == wanted)?.facts()?;
    facts.not_after.as_ref().ok().copied()
}

/// An endpoint's findings that count, worst first.
pub(crate) fn graded(line: &EndpointLine) -> impl Iterator<Item = &Finding> {
    let mut findings: Vec<_> = line.judgement.findings.iter().collect();
    findings.sort_by_key(|finding| Reverse(finding.severity));
    let counts =
        |finding: &&Finding| finding.severity > Severity::Info && finding.accepted.is_none();
    findings.into_iter().filter(counts)
}

/// Findings, the places where all of them show, and the proof from the first place.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) said: Vec<Said>,
    /// At most [`Block::PLACES`].
    pub(crate) places: Vec<Place>,
    /// All of them.
    pub(crate) total: u64,
    /// Whether all of them go by one name.
    pub(crate) is_one_name: bool,
    pub(crate) proof: Vec<(&'static str, String)>,
}

impl Block {
    /// Places of one block that are named.
    pub(crate) const PLACES: usize = 10;

    pub(crate) fn begin(line: &EndpointLine, now: Time) -> Self {
        let said = graded(line).map(|finding| Said::new(finding, about(finding, line, now)));
        Self { said: said.collect(), proof: proof(line, now), ..Self::empty() }
    }

    pub(crate) fn of_targets(said: &TargetFinding) -> Self {
        let mut finding = Said::new(&said.finding, None);
        finding.add(&said.finding);
        let mut block = Self { said: vec![finding], ..Self::empty() };
        for target in &said.targets {
            block.add_place(|| Place::of_target(target));
        }
        block
    }

    const fn empty() -> Self {
        Self {
            said: Vec::new(),
            places: Vec::new(),
            total: 0,
            is_one_name: true,
            proof: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, line: &EndpointLine) {
        self.add_place(|| line.into());
        if self.total <= Self::PLACES as u64 {
            for (said, finding) in self.said.iter_mut().zip(graded(line)) {
                said.add(finding);
            }
        }
    }

    fn add_place(&mut self, place: impl FnOnce() -> Place) {
        self.total += 1;
        let place = place();
        self.is_one_name &= self.places.first().is_none_or(|first| first.name == place.name);
        if self.places.len() < Self::PLACES {
            self.places.push(place);
        }
    }

    /// What was said at this place and not at all of them.
    pub(crate) fn only_at(&self, place: usize) -> Vec<String> {
        let mut own = Vec::new();
        for said in &self.said {
            let Some(words) = said.words.get(place) else { continue };
            if said.message().is_none() {
                let id = if self.said.len() > 1 { said.id } else { "" };
                let gap = if id.is_empty() { "" } else { ": " };
                own.push(format!("{id}{gap}{}", words.message));
            }
            if let Some(hint) = words.hint.as_ref().filter(|_| said.hint().is_none()) {
                own.push(format!("→ {hint}"));
            }
        }
        own
    }
}

/// One finding of a block, in the words of each place.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) severity: Severity,
    pub(crate) id: &'static str,
    /// The certificate that it is about, where that is not the one that clients get first.
    pub(crate) about: Option<String>,
    /// What was said at each place in turn.
    pub(crate) words: Vec<Words>,
    /// Whether the certificate alone decides it, whatever the place.
    is_of_certificate: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Said {
    fn new(finding: &Finding, about: Option<String>) -> Self {
        let by_itself = matches!(finding.family, Family::Expiry | Family::Form | Family::Strength);
        Self {
            severity: finding.severity,
            id: finding.id,
            about,
            words: Vec::new(),
            is_of_certificate: by_itself && finding.certificate.is_some(),
        }
    }

    fn add(&mut self, finding: &Finding) {
        if !self.is_of_certificate || self.words.is_empty() {
            let Finding { message, hint, .. } = finding;
            self.words.push(Words { message: message.clone(), hint: hint.clone() });
        }
    }

    /// The message, where all places have the same.
    pub(crate) fn message(&self) -> Option<&str> {
        let (first, others) = self.words.split_first()?;
        others.iter().all(|words| words.message == first.message).then_some(&first.message)
    }

    /// The hint, where all places have the same.
    pub(crate) fn hint(&self) -> Option<&str> {
        let (first, others) = self.words.split_first()?;
        others.iter().all(|words| words.hint == first.hint).then_some(first.hint.as_deref()?)
    }
}

fn about(finding: &Finding, line: &EndpointLine, now: Time) -> Option<String> {
    let wanted = finding.certificate?;
    if line.end_entity().is_some_and(|first| first.fingerprint == wanted) {
        return None;
    }
    let mut all = line.presented.iter().flatten();
    let certificate = all.find(|certificate| certificate.fingerprint == wanted)?;
    let dates = certificate.facts().and_then(|facts| validity(facts, now));
    let dates = dates.map(|dates| format!(", valid {dates}")).unwrap_or_default();
    Some(format!("{}{dates}", subject(certificate)))
}
