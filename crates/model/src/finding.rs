//! What a rule says, and what all of it adds up to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Answer, Ends, Fingerprint, Foreign, Time};

/// One rule's result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// A stable kebab-case noun, part of the contract.
    pub id: &'static str,
    /// What kind of problem it is; incidents group by it.
    pub family: Family,
    /// How bad it is.
    pub severity: Severity,
    /// The certificate that shows it.
    pub certificate: Option<Fingerprint>,
    /// What is wrong, with its proof, in plain words. Foreign text inside has been shown escaped.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// The facts behind the words, for machines.
    pub data: BTreeMap<&'static str, Datum>,
    /// Somebody answers for it, for a time: it is told, and counts as nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Answer>,
}

/// A fact behind a finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Datum {
    /// Yes or no.
    Flag(bool),
    /// A count, or seconds where the key says so.
    Number(i64),
    /// A moment.
    Time(Time),
    /// A certificate.
    Certificate(Fingerprint),
    /// Text that a certificate or peer chose.
    Foreign(Foreign),
    /// Text of ours.
    Text(String),
    /// Several of them.
    List(Vec<Self>),
}

/// What kind of problem a finding is: incidents are one per (family, subject).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// A way to tell people that does not work.
    Channel,
    /// An incoming heartbeat that is late or says that it failed.
    CheckIn,
    /// Dates: expired, about to, not yet.
    Expiry,
    /// How the certificate is written.
    Form,
    /// The certificate is not for this name.
    Name,
    /// The endpoint could not be seen.
    Reach,
    /// CRLs, OCSP, staples.
    Revocation,
    /// The round itself.
    Round,
    /// What is served differs from place to place.
    Spread,
    /// Keys, signatures, protocol versions.
    Strength,
    /// No path, or not for everybody.
    Trust,
}

impl Family {
    /// The word of the JSON contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::CheckIn => "check-in",
            Self::Expiry => "expiry",
            Self::Form => "form",
            Self::Name => "name",
            Self::Reach => "reach",
            Self::Revocation => "revocation",
            Self::Round => "round",
            Self::Spread => "spread",
            Self::Strength => "strength",
            Self::Trust => "trust",
        }
    }
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// One certificate, wherever it is seen.
    Certificate,
    /// One endpoint's capture.
    Endpoint,
    /// All of a target's endpoints together.
    Target,
    /// The round as a whole.
    Round,
}

/// How bad a finding is. `Unknown` is the one of every finding that says "could not be judged".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; reddens nothing.
    Info,
    /// Needs a person within days.
    Warning,
    /// Could not be judged: never good.
    Unknown,
    /// Clients fail now or within hours.
    Critical,
}

impl Severity {
    /// The word of the JSON contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Critical => "critical",
        }
    }
}

/// An endpoint's roll-up: the worst of its findings, where `info` counts as nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Looked at, judged, nothing wrong.
    Ok,
    /// Needs a person within days.
    Warning,
    /// Could not be judged: never good.
    Unknown,
    /// Clients fail now or within hours.
    Critical,
}

impl Verdict {
    /// The worst over `findings`, those left out that somebody has accepted.
    pub fn over<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let counting = findings.into_iter().filter(|finding| finding.accepted.is_none());
        counting.map(|finding| finding.severity.into()).max().unwrap_or(Self::Ok)
    }

    /// The word of the JSON contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Critical => "critical",
        }
    }
}

impl From<Severity> for Verdict {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Ok,
            Severity::Warning => Self::Warning,
            Severity::Unknown => Self::Unknown,
            Severity::Critical => Self::Critical,
        }
    }
}

/// Everything that judging one endpoint gives.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// What the rules say, worst first.
    pub findings: Vec<Finding>,
    /// What each trust profile says of the first chain presented.
    pub trust: Vec<Trust>,
    /// The earliest `expires_at` of the deciding profiles, each by its best path.
    pub effective_expiry: Option<Time>,
    /// When the first chain presented becomes a matter for people; none where its dates could not be told.
    pub ends: Option<Ends>,
}

impl Judgement {
    /// The worst of the findings.
    pub fn verdict(&self) -> Verdict {
        Verdict::over(&self.findings)
    }
}

/// What one trust profile says of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// The profile's name.
    pub profile: String,
    /// Whether the verdict rests on it, or it is only shown.
    pub decides: bool,
    /// Whether it has a path that is valid now.
    pub trusted: bool,
    /// The best path, end entity first, trust anchor last.
    pub path: Vec<Fingerprint>,
    /// When the best path ends.
    pub expires_at: Option<Time>,
    /// Why there is no path.
    pub reason: Option<String>,
}
