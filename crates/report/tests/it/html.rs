//! The page: what it says, and that nothing which somebody else wrote becomes part of it.

use std::collections::BTreeMap;
use std::time::Duration;

use certvigil_model::{
    Answer, Datum, Ended, Family, Finding, Foreign, Origin, Outcome, Phase, Severity, Time,
    is_unsafe_to_show,
};
use certvigil_report::{Closed, EndpointLine, Format, NotLooked, Opened, Style, TargetFinding};

use crate::sample::{
    self, NOW, closed, ended, expired_since, finding, healthy, opened, render_run,
};

const DAY: i64 = 86_400;

#[test]
fn the_summary_is_first_and_last_and_the_worst_comes_first() {
    let page = sample::render(Format::Html, Style::plain());
    let sentence = "checked 6 of 10, 4 unknown";
    assert!(page.contains(&format!("<title>✗ certvigil: {sentence}</title>")), "{}", text(&page));
    let words = text(&page);
    let places: Vec<_> = words.match_indices(sentence).map(|(at, _)| at).collect();
    let order = ["Critical: ", "Unknown: ", "Warning: ", "In order ", "Worth knowing"];
    let order = order.map(|title| words.find(title).unwrap_or_else(|| panic!("{title}: {words}")));
    assert!(order.is_sorted(), "{words}");
    let (first, last) = (places.get(1).copied().unwrap(), places.last().copied().unwrap());
    assert!(first < order[0] && last > order[4], "{words}");
}

