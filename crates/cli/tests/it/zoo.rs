//! The whole zoo in one round, healthy endpoints between: every verdict is the one deserved.

use crate::command::run;

#[test]
fn every_endpoint_of_the_lab_gets_the_verdict_that_it_deserves() {
    let ran = run(&["demo", "--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let report = ran.json();
    let expected = report["round"]["expected"].as_u64().unwrap();
    assert!(expected >= 70, "only {expected} endpoints");
    assert_eq!(report["round"]["attempted"], expected);
    let verdicts = &report["round"]["summary"];
    for verdict in ["ok", "warning", "critical", "unknown"] {
        assert!(verdicts[verdict].as_u64().unwrap() >= 5, "{verdicts}");
    }
    assert!(
        ran.err.contains(&format!("{expected} of {expected} endpoints got the verdict")),
        "{}",
        ran.err
    );
    assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'));
}
