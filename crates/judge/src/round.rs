//! What a round remembers of names: which are watched, which were seen in certificates.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};

use certvigil_model::{Finding, Fingerprint, Foreign, Severity};
use certvigil_x509::{Certificate, GeneralName};

use crate::names::domain;

/// The names of one round, in bounded memory: eight bytes of a hash for each, the text of a few.
#[derive(Debug, Default)]
pub struct RoundView {
    /// Hashes of the names asked for, and of the wildcards that would cover them.
    watched: HashSet<u64>,
    /// Hashes of their domains.
    domains: HashSet<u64>,
    /// Hashes of the wildcards that are watched themselves, and with them every name below.
    wildcards: HashSet<u64>,
    /// Hashes of the names seen.
    seen: HashMap<u64, Above>,
    /// The text of some names seen.
    sample: BTreeSet<String>,
    /// Whether a name was left out because a map was full.
    full: bool,
    /// Certificates in trouble.
    behind: HashMap<Fingerprint, Behind>,
    /// Hashes of each such certificate with each of its names.
    counted: HashSet<u64>,
}

/// Hashes of what stands above a name.
#[derive(Clone, Copy, Debug)]
struct Above {
    domain: u64,
    wildcard: u64,
}

/// A certificate in trouble, and the watched names that it is for.
#[derive(Clone, Debug)]
pub(crate) struct Behind {
    pub(crate) certificate: Fingerprint,
    /// How many names.
    pub(crate) names: usize,
    /// Some of them.
    pub(crate) sample: BTreeSet<String>,
    /// What is wrong.
    pub(crate) findings: BTreeSet<&'static str>,
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
    /// Certificates in trouble whose names are counted.
    pub const CERTIFICATES_KEPT: usize = 10_000;

    /// Takes note that all names below `wildcard` are watched.
    pub fn watch_wildcard(&mut self, wildcard: &str) {
        if self.wildcards.len() < Self::NAMES_KEPT {
            self.wildcards.insert(hash(&wildcard.to_ascii_lowercase()));
        } else {
            self.full = true;
        }
    }

    /// Takes note of the certificates that `findings` tell of, where `name` is watched.
    pub fn trouble(&mut self, name: &str, findings: &[Finding]) {
        let counts =
            |finding: &&Finding| finding.accepted.is_none() && finding.severity > Severity::Info;
        for finding in findings.iter().filter(counts) {
            let Some(certificate) = finding.certificate else { continue };
            let is_known = self.behind.contains_key(&certificate);
            if !is_known && self.behind.len() >= Self::CERTIFICATES_KEPT {
                continue;
            }
            let behind = self.behind.entry(certificate).or_insert_with(|| Behind::of(certificate));
            behind.findings.insert(finding.id);
            let is_full = self.counted.len() >= Self::NAMES_KEPT;
            if !is_full && self.counted.insert(hash(&format!("{certificate}{name}"))) {
                behind.names += 1;
                if behind.sample.len() < SAMPLE {
                    behind.sample.insert(name.to_owned());
                }
            }
        }
    }

    /// The certificates in trouble with more than one name, those with the most first.
    pub(crate) fn most_shared(&self) -> Vec<&Behind> {
        let mut shared: Vec<_> = self.behind.values().filter(|behind| behind.names > 1).collect();
        shared.sort_by_key(|behind| (Reverse(behind.names), behind.certificate));
        shared
    }

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
        let is_missed = |name: &u64, above: &Above| {
            self.domains.contains(&above.domain)
                && !self.watched.contains(name)
                && !self.wildcards.contains(&above.wildcard)
        };
        let count = self.seen.iter().filter(|(name, above)| is_missed(name, above)).count();
        let texts = self.sample.iter().filter(|text| {
            let name = hash(text);
            self.seen.get(&name).is_some_and(|above| is_missed(&name, above))
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
        self.watched.insert(wildcard_above(name));
        self.domains.insert(hash(domain));
    }

    fn see(&mut self, name: &str) {
        let Some(domain) = domain(name) else { return };
        if self.seen.len() >= Self::NAMES_KEPT && !self.seen.contains_key(&hash(name)) {
            self.full = true;
            return;
        }
        let above = Above { domain: hash(domain), wildcard: wildcard_above(name) };
        self.seen.insert(hash(name), above);
        if self.sample.len() < Self::TEXTS_KEPT && !self.watched.contains(&hash(name)) {
            self.sample.insert(name.to_owned());
        }
    }
}

impl Behind {
    const fn of(certificate: Fingerprint) -> Self {
        Self { certificate, names: 0, sample: BTreeSet::new(), findings: BTreeSet::new() }
    }
}

/// The hash of the wildcard that covers `name`.
fn wildcard_above(name: &str) -> u64 {
    hash(&format!("*.{}", name.split_once('.').map_or("", |(_, parent)| parent)))
}

/// Eight bytes are enough: a clash hides one name from a note.
fn hash(text: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *Fingerprint::of(text.as_bytes()).bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

const SHOWN: usize = 100;

/// Names kept as text of one certificate in trouble.
const SAMPLE: usize = 5;
