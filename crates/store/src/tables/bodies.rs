//! Long texts beside the journal. Each is kept as a JSON string, because PostgreSQL has no text with a NUL in it.

use certvigil_model::{Fingerprint, Time};

use crate::sql::{Sql, Value, document_text};
use crate::{Body, Error};

const WHAT: &str = "body";

/// Keeps `body`; one that is there already counts as kept now.
pub(crate) fn put(sql: &mut dyn Sql, body: &Body, now: Time) -> Result<Fingerprint, Error> {
    let sha256 = body.sha256();
    let text = document_text(sql.place(), WHAT, &body.text())?;
    sql.run(
        "INSERT INTO bodies (sha256, kept_at, body) VALUES ($1, $2, $3)
         ON CONFLICT (sha256) DO UPDATE SET kept_at = excluded.kept_at",
        &[Value::Bytes(sha256.bytes()), now.into(), text.as_str().into()],
    )?;
    Ok(sha256)
}

pub(crate) fn get(sql: &mut dyn Sql, sha256: Fingerprint) -> Result<Option<String>, Error> {
    let row =
        sql.row("SELECT body FROM bodies WHERE sha256 = $1", &[Value::Bytes(sha256.bytes())])?;
    row.map(|mut row| row.document(WHAT)).transpose()
}

/// Removes what was last kept before `before`; how many.
pub(crate) fn prune(sql: &mut dyn Sql, before: Time) -> Result<u64, Error> {
    sql.run("DELETE FROM bodies WHERE kept_at < $1", &[before.into()])
}
