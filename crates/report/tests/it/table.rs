//! The table for people.

use certvigil_model::{Ended, Family, Outcome, Phase, Severity, Time, is_unsafe_to_show};
use certvigil_report::{Closed, EndpointLine, Format, Style, TargetFinding};
use unicode_width::UnicodeWidthStr;

use crate::sample::{
    self, NOW, closed, ended, expired_since, finding, healthy, lines, opened, render_run,
};

#[test]
fn a_round_with_something_of_everything() {
    insta::assert_snapshot!("everything_at_80_columns", sample::render(Format::Table, at(80)));
    insta::assert_snapshot!("everything_at_120_columns", sample::render(Format::Table, at(120)));
}

#[test]
fn a_narrow_terminal_without_unicode() {
    let style = Style { unicode: false, ..at(40) };
    insta::assert_snapshot!("everything_in_ascii", sample::render(Format::Table, style));
}

#[test]
fn a_thousand_endpoints_stay_readable() {
    let lines = a_thousand();
    insta::assert_snapshot!("a_thousand", table(&lines, &quiet(&lines), at(80)));
}

#[test]
fn a_round_without_endpoints() {
    insta::assert_snapshot!(table(&[], &quiet(&[]), at(80)), @r"
    checked 0 of 0, 0 unknown · complete
    looked 2026-11-24T20:37:00Z, for 10.2 s of at most 41 s; trust: system, mozilla

    checked 0 of 0, 0 unknown · complete
    ");
}

#[test]
fn a_round_where_all_is_well() {
    let lines = [healthy("www.example.org", "192.0.2.1:443", 87)];
    insta::assert_snapshot!(table(&lines, &quiet(&lines), at(80)), @r"
    checked 1 of 1, 0 unknown · 1 ok · complete
    looked 2026-11-24T20:37:00Z, for 10.2 s of at most 41 s; trust: system, mozilla

    ✓ ok        www.example.org  192.0.2.1:443  86 d left, to 2027-02-19

    checked 1 of 1, 0 unknown · 1 ok · complete
    ");
}

#[test]
fn a_round_that_is_not_whole_and_judges_another_day() {
    let lines = [healthy("www.example.org", "192.0.2.1:443", 87)];
    let partial = finding(
        "round-partial",
        Family::Round,
        Severity::Unknown,
        "19 of 20 endpoints have no verdict: the round was stopped by SIGTERM",
    );
    let closed = Closed {
        expected: 20,
        accepted: 2,
        accepted_until: None,
        judged_at: Some(Time::from_seconds(NOW.seconds() + 80 * 86_400)),
        findings: vec![TargetFinding::of(partial, Vec::new())],
        ..quiet(&lines)
    };
    insta::assert_snapshot!(table(&lines, &closed, at(80)), @r"
    checked 1 of 20, 0 unknown · 1 ok · incomplete: 19 endpoints without a verdict
    looked 2026-11-24T20:37:00Z, for 10.2 s of at most 41 s; trust: system, mozilla
    judged as of 2027-02-12T20:37:00Z, not as of the look
    2 findings accepted for a time

    ? unknown   round-partial  this round
      19 of 20 endpoints have no verdict: the round was stopped by SIGTERM

    ✓ ok        www.example.org  192.0.2.1:443  7 d left, to 2027-02-19

    checked 1 of 20, 0 unknown · 1 ok · incomplete: 19 endpoints without a verdict
    ");
}

/// Colours say nothing that the words do not.
#[test]
fn the_same_text_stands_in_colour() {
    let colored = sample::render(Format::Table, Style { color: true, ..at(80) });
    assert!(colored.contains("\u{1b}[1m\u{1b}[31m✗ critical"), "{colored}");
    assert_eq!(without_colors(&colored), sample::render(Format::Table, at(80)));
}

#[test]
fn nothing_is_wider_than_the_page_and_nothing_drives_the_terminal() {
    let mut lines = lines();
    let long = "very-long.".repeat(25);
    for name in [
        long.as_str(),
        "例え.テスト.日本語のとても長い名前のサーバー.example",
        "z\u{301}\u{302}.example",
    ] {
        lines.push(healthy(name, "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:65535", 3));
        lines.push(expired_since(name, "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:65535", 9));
        lines.push(expired_since(&format!("a.{name}"), "192.0.2.1:443", 9));
    }
    for (width, unicode) in [(40, true), (63, true), (80, true), (100, false), (120, true)] {
        let text = table(&lines, &closed(&lines), Style { unicode, ..at(width) });
        for line in text.lines().filter(|line| !line.starts_with("checked ")) {
            assert!(line.width() <= width, "{} columns at {width}: {line}", line.width());
            assert!(unicode || line.is_ascii(), "{line}");
            assert!(!line.contains(is_unsafe_to_show), "{line:?}");
            assert_eq!(line, line.trim_end());
        }
    }
}

/// GitHub's runner takes `::name::words` behind blanks for a command, and `##[name]` wherever it
/// stands; Azure Pipelines takes `##vso[…]` so. Lists of targets and names may come from anybody.
#[test]
fn no_line_is_a_command_to_the_log_of_a_build() {
    let evil = ["::stop-commands::x", "::error file=a::b", "a ##vso[task.x]b", "###[group]"];
    let lines: Vec<_> = evil.into_iter().chain(["::1"]).map(no_target).collect();
    for width in [40, 80, 120] {
        let text = table(&lines, &closed(&lines), at(width));
        for line in text.lines() {
            let is_command = line.trim_start().starts_with("::") && line.matches("::").count() > 1;
            assert!(!is_command && !line.contains("##"), "{line:?}");
        }
        assert!(text.contains(r"\u{3a}:error file=a::b"), "{text}");
        assert!(text.contains(" ::1\n"), "an address stays one: {text}");
    }
}

fn no_target(written: &str) -> EndpointLine {
    ended(written, None, &Ended::early(Outcome::InvalidTarget, Phase::Resolve, "no target"))
}

#[test]
fn every_endpoint_is_named_or_counted() {
    let lines = a_thousand();
    let text = table(&lines, &quiet(&lines), at(120));
    let named = |prefix| text.lines().filter(|line| line.starts_with(prefix)).count();
    assert_eq!(named("✗ critical"), 41, "40 blocks and the count of the rest");
    assert!(text.contains("… 220 more endpoints with expired"));
    assert!(text.contains("… and 130 more\n"));
    assert!(text.contains("… and 590 more ok"));
}

#[test]
fn a_table_grows_no_further() {
    let length = |count: usize| {
        let line = |n| expired_since(&format!("{n}.example"), "192.0.2.1:443", n as i64);
        let lines: Vec<_> = (1000..1000 + count).map(line).collect();
        table(&lines, &quiet(&lines), at(80)).len()
    };
    assert!(length(1500).abs_diff(length(500)) < 20);
}

/// Everything that goes wrong at once on a large estate, and 600 endpoints that are well.
fn a_thousand() -> Vec<EndpointLine> {
    let mut lines = Vec::new();
    for n in 0..30 {
        lines.push(expired_since("shop.example.org", &format!("192.0.2.{n}:443"), 99));
    }
    for n in 0..230 {
        let name = format!("host-{n}.with-a-rather-long-name.apps.example.org");
        lines.push(expired_since(&name, &format!("[2001:db8::{n:x}]:8443"), 50 + n));
    }
    for n in 0..140 {
        let reason = format!("the server sent nothing for {}.{} s", n % 3 + 4, n % 10);
        let how = Ended::early(Outcome::Timeout, Phase::Hello, reason);
        let name = format!("silent-{n}.example.org");
        lines.push(ended(&name, Some(&format!("198.51.100.{n}:443")), &how));
    }
    for n in 0..600 {
        lines.push(healthy(&format!("ok-{n}.example.org"), "203.0.113.1:443", 30 + n));
    }
    lines
}

fn table(lines: &[EndpointLine], closed: &Closed, style: Style) -> String {
    render_run(Format::Table, style, &opened(), lines, closed)
}

/// The end of a round of which nothing else is to be said.
fn quiet(lines: &[EndpointLine]) -> Closed {
    Closed { findings: Vec::new(), not_looked: Vec::new(), ..closed(lines) }
}

/// Takes the colour sequences (ECMA-48 SGR) out.
fn without_colors(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once('m').unwrap().1)
}

const fn at(width: usize) -> Style {
    Style { width, ..Style::plain() }
}
