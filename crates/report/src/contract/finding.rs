//! One finding as the contract shows it.

use std::collections::BTreeMap;

use certvigil_model::{Answer, Family, Fingerprint, Foreign, Origin, Severity, Verdict};
use serde::{Deserialize, Serialize};

use crate::TargetFinding;

/// An entry of an endpoint's `findings`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) id: String,
    pub(crate) family: Family,
    pub(crate) severity: Severity,
    pub(crate) certificate: Option<Fingerprint>,
    /// One line in plain words; what somebody else chose stands in it escaped, for a terminal: a
    /// sink with a markup of its own escapes it once more.
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) data: BTreeMap<String, Datum>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) accepted: Option<Answer>,
}

impl Finding {
    /// Whether it reddens its endpoint.
    pub(crate) fn counts(&self) -> bool {
        self.severity > Severity::Info && self.accepted.is_none()
    }
}

impl From<&certvigil_model::Finding> for Finding {
    fn from(finding: &certvigil_model::Finding) -> Self {
        let data = finding.data.iter().map(|(key, datum)| ((*key).to_owned(), datum.into()));
        Self {
            id: finding.id.to_owned(),
            family: finding.family,
            severity: finding.severity,
            certificate: finding.certificate,
            message: finding.message.clone(),
            hint: finding.hint.clone(),
            data: data.collect(),
            accepted: finding.accepted.clone(),
        }
    }
}

/// An entry of the document's `findings`: of some targets together or, with none, of the round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Said {
    #[serde(flatten)]
    pub(crate) finding: Finding,
    pub(crate) targets: Vec<Foreign>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<Origin>,
}

impl Said {
    /// What it would make of an endpoint.
    pub(crate) fn verdict(&self) -> Verdict {
        if self.finding.accepted.is_some() { Verdict::Ok } else { self.finding.severity.into() }
    }
}

impl From<&TargetFinding> for Said {
    fn from(said: &TargetFinding) -> Self {
        Self {
            finding: (&said.finding).into(),
            targets: said.targets.clone(),
            owner: said.owner.clone(),
            origin: said.origin.clone(),
        }
    }
}

/// A fact behind a finding; moments and certificates are text in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Datum {
    Flag(bool),
    Number(i64),
    Text(Foreign),
    List(Vec<Self>),
}

impl From<&certvigil_model::Datum> for Datum {
    fn from(datum: &certvigil_model::Datum) -> Self {
        use certvigil_model::Datum as Model;
        match datum {
            Model::Flag(flag) => Self::Flag(*flag),
            Model::Number(number) => Self::Number(*number),
            Model::Time(time) => Self::Text(Foreign::new(time.to_string())),
            Model::Certificate(fingerprint) => Self::Text(Foreign::new(fingerprint.to_string())),
            Model::Foreign(text) => Self::Text(text.clone()),
            Model::Text(text) => Self::Text(Foreign::new(text.clone())),
            Model::List(all) => Self::List(all.iter().map(Self::from).collect()),
        }
    }
}
