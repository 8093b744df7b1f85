//! A connection that cannot be used beyond its limits.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use certvigil_model::{Clock, Ended, Outcome, Phase};
use rustix::net::{RecvFlags, SendFlags, Shutdown, recv, send, shutdown};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout_at;

use crate::budget::Share;
use crate::dial::is_ours;
use crate::words::{bytes, span};

/// Bytes kept from the start of a conversation, to tell what was spoken if it was not TLS.
const HEAD_KEPT: usize = 80;

/// What one read takes: the largest TLS record with its header (RFC 9846 section 5.2).
const AT_ONCE: usize = 16_384 + 256 + 5;

/// Unread bytes that are taken before leaving, in reads of 4 KiB: ample for session tickets. A peer
/// with more to say than that is left in the middle of a word.
const READS_BEFORE_LEAVING: usize = 16;

/// How long a peer has to answer a goodbye.
const PARTING: Duration = Duration::from_secs(1);

/// One TCP connection under its share of a look's limits.
pub(crate) struct Wire<'a> {
    stream: TcpStream,
    clock: Arc<dyn Clock>,
    share: Share<'a>,
    opened: Instant,
    last_heard: Instant,
    received: usize,
    head: Vec<u8>,
}

impl<'a> Wire<'a> {
    pub(crate) fn new(stream: TcpStream, clock: Arc<dyn Clock>, share: Share<'a>) -> Self {
        let now = clock.monotonic();
        let (opened, last_heard) = (now, now);
        Self { stream, clock, share, opened, last_heard, received: 0, head: Vec::new() }
    }

    /// The first bytes that the peer said.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Waits until the peer says something and hands it to `take_in`. An end of stream is an end
    /// of the look: every caller still waits for something.
    ///
    /// No buffer lives while this waits: thousands of looks may wait at once.
    pub(crate) async fn hear<T>(
        &mut self,
        phase: Phase,
        mut take_in: impl FnMut(&[u8]) -> T,
    ) -> Result<T, Ended> {
        loop {
            match timeout_at(self.share.until.into(), self.stream.readable()).await {
                Err(_) => return Err(self.timed_out(phase)),
                Ok(Err(error)) => return Err(self.broken(&error, phase)),
                Ok(Ok(())) => {}
            }
            if let Some(heard) = self.take_what_is_there(phase, &mut take_in) {
                return heard;
            }
        }
    }

    /// Hands to `take_in` what has come and was not read. Waits for nothing, and leaves whatever
    /// goes wrong to who waits next.
    pub(crate) fn hear_now(&mut self, take_in: impl FnOnce(&[u8])) {
        let mut buffer = [0; 4096];
        let allowed = self.share.bytes().min(buffer.len());
        if let Ok((count @ 1.., _)) =
            recv(&self.stream, &mut buffer[..allowed], RecvFlags::DONTWAIT)
        {
            self.note(&buffer[..count]);
            take_in(&buffer[..count]);
        }
    }

    /// From here on it is TLS: what was said before says nothing of it, and the limits are those
    /// of `share`.
    pub(crate) fn begin_tls(&mut self, share: Share<'a>) {
        self.head.clear();
        self.share = share;
    }

