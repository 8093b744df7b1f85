//! Endpoints in full, drawn and as JSON.

use certvigil_model::{
    By, Ended, Family, Fingerprint, Foreign, Outcome, Phase, Severity, Time, Trust,
    is_unsafe_to_show,
};
use certvigil_report::{
    Anchor, EndpointLine, Format, Portrait, Style, TargetFinding, open_inspect,
};
use certvigil_x509::{Certificate, Facts};
use serde_json::Value;

use crate::sample::{
    NOW, Shared, certificate, ended, facts, finding, fingerprint, healthy, hostile_with, lines,
};
use crate::schema::{REPORT, assert_valid, line_of, parse, validator};

#[test]
fn a_healthy_chain_leads_to_its_anchor() {
    insta::assert_snapshot!("portrait_healthy", drawn(&[healthy_portrait()], at(100)));
}

#[test]
fn a_gap_stands_where_a_certificate_is_missing() {
    let text = drawn(&[incomplete()], at(100));
    insta::assert_snapshot!("portrait_incomplete", text);
    let gap = text.find("missing").unwrap();
    assert!(
        text.find("end entity").unwrap() < gap && gap < text.rfind("chain-incomplete").unwrap()
    );
}

#[test]
fn what_is_superfluous_stands_apart_and_what_failed_says_so() {
    insta::assert_snapshot!("portrait_superfluous", drawn(&[superfluous()], at(100)));
    insta::assert_snapshot!("portrait_silent", drawn(&[portrait(silent(), &[])], at(100)));
}

#[test]
fn a_second_look_is_drawn_below_the_first() {
    let old = lines().swap_remove(4);
    insta::assert_snapshot!("portrait_old", drawn(&[portrait(old, &[])], at(100)));
}

#[test]
fn a_circle_ends() {
    let leaf = certificate("leaf", facts("leaf", "One"));
    let [one, two] = [("One", "Two"), ("Two", "One")].map(|(s, i)| certificate(s, facts(s, i)));
    let mut portrait = healthy_portrait();
    portrait.line.presented = vec![vec![leaf, one, two]];
    portrait.trust = vec![Vec::new()];
    let text = drawn(&[portrait], at(100));
    assert!(text.contains("? a circle      One  stands below already"), "{text}");
}

#[test]
fn a_narrow_terminal_without_unicode() {
    let style = Style { unicode: false, ..at(60) };
    let all = [healthy_portrait(), incomplete()];
    let text = drawn(&all, style);
    assert!(text.is_ascii());
    insta::assert_snapshot!("portrait_in_ascii", text);
}

#[test]
fn nothing_drives_the_terminal_and_every_name_is_there() {
    let all: Vec<_> = lines().into_iter().map(|line| portrait(line, &[])).collect();
    for width in [40, 60, 120] {
        let text = drawn(&all, at(width));
        assert!(!text.contains(|c| c != '\n' && is_unsafe_to_show(c)), "{text:?}");
    }
    let many = portrait(hostile_with(1200), &[]);
    assert!(drawn(std::slice::from_ref(&many), at(100)).contains("n1199.例え.example"));
    let json = parse(&told(Format::Ndjson, at(100), &[many], &[]));
    assert_eq!(json["presented_chain"][0]["subject_alt_name"].as_array().unwrap().len(), 1200);
}

#[test]
fn colours_repeat_what_signs_say() {
    let style = Style { color: true, ..at(100) };
    let text = drawn(&[incomplete()], style);
    let plain = drawn(&[incomplete()], at(100));
    let mut bare = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        bare.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    assert_eq!(bare + rest, plain);
}

#[test]
fn an_endpoint_is_worded_as_in_a_report() {
    let all: Vec<_> = lines().into_iter().map(|line| portrait(line, &[])).collect();
    let said = [TargetFinding::of(
        finding("addresses-differ", Family::Spread, Severity::Warning, "they differ"),
        vec![Foreign::new("www.example.org")],
    )];
    let endpoint = validator(&line_of(REPORT));
    let ndjson = told(Format::Ndjson, at(100), &all, &said);
    let mut kinds = Vec::new();
    for text in ndjson.lines() {
        let line = parse(text);
        kinds.push(line["type"].as_str().unwrap().to_owned());
        if line["type"] == "endpoint" {
            assert_valid(&endpoint, &line);
        }
    }
    assert_eq!(kinds.len(), all.len() + 1);
    assert_eq!(kinds.last().unwrap(), "finding");
    let document = parse(&told(Format::Json, at(100), &all, &said));
    let schema = include_str!("../../../../contracts/inspect-1.schema.json");
    assert_valid(&validator(&parse(schema)), &document);
    let endpoints = document["endpoints"].as_array().unwrap();
    assert_eq!(endpoints.len(), all.len());
    for (line, entry) in ndjson.lines().zip(endpoints) {
        let mut line = parse(line);
        line.as_object_mut().unwrap().remove("type");
        assert_eq!(&line, entry);
    }
    assert_eq!(document["findings"][0]["targets"], Value::from(vec!["www.example.org"]));
}

