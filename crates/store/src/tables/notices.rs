//! Messages to people.

use certvigil_model::{IncidentKey, Notice, Time};

use crate::Error;
use crate::sql::{Sql, Value, document_text};

const WHAT: &str = "notice";

/// Those that are not over, the first due first.
pub(crate) fn open(sql: &mut dyn Sql) -> Result<Vec<Notice>, Error> {
    let rows =
        sql.rows("SELECT document FROM notices WHERE is_over = 0 ORDER BY due_at, id", &[])?;
    rows.into_iter().map(|mut row| row.document(WHAT)).collect()
}

/// Those of one incident, the oldest first.
pub(crate) fn of(sql: &mut dyn Sql, key: &IncidentKey) -> Result<Vec<Notice>, Error> {
    let rows = sql.rows(
        "SELECT document FROM notices WHERE incident = $1 ORDER BY created_at, id",
        &[key.as_str().into()],
    )?;
    rows.into_iter().map(|mut row| row.document(WHAT)).collect()
}

pub(crate) fn put(sql: &mut dyn Sql, notice: &Notice) -> Result<(), Error> {
    let text = document_text(sql.place(), WHAT, notice)?;
    sql.run(
        "INSERT INTO notices (id, incident, is_over, created_at, due_at, document)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET is_over = excluded.is_over, due_at = excluded.due_at,
            document = excluded.document",
        &[
            notice.id.as_str().into(),
            notice.incident.as_ref().map(IncidentKey::as_str).into(),
            Value::Number(notice.state.is_over().into()),
            notice.created_at.into(),
            notice.due_at.into(),
            text.as_str().into(),
        ],
    )?;
    Ok(())
}

/// Removes those that are over and whose incident is gone, or that have none and are older than `before`; how many.
pub(crate) fn prune(sql: &mut dyn Sql, before: Time) -> Result<u64, Error> {
    sql.run(
        "DELETE FROM notices WHERE is_over = 1
            AND NOT EXISTS (SELECT 1 FROM incidents WHERE incidents.key = notices.incident)
            AND (incident IS NOT NULL OR created_at < $1)",
        &[before.into()],
    )
}
