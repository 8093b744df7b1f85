//! A reader that does what its certificates tell it to: loop, sleep, crash and worse.
//!
//! `__read TAG` is a child; `parent TAG WHAT MARKER` is a process with a pool of such children.
#![expect(clippy::unwrap_used, reason = "whatever fails here is to crash")]

mod misbehave;
mod parent;

use std::process::ExitCode;

use certvigil_x509::{Facts, Found};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [certvigil_reader::READ, ..] => certvigil_reader::serve(read, find),
        ["parent", tag, what, marker] => parent::wait_for_ever(tag, what, marker),
        _ => ExitCode::FAILURE,
    }
}

fn read(der: &[u8]) -> Facts {
    certvigil_x509::read(misbehave::if_told(der))
}

/// Behind `ECHO` comes back what was sent.
fn find(bytes: &[u8], password: Option<&str>) -> Vec<Found> {
    if bytes.starts_with(b"ECHO    ") {
        let item = Ok(bytes.to_vec());
        return vec![Found { at: format!("{password:?}"), item, flaws: Vec::new() }];
    }
    certvigil_x509::find(misbehave::if_told(bytes), password)
}
