//! `certvigil inspect`: what is in files.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Read as _};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use certvigil_doors::{Secret, SecretReference, SystemClock, env};
use certvigil_engine::{Examined, inspect, reader_pool};
use certvigil_model::Clock;
use certvigil_report::open_inspect;
use indicatif::ProgressBar;

use crate::arguments::Inspect;
use crate::{terminal, words};

/// Returns the exit code: 0 all well-formed, 1 something is not, 2 we failed to read something.
pub(crate) fn run(arguments: &Inspect) -> anyhow::Result<u8> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let password = password(arguments)?;
    let mut paths = arguments.files.clone();
    if let Some(list) = &arguments.files_from {
        paths.extend(listed(list)?);
    }
    anyhow::ensure!(!paths.is_empty(), "there is nothing to read: the list of files is empty");
    let out = Box::new(io::stdout());
    let wording = open_inspect(arguments.format, out, terminal::style(), clock.wall())?;
    let bar = bar(arguments, paths.len());
    let pool = reader_pool(clock)?;
    let examined = inspect(paths, password.as_ref(), pool, wording, |examined| {
        bar.set_length(bar.length().unwrap_or(0).max(examined.files));
        bar.set_position(examined.files);
    })?;
    bar.finish_and_clear();
    Ok(exit_code(&examined))
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
