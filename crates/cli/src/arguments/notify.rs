//! What `notify` is told.

use std::path::PathBuf;

use clap::Subcommand;

/// What `notify` is told.
#[derive(Debug, Subcommand)]
pub(crate) enum Notify {
    /// Send a marked test; without a channel list all of them
    #[command(after_help = "\
Exit: 0 handed over, or listed; 1 not handed over; 2 we failed.

Example:
  certvigil notify test 'email oncall@example.org'")]
    Test {
        /// The channel, as it is listed: its kind and whom it reaches
        channel: Option<String>,
        /// The config
        #[arg(short, long, value_name = "FILE", default_value = "certvigil.toml")]
        config: PathBuf,
    },
}
