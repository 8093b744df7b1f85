//! The nouns of certvigil. No I/O, no async, no clock of its own.
//!
//! | word | meaning | source |
//! |---|---|---|
//! | [`Target`] | one line of the inventory; expands to endpoints | ours |
//! | [`Endpoint`] | one (service, transport, address, server_name) | ours |
//! | [`Capture`] | what looking at one endpoint saw: bytes kept, phases, how it ended | ours |
//! | presented chain | certificates as sent, in sent order | RFC 9846 `certificate_list` (TLS 1.3; was RFC 8446) |
//! | path | a validated certification path, end entity → trust anchor | RFC 5280 section 6 |
//! | reference identifier | the name that was wanted | RFC 9525 |
//! | [`Finding`] | one rule's result, with a stable id and a [`Severity`] | ours |
//! | [`Verdict`] | an endpoint's roll-up over its findings | ours |
//! | [`Observation`] | what a round says of one endpoint, as far as it is remembered | ours |
//! | [`Incident`] | what a person works on: one per (family, subject), with the places where it shows | ours |
//! | [`Delivery`] | one outward act, and how far it has come | ours |
//! | [`Notice`] | one message to people, and how far it has come | ours |
//! | [`Climb`] | how far the escalation of an incident has come | ours |
//! | [`Foreign`] | text that a certificate or a peer chose: hostile until shown through an escape | ours |
//!
//! Read `endpoint.rs`, then `capture.rs`, then `finding.rs`, `observation.rs`, `incident.rs`,
//! `delivery.rs` and `notice.rs`: the data flows in that order.

mod capture;
mod clock;
mod delivery;
mod document;
mod endpoint;
mod finding;
mod fingerprint;
mod foreign;
mod incident;
mod journal;
mod notice;
mod observation;
mod policy;
mod service;
mod sighting;
mod time;

pub use capture::{Asked, By, Capture, Ended, KeyProof, Outcome, Phase, Presented, Tls};
pub use clock::{Clock, ManualClock};
pub use delivery::{Act, Delivery, DeliveryState};
pub use document::{Block, Document, Span};
pub use endpoint::{
    Addresses, Endpoint, EndpointId, Host, Origin, Target, TargetOptions, Transport, Untold,
};
pub use finding::{Datum, Family, Finding, Judgement, Scope, Severity, Trust, Verdict};
pub use fingerprint::{Fingerprint, hex};
pub use foreign::{Foreign, Shown, begins_log_command, is_unsafe_to_show};
pub use incident::{
    Acknowledged, Filing, Incident, IncidentKey, IssueRef, NotAKey, Place, Status, Subject,
    TrackerName, hmac,
};
pub use journal::{Record, RoundRecord};
pub use notice::{ChannelName, Climb, Notice, NoticeState, Purpose, Tier};
pub use observation::{CertificateSeen, Ends, Observation, Problem, TargetProblem};
pub use policy::{Acceptance, Accepted, Adjustment, Answer, FailOn, Policy, Thresholds};
pub use service::{Service, UnknownService};
pub use sighting::Sighting;
pub use time::{Civil, NotATime, Time};
