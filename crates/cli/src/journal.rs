//! `certvigil journal`: what is on the record, and whether it is as it was written.

use std::fmt::Write as _;

use certvigil_doors::SystemClock;
use certvigil_model::{Clock as _, Foreign, IncidentKey, Record};
use certvigil_report::issue::Timeline;
use certvigil_store::{Audit, AuditedChain, Chained, Error, Noted, Store, Transaction, audit};
use serde_json::{Value, json};

use crate::arguments::memory::{Asked, At, Form, Journal, Telling};
use crate::incidents::{desk, or_candidates};
use crate::store::{answer, open, place};

/// Returns the exit code: 0 shown, or as written; 1 not as written.
pub(crate) fn run(asked: &Journal) -> anyhow::Result<u8> {
    match asked {
        Journal::Show { asked, incident, most } => {
            or_candidates(show(asked, incident.as_deref(), *most))
        }
        Journal::Verify { asked, heads } => verify(asked, heads),
        Journal::Timeline { incident, at, format } => {
            or_candidates(timeline(incident, at, *format))
        }
    }
}

fn show(asked: &Asked, incident: Option<&str>, most: usize) -> anyhow::Result<u8> {
    let incident = incident.map(|text| key(text, &asked.at)).transpose()?;
    let mut rows = read(asked, |transaction| match &incident {
        Some(key) => transaction.journal_of(key),
        None => last(transaction, most),
    })?;
    match incident {
        Some(_) => rows.truncate(most),
        None => drop(rows.drain(..rows.len().saturating_sub(most))),
    }
    let value = json!({
        "schema": "certvigil.journal/1",
        "rows": rows.iter().map(as_value).collect::<Vec<_>>(),
    });
    answer(asked.format, &value, &rows.iter().map(as_line).collect::<String>())?;
    Ok(0)
}

/// A whole key needs no incident: what was pruned may still be on record.
fn key(text: &str, at: &At) -> anyhow::Result<IncidentKey> {
    if let Ok(whole) = text.parse() {
        return Ok(whole);
    }
    let now = SystemClock.wall();
    Ok(desk(at, now)?.find(text, now)?)
}

/// The last `most` rows of every chain, the oldest first.
fn last(transaction: &mut dyn Transaction, most: usize) -> Result<Vec<Chained>, Error> {
    let mut rows = Vec::new();
    for head in transaction.heads()? {
        let before = head.sequence.saturating_sub(u64::try_from(most).unwrap_or(u64::MAX));
        rows.extend(transaction.journal(&head.instance, before + 1, most)?);
    }
    rows.sort_by_key(|row| row.at);
    Ok(rows)
}

fn as_value(row: &Chained) -> Value {
    let record: Value = serde_json::from_str(&row.text).unwrap_or_else(|_| row.text.clone().into());
    json!({
        "instance": row.instance.0, "sequence": row.sequence, "at": row.at,
        "previous": row.previous, "hash": row.hash, "record": record,
    })
}

fn as_line(row: &Chained) -> String {
    let Ok(record) = serde_json::from_str::<Record>(&row.text) else {
        return format!("{} {}\n", row.at, Foreign::new(row.text.as_str()).shown());
    };
    let mut line = format!("{} {}", record.at, Foreign::new(record.kind).shown());
    if let Some(key) = &record.incident {
        let _ = write!(line, " {key}");
    }
    for (name, fact) in record.data {
        let (name, fact) = (Foreign::new(name), Foreign::new(fact));
        let _ = write!(line, " {}={}", name.shown(), fact.shown());
    }
    line + "\n"
}

fn verify(asked: &Asked, heads: &[Noted]) -> anyhow::Result<u8> {
    let audit = read(asked, |transaction| audit(transaction, heads))?;
    let value = json!({
        "schema": "certvigil.audit/1",
        "sound": audit.is_sound(),
        "chains": audit.chains.iter().map(chain_value).collect::<Vec<_>>(),
        "missing": audit.missing.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    answer(asked.format, &value, &verdict(&audit))?;
    Ok(u8::from(!audit.is_sound()))
}

fn chain_value(chain: &AuditedChain) -> Value {
    let head = chain.outcome.as_ref().ok().and_then(Option::as_ref);
    json!({
        "instance": chain.instance.0,
        "head": head.map(|head| Noted::from(head).to_string()),
        "broken": chain.outcome.as_ref().err().map(ToString::to_string),
    })
}

fn verdict(audit: &Audit) -> String {
    let mut text = String::new();
    for AuditedChain { instance, outcome } in &audit.chains {
        let instance = Foreign::new(instance.0.as_str());
        let _ = match outcome {
            Ok(Some(head)) => {
                writeln!(text, "as written: {} {}", instance.shown(), Noted::from(head))
            }
            Ok(None) => writeln!(text, "as written: {}, empty", instance.shown()),
            Err(broken) => writeln!(text, "NOT as written: {}: {broken}", instance.shown()),
        };
    }
    for head in &audit.missing {
        let _ = writeln!(
            text,
            "NOT as written: no chain holds {head}: its end was cut off, or it was written anew"
        );
    }
    text
}

fn timeline(incident: &str, at: &At, format: Telling) -> anyhow::Result<u8> {
    let now = SystemClock.wall();
    let mut desk = desk(at, now)?;
    let key = desk.find(incident, now)?;
    let whole = desk.show(&key, now)?;
    let timeline = Timeline::new(&whole.records, &whole.listed.incident, now);
    let form = match format {
        Telling::Markdown => Form::Table,
        Telling::Json => Form::Json,
    };
    answer(form, &timeline.json(), &timeline.markdown())?;
    Ok(0)
}

fn read<T>(
    asked: &Asked,
    mut work: impl FnMut(&mut dyn Transaction) -> Result<T, Error>,
) -> anyhow::Result<T> {
    let now = SystemClock.wall();
    let mut store: Box<dyn Store> = open(&place(&asked.at, now)?, now)?;
    let mut given = None;
    store.read(now, &mut |transaction| {
        given = Some(work(transaction)?);
        Ok(())
    })?;
    given.ok_or_else(|| anyhow::anyhow!("the store gave no answer"))
}
