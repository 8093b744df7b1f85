//! SARIF 2.1.0 (OASIS), as code scanning reads it: a result a finding, at the line where its target
//! stands. What is accepted is a suppressed result.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use certvigil_model::{Family, Fingerprint, Origin, Severity};
use serde_json::{Value, json};

use super::rules::Meaning;
use crate::Closed;
use crate::contract::Finding;
use crate::entry::Entry;
use crate::json::write_json;
use crate::run::Run;
use crate::words::{answered, headline, inert};

/// Writes the run.
pub(crate) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\"version\":\"2.1.0\",\"$schema\":\"{SCHEMA}\",\"runs\":[{{\"tool\":")?;
    line(out, &tool(run)?)?;
    write!(out, ",\n\"invocations\":")?;
    line(out, &json!([invocation(run)]))?;
    write!(out, ",\n\"automationDetails\":")?;
    let place = run.head.location.as_deref().unwrap_or("here");
    line(out, &json!({ "id": format!("certvigil/{}/{}", inert(place, "/"), run.head.id) }))?;
    write!(out, ",\n\"columnKind\":\"unicodeCodePoints\",\n\"results\":[")?;
    let mut lead = "\n";
    if !run.tail.complete() {
        write!(out, "{lead}")?;
        line(out, &incomplete(run))?;
        lead = ",\n";
    }
    for entry in run.worst_first() {
        let entry = entry?;
        for finding in &entry.findings {
            write!(out, "{lead}")?;
            line(out, &result(&entry, finding))?;
            lead = ",\n";
        }
    }
    writeln!(out, "]}}]}}")
}

fn line(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    let mut text = Vec::new();
    write_json(&mut text, value)?;
    out.write_all(&text)
}

/// The program and the rules that say something in this run.
fn tool(run: &Run<'_>) -> io::Result<Value> {
    let mut rules = BTreeMap::new();
    if !run.tail.complete() {
        rules.insert(INCOMPLETE.to_owned(), (Family::Round, Severity::Unknown));
    }
    for entry in run.worst_first() {
        for finding in entry?.findings {
            let (_, worst) = rules.entry(finding.id).or_insert((finding.family, finding.severity));
            *worst = finding.severity.max(*worst);
        }
    }
    let rules: Vec<_> =
        rules.iter().map(|(id, (family, worst))| rule(id, *family, *worst)).collect();
    let (name, version) = run.head.tool.split_once(' ').unwrap_or((&run.head.tool, "0"));
    Ok(json!({ "driver": { "name": name, "semanticVersion": version, "rules": rules } }))
}

fn rule(id: &str, family: Family, worst: Severity) -> Value {
    let Meaning { means, help } = match id {
        INCOMPLETE => Meaning {
            means: "Endpoints have no verdict.".to_owned(),
            help: "Find out what ended the round, and run it again.".to_owned(),
        },
        id => Meaning::of(id),
    };
    json!({
        "id": id,
        "shortDescription": { "text": means },
        "fullDescription": { "text": means },
        "help": { "text": help },
        "defaultConfiguration": { "level": level(worst) },
        "properties": { "tags": ["certificate", family] },
    })
}

fn invocation(run: &Run<'_>) -> Value {
    let tail = run.tail;
    json!({
        "executionSuccessful": tail.complete() && tail.told(),
        "startTimeUtc": run.head.started_at,
        "endTimeUtc": tail.finished_at,
        "toolExecutionNotifications": notifications(tail),
        "properties": {
            "complete": tail.complete(),
            "expected": tail.expected,
            "attempted": tail.attempted,
            "checked": tail.checked,
            "accepted": tail.accepted,
            "summary": tail.summary,
        },
    })
}

