//! What the runtime does for a target that is a file: read it, and judge every certificate in it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use certvigil_doors::{SecretError, SecretReference, file};
use certvigil_model::{
    Asked, By, Capture, Ended, Endpoint, Fingerprint, Foreign, Outcome, Phase, Presented, Target,
};
use certvigil_x509::{Certificate, Found, Reading};
use tokio::time::timeout_at;

use crate::expanding::Opening;
use crate::ledger::{Note, Ticket};
use crate::looking::{Looking, note_unread};
use crate::reading::{LARGEST_FILE, found_certificate, why_unread};

impl Looking {
    /// Tells a verdict for each certificate in the file at `path`, or one for the file.
    pub(crate) async fn on_disk(&self, ticket: Ticket, target: &Target, path: &Path) {
        let _slot = self.slots.acquire().await;
        let deadline = self.clock.monotonic() + self.deadlines.of(target);
        self.tell(Note::Resolving { ticket, deadline });
        let found = timeout_at(deadline.into(), self.found(target, path, deadline)).await;
        let late = || Err(ended(Outcome::Local, "the file was not read in time"));
        match found.unwrap_or_else(|_| late()) {
            Ok(found) => self.each(ticket, target, found, deadline).await,
            Err(ended) => {
                let endpoint = target.endpoint(None, None);
                self.open(ticket, vec![endpoint.clone()]);
                let capture = Capture::begun(self.clock.wall(), ended);
                self.seen(ticket, 0, target, endpoint, capture, Vec::new());
            }
        }
        self.tell(Note::Closed { ticket, findings: Vec::new() });
    }

    async fn found(
        &self,
        target: &Target,
        path: &Path,
        deadline: Instant,
    ) -> Result<Vec<Found>, Ended> {
        let (path, password) = (path.to_owned(), target.options.password.clone());
        // A disk or a program that hangs must not hold up the looks.
        let left = deadline.saturating_duration_since(self.clock.monotonic());
        // What does not come by then is killed before the round may end and leave it behind.
        let patience = SecretReference::PATIENCE.min(left.mul_f32(0.9));
        let read =
            tokio::task::spawn_blocking(move || opened(&path, password.as_deref(), patience));
        let read = read.await.unwrap_or_else(|error| Err(error.to_string()));
        let (bytes, password) = read.map_err(|why| ended(Outcome::Local, &why))?;
        self.pool.container(bytes, password).await.map_err(|reading| {
            let (outcome, why) = why_unread(reading);
            ended(outcome, &why)
        })
    }

    async fn each(&self, ticket: Ticket, target: &Target, found: Vec<Found>, deadline: Instant) {
        let endpoints: Vec<_> = (0..found.len()).map(|index| numbered(target, index)).collect();
        self.open(ticket, endpoints.clone());
        for (index, (found, endpoint)) in found.into_iter().zip(endpoints).enumerate() {
            self.tell(Note::Begun { ticket, index, deadline });
            let begun = self.clock.monotonic();
            let (mut capture, presented) = self.capture(found, deadline).await;
            note_unread(&mut capture, &presented);
            capture.elapsed = self.clock.monotonic().saturating_duration_since(begun);
            self.seen(ticket, index, target, endpoint, capture, presented);
        }
    }

    async fn capture(&self, found: Found, deadline: Instant) -> (Capture, Vec<Vec<Certificate>>) {
        let looked_at = self.clock.wall();
        let Found { at, item, flaws } = found;
        let der: Arc<[u8]> = match item {
            Ok(der) => der.into(),
            Err(defect) => {
                let why = format!("{at}: {}", Foreign::new(defect.message).shown());
                return (
                    Capture::begun(looked_at, ended(Outcome::NoCertificate, &why)),
                    Vec::new(),
                );
            }
        };
        let read = found_certificate(&self.pool, Arc::clone(&der), flaws);
        let certificate = match timeout_at(deadline.into(), read).await {
            Ok(certificate) => certificate,
            Err(_) => {
                let why = "no time was left to read the certificate".to_owned();
                let fingerprint = Fingerprint::of(&der);
                Certificate { der: Arc::clone(&der), fingerprint, reading: Reading::Local(why) }
            }
        };
        let all_well = Ended { outcome: Outcome::Captured, phase: None, reason: None };
        let mut capture = Capture::begun(looked_at, all_well.clone());
        capture.presented.push(Presented {
            asked: Asked::Any,
            by: By::File,
            address: None,
            ended: all_well,
            injected: Vec::new(),
            tls: None,
            chain: vec![der],
            chain_total: 1,
            ocsp_response: None,
            scts: Vec::new(),
        });
        (capture, vec![vec![certificate]])
    }

    fn open(&self, ticket: Ticket, endpoints: Vec<Endpoint>) {
        let opening = |endpoint| Opening { endpoint, pool: None, looks: Vec::new() };
        let openings = endpoints.into_iter().map(opening).collect();
        self.tell(Note::Opened { ticket, openings, not_looked: Vec::new() });
    }

    fn seen(
        &self,
        ticket: Ticket,
        index: usize,
        target: &Target,
        endpoint: Endpoint,
        capture: Capture,
        presented: Vec<Vec<Certificate>>,
    ) {
        let line = self.line(target, endpoint, capture, presented);
        self.tell(Note::Seen { ticket, index, line });
    }
}

/// The file's bytes, and the password to its certificates where it has one.
fn opened(
    path: &Path,
    password: Option<&str>,
    patience: Duration,
) -> Result<(Arc<[u8]>, Option<String>), String> {
    let bytes = file::read_at_most(path, LARGEST_FILE)
        .map_err(|error| format!("the file cannot be read: {error}"))?;
    let secret = |reference: &str| reference.parse::<SecretReference>()?.read_within(patience);
    let password = password
        .map(secret)
        .transpose()
        .map_err(|error| format!("the password cannot be had: {}", with_cause(&error)))?;
    Ok((bytes.into(), password.map(|secret| secret.reveal().to_owned())))
}

/// The error with what lies beneath it; neither holds what a program printed.
fn with_cause(error: &SecretError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// The endpoint of the file's certificate at `index`, counted as `inspect` counts them.
fn numbered(target: &Target, index: usize) -> Endpoint {
    let mut endpoint = target.endpoint(None, None);
    endpoint.host_port = format!("{}#{index}", endpoint.host_port);
    endpoint
}

fn ended(outcome: Outcome, why: &str) -> Ended {
    Ended::early(outcome, Phase::Read, why)
}
