//! What was typed. Nothing here touches the world.

pub(crate) mod incidents;
pub(crate) mod memory;
pub(crate) mod nagios;
pub(crate) mod notify;

use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use certvigil_engine::TrustStore;
use certvigil_engine::act::StoreAt;
use certvigil_engine::config::units;
use certvigil_inventory::{ResolveOverride, parse_resolve};
use certvigil_model::{Adjustment, FailOn, Service, Severity, Time};
use certvigil_probe::EhloName;
use certvigil_report::Format;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

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
    /// Run for months: look when it is time, file, read back, close on proof
    Serve(Serve),
    /// Rehearse: start an endpoint for every fault on loopback, and check them all
    Demo(Demo),
    /// Show certificates in full: those in files (PEM, DER, PKCS#7, PKCS#12, JKS), those of endpoints
    Inspect(Box<Inspect>),
    /// Check one endpoint in the manners of a monitoring plugin
    Nagios(Box<nagios::Nagios>),
    /// Print what a shell needs to complete this command
    Completions(Completions),
    /// Print a manual page, or write all of them
    Man(Man),
    /// Check a config, and say what one may hold
    #[command(subcommand)]
    Config(Config),
    /// Show what is wrong, and take people's word on it: acknowledge, silence, release, note, explain
    #[command(subcommand)]
    Incidents(incidents::Incidents),
    /// Back up a store, restore one, and say how large it is and will be
    #[command(subcommand)]
    Store(memory::Store),
    /// Show what is on the record, and whether anybody has changed it
    #[command(subcommand)]
    Journal(memory::Journal),
    /// Try the ways to reach people
    #[command(subcommand)]
    Notify(notify::Notify),
}

/// What `serve` is told.
#[derive(Args, Debug)]
#[command(after_help = "\
SIGHUP reads the config again, SIGTERM ends it in order.
Exit: 0 it was told to end; 2 it could not start, or failed.")]
pub(crate) struct Serve {
    /// The config; it must name a store
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Make no outward act: say what would have been filed and closed
    #[arg(long)]
    pub(crate) observe: bool,
}

/// What `check` is told.
#[derive(Args, Debug, Default)]
#[command(after_help = "\
Exit: 0 clean; 1 findings at or above --fail-on, unknown counts at every level; 2 we failed (bad
arguments, no report, a round that was stopped or that mostly failed for reasons of our own).

Examples:
  certvigil check www.example.org mail.example.org:993
  certvigil check 'tls://192.0.2.1:8443#internal.example' --trust internal-roots.pem
  certvigil check --stdin --format table --format json=report.json < targets.txt
  certvigil check --stdin --origin targets.txt --bound < targets.txt
  certvigil check www.example.org --at 2027-01-15")]
pub(crate) struct Check {
    /// host (https), host:port (tls), service://host:port, with #server.name where it differs
    #[arg(required_unless_present_any = ["stdin", "config"])]
    pub(crate) targets: Vec<String>,
    /// Read targets, owners and all that follows here from this file; what is typed wins
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Read targets from standard input, one a line
    #[arg(long)]
    pub(crate) stdin: bool,
    /// table, json, ndjson, junit, sarif, github, nagios, prometheus, html, markdown or accept,
    /// to standard output or a file; repeatable
    #[arg(long = "format", value_name = "FORMAT[=PATH]", default_value = "table")]
    pub(crate) formats: Vec<Output>,
    /// Total for one endpoint, resolving and reading included [default: 10s, smtp and lmtp 30s]
    #[arg(long, value_name = "TIME")]
    pub(crate) deadline: Option<Span>,
    /// How long one connection request may go unanswered [default: 3s]
    #[arg(long, value_name = "TIME")]
    pub(crate) connect_timeout: Option<Span>,
    /// Looks under way at a time [default: 64]
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<NonZeroUsize>,
    /// Looks a second to one address; loopback has no limit [default: 50/s]
    #[arg(long, value_name = "N/s")]
    pub(crate) rate_per_address: Option<Rate>,
    /// A trust store that decides; without any, `system` decides and `mozilla` is shown
    #[arg(long, value_name = "[NAME=]mozilla|system|FILE[,FILE]")]
    pub(crate) trust: Vec<TrustStore>,
    /// File issues for what is wrong, read them back, and close them on proof; needs owners with trackers
    #[arg(long, requires = "config", conflicts_with = "at")]
    pub(crate) act: bool,
    /// Remember rounds and incidents in this file, or in a database at postgres://…
    #[arg(long, value_name = "FILE|URL", requires = "act")]
    pub(crate) store: Option<StoreAt>,
    /// Judge as of then: what will be red on that day
    #[arg(long, value_name = "RFC3339|DATE", value_parser = units::moment)]
    pub(crate) at: Option<Time>,
    /// The least that makes the exit code 1: info, warning, critical or never [default: warning]
    #[arg(long, value_name = "SEVERITY", value_parser = units::fail_on)]
    pub(crate) fail_on: Option<FailOn>,
    /// Until when `--format accept` lists everything red as accepted, at most 90 days ahead
    #[arg(long, value_name = "DATE", value_parser = units::moment)]
    pub(crate) accept_until: Option<Time>,
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
    /// The name to greet mail servers with, instead of our own address
    #[arg(long, value_name = "NAME")]
    pub(crate) ehlo_name: Option<EhloName>,
    /// The service of targets that name none: https, tls, smtp and so on
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
    /// The file that reports point at: line 1 for targets typed here, their own for those of --stdin
    #[arg(long, value_name = "FILE", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) origin: Option<String>,
    /// Print the longest that the round may take with one address a target, and look at nothing
    #[arg(long)]
    pub(crate) bound: bool,
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
    /// table, json, ndjson, junit, sarif, github, nagios, prometheus, html, markdown or accept,
    /// to standard output or a file; repeatable
    #[arg(long = "format", value_name = "FORMAT[=PATH]", default_value = "table")]
    pub(crate) formats: Vec<Output>,
    /// Where the HTML page goes; without it, into the folder for temporary files
    #[arg(long, value_name = "FILE")]
    pub(crate) page: Option<PathBuf>,
    /// List the cases and what they do, start none
    #[arg(long)]
    pub(crate) list: bool,
    /// Keep the endpoints up until Enter is pressed, and print how to check them by hand
    #[arg(long)]
    pub(crate) stay: bool,
}

