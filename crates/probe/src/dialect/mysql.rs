//! MySQL's and MariaDB's own way to TLS (MySQL internals, "Connection Phase"): the server greets, the
//! client answers by the first half of its login, and TLS begins in the middle of it.
//!
//! There is no farewell: who has not logged in is answered "Bad handshake" by servers when it says
//! COM_QUIT. They count every look that stops here as a connection error; after `max_connect_errors`
//! of them without a login between they block the host that looks.

use certvigil_model::Ended;

use super::Talk;
use super::ends::{not_offered, too_long, turned_away};

pub(super) async fn start_tls(talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    let packet = packet(talk).await?;
    match Greeting::read(&packet) {
        Some(Greeting::Error(words)) => Err(turned_away(&words)),
        Some(Greeting::Handshake { has_tls: false }) => Err(not_offered("TLS")),
        Some(Greeting::Handshake { has_tls: true }) => talk.say(&ssl_request()).await,
        None => Err(talk.strange()),
    }
}

/// Capability flags.
const CLIENT_MYSQL: u32 = 1;
const CLIENT_PROTOCOL_41: u32 = 1 << 9;
const CLIENT_SSL: u32 = 1 << 11;
const CLIENT_SECURE_CONNECTION: u32 = 1 << 15;
const CLIENT_PLUGIN_AUTH: u32 = 1 << 19;

/// Collation 45, utf8mb4_general_ci.
const CHARACTER_SET: u8 = 45;

/// The longest greeting that is one: the fields have less than 400 bytes, errors up to 512.
const LONGEST: usize = 1024;

/// The first byte of a greeting: an error, or the protocol's version.
const KINDS: [u8; 3] = [ERROR, VERSION_9, VERSION_10];
const ERROR: u8 = 0xff;
const VERSION_9: u8 = 9;
const VERSION_10: u8 = 10;

/// The payload of the first packet, whose number is 0.
async fn packet(talk: &mut Talk<'_, '_>) -> Result<Vec<u8>, Ended> {
    let header = talk.exactly(4).await?;
    let length = header.iter().take(3).rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    let kind = talk.byte().await?;
    if length == 0 || header.last() != Some(&0) || !KINDS.contains(&kind) {
        return Err(talk.strange());
    }
    if length > LONGEST {
        return Err(too_long(length));
    }
    let rest = talk.exactly(length - 1).await?;
    Ok([&[kind], &rest[..]].concat())
}

/// What a server says first.
enum Greeting {
    /// "Too many connections", "Host is blocked" …: the code and the server's words.
    Error(Vec<u8>),
    Handshake {
        has_tls: bool,
    },
}

impl Greeting {
    fn read(payload: &[u8]) -> Option<Self> {
        let (kind, rest) = payload.split_first()?;
        match *kind {
            ERROR => Some(Self::Error(error(rest)?)),
            // Version 9 is of the days before 1999 and has no flags.
            VERSION_9 => Some(Self::Handshake { has_tls: false }),
            VERSION_10 => {
                let version = rest.iter().position(|byte| *byte == 0)?;
                // Behind the version: the connection's number (4), a nonce (8) and a zero.
                let flags = rest[version + 1..].get(13..15)?;
                let flags = u16::from_le_bytes([flags[0], flags[1]]);
                Some(Self::Handshake { has_tls: u32::from(flags) & CLIENT_SSL != 0 })
            }
            _ => None,
        }
    }
}

/// An ERR packet: a number, perhaps `#` and five characters of SQLSTATE, the message.
fn error(body: &[u8]) -> Option<Vec<u8>> {
    let (number, rest) = body.split_first_chunk::<2>()?;
    let message = match rest {
        [b'#', _, _, _, _, _, message @ ..] => message,
        message => message,
    };
    let number = u16::from_le_bytes(*number);
    Some([format!("{number} ").as_bytes(), message].concat())
}