    /// Our own address, as the peer may see it.
    pub(crate) fn local_ip(&self) -> IpAddr {
        let address = self.stream.local_addr();
        address.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip())
    }

    /// Sends all of `data`.
    pub(crate) async fn say(&mut self, data: &[u8], phase: Phase) -> Result<(), Ended> {
        match timeout_at(self.share.until.into(), self.stream.write_all(data)).await {
            Err(_) => Err(self.timed_out(phase)),
            Ok(Err(error)) => Err(self.broken(&error, phase)),
            Ok(Ok(())) => Ok(()),
        }
    }

    /// Says goodbye where a protocol has a word for it, and waits until something `is_answer`, for a
    /// moment at most. Whatever a server says to a client that has gone is answered by a reset, which
    /// may overtake the goodbye; then its log tells of a lost connection.
    pub(crate) async fn part(&mut self, goodbye: &[u8], mut is_answer: impl FnMut(&[u8]) -> bool) {
        let mut answered = self.say(goodbye, Phase::Finished).await.is_err();
        let now = self.clock.monotonic();
        let wait = (self.share.until.saturating_duration_since(now) / 2).min(PARTING);
        self.share.until = now + wait;
        while !answered && !wait.is_zero() {
            answered = self.hear(Phase::Finished, &mut is_answer).await.unwrap_or(true);
        }
    }

    /// Says the last words, if they can leave at once, and ends the connection as a client would:
    /// our side first, and with nothing left unread, which the kernel would answer by a reset.
    ///
    /// Waits for nothing. What goes wrong here says nothing about the endpoint.
    pub(crate) fn leave(self, farewell: &[u8]) {
        let stream = &self.stream;
        // Held back for a moment, so that the end of our side travels in the same packet.
        let _ = send(stream, farewell, SendFlags::MORE | SendFlags::NOSIGNAL | SendFlags::DONTWAIT);
        let _ = shutdown(stream, Shutdown::Write);
        let mut buffer = [0; 4096];
        for _ in 0..READS_BEFORE_LEAVING {
            match recv(stream, &mut buffer, RecvFlags::DONTWAIT) {
                Ok((1.., _)) => {}
                Ok((0, _)) | Err(_) => break,
            }
        }
    }

    /// None when there was nothing after all.
    fn take_what_is_there<T>(
        &mut self,
        phase: Phase,
        take_in: &mut impl FnMut(&[u8]) -> T,
    ) -> Option<Result<T, Ended>> {
        let mut buffer = [0; AT_ONCE];
        let allowed = self.share.bytes();
        match self.stream.try_read(&mut buffer[..allowed.clamp(1, AT_ONCE)]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Err(error) => Some(Err(self.broken(&error, phase))),
            Ok(0) => {
                let reason = format!("the server closed the connection after {}", self.heard());
                Some(Err(Ended::early(Outcome::Closed, phase, reason)))
            }
            Ok(_) if allowed == 0 => Some(Err(self.over_budget(phase))),
            Ok(count) => {
                self.note(&buffer[..count]);
                Some(Ok(take_in(&buffer[..count])))
            }
        }
    }

    fn note(&mut self, data: &[u8]) {
        self.last_heard = self.clock.monotonic();
        self.received += data.len();
        self.share.spend(data.len());
        let missing = HEAD_KEPT.saturating_sub(self.head.len());
        self.head.extend_from_slice(&data[..missing.min(data.len())]);
    }

    fn heard(&self) -> String {
        match self.received {
            0 => "sending nothing".to_owned(),
            count => format!("sending {}", bytes(count)),
        }
    }

    fn over_budget(&self, phase: Phase) -> Ended {
        let sent = bytes(self.received);
        let reason = format!("the server sent more than {sent} without finishing the handshake");
        Ended::early(Outcome::OverBudget, phase, reason)
    }

    fn timed_out(&self, phase: Phase) -> Ended {
        let now = self.clock.monotonic();
        let whole = now.saturating_duration_since(self.opened);
        let silence = now.saturating_duration_since(self.last_heard);
        let (silent, sent) = (span(silence), bytes(self.received));
        let reason = if self.received == 0 {
            format!("the server accepted the connection and then sent nothing for {silent}")
        } else if silence * 2 >= whole {
            format!("the server sent {sent}, then nothing for {silent}")
        } else {
            let whole = span(whole);
            format!("the server sent {sent} in {whole}, too slowly to finish the handshake")
        };
        Ended::early(Outcome::Timeout, phase, reason)
    }

    fn broken(&self, error: &io::Error, phase: Phase) -> Ended {
        let heard = self.heard();
        let (outcome, reason) = match error.kind() {
            _ if is_ours(error) => {
                (Outcome::Local, format!("this machine could not use the connection: {error}"))
            }
            io::ErrorKind::TimedOut => {
                (Outcome::Timeout, format!("the server vanished from the network after {heard}"))
            }
            io::ErrorKind::HostUnreachable => {
                (Outcome::Unreachable, format!("the way to the server was lost after {heard}"))
            }
            _ => (Outcome::Reset, format!("the server broke the connection after {heard}")),
        };
        Ended::early(outcome, phase, reason)
    }
}
