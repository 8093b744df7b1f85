//! `config example`: every key with its default, drawn from the table of keys.

use std::fmt::Write as _;

use super::keys::{Key, Kind, Need, Table};
use super::tables::FILE;

/// A config with every key in it. What has no default is commented out, without a blank after the
/// `#`; what is only said has one.
pub fn example() -> String {
    let mut out =
        "# Every key that a config may hold. Those with a `#` before them have no default.\n"
            .to_owned();
    let (tables, keys): (Vec<&Key>, Vec<&Key>) =
        FILE.keys.iter().partition(|key| of_own(&key.kind).is_some());
    keys.into_iter().for_each(|key| write_key(&mut out, key, true));
    for table in tables.into_iter().filter_map(|key| of_own(&key.kind)) {
        write_table(&mut out, table);
    }
    out
}

/// The table that stands by itself in a file.
pub(super) fn of_own(kind: &Kind) -> Option<&'static Table> {
    match kind {
        Kind::Table(table) | Kind::Tables(table) => Some(table),
        _ => None,
    }
}

fn write_table(out: &mut String, table: &Table) {
    let mark = if table.live { "" } else { "#" };
    let _ = write!(out, "\n# {}\n{mark}{}\n", sentence(table.doc), table.title);
    table.keys.iter().for_each(|key| write_key(out, key, table.live));
}

fn write_key(out: &mut String, key: &Key, live: bool) {
    let _ = writeln!(out, "\n# {}", key.doc);
    if let Some(table) = inner(&key.kind) {
        for key in table.keys {
            let _ = writeln!(out, "#   {}: {}", key.name, key.doc);
        }
    }
    let (mark, value) = match key.need {
        Need::Must(value) | Need::Default(value) | Need::Or(value) => ("", value.to_owned()),
        Need::May("") => ("#", composed(&key.kind)),
        Need::May(example) => ("#", example.to_owned()),
    };
    let mark = if live { mark } else { "#" };
    let _ = writeln!(out, "{mark}{} = {value}", key.name);
}

/// The table that stands inside of another's key.
pub(super) const fn inner(kind: &Kind) -> Option<&'static Table> {
    match kind {
        Kind::Table(table) | Kind::List(Kind::Table(table)) => Some(table),
        _ => None,
    }
}

/// An example of a table inside of another, from those of its keys.
fn composed(kind: &Kind) -> String {
    let keys = inner(kind).map_or(&[][..], |table| table.keys);
    let fields: Vec<_> =
        keys.iter().map(|key| format!("{} = {}", key.name, key.example())).collect();
    let table = format!("{{ {} }}", fields.join(", "));
    if matches!(kind, Kind::List(_)) { format!("[{table}]") } else { table }
}

/// `doc`, begun with a capital and ended with a full stop.
pub(super) fn sentence(doc: &str) -> String {
    let mut letters = doc.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
