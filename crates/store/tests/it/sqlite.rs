//! What only the store in one file promises.

mod copies;
mod growth;
mod lacks;
mod opening;
mod processes;
mod several;

use std::path::{Path, PathBuf};

use certvigil_store::{Error, Store, Transaction, sqlite};
use tempfile::TempDir;

use crate::sample::NOON;

/// A folder with the path of a store in it.
fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    (folder, path)
}

fn open(path: &Path) -> Box<dyn Store> {
    sqlite::open(path, NOON, "test").unwrap_or_else(|error| panic!("{}", whole(&error)))
}

fn within<T>(
    store: &mut dyn Store,
    mut work: impl FnMut(&mut dyn Transaction) -> Result<T, Error>,
) -> T {
    let mut given = None;
    let done = store.transact(NOON, &mut |transaction| {
        given = Some(work(transaction)?);
        Ok(())
    });
    done.unwrap_or_else(|error| panic!("{}", whole(&error)));
    given.unwrap()
}

/// An error with all its causes.
fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
