//! `certvigil check`: builds what was typed, runs the round, says how it came out.

use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use certvigil_doors::{SystemClock, limits, random_id};
use certvigil_engine::act::{CLOCKS_WITHIN, OthersClocks};
use certvigil_engine::config::{Config, thresholds_of};
use certvigil_engine::{Checked, Off, Round, Settings, TrustStore, load_trust, reader_pool};
use certvigil_inventory::{Defaults, Group, Listed, Source, shuffled};
use certvigil_model::{Answer, Clock, FailOn, Origin, Policy, Time};
use certvigil_probe::{ClientCertificate, ClientCertificates};
use certvigil_report::{Format, Opened};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::acting::Acting;
use crate::arguments::{Check, Output, Span};
use crate::outputs::Outputs;
use crate::progress::Shown;
use crate::{WE_FAILED, config, signals, words};

/// Returns the exit code.
pub(crate) fn run(check: &Check) -> anyhow::Result<u8> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let Some(mut config) = config(check, clock.wall()) else { return Ok(WE_FAILED) };
    config.inventory.resolve.clone_from(&check.resolve);
    config.inventory.last_word = policy(check)?;
    config.inventory.groups.push(typed_group(check)?);
    let repeats = config.inventory.repeats();
    let targets = || config.inventory.listed(&repeats);
    let count = targets().count();
    anyhow::ensure!(count > 0, "there is nothing to look at: the list of targets is empty");
    let settings = settings(check, &config)?;
    let mut acting = check.act.then(|| Acting::open(check, &config, &clock)).transpose()?;
    if check.bound {
        let telling = acting.map(|acting| acting.limit).unwrap_or_default();
        return print_bound(settings, targets(), telling, clock);
    }
    let off = match &mut acting {
        Some(acting) => acting.ask_clocks(),
        None => clock_off(&config, &clock),
    };
    let settings = Settings { off, ..settings };
    let seed = clock.wall().millis().unsigned_abs();
    let mixed = shuffled(targets(), seed);
    let fail_on = check.fail_on.or(config.check.fail_on).unwrap_or(FailOn::Warning);
    let plan = Plan { check, fail_on, count, clock: &clock };
    let checked = round(&plan, settings, targets(), mixed, acting.as_mut())?;
    Ok(checked.exit_code(fail_on))
}

/// How far off our clock is, where the config names time servers and two agree against it.
fn clock_off(config: &Config, clock: &Arc<dyn Clock>) -> Option<Off> {
    let off = OthersClocks::new(Vec::new(), config.clock.ntp.clone())
        .ask(None, clock.monotonic() + CLOCKS_WITHIN)?;
    words::tell_fault(&off.words(), None);
    Some(off)
}

/// What the config says; nothing where none is named. None when it cannot be used, and that has
/// been told.
fn config(check: &Check, now: Time) -> Option<Config> {
    match &check.config {
        Some(file) => config::load(file, now),
        None => Some(Config::default()),
    }
}

/// For whoever sets a job's time limit: whole seconds, rounded up. Nothing is looked at.
fn print_bound(
    settings: Settings,
    targets: impl Iterator<Item = Listed>,
    telling: Duration,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<u8> {
    let round = Round::new(settings, reader_pool(Arc::clone(&clock))?, clock)?;
    let bound = round.bound(targets) + telling;
    writeln!(io::stdout(), "{}s", bound.as_secs_f64().ceil())?;
    Ok(0)
}

/// What does not change over a round.
struct Plan<'a> {
    check: &'a Check,
    fail_on: FailOn,
    count: usize,
    clock: &'a Arc<dyn Clock>,
}

