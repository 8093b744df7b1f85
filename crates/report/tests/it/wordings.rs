//! What CI systems, monitors and people read, as it looks.

use certvigil_model::{Answer, Origin, Time};
use certvigil_report::{Closed, EndpointLine, Format, Style};

use crate::sample::{NOW, closed, expired_since, lines, opened, render_run};

/// Wordings that are a function over the run.
pub(crate) const WORDINGS: &[Format] = &[
    Format::Junit,
    Format::Sarif,
    Format::Github,
    Format::Nagios,
    Format::Prometheus,
    Format::Markdown,
    Format::Accept,
];

#[test]
fn a_round_with_something_of_everything() {
    let lines = everything();
    insta::assert_snapshot!("table", word(Format::Table, &lines));
    for format in WORDINGS {
        insta::assert_snapshot!(format.name(), word(*format, &lines));
    }
}

/// What a killed round leaves must not pass for a good one in any wording.
#[test]
fn a_round_that_never_ended() {
    let closed = Closed::pending(&opened());
    // The page is mostly looks; `html.rs` reads it.
    for format in Format::ALL.iter().filter(|format| **format != Format::Html) {
        let text = render_run(*format, Style::plain(), &opened(), &[], &closed);
        insta::assert_snapshot!(format!("pending_{format}"), text);
    }
}

/// "Checked 7 of 11" stands first and last, whoever reads.
#[test]
fn the_summary_stands_first_and_last() {
    let lines = everything();
    let summary = "checked 7 of 11, 4 unknown";
    for format in [Format::Table, Format::Github, Format::Nagios, Format::Markdown, Format::Accept]
    {
        let text = word(format, &lines);
        let (first, last) = (text.lines().next(), text.lines().last());
        assert!(first.is_some_and(|line| line.contains(summary)), "{format}: {first:?}");
        assert!(last.is_some_and(|line| line.contains(summary)), "{format}: {last:?}");
    }
}

/// Never hidden and never red: the answer stands in every wording, and the list of what is red
/// has none of it.
#[test]
fn what_is_accepted_is_told_with_its_end() {
    let lines = everything();
    for format in WORDINGS.iter().chain([&Format::Table]) {
        let text = word(*format, &lines);
        let is_told = match format {
            Format::Accept => !text.contains("legacy.example.org"),
            Format::Prometheus => {
                text.contains("finding=\"expired\",severity=\"critical\",accepted=\"true\"} 1")
            }
            _ => text.contains("accepted until 2027-01-04 by shop-team: switched off in January"),
        };
        assert!(is_told, "{format}: {text}");
    }
}

/// One thing is said of a target beside the 2,000 endpoints. A page for people ends; what it leaves out is counted.
#[test]
fn many_are_bounded_and_counted() {
    let lines: Vec<_> = (0..2_000)
        .map(|n| expired_since(&format!("n{n}.example.org"), "192.0.2.7:443", n + 1))
        .collect();
    for (format, longest, want) in [
        (Format::Github, 20_000, "… and 1,990 more critical or unknown"),
        (Format::Nagios, 8_192, "... and 1,993 more that are not ok"),
        (Format::Markdown, 65_536, "… and 1,971 more that are not ok"),
    ] {
        let text = word(format, &lines);
        assert!(text.contains(want), "{format}: {text}");
        let first = text.find("n1999.example.org");
        assert!(first.is_some_and(|at| at < longest / 2), "what ended first comes first: {text}");
        assert!(text.len() < longest, "{format}: {} bytes", text.len());
    }
}

/// Two samples of one series make a collector refuse the whole file; promtool does not see that.
#[test]
fn a_series_stands_once_and_the_worse_look_is_told() {
    let mut lines = lines();
    let expired = expired_since("twice.example.org", "192.0.2.7:443", 3);
    let mut unharmed = expired.clone();
    unharmed.judgement.findings.clear();
    lines.extend([unharmed.clone(), expired, unharmed]);
    let text = word(Format::Prometheus, &lines);
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let mut series: Vec<_> = samples.map(|line| line.rsplit_once(' ').unwrap().0).collect();
    let count = series.len();
    series.sort_unstable();
    series.dedup();
    assert_eq!(series.len(), count, "{text}");
    let verdicts = series.iter().filter(|one| one.starts_with("certvigil_endpoint_verdict"));
    let told: Vec<_> = verdicts.filter(|one| one.contains("twice.example.org")).collect();
    assert!(matches!(told[..], [one] if one.contains("verdict=\"critical\"")), "{told:?}");
}

/// The sample's lines with an origin each, and one more that somebody answers for.
fn everything() -> Vec<EndpointLine> {
    let mut lines = lines();
    let mut known = expired_since("legacy.example.org", "192.0.2.40:443", 50);
    known.judgement.findings[0].accepted = Some(Answer {
        reason: "switched off in January".into(),
        owner: "shop-team".into(),
        until: Time::from_seconds(NOW.seconds() + 41 * 86_400),
    });
    lines.push(known);
    for (line, number) in lines.iter_mut().zip(3..) {
        line.origin = Some(Origin { file: "ops/certvigil.toml".into(), line: number });
    }
    lines
}

/// `lines` as a whole round.
pub(crate) fn word(format: Format, lines: &[EndpointLine]) -> String {
    render_run(format, Style::plain(), &opened(), lines, &whole(lines))
}

/// The end of the round of `lines`.
pub(crate) fn whole(lines: &[EndpointLine]) -> Closed {
    let findings = lines.iter().flat_map(|line| &line.judgement.findings);
    let accepted: Vec<_> = findings.filter_map(|finding| finding.accepted.as_ref()).collect();
    Closed {
        accepted: accepted.len() as u64,
        accepted_until: accepted.iter().map(|answer| answer.until).min(),
        ..closed(lines)
    }
}
