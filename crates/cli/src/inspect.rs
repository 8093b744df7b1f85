//! `certvigil inspect`: what is in files and what endpoints show, whole.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Read as _};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use certvigil_doors::{Secret, SecretReference, SystemClock, env};
use certvigil_engine::{Examined, Settings, TrustStore, inspect, load_trust, portray, reader_pool};
use certvigil_inventory::{Defaults, Listed, parse};
use certvigil_model::{Clock, FailOn};
use certvigil_report::{Inspection, open_inspect};
use indicatif::ProgressBar;

use crate::arguments::Inspect;
use crate::{terminal, words};

/// Returns the exit code: 0 nothing wrong, 1 something is, 2 we failed to read something.
pub(crate) fn run(arguments: &Inspect) -> anyhow::Result<u8> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (mut files, targets) = sorted(arguments);
    if let Some(list) = &arguments.files_from {
        files.extend(listed(list)?);
    }
    let is_empty = files.is_empty() && targets.is_empty();
    anyhow::ensure!(!is_empty, "there is nothing to read: the list of files is empty");
    let now = arguments.at.unwrap_or_else(|| clock.wall());
    let out = Box::new(io::stdout());
    let mut wording = open_inspect(arguments.format, out, terminal::style(), now)?;
    let mut code = 0;
    if !files.is_empty() {
        code = code.max(read(arguments, files, &clock, &mut *wording)?);
    }
    if !targets.is_empty() {
        code = code.max(look(arguments, targets, &clock, &mut *wording)?);
    }
    wording.finish().context("the report cannot be written")?;
    Ok(code)
}

fn read(
    arguments: &Inspect,
    files: Vec<PathBuf>,
    clock: &Arc<dyn Clock>,
    wording: &mut dyn Inspection,
) -> anyhow::Result<u8> {
    let password = password(arguments)?;
    let bar = bar(arguments, files.len());
    let pool = reader_pool(Arc::clone(clock))?;
    let examined = inspect(files, password.as_ref(), pool, wording, |examined| {
        bar.set_length(bar.length().unwrap_or(0).max(examined.files));
        bar.set_position(examined.files);
    })?;
    bar.finish_and_clear();
    Ok(exit_code(&examined))
}

fn look(
    arguments: &Inspect,
    targets: Vec<Listed>,
    clock: &Arc<dyn Clock>,
    wording: &mut dyn Inspection,
) -> anyhow::Result<u8> {
    let pool = reader_pool(Arc::clone(clock))?;
    let checked = portray(targets, settings(arguments)?, pool, Arc::clone(clock), wording)?;
    Ok(checked.exit_code(FailOn::Warning))
}

fn settings(arguments: &Inspect) -> anyhow::Result<Settings> {
    let stores =
        if arguments.trust.is_empty() { TrustStore::defaults() } else { arguments.trust.clone() };
    let (profiles, warnings) = load_trust(&stores)?;
    for warning in warnings {
        words::warn(&anyhow::Error::from(warning));
    }
    Ok(Settings {
        deadline: arguments.deadline.map(|span| span.0),
        connect_timeout: arguments.deadline.map_or(Duration::from_secs(3), |span| span.0 / 3),
        at: arguments.at,
        ..Settings::resting_on(profiles)
    })
}

/// Files apart from targets.
fn sorted(arguments: &Inspect) -> (Vec<PathBuf>, Vec<Listed>) {
    let defaults = Defaults {
        service: arguments.service,
        server_name: arguments.server_name.clone(),
        resolve: arguments.resolve.clone(),
        ..Defaults::default()
    };
    let (mut files, mut targets) = (Vec::new(), Vec::new());
    for thing in &arguments.things {
        match thing.to_str().filter(|text| !is_file(thing, text)) {
            Some(text) => targets.push(parse(text, None, &defaults)),
            None => files.push(thing.clone()),
        }
    }
    (files, targets)
}

/// Whether it is there, or is written as only a file is: who mistypes one is told that it is
/// missing, not that a host of that name is.
fn is_file(path: &Path, text: &str) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let is_named_so = ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending));
    let has_folder = text.trim_end_matches('/').contains('/');
    path.exists() || (!text.contains("://") && (has_folder || is_named_so))
}

fn exit_code(examined: &Examined) -> u8 {
    if examined.failed > 0 {
        words::tell(&format!("{} could not be read, see there", examined.failed));
    }
    match examined {
        Examined { failed: 1.., .. } => 2,
        Examined { flawed: 1.., .. } => 1,
        Examined { .. } => 0,
    }
}

fn password(arguments: &Inspect) -> anyhow::Result<Option<Secret>> {
    let Some(text) = &arguments.password else { return Ok(None) };
    let reference: SecretReference = text.parse()?;
    Ok(Some(reference.read().context("the password cannot be had")?))
}

/// A bar where nothing else is written to the terminal.
fn bar(arguments: &Inspect, files: usize) -> ProgressBar {
    let shown = !arguments.no_progress
        && env::read(env::CI).is_none()
        && io::stderr().is_terminal()
        && !io::stdout().is_terminal();
    if shown { ProgressBar::new(files as u64) } else { ProgressBar::hidden() }
}

/// The paths in `list`, one a line; `-` is standard input.
fn listed(list: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let bytes = if list == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(list)
    };
    let bytes = bytes.with_context(|| format!("the list {} cannot be read", list.display()))?;
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    Ok(lines.map(|line| PathBuf::from(OsString::from_vec(line.to_vec()))).collect())
}

/// What files with certificates are called; none of it is a top-level domain.
const ENDINGS: &[&str] = &[
    "cer",
    "crt",
    "der",
    "jceks",
    "jks",
    "key",
    "keystore",
    "p12",
    "p7b",
    "p7c",
    "pem",
    "pfx",
    "truststore",
];
