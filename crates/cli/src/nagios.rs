//! `certvigil nagios`: one host, in the manners of a monitoring plugin.

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use certvigil_doors::SystemClock;
use certvigil_engine::{Round, Settings, TrustSource, TrustStore, load_trust, reader_pool};
use certvigil_inventory::{Defaults, parse};
use certvigil_model::{Adjustment, Clock, Foreign, Policy, Severity, Thresholds};
use certvigil_report::plugin::{Checked, Printed, State, word};
use certvigil_report::{Closed, EndpointLine, Report, TargetFinding};

use crate::arguments::nagios::{Certificate, Days, Nagios, REFUSED};
use crate::progress::Shown;
use crate::{check, signals};

/// Returns the plugin's exit code.
pub(crate) fn run(nagios: &Nagios) -> u8 {
    print(&looked(nagios).unwrap_or_else(|error| {
        let causes: Vec<_> = error.chain().map(ToString::to_string).collect();
        unknown(causes.join(": "), Vec::new())
    }))
}

/// What cannot be read as arguments is a plugin's UNKNOWN, and so is its help: nothing was looked at.
pub(crate) fn refuse(error: &clap::Error) -> u8 {
    if !error.use_stderr() {
        let _ = error.print();
        return State::Unknown.exit_code();
    }
    // A monitor shows these lines in a page, where brackets are not.
    let text = error.render().to_string().replace(['<', '>'], "");
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    let rest = if first.ends_with(':') { lines.next() } else { None };
    let first = [Some(first), rest].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let why = REFUSED.iter().find(|(flag, _)| first.contains(&format!("'{flag}'")));
    let why = why.map(|(_, why)| format!(": {why}")).unwrap_or_default();
    print(&unknown(format!("{first}{why}"), lines.map(str::to_owned).collect()))
}

fn unknown(status: String, more: Vec<String>) -> Printed {
    Printed { state: State::Unknown, status, measured: Vec::new(), more }
}

fn print(printed: &Printed) -> u8 {
    match write!(io::stdout(), "{printed}") {
        Ok(()) => printed.state.exit_code(),
        // What nobody could read was not OK.
        Err(_) => State::Unknown.exit_code(),
    }
}

fn looked(nagios: &Nagios) -> anyhow::Result<Printed> {
    let thresholds = thresholds(nagios)?;
    let targets = targets(nagios)?;
    let seen = Seen::default();
    let we_failed = round(nagios, &targets, thresholds, seen.clone())?;
    let seen = std::mem::take(&mut *seen.0.lock().unwrap_or_else(PoisonError::into_inner));
    let closed = seen.closed.context("the round came to no end")?;
    let lines: Vec<_> = seen.lines.into_iter().map(|line| allowing(nagios, line)).collect();
    let mut printed = word(&Checked {
        target: &targets.join(", "),
        lines: &lines,
        said: &seen.said,
        closed: &closed,
        thresholds,
    });
    if we_failed {
        printed.state = printed.state.max(State::Unknown);
    }
    if nagios.no_perf {
        printed.measured.clear();
    }
    Ok(printed)
}

/// Looks, and tells whether it is we who failed.
fn round(
    nagios: &Nagios,
    targets: &[String],
    thresholds: Option<Thresholds>,
    seen: Seen,
) -> anyhow::Result<bool> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let settings = settings(nagios, thresholds)?;
    let round = Round::new(settings, reader_pool(Arc::clone(&clock))?, clock)?;
    signals::stop_on_signal(round.stopper()).context("signals cannot be listened for")?;
    let defaults = Defaults::default();
    let targets = targets.iter().map(|target| {
        let mut listed = parse(target, None, &defaults);
        if let Ok(target) = &mut listed.target {
            target.options.families = families(nagios);
        }
        listed
    });
    let checked = round.run(targets, vec![Box::new(seen)], &mut Shown::Nothing, &mut ())?;
    Ok(checked.we_failed)
}

/// The families that were asked for; none: all that this machine can route.
fn families(nagios: &Nagios) -> Vec<u8> {
    let asked = [(nagios.only_v4, 4), (nagios.only_v6, 6)];
    asked.into_iter().filter_map(|(is_asked, family)| is_asked.then_some(family)).collect()
}

/// The lines of an inventory that say the same, one for each name: each must be served.
fn targets(nagios: &Nagios) -> anyhow::Result<Vec<String>> {
    let dialled = nagios.address.as_ref().or(nagios.host.as_ref());
    let dialled = dialled.context("name a host: -H HOST")?;
    let names = names(nagios);
    for word in names.iter().copied().chain([dialled.as_str()]) {
        let has_port = word.contains(':') && word.parse::<Ipv6Addr>().is_err();
        anyhow::ensure!(
            !word.is_empty() && !word.contains(is_odd_in_a_host) && !has_port,
            "{} is no host: write a name or an address, the port behind -p",
            Foreign::new(word).shown()
        );
    }
    let host = if dialled.contains(':') { format!("[{dialled}]") } else { dialled.clone() };
    let port = nagios.port.map(|port| format!(":{port}")).unwrap_or_default();
    let place = format!("{}://{host}{port}", nagios.protocol);
    let named = |name: &&str| match *name == dialled {
        true => place.clone(),
        false => format!("{place}#{name}"),
    };
    Ok(if names.is_empty() { vec![place] } else { names.iter().map(named).collect() })
}

const fn is_odd_in_a_host(c: char) -> bool {
    matches!(c, '/' | '#' | '@' | '?' | '[' | ']') || c.is_ascii_whitespace()
}