#[test]
fn a_card_has_finding_proof_hint_chain_and_owner() {
    let page = sample::render(Format::Html, Style::plain());
    let critical = section(&page, "critical");
    let words = text(critical);
    for part in [
        "shop.example.org, 2 addresses",
        "expired the certificate ended 2026-11-21T16:37:00Z (3 d ago)",
        "renew the certificate and install it at every address below",
        "https at 192.0.2.7:443",
        "https at [2001:db8::7]:443",
        "owner shop-team",
        "env:production",
        "end entity shop.example.org",
        "ended 3 d ago",
        "issuer Example CA 1",
        "TLS 1.3, key proven",
        "system: no path, the certificate has expired",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert_eq!(critical.matches("class=\"card ").count(), 2, "one card for both addresses");
}

#[test]
fn what_was_not_seen_says_how_far_the_look_came() {
    let page = sample::render(Format::Html, Style::plain());
    let words = text(section(&page, "unknown"));
    assert!(words.contains("✓ resolve ✓ connect ✗ hello · certificate"), "{words}");
    assert!(words.contains("targets.txt:7"), "{words}");
}

#[test]
fn a_missing_certificate_is_a_gap_and_an_anchor_ends_the_chain() {
    let mut gap = healthy("gap.example.org", "192.0.2.3:443", 50);
    gap.presented[0].truncate(1);
    let leaf = gap.presented[0][0].fingerprint;
    gap.judgement.trust.clear();
    gap.judgement.findings.push(Finding {
        certificate: Some(leaf),
        data: BTreeMap::from([(
            "issuer",
            Datum::Foreign(Foreign::new("CN=Example CA 1,O=Example")),
        )]),
        ..finding("chain-incomplete", Family::Trust, Severity::Warning, "the chain stops")
    });
    let words = text(section(&page(&[gap]), "warning"));
    assert!(words.contains("missing Example CA 1 was not sent"), "{words}");
    let whole = reddened(healthy("www.example.org", "192.0.2.1:443", 87));
    let words = text(section(&page(&[whole]), "warning"));
    let chain = "issuer Example CA 1 2026-08-26 to 2027-08-26 274 d left trust anchor Example Root in system, mozilla";
    assert!(words.contains(chain), "{words}");
}

#[test]
fn what_is_accepted_stands_apart_with_its_end() {
    let mut line = healthy("old.example.org", "192.0.2.8:443", 80);
    line.judgement.findings.push(Finding {
        accepted: Some(Answer {
            reason: "the appliance goes in December".into(),
            owner: "storage".into(),
            until: Time::from_seconds(NOW.seconds() + 41 * DAY),
        }),
        ..finding("legacy-tls", Family::Strength, Severity::Warning, "TLS 1.0 at best")
    });
    let lines = [line];
    let closed = Closed {
        accepted: 1,
        accepted_until: Some(Time::from_seconds(NOW.seconds() + 41 * DAY)),
        ..quiet(&lines)
    };
    let page = render_run(Format::Html, Style::plain(), &opened(), &lines, &closed);
    let words = text(section(&page, "accepted"));
    assert!(
        words.contains("Accepted for a time (1) the next ends 2027-01-04 (in 40 d)"),
        "{words}"
    );
    assert!(words.contains("by storage: the appliance goes in December"), "{words}");
    assert!(!page.contains("id=\"warning\""), "it is not red");
}

#[test]
fn a_round_that_is_not_whole_says_so_first_and_last() {
    let opened = Opened { targets: 20, ..opened() };
    let closed = Closed::pending(&opened);
    let page = render_run(Format::Html, Style::plain(), &opened, &[], &closed);
    assert_eq!(page.matches("This round is incomplete: attempted 0 of 20.").count(), 2, "{page}");
    assert!(page.contains("<title>? certvigil: checked 0 of 20, 0 unknown</title>"));
}

#[test]
fn the_worst_thousand_are_shown_and_the_rest_counted() {
    let timeout = Ended::early(Outcome::Timeout, Phase::Hello, "silent");
    let mut lines: Vec<_> = (0..1_200)
        .map(|n| ended(&format!("n{n}.example"), Some("192.0.2.20:443"), &timeout))
        .collect();
    lines.push(expired_since("shop.example.org", "192.0.2.7:443", 40));
    lines.extend((0..100).map(|n| healthy(&format!("ok{n}.example"), "192.0.2.1:443", 87)));
    let page = page(&lines);
    assert_eq!(page.matches("<article class=\"card unknown\"").count(), 999);
    assert_eq!(page.matches("<article class=\"card critical\"").count(), 1);
    let words = text(&page);
    assert!(words.contains("… and 201 more endpoints that are not in order."), "{words}");
    assert!(words.contains("In order (100) … and 100 endpoints that end later"), "{words}");
}

#[test]
fn the_horizon_has_a_mark_for_each_certificate_and_a_bar_for_many() {
    let few: Vec<_> = [-3, 2, 2, 9, 80, 700]
        .iter()
        .enumerate()
        .map(|(n, days)| healthy(&format!("n{n}.example"), "192.0.2.1:443", *days))
        .collect();
    let drawn = page(&few);
    let wide = between(&drawn, "<svg class=\"horizon wide\"", "</svg>");
    assert_eq!(wide.matches("class=\"mark ok\"").count(), few.len(), "{wide}");
    assert!(wide.contains("<title>n0.example: ok, ended 3 d ago</title>"), "{wide}");
    assert!(wide.contains("1 certificate ended, 3 certificates to end within 30 days"), "{wide}");
    let many: Vec<_> =
        (0..3_000).map(|n| healthy(&format!("n{n}.example"), "192.0.2.1:443", 60)).collect();
    let drawn = page(&many);
    let wide = between(&drawn, "<svg class=\"horizon wide\"", "</svg>");
    assert_eq!(wide.matches("class=\"mark ok\"").count(), 1, "{wide}");
    assert!(wide.contains(">3,000</text>"), "{wide}");
    // The same certificate at many addresses is one mark.
    let same: Vec<_> =
        (1..50).map(|n| healthy("www.example", &format!("192.0.2.{n}:443"), 60)).collect();
    let drawn = page(&same);
    let wide = between(&drawn, "<svg class=\"horizon wide\"", "</svg>");
    assert_eq!(wide.matches("class=\"mark ok\"").count(), 1, "{wide}");
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    let page = sample::render(Format::Html, Style::plain());
    let policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">";
    assert!(page.contains(policy));
    assert!(page.contains("<html lang=\"en\">"));
    for (tag, attributes) in tags(&page) {
        assert!(!matches!(tag.as_str(), "script" | "img" | "iframe" | "link" | "object"), "{tag}");
        for (name, value) in attributes {
            assert!(!name.starts_with("on") && name != "src", "{tag} {name}");
            assert!(name != "href" || value.starts_with('#'), "{tag} {value}");
        }
    }
    let style = between(&page, "<style>", "</style>");
    assert!(!style.contains("url(") && !style.contains("@import"), "{style}");
}

/// Every text that somebody else chose is made hostile: the page has the same tags as before.
#[test]
fn hostile_text_stays_text() {
    let benign = run_with("benign");
    for hostile in [
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title></style></svg><script>alert(1)</script>",
        "<!-- ",
        "]]>",
        "&#x3c;b&#x3e;",
        "a\r\n\u{202e}b\u{1b}[2J\0\u{feff}",
        "\u{5d0}\u{5d1}",
    ] {
        let page = run_with(hostile);
        let skeleton = |page: &str| -> Vec<String> {
            let tag = |(tag, attributes): (String, Vec<(String, String)>)| {
                let names: Vec<_> = attributes.into_iter().map(|(name, _)| name).collect();
                format!("{tag} {}", names.join(" "))
            };
            tags(page).into_iter().map(tag).collect()
        };
        assert_eq!(skeleton(&page), skeleton(&benign), "{hostile:?}");
        let drives = |c: char| !matches!(c, '\n' | '\u{a0}') && is_unsafe_to_show(c);
        assert!(!page.contains(drives), "{hostile:?}");
    }
}

/// A run in which `text` stands wherever somebody else could have put it.
fn run_with(text: &str) -> String {
    let mut line = reddened(healthy("x", "192.0.2.1:443", 20));
    let evil = || Foreign::new(text);
    line.targets = vec![evil()];
    line.owner = Some(text.to_owned());
    line.tags = vec![text.to_owned()];
    line.origin = Some(Origin { file: text.to_owned(), line: 3 });
    line.endpoint.server_name = Some("asked.example".to_owned());
    line.judgement.trust[0].profile = text.to_owned();
    line.judgement.trust[1].reason = Some(text.to_owned());
    line.judgement.trust[1].trusted = false;
    line.capture.ended =
        Ended { outcome: Outcome::Reset, phase: Some(Phase::Finished), reason: Some(text.into()) };
    let identity = [certvigil_x509::GeneralName::Dns(evil())].to_vec();
    let named = |name: &str| {
        let mut read = sample::facts(name, name);
        if let Ok(name) = &mut read.subject {
            name.text = Foreign::new(format!("CN={text}"));
        }
        if let Ok(name) = &mut read.issuer {
            name.text = Foreign::new(format!("CN={text}"));
        }
        read.extensions.subject_alt_name = Ok(Some(identity.clone()));
        read.defects = vec![certvigil_x509::Defect {
            field: text.to_owned(),
            message: text.to_owned(),
            ..sample::defect()
        }];
        sample::certificate(name, read)
    };
    line.presented = vec![vec![named("x"), named("Example CA 1"), named("beside")]];
    let mut accepted = finding("legacy-tls", Family::Strength, Severity::Warning, text);
    accepted.accepted =
        Some(Answer { reason: text.to_owned(), owner: text.to_owned(), until: NOW });
    accepted.hint = Some(text.to_owned());
    let noted = finding("noted", Family::Form, Severity::Info, text);
    line.judgement.findings.extend([accepted, noted]);
    line.judgement.findings[0].message = text.to_owned();
    line.judgement.findings[0].hint = Some(text.to_owned());
    let mut fine = line.clone();
    fine.judgement.findings.clear();
    let lines = [line, fine];
    let said = finding("addresses-differ", Family::Spread, Severity::Warning, text);
    let closed = Closed {
        accepted: 1,
        findings: vec![
            TargetFinding::of(said.clone(), vec![evil()]),
            TargetFinding::of(said, Vec::new()),
        ],
        not_looked: vec![NotLooked { family: 6, addresses: 2, why: text.to_owned() }],
        ..closed(&lines)
    };
    let opened = Opened {
        tool: text.to_owned(),
        id: text.to_owned(),
        location: Some(text.to_owned()),
        trust_profiles: vec![text.to_owned()],
        bound: Duration::from_secs(41),
        ..opened()
    };
    render_run(Format::Html, Style::plain(), &opened, &lines, &closed)
}

fn reddened(mut line: EndpointLine) -> EndpointLine {
    let soon = finding("expires-soon", Family::Expiry, Severity::Warning, "it ends soon");
    line.judgement.findings.push(soon);
    line
}

fn quiet(lines: &[EndpointLine]) -> Closed {
    Closed { findings: Vec::new(), not_looked: Vec::new(), ..closed(lines) }
}

fn page(lines: &[EndpointLine]) -> String {
    render_run(Format::Html, Style::plain(), &opened(), lines, &quiet(lines))
}

fn section<'a>(page: &'a str, id: &str) -> &'a str {
    between(page, &format!("<section id=\"{id}\""), "</section>")
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let from = text.find(from).unwrap_or_else(|| panic!("{from} is not there"));
    let rest = &text[from..];
    &rest[..rest.find(to).unwrap()]
}

