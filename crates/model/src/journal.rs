//! What is put on the record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Fingerprint, IncidentKey, Time};

/// One thing that was seen, decided, sent or answered. The store gives it its place in the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// When.
    pub at: Time,
    /// A stable kebab-case noun, part of the contract: `round-closed`, `incident-opened`, `issue-confirmed` …
    pub kind: String,
    /// What it is about, where it is about an incident.
    pub incident: Option<IncidentKey>,
    /// The facts: what they are called and what they are, times and numbers in their one text form.
    pub data: BTreeMap<String, String>,
    /// A long text that lies beside the journal, by its hash.
    pub body: Option<Fingerprint>,
}

/// A round, as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundRecord {
    /// Its own identity.
    pub id: String,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    pub finished_at: Time,
    /// From where it looked.
    pub location: Option<String>,
    /// Endpoints that the inventory gave.
    pub expected: u64,
    /// Endpoints with a verdict.
    pub attempted: u64,
    /// Endpoints whose certificate was read well enough to judge.
    pub checked: u64,
    /// The most that it might have taken, in milliseconds.
    pub bound_ms: u64,
    /// It covers the whole inventory: what it does not name has left.
    pub is_whole: bool,
}

impl RoundRecord {
    /// Whether every endpoint has a verdict.
    pub const fn is_complete(&self) -> bool {
        self.attempted == self.expected
    }
}
