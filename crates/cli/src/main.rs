//! The certvigil command: arguments in, exit code out.
//!
//! From here the main path leads to `engine/src/check.rs` and on to `judge/src/lib.rs`.

mod acting;
mod arguments;
mod check;
mod completions;
mod config;
mod demo;
mod incidents;
mod inspect;
mod journal;
mod man;
mod nagios;
mod notify;
mod outputs;
mod progress;
mod refused;
mod serve;
mod signals;
mod store;
mod terminal;
mod words;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    // A reading child is nothing else: no runtime, no log, no crypto, no arguments.
    if std::env::args_os().nth(1).is_some_and(|word| word == certvigil_engine::READ) {
        return certvigil_engine::read_for_parent();
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if std::env::args_os().nth(1).is_some_and(|word| word == "nagios") => {
            return ExitCode::from(nagios::refuse(&error));
        }
        Err(error) if refused::tell(&error) => return ExitCode::from(WE_FAILED),
        Err(error) => error.exit(),
    };
    let done = match &arguments.command {
        Command::Check(check) => check::run(check),
        Command::Serve(asked) => serve::run(asked),
        Command::Demo(demo) => demo::run(demo),
        Command::Inspect(inspect) => inspect::run(inspect),
        Command::Config(config) => config::run(config),
        Command::Incidents(incidents) => incidents::run(incidents),
        Command::Store(store) => store::run(store),
        Command::Journal(journal) => journal::run(journal),
        Command::Notify(asked) => notify::run(asked),
        Command::Nagios(nagios) => Ok(nagios::run(nagios)),
        Command::Completions(completions) => completions::run(completions),
        Command::Man(man) => man::run(man),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            words::tell_error(&error);
            ExitCode::from(WE_FAILED)
        }
    }
}

/// The exit code that says that it is we who failed: no verdict can be trusted to be there.
const WE_FAILED: u8 = 2;
