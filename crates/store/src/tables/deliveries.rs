//! Deliveries.

use certvigil_model::{Delivery, IncidentKey};

use crate::Error;
use crate::sql::{Sql, Value, document_text};

const WHAT: &str = "delivery";

/// Those that are not over, the first due first.
pub(crate) fn open(sql: &mut dyn Sql) -> Result<Vec<Delivery>, Error> {
    let rows =
        sql.rows("SELECT document FROM deliveries WHERE is_over = 0 ORDER BY due_at, id", &[])?;
    rows.into_iter().map(|mut row| row.document(WHAT)).collect()
}

/// Those of one incident, the oldest first.
pub(crate) fn of(sql: &mut dyn Sql, key: &IncidentKey) -> Result<Vec<Delivery>, Error> {
    let rows = sql.rows(
        "SELECT document FROM deliveries WHERE incident = $1 ORDER BY created_at, id",
        &[key.as_str().into()],
    )?;
    rows.into_iter().map(|mut row| row.document(WHAT)).collect()
}

pub(crate) fn put(sql: &mut dyn Sql, delivery: &Delivery) -> Result<(), Error> {
    let text = document_text(sql.place(), WHAT, delivery)?;
    sql.run(
        "INSERT INTO deliveries (id, incident, is_over, created_at, due_at, document)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET is_over = excluded.is_over, due_at = excluded.due_at,
            document = excluded.document",
        &[
            delivery.id.as_str().into(),
            delivery.incident.as_str().into(),
            Value::Number(delivery.state.is_over().into()),
            delivery.created_at.into(),
            delivery.due_at.into(),
            text.as_str().into(),
        ],
    )?;
    Ok(())
}

/// Removes those whose incident is gone and that are over; how many.
pub(crate) fn prune(sql: &mut dyn Sql) -> Result<u64, Error> {
    sql.run(
        "DELETE FROM deliveries WHERE is_over = 1
            AND NOT EXISTS (SELECT 1 FROM incidents WHERE incidents.key = deliveries.incident)",
        &[],
    )
}
