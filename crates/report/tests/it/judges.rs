//! Programs that nobody here wrote read what servers and certificates with bad intent have put into
//! a report. One that is not there is skipped, and says so.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use certvigil_model::{Answer, Family, Foreign, Origin, Severity, is_unsafe_to_show};
use certvigil_report::{Closed, EndpointLine, Format, Style};
use certvigil_x509::{Extensions, Facts, GeneralName, Name};
use serde_json::Value;

use crate::acted::poisoned;
use crate::sample::{
    NOW, certificate, expired_since, extensions, facts, finding, fingerprint, opened, render_run,
};
use crate::schema::assert_valid;
use crate::wordings::{WORDINGS, whole};

/// Something for every sink.
const EVIL: &str = "e\r\n::error file=x,line=1::boo%0A]]>\"'|`@admin #1 !2 https://evil.example \
    www.evil.example <script>alert(1)</script>&amp;\u{202e}{0}[x](https://evil.example)\n\
    ``` \\ $(id) */ --> ##[add-path]x\u{0}\u{1b}[31m\u{fffe}";

/// A run that acts, and whose tracker answers with the same.
fn word(format: Format, lines: &[EndpointLine]) -> String {
    let closed = Closed { acted: Some(poisoned(EVIL)), ..whole(lines) };
    render_run(format, Style::plain(), &opened(), lines, &closed)
}

#[test]
fn nothing_unsafe_to_show_comes_out() {
    for format in WORDINGS {
        let text = word(*format, &hostile());
        let bad: Vec<_> = text.chars().filter(|c| *c != '\n' && is_unsafe_to_show(*c)).collect();
        assert_eq!(bad, [], "{format}");
    }
}

#[test]
fn python_reads_the_junit_xml() {
    let script = "import sys, json, xml.etree.ElementTree as E
suite = E.parse(sys.stdin.buffer).getroot().find('testsuite')
cases = [[c.get('name'), c.get('file'), c.get('line'), [(r.tag, r.text) for r in c]]
         for c in suite.iter('testcase')]
print(json.dumps([suite.attrib, cases]))";
    let text = word(Format::Junit, &hostile());
    let Some(read) = judged("python3", &["-c", script], &text) else { return };
    let read: Value = serde_json::from_str(&read).unwrap();
    let (suite, cases) = (&read[0], read[1].as_array().unwrap());
    let results = |tag: &str| {
        let has = |case: &&Value| case[3].as_array().unwrap().iter().any(|it| it[0] == tag);
        cases.iter().filter(has).count().to_string()
    };
    assert_eq!(suite["tests"], cases.len().to_string());
    assert_eq!(suite["failures"], results("failure"));
    assert_eq!(suite["errors"], results("error"));
    assert_eq!(suite["skipped"], "0");
    let case = cases.iter().find(|case| case[2] == "7").unwrap();
    assert!(case[0].as_str().unwrap().contains("@admin #1"), "{case}");
    let [element] = &case[3].as_array().unwrap()[..] else { panic!("one result: {case}") };
    assert_eq!(element[0], "failure");
    assert!(element[1].as_str().unwrap().contains("<script>alert(1)</script>"), "{element}");
}

#[test]
fn the_published_schema_takes_the_sarif() {
    let Some(path) = published("serde-sarif-0.8.0/src/schema.json") else {
        skipped("the schema of SARIF is not there: cargo fetch --manifest-path scripts/published");
        return;
    };
    let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    // Its pattern for languages is no regular expression; no report names a language.
    for part in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][part]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let sarif: Value = serde_json::from_str(&word(Format::Sarif, &hostile())).unwrap();
    assert_valid(&validator, &sarif);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let message = results[0]["message"]["text"].as_str().unwrap();
    assert!(!message.contains("{0}") || message.contains("{{0}}"), "{message}");
    assert!(!message.contains(") ]("), "{message}");
    // A schema that lets anything pass proves nothing.
    let mut without = sarif.clone();
    without["runs"][0]["results"][0].as_object_mut().unwrap().remove("message");
    assert!(!validator.is_valid(&without));
}

#[test]
fn promtool_takes_the_metrics() {
    let text = word(Format::Prometheus, &hostile());
    judged("promtool", &["check", "metrics"], &text);
}

#[test]
fn cmark_makes_no_link_and_no_html_of_the_markdown() {
    let text = word(Format::Markdown, &hostile());
    let arguments = ["--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough"];
    let Some(html) = judged("cmark-gfm", &arguments, &text) else { return };
    assert!(html.contains("@admin #1"), "it is told: {html}");
    let mut outside = String::new();
    for part in html.split("<code>") {
        outside.push_str(part.split_once("</code>").map_or(part, |(_, after)| after));
    }
    for bad in ["@", "#", "href", "http", "www", "script", "<pre", "admin", "evil"] {
        assert!(!outside.contains(bad), "{bad} in {outside}");
    }
}

#[test]
fn python_reads_the_acceptances() {
    let script = "import sys, json, tomllib
print(json.dumps(tomllib.load(sys.stdin.buffer)['accept'], default=str))";
    let text = word(Format::Accept, &hostile());
    let Some(read) = judged("python3", &["-c", script], &text) else { return };
    let read: Value = serde_json::from_str(&read).unwrap();
    assert_eq!(read[0]["finding"], "name-mismatch");
    assert_eq!(read[0]["target"], EVIL, "the target as written, so that it is found again");
    assert_eq!(read[0]["until"], "2027-01-03");
    assert_eq!(read[0]["certificate"], fingerprint("evil").to_string());
    assert_eq!(read.as_array().unwrap().len(), 2, "one more is of a target: {read}");
}

