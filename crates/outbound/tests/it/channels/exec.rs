//! Programs of one's own.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;
use certvigil_outbound::{Channel, Trouble};
use serde_json::Value;

use crate::channels::ground::{KEY, channel, empty, page, within};

fn running(script: &str, arguments: &[&str]) -> (tempfile::TempDir, Box<dyn Channel>) {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = empty("exec");
    settings.command = vec!["/bin/sh".to_owned(), "-c".to_owned(), script.to_owned()];
    settings.command.push(folder.path().join("got").display().to_string());
    settings.command.extend(arguments.iter().map(|&it| it.to_owned()));
    (folder, channel(settings))
}

#[test]
fn it_reads_the_message_and_nothing_of_us() {
    let (folder, exec) = running("cat >$0; env >$0.env; echo \"$1\" >$0.one", &["$(id); `id`"]);
    exec.send(&page(), within(20_000)).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let got: Value = serde_json::from_str(&read("got")).unwrap();
    assert_eq!(got["type"], "certvigil.page");
    assert_eq!((&got["data"]["id"], &got["data"]["incident"]), (&"n-41".into(), &KEY.into()));
    assert_eq!(got["data"]["answer"], "https://certvigil.example.org/answer/abc");
    // What the shell itself sets is all that there is.
    let strange = |line: &&str| {
        !line.starts_with("PWD=") && !line.starts_with("_=") && !line.starts_with("SHLVL=")
    };
    let env = read("got.env");
    assert_eq!(env.lines().filter(strange).collect::<Vec<_>>(), Vec::<&str>::new());
    assert_eq!(read("got.one"), "$(id); `id`\n");
}

#[test]
fn how_it_ends_says_whether_to_come_again() {
    let (_folder, exec) = running("echo 'no \u{1b}[2J line' >&2; exit 75", &[]);
    let trouble = exec.send(&page(), within(20_000)).err().unwrap();
    assert!(matches!(trouble, Trouble::Later { after: None, .. }), "{trouble:?}");
    assert!(trouble.to_string().contains("line") && !trouble.to_string().contains('\u{1b}'));
    let (_folder, exec) = running("exit 78", &[]);
    let trouble = exec.send(&page(), within(20_000)).err().unwrap();
    assert!(matches!(trouble, Trouble::Refused(_)), "{trouble:?}");
}

#[test]
fn one_that_does_not_end_is_ended_with_all_that_it_started() {
    let (folder, exec) = running("sleep 1000 & echo $! >$0; wait", &[]);
    let began = SystemClock.monotonic();
    let trouble = exec.send(&page(), within(500)).err().unwrap();
    assert!(SystemClock.monotonic() - began < Duration::from_secs(5));
    assert!(matches!(trouble, Trouble::Doubtful(_)), "{trouble:?}");
    let child = std::fs::read_to_string(folder.path().join("got")).unwrap();
    let stat = PathBuf::from(format!("/proc/{}/stat", child.trim()));
    let runs = || {
        let stat = std::fs::read_to_string(&stat);
        stat.is_ok_and(|it| !it.rsplit(')').next().unwrap().trim_start().starts_with('Z'))
    };
    let until = within(10_000);
    while runs() {
        assert!(SystemClock.monotonic() < until, "what it started goes on");
        std::thread::yield_now();
    }
}

#[test]
fn one_that_cannot_be_run_is_known_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tell");
    let mut settings = empty("exec");
    settings.command = vec![path.display().to_string()];
    let exec = channel(settings);
    let lacks = || exec.examine(within(1000)).unwrap().join("; ");
    assert!(lacks().contains("is not there"), "{}", lacks());
    assert!(matches!(exec.send(&page(), within(1000)), Err(Trouble::NotSent(_))));
    std::fs::write(&path, "#!/bin/sh\n").unwrap();
    assert!(lacks().contains("chmod +x"), "{}", lacks());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(lacks(), "");
}