/// The names to send and to match. An address that is connected to is one only where nothing else is.
fn names(nagios: &Nagios) -> Vec<&str> {
    let host = nagios.host.as_deref();
    let host = host.filter(|host| nagios.address.is_some() || host.parse::<IpAddr>().is_err());
    let sent = nagios.sni.as_ref().and_then(Option::as_deref);
    let mut names: Vec<_> = Vec::new();
    for name in host.into_iter().chain(sent).chain(nagios.names.iter().map(String::as_str)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// As the plugins count: check_ssl_cert's 20 and 15 stand in for the one of -w and -c that is not
/// given, and check_http's -C means whole days, so that 20 and a half are still 20.
fn thresholds(nagios: &Nagios) -> anyhow::Result<Option<Thresholds>> {
    let (warning, critical) = match (&nagios.certificate, nagios.warning, nagios.critical) {
        (Some(Certificate::Days(..)), Some(_), _) | (Some(Certificate::Days(..)), _, Some(_)) => {
            anyhow::bail!(
                "-w and -c are days here, as those behind -C are: give the one or the other"
            )
        }
        (Some(Certificate::Days(warning, critical)), None, None) => {
            (Days::whole(warning + 1), Days::whole(if *critical == 0 { 0 } else { critical + 1 }))
        }
        (_, None, None) => return Ok(None),
        (_, warning, critical) => {
            (warning.unwrap_or(Days::whole(20)), critical.unwrap_or(Days::whole(15)))
        }
    };
    anyhow::ensure!(
        critical.seconds < warning.seconds,
        "critical must be fewer days than warning: a warning comes first"
    );
    Ok(Some(Thresholds { warning_seconds: warning.seconds, critical_seconds: critical.seconds }))
}

fn settings(nagios: &Nagios, thresholds: Option<Thresholds>) -> anyhow::Result<Settings> {
    let stores = nagios.rootcert.as_deref().map_or_else(TrustStore::defaults, |file| {
        vec![TrustStore {
            name: "rootcert".into(),
            source: TrustSource::Files(vec![file.into()]),
            decides: true,
        }]
    });
    let (profiles, _) = load_trust(&stores)?;
    let deadline = deadline(nagios.timeout);
    Ok(Settings {
        deadline: Some(deadline),
        connect_timeout: deadline,
        rate_per_address: NonZeroU32::MAX,
        client_certificates: certvigil_probe::ClientCertificates {
            for_all: client_certificate(nagios)?,
            ..Default::default()
        },
        policy: Policy { thresholds, adjustments: adjustments(nagios) },
        ..Settings::resting_on(profiles)
    })
}

/// The round has a second beyond its looks' deadline; all of it fits into the time given.
fn deadline(timeout: u16) -> Duration {
    let timeout = Duration::from_secs(timeout.into());
    timeout.saturating_sub(Duration::from_secs(1)).max(timeout / 2)
}

fn adjustments(nagios: &Nagios) -> Vec<Adjustment> {
    let lowered = if nagios.noauth { TRUST_ALONE } else { &[] };
    let adjusted = lowered.iter().map(|id| Adjustment {
        finding: (*id).to_owned(),
        severity: Some(Severity::Info),
        reason: "-A: whether it is trusted was not asked".to_owned(),
    });
    adjusted.collect()
}

/// With -s, nobody need trust a certificate that signed itself.
fn allowing(nagios: &Nagios, mut line: EndpointLine) -> EndpointLine {
    let findings = &mut line.judgement.findings;
    let signed_itself = findings.iter().filter(|finding| finding.id == "self-signed");
    let own: Vec<_> = signed_itself.map(|finding| finding.certificate).collect();
    let excused = findings.iter_mut().filter(|finding| {
        nagios.selfsigned && finding.id == "untrusted" && own.contains(&finding.certificate)
    });
    excused.for_each(|finding| finding.severity = Severity::Info);
    line
}

fn client_certificate(
    nagios: &Nagios,
) -> anyhow::Result<Option<certvigil_probe::ClientCertificate>> {
    let chain: Option<&PathBuf> = match &nagios.certificate {
        Some(Certificate::File(file)) => Some(file),
        _ => nagios.client_certificate.as_ref(),
    };
    let key = nagios.client_key.as_ref();
    anyhow::ensure!(chain.is_some() || key.is_none(), "-K is the key of a certificate: -J FILE");
    let chain: Option<&Path> = chain.map(PathBuf::as_path);
    chain
        .map(|chain| check::client_certificate(chain, key.map_or(chain, PathBuf::as_path)))
        .transpose()
}

/// What the round said.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    lines: Vec<EndpointLine>,
    said: Vec<TargetFinding>,
    closed: Option<Closed>,
}

impl Seen {
    fn keep(&self, keep: impl FnOnce(&mut Kept)) -> io::Result<()> {
        keep(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }
}

impl Report for Seen {
    fn endpoint(&mut self, line: &EndpointLine) -> io::Result<()> {
        self.keep(|kept| kept.lines.push(line.clone()))
    }

    fn target(&mut self, said: &TargetFinding) -> io::Result<()> {
        self.keep(|kept| kept.said.push(said.clone()))
    }

    fn finish(self: Box<Self>, closed: &Closed) -> io::Result<()> {
        self.keep(|kept| kept.closed = Some(closed.clone()))
    }
}

/// Findings that say that a certificate is not trusted, and nothing else.
const TRUST_ALONE: &[&str] =
    &["untrusted", "chain-incomplete", "no-common-trust", "path-expires-first"];
