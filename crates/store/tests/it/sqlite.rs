//! The store in one file: the contract, and what only it promises.

mod auditing;
mod copies;
mod lacks;
mod opening;
mod processes;
mod several;

use std::path::{Path, PathBuf};

use certvigil_store::{Store, sqlite};
use tempfile::TempDir;

use crate::contract::{Rule, every_rule, whole, within};
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

fn keep(rule: Rule) {
    let (_folder, path) = folder();
    rule(&|| open(&path));
}

macro_rules! a_test_each {
    ($($area:ident::$rule:ident)*) => {
        $(#[test]
        fn $rule() {
            keep(crate::contract::$area::$rule);
        })*
    };
}
every_rule!(a_test_each);
