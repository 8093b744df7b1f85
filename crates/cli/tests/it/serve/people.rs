//! What people do in their tracker is known without a round.

use std::thread;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::{Clock as _, Time};
use rustix::process::Signal;
use serde_json::{Value, json};

use super::{Ground, left, within};
use crate::command::run;

#[test]
fn whoever_takes_an_issue_on_between_two_rounds_is_known() {
    let ground = Ground::with_local_issues(1, "");
    let mut serving = ground.serve(&[]);
    serving.hear("filed: ");
    assert_eq!(serving.end(Signal::TERM), Some(0));
    let file = ground.path("issues").join("1.json");
    let mut issue: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    // Later than two minutes after it was made, as a person does.
    let now = SystemClock.wall();
    issue["created_at"] = json!(Time::from_seconds(now.seconds() - 3600));
    issue["history"] = json!([{"by": "Robin Example", "at": now, "did": "take"}]);
    std::fs::write(&file, issue.to_string()).unwrap();

    let mut serving = ground.serve(&[]);
    let store = ground.path("store.db").display().to_string();
    let by = within(60);
    let taken = loop {
        let ran = run(&["incidents", "list", "--store", &store, "--format", "json"]);
        let taken = ran.json()["incidents"][0]["acknowledged"].clone();
        if !taken.is_null() || left(by).is_zero() {
            break taken;
        }
        thread::sleep(Duration::from_millis(200));
    };
    assert_eq!(taken["by"], "Robin Example", "{taken}");
    assert_eq!(serving.end(Signal::TERM), Some(0));
    while let Ok(line) = serving.lines.try_recv() {
        serving.heard.push(line);
    }
    let round = serving.heard.iter().find(|line| line.contains(" over: checked"));
    assert_eq!(round, None, "no round was needed");
}
