//! One endpoint as the contract shows it.

use certvigil_model::{
    Asked, By, Fingerprint, Foreign, KeyProof, Origin, Outcome, Phase, Service, Time, Transport,
    Trust, Verdict,
};
use serde::{Deserialize, Serialize};

use super::{Certificate, Finding};
use crate::{EndpointLine, PoolSeen};

/// An entry of `endpoints`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    pub(crate) id: String,
    pub(crate) targets: Vec<Foreign>,
    pub(crate) owner: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) origin: Option<Origin>,
    pub(crate) service: Service,
    pub(crate) transport: Transport,
    pub(crate) address: Option<String>,
    pub(crate) pool: Option<PoolSeen>,
    pub(crate) server_name: Option<String>,
    pub(crate) looked_at: Time,
    pub(crate) verdict: Verdict,
    pub(crate) outcome: Outcome,
    pub(crate) phase: Option<Phase>,
    pub(crate) reason: Option<String>,
    pub(crate) elapsed_ms: f64,
    pub(crate) presented: Vec<Presented>,
    pub(crate) end_entity: Option<Certificate>,
    pub(crate) presented_chain: Vec<Certificate>,
    pub(crate) trust: Vec<Trust>,
    pub(crate) effective_expiry: Option<Time>,
    /// Worst first.
    pub(crate) findings: Vec<Finding>,
}

impl Endpoint {
    /// With every name of every certificate.
    pub(crate) fn whole(line: &EndpointLine) -> Self {
        let whole = |certificate| Certificate::with_names(certificate, usize::MAX);
        Self {
            end_entity: line.end_entity().map(whole),
            presented_chain: kept(line.presented_chain()).map(whole).collect(),
            ..Self::from(line)
        }
    }

    /// When somebody has to have acted: what is served ends then for its clients.
    pub(crate) fn ends(&self) -> Option<Time> {
        self.effective_expiry.or(self.end_entity.as_ref()?.not_after)
    }
}

impl From<&EndpointLine> for Endpoint {
    fn from(line: &EndpointLine) -> Self {
        let EndpointLine { endpoint, capture, judgement, .. } = line;
        Self {
            id: endpoint.id().to_string(),
            targets: line.targets.clone(),
            owner: line.owner.clone(),
            tags: line.tags.clone(),
            origin: line.origin.clone(),
            service: endpoint.service,
            transport: endpoint.transport,
            address: endpoint.place(),
            pool: line.pool,
            server_name: endpoint.server_name.clone(),
            looked_at: capture.looked_at,
            verdict: line.verdict(),
            outcome: capture.ended.outcome,
            phase: capture.ended.phase,
            reason: capture.ended.reason.clone(),
            elapsed_ms: tenths(capture.elapsed.as_secs_f64() * 1000.0),
            presented: presented(line),
            end_entity: line.end_entity().map(Certificate::from),
            presented_chain: kept(line.presented_chain()).map(Certificate::from).collect(),
            trust: judgement.trust.clone(),
            effective_expiry: judgement.effective_expiry,
            findings: judgement.findings.iter().map(Finding::from).collect(),
        }
    }
}

fn presented(line: &EndpointLine) -> Vec<Presented> {
    let chains = line.presented.iter().map(Vec::as_slice).chain(std::iter::repeat(&[][..]));
    line.capture.presented.iter().zip(chains).map(Presented::from).collect()
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Presented {
    pub(crate) asked: Asked,
    pub(crate) by: By,
    /// Which of a pool's addresses was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    pub(crate) outcome: Outcome,
    pub(crate) phase: Option<Phase>,
    pub(crate) reason: Option<String>,
    pub(crate) tls: Option<Tls>,
    pub(crate) chain: Vec<Fingerprint>,
    pub(crate) chain_total: usize,
}

type Read<'a> = (&'a certvigil_model::Presented, &'a [certvigil_x509::Certificate]);

impl From<Read<'_>> for Presented {
    fn from((presented, chain): Read<'_>) -> Self {
        Self {
            asked: presented.asked,
            by: presented.by,
            address: presented.address.map(|address| address.to_string()),
            outcome: presented.ended.outcome,
            phase: presented.ended.phase,
            reason: presented.ended.reason.clone(),
            tls: presented.tls.as_ref().map(|tls| Tls::new(tls, presented)),
            chain: fingerprints(presented, chain),
            chain_total: presented.chain_total,
        }
    }
}

/// A chain that is kept but was never read has its hashes all the same.
fn fingerprints(
    presented: &certvigil_model::Presented,
    chain: &[certvigil_x509::Certificate],
) -> Vec<Fingerprint> {
    if chain.is_empty() {
        return presented.chain.iter().map(|der| Fingerprint::of(der)).collect();
    }
    kept(chain).map(|certificate| certificate.fingerprint).collect()
}

/// What the handshake agreed on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tls {
    pub(crate) version: String,
    pub(crate) cipher_suite: String,
    pub(crate) named_group: Option<String>,
    pub(crate) alpn_protocol: Option<String>,
    pub(crate) key_proof: KeyProof,
    pub(crate) ocsp_stapled: bool,
    pub(crate) sct_count: usize,
}

impl Tls {
    fn new(tls: &certvigil_model::Tls, presented: &certvigil_model::Presented) -> Self {
        Self {
            version: tls.version.to_owned(),
            cipher_suite: tls.cipher_suite.clone(),
            named_group: tls.named_group.clone(),
            alpn_protocol: tls.alpn_protocol.clone(),
            key_proof: tls.key_proof,
            ocsp_stapled: presented.ocsp_response.is_some(),
            sct_count: presented.scts.len(),
        }
    }
}

fn kept(
    chain: &[certvigil_x509::Certificate],
) -> impl Iterator<Item = &certvigil_x509::Certificate> {
    chain.iter().take(certvigil_model::Presented::CHAIN_KEPT)
}

fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}
