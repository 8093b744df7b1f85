//! One endpoint as the contract shows it.

use std::net::SocketAddr;

use certvigil_model::{
    Asked, By, EndpointId, Finding, Fingerprint, Foreign, KeyProof, Origin, Outcome, Phase,
    Presented, Service, Time, Tls, Transport, Trust, Verdict,
};
use certvigil_x509::Certificate;
use serde::Serialize;

use super::certificate::CertificateView;
use crate::{EndpointLine, PoolSeen};

/// An entry of `endpoints`.
#[derive(Serialize)]
pub(crate) struct EndpointView<'a> {
    id: EndpointId,
    targets: &'a [Foreign],
    owner: Option<&'a str>,
    tags: &'a [String],
    origin: Option<&'a Origin>,
    service: Service,
    transport: Transport,
    address: Option<SocketAddr>,
    pool: Option<PoolSeen>,
    server_name: Option<&'a str>,
    looked_at: Time,
    verdict: Verdict,
    outcome: Outcome,
    phase: Option<Phase>,
    reason: Option<&'a str>,
    elapsed_ms: f64,
    presented: Vec<PresentedView<'a>>,
    end_entity: Option<CertificateView<'a>>,
    presented_chain: Vec<CertificateView<'a>>,
    trust: &'a [Trust],
    effective_expiry: Option<Time>,
    findings: &'a [Finding],
}

impl<'a> From<&'a EndpointLine> for EndpointView<'a> {
    fn from(line: &'a EndpointLine) -> Self {
        let EndpointLine { endpoint, capture, judgement, .. } = line;
        Self {
            id: endpoint.id(),
            targets: &line.targets,
            owner: line.owner.as_deref(),
            tags: &line.tags,
            origin: line.origin.as_ref(),
            service: endpoint.service,
            transport: endpoint.transport,
            address: endpoint.address,
            pool: line.pool,
            server_name: endpoint.server_name.as_deref(),
            looked_at: capture.looked_at,
            verdict: line.verdict(),
            outcome: capture.ended.outcome,
            phase: capture.ended.phase,
            reason: capture.ended.reason.as_deref(),
            elapsed_ms: tenths(capture.elapsed.as_secs_f64() * 1000.0),
            presented: presented(line),
            end_entity: line.end_entity().map(CertificateView::new),
            presented_chain: kept(line.presented_chain()).map(CertificateView::new).collect(),
            trust: &judgement.trust,
            effective_expiry: judgement.effective_expiry,
            findings: &judgement.findings,
        }
    }
}

fn presented(line: &EndpointLine) -> Vec<PresentedView<'_>> {
    let chains = line.presented.iter().map(Vec::as_slice).chain(std::iter::repeat(&[][..]));
    line.capture.presented.iter().zip(chains).map(PresentedView::from).collect()
}

/// The answer to one question.
#[derive(Serialize)]
struct PresentedView<'a> {
    asked: Asked,
    by: By,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<SocketAddr>,
    outcome: Outcome,
    phase: Option<Phase>,
    reason: Option<&'a str>,
    tls: Option<TlsView<'a>>,
    chain: Vec<Fingerprint>,
    chain_total: usize,
}

impl<'a> From<(&'a Presented, &'a [Certificate])> for PresentedView<'a> {
    fn from((presented, chain): (&'a Presented, &'a [Certificate])) -> Self {
        Self {
            asked: presented.asked,
            by: presented.by,
            address: presented.address,
            outcome: presented.ended.outcome,
            phase: presented.ended.phase,
            reason: presented.ended.reason.as_deref(),
            tls: presented.tls.as_ref().map(|tls| TlsView::new(tls, presented)),
            chain: fingerprints(presented, chain),
            chain_total: presented.chain_total,
        }
    }
}

/// A chain that is kept but was never read has its hashes all the same.
fn fingerprints(presented: &Presented, chain: &[Certificate]) -> Vec<Fingerprint> {
    if chain.is_empty() {
        return presented.chain.iter().map(|der| Fingerprint::of(der)).collect();
    }
    kept(chain).map(|certificate| certificate.fingerprint).collect()
}

/// What the handshake agreed on.
#[derive(Serialize)]
struct TlsView<'a> {
    version: &'a str,
    cipher_suite: &'a str,
    named_group: Option<&'a str>,
    alpn_protocol: Option<&'a str>,
    key_proof: KeyProof,
    ocsp_stapled: bool,
    sct_count: usize,
}

impl<'a> TlsView<'a> {
    fn new(tls: &'a Tls, presented: &Presented) -> Self {
        Self {
            version: tls.version,
            cipher_suite: &tls.cipher_suite,
            named_group: tls.named_group.as_deref(),
            alpn_protocol: tls.alpn_protocol.as_deref(),
            key_proof: tls.key_proof,
            ocsp_stapled: presented.ocsp_response.is_some(),
            sct_count: presented.scts.len(),
        }
    }
}

fn kept(chain: &[Certificate]) -> impl Iterator<Item = &Certificate> {
    chain.iter().take(Presented::CHAIN_KEPT)
}

fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}
