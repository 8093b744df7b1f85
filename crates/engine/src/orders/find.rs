//! An incident by its key, or by the head of one.

use certvigil_model::{Foreign, Incident, IncidentKey};
use certvigil_report::issue::{self, Context};

use serde::{Deserialize, Serialize};

use super::Error;

/// Digits of a key that name an incident, at least.
pub const LEAST: usize = 4;

/// An incident that may be meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its key.
    pub key: IncidentKey,
    /// Its title.
    pub title: String,
}

pub(super) fn find(text: &str, incidents: &[Incident]) -> Result<IncidentKey, Error> {
    let head = text.trim().to_ascii_lowercase();
    let is_head = head.len() >= LEAST && head.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_head {
        return Err(Error::NotAKey(shown(text)));
    }
    let found: Vec<_> = incidents.iter().filter(|it| it.key.as_str().starts_with(&head)).collect();
    match found[..] {
        [] => Err(Error::Unknown(shown(text))),
        [only] => Ok(only.key.clone()),
        _ => Err(Error::Ambiguous { head, candidates: found.into_iter().map(candidate).collect() }),
    }
}

fn shown(text: &str) -> String {
    Foreign::new(text).shown().to_string()
}

fn candidate(incident: &Incident) -> Candidate {
    Candidate { key: incident.key.clone(), title: called(incident) }
}

/// Its title, as it was when it was last bad.
pub(super) fn called(incident: &Incident) -> String {
    issue::title(incident, &Context::new(incident.last_bad, ""))
}
