//! Reads a server's plaintext flight up to its Certificate message (RFC 5246 section 7.4).
//!
//! Pure, without recursion, over bounded slices; one of the fuzzed readers.

use std::fmt;
use std::sync::Arc;

/// What a flight may hold before its certificates: as much as a look takes from a connection.
const LIMIT: usize = 1 << 20;

/// Certificates of one message that are told apart; a longer list is an error.
const CERTIFICATES: usize = 10_000;

/// A server's flight as far as it came.
#[derive(Debug, Default)]
pub struct Transcript {
    /// Bytes of records not yet complete.
    records: Vec<u8>,
    /// Handshake bytes, records joined; messages already read are drained.
    messages: Vec<u8>,
    server_hello: Option<ServerHello>,
    warnings: usize,
}

/// What the server chose (RFC 5246 section 7.4.1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// `1.0`, `1.1` or `1.2`.
    pub version: &'static str,
    /// The IANA number of the suite.
    pub cipher_suite: u16,
    /// The protocol chosen from the offer.
    pub alpn_protocol: Option<Vec<u8>>,
    /// Signed certificate timestamps.
    pub scts: Vec<Vec<u8>>,
}

/// How far the flight is.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing to tell yet.
    WantsMore,
    /// The chain as sent.
    Certificate(Vec<Arc<[u8]>>),
}

/// Why no certificate will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A fatal alert, by number.
    Alert(u8),
    /// The server went past the place of the Certificate message.
    NoCertificate,
    /// The flight is longer than we take.
    TooLong,
    /// More certificates than we tell apart.
    TooMany,
    /// A length that does not fit what surrounds it.
    BadLength(&'static str),
    /// A message or record that has no place here, by its number.
    Unexpected(&'static str, u8),
    /// A version that we did not offer.
    Version(u8, u8),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alert(number) => write!(f, "it sent the alert {number}"),
            Self::NoCertificate => f.write_str("it sent no certificate"),
            Self::TooLong => f.write_str("its first flight is longer than 1 MiB"),
            Self::TooMany => write!(f, "it sent more than {CERTIFICATES} certificates"),
            Self::BadLength(what) => write!(f, "a length in its {what} does not fit"),
            Self::Unexpected(what, number) => {
                write!(f, "it sent a {what} of type {number}, which has no place there")
            }
            Self::Version(major, minor) => {
                write!(f, "it chose the version {major}.{minor}, which was not offered")
            }
        }
    }
}

impl Transcript {
    /// What the server chose, once it is known.
    pub const fn server_hello(&self) -> Option<&ServerHello> {
        self.server_hello.as_ref()
    }

    /// Takes in what came from the connection.
    pub fn take_in(&mut self, data: &[u8]) -> Result<Progress, Fault> {
        self.records.extend_from_slice(data);
        let records = self.take_records();
        // Certificates that came before an alert or a broken record still count.
        match self.take_messages()? {
            Progress::WantsMore => records.map(|()| Progress::WantsMore),
            found @ Progress::Certificate(_) => Ok(found),
        }
    }

    fn take_records(&mut self) -> Result<(), Fault> {
        let mut at = 0;
        while let Some(header) = self.records.get(at..at + 5) {
            let (kind, length) =
                (header[0], usize::from(u16::from_be_bytes([header[3], header[4]])));
            if header[1] != 3 {
                return Err(Fault::Version(header[1], header[2]));
            }
            if length > 16_384 + 2048 {
                return Err(Fault::BadLength("record"));
            }
            let Some(contents) = self.records.get(at + 5..at + 5 + length) else { break };
            match (kind, contents) {
                (22, contents) => self.messages.extend_from_slice(contents),
                (21, [1, _]) if self.warnings < 8 => self.warnings += 1,
                (21, [_, description]) => return Err(Fault::Alert(*description)),
                (21, _) => return Err(Fault::BadLength("alert")),
                (kind, _) => return Err(Fault::Unexpected("record", kind)),
            }
            if self.messages.len() > LIMIT {
                return Err(Fault::TooLong);
            }
            at += 5 + length;
        }
        self.records.drain(..at);
        Ok(())
    }

