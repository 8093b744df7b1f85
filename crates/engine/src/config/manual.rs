//! The keys as a page of the documentation, drawn from the table of keys.

use std::fmt::Write as _;

use super::example::{inner, of_own, sentence};
use super::keys::{Key, Kind, Need, Table};
use super::tables::FILE;

/// Markdown: a heading and a table for each table of a config.
pub fn manual() -> String {
    let mut out = String::new();
    write_table(&mut out, "## The top of a file", &FILE);
    for table in FILE.keys.iter().filter_map(|key| of_own(&key.kind)) {
        write_table(&mut out, &format!("## `{}`", table.title), table);
    }
    for (names, table) in inner_tables() {
        write_table(&mut out, &format!("## {}", names.join(", ")), table);
    }
    out
}

/// The tables that stand inside of others, each once, with the keys that they stand under.
fn inner_tables() -> Vec<(Vec<String>, &'static Table)> {
    let mut all: Vec<(Vec<String>, &Table)> = Vec::new();
    for key in FILE.keys.iter().filter_map(|key| of_own(&key.kind)).flat_map(|table| table.keys) {
        let Some(table) = inner(&key.kind) else { continue };
        let name = format!("`{}`", key.name);
        match all.iter_mut().find(|(_, known)| std::ptr::eq(*known, table)) {
            Some((names, _)) if names.contains(&name) => {}
            Some((names, _)) => names.push(name),
            None => all.push((vec![name], table)),
        }
    }
    all
}

fn write_table(out: &mut String, heading: &str, table: &Table) {
    let _ = write!(out, "\n{heading}\n\n{}\n\n", sentence(table.doc));
    out.push_str("| key | value | default | what it does |\n|---|---|---|---|\n");
    for key in
        table.keys.iter().filter(|key| of_own(&key.kind).is_none() || !table.title.is_empty())
    {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            key.name,
            cell(&value(&key.kind)),
            cell(&default(key)),
            cell(key.doc),
        );
    }
}

fn value(kind: &Kind) -> String {
    match kind {
        Kind::Table(_) => "a table, see below".to_owned(),
        Kind::List(Kind::Table(_)) => "a list of tables, see below".to_owned(),
        Kind::Text(form) => match form.words.map(|words| words()) {
            Some(words) if words.len() <= 16 => words.join(", "),
            _ => form.noun.to_owned(),
        },
        Kind::List(Kind::Text(form)) => format!("a list, each {}", form.noun),
        kind => kind.noun(),
    }
}

fn default(key: &Key) -> String {
    match key.need {
        Need::Must(_) => "must be there".to_owned(),
        Need::Default(value) => format!("`{value}`"),
        Need::May(_) | Need::Or(_) => String::new(),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
