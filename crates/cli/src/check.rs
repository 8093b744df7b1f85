//! `certvigil check`: builds what was typed, runs the round, says how it came out.

use std::io::{self, IsTerminal as _, Read as _};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use certvigil_doors::{SystemClock, limits, random_id};
use certvigil_engine::{Checked, Round, Settings, TrustStore, load_trust, reader_pool};
use certvigil_inventory::{Defaults, Listed, lines, parse, shuffled};
use certvigil_model::{Clock, Policy, Thresholds, Time};
use certvigil_probe::ClientCertificate;
use certvigil_report::{Format, Opened};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::arguments::{Check, Output};
use crate::outputs::Outputs;
use crate::progress::Shown;
use crate::{signals, words};

/// Returns the exit code.
pub(crate) fn run(check: &Check) -> anyhow::Result<u8> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let list = list(check)?;
    let defaults = defaults(check);
    let count = targets(check, &list, &defaults).count();
    anyhow::ensure!(count > 0, "there is nothing to look at: the list of targets is empty");
    let seed = clock.wall().millis().unsigned_abs();
    let in_order = || targets(check, &list, &defaults);
    let mixed = shuffled(in_order(), seed);
    let checked = round(check, settings(check)?, count, in_order(), mixed, &clock)?;
    Ok(checked.exit_code(check.fail_on))
}

fn round(
    check: &Check,
    settings: Settings,
    count: usize,
    in_order: impl Iterator<Item = Listed>,
    targets: impl Iterator<Item = Listed>,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Checked> {
    let profiles = settings.profiles.iter().map(|profile| profile.name().to_owned()).collect();
    let round = Round::new(settings, reader_pool(Arc::clone(clock))?, Arc::clone(clock))?;
    let bound = round.bound(in_order);
    let opened = opened(clock.wall(), profiles, count, bound, check.at);
    let (reports, files) = Outputs::open(&check.formats, &opened)?.split();
    let wanted = !check.no_progress && !streams_to_terminal(&check.formats);
    if wanted {
        words::tell(&format!("{count} targets, every verdict within {} s", bound.as_secs()));
    }
    signals::stop_on_signal(round.stopper()).context("signals cannot be listened for")?;
    let mut progress = Shown::new(wanted, count, clock);
    let checked = round.run(targets, reports, &mut progress)?;
    files.commit()?;
    Ok(checked)
}

pub(crate) fn opened(
    started_at: Time,
    trust_profiles: Vec<String>,
    targets: usize,
    bound: Duration,
    at: Option<Time>,
) -> Opened {
    let tool = concat!("certvigil ", env!("CARGO_PKG_VERSION")).to_owned();
    let id = random_id();
    Opened { tool, id, started_at, location: None, trust_profiles, targets, bound, at }
}

/// Lines that come while the round runs and a progress bar do not share a screen.
fn streams_to_terminal(outputs: &[Output]) -> bool {
    let streams = |output: &Output| output.path.is_none() && output.format == Format::Ndjson;
    io::stdout().is_terminal() && outputs.iter().any(streams)
}

/// The text of standard input, where it was asked for.
fn list(check: &Check) -> anyhow::Result<String> {
    if !check.stdin {
        return Ok(String::new());
    }
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(LIST_LIMIT + 1).read_to_end(&mut bytes);
    read.context("the list on standard input cannot be read")?;
    anyhow::ensure!(
        bytes.len() as u64 <= LIST_LIMIT,
        "the list on standard input is above 256 MiB"
    );
    // The list is all that grows with the number of targets: it is not held twice.
    let lossy =
        |error: std::string::FromUtf8Error| String::from_utf8_lossy(error.as_bytes()).into_owned();
    Ok(String::from_utf8(bytes).unwrap_or_else(lossy))
}

fn targets<'a>(
    check: &'a Check,
    list: &'a str,
    defaults: &'a Defaults,
) -> impl Iterator<Item = Listed> + 'a {
    let typed = check.targets.iter().map(|text| parse(text, None, defaults));
    typed.chain(lines(list, "-", defaults))
}

fn defaults(check: &Check) -> Defaults {
    Defaults {
        service: check.service,
        server_name: check.server_name.clone(),
        resolve: check.resolve.clone(),
        without_server_name: check.without_server_name,
    }
}

fn settings(check: &Check) -> anyhow::Result<Settings> {
    let stores = if check.trust.is_empty() { TrustStore::defaults() } else { check.trust.clone() };
    let (profiles, warnings) = load_trust(&stores)?;
    for warning in warnings {
        words::warn(&anyhow::Error::from(warning));
    }
    Ok(Settings {
        deadline: check.deadline.map(|span| span.0),
        connect_timeout: check.connect_timeout.0,
        concurrency: within_descriptors(check.concurrency),
        rate_per_address: check.rate_per_address.0,
        first_address: check.first_address,
        first_certificate: check.first_certificate,
        client_certificate: client_certificate(check)?,
        profiles: profiles.into(),
        policy: policy(check)?,
        acceptances: Arc::new([]),
        at: check.at,
    })
}

fn policy(check: &Check) -> anyhow::Result<Policy> {
    let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    let thresholds = match (check.warning_left, check.critical_left) {
        (Some(warning), Some(critical)) => {
            anyhow::ensure!(
                critical.0 < warning.0,
                "--critical-left must be shorter than --warning-left: a warning comes first"
            );
            Some(Thresholds {
                warning_seconds: seconds(warning.0),
                critical_seconds: seconds(critical.0),
            })
        }
        _ => None,
    };
    Ok(Policy { thresholds, adjustments: check.adjustments.clone() })
}

/// Each look needs a descriptor, and the rest of the program a few dozen.
pub(crate) fn within_descriptors(wanted: NonZeroUsize) -> NonZeroUsize {
    let most = NonZeroUsize::new(limits::raise_open_files().saturating_sub(64));
    let allowed = wanted.min(most.unwrap_or(NonZeroUsize::MIN));
    if allowed < wanted {
        words::tell(&format!(
            "concurrency lowered from {wanted} to {allowed}: no more files may be open at once"
        ));
    }
    allowed
}

fn client_certificate(check: &Check) -> anyhow::Result<Option<ClientCertificate>> {
    let (Some(chain), Some(key)) = (&check.client_certificate, &check.client_key) else {
        return Ok(None);
    };
    let cannot = |what: &str, file: &Path| {
        format!("the client {what} {} cannot be read as PEM", file.display())
    };
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| cannot("certificate", chain))?;
    anyhow::ensure!(!certificates.is_empty(), "{} holds no certificate", chain.display());
    let key = PrivateKeyDer::from_pem_file(key).with_context(|| cannot("key", key))?;
    Ok(Some(ClientCertificate { chain: certificates, key }))
}

/// Longest list that standard input may hold.
const LIST_LIMIT: u64 = 256 << 20;
