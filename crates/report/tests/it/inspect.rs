//! What `inspect` says of files.

use certvigil_model::{Foreign, Outcome, Time, is_unsafe_to_show};
use certvigil_report::{Format, Inspected, Item, Style, open_inspect};
use certvigil_x509::{
    Certificate, Defect, DefectId, Extensions, Facts, GeneralName, Malformed, Reading, Recovered,
};
use serde_json::Value;

use crate::contract::{contract, pretty};
use crate::sample::{NOW, Shared, certificate, defect, extensions, facts, hostile_with};
use crate::schema::{assert_valid, line_of, validator};

#[test]
fn the_lines_are_what_comes_out() {
    contract("inspect-1.example.ndjson", &render(Format::Ndjson, Style::plain(), &found()));
}

#[test]
fn the_document_is_what_comes_out() {
    let text = render(Format::Json, Style::plain(), &found());
    contract("inspect-1.example.json", &pretty(&text));
}

#[test]
fn both_are_as_the_schema_says() {
    let schema = include_str!("../../../../contracts/inspect-1.schema.json");
    let document = render(Format::Json, Style::plain(), &found());
    let whole = validator(&serde_json::from_str(schema).unwrap());
    assert_valid(&whole, &serde_json::from_str(&document).unwrap());
    let line = validator(&line_of(schema));
    for text in render(Format::Ndjson, Style::plain(), &found()).lines() {
        let value: Value = serde_json::from_str(text).unwrap();
        assert_valid(&line, &value);
        for field in value.as_object().unwrap().keys() {
            let mut without = value.clone();
            without.as_object_mut().unwrap().remove(field);
            assert!(!line.is_valid(&without), "{field} may go unnoticed");
        }
    }
}

#[test]
fn fields_stand_in_the_order_of_the_contract() {
    let text = render(Format::Ndjson, Style::plain(), &found()[..1]);
    let order = [
        "file",
        "index",
        "sha256",
        "well_formed",
        "not_before",
        "not_after",
        "subject",
        "subject_alt_name",
        "serial_number",
        "recovered",
        "at",
        "defects",
    ];
    let places = order.map(|field| text.find(&format!("\"{field}\":")).unwrap());
    assert!(places.is_sorted(), "{text}");
}

/// The lists of `check` end at 100 names; this one shows all.
#[test]
fn all_names_are_there() {
    let many = hostile_with(1200).presented.swap_remove(0).swap_remove(0);
    let item = [inspected("many.pem", 0, "line 1", Item::Certificate(many))];
    let line: Value = serde_json::from_str(&render(Format::Ndjson, Style::plain(), &item)).unwrap();
    assert_eq!(line["subject_alt_name"].as_array().unwrap().len(), 1200);
    assert!(render(Format::Table, Style::plain(), &item).contains("n1199.例え.example"));
}

#[test]
fn no_files_are_no_error() {
    assert_eq!(render(Format::Ndjson, Style::plain(), &[]), "");
    let document = render(Format::Json, Style::plain(), &[]);
    assert_eq!(
        document,
        "{\"schema\":\"certvigil.inspect/1\",\"certificates\":[],\n\"endpoints\":[],\n\"findings\":[]}\n"
    );
    assert_eq!(render(Format::Table, Style::plain(), &[]), "0 found in 0 files\n");
}

#[test]
fn for_people() {
    let style = Style { width: 80, ..Style::plain() };
    insta::assert_snapshot!("inspect_at_80_columns", render(Format::Table, style, &found()));
}

#[test]
fn nothing_drives_the_terminal() {
    for format in Format::OF_FILES {
        let text = render(*format, Style::plain(), &found());
        assert!(!text.contains(|c| c != '\n' && is_unsafe_to_show(c)), "{text:?}");
    }
}

/// A bundle with a broken certificate and a broken block between good ones, a key store entry
/// with a hostile name, and files that hold nothing or cannot be read.
fn found() -> Vec<Inspected> {
    let good = certificate("www.example.org", facts("www.example.org", "Example CA 1"));
    let stalled = Reading::Stalled("reader stalled, 100 ms, killed".into());
    let hostile = hostile_with(3).presented.swap_remove(0).swap_remove(0);
    vec![
        inspected("bundle.pem", 0, "line 1", Item::Certificate(good.clone())),
        inspected("bundle.pem", 1, "line 24", Item::Certificate(broken())),
        inspected("bundle.pem", 2, "line 48", Item::Nothing(defect_of_a_block())),
        inspected("bundle.pem", 3, "line 55", Item::Certificate(endless())),
        inspected("\u{202e}evil.p12", 0, "entry \u{1b}[2Jwww", Item::Certificate(hostile)),
        inspected(
            "spin.der",
            0,
            "byte 0",
            Item::Certificate(Certificate { reading: stalled, ..good }),
        ),
        inspected("empty.pem", 0, "byte 0", Item::Nothing(nothing_at_all())),
        inspected("secret.pem", 0, "", unread()),
    ]
}

fn inspected(file: &str, index: usize, at: &str, item: Item) -> Inspected {
    Inspected { file: Foreign::new(file), index, at: at.to_owned(), item }
}

/// Its start cannot be told, its names neither, and it ended long ago.
fn broken() -> Certificate {
    let untold = Malformed { defect: DefectId::TimeMalformed, offset: 98 };
    let read = facts("old.example.org", "Example CA 1");
    let nameless = Extensions { subject_alt_name: Err(untold.clone()), ..read.extensions };
    let read = Facts {
        recovered: Recovered::Tolerant,
        defects: vec![Defect {
            id: DefectId::TimeMalformed,
            message: "the month is not between 1 and 12".into(),
            ..defect()
        }],
        not_before: Err(untold.clone()),
        not_after: Ok(Time::from_seconds(NOW.seconds() - 400 * 86_400)),
        public_key: Err(untold),
        extensions: nameless,
        ..read
    };
    certificate("broken", read)
}

/// An authority without a set end, without alternative names, with other kinds of name.
fn endless() -> Certificate {
    let names = vec![
        GeneralName::Dns(Foreign::new("*.example.org")),
        GeneralName::Email(Foreign::new("ops@example.org")),
        GeneralName::Uri(Foreign::new("spiffe://example.org/ops")),
        GeneralName::BadIp(vec![192, 0, 2]),
        GeneralName::Other(4),
    ];
    let read = facts("x", "x");
    let read = Facts {
        not_after: Ok(Time::NO_SET_EXPIRY),
        extensions: Extensions { subject_alt_name: Ok(Some(names)), ..extensions("x") },
        ..read
    };
    certificate("endless", read)
}

fn defect_of_a_block() -> Defect {
    Defect {
        id: DefectId::NotACertificate,
        offset: 0,
        field: String::new(),
        message: "the block's Base64 breaks off in line 50".into(),
    }
}

fn nothing_at_all() -> Defect {
    Defect { message: "the file is empty".into(), ..defect_of_a_block() }
}

fn unread() -> Item {
    Item::Unread { outcome: Outcome::Local, reason: "permission denied".into() }
}

fn render(format: Format, style: Style, items: &[Inspected]) -> String {
    let out = Shared::default();
    let mut inspection = open_inspect(format, Box::new(out.clone()), style, NOW).unwrap();
    for item in items {
        inspection.item(item).unwrap();
    }
    inspection.finish().unwrap();
    out.text()
}
