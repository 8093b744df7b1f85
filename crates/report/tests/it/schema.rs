//! The contract's files say what comes out: an outside validator judges both.

use certvigil_model::Outcome;
use certvigil_report::{Format, Style};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::sample;

pub(crate) const REPORT: &str = include_str!("../../../../contracts/report-1.schema.json");

#[test]
fn the_document_is_as_the_schema_says() {
    let report = parse(&sample::render(Format::Json, Style::plain()));
    assert_valid(&validator(&parse(REPORT)), &report);
}

#[test]
fn each_line_is_as_the_schema_says() {
    let line = validator(&line_of(REPORT));
    for text in sample::render(Format::Ndjson, Style::plain()).lines() {
        assert_valid(&line, &parse(text));
    }
}

/// A schema that lets anything pass proves nothing: each field taken out of the report is missed.
#[test]
fn the_schema_misses_every_field_that_goes() {
    let validator = validator(&parse(REPORT));
    let report = parse(&sample::render(Format::Json, Style::plain()));
    let mut seen = 0;
    for pointer in fields_of(&report) {
        let mut without = report.clone();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        without.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(field);
        assert!(!validator.is_valid(&without), "{pointer} may go unnoticed");
        seen += 1;
    }
    assert!(seen > 200, "only {seen} fields were tried");
}

#[test]
fn fields_and_words_may_be_added() {
    let mut report = parse(&sample::render(Format::Json, Style::plain()));
    report["endpoints"][0]["news"] = json!({ "of": 2031 });
    report["endpoints"][0]["outcome"] = json!("beamed-away");
    assert_valid(&validator(&parse(REPORT)), &report);
}

/// Fields that are there only where they say something.
#[test]
fn what_may_be_absent_has_a_form() {
    let validator = validator(&parse(REPORT));
    let mut report = parse(&sample::render(Format::Json, Style::plain()));
    let until = "2027-01-04T00:00:00Z";
    let answer = json!({ "reason": "switched off in January", "owner": "ops", "until": until });
    report["endpoints"][2]["findings"][0]["accepted"] = answer;
    report["endpoints"][2]["presented"][0]["address"] = json!("192.0.2.1:443");
    report["round"]["accepted_next_end"] = json!(until);
    assert_valid(&validator, &report);
    report["endpoints"][2]["findings"][0]["accepted"].as_object_mut().unwrap().remove("until");
    assert!(!validator.is_valid(&report), "an acceptance has an end");
}

#[test]
fn every_outcome_stands_in_the_schema() {
    let known = &parse(REPORT)["$defs"]["outcome"]["examples"];
    for outcome in OUTCOMES {
        assert!(known.as_array().unwrap().contains(&json!(outcome.name())), "{}", outcome.name());
    }
    assert_eq!(known.as_array().unwrap().len(), OUTCOMES.len());
}

pub(crate) fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The schema of one line, out of the document's.
pub(crate) fn line_of(schema: &str) -> Value {
    let mut schema = parse(schema);
    let document = schema.as_object_mut().unwrap();
    for keyword in ["type", "required", "properties"] {
        document.remove(keyword);
    }
    schema["$ref"] = json!("#/$defs/line");
    schema
}

pub(crate) fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::new(schema).unwrap()
}

pub(crate) fn assert_valid(validator: &Validator, value: &Value) {
    let faults: Vec<_> = validator
        .iter_errors(value)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A JSON pointer to every field, but for those of `data`, which are each finding's own.
fn fields_of(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect_fields(value, "", &mut found);
    found
}

fn collect_fields(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(_) if pointer.ends_with("/data") => {}
        Value::Object(fields) => {
            for (field, value) in fields {
                let pointer = format!("{pointer}/{field}");
                collect_fields(value, &pointer, found);
                found.push(pointer);
            }
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                collect_fields(item, &format!("{pointer}/{position}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

const OUTCOMES: &[Outcome] = &[
    Outcome::Captured,
    Outcome::Unresolved,
    Outcome::Refused,
    Outcome::Unreachable,
    Outcome::Timeout,
    Outcome::Reset,
    Outcome::Closed,
    Outcome::NotTls,
    Outcome::StarttlsRefused,
    Outcome::TlsAlert,
    Outcome::ProtocolError,
    Outcome::OverBudget,
    Outcome::NoCertificate,
    Outcome::Unreadable,
    Outcome::ReaderStalled,
    Outcome::ReaderCrashed,
    Outcome::NotAttempted,
    Outcome::InvalidTarget,
    Outcome::Local,
];
