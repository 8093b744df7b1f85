//! Prometheus' text exposition format: what blackbox_exporter tells under its names, where they
//! mean the same, and the rest as `certvigil_…`.
//!
//! The samples of one metric stand together, and a round has many endpoints: the samples of each
//! metric wait in a file without a name.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Seek as _, Write};

use certvigil_model::{Outcome, Time};
use tempfile::SpooledTempFile;

use crate::contract::{Certificate, Endpoint, Finding};
use crate::run::Run;
use crate::words::{headline, inert, named};
use crate::{Closed, IssueState};

/// Writes the run.
pub(crate) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}", headline(run.tail))?;
    round(run, out)?;
    issues(run, out)?;
    findings_of_targets(run, out)?;
    let mut metrics = Metrics::new(run);
    // Of a target that is written twice the worse look is told.
    for endpoint in run.endpoints_worst_first() {
        metrics.endpoint(&endpoint?)?;
    }
    metrics.copy_to(out)?;
    writeln!(out, "# {}", headline(run.tail))
}

fn round(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Closed { expected, attempted, checked, accepted, summary, .. } = run.tail;
    let seconds = |time: Time| time.millis() as f64 / 1000.0;
    for (name, help, value) in [
        ("complete", "Whether every endpoint has a verdict", f64::from(run.tail.complete())),
        ("expected", "Endpoints that the inventory gave", *expected as f64),
        ("attempted", "Endpoints with a verdict", *attempted as f64),
        ("checked", "Endpoints whose dates and names were read", *checked as f64),
        ("accepted", "Findings that somebody accepted for a time", *accepted as f64),
        ("started_timestamp_seconds", "When the round began", seconds(run.head.started_at)),
        ("finished_timestamp_seconds", "When the round ended", seconds(run.tail.finished_at)),
        ("bound_seconds", "No round takes longer", run.tail.bound.as_secs_f64()),
    ] {
        let name = format!("certvigil_round_{name}");
        family(&name, help, out)?;
        writeln!(out, "{name} {value}")?;
    }
    if let Some(ends) = run.tail.accepted_until {
        let name = "certvigil_round_acceptance_ends_timestamp_seconds";
        family(name, "When the first acceptance ends", out)?;
        writeln!(out, "{name} {}", seconds(ends))?;
    }
    let name = "certvigil_round_endpoints";
    family(name, "Endpoints by verdict", out)?;
    for (verdict, count) in [
        ("ok", summary.ok),
        ("warning", summary.warning),
        ("critical", summary.critical),
        ("unknown", summary.unknown),
    ] {
        writeln!(out, "{name}{{verdict=\"{verdict}\"}} {count}")?;
    }
    Ok(())
}

/// What was done about issues, counted.
fn issues(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(acted) = &run.tail.acted else { return Ok(()) };
    let name = "certvigil_issues";
    family(name, "Issues by what came of them in this run", out)?;
    for state in IssueState::ALL {
        writeln!(out, "{name}{{state=\"{}\"}} {}", state.name(), acted.count(state))?;
    }
    let name = "certvigil_issues_proven";
    family(name, "Whether all who should be told of an issue are known to be", out)?;
    writeln!(out, "{name} {}", u8::from(acted.is_proven()))
}

/// What is said of targets and of the round, counted: there are no more samples than rules.
fn findings_of_targets(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut counts = BTreeMap::new();
    for said in run.said() {
        *counts.entry(Key::from(&said?.finding)).or_insert(0_u64) += 1;
    }
    let name = "certvigil_round_findings";
    family(name, "Findings about targets and about the round itself", out)?;
    counts.iter().try_for_each(|(key, count)| writeln!(out, "{name}{{{key}}} {count}"))
}

/// What findings are counted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    id: String,
    severity: &'static str,
    is_accepted: bool,
}

impl From<&Finding> for Key {
    fn from(finding: &Finding) -> Self {
        let is_accepted = finding.accepted.is_some();
        Self { id: finding.id.clone(), severity: finding.severity.name(), is_accepted }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, severity, is_accepted } = self;
        let id = Label(id);
        write!(f, "finding=\"{id}\",severity=\"{severity}\",accepted=\"{is_accepted}\"")
    }
}

/// Each metric's samples.
struct Metrics {
    samples: Vec<SpooledTempFile>,
    /// Hashes of the labels that have been told: a series stands once, or a collector refuses all.
    told: HashSet<u64>,
}

/// Metrics with a sample an endpoint, by their place in [`METRICS`].
#[derive(Clone, Copy)]
enum Metric {
    Success,
    Duration,
    EarliestExpiry,
    LastChainExpiry,
    LastChainInfo,
    TlsVersion,
    Verdict,
    Finding,
    NotBefore,
    NotAfter,
}

#[rustfmt::skip]
const METRICS: &[(&str, &str)] = &[
    ("probe_success", "Whether the look brought a certificate chain by a whole handshake"),
    ("probe_duration_seconds", "How long the look took"),
    ("probe_ssl_earliest_cert_expiry", "When the first certificate of the chain sent ends"),
    ("probe_ssl_last_chain_expiry_timestamp_seconds", "When the last path to a trusted root ends"),
    ("probe_ssl_last_chain_info", "The end entity certificate"),
    ("probe_tls_version_info", "The TLS version agreed on"),
    ("certvigil_endpoint_verdict", "1 for the verdict that the endpoint has"),
    ("certvigil_endpoint_findings", "Findings of the endpoint"),
    ("certvigil_certificate_not_before_timestamp_seconds", "Begin of the end entity certificate"),
    ("certvigil_certificate_not_after_timestamp_seconds", "End of the end entity certificate"),
];

