//! What a round leaves behind for whoever acts on it: every line and finding, as they are remembered.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use certvigil_model::{
    CertificateSeen, Ends, Fingerprint, Foreign, Observation, Problem, TargetProblem, hex,
};
use certvigil_report::{Closed, EndpointLine, Report, TargetFinding};
use certvigil_x509::{Certificate, Facts, GeneralName};

/// All that a round said.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// One for every endpoint.
    pub(crate) observations: Vec<Observation>,
    /// What is said of targets together.
    pub(crate) said: Vec<TargetProblem>,
    /// Certificates that nobody knew.
    pub(crate) certificates: HashMap<Fingerprint, Arc<[u8]>>,
}

/// Listens to a round as a report does.
#[derive(Clone, Default)]
pub(crate) struct Observer {
    seen: Arc<Mutex<Seen>>,
    known: Option<Arc<HashSet<Fingerprint>>>,
}

impl Observer {
    /// One that keeps the bytes of certificates that are not `known`; where that is none, of no certificate.
    pub(crate) fn knowing(known: Option<HashSet<Fingerprint>>) -> Self {
        Self { known: known.map(Arc::new), ..Self::default() }
    }

    fn keep(&self, line: &EndpointLine) {
        let Some(known) = &self.known else { return };
        let new = line.presented.iter().flatten().filter(|one| !known.contains(&one.fingerprint));
        self.with(|seen| {
            for one in new {
                seen.certificates.entry(one.fingerprint).or_insert_with(|| Arc::clone(&one.der));
            }
        });
    }

    /// What was heard so far.
    pub(crate) fn take(&self) -> Seen {
        self.with(std::mem::take)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Seen) -> T) -> T {
        act(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Report for Observer {
    fn endpoint(&mut self, line: &EndpointLine) -> io::Result<()> {
        self.keep(line);
        let observation = observation(line);
        self.with(|seen| seen.observations.push(observation));
        Ok(())
    }

    fn target(&mut self, said: &TargetFinding) -> io::Result<()> {
        let said = target_problem(said);
        self.with(|seen| seen.said.push(said));
        Ok(())
    }

    fn finish(self: Box<Self>, _closed: &Closed) -> io::Result<()> {
        Ok(())
    }
}

/// What is said of targets, or of the round, as it is remembered.
pub(crate) fn target_problem(said: &TargetFinding) -> TargetProblem {
    TargetProblem {
        targets: said.targets.clone(),
        owner: said.owner.clone(),
        origin: said.origin.clone(),
        problem: Problem::from(&said.finding),
    }
}

fn observation(line: &EndpointLine) -> Observation {
    let endpoint = &line.endpoint;
    let fingerprints =
        |chain: &Vec<Certificate>| chain.iter().map(|one| one.fingerprint).collect::<Vec<_>>();
    let chain = line.presented.first().map(fingerprints).unwrap_or_default();
    let ends_of = |chain: &Vec<Certificate>| chain.first().map(|one| one.fingerprint);
    let mut others: Vec<_> = line.presented.iter().skip(1).filter_map(ends_of).collect();
    others.retain(|other| chain.first() != Some(other));
    others.sort();
    others.dedup();
    let end_entity = line.presented.first().and_then(|chain| chain.first());
    let read = end_entity.filter(|_| line.was_checked()).zip(line.judgement.ends);
    Observation {
        endpoint: endpoint.id(),
        place: endpoint.place().unwrap_or_else(|| endpoint.host_port.clone()),
        target: line.targets.first().cloned().unwrap_or_default(),
        owner: line.owner.clone(),
        tags: line.tags.clone(),
        origin: line.origin.clone(),
        port: port(line),
        server_name: endpoint.server_name.clone(),
        looked_at: line.capture.looked_at,
        outcome: line.capture.ended.outcome,
        chain,
        others,
        certificate: read.and_then(|(one, ends)| certificate_seen(one, ends)),
        problems: line.judgement.findings.iter().map(Problem::from).collect(),
    }
}

fn port(line: &EndpointLine) -> u16 {
    let written = || line.endpoint.host_port.rsplit_once(':')?.1.parse().ok();
    line.endpoint.address.map(|address| address.port()).or_else(written).unwrap_or(0)
}

/// None where its dates could not be told.
fn certificate_seen(certificate: &Certificate, ends: Ends) -> Option<CertificateSeen> {
    let facts = certificate.facts()?;
    let (not_before, not_after) =
        (*facts.not_before.as_ref().ok()?, *facts.not_after.as_ref().ok()?);
    let names = names(facts);
    Some(CertificateSeen {
        sha256: certificate.fingerprint,
        subject: bounded(facts.subject.as_ref().map(|name| name.text.raw()).unwrap_or_default()),
        names_total: names.len(),
        names: names.into_iter().take(CertificateSeen::NAMES_KEPT).map(bounded).collect(),
        issuer: bounded(facts.issuer.as_ref().map(|name| name.text.raw()).unwrap_or_default()),
        serial_number: facts.serial_number.as_ref().map(|bytes| serial(bytes)).unwrap_or_default(),
        not_before,
        not_after,
        ends,
    })
}

/// DNS names, by which people know a certificate.
fn names(facts: &Facts) -> Vec<&str> {
    let names = facts.extensions.subject_alt_name.as_ref().ok().and_then(Option::as_ref);
    names.into_iter().flatten().filter_map(dns).collect()
}

fn dns(name: &GeneralName) -> Option<&str> {
    match name {
        GeneralName::Dns(name) => Some(name.raw()),
        _ => None,
    }
}

/// An honest serial number has at most 20 bytes (RFC 5280 section 4.1.2.2).
fn serial(bytes: &[u8]) -> String {
    hex(&bytes[..bytes.len().min(64)])
}

/// What is remembered of a text that a certificate's author chose.
fn bounded(text: &str) -> Foreign {
    match text.char_indices().nth(TEXT_KEPT) {
        Some((end, _)) => Foreign::new(format!("{}…", &text[..end])),
        None => Foreign::new(text),
    }
}

/// Characters kept of one text.
const TEXT_KEPT: usize = 300;
