//! Brings a store's tables to what this program knows, one numbered step after the other, forwards only.

use certvigil_model::{Fingerprint, Time};

use crate::Error;
use crate::sql::Sql;

/// This program, as a store remembers who wrote it.
pub(crate) const PROGRAM: &str = concat!("certvigil ", env!("CARGO_PKG_VERSION"));

/// One step. Its text never changes once it was released: stores remember its hash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    /// Counted from 1, without gaps.
    pub(crate) number: u32,
    /// A word for it.
    pub(crate) name: &'static str,
    /// Its statements.
    pub(crate) script: &'static str,
}

/// Where a store remembers its steps.
pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_versions (
    number BIGINT PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL, writer TEXT NOT NULL
)";

/// The step that comes next, after every step that was made has been found to be the one that we know. To be called in
/// the transaction that makes it, so that no two processes do.
///
/// # Errors
/// A newer program wrote here, or a step was made by another text.
pub(crate) fn next(sql: &mut dyn Sql, known: &[Migration]) -> Result<Option<Migration>, Error> {
    sql.run_script(TABLE)?;
    let rows =
        sql.rows("SELECT number, name, sha256, writer FROM schema_versions ORDER BY number", &[])?;
    let made = rows.len();
    for mut row in rows {
        let (number, name, sha256) = (row.count()?, row.text()?, row.text()?);
        let writer = row.text()?;
        let ours = known.iter().find(|migration| u64::from(migration.number) == number);
        let Some(ours) = ours else { return Err(too_new(sql.place(), number, writer, known)) };
        if hash(ours) != sha256 {
            let why = format!(
                "its step {number} ({name}) was made by another text, by {writer}, than the one that {PROGRAM} has"
            );
            return Err(Error::Unreadable { place: sql.place().to_owned(), what: "schema", why });
        }
    }
    Ok(known.get(made).copied())
}

/// Makes a step and remembers it.
pub(crate) fn apply(sql: &mut dyn Sql, migration: &Migration, now: Time) -> Result<(), Error> {
    sql.run_script(migration.script)?;
    let (number, sha256) = (i64::from(migration.number), hash(migration));
    sql.run(
        "INSERT INTO schema_versions (number, name, sha256, applied_at, writer) VALUES ($1, $2, $3, $4, $5)",
        &[
            crate::sql::Value::Number(number),
            migration.name.into(),
            sha256.as_str().into(),
            now.into(),
            PROGRAM.into(),
        ],
    )?;
    Ok(())
}

fn hash(migration: &Migration) -> String {
    Fingerprint::of(migration.script.as_bytes()).to_string()
}

fn too_new(place: &str, found: u64, writer: String, known: &[Migration]) -> Error {
    Error::TooNew {
        place: place.to_owned(),
        found: u32::try_from(found).unwrap_or(u32::MAX),
        writer,
        ours: PROGRAM.to_owned(),
        known: known.last().map_or(0, |last| last.number),
    }
}
