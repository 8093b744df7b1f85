//! Flags that the design has and this version does not: refused in words, for whoever writes one
//! counts on what it does.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::words;

/// Tells of such a flag where `error` is about one.
pub(crate) fn tell(error: &Error) -> bool {
    let Some((flag, instead)) = flag(error) else { return false };
    words::tell_fault(
        &format!("this version has no {flag}, and nothing was looked at"),
        Some(instead),
    );
    true
}

fn flag(error: &Error) -> Option<(&'static str, &'static str)> {
    let (ErrorKind::UnknownArgument, Some(ContextValue::String(typed))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    else {
        return None;
    };
    FLAGS.iter().copied().find(|(flag, _)| flag == typed)
}

/// Each with what is to be known or done instead.
const FLAGS: &[(&str, &str)] = &[
    (
        "--fetch",
        "nothing that a certificate points at is fetched: revocation is judged by the stapled response alone",
    ),
    (
        "--report-to",
        "let the job report its start, its end and the exit code, as deploy/ci/certvigil-ci does",
    ),
];
