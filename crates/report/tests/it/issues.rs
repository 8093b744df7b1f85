//! What stands in issues, as somebody reads it at three in the morning.

use std::collections::BTreeMap;

use certvigil_model::{
    Block, Document, Family, Foreign, Incident, Origin, Place, Severity, Span, Subject,
    is_unsafe_to_show,
};
use certvigil_report::issue::{ClockSeen, Context, Link, Next, Renewer, RenewerKind, body, title};

use crate::incidents::{at, context, endpoint, incident_of};

/// The rules' ids with their families and severities, as the contract lists them.
const CONTRACT: &str = include_str!("../../../../contracts/findings.md");
/// Findings of alarms, which no rule makes.
const BESIDE: &[(&str, Family, Severity)] = &[
    ("renewal-overdue", Family::Expiry, Severity::Warning),
    ("installed-not-served", Family::Spread, Severity::Critical),
    ("watcher-blind", Family::Round, Severity::Unknown),
    ("issues-held", Family::Round, Severity::Warning),
    ("test-unanswered", Family::Channel, Severity::Warning),
    ("long-dead", Family::Round, Severity::Warning),
    ("late", Family::CheckIn, Severity::Critical),
    ("does-not-deliver", Family::Channel, Severity::Warning),
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

/// Each command as somebody types it who sees the target's line, whatever the line is like.
#[test]
fn commands_look_at_the_place_that_is_bad() {
    for (target, shown, server_name, want) in [
        (
            "smtp://mail.example.org",
            "192.0.2.1:25",
            None,
            [
                "certvigil inspect smtp://mail.example.org --resolve mail.example.org:25:192.0.2.1",
                "openssl s_client -connect 192.0.2.1:25 -servername mail.example.org -starttls smtp ",
            ],
        ),
        (
            "tls://192.0.2.1:8443#internal.example",
            "192.0.2.1:8443",
            Some("internal.example"),
            [
                "certvigil inspect 'tls://192.0.2.1:8443#internal.example'",
                "openssl s_client -connect 192.0.2.1:8443 -servername internal.example ",
            ],
        ),
        (
            "www.example.org:8443",
            "[2001:db8::1]:8443",
            Some("other.example.org"),
            [
                "certvigil inspect www.example.org:8443 --server-name other.example.org \
                 --resolve www.example.org:8443:2001:db8::1",
                "openssl s_client -connect '[2001:db8::1]:8443' -servername other.example.org ",
            ],
        ),
        (
            "[2001:db8::1]:8443",
            "[2001:db8::1]:8443",
            None,
            [
                "certvigil inspect '[2001:db8::1]:8443'",
                "openssl s_client -connect '[2001:db8::1]:8443' -noservername ",
            ],
        ),
        (
            "/etc/ssl/www example.pem",
            "/etc/ssl/www example.pem#0",
            None,
            [
                "certvigil inspect '/etc/ssl/www example.pem'",
                "openssl x509 -in '/etc/ssl/www example.pem' -noout ",
            ],
        ),
    ] {
        let mut incident = incident_of("expires-soon", Family::Expiry, Severity::Warning);
        for place in incident.places.values_mut() {
            (place.target, place.shown) = (Foreign::new(target), shown.into());
            place.server_name = server_name.map(str::to_owned);
        }
        let text = plain(&body(&incident, &context()));
        for command in want {
            assert!(text.contains(command), "{command} in {text}");
        }
    }
}

/// What was last seen is judged as of now: dates run on while nobody can look.
#[test]
fn what_nobody_can_see_is_judged_by_its_dates() {
    let mut unseen = incident_of("expires-soon", Family::Expiry, Severity::Critical);
    unseen.unseen_since = Some(unseen.last_bad);
    let ended = Context { now: at("2026-12-22T10:00:00Z"), ..context() };
    let text = plain(&body(&unseen, &ended));
    let mut lines = text.lines();
    let want = "www.example.org: Clients refuse the certificate since Tue 22 Dec 2026 10:00 UTC.";
    assert_eq!(lines.next(), Some(want));
    assert!(lines.any(|line| line.contains("cannot be seen since Tue 24 Nov 2026 20:36 UTC")));
    assert!(title(&unseen, &ended).contains("certificate ended 22 Dec 2026"));
}

#[test]
fn many_places_are_bounded_and_counted() {
    let mut wide = incident_of("expires-soon", Family::Expiry, Severity::Warning);
    let place = wide.places[&endpoint(1)].clone();
    for n in 5..=250 {
        let shown = format!("198.51.100.{n}:443");
        wide.places.insert(endpoint(n), Place { shown, ..place.clone() });
    }
    let text = plain(&body(&wide, &context()));
    assert_eq!(text.lines().filter(|line| line.starts_with("- bad: ")).count(), 40);
    assert!(text.contains("- and 210 more: 209 bad, 1 good\n"), "{text}");
    assert!(title(&wide, &context()).ends_with(", 249 of 250 addresses"));
}

/// A block of state in a tracker keeps targets and no addresses.
#[test]
fn a_place_of_which_only_the_target_is_known_is_one() {
    let mut recalled = incident_of("timeout", Family::Reach, Severity::Unknown);
    for place in recalled.places.values_mut() {
        place.shown.clear();
    }
    let text = plain(&body(&recalled, &context()));
    assert!(text.contains("- bad: www.example.org, "), "{text}");
    assert!(text.contains("certvigil inspect www.example.org\n"), "{text}");
    assert_eq!(title(&recalled, &context()), "www.example.org: no answer in time");
}

/// What endpoints have in common is one issue, with the endpoints as its places.
#[test]
fn a_shared_cause_is_told_as_one() {
    let mut cause = incident_of("timeout", Family::Reach, Severity::Unknown);
    cause.subject = Subject::Cause("192.0.2.0/24 port 443".into());
    cause.certificate = None;
    let place = cause.places[&endpoint(1)].clone();
    for n in 2..=4 {
        let (shown, target) = (format!("192.0.2.{n}:443"), format!("www{n}.example.org"));
        let place = Place { shown, target: Foreign::new(target), ..place.clone() };
        cause.places.insert(endpoint(n), place);
    }
    let text = plain(&body(&cause, &context()));
    insta::assert_snapshot!("shared_cause", format!("{}\n{text}", title(&cause, &context())));
}

/// Emphasis that ends in a blank is none in Markdown, and an angle bracket that opens does not get
/// through every tracker.
#[test]
fn every_markup_can_say_it() {
    for (family, findings) in findings_by_family() {
        for (id, severity) in findings {
            for block in body(&incident_of(id, family, severity), &context()).0 {
                let spans = match &block {
                    Block::Paragraph(spans) => spans.clone(),
                    Block::List(items) => items.concat(),
                    Block::Heading(_) | Block::Commands(_) => Vec::new(),
                };
                for span in spans {
                    if let Span::Strong(text) = span {
                        assert_eq!(text, text.trim(), "{id}");
                    }
                }
                if let Block::Commands(lines) = block {
                    assert!(lines.iter().all(|line| !line.contains(['<', '`'])), "{lines:?}");
                }
            }
        }
    }
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
    let of_rules = CONTRACT.lines().take_while(|line| !line.starts_with("## "));
    for line in of_rules.filter(|line| line.starts_with("| `")) {
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
