//! What was typed. Nothing here touches the world.

use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use certvigil_engine::{FailOn, TrustStore};
use certvigil_inventory::{ResolveOverride, parse_resolve};
use certvigil_model::{Adjustment, Service, Severity, Time};
use certvigil_report::Format;
use clap::{Args, Parser, Subcommand};

/// Keeps every certificate under an operations team's care from lapsing.
#[derive(Debug, Parser)]
#[command(name = "certvigil", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look at endpoints and say what is wrong with their certificates
    Check(Box<Check>),
    /// Rehearse: start an endpoint for every fault on loopback, and check them all
    Demo(Demo),
    /// Read certificates in files: PEM, DER, PKCS#7, PKCS#12, JKS, JCEKS
    Inspect(Inspect),
}

/// What `check` is told.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit: 0 clean; 1 findings at or above --fail-on, unknown counts at every level; 2 we failed (bad
arguments, no report, a round that was stopped or that mostly failed for reasons of our own).

Examples:
  certvigil check www.example.org mail.example.org:993
  certvigil check 'tls://192.0.2.1:8443#internal.example' --trust internal-roots.pem
  certvigil check --stdin --format table --format json=report.json < targets.txt
  certvigil check www.example.org --at 2027-01-15")]
pub(crate) struct Check {
    /// host (https), host:port (tls), service://host:port, with #server.name where it differs
    #[arg(required_unless_present = "stdin")]
    pub(crate) targets: Vec<String>,
    /// Read targets from standard input, one a line
    #[arg(long)]
    pub(crate) stdin: bool,
    /// table, json or ndjson, to standard output or a file; repeatable
    #[arg(long = "format", value_name = "FORMAT[=PATH]", default_value = "table")]
    pub(crate) formats: Vec<Output>,
    /// Total for one endpoint, resolving and reading included; 10s, or 30s for smtp and lmtp
    #[arg(long, value_name = "TIME")]
    pub(crate) deadline: Option<Span>,
    /// How long one connection request may go unanswered
    #[arg(long, value_name = "TIME", default_value = "3s")]
    pub(crate) connect_timeout: Span,
    /// Looks under way at a time
    #[arg(long, value_name = "N", default_value = "64")]
    pub(crate) concurrency: NonZeroUsize,
    /// Looks a second to one address; loopback has no limit
    #[arg(long, value_name = "N/s", default_value = "50/s")]
    pub(crate) rate_per_address: Rate,
    /// A trust store that decides; without any, `system` decides and `mozilla` is shown
    #[arg(long, value_name = "[NAME=]mozilla|system|FILE[,FILE]")]
    pub(crate) trust: Vec<TrustStore>,
    /// Judge as of then: what will be red on that day
    #[arg(long, value_name = "RFC3339|DATE", value_parser = moment)]
    pub(crate) at: Option<Time>,
    /// The least that makes the exit code 1: info, warning, critical or never
    #[arg(long, value_name = "SEVERITY", default_value = "warning", value_parser = fail_on)]
    pub(crate) fail_on: FailOn,
    /// Warn when a certificate has less than this left, whatever its life: 30d, 36h
    #[arg(long, value_name = "TIME", requires = "critical_left")]
    pub(crate) warning_left: Option<Life>,
    /// Critical when a certificate has less than this left, whatever its life: 7d, 24h
    #[arg(long, value_name = "TIME", requires = "warning_left")]
    pub(crate) critical_left: Option<Life>,
    /// Give a rule another weight, and say why: weak-key=critical:policy 12; repeatable
    #[arg(long = "adjust", value_name = "ID=SEVERITY|off:REASON", value_parser = adjustment)]
    pub(crate) adjustments: Vec<Adjustment>,
    /// The name to send and to match, instead of the host's own
    #[arg(long, value_name = "NAME")]
    pub(crate) server_name: Option<String>,
    /// The service of targets that name none: https or tls
    #[arg(long, value_name = "SERVICE", value_parser = service)]
    pub(crate) service: Option<Service>,
    /// Look at this address for that host and port, and ask no resolver; repeatable
    #[arg(long, value_name = "HOST:PORT:ADDRESS", value_parser = resolve)]
    pub(crate) resolve: Vec<ResolveOverride>,
    /// Look once more without sending a server name
    #[arg(long)]
    pub(crate) without_server_name: bool,
    /// Look only at the first address of a name
    #[arg(long)]
    pub(crate) first_address: bool,
    /// Do not ask for a second certificate of the other key type
    #[arg(long)]
    pub(crate) first_certificate: bool,
    /// PEM file with the certificate to show to servers that ask who we are
    #[arg(long, value_name = "FILE", requires = "client_key")]
    pub(crate) client_certificate: Option<PathBuf>,
    /// PEM file with that certificate's key
    #[arg(long, value_name = "FILE", requires = "client_certificate")]
    pub(crate) client_key: Option<PathBuf>,
    /// No progress bar and no progress lines
    #[arg(long)]
    pub(crate) no_progress: bool,
}

