//! `certvigil store`: copies of a store, and its size.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use certvigil_doors::SystemClock;
use certvigil_engine::act::{retention, store_at};
use certvigil_model::{Clock as _, Foreign, Time};
use certvigil_store::{Load, Need, Place, Retention, Size, Store};
use serde_json::{Value, json};

use crate::arguments::memory::{self, Asked, At, Form};
use crate::config;

/// The writer that commands are.
const ROLE: &str = "command";

/// Returns the exit code: 0 done, 2 not.
pub(crate) fn run(asked: &memory::Store) -> anyhow::Result<u8> {
    let now = SystemClock.wall();
    match asked {
        memory::Store::Backup { asked, to } => backup(asked, to, now),
        memory::Store::Restore { backup, asked } => restore(asked, backup, now),
        memory::Store::Sizes { asked } => sizes(asked, now),
    }?;
    Ok(0)
}

/// Where the store is: as typed, or as the config says.
pub(crate) fn place(at: &At, now: Time) -> anyhow::Result<Place> {
    Ok(place_and_retention(at, now)?.0)
}

/// The same, with how long what is kept there: as the config says, where one is named or needed.
fn place_and_retention(at: &At, now: Time) -> anyhow::Result<(Place, Retention)> {
    if let (Some(place), None) = (&at.store, &at.config) {
        return Ok((place.clone(), Retention::default()));
    }
    let file = at.config();
    let config = config::load(&file, now)
        .context("which store? name it with --store, or a config that can be used with -c")?;
    let kept = config.store.as_ref().map(retention).unwrap_or_default();
    if let Some(place) = &at.store {
        return Ok((place.clone(), kept));
    }
    let store = config
        .store
        .with_context(|| format!("{} has no [store]: name one with --store", file.display()))?;
    Ok((store_at(&store.at)?, kept))
}

/// Opens a store that must be there: one that a mistyped name makes would be empty, and so would the answer.
pub(crate) fn open(place: &Place, now: Time) -> anyhow::Result<Box<dyn Store>> {
    if let Place::File(path) = place {
        anyhow::ensure!(path.exists(), "there is no store at {}", path.display());
    }
    Ok(place.open(now, ROLE)?)
}

/// Writes an answer in the form that was asked for.
pub(crate) fn answer(form: Form, value: &Value, table: &str) -> anyhow::Result<()> {
    let text = match form {
        Form::Json => format!("{value:#}\n"),
        Form::Table => table.to_owned(),
    };
    io::stdout().lock().write_all(text.as_bytes()).context("it cannot be written")
}

fn backup(asked: &Asked, folder: &Path, now: Time) -> anyhow::Result<()> {
    let copy = open(&place(&asked.at, now)?, now)?.backup(folder, now)?;
    let path = copy.path.display().to_string();
    let value = json!({"schema": "certvigil.backup/1", "path": path, "bytes": copy.bytes});
    let table = format!("{} ({})\n", Foreign::new(path).shown_within(2000), amount(copy.bytes));
    answer(asked.format, &value, &table)
}

fn restore(asked: &Asked, backup: &Path, now: Time) -> anyhow::Result<()> {
    place(&asked.at, now)?.restore(backup, now)?;
    let from = backup.display().to_string();
    let value = json!({"schema": "certvigil.restored/1", "from": from});
    let table = format!(
        "restored from {}; it only observes until every open delivery has been compared with its tracker\n",
        Foreign::new(from).shown_within(2000)
    );
    answer(asked.format, &value, &table)
}

fn sizes(asked: &Asked, now: Time) -> anyhow::Result<()> {
    let (place, kept) = place_and_retention(&asked.at, now)?;
    let mut store = open(&place, now)?;
    let sizes = store.sizes()?;
    let mut endpoints = 0;
    store.read(now, &mut |transaction| {
        endpoints = transaction.sightings()?.len() as u64;
        Ok(())
    })?;
    let need = kept.need(&Load::of(endpoints));
    let rows = |size: &Size| json!({"table": size.table, "rows": size.rows, "bytes": size.bytes});
    let kinds = |need: &Need| json!({"what": need.what, "bytes": need.bytes});
    let value = json!({
        "schema": "certvigil.sizes/1",
        "tables": sizes.iter().map(rows).collect::<Vec<_>>(),
        "endpoints": endpoints,
        "need": need.iter().map(kinds).collect::<Vec<_>>(),
    });
    answer(asked.format, &value, &sizes_table(&sizes, endpoints, &need))
}

fn sizes_table(sizes: &[Size], endpoints: u64, need: &[Need]) -> String {
    let mut table = format!("{:<26}{:>10}{:>12}\n", "table", "rows", "size");
    for Size { table: name, rows, bytes } in sizes {
        let _ = writeln!(table, "{name:<26}{rows:>10}{:>12}", amount(*bytes));
    }
    let _ = writeln!(table, "\nneeded in the long run for {endpoints} endpoints, hourly rounds:");
    for Need { what, bytes } in need {
        let _ = writeln!(table, "{what:<36}{:>12}", amount(*bytes));
    }
    table
}

/// Bytes as people read them, rounded up: `1.3 MB`.
fn amount(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => {
            let tenths = bytes.div_ceil(unit / 10);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_up() {
        for (bytes, want) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (1_250_001, "1.3 MB"),
            (2_000_000_000, "2.0 GB"),
        ] {
            assert_eq!(amount(bytes), want);
        }
    }
}
