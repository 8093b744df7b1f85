//! A program of one's own: an argument array, an empty environment, the message as JSON to read, a deadline.

use std::path::{Path, PathBuf};
use std::time::Instant;

use certvigil_doors::SystemClock;
use certvigil_doors::command::{self, Limits, Program};
use certvigil_model::{ChannelName, Clock as _, Foreign};

use super::settings::{Settings, Unusable};
use super::words::json;
use super::{Channel, Message};
use crate::Trouble;

/// A program.
pub(super) struct Exec {
    name: ChannelName,
    path: PathBuf,
    arguments: Vec<String>,
}

impl Exec {
    pub(super) fn new(settings: Settings) -> Result<Self, Unusable> {
        settings.only(&["command"])?;
        match settings.command.split_first() {
            Some((path, arguments)) if Path::new(path).is_absolute() => {
                Ok(Self { path: path.into(), arguments: arguments.to_vec(), name: settings.name })
            }
            _ => {
                let why = "names no program: write [\"/full/path\", \"argument\"]";
                Err(settings.wrong("command", why))
            }
        }
    }

    fn name(&self) -> String {
        Foreign::new(self.path.to_string_lossy()).shown_within(200).to_string()
    }
}

impl Channel for Exec {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn send(&self, message: &Message, by: Instant) -> Result<(), Trouble> {
        let name = self.name();
        let left = by.saturating_duration_since(SystemClock.monotonic());
        if left.is_zero() {
            return Err(Trouble::NotSent(format!("no time was left to run {name}")));
        }
        let program = Program::new(&self.path, &self.arguments);
        let limits = Limits { deadline: Some(left), output_bytes: SAID };
        let ran = command::run_with(&program, json(message).to_string().as_bytes(), limits);
        let output = ran.map_err(|error| match error {
            error @ command::Error::Start { .. } => Trouble::NotSent(told(&error)),
            error => Trouble::Doubtful(told(&error)),
        })?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = Foreign::new(said.trim()).shown_within(300).to_string();
        let colon = if said.is_empty() { "" } else { ": " };
        let why = format!("{name} ended with {}{colon}{said}", output.status);
        // sysexits(3): what will not work the next time either.
        match output.status.code() {
            Some(64..=66 | 77 | 78) => Err(Trouble::Refused(why)),
            _ => Err(Trouble::Later { after: None, why }),
        }
    }

    fn examine(&self, _by: Instant) -> Result<Vec<String>, Trouble> {
        use std::os::unix::fs::PermissionsExt as _;
        let name = self.name();
        Ok(match self.path.metadata() {
            Ok(file) if !file.is_file() => vec![format!("{name} is no file: look at command")],
            Ok(file) if file.permissions().mode() & 0o111 == 0 => {
                vec![format!("{name} may not be run: chmod +x it")]
            }
            Ok(_) => Vec::new(),
            Err(error) => vec![format!("{name} is not there: {error}")],
        })
    }
}

fn told(error: &command::Error) -> String {
    let source = std::error::Error::source(error).map(|source| format!(": {source}"));
    format!("{error}{}", source.unwrap_or_default())
}

/// Bytes of what it says that are kept.
const SAID: usize = 4096;