    fn take_messages(&mut self) -> Result<Progress, Fault> {
        let mut at = 0;
        while let Some([kind, length @ ..]) = self.messages.get(at..at + 4) {
            // Whether it has a place here comes first: rubbish has absurd lengths too.
            let place = self.place(*kind)?;
            let end = at + 4 + length_24(length);
            if end - at > LIMIT {
                return Err(Fault::TooLong);
            }
            let Some(body) = self.messages.get(at + 4..end) else { break };
            match place {
                Place::Ignored => {}
                Place::ServerHello => self.server_hello = Some(server_hello(body)?),
                Place::Certificate => return certificates(body).map(Progress::Certificate),
            }
            at = end;
        }
        self.messages.drain(..at);
        Ok(Progress::WantsMore)
    }

    /// What a message of this type is here for.
    const fn place(&self, kind: u8) -> Result<Place, Fault> {
        match (kind, &self.server_hello) {
            // HelloRequest: ignored during a handshake (section 7.4.1.1).
            (0, _) => Ok(Place::Ignored),
            (2, None) => Ok(Place::ServerHello),
            (11, Some(_)) => Ok(Place::Certificate),
            (12..=14 | 20, Some(_)) => Err(Fault::NoCertificate),
            (kind, _) => Err(Fault::Unexpected("handshake message", kind)),
        }
    }
}

/// What a handshake message is here for.
enum Place {
    Ignored,
    ServerHello,
    Certificate,
}

fn length_24(bytes: &[u8]) -> usize {
    bytes.iter().take(3).fold(0, |length, byte| length << 8 | usize::from(*byte))
}

fn certificates(body: &[u8]) -> Result<Vec<Arc<[u8]>>, Fault> {
    const BAD: Fault = Fault::BadLength("Certificate message");
    let mut rest = body.get(3..).ok_or(BAD)?;
    if length_24(body) != rest.len() {
        return Err(BAD);
    }
    let mut chain = Vec::new();
    while !rest.is_empty() {
        if chain.len() == CERTIFICATES {
            return Err(Fault::TooMany);
        }
        let length = length_24(rest.get(..3).ok_or(BAD)?);
        chain.push(Arc::from(rest.get(3..3 + length).ok_or(BAD)?));
        rest = &rest[3 + length..];
    }
    Ok(chain)
}

fn server_hello(body: &[u8]) -> Result<ServerHello, Fault> {
    const BAD: Fault = Fault::BadLength("ServerHello");
    let version = match body {
        [3, 1, ..] => "1.0",
        [3, 2, ..] => "1.1",
        [3, 3, ..] => "1.2",
        [major, minor, ..] => return Err(Fault::Version(*major, *minor)),
        _ => return Err(BAD),
    };
    let session = usize::from(*body.get(34).ok_or(BAD)?);
    let rest = body.get(35 + session..).ok_or(BAD)?;
    let [high, low, _compression, rest @ ..] = rest else { return Err(BAD) };
    let mut hello = ServerHello {
        version,
        cipher_suite: u16::from_be_bytes([*high, *low]),
        alpn_protocol: None,
        scts: Vec::new(),
    };
    // Before TLS 1.2 became common many servers sent no extensions block at all.
    if let [_, _, extensions @ ..] = rest {
        take_extensions(extensions, &mut hello)?;
    }
    Ok(hello)
}

fn take_extensions(mut rest: &[u8], hello: &mut ServerHello) -> Result<(), Fault> {
    const BAD: Fault = Fault::BadLength("ServerHello extension");
    while let [kind_high, kind_low, length_high, length_low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
        let contents = tail.get(..length).ok_or(BAD)?;
        match u16::from_be_bytes([*kind_high, *kind_low]) {
            16 => hello.alpn_protocol = contents.get(3..).map(<[u8]>::to_vec),
            18 => hello.scts = prefixed_16(contents.get(2..).unwrap_or(&[])),
            _ => {}
        }
        rest = &tail[length..];
    }
    if rest.is_empty() { Ok(()) } else { Err(BAD) }
}

/// Items behind two-byte lengths; what does not fit ends the list.
fn prefixed_16(mut rest: &[u8]) -> Vec<Vec<u8>> {
    let mut items = Vec::new();
    while let [high, low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(item) = tail.get(..length) else { break };
        items.push(item.to_vec());
        rest = &tail[length..];
    }
    items
}
