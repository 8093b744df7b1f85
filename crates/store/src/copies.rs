//! What copies of a store are called.

use std::path::{Path, PathBuf};

use certvigil_model::Time;

/// A moment as names of files have it: `20270115T000000Z`.
pub(crate) fn compact(now: Time) -> String {
    Time::from_seconds(now.seconds()).to_string().replace(['-', ':'], "")
}

/// The first name that is free.
pub(crate) fn free(folder: &Path, name: &str) -> PathBuf {
    let numbered = (2..1000).map(|number| folder.join(format!("{name}.{number}")));
    let mut names = std::iter::once(folder.join(name)).chain(numbered);
    names.find(|path| path.symlink_metadata().is_err()).unwrap_or_else(|| folder.join(name))
}