fn round(
    plan: &Plan<'_>,
    settings: Settings,
    in_order: impl Iterator<Item = Listed>,
    targets: impl Iterator<Item = Listed>,
    acting: Option<&mut Acting<'_>>,
) -> anyhow::Result<Checked> {
    let Plan { check, fail_on, count, clock } = *plan;
    let profiles = settings.profiles.iter().map(|profile| profile.name().to_owned()).collect();
    let round = Round::new(settings, reader_pool(Arc::clone(clock))?, Arc::clone(clock))?;
    let bound = round.bound(in_order);
    let opened = Opened {
        fail_on,
        accept_until: accept_until(check, clock.wall())?,
        ..opened(clock.wall(), profiles, count, bound, check.at)
    };
    let (mut reports, files) = Outputs::open(&check.formats, &opened)?.split();
    let wanted = !check.no_progress && !streams_to_terminal(&check.formats);
    if wanted {
        words::tell(&announced(count, bound, acting.as_deref()));
    }
    signals::stop_on_signal(round.stopper()).context("signals cannot be listened for")?;
    let mut progress = Shown::new(wanted, count, clock);
    let checked = match acting {
        None => round.run(targets, reports, &mut progress, &mut ())?,
        Some(acting) => {
            // Whoever is typed beside the config may be gone in the next run.
            let is_whole = check.targets.is_empty() && !check.stdin;
            let mut acts = acting.on(opened.id.clone(), opened.started_at, is_whole);
            reports.push(acts.report());
            round.run(targets, reports, &mut progress, &mut acts)?
        }
    };
    files.commit()?;
    Ok(checked)
}

fn announced(count: usize, bound: Duration, acting: Option<&Acting<'_>>) -> String {
    let looking = format!("{count} targets, every verdict within {} s", bound.as_secs());
    match acting {
        None => looking,
        Some(acting) => {
            format!("{looking}, told and read back within {} s more", acting.limit.as_secs())
        }
    }
}

pub(crate) fn opened(
    started_at: Time,
    trust_profiles: Vec<String>,
    targets: usize,
    bound: Duration,
    at: Option<Time>,
) -> Opened {
    let tool = TOOL.to_owned();
    let id = random_id();
    Opened {
        tool,
        id,
        started_at,
        location: None,
        trust_profiles,
        targets,
        bound,
        at,
        fail_on: FailOn::default(),
        accept_until: None,
    }
}

/// Until when a list of acceptances accepts; whoever asks for one says that.
fn accept_until(check: &Check, now: Time) -> anyhow::Result<Option<Time>> {
    let is_asked = check.formats.iter().any(|output| output.format == Format::Accept);
    let Some(until) = check.accept_until else {
        anyhow::ensure!(
            !is_asked,
            "--format accept needs --accept-until: no acceptance is for ever"
        );
        return Ok(None);
    };
    anyhow::ensure!(is_asked, "--accept-until goes with --format accept");
    let days = until.seconds_since(now).div_euclid(86_400);
    anyhow::ensure!(
        (0..=Answer::LONGEST_DAYS).contains(&days),
        "--accept-until must lie between now and {} days ahead",
        Answer::LONGEST_DAYS
    );
    Ok(Some(until))
}

/// Lines that come while the round runs and a progress bar do not share a screen.
fn streams_to_terminal(outputs: &[Output]) -> bool {
    let streams = |output: &Output| output.path.is_none() && output.format == Format::Ndjson;
    io::stdout().is_terminal() && outputs.iter().any(streams)
}