/// What `demo` is told.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit: 0 every endpoint got the verdict that it deserves; 1 one did not; 2 we failed.")]
pub(crate) struct Demo {
    /// Only the cases whose name holds this
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    /// table, json or ndjson, to standard output or a file; repeatable
    #[arg(long = "format", value_name = "FORMAT[=PATH]", default_value = "table")]
    pub(crate) formats: Vec<Output>,
    /// List the cases and what they do, start none
    #[arg(long)]
    pub(crate) list: bool,
    /// Keep the endpoints up until Enter is pressed, and print how to check them by hand
    #[arg(long)]
    pub(crate) stay: bool,
}

/// What `inspect` is told.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit: 0 everything is well-formed; 1 something is malformed or unreadable; 2 a file or a
certificate could not be read for reasons of our own.

Examples:
  certvigil inspect /etc/ssl/certs
  certvigil inspect keystore.p12 --password env:KEYSTORE_PASSWORD
  find /etc -name '*.pem' | certvigil inspect --files-from - --format ndjson")]
pub(crate) struct Inspect {
    /// Files, or directories with files
    #[arg(required_unless_present = "files_from")]
    pub(crate) files: Vec<PathBuf>,
    /// Read paths from this file, one a line; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    /// table, json or ndjson
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: Format,
    /// Where the password of key stores is: `env:NAME` or `file:PATH`
    #[arg(long, value_name = "REFERENCE")]
    pub(crate) password: Option<String>,
    /// No progress bar
    #[arg(long)]
    pub(crate) no_progress: bool,
}

/// A report's wording and where it goes.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) format: Format,
    pub(crate) path: Option<PathBuf>,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = match text.split_once('=') {
            Some((_, "")) => return Err("there is no path behind the `=`".to_owned()),
            Some((format, path)) => (format, Some(PathBuf::from(path))),
            None => (text, None),
        };
        let format = format.parse().map_err(|error| format!("{error}"))?;
        Ok(Self { format, path })
    }
}

/// A length of time with its unit: `5s`, `500ms`, `2m`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span(pub(crate) Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let span: jiff::SignedDuration = text
            .parse()
            .map_err(|_| "write a time with its unit, like 500ms, 5s or 2m".to_owned())?;
        let span = Duration::try_from(span).map_err(|_| "a time cannot be negative".to_owned())?;
        let (least, most) = (Duration::from_millis(100), Duration::from_secs(600));
        if span < least || span > most {
            return Err("a time must be between 100ms and 10m".to_owned());
        }
        Ok(Self(span))
    }
}

/// A part of a certificate's life: `30d`, `36h`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life(pub(crate) Duration);

impl FromStr for Life {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write a time with its unit, like 30d or 36h".to_owned();
        let days = text.strip_suffix('d').and_then(|days| days.parse::<u64>().ok());
        let life = match days {
            Some(days) => Duration::from_secs(days.checked_mul(86_400).ok_or_else(wrong)?),
            None => {
                let span: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
                Duration::try_from(span).map_err(|_| "a time cannot be negative".to_owned())?
            }
        };
        if life.as_secs() == 0 { Err(wrong()) } else { Ok(Self(life)) }
    }
}

fn adjustment(text: &str) -> Result<Adjustment, String> {
    let wrong = || "write ID=info|warning|critical|off:REASON, the reason is needed".to_owned();
    let (finding, rest) = text.split_once('=').ok_or_else(wrong)?;
    let (word, reason) = rest.split_once(':').ok_or_else(wrong)?;
    let severity = match word {
        "info" => Some(Severity::Info),
        "warning" => Some(Severity::Warning),
        "critical" => Some(Severity::Critical),
        "off" => None,
        _ => return Err(wrong()),
    };
    if reason.trim().is_empty() || finding.is_empty() {
        return Err(wrong());
    }
    let (finding, reason) = (finding.to_owned(), reason.trim().to_owned());
    Ok(Adjustment { finding, severity, reason })
}

/// So many a second: `50/s`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate(pub(crate) NonZeroU32);

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix("/s").unwrap_or(text);
        let number =
            number.parse().map_err(|_| "write a whole number above 0, like 50/s".to_owned())?;
        Ok(Self(number))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.0)
    }
}

fn moment(text: &str) -> Result<Time, String> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(Time::from_millis(moment.as_millisecond()));
    }
    let date: jiff::civil::Date = text.parse().map_err(|_| {
        "write a date like 2027-01-15 or a moment like 2027-01-15T12:00:00Z".to_owned()
    })?;
    let days = date.since(jiff::civil::date(1970, 1, 1)).map_err(|error| error.to_string())?;
    Ok(Time::from_seconds(i64::from(days.get_days()) * 86_400))
}

fn fail_on(text: &str) -> Result<FailOn, String> {
    Ok(match text {
        "info" => FailOn::Info,
        "warning" => FailOn::Warning,
        "critical" => FailOn::Critical,
        "never" => FailOn::Never,
        _ => return Err("write info, warning, critical or never".to_owned()),
    })
}

fn service(text: &str) -> Result<Service, String> {
    text.parse().map_err(|_| {
        let known: Vec<_> = Service::all().map(Service::name).collect();
        format!("the services spoken are {}", known.join(", "))
    })
}

fn resolve(text: &str) -> Result<ResolveOverride, String> {
    parse_resolve(text).map_err(|fault| fault.to_string())
}
