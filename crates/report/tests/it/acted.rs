//! What a run that acts says of issues, in every wording.

use certvigil_model::{Family, IncidentKey, Subject, TrackerName, is_unsafe_to_show};
use certvigil_report::{Acted, Closed, Format, Heard, IssueLine, IssueState, Style};

use crate::sample::{closed, lines, opened, render_run};
use crate::schema::{REPORT, assert_valid, line_of, parse, validator};
use crate::wordings::WORDINGS;

#[test]
fn a_run_that_acts_with_something_of_everything() {
    let acted = everything();
    for format in WORDINGS.iter().chain([&Format::Table]) {
        insta::assert_snapshot!(format!("{format}"), only_issues(*format, &acted));
    }
}

#[test]
fn the_json_is_as_the_schema_says() {
    let schema = parse(REPORT);
    let mut report = parse(&word(Format::Json, everything()));
    assert_valid(&validator(&schema), &report);
    assert_eq!(report["round"]["acted"]["counts"]["held"], 27);
    assert_eq!(report["round"]["acted"]["proven"], false);
    let text = word(Format::Ndjson, everything());
    let last = text.lines().last().unwrap();
    assert_valid(&validator(&line_of(REPORT)), &parse(last));
    for field in ["proven", "journal", "counts", "issues", "said"] {
        let acted = &mut report["round"]["acted"];
        let taken = acted.as_object_mut().unwrap().remove(field).unwrap();
        assert!(!validator(&schema).is_valid(&report), "{field} may go unnoticed");
        report["round"]["acted"][field] = taken;
    }
}

/// Issues that are not known to be there make no wording green.
#[test]
fn what_is_not_confirmed_is_seen_in_every_wording() {
    let failing = Acted { issues: vec![issue(IssueState::NotConfirmed)], ..proven() };
    for (format, good, bad) in [
        (Format::Junit, "errors=\"0\"", "<error type=\"issue-not-confirmed\""),
        (Format::Sarif, "\"executionSuccessful\":true", "\"executionSuccessful\":false"),
        (
            Format::Github,
            "issues: 1 filed and read back",
            "::error title=certvigil%3A not everybody",
        ),
        (Format::Nagios, "OK", "UNKNOWN"),
        (Format::Prometheus, "certvigil_issues_proven 1", "certvigil_issues_proven 0"),
        (Format::Json, "\"proven\":true", "\"proven\":false"),
        (Format::Html, "1 filed and read back", "<li class=\"critical\"><span"),
    ] {
        let (proven, failing) = (alone(format, proven()), alone(format, failing.clone()));
        assert!(proven.contains(good), "{format}: {proven}");
        assert!(!proven.contains(bad), "{format}: {proven}");
        assert!(failing.contains(bad), "{format}: {failing}");
    }
}

/// A run without a store says so wherever people read.
#[test]
fn a_run_without_a_store_says_what_it_lacks() {
    let says = |acted: Acted, format| word(format, acted).contains("keeps no journal");
    for format in WORDINGS.iter().chain([&Format::Table, &Format::Html]) {
        let told = !matches!(format, Format::Prometheus | Format::Accept);
        assert_eq!(says(Acted { has_store: false, ..proven() }, *format), told, "{format}");
        assert!(!says(proven(), *format), "{format}");
    }
}

#[test]
fn many_issues_are_bounded_and_counted() {
    let issues = vec![issue(IssueState::Filed); 5_000];
    let page = Heard { is_failure: false, text: "<html> ".repeat(10_000) };
    let acted = Acted { issues, heard: vec![page], ..proven() };
    for (format, longest) in
        [(Format::Nagios, 8_192), (Format::Markdown, 65_536), (Format::Table, 40_000)]
    {
        let text = word(format, acted.clone());
        assert!(text.len() < longest, "{format}: {}", text.len());
        assert!(text.contains("5,000 filed and read back"), "{format}");
    }
}

#[test]
fn what_trackers_say_drives_nothing() {
    let hostile = "x\u{1b}[2J\n::error::forged\u{202e} <img src=x> | `y` ##vso[task]";
    for format in Format::ALL {
        let text = word(*format, poisoned(hostile));
        let lines = text.split('\n');
        for line in lines {
            assert!(!line.contains(is_unsafe_to_show), "{format}: {line:?}");
            assert!(!line.starts_with("::error::forged"), "{format}: {line}");
            assert!(!line.contains("##vso"), "{format}: {line}");
        }
        assert!(!text.contains("<img src") || *format != Format::Html, "{format}");
    }
}

/// A run whose tracker says `hostile` wherever it can.
pub(crate) fn poisoned(hostile: &str) -> Acted {
    let issue = IssueLine {
        title: hostile.into(),
        tracker: Some(TrackerName(hostile.into())),
        id: Some(hostile.into()),
        url: Some(hostile.into()),
        trouble: Some(hostile.into()),
        ..issue(IssueState::NotConfirmed)
    };
    let heard = vec![Heard { is_failure: true, text: hostile.into() }];
    Acted { issues: vec![issue], heard, ..proven() }
}

fn everything() -> Acted {
    let mut issues: Vec<_> = IssueState::ALL.into_iter().map(issue).collect();
    issues.extend((0..26).map(|_| issue(IssueState::Held)));
    let heard = vec![
        Heard {
            is_failure: false,
            text: "the first round only observes what is not critical".into(),
        },
        Heard { is_failure: true, text: "the tracker answers 500 since 12:00 UTC".into() },
    ];
    Acted { issues, heard, has_store: false }
}

fn proven() -> Acted {
    Acted { issues: vec![issue(IssueState::Filed)], heard: Vec::new(), has_store: true }
}

fn issue(state: IssueState) -> IssueLine {
    let subject = Subject::Target(state.name().into());
    let has_url = !state.is_failure() && state != IssueState::Held;
    IssueLine {
        key: IncidentKey::of("", None, Family::Expiry, &subject),
        title: "www.example.org: certificate ends 22 Dec 2026, 3 of 4 addresses".into(),
        state,
        tracker: (state != IssueState::NobodyCanConfirm)
            .then(|| TrackerName("redmine https://tracker.example.org certificates".into())),
        id: has_url.then(|| "4711".into()),
        url: has_url.then(|| "https://tracker.example.org/issues/4711".into()),
        trouble: (state == IssueState::NotConfirmed).then(|| "500 Internal Server Error".into()),
    }
}

fn word(format: Format, acted: Acted) -> String {
    let lines = lines();
    let closed = Closed { acted: Some(acted), ..closed(&lines) };
    render_run(format, Style::plain(), &opened(), &lines, &closed)
}

/// A round without endpoints, so that nothing else makes it red.
fn alone(format: Format, acted: Acted) -> String {
    let closed = Closed { acted: Some(acted), findings: Vec::new(), ..closed(&[]) };
    render_run(format, Style::plain(), &opened(), &[], &closed)
}

/// The lines that are not there where a run only looks.
fn only_issues(format: Format, acted: &Acted) -> String {
    let looks = render_run(
        format,
        Style::plain(),
        &opened(),
        &[],
        &Closed { findings: Vec::new(), ..closed(&[]) },
    );
    let acts = alone(format, acted.clone());
    let is_new = |line: &&str| !looks.lines().any(|other| other == *line);
    acts.lines().filter(is_new).map(|line| format!("{line}\n")).collect()
}
