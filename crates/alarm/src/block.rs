//! The block of state that a tracker keeps for an incident, so that a run without a store knows what went before: one
//! line of JSON with a version and a checksum. Where the site has a key the checksum is made with it: who may edit an issue
//! cannot make a block that passes for ours then.

use std::collections::BTreeMap;

use certvigil_model::{
    CertificateSeen, EndpointId, Ends, Family, Fingerprint, Foreign, Incident, Severity, Status,
    Subject, Time, hex, hmac,
};
use serde::{Deserialize, Serialize};

use crate::notes::{self, Waits, is_notes};
use crate::{Rules, State};

/// What an incident's block says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Block {
    /// The version of this form.
    v: u32,
    pub(crate) family: Family,
    pub(crate) subject: Subject,
    pub(crate) severity: Severity,
    pub(crate) first_seen: Time,
    pub(crate) opened_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resolved_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unseen_since: Option<Time>,
    pub(crate) changes: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) reopened: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) closings: u32,
    /// Good runs in a row and the place's target, by its number in `targets`.
    pub(crate) places: BTreeMap<EndpointId, (u8, usize)>,
    pub(crate) targets: Vec<Foreign>,
    /// Places for which there was no room.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) more: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<Dates>,
    /// What else waits, and since when: in the block of our own notes alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) waits: Waits,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The certificate as far as its dates and its name go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dates {
    sha256: Fingerprint,
    subject: Foreign,
    names: Vec<Foreign>,
    not_before: Time,
    not_after: Time,
    ends: Ends,
}

const VERSION: u32 = 1;
/// Places that a block lists; those that are not good come first.
const PLACES: usize = 200;
const TARGETS: usize = 50;
const NAMES: usize = 5;
/// Bytes of a block that is looked into at all.
const LIMIT: usize = 64 * 1024;
/// Characters of one text that somebody else chose.
const TEXT: usize = 255;

/// The block of `incident`: one line without a break in it, at most some 30 kB, mostly half a kB.
pub fn block(incident: &Incident, state: &State, rules: &Rules) -> String {
    let json = json(incident, state);
    let sum = sum_of(&json, rules);
    format!("certvigil:{sum}:{json}")
}

/// The checksum of the block of `incident`: another one where the block is not the same.
pub fn checksum(incident: &Incident, state: &State, rules: &Rules) -> String {
    sum_of(&json(incident, state), rules)
}

/// The checksum that a block bears, where it is whole, and is ours where the site has a key.
pub(crate) fn sum(text: &str, rules: &Rules) -> Option<String> {
    let (sum, json) = text.trim().strip_prefix("certvigil:")?.split_once(':')?;
    (text.len() <= LIMIT && sum == sum_of(json, rules)).then(|| sum.to_owned())
}

fn json(incident: &Incident, state: &State) -> String {
    // No map key but text and no number but integers: it cannot fail.
    serde_json::to_string(&Block::of(incident, state)).unwrap_or_default()
}

/// 16 hexadecimal digits of SHA-256, which anybody can make. Where the site has a key 32 digits of HMAC-SHA-256, which
/// whoever may edit an issue cannot: a block of another's is none.
fn sum_of(json: &str, rules: &Rules) -> String {
    match &rules.site_key {
        None => hex(&Fingerprint::of(json.as_bytes()).bytes()[..8]),
        Some(key) => hex(&hmac(key.as_bytes(), format!("{PURPOSE}{json}").as_bytes())[..16]),
    }
}

/// The same key makes nothing else that could pass for a block's checksum.
const PURPOSE: &str = "certvigil block 1\0";

impl Block {
    fn of(incident: &Incident, state: &State) -> Self {
        let mut places: Vec<_> = incident.places.iter().collect();
        places.sort_by_key(|(endpoint, place)| (place.good_runs, **endpoint));
        let mut targets: Vec<Foreign> = Vec::new();
        let mut listed = BTreeMap::new();
        for (endpoint, place) in places.iter().take(PLACES) {
            let target = cut(&place.target);
            let known = targets.iter().position(|it| *it == target);
            let number = known.unwrap_or(targets.len());
            if number < TARGETS {
                if known.is_none() {
                    targets.push(target);
                }
                listed.insert(**endpoint, (place.good_runs, number));
            }
        }
        let more = u32::try_from(places.len() - listed.len()).unwrap_or(u32::MAX);
        Self {
            v: VERSION,
            family: incident.family,
            subject: incident.subject.clone(),
            severity: incident.severity,
            first_seen: incident.first_seen,
            opened_at: incident.opened_at,
            resolved_at: incident.resolved_at.filter(|_| incident.status == Status::Resolved),
            unseen_since: incident.unseen_since,
            changes: incident.changes,
            reopened: incident.reopened,
            closings: incident.closings,
            places: listed,
            targets,
            more,
            certificate: incident.certificate.as_ref().map(Dates::of),
            waits: state.memory.notes.clone().filter(|_| is_notes(incident)).unwrap_or_default(),
        }
    }

    /// What a tracker holds, read back: none where it was edited, cut, or is no block. The text may be anything.
    pub(crate) fn read(text: &str, rules: &Rules) -> Option<Self> {
        sum(text, rules)?;
        let (_, json) = text.trim().strip_prefix("certvigil:")?.split_once(':')?;
        let block: Self = serde_json::from_str(json).ok()?;
        let is_sound = block.v == VERSION
            && block.places.len() <= PLACES
            && block.waits.len() <= notes::AT_MOST
            && block.places.values().all(|(_, target)| *target < block.targets.len());
        is_sound.then_some(block)
    }
}

impl Dates {
    fn of(certificate: &CertificateSeen) -> Self {
        Self {
            sha256: certificate.sha256,
            subject: cut(&certificate.subject),
            names: certificate.names.iter().take(NAMES).map(cut).collect(),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            ends: certificate.ends,
        }
    }

    pub(crate) fn certificate(self) -> CertificateSeen {
        CertificateSeen {
            sha256: self.sha256,
            subject: self.subject,
            names_total: self.names.len(),
            names: self.names,
            issuer: Foreign::default(),
            serial_number: String::new(),
            not_before: self.not_before,
            not_after: self.not_after,
            ends: self.ends,
        }
    }
}

fn cut(text: &Foreign) -> Foreign {
    Foreign::new(text.raw().chars().take(TEXT).collect::<String>())
}
