//! What `nagios` is told: the usual flags of check_ssl_cert and check_http, with their meanings.

use std::num::NonZeroU16;
use std::path::PathBuf;
use std::str::FromStr;

use certvigil_model::Service;
use clap::Args;

/// What `nagios` is told.
#[derive(Args, Debug)]
#[command(
    version,
    after_help = "\
Exit: 0 OK; 1 WARNING; 2 CRITICAL, also for what cannot be reached or spoken with; 3 UNKNOWN, when
it is we who failed, and for --help. docs/nagios.md has every flag of the two plugins.

Examples:
  certvigil nagios -H www.example.org -w 20 -c 10
  certvigil nagios -H mail.example.org -p 993 -P imaps -r internal-roots.pem
  certvigil nagios -I 192.0.2.1 -H www.example.org -S --sni -C 20,10"
)]
pub(crate) struct Nagios {
    /// The host: a name, sent and matched; or an address, matched where no name is given
    #[arg(short = 'H', long, visible_alias = "hostname", required_unless_present = "address")]
    pub(crate) host: Option<String>,
    /// Connect to this address or name; -H is then only sent and matched
    #[arg(short = 'I', long = "ip", value_name = "HOST", visible_aliases = ["IP-address", "resolve"])]
    pub(crate) address: Option<String>,
    /// The port, instead of the protocol's own
    #[arg(short, long)]
    pub(crate) port: Option<NonZeroU16>,
    /// What is spoken there; https when nothing is said
    #[arg(short = 'P', long, value_parser = protocol, default_value = "https")]
    pub(crate) protocol: Service,
    /// Warn when less is left; without -w, -c and -C the certificate's life decides
    #[arg(short, long, value_name = "DAYS")]
    pub(crate) warning: Option<Days>,
    /// Critical when less is left
    #[arg(short, long, value_name = "DAYS")]
    pub(crate) critical: Option<Days>,
    /// As check_http: warn, and critical, in so many whole days. As check_ssl_cert: a PEM file with
    /// the certificate to show to servers that ask who we are
    #[arg(
        short = 'C',
        long,
        value_name = "DAYS[,DAYS]|FILE",
        visible_alias = "clientcert",
        conflicts_with_all = ["client_certificate"]
    )]
    pub(crate) certificate: Option<Certificate>,
    /// Only addresses of IPv4; there must be one
    #[arg(short = '4', long = "use-ipv4", conflicts_with = "only_v6")]
    pub(crate) only_v4: bool,
    /// Only addresses of IPv6; there must be one
    #[arg(short = '6', long = "use-ipv6")]
    pub(crate) only_v6: bool,
    /// For the whole check
    #[arg(
        short, long, value_name = "SECONDS", default_value = "10",
        value_parser = clap::value_parser!(u16).range(1..=600)
    )]
    pub(crate) timeout: u16,
    /// A name that must be served too, with a certificate for it; repeatable
    #[arg(
        short = 'n',
        long = "cn",
        value_name = "NAME",
        short_alias = 'm',
        visible_alias = "match"
    )]
    pub(crate) names: Vec<String>,
    /// The same; without a name it changes nothing: a name is always sent
    #[arg(long, value_name = "NAME", num_args = 0..=1)]
    pub(crate) sni: Option<Option<String>>,
    /// Changes nothing: TLS is always spoken; no version behind it, that is the server's choice
    #[arg(short = 'S', long, value_name = "VERSION", num_args = 0..=1, value_parser = no_version)]
    pub(crate) ssl: Option<Option<String>>,
    /// The trust store that decides, instead of the system's own
    #[arg(short, long, value_name = "FILE", visible_alias = "rootcert-file")]
    pub(crate) rootcert: Option<PathBuf>,
    /// A self-signed certificate need not be trusted
    #[arg(short, long)]
    pub(crate) selfsigned: bool,
    /// Whether it is trusted changes nothing; names and dates do
    #[arg(short = 'A', long)]
    pub(crate) noauth: bool,
    /// PEM file with the certificate to show to servers that ask who we are
    #[arg(short = 'J', long = "client-cert", value_name = "FILE")]
    pub(crate) client_certificate: Option<PathBuf>,
    /// PEM file with its key, where it is in another one
    #[arg(short = 'K', long = "private-key", value_name = "FILE", visible_alias = "clientkey")]
    pub(crate) client_key: Option<PathBuf>,
    /// No performance data
    #[arg(long)]
    pub(crate) no_perf: bool,
    /// Changes nothing: no page is asked for
    #[arg(short, long)]
    pub(crate) url: Option<String>,
    /// Changes nothing: all that was seen is told
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Changes nothing, as its likes do: what they switch off is not done, or never reddens
    #[arg(
        short = 'N', long = "ignore-ocsp", action = clap::ArgAction::Count, aliases = SWITCHES_OFF
    )]
    pub(crate) ignored: u8,
}

