//! Exit codes: 0 clean, 1 findings, 2 we failed; and what is said when we did.

use crate::command::{free_port, run, run_with_input};

#[test]
fn a_fault_of_ours_is_exit_2_with_words_for_who_must_act() {
    let cases: &[(&[&str], &str)] = &[
        (&["check"], "required"),
        (&["check", "a.example", "--deadline", "5"], "with its unit"),
        (&["check", "a.example", "--format", "yaml"], "table"),
        (&["check", "a.example", "--trust", "/nowhere/roots.pem"], "/nowhere/roots.pem"),
        (&["check", "a.example", "--format", "json=/nowhere/report.json"], "/nowhere/report.json"),
        (&["check", "a.example", "--format", "json", "--format", "table"], "standard output"),
        (&["check", "a.example", "--resolve", "a.example:443"], "HOST:PORT:ADDRESS"),
        (&["check", "a.example", "--adjust", "weak-key=off"], "reason"),
        (&["check", "a.example", "--client-certificate", "x.pem"], "--client-key"),
        (&["inspect", "/nowhere/at/all.pem"], "/nowhere/at/all.pem"),
        (&["check", "a.example", "--act"], "--config <FILE>"),
        (&["check", "a.example", "--fetch"], "has no --fetch"),
        (&["check", "a.example", "--report-to", "https://b.example"], "has no --report-to"),
        (&["check", "a.example", "--store=state.db"], "--act"),
    ];
    for (arguments, words) in cases {
        let ran = run(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.told());
        let told = format!("{}{}", ran.out, ran.err);
        assert!(told.contains(words), "{arguments:?}: {}", ran.told());
    }
}

#[test]
fn a_list_without_targets_is_a_fault_and_not_a_clean_round() {
    let ran = run_with_input(&["check", "--stdin"], "# nothing\n\n");
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("the list of targets is empty"), "{}", ran.told());
}

/// N counts endpoints: whoever looks for the second line finds it in the first one's entry.
#[test]
fn lines_that_name_one_target_are_one_endpoint() {
    let refused = format!("127.0.0.1:{}", free_port());
    let list = format!("{refused}\ntls://{refused}\n{refused}\n");
    let arguments = ["check", &refused, "--stdin", "--format", "json", "--no-progress"];
    let report = run_with_input(&arguments, &list).json();
    assert_eq!(report["round"]["expected"], 1, "{report}");
    assert_eq!(report["round"]["summary"]["unknown"], 1, "{report}");
    let endpoints = report["endpoints"].as_array().unwrap();
    assert_eq!(endpoints.len(), 1, "{report}");
    assert_eq!(endpoints[0]["targets"], serde_json::json!([refused, format!("tls://{refused}")]));
}

#[test]
fn a_line_that_is_no_target_costs_the_others_nothing() {
    let refused = format!("127.0.0.1:{}", free_port());
    let list = format!("{refused}\nnot a target\n\u{1b}[31mred:443\n");
    let ran = run_with_input(&["check", "--stdin", "--format", "json", "--no-progress"], &list);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    let report = ran.json();
    assert_eq!(report["round"]["expected"], 3);
    assert_eq!(report["round"]["attempted"], 3);
    assert_eq!(report["round"]["checked"], 0);
    assert_eq!(report["round"]["summary"]["unknown"], 3);
    let endpoints = report["endpoints"].as_array().unwrap();
    let mut outcomes: Vec<_> = endpoints
        .iter()
        .map(|endpoint| {
            (endpoint["origin"]["line"].as_u64(), endpoint["outcome"].as_str().unwrap())
        })
        .collect();
    outcomes.sort_unstable();
    assert_eq!(
        outcomes,
        [(Some(1), "refused"), (Some(2), "invalid-target"), (Some(3), "invalid-target")]
    );
    assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'), "{}", ran.told());
}

#[test]
fn unknown_fails_at_every_level_but_never() {
    let refused = format!("127.0.0.1:{}", free_port());
    for (level, code) in [("info", 1), ("warning", 1), ("critical", 1), ("never", 0)] {
        let ran = run(&["check", &refused, "--fail-on", level, "--no-progress"]);
        assert_eq!(ran.code, Some(code), "{level}: {}", ran.told());
        assert!(ran.out.contains("1 unknown"), "{}", ran.told());
    }
}

#[test]
fn reports_point_at_the_file_named_by_origin() {
    let refused = format!("127.0.0.1:{}", free_port());
    let places = |arguments: &[&str], input: &str| {
        let common = ["check", "--stdin", "--format", "json", "--no-progress"];
        let ran = run_with_input(&[&common, arguments].concat(), input);
        let report = ran.json();
        let origins = report["endpoints"].as_array().unwrap().iter();
        let mut origins: Vec<_> = origins.map(|endpoint| endpoint["origin"].to_string()).collect();
        origins.sort();
        origins
    };
    let at = |file: &str, line: u32| format!("{{\"file\":\"{file}\",\"line\":{line}}}");
    let list = format!("# a list\n{refused}#a.example\n");
    assert_eq!(places(&[&refused], &list), ["null".to_owned(), at("-", 2)]);
    assert_eq!(
        places(&[&refused, "--origin", "teams/web.txt"], &list),
        [at("teams/web.txt", 1), at("teams/web.txt", 2)]
    );
    let nameless = run(&["check", &refused, "--origin", ""]);
    assert_eq!(nameless.code, Some(2), "{}", nameless.told());
}

/// Worked by hand: 130 targets are three turns of 64, each of 10 s, and a second to end in.
#[test]
fn the_bound_is_printed_and_nothing_is_looked_at() {
    let list: String = (0..130).map(|at| format!("h{at}.invalid\n")).collect();
    let ran = run_with_input(&["check", "--stdin", "--bound"], &list);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "31s\n"), "{}", ran.told());
    let ran = run(&["check", "a.invalid", "--bound", "--deadline", "2500ms"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "4s\n"), "{}", ran.told());
}