/// The headline, and what was done about issues.
fn notifications(tail: &Closed) -> Vec<Value> {
    let notify = |is_fault: bool, words: &str| {
        let level = if is_fault { "error" } else { "note" };
        json!({ "level": level, "message": { "text": text(words) } })
    };
    let mut notifications = vec![notify(!tail.complete(), &headline(tail))];
    if let Some(acted) = &tail.acted {
        notifications.push(notify(!acted.is_proven(), &acted.headline()));
        let lines = acted.lines(ISSUES);
        notifications.extend(lines.iter().map(|told| notify(told.is_failure, &told.text)));
    }
    notifications
}

/// A run that is not whole must not look like one without results.
fn incomplete(run: &Run<'_>) -> Value {
    let (attempted, expected) = (run.tail.attempted, run.tail.expected);
    let words = format!("attempted {attempted} of {expected}: {}", headline(run.tail));
    json!({
        "ruleId": INCOMPLETE,
        "level": "error",
        "message": { "text": text(&words) },
        "locations": [{ "logicalLocations": [{ "name": "this round", "kind": "resource" }] }],
        "partialFingerprints": fingerprints("", INCOMPLETE, None),
    })
}

fn result(entry: &Entry, finding: &Finding) -> Value {
    let mut result = json!({
        "ruleId": finding.id,
        "level": level(finding.severity),
        "kind": "fail",
        "message": { "text": text(&told(entry, finding)) },
        "locations": [location(entry)],
        "partialFingerprints": fingerprints(&entry.id, &finding.id, finding.certificate),
        "properties": { "severity": finding.severity, "owner": entry.owner },
    });
    if let Some(answer) = &finding.accepted {
        result["suppressions"] = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": inert(&answered(answer), ""),
        }]);
    }
    result
}

/// What is wrong, what to do, and what both rest on.
fn told(entry: &Entry, finding: &Finding) -> String {
    let mut told = format!("{}: {}", entry.name(), finding.message);
    for line in finding.hint.iter().map(|hint| format!("→ {hint}")) {
        let _ = write!(told, "\n{line}");
    }
    if let Some(answer) = &finding.accepted {
        let _ = write!(told, "\n{}", answered(answer));
    }
    for (label, words) in &entry.proof {
        let _ = write!(told, "\n{label}: {words}");
    }
    told
}

/// Where the target is written, and where the endpoint is.
fn location(entry: &Entry) -> Value {
    let name = entry.name();
    let mut location =
        json!({ "logicalLocations": [{ "fullyQualifiedName": name, "kind": "resource" }] });
    if let Some(Origin { file, line }) = &entry.origin {
        location["physicalLocation"] = json!({
            "artifactLocation": { "uri": uri(file) },
            "region": { "startLine": (*line).max(1) },
        });
    }
    location
}

/// A path as a URI reference (RFC 3986): what is not unreserved is percent-encoded, and a first
/// segment with a colon would be a scheme.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    if uri.starts_with('/') { format!("file://{uri}") } else { uri }
}

/// The same for the same finding on the same certificate at the same endpoint in every run. The second
/// is the only one that GitHub goes by, a hash and the number of the results that share it.
fn fingerprints(place: &str, id: &str, certificate: Option<Fingerprint>) -> Value {
    let on = certificate.map(|certificate| format!("\0{certificate}")).unwrap_or_default();
    let print = Fingerprint::of(format!("{place}\0{id}{on}").as_bytes()).to_string();
    let short = format!("{}:1", &print[..16]);
    json!({ "certvigilFinding/v1": print, "primaryLocationLineHash": short })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::Unknown => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A message (sections 3.11.5 and 3.11.6): braces are doubled, as one would begin a placeholder,
/// and brackets escaped, as two would make a link. Lines stay lines.
fn text(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for (position, line) in words.split('\n').enumerate() {
        if position > 0 {
            text.push('\n');
        }
        for c in inert(line, "").chars() {
            match c {
                '{' | '}' => text.extend([c, c]),
                '[' | ']' | '\\' => text.extend(['\\', c]),
                c => text.push(c),
            }
        }
    }
    text
}

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Notifications about issues.
const ISSUES: usize = 50;
/// The rule of a round that is not whole.
const INCOMPLETE: &str = "round-incomplete";