/// Flags of check_ssl_cert that switch off what certvigil does not do, or switch on what it always
/// does; all of them are taken and change nothing.
pub(crate) const SWITCHES_OFF: [&str; 12] = [
    "altnames",
    "host-cn",
    "ignore-http-headers",
    "ignore-maximum-validity",
    "ignore-ocsp-errors",
    "ignore-ocsp-timeout",
    "ignore-sct",
    "ignore-sig-alg",
    "ignore-ssl-labs-cache",
    "ignore-tls-renegotiation",
    "no-proxy",
    "require-san",
];

/// Flags of the two plugins that are refused, and what to say. Those that are not here are refused
/// too, in fewer words.
pub(crate) const REFUSED: &[(&str, &str)] = &[
    ("--check-ciphers", CIPHERS),
    ("--crl", FETCHED),
    ("--dane", DANE),
    ("--dtls", "only TLS over TCP is spoken"),
    ("--ecdsa", BOTH_KEY_TYPES),
    ("--rsa", BOTH_KEY_TYPES),
    ("--expect", PAGE),
    ("--string", PAGE),
    ("--regex", PAGE),
    ("--header-string", PAGE),
    ("--onredirect", PAGE),
    ("--continue-after-certificate", PAGE),
    ("--file", "`certvigil inspect FILE` reads certificates in files"),
    ("--fingerprint", PATTERNS),
    ("--email", PATTERNS),
    ("--issuer", PATTERNS),
    ("--org", PATTERNS),
    ("--serial", PATTERNS),
    ("--ignore-connection-problems", UNSEEN),
    ("--ignore-exp", "what lapses is what this program is for"),
    ("--ignore-host-cn", "name what the certificate is for: -n NAME"),
    ("--ignore-incomplete-chain", "-A leaves out whether it is trusted"),
    ("--inetproto", "write -4 or -6"),
    ("--proxy", "connections are direct"),
    ("--rootcert-dir", "name a file: -r FILE"),
    ("--ssl2", VERSION),
    ("--ssl3", VERSION),
    ("--tls1", VERSION),
    ("--tls1_1", VERSION),
    ("--tls1_2", VERSION),
    ("--tls1_3", VERSION),
    ("--check-ssl-labs", "nobody outside is asked"),
    ("--quiet", "a check that says nothing helps nobody"),
];

const BOTH_KEY_TYPES: &str = "certificates of both key types are always asked for";
const CIPHERS: &str = "cipher suites are not judged";
const DANE: &str = "DNS is not asked for TLSA records";
const FETCHED: &str =
    "what a certificate names is not fetched; a staple that says revoked is critical";
const PAGE: &str = "no page is asked for";
const PATTERNS: &str = "only names are matched: -n NAME";
const UNSEEN: &str = "what cannot be seen is never OK";
const VERSION: &str = "the version is the server's choice, and old ones are told";

/// Days, and parts of them: `20`, `0.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Days {
    pub(crate) seconds: i64,
}

impl Days {
    pub(crate) const fn whole(days: u32) -> Self {
        Self { seconds: days as i64 * DAY }
    }
}

impl FromStr for Days {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let days: f64 = text.parse().map_err(|_| "write a number of days, like 20 or 0.5")?;
        if !(0.0..=MOST_DAYS).contains(&days) {
            return Err(format!("write a number of days from 0 to {MOST_DAYS}"));
        }
        Ok(Self { seconds: (days * DAY as f64) as i64 })
    }
}

/// What the two plugins mean by `-C`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Certificate {
    /// check_http: warning and critical, in whole days.
    Days(u32, u32),
    /// check_ssl_cert: a client's certificate.
    File(PathBuf),
}

impl FromStr for Certificate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (warning, critical) = text.split_once(',').unwrap_or((text, "0"));
        let is_number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(warning) || !is_number(critical) {
            return Ok(Self::File(text.into()));
        }
        let days = |text: &str| match text.parse() {
            Ok(days) if f64::from(days) <= MOST_DAYS => Ok(days),
            _ => Err(format!("write a number of days from 0 to {MOST_DAYS}")),
        };
        Ok(Self::Days(days(warning)?, days(critical)?))
    }
}

/// The words of check_ssl_cert's `-P`, and ours.
fn protocol(text: &str) -> Result<Service, String> {
    let ours = match text.to_ascii_lowercase().as_str() {
        "http" | "h2" => "https".to_owned(),
        "dns" => "dot".to_owned(),
        "xmpp" => "xmpp-client".to_owned(),
        word => word.to_owned(),
    };
    super::service(&ours)
}

fn no_version(_text: &str) -> Result<String, String> {
    Err(VERSION.to_owned())
}

const DAY: i64 = 86_400;

/// A century: more is a slip of the finger.
const MOST_DAYS: f64 = 36_500.0;
