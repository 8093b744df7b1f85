//! The JSON contract: what stands where, and that nothing in it acts on a terminal.

use certvigil_model::{Foreign, is_unsafe_to_show};
use certvigil_report::{Closed, EndpointLine, Format, Style, Summary};
use certvigil_x509::{DefectId, Extensions, Facts, Malformed, Name};
use serde_json::Value;

use crate::contract::{contract, pretty};
use crate::sample::{
    self, NOW, certificate, closed, extensions, facts, fingerprint, healthy, hostile_with, lines,
    opened, render_run,
};

/// The example is the snapshot. A change to it is a change of the contract: see
/// `contracts/README.md`.
#[test]
fn the_example_is_what_comes_out() {
    let rendered = pretty(&sample::render(Format::Json, Style::plain()));
    contract("report-1.example.json", &rendered);
}

#[test]
fn the_lines_are_what_comes_out() {
    contract("report-1.example.ndjson", &sample::render(Format::Ndjson, Style::plain()));
}

#[test]
fn the_round_comes_before_the_endpoints() {
    let text = sample::render(Format::Json, Style::plain());
    let at = |key: &str| text.find(key).unwrap();
    assert!(text.starts_with("{\"schema\":\"certvigil.report/1\",\"tool\":\"certvigil 0.1.0\","));
    assert!(at("\"round\":") < at("\"endpoints\":"));
    assert!(at("\"endpoints\":") < text.rfind("\"findings\":").unwrap());
    assert!(text.ends_with("}\n"));
}

#[test]
fn a_round_without_endpoints_is_a_document_too() {
    let closed = Closed { findings: Vec::new(), ..closed(&[]) };
    let text = render_run(Format::Json, Style::plain(), &opened(), &[], &closed);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["endpoints"], Value::Array(Vec::new()));
    assert_eq!(report["round"]["complete"], true);
}

#[test]
fn a_missing_verdict_makes_the_round_incomplete() {
    let lines = lines();
    let closed = Closed { expected: 11, ..closed(&lines) };
    let text = render_run(Format::Json, Style::plain(), &opened(), &lines, &closed);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["round"]["complete"], false);
    assert_eq!(report["round"]["attempted"], 10);
}

