//! What stands in issues, as somebody reads it at three in the morning.

use std::collections::BTreeMap;

use certvigil_model::{
    Block, Document, Family, Foreign, Incident, Origin, Severity, Span, is_unsafe_to_show,
};
use certvigil_report::issue::{ClockSeen, Context, Link, Next, Renewer, RenewerKind, body, title};

use crate::incidents::{context, incident_of};

/// The rules' ids with their families and severities, as the contract lists them.
const CONTRACT: &str = include_str!("../../../../contracts/findings.md");
/// Findings of alarms, which no rule makes.
const BESIDE: &[(&str, Family, Severity)] = &[
    ("renewal-overdue", Family::Expiry, Severity::Warning),
    ("installed-not-served", Family::Spread, Severity::Critical),
    ("watcher-blind", Family::Round, Severity::Unknown),
    ("issues-held", Family::Round, Severity::Warning),
    ("late", Family::CheckIn, Severity::Critical),
    ("does-not-deliver", Family::Channel, Severity::Critical),
];

/// One file a family: the first finding's issue in full, of the others what tells them apart.
#[test]
fn every_finding_has_an_issue_of_its_own() {
    for (family, findings) in findings_by_family() {
        let mut text = String::new();
        for (position, (id, severity)) in findings.into_iter().enumerate() {
            let incident = incident_of(id, family, severity);
            let Document(blocks) = body(&incident, &context());
            let blocks = if position == 0 { blocks } else { told_apart(&blocks) };
            text +=
                &format!("##### {id}, {}\n\n{}\n", severity.name(), title(&incident, &context()));
            text += &plain(&Document(blocks));
        }
        insta::assert_snapshot!(format!("family_{}", family.name()), text);
    }
}

#[test]
fn the_title_of_the_issue_that_was_never_filed() {
    let soon = incident_of("expires-soon", Family::Expiry, Severity::Warning);
    let want = "www.example.org: certificate ends 22 Dec 2026, 3 of 4 addresses";
    assert_eq!(title(&soon, &context()), want);
}

/// A person who knows nothing but the config's minimum.
#[test]
fn an_issue_of_a_run_that_knows_little() {
    let soon = incident_of("expires-soon", Family::Expiry, Severity::Warning);
    let little = Context::new(context().now, "certvigil 0.1.0");
    insta::assert_snapshot!("knows_little", plain(&body(&soon, &little)));
}

/// No finding goes by what its family is called, and no title ages or runs over.
#[test]
fn titles_tell_findings_apart_in_one_short_line() {
    let mut titles = BTreeMap::new();
    for (family, findings) in findings_by_family() {
        for (id, severity) in findings {
            let title = title(&incident_of(id, family, severity), &context());
            assert!(title.chars().count() < 120, "{title}");
            for word in ["critical", "warning", " days", "today"] {
                assert!(!title.contains(word), "{title}");
            }
            let other = titles.insert(title, id);
            assert_eq!(other, None, "{id} has the title of another finding");
        }
    }
}

/// What certificates, servers and people chose, as it tries to be more than text.
const HOSTILE: &[&str] = &[
    "\u{1b}[2J\u{202e}gro.elpmaxe\0\r\nchecked 10 of 10, 0 unknown\u{e0041}EVIL",
    "evil\u{1b}[31m.EVIL",
    "two\nlines EVIL",
    "##vso[task.setvariable]EVIL",
    "$(reboot)EVIL",
    "x'; reboot EVIL; '",
    "--trust=/EVIL",
    "@everyone EVIL ![x](http://evil.example/EVIL)",
    "EVIL <script>alert(1)</script> {{include(x)}}",
    "/EVIL\n/close",
    "EVIL.example:443' && reboot #EVIL",
];

#[test]
fn nothing_that_somebody_else_chose_stands_in_words_of_ours() {
    for hostile in HOSTILE.iter().map(|text| (*text).to_owned()) {
        let long = hostile.repeat(300);
        for text in [&hostile, &long] {
            for family in [Family::Expiry, Family::Name, Family::Reach, Family::Spread] {
                let (incident, context) = poisoned(family, text);
                let title = title(&incident, &context);
                assert!(title.chars().count() < 120, "{title}");
                assert!(!title.chars().any(is_unsafe_to_show), "{title:?}");
                for block in body(&incident, &context).0 {
                    for ours in words_of_ours(&block) {
                        assert!(!ours.chars().any(is_unsafe_to_show), "{ours:?}");
                        assert!(!ours.contains("EVIL"), "{ours:?}");
                    }
                }
            }
        }
    }
}

