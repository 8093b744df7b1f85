//! Hands a mail to a server: RFC 5321, with STARTTLS (RFC 3207) or TLS from the start (RFC 8314), and AUTH PLAIN
//! (RFC 4954). All of it is over at one moment, however slowly a server answers.

use std::io::{self, Read as _, Write as _};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use certvigil_doors::Secret;
use certvigil_fetch::{Stream, Way};
use certvigil_model::Foreign;

use crate::Trouble;

/// A server that takes mails.
#[derive(Clone, Debug)]
pub(super) struct Smtp {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) protection: Protection,
    /// Account and password.
    pub(super) login: Option<(String, Secret)>,
    pub(super) way: Way,
    /// What we call ourselves.
    pub(super) hello: String,
}

/// How the way to it is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protection {
    /// Not at all.
    None,
    /// After STARTTLS, or not at all.
    StartTls,
    /// From the start.
    Tls,
}

/// A mail as it goes over the wire.
#[derive(Clone, Debug)]
pub(super) struct Envelope<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    /// Lines end with CR LF, all in ASCII.
    pub(super) data: &'a [u8],
}

impl Smtp {
    pub(super) fn send(&self, mail: &Envelope<'_>, by: Instant) -> Result<(), Trouble> {
        let mut talk = self.greeted(by)?;
        talk.ask(&format!("MAIL FROM:<{}>", mail.from), 250)?;
        talk.ask(&format!("RCPT TO:<{}>", mail.to), 250)?;
        talk.ask("DATA", 354)?;
        talk.write(&dotted(mail.data)).map_err(|error| talk.lost(&error))?;
        // From here on it may have been taken.
        talk.write(b".\r\n").map_err(|error| talk.doubtful(&error))?;
        let reply = talk.read().map_err(|error| talk.doubtful(&error))?;
        talk.expect("the mail", &reply, 250)?;
        // It is taken, whatever becomes of the goodbye.
        let _ = talk.write(b"QUIT\r\n");
        Ok(())
    }

    /// Whether it would let us in.
    pub(super) fn examine(&self, by: Instant) -> Result<(), Trouble> {
        let mut talk = self.greeted(by)?;
        let _ = talk.write(b"QUIT\r\n");
        Ok(())
    }

    fn greeted(&self, by: Instant) -> Result<Talk<'_>, Trouble> {
        let dialled = self.way.dial(&self.host, self.port, by);
        let mut stream = dialled.map_err(|error| self.not_sent("cannot be reached", &error))?;
        if self.protection == Protection::Tls {
            stream = self.protect(stream)?;
        }
        let mut talk = Talk { server: self, stream, read: Vec::new() };
        let greeting = talk.read().map_err(|error| talk.lost(&error))?;
        talk.expect("us", &greeting, 220)?;
        let mut offers = talk.hello()?;
        if self.protection == Protection::StartTls {
            talk = talk.start_tls(&offers)?;
            offers = talk.hello()?;
        }
        if let Some((user, password)) = &self.login {
            talk.log_in(&offers, user, password)?;
        }
        Ok(talk)
    }

    fn protect(&self, stream: Stream) -> Result<Stream, Trouble> {
        let protected = self.way.protect(stream, &self.host);
        protected.map_err(|error| self.not_sent("cannot be spoken to by TLS", &error))
    }

    fn not_sent(&self, what: &str, error: &io::Error) -> Trouble {
        Trouble::NotSent(format!("{} {what}: {}", self.name(), shown(&error.to_string())))
    }

    fn name(&self) -> String {
        format!("the mail server {}:{}", self.host, self.port)
    }
}

/// A conversation under way.
struct Talk<'a> {
    server: &'a Smtp,
    stream: Stream,
    /// What came and was not read yet.
    read: Vec<u8>,
}

/// What a server answered.
struct Reply {
    code: u16,
    lines: Vec<String>,
}

impl<'a> Talk<'a> {
    fn hello(&mut self) -> Result<Vec<String>, Trouble> {
        let hello = format!("EHLO {}", self.server.hello);
        let offers = self.ask(&hello, 250)?.lines;
        Ok(offers.into_iter().map(|line| line.to_ascii_uppercase()).collect())
    }

    /// What came before TLS is not to be believed after it: CVE-2021-38371 and its like.
    fn start_tls(mut self, offers: &[String]) -> Result<Self, Trouble> {
        if !offers.iter().any(|offer| offer == "STARTTLS") {
            let name = self.server.name();
            return Err(Trouble::Refused(format!(
                "{name} does not offer STARTTLS: write smtp:// where the mail may go in the open"
            )));
        }
        self.ask("STARTTLS", 220)?;
        if !self.read.is_empty() {
            let name = self.server.name();
            return Err(Trouble::Strange(format!("{name} says more before TLS than it was asked")));
        }
        let Self { server, stream, read } = self;
        Ok(Talk { server, stream: server.protect(stream)?, read })
    }

