//! Incidents.

use certvigil_model::{Incident, IncidentKey, Status, Time};

use crate::Error;
use crate::sql::{Sql, Value, document_text};

const WHAT: &str = "incident";

/// Those that are not resolved, and those resolved since `since`.
pub(crate) fn since(sql: &mut dyn Sql, since: Time) -> Result<Vec<Incident>, Error> {
    let rows = sql.rows(
        "SELECT document FROM incidents WHERE is_resolved = 0 OR resolved_at >= $1 ORDER BY key",
        &[since.into()],
    )?;
    rows.into_iter().map(|mut row| row.document(WHAT)).collect()
}

pub(crate) fn get(sql: &mut dyn Sql, key: &IncidentKey) -> Result<Option<Incident>, Error> {
    let row = sql.row("SELECT document FROM incidents WHERE key = $1", &[key.as_str().into()])?;
    row.map(|mut row| row.document(WHAT)).transpose()
}

pub(crate) fn put(sql: &mut dyn Sql, incident: &Incident) -> Result<(), Error> {
    let text = document_text(sql.place(), WHAT, incident)?;
    let is_resolved = incident.status == Status::Resolved;
    sql.run(
        "INSERT INTO incidents (key, is_resolved, resolved_at, document) VALUES ($1, $2, $3, $4)
         ON CONFLICT (key) DO UPDATE SET is_resolved = excluded.is_resolved,
            resolved_at = excluded.resolved_at, document = excluded.document",
        &[
            incident.key.as_str().into(),
            Value::Number(is_resolved.into()),
            incident.resolved_at.into(),
            text.as_str().into(),
        ],
    )?;
    Ok(())
}

/// Removes those that were resolved before `before` and of which nothing is to be delivered any more; how many.
pub(crate) fn prune(sql: &mut dyn Sql, before: Time) -> Result<u64, Error> {
    sql.run(
        "DELETE FROM incidents WHERE is_resolved = 1 AND resolved_at < $1
            AND NOT EXISTS (SELECT 1 FROM deliveries WHERE incident = incidents.key AND is_over = 0)",
        &[before.into()],
    )
}
