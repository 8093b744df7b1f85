//! Why a line is no target, and what to write instead.

use certvigil_model::Service;
use thiserror::Error;

/// Why a text is no target, server name or override. The message says what to write instead.
///
/// Texts inside come from the line and have been shown escaped and cut.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// More than a host name, a port and a server name can need.
    #[error("the line has {length} bytes, {limit} are allowed: write one target a line")]
    TooLong {
        /// Bytes in the line.
        length: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// A control character, which no target has.
    #[error("the line holds the control character U+{code:04X}: write it without")]
    ControlCharacter {
        /// The character's code point.
        code: u32,
    },
    /// Two words where one is wanted.
    #[error("the line holds a blank: write one target a line, as `host:port`")]
    Blank,
    /// Nothing stands where the host should.
    #[error("there is no host: write `host`, `host:port` or `service://host:port`")]
    NoHost,
    /// A user before the host.
    #[error("a target has no user: write what follows the `@`")]
    UserInfo,
    /// A path or query behind the host.
    #[error("a target ends with its port: leave out `{rest}`")]
    Path {
        /// What follows the host and port.
        rest: String,
    },
    /// A service nobody knows.
    #[error("`{word}` is no service; those spoken are {}", spoken())]
    UnknownService {
        /// The word before `://`.
        word: String,
    },
    /// A service that this version does not speak.
    #[error("{word} is not spoken yet; the services spoken are {}", spoken())]
    NotSpokenYet {
        /// The service's word.
        word: &'static str,
    },
    /// A plaintext protocol without a change to TLS.
    #[error("http has no certificate: write https://{rest}")]
    Plaintext {
        /// What follows the `://`.
        rest: String,
    },
    /// A service without a port of its own, and none is written.
    #[error("{service} has no port of its own: write {service}://{host}:PORT")]
    PortNeeded {
        /// The service.
        service: Service,
        /// The host as written.
        host: String,
    },
    /// What follows the colon is no port.
    #[error("`{port}` is no port: write a number from 1 to 65535")]
    Port {
        /// What follows the colon.
        port: String,
    },
    /// Colons without brackets that are not an IPv6 address either.
    #[error("`{host}` is no IPv6 address: write [address]:port, or host:port with one colon")]
    Ipv6 {
        /// The text with the colons.
        host: String,
    },
    /// An opening bracket that is not closed, or closed too early.
    #[error("the brackets do not hold an IPv6 address and nothing else: write [address]:port")]
    Brackets,
    /// A link-local address with its interface (RFC 4007 section 11).
    #[error("`{host}` names an interface, which is not supported: write an address without `%`")]
    Zone {
        /// The address as written.
        host: String,
    },
    /// Something that ends like an IPv4 address and is none.
    #[error("`{host}` ends in a number but is no IPv4 address: write four numbers from 0 to 255")]
    Ipv4 {
        /// The text that is no address.
        host: String,
    },
    /// A `*` where there can be none.
    #[error(
        "`{host}` is no wildcard: write `*.` before a name of at least two labels, as in *.apps.example.org"
    )]
    Wildcard {
        /// The text with the `*`.
        host: String,
    },
    /// A name to send that no client can send.
    #[error(
        "`{host}` is a wildcard, and no server name: write a name that it covers, as in {}",
        covered(host)
    )]
    WildcardName {
        /// The wildcard as written.
        host: String,
    },
    /// More or less than one label.
    #[error("`{text}` is no label: write what stands before the first dot of a name")]
    Label {
        /// The text as written.
        text: String,
    },
    /// A name with nothing between two dots, or before the first.
    #[error("`{name}` has an empty label: write one dot between two labels")]
    EmptyLabel {
        /// The name as written.
        name: String,
    },
    /// RFC 1035 section 2.3.4: at most 63 octets.
    #[error("the label `{label}` has {length} octets, DNS allows 63")]
    LongLabel {
        /// The label, cut.
        label: String,
        /// Its octets in the A-label form.
        length: usize,
    },
    /// RFC 1035 section 2.3.4: at most 253 octets in text form.
    #[error("the name has {length} octets, DNS allows 253")]
    LongName {
        /// Octets in the A-label form.
        length: usize,
    },
    /// RFC 5890 section 2.3.1: letters, digits, hyphens; we allow `_` (RFC 8552).
    #[error("`{character}` cannot stand in a host name: write letters, digits, `-`, `_` and dots")]
    NameCharacter {
        /// The first such character, shown escaped.
        character: String,
    },
    /// RFC 5890 section 2.3.1: a label neither begins nor ends with a hyphen.
    #[error("the label `{label}` begins or ends with a hyphen")]
    Hyphen {
        /// The label.
        label: String,
    },
    /// UTS 46 refuses the name.
    #[error(
        "`{name}` is no internationalised name that UTS 46 allows: write its xn-- form as it is registered"
    )]
    NotInternationalised {
        /// The name as written.
        name: String,
    },
    /// Nothing follows the `#`.
    #[error(
        "there is no server name after the `#`: write host:port#server.name, or leave out the `#`"
    )]
    NoServerName,
    /// No file has a name that a pattern of the config names.
    #[error("no file has such a name: what it should hold is not watched")]
    NoFile,
    /// A list of targets that cannot be read.
    #[error("the file cannot be read, and what it lists is not watched: {why}")]
    Unreadable {
        /// What the system said.
        why: String,
    },
    /// A file that Prometheus could not use either.
    #[error("this is no file for service discovery, and what it lists is not watched: {why}")]
    Discovery {
        /// What is wrong with it.
        why: String,
    },
    /// An override that is not three things.
    #[error(
        "`{text}` is no override: write HOST:PORT:ADDRESS, an IPv6 address in brackets or bare"
    )]
    Override {
        /// The override as written.
        text: String,
    },
}

fn spoken() -> String {
    let words: Vec<_> = Service::all().map(Service::name).collect();
    words.join(", ")
}

fn covered(wildcard: &str) -> String {
    format!("www{}", wildcard.strip_prefix('*').unwrap_or(wildcard))
}