/// What a reader sees: no tags, one blank between words.
fn text(page: &str) -> String {
    let mut words = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once('<') {
        words.push_str(before);
        let gap = ["bdi", "/bdi", "b>", "/b>"].iter().all(|inline| !after.starts_with(inline));
        words.push_str(if gap { " " } else { "" });
        rest = after.split_once('>').unwrap().1;
    }
    words.push_str(rest);
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    words.replace(" ,", ",").replace("&#39;", "'").replace("&quot;", "\"")
}

/// Every tag that is opened, with its attributes.
fn tags(page: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut all = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let (name, mut after) = after.split_at(after.find([' ', '>', '\n']).unwrap_or(after.len()));
        let mut attributes = Vec::new();
        loop {
            after = after.trim_start();
            if let Some(behind) = after.strip_prefix('>').or_else(|| after.strip_prefix("/>")) {
                rest = behind;
                break;
            }
            let end = after.find(['=', '>', ' ']).unwrap();
            let (attribute, behind) = after.split_at(end);
            match behind.strip_prefix("=\"") {
                Some(behind) => {
                    let (value, behind) = behind.split_once('"').unwrap();
                    attributes.push((attribute.to_owned(), value.to_owned()));
                    after = behind;
                }
                None => after = behind,
            }
        }
        all.push((name.to_owned(), attributes));
    }
    all
}