/// The SSLRequest packet, the second of the connection: flags, the longest packet, the character
/// set and 23 zeros.
fn ssl_request() -> Vec<u8> {
    let flags = CLIENT_MYSQL
        | CLIENT_PROTOCOL_41
        | CLIENT_SSL
        | CLIENT_SECURE_CONNECTION
        | CLIENT_PLUGIN_AUTH;
    let longest: u32 = 1 << 24;
    let header = [32, 0, 0, 1];
    let body = [&flags.to_le_bytes()[..], &longest.to_le_bytes(), &[CHARACTER_SET], &[0; 23]];
    [&header[..], &body.concat()].concat()
}

#[cfg(test)]
mod tests {
    use certvigil_model::{Outcome, Service};

    use crate::dialect::rehearse;

    /// MariaDB's greeting of Debian 12, as it came from the server.
    const MARIADB: &[u8] = b"d\0\0\0\n5.5.5-10.11.19-MariaDB-0+deb12u1\0\x04\0\0\0ZAtF@LA=\0\xfe\xff\x08\x02\0\xff\x81\x15\0\0\0\0\0\0\x1d\0\0\0OWE4tlBCha2'\0mysql_native_password\0";

    fn with_length(payload: &[u8]) -> Vec<u8> {
        [&[payload.len() as u8, 0, 0, 0], payload].concat()
    }

    #[test]
    fn what_servers_say_first() {
        let mariadb = with_length(&MARIADB[4..]);
        let mut without = mariadb.clone();
        // The flags stand behind the version's zero, 13 bytes on; CLIENT_SSL is in their second byte.
        let zero = 5 + without[5..].iter().position(|byte| *byte == 0).unwrap_or_default();
        without[zero + 15] &= !0x08;
        let blocked = with_length(
            b"\xffi\x04Host '10.99.0.2' is blocked because of many connection errors; unblock with 'mariadb-admin flush-hosts'",
        );
        let full = with_length(b"\xff\x10\x04#08004Too many connections");
        for (name, given, want) in [
            ("MariaDB with TLS", &mariadb, Ok(())),
            (
                "MariaDB without",
                &without,
                Err((Outcome::StarttlsRefused, "the server does not offer TLS")),
            ),
            (
                "a protocol older than TLS",
                &with_length(b"\x093.20\0\0\0\0\0salt"),
                Err((Outcome::StarttlsRefused, "the server does not offer TLS")),
            ),
            (
                "a host that is blocked, as MariaDB says it",
                &blocked,
                Err((
                    Outcome::StarttlsRefused,
                    "the server turned us away before TLS: “1129 Host '10.99.0.2' is blocked because of many connection errors; unblock with 'mariadb-admin flush-hosts'”",
                )),
            ),
            (
                "too many connections",
                &full,
                Err((
                    Outcome::StarttlsRefused,
                    "the server turned us away before TLS: “1040 Too many connections”",
                )),
            ),
            (
                "another protocol",
                &b"220 mail.example ESMTP\r\n".to_vec(),
                Err((
                    Outcome::ProtocolError,
                    "the server does not speak MYSQL here; it said “220 mail.example ESMTP”",
                )),
            ),
            (
                "sixteen megabytes",
                &b"\xff\xff\xff\0\n".to_vec(),
                Err((
                    Outcome::OverBudget,
                    "the server announced a message of 16.0 MiB where a short one is due",
                )),
            ),
            (
                "a greeting that ends too early",
                &with_length(b"\n8.0\0\0\0"),
                Err((
                    Outcome::ProtocolError,
                    "the server does not speak MYSQL here; its first bytes were 070000000a382e30",
                )),
            ),
        ] {
            let rehearsed = rehearse(Service::Mysql, &[given]);
            let got = rehearsed.ended.map_err(|ended| (ended.outcome, ended.reason));
            let want = want.map_err(|(outcome, reason)| (outcome, Some(reason.to_owned())));
            assert_eq!(got, want, "{name}");
        }
    }

    /// The layout of `Protocol::SSLRequest` in MySQL's documentation.
    #[test]
    fn the_request_has_the_documented_layout() {
        let said = rehearse(Service::Mysql, &[&with_length(&MARIADB[4..])]).said;
        assert_eq!((said.len(), &said[..4]), (36, &[32, 0, 0, 1][..]));
        assert_eq!(said[4..8], 0x0008_8a01_u32.to_le_bytes());
        assert_eq!((said[12], &said[13..]), (45, &[0; 23][..]));
    }
}
