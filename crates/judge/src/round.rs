//! What a round remembers of names: which are watched, which were seen in certificates.

use std::collections::{BTreeSet, HashMap, HashSet};

use certvigil_model::{Fingerprint, Foreign};
use certvigil_x509::{Certificate, GeneralName};

use crate::names::domain;

/// The names of one round, in bounded memory: eight bytes of a hash for each, the text of a few.
#[derive(Debug, Default)]
pub struct RoundView {
    /// Hashes of the names asked for, and of the wildcards that would cover them.
    watched: HashSet<u64>,
    /// Hashes of their domains.
    domains: HashSet<u64>,
    /// Hashes of the names seen, each with the hash of its domain.
    seen: HashMap<u64, u64>,
    /// The text of some names seen.
    sample: BTreeSet<String>,
    /// Whether a name was left out because a map was full.
    full: bool,
}

/// The names that no target covers.
pub(crate) struct Unwatched {
    /// How many there are.
    pub(crate) count: usize,
    /// Some of them, in order.
    pub(crate) sample: Vec<Foreign>,
}

impl RoundView {
    /// Names remembered of each kind; what comes after is not counted, and the finding says so.
    pub const NAMES_KEPT: usize = 1_000_000;
    /// Names taken of one certificate: several times as many as any honest one has. A hostile one has
    /// fifty thousand, which cost as much as a hundred looks.
    pub const NAMES_TAKEN: usize = 5_000;
    /// Names whose text is kept.
    pub const TEXTS_KEPT: usize = 1_000;

    /// Adds one endpoint: the server name that was asked for and every chain that was shown.
    pub fn add(&mut self, server_name: Option<&str>, presented: &[Vec<Certificate>]) {
        if let Some(name) = server_name {
            self.watch(&name.to_ascii_lowercase());
        }
        for end_entity in presented.iter().filter_map(|chain| chain.first()) {
            let names = end_entity.facts().map(|facts| &facts.extensions.subject_alt_name);
            let Some(Ok(Some(names))) = names else { continue };
            self.full |= names.len() > Self::NAMES_TAKEN;
            for name in names.iter().take(Self::NAMES_TAKEN) {
                if let GeneralName::Dns(name) = name {
                    self.see(&name.raw().to_ascii_lowercase());
                }
            }
        }
    }

    /// Whether more names came than are kept.
    pub(crate) const fn is_full(&self) -> bool {
        self.full
    }

    /// The names seen under a domain that some target covers, and asked for by none.
    pub(crate) fn unwatched(&self) -> Unwatched {
        let is_missed = |name: &u64, domain: &u64| {
            self.domains.contains(domain) && !self.watched.contains(name)
        };
        let count = self.seen.iter().filter(|(name, domain)| is_missed(name, domain)).count();
        let texts = self.sample.iter().filter(|text| {
            let domain = domain(text).map(hash);
            domain.is_some_and(|domain| is_missed(&hash(text), &domain))
        });
        Unwatched { count, sample: texts.take(SHOWN).map(Foreign::new).collect() }
    }

    /// How many names are kept as text.
    #[cfg(test)]
    pub(crate) fn texts(&self) -> usize {
        self.sample.len()
    }

    fn watch(&mut self, name: &str) {
        let Some(domain) = domain(name) else { return };
        if self.watched.len() >= Self::NAMES_KEPT {
            self.full = true;
            return;
        }
        self.watched.insert(hash(name));
        if let Some((_, parent)) = name.split_once('.') {
            self.watched.insert(hash(&format!("*.{parent}")));
        }
        self.domains.insert(hash(domain));
    }

    fn see(&mut self, name: &str) {
        let Some(domain) = domain(name) else { return };
        if self.seen.len() >= Self::NAMES_KEPT && !self.seen.contains_key(&hash(name)) {
            self.full = true;
            return;
        }
        self.seen.insert(hash(name), hash(domain));
        if self.sample.len() < Self::TEXTS_KEPT && !self.watched.contains(&hash(name)) {
            self.sample.insert(name.to_owned());
        }
    }
}

/// Eight bytes are enough: a clash hides one name from a note.
fn hash(text: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *Fingerprint::of(text.as_bytes()).bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

const SHOWN: usize = 100;
