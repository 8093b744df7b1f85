//! An incident as a post-mortem tells it: what was seen, decided, sent and answered, and the figures.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use certvigil_model::{Family, Incident, Record, Time};
use serde_json::{Value, json};

use super::calendar::stamp;
use super::figures::{Figure, Figures};
use crate::words::inert;

/// What happened, in the order in which it did, and what it comes to.
#[derive(Clone, Debug)]
pub struct Timeline<'a> {
    key: &'a str,
    family: Family,
    rows: Vec<Row<'a>>,
    figures: Figures,
}

/// One thing that happened.
#[derive(Clone, Copy, Debug)]
struct Row<'a> {
    /// When it happened, which a report by a person may tell later.
    at: Time,
    record: &'a Record,
}

impl<'a> Timeline<'a> {
    /// From what the journal says of `incident`, in any order. What is still under way is counted up
    /// to `now`.
    pub fn new(
        records: impl IntoIterator<Item = &'a Record>,
        incident: &'a Incident,
        now: Time,
    ) -> Self {
        let mut rows: Vec<_> = records.into_iter().map(Row::of).collect();
        rows.sort_by_key(|row| row.at);
        let records: Vec<_> = rows.iter().map(|row| row.record).collect();
        let figures = Figures::of(&records, incident, now);
        Self { key: incident.key.as_str(), family: incident.family, rows, figures }
    }

    /// For people: a table, then the figures.
    pub fn markdown(&self) -> String {
        let mut text = format!("## Incident {} ({})\n\n", self.key, self.family.name());
        text += "| when | what | |\n|---|---|---|\n";
        for Row { at, record } in &self.rows {
            let facts = facts(&record.data);
            let _ = writeln!(text, "| {} | {} | {facts} |", stamp(*at), happening(&record.kind));
        }
        text += "\n| figure | |\n|---|---|\n";
        for (name, figure) in self.figures.all() {
            let _ = writeln!(text, "| {name} | {figure} |");
        }
        text
    }

    /// For programs: `rows` and `figures`; what cannot be told is null.
    pub fn json(&self) -> Value {
        let rows: Vec<_> = self.rows.iter().map(Row::json).collect();
        let figures: serde_json::Map<_, _> = self
            .figures
            .all()
            .into_iter()
            .map(|(name, figure)| (name.replace(' ', "_"), figure.json()))
            .collect();
        json!({
            "incident": self.key,
            "family": self.family.name(),
            "rows": rows,
            "figures": figures,
        })
    }
}

impl<'a> Row<'a> {
    fn of(record: &'a Record) -> Self {
        let told = record.data.get("when").and_then(|when| Time::from_text(when));
        Self { at: told.unwrap_or(record.at), record }
    }

    fn json(&self) -> Value {
        let Record { at: recorded_at, kind, data, body, .. } = self.record;
        json!({
            "at": self.at,
            "recorded_at": recorded_at,
            "kind": kind,
            "data": data,
            "body": body,
        })
    }
}

/// `why: …, due_at: …`: what others said stands in code spans, where nothing is made of it.
fn facts(data: &BTreeMap<String, String>) -> String {
    let facts = data.iter().filter(|(name, _)| *name != "when");
    let facts: Vec<_> = facts
        .map(|(name, fact)| format!("{}: {}", inert(&name.replace('_', " "), "`|<[*_"), code(fact)))
        .collect();
    facts.join(", ")
}

/// What a kind of record says, in words; one that this version does not know by its name.
fn happening(kind: &str) -> String {
    let words = match kind {
        "incident-opened" => "opened",
        "incident-changed" => "changed",
        "incident-resolved" => "over",
        "incident-reopened" => "came back",
        "incident-dismissed" => "was nothing",
        "place-left" => "a place left the inventory",
        "owner-changed" => "another owner",
        "unseen" => "not seen, judged from what was seen last",
        "delivery-queued" => "asked for",
        "delivery-dropped" => "no longer called for",
        "delivery-delayed" => "not done, to be tried again",
        "delivery-failed" => "refused",
        "delivery-note" => "met on the way",
        "issue-doubtful" => "doubtful",
        "issue-stored" => "read back by its id",
        "issue-confirmed" => "read back by its id and key",
        "issue-closed-by" => "closed by a person",
        "held" => "held back by the brake",
        "released" => "released by a person",
        "acknowledged" => "a person is on it",
        "acknowledgement-ended" => "acknowledgement ended",
        "silenced" => "silenced",
        "silence-ends" => "silence ends soon",
        "silence-ended" => "silence ended",
        "noted" => "a person reports",
        "nobody-told" => "nobody could be told",
        "notice-queued" => "a message was asked for",
        "notice-handed-over" => "a message was handed over",
        "notice-delayed" => "a message is delayed",
        "notice-dropped" => "a message is no longer called for",
        "notice-failed" => "a message did not arrive",
        other => return code(other),
    };
    words.to_owned()
}

fn code(text: &str) -> String {
    let text = inert(text.trim(), "`|");
    format!("`{}`", if text.is_empty() { "-" } else { &text })
}

impl Figure {
    fn json(&self) -> Value {
        match self {
            Self::At(time) => json!(time),
            Self::Minutes { minutes, .. } => json!(minutes),
            Self::Never => json!("never"),
            Self::Unknown => Value::Null,
        }
    }
}
