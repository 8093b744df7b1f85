//! That one service alone works on a store: two would look twice and act against each other.

use std::path::{Path, PathBuf};

use certvigil_doors::lock::{self, Holder, Lock};
use certvigil_store::Place as StoreAt;
use certvigil_store::postgres::{Hold, Kept};

use super::Error;

/// The store is this process's to serve.
pub(super) enum Alone {
    /// A file's lock, which the system gives back when the process ends and not before.
    File(#[expect(dead_code, reason = "it is held by being here")] Lock),
    /// A database's, which is lost with its connection.
    Database(Box<Hold>),
}

impl Alone {
    /// Takes the store at `at` for the life of this process.
    pub(super) fn on(at: &StoreAt) -> Result<Self, Error> {
        match at {
            StoreAt::File(path) => Ok(Self::File(of_file(path)?)),
            StoreAt::Url(url) => {
                let hold = Hold::take(url).map_err(served)?;
                Ok(Self::Database(Box::new(hold)))
            }
        }
    }

    /// Makes sure of it, which whoever acts does first. What is to be told, where it was lost and is taken again.
    ///
    /// # Errors
    /// Another one has it now, or nobody can tell: then nothing must be done.
    pub(super) fn keep(&mut self) -> Result<Option<&'static str>, Error> {
        let Self::Database(hold) = self else { return Ok(None) };
        match hold.keep().map_err(served)? {
            Kept::Throughout => Ok(None),
            Kept::Anew => Ok(Some(ANEW)),
        }
    }
}

fn of_file(path: &Path) -> Result<Lock, Error> {
    let mut file = path.to_path_buf().into_os_string();
    file.push(".serve");
    let file = PathBuf::from(file);
    let fail = |source| Error::Lock { path: file.display().to_string(), source };
    lock::hold(&file).map_err(fail)?.map_err(|Holder(holder)| Error::Served {
        store: path.display().to_string(),
        holder: holder.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}")),
    })
}

fn served(error: certvigil_store::Error) -> Error {
    match error {
        certvigil_store::Error::Held { what, holder } => Error::Served { store: what, holder },
        other => Error::Store(other),
    }
}

const ANEW: &str = "the connection that shows that this service alone serves its store was lost, and is there again";