impl Metrics {
    fn new(run: &Run<'_>) -> Self {
        let samples = METRICS.iter().map(|_| run.scratch(IN_MEMORY)).collect();
        Self { samples, told: HashSet::new() }
    }

    fn endpoint(&mut self, endpoint: &Endpoint) -> io::Result<()> {
        let labels = labels(endpoint);
        let mut hasher = DefaultHasher::new();
        labels.hash(&mut hasher);
        if !self.told.insert(hasher.finish()) {
            return Ok(());
        }
        let is_success = endpoint.outcome == Outcome::Captured;
        self.add(Metric::Success, &labels, f64::from(is_success))?;
        self.add(Metric::Duration, &labels, endpoint.elapsed_ms / 1000.0)?;
        let verdict = format!("{labels},verdict=\"{}\"", endpoint.verdict.name());
        self.add(Metric::Verdict, &verdict, 1.0)?;
        self.findings(endpoint, &labels)?;
        if let Some(tls) = endpoint.presented.first().and_then(|first| first.tls.as_ref()) {
            let version = format!("{labels},version=\"TLS {}\"", Label(&tls.version));
            self.add(Metric::TlsVersion, &version, 1.0)?;
        }
        let earliest = endpoint.presented_chain.iter().filter_map(|one| one.not_after).min();
        self.add_time(Metric::EarliestExpiry, &labels, earliest)?;
        let is_trusted = endpoint.trust.iter().any(|trust| trust.decides && trust.trusted);
        let last_chain = endpoint.effective_expiry.filter(|_| is_trusted);
        self.add_time(Metric::LastChainExpiry, &labels, last_chain)?;
        if let Some(end_entity) = &endpoint.end_entity {
            self.add(Metric::LastChainInfo, &format!("{labels},{}", info(end_entity)), 1.0)?;
            self.add_time(Metric::NotBefore, &labels, end_entity.not_before)?;
            self.add_time(Metric::NotAfter, &labels, end_entity.not_after)?;
        }
        Ok(())
    }

    /// Two certificates of one endpoint may have the same: a series stands once.
    fn findings(&mut self, endpoint: &Endpoint, labels: &str) -> io::Result<()> {
        let mut counts = BTreeMap::new();
        for finding in &endpoint.findings {
            *counts.entry(Key::from(finding)).or_insert(0_u32) += 1;
        }
        for (key, count) in counts {
            self.add(Metric::Finding, &format!("{labels},{key}"), f64::from(count))?;
        }
        Ok(())
    }

    fn add_time(&mut self, metric: Metric, labels: &str, time: Option<Time>) -> io::Result<()> {
        time.map_or(Ok(()), |time| self.add(metric, labels, time.seconds() as f64))
    }

    fn add(&mut self, metric: Metric, labels: &str, value: f64) -> io::Result<()> {
        let place = metric as usize;
        writeln!(self.samples[place], "{}{{{labels}}} {value}", METRICS[place].0)
    }

    fn copy_to(self, out: &mut dyn Write) -> io::Result<()> {
        for ((name, help), mut samples) in METRICS.iter().zip(self.samples) {
            family(name, help, out)?;
            samples.rewind()?;
            io::copy(&mut samples, out)?;
        }
        Ok(())
    }
}

fn family(name: &str, help: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge")
}

/// What tells an endpoint from all others, and whom it belongs to.
fn labels(endpoint: &Endpoint) -> String {
    let address = endpoint.address.as_deref().unwrap_or_default();
    let owner = endpoint.owner.as_deref().unwrap_or_default();
    format!(
        "endpoint=\"{}\",target=\"{}\",instance=\"{}\",service=\"{}\",owner=\"{}\"",
        endpoint.id,
        Label(&named(&endpoint.targets)),
        Label(address),
        endpoint.service.name(),
        Label(owner)
    )
}

/// The labels that blackbox_exporter gives the certificate.
fn info(certificate: &Certificate) -> String {
    let shown = |name: &Option<certvigil_model::Foreign>| {
        name.as_ref().map(|name| name.shown().to_string()).unwrap_or_default()
    };
    let names = certificate.subject_alt_name.iter().flatten().take(NAMES);
    let names: Vec<_> = names.map(|name| name.shown().to_string()).collect();
    format!(
        "fingerprint_sha256=\"{}\",subject=\"{}\",issuer=\"{}\",subjectalternative=\"{}\",\
         serialnumber=\"{}\"",
        certificate.sha256,
        Label(&shown(&certificate.subject)),
        Label(&shown(&certificate.issuer)),
        Label(&names.join(",")),
        certificate.serial_number.as_deref().unwrap_or_default()
    )
}

/// A label's value: backslash, quote and line feed are escaped.
struct Label<'a>(&'a str);

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in inert(self.0, "").chars() {
            match c {
                '\\' | '"' => write!(f, "\\{c}")?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

/// Names of a certificate in its label.
const NAMES: usize = 10;
/// Samples of one metric that stay in memory.
const IN_MEMORY: usize = 512 << 10;
