//! `certvigil config`: what a config says, and what one may say.

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use certvigil_doors::SystemClock;
use certvigil_engine::act::{self, ACT_WITHIN};
use certvigil_engine::config::{self, FilesFor, NamedFiles, Refused};
use certvigil_engine::{TrustStore, load_trust};
use certvigil_model::{Clock as _, Time};
use certvigil_probe::{ClientCertificates, Prober};

use crate::arguments::Config;
use crate::check::{TOOL, client_certificate};
use crate::words;

/// Returns the exit code: 0 it can be used, 2 it cannot.
pub(crate) fn run(asked: &Config) -> anyhow::Result<u8> {
    let text = match asked {
        Config::Check { file, config, ask } => {
            let file = config.as_ref().unwrap_or(file);
            match load(file, SystemClock.wall()) {
                Some(config) if opens(&config) && (!ask || answers(&config, file)) => {
                    format!("{}: {}\n", file.display(), config.summary())
                }
                _ => return Ok(crate::WE_FAILED),
            }
        }
        Config::Example => config::example(),
        Config::Schema => format!("{:#}\n", config::schema()),
    };
    io::stdout().lock().write_all(text.as_bytes()).context("it cannot be written")?;
    Ok(0)
}

/// Whether all files that a round would open can be used; what is wrong with any has been told.
fn opens(config: &config::Config) -> bool {
    let mut all = true;
    for NamedFiles { place, what } in &config.files {
        let opened = match what {
            FilesFor::Trust(store) => trust(store),
            FilesFor::Client { certificate, key } => client(certificate, key),
        };
        if let Err(error) = opened {
            words::tell_fault(&format!("{place}: {error:#}"), None);
            all = false;
        }
    }
    all
}

/// Whether the store opens and every tracker has all that we need; what is lacking has been told.
fn answers(config: &config::Config, file: &Path) -> bool {
    let about = (TOOL, Some(file));
    let mut actor = match act::open(config, None, about, "command", Arc::new(SystemClock)) {
        Ok(actor) => actor,
        Err(error) => {
            words::tell_fault(&format!("{:#}", anyhow::Error::from(error)), None);
            return false;
        }
    };
    let lacking = actor.examine(SystemClock.monotonic() + ACT_WITHIN);
    lacking.iter().for_each(|heard| words::tell_fault(&heard.text, None));
    lacking.is_empty()
}

fn trust(store: &TrustStore) -> anyhow::Result<()> {
    let (_, warnings) = load_trust(std::slice::from_ref(store))?;
    warnings.into_iter().for_each(|warning| words::warn(&anyhow::Error::from(warning)));
    Ok(())
}

/// That the two belong together is known to whoever would show them.
fn client(certificate: &Path, key: &Path) -> anyhow::Result<()> {
    let for_all = Some(client_certificate(certificate, key)?);
    let clients = ClientCertificates { for_all, others: Vec::new() };
    let how = certvigil_probe::Settings {
        connect_timeout: Duration::ZERO,
        second_certificate: false,
        ehlo_name: None,
    };
    Prober::new(how, clients, Arc::new(SystemClock))
        .map(drop)
        .with_context(|| format!("{} is not used", certificate.display()))
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
