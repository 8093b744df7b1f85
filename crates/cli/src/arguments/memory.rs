//! What `store` and `journal` are told.

use std::path::PathBuf;
use std::str::FromStr;

use certvigil_store::{Noted, Place};
use clap::{Args, Subcommand};

/// Which store, and how to answer.
#[derive(Args, Debug)]
pub(crate) struct Asked {
    #[command(flatten)]
    pub(crate) at: At,
    /// table, or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: Form,
}

/// Where it is remembered.
#[derive(Args, Debug)]
pub(crate) struct At {
    /// The store: a file, or postgres://USER@HOST/DATABASE [default: the config's]
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) store: Option<Place>,
    /// The config [default: certvigil.toml]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// Whom to ask: the service that runs, or the store.
#[derive(Args, Debug)]
pub(crate) struct Whom {
    #[command(flatten)]
    pub(crate) at: At,
    /// The service that runs: its socket, or its address [default: the config's socket, where somebody answers there and
    /// no --store is typed]
    #[arg(long, value_name = "PATH|URL", conflicts_with = "store")]
    pub(crate) socket: Option<String>,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Table,
    /// For programs.
    Json,
}

impl FromStr for Form {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "table" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            _ => Err("an answer is a table or json"),
        }
    }
}

/// What `store` is told.
#[derive(Debug, Subcommand)]
pub(crate) enum Store {
    /// Copy a store, as it is at one moment, into a new file; others may write meanwhile
    Backup {
        #[command(flatten)]
        asked: Asked,
        /// The folder for the copy
        #[arg(long, value_name = "DIR", default_value = ".")]
        to: PathBuf,
    },
    /// Make a store out of a backup, where there is none
    #[command(after_help = "\
Afterwards: a restored store only observes until every open delivery has been compared with its
tracker. What stands there is never overwritten; end what uses it and move it away first.")]
    Restore {
        /// The backup
        backup: PathBuf,
        #[command(flatten)]
        asked: Asked,
    },
    /// Say how many rows and bytes a store holds, and how many it will
    Sizes {
        #[command(flatten)]
        asked: Asked,
    },
}

/// What `journal` is told.
#[derive(Debug, Subcommand)]
pub(crate) enum Journal {
    /// Show the last records of all writers, in the order of time
    Show {
        #[command(flatten)]
        asked: Asked,
        /// Only what is said of this incident, from its beginning: its key, or the first four or more digits of it
        #[arg(long, value_name = "KEY")]
        incident: Option<String>,
        /// At most so many
        #[arg(long, value_name = "N", default_value = "100")]
        most: usize,
    },
    /// Say whether the record is as it was written
    #[command(after_help = "\
Shows: edits, gaps and reordering by anyone who cannot rewrite all that follows. A head that was
written down elsewhere, in an issue or a beat, shows as well that the end was cut off or that all
was written anew.

Exit: 0 as written; 1 not as written; 2 we could not tell.")]
    Verify {
        #[command(flatten)]
        asked: Asked,
        /// A head that was written down elsewhere; repeatable
        #[arg(long = "head", value_name = "SEQ:HASH")]
        heads: Vec<Noted>,
    },
    /// Tell an incident as a post-mortem does: what happened in order, then the figures
    Timeline {
        /// Its key, or the first four or more digits of it
        incident: String,
        #[command(flatten)]
        at: At,
        /// markdown, or json
        #[arg(long, value_name = "FORMAT", default_value = "markdown")]
        format: Telling,
    },
}

/// How a timeline is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// For people.
    Markdown,
    /// For programs.
    Json,
}

impl FromStr for Telling {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "markdown" => Ok(Self::Markdown),
            "json" => Ok(Self::Json),
            _ => Err("a timeline is markdown or json"),
        }
    }
}