    fn log_in(&mut self, offers: &[String], user: &str, password: &Secret) -> Result<(), Trouble> {
        let offered = offers.iter().find_map(|offer| offer.strip_prefix("AUTH "));
        if !offered.is_some_and(|all| all.split(' ').any(|one| one == "PLAIN")) {
            let name = self.server.name();
            return Err(Trouble::Refused(format!("{name} does not offer AUTH PLAIN here")));
        }
        let words = STANDARD.encode(format!("\0{user}\0{}", password.reveal()));
        let name = self.server.name();
        match self.ask(&format!("AUTH PLAIN {words}"), 235) {
            Ok(_) => Ok(()),
            // What it says could repeat what it was told.
            Err(Trouble::Refused(_)) => {
                Err(Trouble::Refused(format!("{name} does not take our account and password")))
            }
            Err(trouble) => Err(trouble),
        }
    }

    fn ask(&mut self, line: &str, expected: u16) -> Result<Reply, Trouble> {
        let asked = self.write(format!("{line}\r\n").as_bytes());
        asked.map_err(|error| self.lost(&error))?;
        let reply = self.read().map_err(|error| self.lost(&error))?;
        let what = line.split([' ', ':']).next().unwrap_or(line);
        self.expect(what, &reply, expected)?;
        Ok(reply)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// A reply of one or more lines (RFC 5321 section 4.2.1).
    fn read(&mut self) -> io::Result<Reply> {
        let strange = || io::Error::new(io::ErrorKind::InvalidData, "it does not answer by SMTP");
        let mut lines = Vec::new();
        loop {
            let line = self.line()?;
            let code = line.get(..3).and_then(|code| code.parse().ok()).ok_or_else(strange)?;
            let is_last = !line[3..].starts_with('-');
            lines.push(line.get(4..).unwrap_or_default().to_owned());
            if is_last {
                return Ok(Reply { code, lines });
            }
            if lines.len() >= LINES {
                return Err(strange());
            }
        }
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.read.len() > LINE {
                let why = "it sends a line without an end";
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            let mut bytes = [0; 1024];
            match self.stream.read(&mut bytes)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                more => self.read.extend_from_slice(&bytes[..more]),
            }
        }
    }

    /// 4xx: another time; 5xx: never (RFC 5321 section 4.2.1).
    fn expect(&self, what: &str, reply: &Reply, expected: u16) -> Result<(), Trouble> {
        let said = shown(&reply.lines.join(" "));
        let (name, code) = (self.server.name(), reply.code);
        let why = format!("{name} does not take {what}: {code} {said}");
        match code {
            code if code == expected => Ok(()),
            // RCPT may be forwarded, which is as good.
            251 if expected == 250 => Ok(()),
            400..500 => Err(Trouble::Later { after: None, why }),
            500..600 => Err(Trouble::Refused(why)),
            _ => Err(Trouble::Strange(why)),
        }
    }

    fn lost(&self, error: &io::Error) -> Trouble {
        self.server.not_sent("broke off before the mail was sent", error)
    }

    fn doubtful(&self, error: &io::Error) -> Trouble {
        let name = self.server.name();
        let why = shown(&error.to_string());
        Trouble::Doubtful(format!("{name} was sent the mail and did not answer: {why}"))
    }
}

/// A line that begins with a dot gets another one (RFC 5321 section 4.5.2), and the last line ends.
fn dotted(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() + 64);
    let mut begins = true;
    for byte in data {
        if begins && *byte == b'.' {
            out.push(b'.');
        }
        out.push(*byte);
        begins = *byte == b'\n';
    }
    if !begins {
        out.extend(b"\r\n");
    }
    out
}

fn shown(text: &str) -> String {
    Foreign::new(text).shown_within(300).to_string()
}

/// Bytes of one line of a reply: RFC 5321 section 4.5.3.1.5 has 512.
const LINE: usize = 4096;
/// Lines of a reply.
const LINES: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_doubled_and_the_last_line_ends() {
        for (data, sent) in
            [("a\r\n", "a\r\n"), (".\r\n", "..\r\n"), ("a.b\r\n..c", "a.b\r\n...c\r\n"), ("", "")]
        {
            assert_eq!(dotted(data.as_bytes()), sent.as_bytes(), "{data:?}");
        }
    }
}
