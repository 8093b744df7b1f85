//! Sightings: a row for each change, none for a look that changed nothing.

use std::collections::{BTreeMap, BTreeSet};

use certvigil_model::{EndpointId, Observation, RoundRecord, Sighting, Time};

use crate::sightings::{Changes, Open, compare};
use crate::sql::{Row, Sql, Value, document_text};
use crate::tables::rounds;
use crate::{Error, Recorded};

const WHAT: &str = "sighting";
const OPEN: &str = "SELECT s.location, s.document, e.last_seen FROM sightings s
    LEFT JOIN exceptions e ON e.endpoint = s.endpoint WHERE s.until IS NULL";

/// Rounds of fewer endpoints read their sightings one by one.
const FEW: usize = 100;

/// Takes in a round.
pub(crate) fn observe(
    sql: &mut dyn Sql,
    round: &RoundRecord,
    observations: &[Observation],
) -> Result<Recorded, Error> {
    let open = if round.is_whole || observations.len() > FEW {
        let location = rounds::location_of(round);
        let rows = sql.rows(&format!("{OPEN} AND s.location = $1"), &[location.into()])?;
        read_open(sql, rows)?
    } else {
        one_by_one(sql, observations)?
    };
    let changes = compare(round, observations, &open);
    write(sql, rounds::location_of(round), &changes)?;
    rounds::put(sql, round)?;
    Ok(changes.recorded)
}

/// The open sighting of every endpoint that has one.
pub(crate) fn open(sql: &mut dyn Sql) -> Result<Vec<Sighting>, Error> {
    let rows = sql.rows(OPEN, &[])?;
    Ok(read_open(sql, rows)?.into_values().map(|open| open.sighting).collect())
}

/// All sightings of an endpoint, the newest first.
pub(crate) fn history(sql: &mut dyn Sql, endpoint: EndpointId) -> Result<Vec<Sighting>, Error> {
    let endpoint = endpoint.to_string();
    let rows = sql.rows(&format!("{OPEN} AND s.endpoint = $1"), &[endpoint.as_str().into()])?;
    let mut all: Vec<_> = read_open(sql, rows)?.into_values().map(|open| open.sighting).collect();
    let closed = sql.rows(
        "SELECT document FROM sightings WHERE endpoint = $1 AND until IS NOT NULL ORDER BY number DESC",
        &[endpoint.as_str().into()],
    )?;
    for mut row in closed {
        all.push(row.document(WHAT)?);
    }
    Ok(all)
}

/// Every sighting, open or closed.
pub(crate) fn all(sql: &mut dyn Sql) -> Result<Vec<Sighting>, Error> {
    let rows = sql.rows("SELECT document FROM sightings ORDER BY number", &[])?;
    rows.into_iter().map(|mut row| row.document(WHAT)).collect()
}

/// Removes those that ended before `before`, but none of the endpoints in `kept`; how many.
pub(crate) fn prune(
    sql: &mut dyn Sql,
    kept: &BTreeSet<EndpointId>,
    before: Time,
) -> Result<u64, Error> {
    let rows = sql.rows(
        "SELECT DISTINCT endpoint FROM sightings WHERE until IS NOT NULL AND until < $1",
        &[before.into()],
    )?;
    let endpoints = rows.into_iter().map(|mut row| row.text()).collect::<Result<Vec<_>, _>>()?;
    let mut removed = 0;
    for endpoint in endpoints {
        if EndpointId::from_text(&endpoint).is_some_and(|id| kept.contains(&id)) {
            continue;
        }
        removed += sql.run(
            "DELETE FROM sightings WHERE endpoint = $1 AND until IS NOT NULL AND until < $2",
            &[endpoint.as_str().into(), before.into()],
        )?;
    }
    Ok(removed)
}