fn healthy_portrait() -> Portrait {
    portrait(healthy("www.example.org", "192.0.2.1:443", 87), &["system", "mozilla"])
}

/// Only the end entity came.
fn incomplete() -> Portrait {
    let mut portrait = healthy_portrait();
    portrait.line.presented[0].truncate(1);
    portrait.line.capture.presented[0].chain.truncate(1);
    portrait.line.capture.presented[0].chain_total = 1;
    let leaf = Some(portrait.line.presented[0][0].fingerprint);
    let stops = finding(
        "chain-incomplete",
        Family::Trust,
        Severity::Warning,
        "the chain stops at CN=www.example.org: its issuer CN=Example CA 1 was neither sent nor is it a trust anchor",
    );
    let untrusted =
        finding("untrusted", Family::Trust, Severity::Critical, "no profile has a path");
    for said in [untrusted, stops] {
        let hint = Some("send the intermediates too".to_owned());
        portrait.line.judgement.findings.push(certvigil_model::Finding {
            certificate: leaf,
            hint,
            ..said
        });
    }
    for trust in &mut portrait.line.judgement.trust {
        let reason = Some("the issuer was not sent".to_owned());
        *trust =
            Trust { trusted: false, path: Vec::new(), expires_at: None, reason, ..trust.clone() };
    }
    portrait.trust = vec![portrait.line.judgement.trust.clone()];
    portrait.anchors = Vec::new();
    portrait
}

/// An old, expired one came between the two that are needed.
fn superfluous() -> Portrait {
    let mut portrait = healthy_portrait();
    let ended = Time::from_seconds(NOW.seconds() - 40 * 86_400);
    let read = Facts { not_after: Ok(ended), ..facts("Example Old CA", "Example Old Root") };
    portrait.line.presented[0].insert(1, certificate("Example Old CA", read));
    portrait.line.judgement.findings.push(certvigil_model::Finding {
        certificate: Some(fingerprint("Example Old CA")),
        ..finding(
            "superfluous-expired",
            Family::Trust,
            Severity::Info,
            "CN=Example Old CA is sent along though it expired",
        )
    });
    portrait
}

fn silent() -> EndpointLine {
    let how = Ended::early(Outcome::Timeout, Phase::Hello, "the server sent nothing for 5 s");
    let mut line = ended("silent.example.org", Some("192.0.2.20:443"), &how);
    line.capture.presented[0].by = By::LegacyHello;
    line
}

fn portrait(line: EndpointLine, profiles: &[&str]) -> Portrait {
    let trust = line.judgement.trust.clone();
    let root = certificate("Example Root", facts("Example Root", "Example Root"));
    let profiles: Vec<_> = profiles.iter().map(|&name| name.to_owned()).collect();
    let leads_to_root = |certificate: &Fingerprint| *certificate == fingerprint("Example Root");
    let is_reached = trust.iter().flat_map(|trust| &trust.path).any(leads_to_root);
    let anchors: Vec<Anchor> = if is_reached { vec![anchor(root, profiles)] } else { Vec::new() };
    Portrait { line, trust: vec![trust], anchors, now: NOW }
}

fn anchor(certificate: Certificate, profiles: Vec<String>) -> Anchor {
    Anchor { certificate, profiles }
}

fn at(width: usize) -> Style {
    Style { width, ..Style::plain() }
}

fn drawn(portraits: &[Portrait], style: Style) -> String {
    told(Format::Table, style, portraits, &[])
}

fn told(format: Format, style: Style, portraits: &[Portrait], said: &[TargetFinding]) -> String {
    let out = Shared::default();
    let mut inspection = open_inspect(format, Box::new(out.clone()), style, NOW).unwrap();
    portraits.iter().for_each(|portrait| inspection.endpoint(portrait).unwrap());
    said.iter().for_each(|said| inspection.target(said).unwrap());
    inspection.finish().unwrap();
    out.text()
}
