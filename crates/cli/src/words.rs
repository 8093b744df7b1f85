//! What is said to the person at the terminal beside the reports.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use certvigil_model::Foreign;

/// `error: …`, then each cause on a line of its own. Causes may quote files and arguments.
pub(crate) fn tell_error(error: &anyhow::Error) {
    tell_chain("error", AnsiColor::Red.on_default().bold(), error);
}

/// `warning: …` for what does not stop the run.
pub(crate) fn warn(error: &anyhow::Error) {
    tell_chain("warning", AnsiColor::Yellow.on_default().bold(), error);
}

/// `error: …` for one of several, with what to do. Both may quote files.
pub(crate) fn tell_fault(what: &str, hint: Option<&str>) {
    let style = AnsiColor::Red.on_default().bold();
    let mut out = anstream::stderr().lock();
    let _ = writeln!(out, "{style}error:{style:#} {}", Foreign::new(what).shown_within(2000));
    if let Some(hint) = hint {
        let _ = writeln!(out, "  hint: {}", Foreign::new(hint).shown_within(2000));
    }
}

/// `note: …` for what a person should know, and which changes nothing.
pub(crate) fn note(what: &str) {
    let style = AnsiColor::Cyan.on_default().bold();
    let what = Foreign::new(what);
    let _ =
        writeln!(anstream::stderr().lock(), "{style}note:{style:#} {}", what.shown_within(2000));
}

/// A line that is no error, on the standard error stream.
pub(crate) fn tell(line: &str) {
    // Nothing is left to do where even the standard error stream is gone.
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

fn tell_chain(word: &str, style: Style, error: &anyhow::Error) {
    let mut out = anstream::stderr().lock();
    for (position, cause) in error.chain().enumerate() {
        let words = Foreign::new(cause.to_string());
        let words = words.shown_within(2000);
        let _ = match position {
            0 => writeln!(out, "{style}{word}:{style:#} {words}"),
            _ => writeln!(out, "  because {words}"),
        };
    }
}