fn one_by_one(
    sql: &mut dyn Sql,
    observations: &[Observation],
) -> Result<BTreeMap<EndpointId, Open>, Error> {
    let mut found = Vec::new();
    for observation in observations {
        let endpoint = observation.endpoint.to_string();
        found
            .extend(sql.rows(&format!("{OPEN} AND s.endpoint = $1"), &[endpoint.as_str().into()])?);
    }
    read_open(sql, found)
}

/// An open sighting was last seen when its location's last whole round was done, unless it is an exception to that.
fn read_open(sql: &mut dyn Sql, rows: Vec<Row>) -> Result<BTreeMap<EndpointId, Open>, Error> {
    let whole: BTreeMap<String, Time> = rounds::last_whole(sql)?.into_iter().collect();
    let mut open = BTreeMap::new();
    for mut row in rows {
        let location = row.text()?;
        let mut sighting: Sighting = row.document(WHAT)?;
        let exception = row.maybe_time()?;
        let last_seen = exception.or_else(|| whole.get(&location).copied());
        sighting.last_seen = last_seen.unwrap_or(sighting.last_seen);
        if sighting.shows_certificate() {
            sighting.certificate_at = Some(sighting.last_seen);
        }
        open.insert(sighting.endpoint, Open { sighting, is_exception: exception.is_some() });
    }
    Ok(open)
}

fn write(sql: &mut dyn Sql, location: &str, changes: &Changes) -> Result<(), Error> {
    write_documents(sql, &changes.closed)?;
    write_documents(sql, &changes.described)?;
    let covered: Vec<String> = changes.covered.iter().map(ToString::to_string).collect();
    let values: Vec<_> = covered.iter().map(|endpoint| vec![endpoint.as_str().into()]).collect();
    sql.run_each("DELETE FROM exceptions WHERE endpoint = $1", &values)?;
    insert(sql, location, &changes.opened)?;
    write_exceptions(sql, &changes.exceptions)
}

fn write_documents(sql: &mut dyn Sql, sightings: &[Sighting]) -> Result<(), Error> {
    let texts = texts(sql, sightings)?;
    let ids = ids(sightings);
    let values: Vec<Vec<Value<'_>>> = sightings
        .iter()
        .zip(&texts)
        .zip(&ids)
        .map(|((sighting, text), id)| {
            vec![sighting.until.into(), text.as_str().into(), id.as_str().into()]
        })
        .collect();
    sql.run_each(
        "UPDATE sightings SET until = $1, document = $2 WHERE endpoint = $3 AND until IS NULL",
        &values,
    )
}

fn insert(sql: &mut dyn Sql, location: &str, sightings: &[Sighting]) -> Result<(), Error> {
    let texts = texts(sql, sightings)?;
    let ids = ids(sightings);
    let values: Vec<Vec<Value<'_>>> = texts
        .iter()
        .zip(&ids)
        .map(|(text, id)| vec![id.as_str().into(), location.into(), text.as_str().into()])
        .collect();
    sql.run_each(
        "INSERT INTO sightings (endpoint, location, document) VALUES ($1, $2, $3)",
        &values,
    )
}

fn write_exceptions(
    sql: &mut dyn Sql,
    exceptions: &BTreeMap<EndpointId, Time>,
) -> Result<(), Error> {
    let ids: Vec<_> = exceptions.iter().map(|(id, at)| (id.to_string(), *at)).collect();
    let values: Vec<Vec<Value<'_>>> =
        ids.iter().map(|(id, at)| vec![id.as_str().into(), (*at).into()]).collect();
    sql.run_each(
        "INSERT INTO exceptions (endpoint, last_seen) VALUES ($1, $2)
         ON CONFLICT (endpoint) DO UPDATE SET last_seen = excluded.last_seen",
        &values,
    )
}

fn texts(sql: &dyn Sql, sightings: &[Sighting]) -> Result<Vec<String>, Error> {
    sightings.iter().map(|sighting| document_text(sql.place(), WHAT, sighting)).collect()
}

fn ids(sightings: &[Sighting]) -> Vec<String> {
    sightings.iter().map(|sighting| sighting.endpoint.to_string()).collect()
}
