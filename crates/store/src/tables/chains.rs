//! The journal: one chain for each writer, each naming the others' heads.

use std::collections::BTreeMap;

use certvigil_model::{IncidentKey, Record, Time};

use crate::journal::{FIRST_PREVIOUS, Noted, next_row};
use crate::sql::{Row, Sql, Value, document_text};
use crate::{Chained, Error, Head, Instance};

const WHAT: &str = "record";
/// The kind of the record by which one chain names the others' heads.
pub(crate) const HEADS_SEEN: &str = "heads-seen";
const COLUMNS: &str = "version, instance, sequence, at, previous, text, hash";

/// Begins the chain of a new writer.
pub(crate) fn begin(sql: &mut dyn Sql, instance: &Instance) -> Result<(), Error> {
    sql.run(
        "INSERT INTO heads (instance, sequence, hash, witnessed) VALUES ($1, 0, $2, '')",
        &[instance.0.as_str().into(), Value::Bytes(&FIRST_PREVIOUS)],
    )?;
    Ok(())
}

/// Puts `records` at the end of the chain of `instance`. It is called as a transaction's last act, so that the head is
/// locked for as short as can be; moving the head is the last statement.
pub(crate) fn append(
    sql: &mut dyn Sql,
    instance: &Instance,
    now: Time,
    records: &[Record],
) -> Result<(), Error> {
    if records.is_empty() {
        return Ok(());
    }
    let (head, witnessed) = lock(sql, instance)?;
    let others = others(sql, instance)?;
    let seen = witness(&others);
    let witness = (seen != witnessed).then(|| heads_seen(now, &others));
    let head = put(sql, head, now, witness.iter().chain(records))?;
    sql.run(
        "UPDATE heads SET sequence = $1, hash = $2, witnessed = $3 WHERE instance = $4",
        &[
            number(head.sequence),
            Value::Bytes(head.hash.bytes()),
            seen.as_str().into(),
            instance.0.as_str().into(),
        ],
    )?;
    Ok(())
}

/// The chain of `instance` from `first` on, at most `most` rows.
pub(crate) fn read(
    sql: &mut dyn Sql,
    instance: &Instance,
    first: u64,
    most: usize,
) -> Result<Vec<Chained>, Error> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let statement = format!(
        "SELECT {COLUMNS} FROM journal WHERE instance = $1 AND sequence >= $2 ORDER BY sequence LIMIT $3"
    );
    let values = [instance.0.as_str().into(), number(first), Value::Number(most)];
    sql.rows(&statement, &values)?.into_iter().map(chained).collect()
}

/// What all chains say of one incident, in the order of time.
pub(crate) fn of_incident(sql: &mut dyn Sql, key: &IncidentKey) -> Result<Vec<Chained>, Error> {
    let statement = format!(
        "SELECT {COLUMNS} FROM journal WHERE incident = $1 ORDER BY at, instance, sequence"
    );
    let rows = sql.rows(&statement, &[key.as_str().into()])?;
    let mut rows = rows.into_iter().map(chained).collect::<Result<Vec<_>, _>>()?;
    rows.sort_by_cached_key(happened_at);
    Ok(rows)
}

/// A record may tell of something that was earlier than the writing of it.
fn happened_at(row: &Chained) -> Time {
    serde_json::from_str(&row.text).map_or(row.at, |record: Record| record.at)
}

/// The end of every chain that has a row.
pub(crate) fn heads(sql: &mut dyn Sql) -> Result<Vec<Head>, Error> {
    let rows = sql.rows(
        "SELECT instance, sequence, hash FROM heads WHERE sequence > 0 ORDER BY instance",
        &[],
    )?;
    rows.into_iter().map(head).collect()
}

fn lock(sql: &mut dyn Sql, instance: &Instance) -> Result<(Head, String), Error> {
    let statement = format!(
        "SELECT instance, sequence, hash, witnessed FROM heads WHERE instance = $1{}",
        sql.for_update()
    );
    let row = sql.row(&statement, &[instance.0.as_str().into()])?;
    let mut row = row.ok_or_else(|| Error::Unreadable {
        place: sql.place().to_owned(),
        what: "journal",
        why: format!("the head of this writer's own chain ({}) is gone", instance.0),
    })?;
    let head =
        Head { instance: Instance(row.text()?), sequence: row.count()?, hash: row.sha256()? };
    Ok((head, row.text()?))
}

fn others(sql: &mut dyn Sql, instance: &Instance) -> Result<Vec<Head>, Error> {
    Ok(heads(sql)?.into_iter().filter(|head| head.instance != *instance).collect())
}

/// What is kept beside a head to know whether the others' have moved since it was.
fn witness(others: &[Head]) -> String {
    others.iter().map(|head| format!("{} {}\n", head.instance.0, Noted::from(head))).collect()
}

fn heads_seen(at: Time, others: &[Head]) -> Record {
    let data: BTreeMap<_, _> = others
        .iter()
        .map(|head| (head.instance.0.clone(), Noted::from(head).to_string()))
        .collect();
    Record { at, kind: HEADS_SEEN.to_owned(), incident: None, data, body: None }
}

/// Puts `records` behind `head`, all in one go; the new head.
fn put<'a>(
    sql: &mut dyn Sql,
    mut head: Head,
    now: Time,
    records: impl Iterator<Item = &'a Record>,
) -> Result<Head, Error> {
    let mut rows = Vec::new();
    for record in records {
        let row = next_row(&head, now, document_text(sql.place(), WHAT, record)?);
        head = Head { instance: row.instance.clone(), sequence: row.sequence, hash: row.hash };
        rows.push((row, record.incident.as_ref()));
    }
    let values: Vec<_> = rows.iter().map(|(row, incident)| values_of(row, *incident)).collect();
    sql.run_each(
        "INSERT INTO journal (version, instance, sequence, at, previous, text, hash, incident)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &values,
    )?;
    Ok(head)
}

fn values_of<'a>(row: &'a Chained, incident: Option<&'a IncidentKey>) -> Vec<Value<'a>> {
    vec![
        Value::Number(row.version.into()),
        row.instance.0.as_str().into(),
        number(row.sequence),
        row.at.into(),
        Value::Bytes(row.previous.bytes()),
        row.text.as_str().into(),
        Value::Bytes(row.hash.bytes()),
        incident.map_or(Value::Null, |key| key.as_str().into()),
    ]
}

fn head(mut row: Row) -> Result<Head, Error> {
    Ok(Head { instance: Instance(row.text()?), sequence: row.count()?, hash: row.sha256()? })
}

fn chained(mut row: Row) -> Result<Chained, Error> {
    Ok(Chained {
        version: u32::try_from(row.count()?).unwrap_or(u32::MAX),
        instance: Instance(row.text()?),
        sequence: row.count()?,
        at: row.time()?,
        previous: row.sha256()?,
        text: row.text()?,
        hash: row.sha256()?,
    })
}

fn number(sequence: u64) -> Value<'static> {
    Value::Number(i64::try_from(sequence).unwrap_or(i64::MAX))
}
