//! What SQLite says, for the person who must act.

use rusqlite::{ErrorCode, ffi};

use crate::Error;

/// Says in which store a thing went wrong.
pub(super) trait Trouble<T> {
    fn in_store(self, place: &str) -> Result<T, Error>;
}

impl<T> Trouble<T> for Result<T, rusqlite::Error> {
    fn in_store(self, place: &str) -> Result<T, Error> {
        self.map_err(|source| failed(place, source))
    }
}

impl<T> Trouble<T> for std::io::Result<T> {
    fn in_store(self, place: &str) -> Result<T, Error> {
        self.map_err(|source| Error::Failed {
            place: place.to_owned(),
            what: "cannot be made or copied".to_owned(),
            source: Box::new(source),
        })
    }
}

pub(super) fn failed(place: &str, source: rusqlite::Error) -> Error {
    let what = match source.sqlite_error_code() {
        _ if is_full(&source) => {
            "is on a full disk: nothing of this step was kept; make room and run it again"
        }
        Some(ErrorCode::SystemIoFailure) => {
            "is on a disk that does not do what it is asked: nothing of this step was kept"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            "cannot be written to: this user needs the right to write to the file and its folder"
        }
        Some(ErrorCode::CannotOpen) => {
            "cannot be opened: is its folder there, and may this user write to it?"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "is held by another process for too long: nothing of this step was kept"
        }
        Some(ErrorCode::NotADatabase) => "is no store: the file is something else",
        Some(ErrorCode::DatabaseCorrupt) => {
            "is damaged: move it away and restore the last backup (certvigil store restore)"
        }
        _ => "did not do what it was asked",
    };
    Error::Failed { place: place.to_owned(), what: what.to_owned(), source: Box::new(source) }
}

/// Also the file in which processes share what they know of the log is made and grows at every opening: SQLite calls that
/// an error of the disk.
fn is_full(error: &rusqlite::Error) -> bool {
    let full = [ffi::SQLITE_FULL, ffi::SQLITE_IOERR_SHMSIZE];
    error.sqlite_error().is_some_and(|error| full.contains(&error.extended_code))
}
