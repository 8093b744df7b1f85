//! A clock that was ahead has written the store, and is right again; or nobody has looked for a day.

use std::net::TcpListener;
use std::path::Path;

use certvigil_lab::tracker::{Fault, LabTls, On};
use rustix::process::Signal;
use serde_json::Value;

use crate::act::clock::{FAKETIME, shift};
use crate::act::world::{Lab, World};
use crate::command::{certvigil, ran, run, skipped};
use crate::serve::{Ground, Serving, body, dial, get, listening, promtool};

/// Nobody tells it the time here: its own stands, and it sees a certificate that has ended. Its tracker refuses the issue,
/// so the next attempt is due in 25 days; then it is killed. With the right time again all of that counts as due now.
#[test]
fn what_a_clock_that_was_ahead_has_written_is_due_now() {
    if !Path::new(FAKETIME).exists() {
        return skipped(&format!("{FAKETIME} is absent: a clock that jumps is not tried"));
    }
    let lab = Lab::new(LabTls::None);
    let world = World::new(lab.desk());
    world.certificate("soon", 20);
    let soon = world.serve("soon");
    let store = world.authority.path("store.db").display().to_string();
    let config = world.config(
        &[soon.target("soon")],
        &format!("act_within = \"10s\"\n[store]\npath = {store:?}\n"),
    );
    let serve = |offset: Option<&str>| {
        let mut command = certvigil(&["serve", "--config", config.to_str().unwrap()]);
        command.env("TRACKER_TOKEN", world.token());
        if let Some(offset) = offset {
            shift(&mut command, offset);
        }
        Serving::of(command)
    };
    lab.tracker.fault(On::Create, Fault::RetryAfter(600), 1);
    let mut ahead = serve(Some("+25d"));
    ahead.hear("round over: checked 1 of 1, 1 critical");
    ahead.hear("429");
    ahead.end(Signal::KILL);
    assert!(lab.issues().is_empty());

    let mut right = serve(None);
    right.hear("round over: checked 1 of 1, 0 critical, 0 unknown, 1 warning");
    right.hear("filed: ");
    assert_eq!(right.end(Signal::TERM), Some(0));
    let issues = lab.issues();
    assert_eq!(issues.iter().filter(|issue| issue.open).count(), 1, "{issues:?}");
    let title = &issues[0].title;
    assert!(title.contains("certificate ends"), "it has not ended: {title}");

    let verified = run(&["journal", "verify", "--store", &store]);
    assert_eq!(verified.code, Some(0), "{}", verified.told());
    let config = config.to_str().unwrap();
    let explained = run(&["incidents", "explain", &soon.target("soon"), "-c", config]);
    assert!(!explained.out.contains("stale"), "{}", explained.told());
    assert!(explained.out.contains("  it shows "), "{}", explained.told());
    assert!(explained.out.contains("read back at"), "{}", explained.told());
}

/// A store of yesterday, and a service whose first look is not over.
#[test]
fn verdicts_of_yesterday_are_unknown_until_somebody_has_looked() {
    if !Path::new(FAKETIME).exists() {
        return skipped(&format!("{FAKETIME} is absent: a day that passes is not tried"));
    }
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut ground = Ground::with_local_issues(0, "");
    ground.targets = vec![format!("127.0.0.1:{}", silent.local_addr().unwrap().port())];
    let tracker = "kind = \"local\"\nfolder = \"issues\"";
    ground.write(tracker, "listen = \"127.0.0.1:0\"");
    let config = ground.config();
    let looked = run(&["check", "--act", "--no-progress", "-c", &config]);
    assert!(looked.told().contains("unknown"), "{}", looked.told());
    let tomorrow = |arguments: &[&str]| {
        let mut command = certvigil(arguments);
        shift(&mut command, "+1d");
        command
    };
    let told = |offset: bool, arguments: &[&str]| {
        let mut command = if offset { tomorrow(arguments) } else { certvigil(arguments) };
        let ran = ran(command.output().unwrap());
        assert_eq!(ran.code, Some(0), "{}", ran.told());
        ran.out
    };
    let stale = |offset| {
        let list = told(offset, &["incidents", "list", "-c", &config, "--format", "json"]);
        let list: Value = serde_json::from_str(&list).unwrap();
        let explained = told(offset, &["incidents", "explain", &ground.targets[0], "-c", &config]);
        let table = told(offset, &["incidents", "list", "-c", &config]);
        let says = |text: &str| text.contains("unknown: stale");
        (list["incidents"][0]["places"]["stale"].clone(), says(&explained), says(&table))
    };
    assert_eq!(stale(false), (0.into(), false, false));
    assert_eq!(stale(true), (1.into(), true, true));

    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("\"3s\"", "\"5m\"")).unwrap();
    while silent.set_nonblocking(true).is_ok() && silent.accept().is_ok() {}
    silent.set_nonblocking(false).unwrap();
    let mut serving = Serving::of(tomorrow(&["serve", "--config", &config]));
    let at = listening(&mut serving);
    let (_stream, _) = silent.accept().unwrap();
    let (_, metrics) = get(dial(&at), "/metrics");
    assert!(metrics.contains("\ncertvigil_stale_endpoints 1\n"), "{metrics}");
    promtool(body(&metrics));
    let (status, ready) = get(dial(&at), "/readyz");
    assert_eq!(status, 503, "{ready}");
    assert!(ready.contains("the last whole round ended"), "{ready}");
    assert_eq!(serving.end(Signal::TERM), Some(0));
}