/// Whoever keeps alerts by their prints would take two certificates' faults for one.
#[test]
fn two_certificates_of_an_endpoint_have_two_prints() {
    let mut line = expired_since("x", "192.0.2.66:8443", 1);
    line.judgement.findings = [Some("first"), Some("second"), None]
        .map(|identity| {
            let mut weak = finding("weak-key", Family::Strength, Severity::Warning, "weak");
            weak.certificate = identity.map(fingerprint);
            weak
        })
        .to_vec();
    let sarif: Value = serde_json::from_str(&word(Format::Sarif, &[line])).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let results: Vec<_> = results.iter().filter(|result| result["ruleId"] == "weak-key").collect();
    assert_eq!(results.len(), 3);
    for print in ["certvigilFinding/v1", "primaryLocationLineHash"] {
        let prints = results.iter().map(|result| result["partialFingerprints"][print].as_str());
        assert_eq!(prints.collect::<std::collections::HashSet<_>>().len(), 3, "{sarif}");
    }
}

/// There is no runner to ask: this reads lines as GitHub documents them.
#[test]
fn self_agrees_on_workflow_commands() {
    for line in word(Format::Github, &hostile()).lines() {
        let Some(command) = line.strip_prefix("::") else {
            let begins = ["checked ", "issues: "].iter().any(|words| line.starts_with(words));
            assert!(begins || line.contains(" accepted, "), "{line}");
            continue;
        };
        let (head, data) = command.split_once("::").unwrap();
        let (name, properties) = head.split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&name), "{line}");
        let keys: Vec<_> = properties.split(',').filter_map(|it| it.split_once('=')).collect();
        let names: Vec<_> = keys.iter().map(|(key, _)| *key).collect();
        assert!(names == ["file", "line", "title"] || names == ["title"], "{line}");
        assert!(!data.contains("%0A]]"), "a percent sign of theirs is escaped: {line}");
    }
}

/// One bar on the first line and none behind: what follows it is performance data.
#[test]
fn self_agrees_on_performance_data() {
    let text = word(Format::Nagios, &hostile());
    let (first, rest) = text.split_once('\n').unwrap();
    let (status, data) = first.split_once(" | ").unwrap();
    assert!(status.starts_with("CERTVIGIL CRITICAL - checked 2 of 2, 0 unknown"), "{status}");
    assert!(!rest.contains(['|', '<', '`', '$']), "{rest}");
    for item in data.split(' ') {
        let (label, values) = item.split_once('=').unwrap();
        assert!(label.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{item}");
        let mut values = values.split(';');
        let value = values.next().unwrap().trim_end_matches('s');
        assert!(value == "U" || value.parse::<i64>().is_ok(), "{item}");
        assert!(values.count() <= 4, "{item}");
    }
}

/// An endpoint whose every text is hostile, and one that a hostile person answers for.
fn hostile() -> Vec<EndpointLine> {
    let shown = Foreign::new(EVIL).shown().to_string();
    let mut evil = expired_since("x", "192.0.2.66:8443", 1);
    let name = Name { text: Foreign::new(EVIL), der: Vec::new(), common_names: Vec::new() };
    let names = vec![GeneralName::Dns(Foreign::new(EVIL))];
    let read = Facts {
        subject: Ok(name.clone()),
        issuer: Ok(name),
        extensions: Extensions { subject_alt_name: Ok(Some(names)), ..extensions("x") },
        ..facts("x", "x")
    };
    evil.presented = vec![vec![certificate("evil", read)]];
    evil.targets = vec![Foreign::new(EVIL)];
    evil.owner = Some(EVIL.into());
    evil.origin = Some(Origin { file: EVIL.into(), line: 7 });
    evil.judgement.trust[0].reason = Some(shown.clone());
    let message = format!("the certificate is for {shown}");
    let mut mismatch = finding("name-mismatch", Family::Name, Severity::Critical, &message);
    mismatch.hint = Some(format!("ask {shown}"));
    mismatch.certificate = Some(fingerprint("evil"));
    evil.judgement.findings = vec![mismatch];
    let mut accepted = expired_since("known.example.org", "192.0.2.67:443", 1);
    accepted.judgement.findings[0].accepted =
        Some(Answer { reason: EVIL.into(), owner: EVIL.into(), until: NOW });
    vec![evil, accepted]
}

/// What `program` prints when it is given `text`, which it must take; none where it is not there.
#[expect(clippy::disallowed_methods, reason = "a judge from outside is a program")]
fn judged(program: &str, arguments: &[&str], text: &str) -> Option<String> {
    let pipes = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = pipes else {
        skipped(&format!("{program} is not there to judge a report"));
        return None;
    };
    let mut input = child.stdin.take().unwrap();
    let text = text.to_owned();
    let feeding = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {said}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// A file of a package that `cargo fetch` brought here.
fn published(path: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "a test asks where packages are")]
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))?;
    let registries = std::fs::read_dir(home.join("registry/src")).ok()?;
    registries.flatten().map(|folder| folder.path().join(path)).find(|path| path.exists())
}

#[expect(clippy::print_stderr, reason = "who runs the tests must see what was not tried")]
fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}
