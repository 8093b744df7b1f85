//! A connection that cannot be used beyond its limits.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use certvigil_model::{Clock, Ended, Outcome, Phase};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout_at;

use crate::dial::is_ours;
use crate::words::{bytes, span};

/// What a look takes from one connection. Well above the largest honest chain (some 100 KiB),
/// far below what would hurt us in thousands of looks at once.
pub(crate) const BYTE_BUDGET: usize = 1 << 20;

/// Bytes kept from the start of a conversation, to tell what was spoken if it was not TLS.
const HEAD_KEPT: usize = 80;

/// One TCP connection under one deadline and one byte budget. Neither starts again.
pub(crate) struct Wire {
    stream: TcpStream,
    clock: Arc<dyn Clock>,
    until: Instant,
    opened: Instant,
    last_heard: Instant,
    received: usize,
    head: Vec<u8>,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, clock: Arc<dyn Clock>, until: Instant) -> Self {
        let now = clock.monotonic();
        Self { stream, clock, until, opened: now, last_heard: now, received: 0, head: Vec::new() }
    }

    /// The first bytes that the peer said.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Reads what is there into `buffer`, waiting for at least one byte. An end of stream is
    /// an end of the look: every caller still waits for something.
    pub(crate) async fn read(&mut self, buffer: &mut [u8], phase: Phase) -> Result<usize, Ended> {
        match timeout_at(self.until.into(), self.stream.read(buffer)).await {
            Err(_) => Err(self.timed_out(phase)),
            Ok(Err(error)) => Err(self.broken(&error, phase)),
            Ok(Ok(0)) => {
                let reason = format!("the server closed the connection after {}", self.heard());
                Err(Ended::early(Outcome::Closed, phase, reason))
            }
            Ok(Ok(count)) => {
                self.note(&buffer[..count]);
                if self.received > BYTE_BUDGET {
                    let reason = format!(
                        "the server sent more than {} without finishing the handshake",
                        bytes(BYTE_BUDGET)
                    );
                    return Err(Ended::early(Outcome::OverBudget, phase, reason));
                }
                Ok(count)
            }
        }
    }

    /// Sends all of `data`.
    pub(crate) async fn write_all(&mut self, data: &[u8], phase: Phase) -> Result<(), Ended> {
        match timeout_at(self.until.into(), self.stream.write_all(data)).await {
            Err(_) => Err(self.timed_out(phase)),
            Ok(Err(error)) => Err(self.broken(&error, phase)),
            Ok(Ok(())) => Ok(()),
        }
    }

    /// Sends a farewell if it can leave at once, then ends the connection. Nothing that goes
    /// wrong here says anything about the endpoint.
    pub(crate) fn leave(self, farewell: &[u8]) {
        let _ = self.stream.try_write(farewell);
    }

    fn note(&mut self, data: &[u8]) {
        self.last_heard = self.clock.monotonic();
        self.received = self.received.saturating_add(data.len());
        let missing = HEAD_KEPT.saturating_sub(self.head.len());
        self.head.extend_from_slice(&data[..missing.min(data.len())]);
    }

    fn heard(&self) -> String {
        match self.received {
            0 => "sending nothing".to_owned(),
            count => format!("sending {}", bytes(count)),
        }
    }

    fn timed_out(&self, phase: Phase) -> Ended {
        let now = self.clock.monotonic();
        let silent = span(now.saturating_duration_since(self.last_heard));
        let whole = span(now.saturating_duration_since(self.opened));
        let reason = if self.received == 0 {
            format!("the server accepted the connection and then sent nothing for {silent}")
        } else if now.saturating_duration_since(self.last_heard).as_millis() >= 2000 {
            let sent = bytes(self.received);
            format!("the server sent {sent}, then nothing for {silent}")
        } else {
            let sent = bytes(self.received);
            format!("the server sent {sent} in {whole}, too slowly to finish the handshake")
        };
        Ended::early(Outcome::Timeout, phase, reason)
    }

    fn broken(&self, error: &io::Error, phase: Phase) -> Ended {
        if is_ours(error) {
            let reason = format!("this machine could not use the connection: {error}");
            return Ended::early(Outcome::Local, phase, reason);
        }
        let outcome = match error.kind() {
            io::ErrorKind::TimedOut => Outcome::Timeout,
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                Outcome::Unreachable
            }
            _ => Outcome::Reset,
        };
        let reason = format!("the server broke the connection after {}", self.heard());
        Ended::early(outcome, phase, reason)
    }
}
