//! Copies of a store while others write to it, and back.

use std::path::{Path, PathBuf};

use certvigil_doors::database_file::Making;
use certvigil_model::Time;
use rusqlite::backup::StepResult;
use rusqlite::{Connection, ffi};

use crate::migrate::Migration;
use crate::sqlite::connect::{check, connect, keep_ours, keep_passive, refused};
use crate::sqlite::session::Session;
use crate::sqlite::trouble::Trouble as _;
use crate::tables::{documents, instances};
use crate::{Backup, Error, Restored, copies};

/// Every page in one step. In a copy of several, each write of others in between would begin it anew; and beside a log
/// that is written ahead the one step keeps nobody waiting.
const ALL_PAGES: i32 = -1;

/// Copies the store at `path`, as `connection` sees it, into a new file in `folder`. The copy is marked as one.
pub(super) fn backup(
    connection: &Connection,
    path: &Path,
    folder: &Path,
    now: Time,
) -> Result<Backup, Error> {
    let name = format!("{}.{}.backup", name_of(path), copies::compact(now));
    copy(connection, &path.display().to_string(), &copies::free(folder, &name), now)
}

/// Copies the store at `path` beside it, as it is before `next`.
pub(super) fn before_migration(path: &Path, next: &Migration, now: Time) -> Result<Backup, Error> {
    let place = path.display().to_string();
    let (name, number, time) = (name_of(path), next.number, copies::compact(now));
    let name = format!("{name}.before-{number:04}-{}.{time}.backup", next.name);
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    copy(&connect(path, &place)?, &place, &copies::free(folder, &name), now)
}

/// Makes a store at `path` out of a backup. Whoever opens it next finds it marked as [`Restored`]. Nothing may stand at
/// `path`: what is there is moved away by a person, who knows whether it is still written to.
///
/// # Errors
/// The backup is no sound store, or something stands at `path`.
pub fn restore(backup: &Path, path: &Path, now: Time) -> Result<Backup, Error> {
    let (from, place) = (backup.display().to_string(), path.display().to_string());
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let standing = PathBuf::from(format!("{place}{suffix}"));
        if standing.symlink_metadata().is_ok() {
            let what = format!("cannot be restored: {} is still there", standing.display());
            return Err(refused(&place, what, "end what uses it and move it away"));
        }
    }
    let source = connect(backup, &from)?;
    keep_ours(&source, &from)?;
    keep_passive(&source, &from)?;
    check(&source, &from)?;
    copy(&source, &from, path, now)
}

/// `source` is the store at `from`. The copy carries the mark, and none of its writers is at home in it.
fn copy(source: &Connection, from: &str, to: &Path, now: Time) -> Result<Backup, Error> {
    let place = to.display().to_string();
    let making = Making::begin(to).in_store(&place)?;
    let mut target = Connection::open(making.path()).in_store(&place)?;
    copy_pages(source, &mut target).in_store(&place)?;
    check(&target, &place)?;
    mark(&mut target, &place, from, now)?;
    target.close().map_err(|(_, error)| error).in_store(&place)?;
    let bytes = making.finish().in_store(&place)?;
    Ok(Backup { path: to.to_owned(), bytes })
}

fn copy_pages(source: &Connection, target: &mut Connection) -> rusqlite::Result<()> {
    let backup = rusqlite::backup::Backup::new(source, target)?;
    match backup.step(ALL_PAGES)? {
        StepResult::Done => Ok(()),
        _ => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None)),
    }
}

fn mark(target: &mut Connection, place: &str, from: &str, now: Time) -> Result<(), Error> {
    // The copy is one file: it keeps no log beside it.
    target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).in_store(place)?;
    let transaction = target.transaction().in_store(place)?;
    let mut session = Session::new(&transaction, place);
    let restored = Restored { at: now, from: from.to_owned() };
    documents::put(&mut session, Restored::NAME, &restored.text(place)?)?;
    instances::forget_homes(&mut session)?;
    transaction.commit().in_store(place)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
