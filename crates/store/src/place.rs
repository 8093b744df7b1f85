//! Where a store is: a file, or a database's address.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use certvigil_model::Time;

use crate::{Error, Store, postgres, sqlite};

/// A store as the command line and the config name it: `FILE`, or `postgres://…`. It has no `Display`: an address may
/// hold a password.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// SQLite in this file.
    File(PathBuf),
    /// PostgreSQL at this address.
    Url(String),
}

impl Place {
    /// Opens the store for `role` (`check`, `serve` …), and makes it where there is none.
    ///
    /// # Errors
    /// As those of [`sqlite::open`] and [`postgres::open`].
    pub fn open(&self, now: Time, role: &str) -> Result<Box<dyn Store>, Error> {
        match self {
            Self::File(path) => sqlite::open(path, now, role),
            Self::Url(url) => postgres::open(url, now, role),
        }
    }

    /// Makes a store here, where there is none, out of a backup of its kind. Whoever opens it next finds it marked as
    /// [`Restored`](crate::Restored).
    ///
    /// # Errors
    /// As those of [`sqlite::restore`] and [`postgres::restore`].
    pub fn restore(&self, backup: &Path, now: Time) -> Result<(), Error> {
        match self {
            Self::File(path) => sqlite::restore(backup, path, now).map(|_| ()),
            Self::Url(url) => postgres::restore(backup, url),
        }
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({path:?})"),
            Self::Url(_) => f.write_str("Url"),
        }
    }
}

/// An address of a kind of database that is no store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a store is a file or an address that begins with postgres://")]
pub struct NotAPlace;

impl FromStr for Place {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Ok(Self::Url(text.to_owned())),
            None if !text.is_empty() => Ok(Self::File(text.into())),
            _ => Err(NotAPlace),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_an_address_or_nothing() {
        assert_eq!("a/b.db".parse(), Ok(Place::File("a/b.db".into())));
        let url = "postgres://u:secret@h/d";
        assert_eq!(url.parse(), Ok(Place::Url(url.to_owned())));
        assert_eq!(format!("{:?}", url.parse::<Place>()), "Ok(Url)");
        for wrong in ["", "mysql://h/d", "file:///a"] {
            assert_eq!(wrong.parse::<Place>(), Err(NotAPlace), "{wrong}");
        }
    }
}
