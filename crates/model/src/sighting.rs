//! What was seen at one endpoint, from one change to the next.

use serde::{Deserialize, Serialize};

use crate::{
    CertificateSeen, EndpointId, Fingerprint, Foreign, Observation, Origin, Outcome, Time,
};

/// An interval: it opens when what is seen changes and is closed by the next. What is remembered of
/// an endpoint grows with its changes, not with the looks at it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// Where it is, as reports show it.
    pub place: String,
    /// Its target, as written.
    pub target: Foreign,
    /// The owner whom the inventory gives it.
    pub owner: Option<String>,
    /// Where its target stands.
    pub origin: Option<Origin>,
    /// The port.
    pub port: u16,
    /// The name sent.
    pub server_name: Option<String>,
    /// How looks ended.
    pub outcome: Outcome,
    /// The chain that was presented first; empty where none was.
    pub chain: Vec<Fingerprint>,
    /// End entities that other questions brought.
    pub others: Vec<Fingerprint>,
    /// The certificate that it shows or, where it shows none, showed last: its dates run on.
    pub certificate: Option<CertificateSeen>,
    /// When that certificate was last seen.
    pub certificate_at: Option<Time>,
    /// When this was first seen.
    pub since: Time,
    /// When it was last seen.
    pub last_seen: Time,
    /// When something else was seen.
    pub until: Option<Time>,
}

impl Sighting {
    /// Whether `observation` shows the same, so that nothing has to be written.
    pub fn still_holds(&self, observation: &Observation) -> bool {
        let ends = |certificate: &Option<CertificateSeen>| {
            certificate.as_ref().map(|certificate| (certificate.sha256, certificate.ends))
        };
        self.outcome == observation.outcome
            && self.chain == observation.chain
            && self.others == observation.others
            && (observation.certificate.is_none()
                || ends(&self.certificate) == ends(&observation.certificate))
    }

    /// Whether its certificate was seen in it, and not before it.
    pub fn shows_certificate(&self) -> bool {
        self.certificate
            .as_ref()
            .is_some_and(|certificate| self.chain.contains(&certificate.sha256))
    }

    /// What `observation` opens, `before` being what was seen until then.
    pub fn opened_by(observation: &Observation, before: Option<&Self>) -> Self {
        let shows = observation.certificate.is_some();
        let certificate = observation.certificate.clone();
        let earlier = || before.and_then(|before| before.certificate.clone());
        let earlier_at = before.and_then(|before| before.certificate_at);
        Self {
            endpoint: observation.endpoint,
            place: observation.place.clone(),
            target: observation.target.clone(),
            owner: observation.owner.clone(),
            origin: observation.origin.clone(),
            port: observation.port,
            server_name: observation.server_name.clone(),
            outcome: observation.outcome,
            chain: observation.chain.clone(),
            others: observation.others.clone(),
            certificate: certificate.or_else(earlier),
            certificate_at: if shows { Some(observation.looked_at) } else { earlier_at },
            since: observation.looked_at,
            last_seen: observation.looked_at,
            until: None,
        }
    }
}
