//! Who may use the socket, and under whose name; what is left of one, and one that is in use.

use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

use rustix::process::Signal;

use super::Ground;
use crate::command::{Ran, ran, run, skipped};
use crate::services::{NOBODY, is_root, make_passable};

/// Runs the binary as user `user` of group `group`, with no other group.
#[expect(clippy::disallowed_methods, reason = "tests start what they test")]
fn run_as(user: u32, group: u32, arguments: &[&str]) -> Ran {
    let [user, group] = [format!("--reuid={user}"), format!("--regid={group}")];
    let mut command = Command::new("/usr/bin/setpriv");
    command.args([user.as_str(), &group, "--clear-groups", env!("CARGO_BIN_EXE_certvigil")]);
    ran(command.args(arguments).env_clear().env("CI", "1").output().unwrap())
}

#[test]
fn the_group_may_use_it_under_its_own_name_and_nobody_else_may() {
    if !is_root() {
        return skipped("the socket's rights: only root can be another user");
    }
    let serve = format!("socket = \"certvigil.sock\"\ngroup = \"{NOBODY}\"");
    let ground = Ground::with_local_issues(1, &serve);
    make_passable(ground.folder.path());
    let mut serving = ground.serve(&[]);
    serving.hear("filed: ");
    let path = ground.path("certvigil.sock");
    let of = path.metadata().unwrap();
    assert_eq!((of.mode() & 0o777, of.uid(), of.gid()), (0o660, 0, NOBODY));
    let socket = path.display().to_string();

    let listed =
        run_as(NOBODY, NOBODY, &["incidents", "list", "--socket", &socket, "--format", "json"]);
    assert_eq!(listed.code, Some(0), "{}", listed.told());
    let key = listed.json()["incidents"][0]["key"].as_str().unwrap().to_owned();
    // In another's name, and without any.
    let acked =
        run_as(NOBODY, NOBODY, &["incidents", "ack", &key, "--socket", &socket, "--by", "root"]);
    assert_eq!(acked.code, Some(0), "{}", acked.told());
    assert!(acked.out.contains("root (as nobody) is on it"), "{}", acked.told());

    const DAEMON: u32 = 1;
    for arguments in [
        &["incidents", "list", "--socket", &socket][..],
        &["incidents", "ack", &key, "--socket", &socket, "--by", "root"],
    ] {
        let refused = run_as(DAEMON, DAEMON, arguments);
        assert_eq!(refused.code, Some(2), "{}", refused.told());
        assert!(refused.err.contains("Permission denied"), "{}", refused.told());
    }
    let shown = run(&["incidents", "show", &key, "--socket", &socket]);
    assert!(shown.out.contains("root (as nobody)"), "{}", shown.told());
    assert_eq!(serving.end(Signal::TERM), Some(0));
}

#[test]
fn what_a_killed_service_left_is_taken_over_and_what_is_in_use_is_not() {
    let ground = Ground::with_local_issues(1, "socket = \"certvigil.sock\"");
    let path = ground.path("certvigil.sock");
    let mut serving = ground.serve(&[]);
    serving.hear("filed: ");
    serving.end(Signal::KILL);
    assert!(path.exists(), "nobody has removed it");
    let mut serving = ground.serve(&[]);
    serving.hear("serving 1 target");
    let at = path.display().to_string();
    let listed = || run(&["incidents", "list", "--socket", &at]);
    assert_eq!(listed().code, Some(0), "{}", listed().told());

    // Another store, the same socket.
    let other = Ground::with_local_issues(1, &format!("socket = {path:?}"));
    let refused = run(&["serve", "--config", &other.config()]);
    assert_eq!(refused.code, Some(2), "{}", refused.told());
    assert!(refused.err.contains("somebody answers there"), "{}", refused.told());
    assert_eq!(listed().code, Some(0), "the first one still answers: {}", listed().told());
    assert_eq!(serving.end(Signal::TERM), Some(0));

    // What is no socket is not removed.
    std::fs::write(&path, "mine").unwrap();
    let refused = run(&["serve", "--config", &ground.config()]);
    assert_eq!(refused.code, Some(2), "{}", refused.told());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}
