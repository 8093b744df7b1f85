//! Small documents, by their names. Each is kept as a JSON string, because PostgreSQL has no text with a NUL in it.

use crate::Error;
use crate::sql::{Sql, document_text};

const WHAT: &str = "document";

pub(crate) fn get(sql: &mut dyn Sql, name: &str) -> Result<Option<String>, Error> {
    let row = sql.row("SELECT document FROM documents WHERE name = $1", &[name.into()])?;
    row.map(|mut row| row.document(WHAT)).transpose()
}

pub(crate) fn put(sql: &mut dyn Sql, name: &str, text: &str) -> Result<(), Error> {
    let text = as_kept(sql.place(), text)?;
    sql.run(
        "INSERT INTO documents (name, document) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET document = excluded.document",
        &[name.into(), text.as_str().into()],
    )?;
    Ok(())
}

pub(crate) fn remove(sql: &mut dyn Sql, name: &str) -> Result<(), Error> {
    sql.run("DELETE FROM documents WHERE name = $1", &[name.into()])?;
    Ok(())
}

/// `text` as its column holds it.
pub(crate) fn as_kept(place: &str, text: &str) -> Result<String, Error> {
    document_text(place, WHAT, &text)
}
