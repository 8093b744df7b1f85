//! How far a round is: a bar on a terminal, a plain line now and then elsewhere.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use certvigil_doors::env;
use certvigil_engine::Progress;
use certvigil_model::Clock;
use certvigil_report::Summary;
use indicatif::{ProgressBar, ProgressStyle};

use crate::words::tell;

/// Shows how far a round is on the standard error stream.
pub(crate) enum Shown {
    /// On a terminal.
    Bar(ProgressBar),
    /// In CI: a line every [`EVERY`].
    Lines { clock: Arc<dyn Clock>, last: Instant, targets: usize },
    /// Not at all.
    Nothing,
}

impl Shown {
    pub(crate) fn new(wanted: bool, targets: usize, clock: &Arc<dyn Clock>) -> Self {
        if !wanted {
            return Self::Nothing;
        }
        if io::stderr().is_terminal() && env::read(env::CI).is_none() {
            let bar = ProgressBar::new(targets as u64);
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len}  {msg}") {
                bar.set_style(style.progress_chars("━╸─"));
            }
            return Self::Bar(bar);
        }
        let clock = Arc::clone(clock);
        let last = clock.monotonic();
        Self::Lines { clock, last, targets }
    }
}

impl Progress for Shown {
    fn moved(&mut self, summary: &Summary) {
        let done = summary.ok + summary.warning + summary.critical + summary.unknown;
        match self {
            Self::Bar(bar) => {
                bar.set_length(bar.length().unwrap_or(0).max(done));
                bar.set_position(done);
                bar.set_message(words(summary));
            }
            Self::Lines { clock, last, targets } => {
                let now = clock.monotonic();
                if now.saturating_duration_since(*last) >= EVERY {
                    *last = now;
                    tell(&format!("{done} of {targets} or more  {}", words(summary)));
                }
            }
            Self::Nothing => {}
        }
    }

    fn over(&mut self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn words(summary: &Summary) -> String {
    let Summary { critical, unknown, warning, .. } = summary;
    format!("{critical} critical, {unknown} unknown, {warning} warning")
}

/// How often a plain line is printed where there is no terminal.
const EVERY: Duration = Duration::from_secs(10);