/// There may be one for every target, more than anybody wants to hold in memory.
#[test]
fn what_is_said_of_targets_comes_before_what_is_said_of_the_round() {
    let [of_target, of_round] = &closed(&[]).findings[..] else { panic!("two are said") };
    let many = std::iter::repeat_n(of_target, 20_000).chain([of_round]);
    let closed = Closed { findings: many.cloned().collect(), ..closed(&[]) };
    for (format, last) in [(Format::Json, "{"), (Format::Ndjson, "{\"type\":\"round\",")] {
        let text = render_run(format, Style::plain(), &opened(), &[], &closed);
        let report = text.find(last).map(|at| &text[at..]).unwrap();
        let report: Value = serde_json::from_str(report).unwrap();
        let findings = report["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 20_001);
        let (last, others) = findings.split_last().unwrap();
        assert!(others.iter().all(|said| said["id"] == "addresses-differ"));
        assert_eq!(last["id"], "seen-not-watched");
    }
}

#[test]
fn hostile_text_is_escaped_and_comes_back_whole() {
    for format in [Format::Json, Format::Ndjson] {
        let text = sample::render(format, Style::plain());
        let unsafe_ones: Vec<_> =
            text.chars().filter(|c| *c != '\n' && is_unsafe_to_show(*c)).collect();
        assert_eq!(unsafe_ones, []);
        assert!(text.contains(r"\u001b[2J\u202egro.elpmaxe\u0000\r\n"), "{text}");
        assert!(text.contains(r"\udb40\udc41"), "a tag character is a surrogate pair");
        assert!(text.contains("n0.例え.example"), "what is safe stays as it is");
    }
    let report: Value =
        serde_json::from_str(&sample::render(Format::Json, Style::plain())).unwrap();
    let hostile = &report["endpoints"][5];
    assert_eq!(hostile["targets"][0], "evil\u{1b}[31m.example");
    let subject = hostile["end_entity"]["subject"].as_str().unwrap();
    assert!(subject.ends_with("checked 10 of 10, 0 unknown\u{e0041}"));
}

#[test]
fn long_lists_end_and_say_how_long_they_were() {
    let mut long = healthy("www.example.org", "192.0.2.1:443", 87);
    long.presented[0] = vec![long.presented[0][0].clone(); 20];
    long.capture.presented[0].chain_total = 1000;
    let lines = [long, hostile_with(120)];
    let text = render_run(Format::Json, Style::plain(), &opened(), &lines, &closed(&lines));
    let report: Value = serde_json::from_str(&text).unwrap();
    let [long, hostile] = [&report["endpoints"][0], &report["endpoints"][1]];
    assert_eq!(long["presented_chain"].as_array().unwrap().len(), 16);
    assert_eq!(long["presented"][0]["chain"].as_array().unwrap().len(), 16);
    assert_eq!(long["presented"][0]["chain_total"], 1000);
    assert_eq!(hostile["end_entity"]["subject_alt_name"].as_array().unwrap().len(), 100);
    assert_eq!(hostile["end_entity"]["subject_alt_name_total"], 120);
}

#[test]
fn long_text_ends_and_says_so() {
    let long = "ü".repeat(1_000);
    for (name, want) in [(long.clone(), long.clone()), (format!("{long}x"), format!("{long}…"))] {
        let mut line = healthy("www.example.org", "192.0.2.1:443", 87);
        let read = Facts {
            subject: Ok(text(&name)),
            issuer: Ok(text(&name)),
            ..facts("www.example.org", "Example CA 1")
        };
        line.presented[0][0] = certificate("www.example.org", read);
        let text = render_run(Format::Json, Style::plain(), &opened(), [&line], &closed(&[]));
        let report: Value = serde_json::from_str(&text).unwrap();
        let shown = &report["endpoints"][0]["end_entity"];
        assert_eq!((&shown["subject"], &shown["issuer"]), (&want.clone().into(), &want.into()));
    }
}

fn text(name: &str) -> Name {
    Name { text: Foreign::new(name), der: Vec::new(), common_names: Vec::new() }
}

#[test]
fn lines_come_as_endpoints_do_and_the_last_ends_the_round() {
    let out = sample::Shared::default();
    let mut report = sample::open_one(Format::Ndjson, &opened(), &out, Style::plain());
    assert_eq!(types(&out.text()), ["round-started"]);
    report.endpoint(&lines()[0]).unwrap();
    assert_eq!(types(&out.text()), ["round-started", "endpoint"]);
    report.finish(&closed(&lines()[..1])).unwrap();
    assert_eq!(types(&out.text()), ["round-started", "endpoint", "round"]);
}

#[test]
fn a_thousand_endpoints_pass_through_the_spool_whole() {
    let line = healthy("www.example.org", "192.0.2.1:443", 87);
    let many = std::iter::repeat_n(&line, 3000);
    let summary = Summary { ok: 3000, ..Summary::default() };
    let closed = Closed { expected: 3000, attempted: 3000, checked: 3000, summary, ..closed(&[]) };
    let text = render_run(Format::Json, Style::plain(), &opened(), many, &closed);
    assert!(text.len() > 5 << 20, "{} bytes stay in memory", text.len());
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["endpoints"].as_array().unwrap().len(), 3000);
    assert_eq!(report["round"]["finished_at"], NOW.to_string().replace("00Z", "10.240Z"));
}

#[test]
fn checked_means_dates_and_names_were_read() {
    let checked: Vec<_> = lines().iter().map(EndpointLine::was_checked).collect();
    // Three have no certificate, and one reader stalled.
    assert_eq!(checked, [true, true, true, true, true, true, false, false, false, false]);
    let untold = Malformed { defect: DefectId::TimeMalformed, offset: 9 };
    let read = facts("www.example.org", "Example CA 1");
    for (name, want, facts) in [
        ("all", true, read.clone()),
        ("no notBefore", false, Facts { not_before: Err(untold.clone()), ..read.clone() }),
        ("no notAfter", false, Facts { not_after: Err(untold.clone()), ..read.clone() }),
        ("no names", false, Facts { extensions: nameless(&untold), ..read.clone() }),
        ("no subject", true, Facts { subject: Err(untold.clone()), ..read.clone() }),
    ] {
        let mut line = healthy("www.example.org", "192.0.2.1:443", 87);
        line.presented[0][0] = certificate("www.example.org", facts);
        assert_eq!(line.was_checked(), want, "{name}");
    }
}

fn nameless(untold: &Malformed) -> Extensions {
    Extensions { subject_alt_name: Err(untold.clone()), ..extensions("www.example.org") }
}

#[test]
fn a_chain_that_was_never_read_keeps_its_hashes() {
    let mut line = healthy("www.example.org", "192.0.2.1:443", 87);
    line.presented.clear();
    let text = render_run(Format::Json, Style::plain(), &opened(), [&line], &closed(&[]));
    let report: Value = serde_json::from_str(&text).unwrap();
    let shown = &report["endpoints"][0];
    let bytes = fingerprint("the bytes").to_string();
    assert_eq!(shown["presented"][0]["chain"], serde_json::json!([bytes, bytes]));
    assert_eq!(shown["end_entity"], Value::Null);
}

fn types(text: &str) -> Vec<String> {
    let kind =
        |line| serde_json::from_str::<Value>(line).unwrap()["type"].as_str().map(str::to_owned);
    text.lines().filter_map(kind).collect()
}