/// The targets that were typed, and those on standard input.
fn typed_group(check: &Check) -> anyhow::Result<Group> {
    let origin = check.origin.as_ref().map(|file| Origin { file: file.clone(), line: 1 });
    let list = Source::list(check.origin.as_deref().unwrap_or("-"), list(check)?);
    Ok(Group {
        names: check.targets.iter().map(|text| (text.clone(), origin.clone())).collect(),
        sources: vec![list],
        defaults: defaults(check),
        ..Group::default()
    })
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

fn defaults(check: &Check) -> Defaults {
    Defaults {
        service: check.service,
        port: None,
        server_name: check.server_name.clone(),
        resolve: check.resolve.clone(),
        without_server_name: check.without_server_name,
        label: None,
    }
}

pub(crate) fn settings(check: &Check, config: &Config) -> anyhow::Result<Settings> {
    let stores = match (&check.trust[..], &config.check.trust[..]) {
        ([], []) => TrustStore::defaults(),
        ([], stores) | (stores, _) => stores.to_vec(),
    };
    let (profiles, warnings) = load_trust(&stores)?;
    for warning in warnings {
        words::warn(&anyhow::Error::from(warning));
    }
    let file = &config.check;
    let usual = Settings::resting_on(profiles);
    let concurrency = check.concurrency.or(file.concurrency).unwrap_or(usual.concurrency);
    let rate = check.rate_per_address.map(|rate| rate.0).or(file.rate_per_address);
    Ok(Settings {
        deadline: typed(check.deadline).or(file.deadline),
        connect_timeout: typed(check.connect_timeout)
            .or(file.connect_timeout)
            .unwrap_or(usual.connect_timeout),
        concurrency: within_descriptors(concurrency)?,
        rate_per_address: rate.unwrap_or(usual.rate_per_address),
        first_address: check.first_address || file.first_address,
        first_certificate: check.first_certificate || file.first_certificate,
        client_certificates: client_certificates(check, config)?,
        ehlo_name: check.ehlo_name.clone().or_else(|| file.ehlo_name.clone()),
        policy: config.inventory.policy.clone().then(&policy(check)?),
        acceptances: config.acceptances.clone().into(),
        at: check.at,
        ..usual
    })
}

fn typed(span: Option<Span>) -> Option<Duration> {
    span.map(|span| span.0)
}

fn policy(check: &Check) -> anyhow::Result<Policy> {
    let thresholds = match (check.warning_left, check.critical_left) {
        (Some(warning), Some(critical)) => {
            let thresholds = thresholds_of(warning.0, critical.0);
            anyhow::ensure!(
                thresholds.is_some(),
                "--critical-left must be shorter than --warning-left: a warning comes first"
            );
            thresholds
        }
        _ => None,
    };
    Ok(Policy { thresholds, adjustments: check.adjustments.clone() })
}

/// Each look needs a descriptor, and the rest of the program a few dozen.
///
/// # Errors
/// Not even the program's own parts can open what they need.
pub(crate) fn within_descriptors(wanted: NonZeroUsize) -> anyhow::Result<NonZeroUsize> {
    let files = limits::raise_open_files();
    anyhow::ensure!(
        files >= FEWEST_FILES,
        "this process may open {files} files at once and needs {FEWEST_FILES}: raise the limit (ulimit -n, LimitNOFILE=)"
    );
    let most = NonZeroUsize::new(files.saturating_sub(64));
    let allowed = wanted.min(most.unwrap_or(NonZeroUsize::MIN));
    if allowed < wanted {
        words::tell(&format!(
            "concurrency lowered from {wanted} to {allowed}: no more files may be open at once"
        ));
    }
    Ok(allowed)
}

/// With fewer the runtime, signals and pipes cannot be had, and libraries below us panic.
const FEWEST_FILES: usize = 16;

/// The certificate that is typed is shown to everybody; else each target's own, or the round's.
fn client_certificates(check: &Check, config: &Config) -> anyhow::Result<ClientCertificates> {
    let read = |(chain, key): (&Path, &Path)| client_certificate(chain, key);
    let of_file = |(chain, key): &(PathBuf, PathBuf)| client_certificate(chain, key);
    if let Some(typed) = check.client_certificate.as_deref().zip(check.client_key.as_deref()) {
        return Ok(ClientCertificates { for_all: Some(read(typed)?), others: Vec::new() });
    }
    Ok(ClientCertificates {
        for_all: config.check.client.as_ref().map(of_file).transpose()?,
        others: config.clients.iter().map(of_file).collect::<Result<_, _>>()?,
    })
}

pub(crate) fn client_certificate(chain: &Path, key: &Path) -> anyhow::Result<ClientCertificate> {
    let cannot = |what: &str, file: &Path| {
        format!("the client {what} {} cannot be read as PEM", file.display())
    };
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| cannot("certificate", chain))?;
    anyhow::ensure!(!certificates.is_empty(), "{} holds no certificate", chain.display());
    let key = PrivateKeyDer::from_pem_file(key).with_context(|| cannot("key", key))?;
    Ok(ClientCertificate { chain: certificates, key })
}

/// Longest list that standard input may hold.
const LIST_LIMIT: u64 = 256 << 20;

/// What reports and issues call this program.
pub(crate) const TOOL: &str = concat!("certvigil ", env!("CARGO_PKG_VERSION"));
