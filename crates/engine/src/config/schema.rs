//! `config schema`: the table of keys as a JSON Schema, for editors.

use serde_json::{Map, Value, json};

use super::keys::{Form, Key, Kind, Need, Table};
use super::tables::FILE;

/// The JSON Schema (2020-12) of a config read as JSON, dates as strings.
pub fn schema() -> Value {
    let mut schema = of_table(&FILE);
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = "certvigil.toml".into();
    schema
}

fn of_table(table: &Table) -> Value {
    let properties: Map<_, _> =
        table.keys.iter().map(|key| (key.name.to_owned(), of_key(key))).collect();
    let required: Vec<_> = table
        .keys
        .iter()
        .filter(|key| matches!(key.need, Need::Must(_)))
        .map(|key| key.name)
        .collect();
    json!({
        "type": "object",
        "description": table.doc,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn of_key(key: &Key) -> Value {
    let mut schema = of_kind(&key.kind);
    schema["description"] = key.doc.into();
    if let Need::Default(default) = key.need
        && let Ok(default) = default.parse::<Value>()
    {
        schema["default"] = default;
    }
    schema
}

fn of_kind(kind: &Kind) -> Value {
    match kind {
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Number(least, i64::MAX) => json!({ "type": "integer", "minimum": least }),
        Kind::Number(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Kind::OneOf(numbers) => json!({ "enum": numbers }),
        Kind::Text(form) => of_form(form),
        Kind::Moment => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}" }),
        Kind::List(each) => json!({ "type": "array", "items": of_kind(each) }),
        Kind::Either(kinds) => json!({ "anyOf": kinds.iter().map(of_kind).collect::<Vec<_>>() }),
        Kind::Table(table) => of_table(table),
        Kind::Tables(table) => json!({ "type": "array", "items": of_table(table) }),
    }
}

fn of_form(form: &Form) -> Value {
    match form.words {
        Some(words) => json!({ "type": "string", "enum": words() }),
        None => json!({ "type": "string", "title": form.noun }),
    }
}
