//! A plaintext conversation with limits of its own inside those of the look.

use certvigil_model::{Ended, Phase, Service};

use super::ehlo_name::EhloName;
use super::ends::{stranger, too_much};
use super::rehearsal::Script;
use crate::wire::Wire;

/// The longest line: RFC 9051 section 4 has clients read lines of 8192 octets, mail has far less.
const LINE: usize = 8 << 10;

/// Lines of one conversation: the longest greetings and lists of capabilities have dozens.
const LINES: usize = 500;

/// Bytes of one conversation.
const BYTES: usize = 64 << 10;

/// What is spoken before TLS. Nothing that a server does makes it longer than its limits.
pub(crate) struct Talk<'t, 'w> {
    service: Service,
    ehlo_name: EhloName,
    domain: String,
    peer: Peer<'t, 'w>,
    heard: Vec<u8>,
    taken: usize,
    answered: usize,
    lines: usize,
}

/// Who is on the other side.
pub(super) enum Peer<'t, 'w> {
    Server(&'t mut Wire<'w>),
    /// A list of words, for rehearsals without a connection.
    Script(&'t mut Script<'w>),
}

impl<'t, 'w> Talk<'t, 'w> {
    pub(super) const fn new(
        service: Service,
        ehlo_name: EhloName,
        domain: String,
        peer: Peer<'t, 'w>,
    ) -> Self {
        let heard = Vec::new();
        Self { service, ehlo_name, domain, peer, heard, taken: 0, answered: 0, lines: 0 }
    }

    /// The name by which a client greets.
    pub(super) const fn ehlo_name(&self) -> &EhloName {
        &self.ehlo_name
    }

    /// Whom the client wants to talk to: a DNS name or an address.
    pub(super) fn domain(&self) -> &str {
        &self.domain
    }

    /// The next line, without its end. A line of bytes that are no text is the end of the look.
    pub(super) async fn line(&mut self) -> Result<Vec<u8>, Ended> {
        self.lines += 1;
        if self.lines > LINES {
            return Err(too_much(&format!("more than {LINES} lines")));
        }
        let mut searched = self.taken;
        loop {
            let new = &self.heard[searched..];
            let length = new.iter().position(|byte| *byte == b'\n');
            let end = searched + length.unwrap_or(new.len());
            let line = &self.heard[self.taken..end];
            if begins_badly(line) || self.heard[searched..end].contains(&0) {
                return Err(self.stranger(line));
            }
            if length.is_some() {
                let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
                self.taken = end + 1;
                return Ok(line);
            }
            if line.len() > LINE {
                return Err(too_much(&format!("a line of more than {} KiB", LINE >> 10)));
            }
            searched = end;
            self.hear().await?;
        }
    }

    /// The next `count` bytes, whatever they are.
    pub(super) async fn exactly(&mut self, count: usize) -> Result<Vec<u8>, Ended> {
        while self.heard.len() - self.taken < count {
            self.hear().await?;
        }
        let bytes = self.heard[self.taken..][..count].to_vec();
        self.taken += count;
        Ok(bytes)
    }

    /// The next byte, whatever it is.
    pub(super) async fn byte(&mut self) -> Result<u8, Ended> {
        loop {
            if let Some(byte) = self.heard.get(self.taken) {
                self.taken += 1;
                return Ok(*byte);
            }
            self.hear().await?;
        }
    }

    /// Sends all of `words`.
    pub(super) async fn say(&mut self, words: &[u8]) -> Result<(), Ended> {
        self.answered = self.taken;
        match &mut self.peer {
            Peer::Server(wire) => wire.say(words, Phase::Starttls).await,
            Peer::Script(script) => {
                script.take_in(words);
                Ok(())
            }
        }
    }

    /// The end of a look whose peer, by these words of it, does not speak the dialect.
    pub(super) fn stranger(&self, head: &[u8]) -> Ended {
        stranger(&self.service.name().to_uppercase(), head)
    }

    /// The same, by all that came in answer to what was said last.
    pub(super) fn strange(&self) -> Ended {
        self.stranger(&self.heard[self.answered..])
    }

    /// What came behind the last word that was taken: where TLS may begin, nothing may stand there.
    /// Waits for nothing.
    pub(super) fn left_over(mut self) -> Vec<u8> {
        let heard = &mut self.heard;
        if let Peer::Server(wire) = &mut self.peer {
            wire.hear_now(|data| heard.extend_from_slice(data));
        }
        self.heard.split_off(self.taken)
    }

    async fn hear(&mut self) -> Result<(), Ended> {
        if self.heard.len() >= BYTES {
            return Err(too_much(&format!("more than {} KiB", BYTES >> 10)));
        }
        let heard = &mut self.heard;
        match &mut self.peer {
            Peer::Server(wire) => {
                wire.hear(Phase::Starttls, |data| heard.extend_from_slice(data)).await
            }
            Peer::Script(script) => script.speak(heard),
        }
    }
}

/// What no protocol of lines sends: a line that begins with a control character.
fn begins_badly(line: &[u8]) -> bool {
    line.first().is_some_and(|byte| byte.is_ascii_control() && !matches!(byte, b'\r' | b'\t'))
}
