//! `certvigil completions`: what a shell needs to complete the command.

use std::io::{self, Write as _};

use clap::CommandFactory as _;

use crate::arguments::{Arguments, Completions};

/// Prints the script. Returns the exit code.
pub(crate) fn run(arguments: &Completions) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "certvigil", &mut script);
    io::stdout().write_all(&script)?;
    Ok(0)
}