/// A name that only needs quotes stands in commands, in quotes.
#[test]
fn commands_quote_what_a_shell_would_read() {
    let mut incident = incident_of("expires-soon", Family::Expiry, Severity::Warning);
    for place in incident.places.values_mut() {
        place.target = Foreign::new("*.apps.example.org");
    }
    let text = plain(&body(&incident, &context()));
    assert!(text.contains("certvigil inspect '*.apps.example.org'\n"), "{text}");
    assert!(text.contains("certvigil check '*.apps.example.org'\n"), "{text}");
    assert!(!text.contains("s_client"), "{text}");
}

fn words_of_ours(block: &Block) -> Vec<String> {
    let of_line = |spans: &[Span]| -> Vec<String> {
        let ours = spans.iter().filter_map(|span| match span {
            Span::Ours(text) | Span::Strong(text) => Some(text.clone()),
            Span::Foreign(_) | Span::Code(_) | Span::Link(_) => None,
        });
        ours.collect()
    };
    match block {
        Block::Heading(text) => vec![text.clone()],
        Block::Paragraph(spans) => of_line(spans),
        Block::List(items) => items.iter().flat_map(|item| of_line(item)).collect(),
        // A word in quotes is no command.
        Block::Commands(lines) => {
            lines.iter().map(|line| line.split('\'').step_by(2).collect::<String>()).collect()
        }
    }
}

fn poisoned(family: Family, text: &str) -> (Incident, Context) {
    let mut incident = incident_of("expires-soon", family, Severity::Critical);
    let foreign = Foreign::new(text);
    incident.owner = text.into();
    for place in incident.places.values_mut() {
        place.target = foreign.clone();
        place.shown = text.into();
        place.owner = format!("{text} too");
        place.origin = Some(Origin { file: text.into(), line: 1 });
        for problem in &mut place.problems {
            (problem.id, problem.message) = (text.into(), text.into());
            problem.hint = Some(text.into());
        }
    }
    if let Some(certificate) = &mut incident.certificate {
        certificate.names = vec![foreign.clone(); 2];
        (certificate.subject, certificate.issuer) = (foreign.clone(), foreign.clone());
        certificate.serial_number = text.into();
    }
    let told = Some(text.to_owned());
    let renewer =
        Renewer { kind: RenewerKind::Hand, from: incident_origin(text), advice: told.clone() };
    let next = Next { step: text.into(), at: None, whom: vec![text.into()] };
    let link = Link { subject: foreign, serial_number: text.into(), ..context().chain[0].clone() };
    let context = Context {
        location: told.clone(),
        config: told.clone(),
        env: told.clone(),
        owner_from: incident_origin(text),
        renewer: Some(renewer),
        chain: vec![link],
        clock: Some(ClockSeen { ahead_ms: 0, with: vec![text.into()] }),
        journal_head: told,
        next: Some(next),
        ..context()
    };
    (incident, context)
}

fn incident_origin(text: &str) -> Option<Origin> {
    Some(Origin { file: text.into(), line: 1 })
}

fn findings_by_family() -> BTreeMap<Family, Vec<(&'static str, Severity)>> {
    let mut families: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in CONTRACT.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [_, id, family, _, severities, ..] = cells[..] else { panic!("{line}") };
        // What is only worth knowing makes an incident where a policy raises it.
        let worst = severities.split(", ").map(severity).max().unwrap().max(Severity::Warning);
        families.entry(self::family(family)).or_default().push((id, worst));
    }
    assert!(!families.is_empty());
    for (id, family, severity) in BESIDE {
        families.entry(*family).or_default().push((*id, *severity));
    }
    families
}

fn family(word: &str) -> Family {
    serde_json::from_value(word.into()).unwrap()
}

fn severity(word: &str) -> Severity {
    serde_json::from_value(word.into()).unwrap()
}

/// The first sentences, and what is to be done.
fn told_apart(blocks: &[Block]) -> Vec<Block> {
    let is =
        |block: &Block, text: &str| matches!(block, Block::Heading(heading) if heading == text);
    let todo = blocks.iter().position(|block| is(block, "Do")).unwrap();
    let proof = blocks.iter().position(|block| is(block, "Proof")).unwrap();
    blocks[..1].iter().chain(&blocks[todo..proof]).cloned().collect()
}

/// The document as plain text.
pub(crate) fn plain(document: &Document) -> String {
    document.0.iter().map(block).collect()
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(text) => format!("\n{text}\n"),
        Block::Paragraph(spans) => format!("{}\n", line(spans)),
        Block::List(items) => items.iter().map(|item| format!("- {}\n", line(item))).collect(),
        Block::Commands(lines) => lines.iter().map(|line| format!("    {line}\n")).collect(),
    }
}

fn line(spans: &[Span]) -> String {
    spans.iter().map(span).collect()
}

fn span(span: &Span) -> String {
    match span {
        Span::Ours(text) | Span::Strong(text) | Span::Link(text) => text.clone(),
        Span::Foreign(text) | Span::Code(text) => text.shown().to_string(),
    }
}
