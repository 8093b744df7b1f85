//! `certvigil config`: what a config says, and what one may say.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use certvigil_doors::SystemClock;
use certvigil_engine::config::{self, Refused};
use certvigil_model::{Clock as _, Time};

use crate::arguments::Config;
use crate::words;

/// Returns the exit code: 0 it can be used, 2 it cannot.
pub(crate) fn run(asked: &Config) -> anyhow::Result<u8> {
    let text = match asked {
        Config::Check { file } => match load(file, SystemClock.wall()) {
            Some(config) => format!("{}: {}\n", file.display(), config.summary()),
            None => return Ok(crate::WE_FAILED),
        },
        Config::Example => config::example(),
        Config::Schema => format!("{:#}\n", config::schema()),
    };
    io::stdout().lock().write_all(text.as_bytes()).context("it cannot be written")?;
    Ok(0)
}

/// The config in `file`, its notes told; none when all that is wrong with it has been told.
pub(crate) fn load(file: &Path, now: Time) -> Option<config::Config> {
    match config::load(file, now) {
        Ok(config) => {
            config.notes.iter().for_each(|note| words::note(note));
            Some(config)
        }
        Err(Refused(faults)) => {
            for fault in &faults {
                words::tell_fault(&fault.to_string(), fault.hint.as_deref());
            }
            None
        }
    }
}
