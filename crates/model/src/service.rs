//! What is spoken at a port: one registry line for each service.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What is spoken at a port, and so how a client gets to TLS there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// The web, as browsers ask for it.
    Https,
    /// TLS from the first byte, no ALPN: whatever is spoken inside.
    Tls,
    /// DNS over TLS (RFC 7858).
    Dot,
    /// MQTT over TLS.
    Mqtts,
    /// AMQP over TLS.
    Amqps,
    /// Redis over TLS.
    Rediss,
    /// LDAP over TLS.
    Ldaps,
    /// FTP over implicit TLS.
    Ftps,
    /// IMAP over implicit TLS (RFC 8314).
    Imaps,
    /// POP3 over implicit TLS (RFC 8314).
    Pop3s,
    /// Message submission over implicit TLS (RFC 8314).
    Smtps,
    /// Reading mail, changed to TLS by STARTTLS (RFC 9051 section 6.2.1).
    Imap,
    /// Local delivery of mail, changed to TLS by STARTTLS (RFC 2033, RFC 3207).
    Lmtp,
    /// News, changed to TLS by STARTTLS (RFC 4642).
    Nntp,
    /// Fetching mail, changed to TLS by STLS (RFC 2595 section 4).
    Pop3,
    /// Mail filters, changed to TLS by STARTTLS (RFC 5804 section 2.2).
    Sieve,
    /// Mail between servers and its submission, changed to TLS by STARTTLS (RFC 3207).
    Smtp,
    /// File transfer, changed to TLS by AUTH TLS (RFC 4217).
    Ftp,
    /// Directories, changed to TLS by the StartTLS operation (RFC 4511 section 4.14).
    Ldap,
    /// XMPP as clients speak it, changed to TLS by STARTTLS (RFC 6120 section 5).
    XmppClient,
    /// XMPP between servers, changed to TLS by STARTTLS (RFC 6120 section 5).
    XmppServer,
    /// PostgreSQL, changed to TLS by its SSLRequest.
    Postgres,
    /// MySQL and MariaDB, changed to TLS in the middle of their handshake.
    Mysql,
}

/// What comes first at a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// TLS, from the first byte.
    Tls,
    /// Plaintext, in which the client asks for TLS.
    Plaintext,
}

/// A service's line in the registry.
struct Entry {
    service: Service,
    name: &'static str,
    port: Option<u16>,
    start: Start,
    alpn_protocols: &'static [&'static [u8]],
}

/// Ports and ALPN names as registered by IANA.
#[rustfmt::skip]
const REGISTRY: &[Entry] = &[
    Entry { service: Service::Https,  name: "https",  port: Some(443),  start: Start::Tls,       alpn_protocols: &[b"h2", b"http/1.1"] },
    Entry { service: Service::Tls,    name: "tls",    port: None,       start: Start::Tls,       alpn_protocols: &[] },
    Entry { service: Service::Dot,    name: "dot",    port: Some(853),  start: Start::Tls,       alpn_protocols: &[b"dot"] },
    Entry { service: Service::Mqtts,  name: "mqtts",  port: Some(8883), start: Start::Tls,       alpn_protocols: &[b"mqtt"] },
    Entry { service: Service::Amqps,  name: "amqps",  port: Some(5671), start: Start::Tls,       alpn_protocols: &[] },
    Entry { service: Service::Rediss, name: "rediss", port: Some(6379), start: Start::Tls,       alpn_protocols: &[] },
    Entry { service: Service::Ldaps,  name: "ldaps",  port: Some(636),  start: Start::Tls,       alpn_protocols: &[] },
    Entry { service: Service::Ftps,   name: "ftps",   port: Some(990),  start: Start::Tls,       alpn_protocols: &[b"ftp"] },
    Entry { service: Service::Imaps,  name: "imaps",  port: Some(993),  start: Start::Tls,       alpn_protocols: &[b"imap"] },
    Entry { service: Service::Pop3s,  name: "pop3s",  port: Some(995),  start: Start::Tls,       alpn_protocols: &[b"pop3"] },
    Entry { service: Service::Smtps,  name: "smtps",  port: Some(465),  start: Start::Tls,       alpn_protocols: &[] },
    Entry { service: Service::Imap,   name: "imap",   port: Some(143),  start: Start::Plaintext, alpn_protocols: &[] },
    Entry { service: Service::Lmtp,   name: "lmtp",   port: Some(24),   start: Start::Plaintext, alpn_protocols: &[] },
    Entry { service: Service::Nntp,   name: "nntp",   port: Some(119),  start: Start::Plaintext, alpn_protocols: &[] },
    Entry { service: Service::Pop3,   name: "pop3",   port: Some(110),  start: Start::Plaintext, alpn_protocols: &[] },
    Entry { service: Service::Sieve,  name: "sieve",  port: Some(4190), start: Start::Plaintext, alpn_protocols: &[] },
    Entry { service: Service::Smtp,   name: "smtp",   port: Some(25),   start: Start::Plaintext, alpn_protocols: &[] },
    Entry { service: Service::Ftp,    name: "ftp",    port: Some(21),   start: Start::Plaintext, alpn_protocols: &[] },
    Entry { service: Service::Ldap,   name: "ldap",   port: Some(389),  start: Start::Plaintext, alpn_protocols: &[] },
    Entry { service: Service::XmppClient, name: "xmpp-client", port: Some(5222), start: Start::Plaintext, alpn_protocols: &[] },
    Entry { service: Service::XmppServer, name: "xmpp-server", port: Some(5269), start: Start::Plaintext, alpn_protocols: &[] },
    Entry { service: Service::Postgres, name: "postgres", port: Some(5432), start: Start::Plaintext, alpn_protocols: &[] },
    Entry { service: Service::Mysql,  name: "mysql",  port: Some(3306), start: Start::Plaintext, alpn_protocols: &[] },
];

impl Service {
    /// Every service, in the order that help texts list them.
    pub fn all() -> impl Iterator<Item = Self> {
        REGISTRY.iter().map(|entry| entry.service)
    }

    /// The word used in targets and reports.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The port where a target names none.
    pub fn default_port(self) -> Option<u16> {
        self.entry().port
    }

    /// Whether plaintext comes first, in which the client asks for TLS (STARTTLS or its like).
    pub fn starts_in_plaintext(self) -> bool {
        self.entry().start == Start::Plaintext
    }

    /// The protocols offered by ALPN (RFC 7301).
    pub fn alpn_protocols(self) -> &'static [&'static [u8]] {
        self.entry().alpn_protocols
    }

    /// The registry lists the services in the order of their declaration; a test holds it to that.
    fn entry(self) -> &'static Entry {
        &REGISTRY[self as usize]
    }
}

impl FromStr for Service {
    type Err = UnknownService;

    fn from_str(text: &str) -> Result<Self, UnknownService> {
        Self::all().find(|service| service.name() == text).ok_or(UnknownService)
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Service {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Service {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse()
            .map_err(|UnknownService| serde::de::Error::custom(format!("{name:?} is no service")))
    }
}

/// The word names no service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownService;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_in_the_order_of_declaration() {
        for (place, entry) in REGISTRY.iter().enumerate() {
            assert_eq!(entry.service as usize, place, "{}", entry.name);
        }
    }
}
