//! How a child ended, in plain words.

use std::error::Error;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use certvigil_model::Foreign;

/// How a child died.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Death {
    /// By its own doing: what it read made it.
    Own(String),
    /// By a signal that no reader sends itself.
    Outside(String),
}

impl Death {
    pub(crate) fn words(&self) -> &str {
        let (Self::Own(words) | Self::Outside(words)) = self;
        words
    }
}

/// Why a child died, from its exit status (none when nobody could tell it) and from what its
/// runtime printed last.
pub(crate) fn death(status: Option<ExitStatus>, said: &[u8]) -> Death {
    let said = String::from_utf8_lossy(said);
    if said.contains("has overflowed its stack") {
        return Death::Own("its stack overflowed".to_owned());
    }
    if said.contains("memory allocation of ") {
        return Death::Own("it ran out of memory".to_owned());
    }
    if let Some((_, place)) = said.split_once("panicked at ") {
        return Death::Own(format!("it panicked at {}", line(place)));
    }
    match status.map(|status| (status.signal(), status.code())) {
        Some((Some(signal), _)) => by_signal(signal),
        Some((None, Some(code))) => Death::Own(format!("it ended by itself with exit code {code}")),
        Some((None, None)) | None => Death::Own("it ended in a way that cannot be told".to_owned()),
    }
}

/// A budget of `limit` was used up.
pub(crate) fn stalled(limit: Duration) -> String {
    format!("reader stalled, {}, killed", span(limit))
}

pub(crate) fn crashed(how: &str) -> String {
    format!("reader crashed: {how}")
}

/// Why a child did not begin to read: the reason that it gave, or how it died.
pub(crate) fn start(status: Option<ExitStatus>, said: &[u8]) -> String {
    match line(&String::from_utf8_lossy(said)) {
        reason if reason.is_empty() => death(status, said).words().to_owned(),
        reason => reason,
    }
}

pub(crate) fn not_started(why: &str) -> String {
    format!("no reading process could be started: {why}")
}

/// An error with all its causes.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn span(time: Duration) -> String {
    match time.subsec_millis() {
        0 => format!("{} s", time.as_secs()),
        _ => format!("{} ms", time.as_millis()),
    }
}

/// The first two lines as one, made fit to be shown: a panic's message may quote what was read.
fn line(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().take(2).map(str::trim_end).collect();
    Foreign::new(lines.join(" ")).shown().to_string()
}

fn by_signal(signal: i32) -> Death {
    match OWN_SIGNALS.iter().find(|(number, ..)| *number == signal) {
        Some((_, name, meaning)) => Death::Own(format!("it was ended by {name} ({meaning})")),
        None => Death::Outside(format!("it was killed from outside by signal {signal}")),
    }
}

/// Signals that a process brings upon itself.
const OWN_SIGNALS: &[(i32, &str, &str)] = &[
    (libc::SIGABRT, "SIGABRT", "it gave up"),
    (libc::SIGBUS, "SIGBUS", "memory that is not there"),
    (libc::SIGFPE, "SIGFPE", "impossible arithmetic"),
    (libc::SIGILL, "SIGILL", "an illegal instruction"),
    (libc::SIGSEGV, "SIGSEGV", "memory that is not its own"),
    (libc::SIGSYS, "SIGSYS", "it asked the system for what no reader needs"),
    (libc::SIGTRAP, "SIGTRAP", "a trap"),
    (libc::SIGXFSZ, "SIGXFSZ", "it wrote a file"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn own(words: &str) -> Death {
        Death::Own(words.to_owned())
    }

    #[test]
    fn every_end_has_its_words() {
        let signal = |number| Some(ExitStatus::from_raw(number));
        let code = |number: i32| Some(ExitStatus::from_raw(number << 8));
        for (status, said, want) in [
            (
                signal(libc::SIGABRT),
                "\nthread 'reader' (7) has overflowed its stack\nfatal runtime error: …",
                own("its stack overflowed"),
            ),
            (
                signal(libc::SIGABRT),
                "memory allocation of 8589934592 bytes failed\n",
                own("it ran out of memory"),
            ),
            (
                signal(libc::SIGABRT),
                "\nthread 'reader' panicked at src/der.rs:7:9:\nno \u{1b}[31m\nnote: run with",
                own("it panicked at src/der.rs:7:9: no \\u{1b}[31m"),
            ),
            (signal(libc::SIGABRT), "", own("it was ended by SIGABRT (it gave up)")),
            (code(3), "", own("it ended by itself with exit code 3")),
            (
                signal(libc::SIGKILL),
                "",
                Death::Outside("it was killed from outside by signal 9".to_owned()),
            ),
            (None, "", own("it ended in a way that cannot be told")),
        ] {
            assert_eq!(death(status, said.as_bytes()), want);
        }
    }

    #[test]
    fn spans_have_their_unit() {
        assert_eq!(stalled(Duration::from_millis(100)), "reader stalled, 100 ms, killed");
        assert_eq!(stalled(Duration::from_secs(2)), "reader stalled, 2 s, killed");
    }
}