/// What `config` is told.
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Say what a config holds, or all that is wrong with it
    #[command(after_help = "\
Without --ask nobody is asked: files are read, and that is all.

Exit: 0 it can be used; 2 it cannot.")]
    Check {
        /// The config
        #[arg(default_value = "certvigil.toml")]
        file: PathBuf,
        /// The same, as `check` is told it
        #[arg(short, long, value_name = "FILE", conflicts_with = "file")]
        config: Option<PathBuf>,
        /// Ask every tracker whether it lets us in and has all that we need, and open the store, which is made where
        /// there is none; nothing is written to a tracker
        #[arg(long)]
        ask: bool,
    },
    /// Print every key with its default
    Example,
    /// Print the JSON Schema of a config
    Schema,
}

/// What `inspect` is told.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit: 0 nothing is wrong; 1 something is malformed, unreadable, or wrong at an endpoint; 2 a file, a
certificate or an endpoint could not be read for reasons of our own.

What exists as a path is a file, all else a target.

Examples:
  certvigil inspect www.example.org smtp://mail.example.org:25
  certvigil inspect 192.0.2.1:8443 --server-name internal.example --trust internal-roots.pem
  certvigil inspect /etc/ssl/certs
  certvigil inspect keystore.p12 --password env:KEYSTORE_PASSWORD
  find /etc -name '*.pem' | certvigil inspect --files-from - --format ndjson")]
pub(crate) struct Inspect {
    /// Files, directories with files, or targets: host (https), host:port (tls), service://host:port
    #[arg(value_name = "FILE|DIR|TARGET", required_unless_present = "files_from")]
    pub(crate) things: Vec<PathBuf>,
    /// Read paths from this file, one a line; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    /// table, json or ndjson
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = format_of_files)]
    pub(crate) format: Format,
    /// Where the password of key stores is: env:NAME, file:PATH, cred:NAME or cmd:/PROGRAM ARGUMENT…
    #[arg(long, value_name = "REFERENCE")]
    pub(crate) password: Option<String>,
    /// Total for one endpoint, resolving and reading included [default: 10s, smtp and lmtp 30s]
    #[arg(long, value_name = "TIME")]
    pub(crate) deadline: Option<Span>,
    /// A trust store that decides; without any, `system` decides and `mozilla` is shown; repeatable
    #[arg(long, value_name = "[NAME=]mozilla|system|FILE[,FILE]")]
    pub(crate) trust: Vec<TrustStore>,
    /// Judge as of then: what will be wrong on that day
    #[arg(long, value_name = "RFC3339|DATE", value_parser = units::moment)]
    pub(crate) at: Option<Time>,
    /// The name to send to endpoints and to match, instead of the host's own
    #[arg(long, value_name = "NAME")]
    pub(crate) server_name: Option<String>,
    /// The service of targets that name none
    #[arg(long, value_name = "SERVICE", value_parser = service)]
    pub(crate) service: Option<Service>,
    /// Look at this address for that host and port, and ask no resolver; repeatable
    #[arg(long, value_name = "HOST:PORT:ADDRESS", value_parser = resolve)]
    pub(crate) resolve: Vec<ResolveOverride>,
    /// No progress bar
    #[arg(long)]
    pub(crate) no_progress: bool,
}

/// What `completions` is told.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  certvigil completions bash > /usr/share/bash-completion/completions/certvigil
  certvigil completions zsh > /usr/share/zsh/vendor-completions/_certvigil
  certvigil completions fish > /usr/share/fish/vendor_completions.d/certvigil.fish")]
pub(crate) struct Completions {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_enum, hide_possible_values = true)]
    pub(crate) shell: Shell,
}

/// What `man` is told.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  certvigil man check | man -l -
  certvigil man --all /usr/share/man/man1")]
pub(crate) struct Man {
    /// The command that the page is about, this one itself when there is none
    pub(crate) command: Vec<String>,
    /// Write a page for every command into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub(crate) all: Option<PathBuf>,
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
        units::span(text).map(Self)
    }
}

/// A part of a certificate's life: `30d`, `36h`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life(pub(crate) Duration);

impl FromStr for Life {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        units::life(text).map(Self)
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
        units::rate(text).map(Self)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.0)
    }
}

fn format_of_files(text: &str) -> Result<Format, String> {
    let known = Format::OF_FILES;
    let names: Vec<_> = known.iter().map(|format| format.name()).collect();
    let format = text.parse().ok().filter(|format| known.contains(format));
    format.ok_or_else(|| format!("a format of what files hold is one of {}", names.join(", ")))
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
