//! Who writes here. A writer is a role (`check`, `serve`) at a home: where the store stood when it was first opened for
//! it. A store that was copied or moved stands elsewhere, so it begins chains of its own instead of going on with those
//! that may be going on at the other place too.

use std::collections::BTreeMap;

use certvigil_model::{Record, Time};

use crate::migrate::PROGRAM;
use crate::sql::{Sql, Value};
use crate::tables::{chains, documents};
use crate::{Error, Instance, Restored};

/// The writer for `role` at `home`, made where there is none. A store that knows writers, but none at `home`, is a copy
/// or was moved: it is marked as [`Restored`], and the new chain begins by saying so.
pub(crate) fn open(
    sql: &mut dyn Sql,
    role: &str,
    home: &str,
    now: Time,
) -> Result<Instance, Error> {
    let found = sql.row(
        "SELECT id FROM instances WHERE role = $1 AND home = $2",
        &[role.into(), home.into()],
    )?;
    if let Some(mut row) = found {
        return row.text().map(Instance);
    }
    let homes = homes(sql)?;
    let instance = make(sql, role, home, now)?;
    if !homes.is_empty() && !homes.iter().any(|known| known == home) {
        let restored = mark(sql, homes.last(), now)?;
        chains::append(sql, &instance, now, &[store_copied(role, home, &restored, now)])?;
    }
    Ok(instance)
}

/// Forgets where writers were at home, so that whoever opens the store next begins a chain of its own.
pub(crate) fn forget_homes(sql: &mut dyn Sql) -> Result<(), Error> {
    sql.run("UPDATE instances SET home = $1", &["".into()])?;
    Ok(())
}

/// Every home, the one of the last writer last.
fn homes(sql: &mut dyn Sql) -> Result<Vec<String>, Error> {
    let rows = sql.rows("SELECT home FROM instances ORDER BY made_at, id", &[])?;
    rows.into_iter().map(|mut row| row.text()).collect()
}

fn make(sql: &mut dyn Sql, role: &str, home: &str, now: Time) -> Result<Instance, Error> {
    let instance = Instance(certvigil_doors::random_id());
    sql.run(
        "INSERT INTO instances (id, role, home, made_at) VALUES ($1, $2, $3, $4)",
        &[instance.0.as_str().into(), role.into(), home.into(), Value::from(now)],
    )?;
    chains::begin(sql, &instance)?;
    Ok(instance)
}

/// A mark that is there already says more.
fn mark(sql: &mut dyn Sql, from: Option<&String>, now: Time) -> Result<Restored, Error> {
    if let Some(text) = documents::get(sql, Restored::NAME)? {
        return Ok(Restored::from_text(&text));
    }
    let restored = Restored { at: now, from: from.cloned().unwrap_or_default() };
    let text = restored.text(sql.place())?;
    documents::put(sql, Restored::NAME, &text)?;
    Ok(restored)
}

fn store_copied(role: &str, home: &str, restored: &Restored, at: Time) -> Record {
    let copied_at = restored.at.to_string();
    let facts = [
        ("role", role),
        ("program", PROGRAM),
        ("here", home),
        ("from", &restored.from),
        ("at", &copied_at),
    ];
    let data: BTreeMap<_, _> = facts.map(|(name, fact)| (name.to_owned(), fact.to_owned())).into();
    Record { at, kind: "store-copied".to_owned(), incident: None, data, body: None }
}
