//! Rounds.

use certvigil_model::{RoundRecord, Time};

use crate::Error;
use crate::sql::{Sql, Value, document_text};

const WHAT: &str = "round";

/// Where a round without a location looks from.
pub(crate) fn location_of(round: &RoundRecord) -> &str {
    round.location.as_deref().unwrap_or("")
}

pub(crate) fn put(sql: &mut dyn Sql, round: &RoundRecord) -> Result<(), Error> {
    let text = document_text(sql.place(), WHAT, round)?;
    sql.run(
        "INSERT INTO rounds (id, location, is_whole, finished_at, document) VALUES ($1, $2, $3, $4, $5)",
        &[
            round.id.as_str().into(),
            location_of(round).into(),
            Value::Number(round.is_whole.into()),
            round.finished_at.into(),
            text.as_str().into(),
        ],
    )?;
    Ok(())
}

/// The last `most`, the newest first.
pub(crate) fn last(sql: &mut dyn Sql, most: usize) -> Result<Vec<RoundRecord>, Error> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = sql.rows(
        "SELECT document FROM rounds ORDER BY number DESC LIMIT $1",
        &[Value::Number(most)],
    )?;
    rows.into_iter().map(|mut row| row.document(WHAT)).collect()
}

/// When the last whole round of each location was done. What was recorded last counts, not what says the latest time: a
/// clock may have been wrong.
pub(crate) fn last_whole(sql: &mut dyn Sql) -> Result<Vec<(String, Time)>, Error> {
    let rows = sql.rows(
        "SELECT location, finished_at FROM rounds WHERE number IN
            (SELECT MAX(number) FROM rounds WHERE is_whole = 1 GROUP BY location)",
        &[],
    )?;
    rows.into_iter().map(|mut row| Ok((row.text()?, row.time()?))).collect()
}

/// Removes those that were done before `before`, but never a location's last whole one; how many.
pub(crate) fn prune(sql: &mut dyn Sql, before: Time) -> Result<u64, Error> {
    sql.run(
        "DELETE FROM rounds WHERE finished_at < $1 AND number NOT IN
            (SELECT MAX(number) FROM rounds WHERE is_whole = 1 GROUP BY location)",
        &[before.into()],
    )
}
