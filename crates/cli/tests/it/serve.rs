//! The service as its manager meets it: signals, a config that changes, an end at any moment.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use certvigil_doors::SystemClock;
use certvigil_lab::tracker::{LabTls, LabTracker, LabTrackerSetup};
use certvigil_model::Clock as _;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::command::{certvigil, run};

/// A folder with a config whose targets refuse every connection.
struct Ground {
    folder: TempDir,
    targets: Vec<String>,
}

impl Ground {
    fn new(targets: usize) -> Self {
        // Ports that were free a moment ago and are asked by nobody else.
        let listeners: Vec<_> =
            (0..targets).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let target = |it: &TcpListener| format!("127.0.0.1:{}", it.local_addr().unwrap().port());
        let targets = listeners.iter().map(target).collect();
        Self { folder: tempfile::tempdir().unwrap(), targets }
    }

    fn with_local_issues(targets: usize, serve: &str) -> Self {
        let ground = Self::new(targets);
        std::fs::create_dir(ground.path("issues")).unwrap();
        ground.write("kind = \"local\"\nfolder = \"issues\"", serve);
        ground
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn config(&self) -> String {
        self.path("certvigil.toml").display().to_string()
    }

    fn write(&self, tracker: &str, serve: &str) {
        let text = format!(
            "default_owner = \"ops\"\n[store]\npath = \"store.db\"\n\
             [check]\nlook_again_after = \"1s\"\nact_within = \"20s\"\ndeadline = \"3s\"\n\
             [serve]\n{serve}\n[[owner]]\nname = \"ops\"\n[owner.tracker]\n{tracker}\n\
             [[target]]\nnames = {:?}\n",
            self.targets
        );
        std::fs::write(self.config(), text).unwrap();
    }

    fn serve(&self, more: &[&str]) -> Serving {
        let config = self.config();
        Serving::start(&[&["serve", "--config", &config], more].concat())
    }

    fn issues(&self) -> usize {
        self.path("issues").read_dir().unwrap().count()
    }
}

/// A service that runs, and what it says; it ends with the test.
struct Serving {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
}

impl Serving {
    fn start(arguments: &[&str]) -> Self {
        let mut command = certvigil(arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (say, lines) = channel();
        let err = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || {
            err.lines().map_while(Result::ok).try_for_each(|line| say.send(line))
        });
        Self { child, lines, heard: Vec::new() }
    }

    /// Waits for a line that holds `text`.
    fn hear(&mut self, text: &str) -> String {
        let by = within(60);
        loop {
            match self.lines.recv_timeout(left(by)) {
                Ok(line) => {
                    self.heard.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(_) => panic!("no line with {text:?}: {:#?}", self.heard),
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Its exit code.
    fn end(&mut self, signal: Signal) -> Option<i32> {
        self.signal(signal);
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn within(seconds: u64) -> Instant {
    SystemClock.monotonic() + Duration::from_secs(seconds)
}

fn left(by: Instant) -> Duration {
    by.saturating_duration_since(SystemClock.monotonic())
}

#[test]
fn it_files_and_ends_in_order_and_no_second_one_runs_beside_it() {
    let ground = Ground::with_local_issues(2, "");
    let mut serving = ground.serve(&[]);
    serving.hear("round over: checked 0 of 2, 0 critical, 2 unknown");
    serving.hear("filed: ");
    let second = run(&["serve", "--config", &ground.config()]);
    assert_eq!(second.code, Some(2), "{}", second.told());
    let told = format!("is already served by process {}", serving.child.id());
    assert!(second.err.contains(&told), "{}", second.told());
    let begun = SystemClock.monotonic();
    assert_eq!(serving.end(Signal::TERM), Some(0));
    assert!(SystemClock.monotonic() - begun < Duration::from_secs(25));
    assert_eq!(ground.issues(), 2);
    // What was looked at within the hour is not due again.
    let mut again = ground.serve(&[]);
    again.hear("serving 2 targets");
    assert!(again.lines.recv_timeout(Duration::from_secs(3)).is_err(), "it looked at once");
    assert_eq!(again.end(Signal::TERM), Some(0));
    assert_eq!(ground.issues(), 2);
}

#[test]
fn a_round_that_is_under_way_does_not_delay_the_end() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut ground = Ground::with_local_issues(0, "");
    ground.targets = vec![format!("127.0.0.1:{}", silent.local_addr().unwrap().port())];
    ground.write("kind = \"local\"\nfolder = \"issues\"", "");
    let text = std::fs::read_to_string(ground.config()).unwrap();
    std::fs::write(ground.config(), text.replace("\"3s\"", "\"5m\"")).unwrap();
    let mut serving = ground.serve(&[]);
    let (_stream, _) = silent.accept().unwrap();
    let begun = SystemClock.monotonic();
    assert_eq!(serving.end(Signal::TERM), Some(0));
    assert!(SystemClock.monotonic() - begun < Duration::from_secs(25));
    assert_eq!(ground.issues(), 0, "what was not looked at says nothing");
}

#[test]
fn a_bad_config_is_refused_and_told_and_a_good_one_is_looked_at_at_once() {
    let mut ground = Ground::with_local_issues(2, "");
    let mut serving = ground.serve(&[]);
    serving.hear("filed: ");
    let good = std::fs::read_to_string(ground.config()).unwrap();
    std::fs::write(ground.config(), format!("{good}\n[nonsense]\n")).unwrap();
    serving.signal(Signal::HUP);
    let refused = serving.hear("the new config is refused, the old one stays");
    assert!(refused.contains("nonsense"), "{refused}");
    // The file alone, without a signal.
    ground.targets.truncate(1);
    ground.write("kind = \"local\"\nfolder = \"issues\"", "");
    serving.hear("config read: 1 target");
    serving.hear("round over: checked 0 of 1");
    assert_eq!(serving.end(Signal::TERM), Some(0));
}

#[test]
fn while_it_observes_it_says_what_it_would_file_and_files_nothing() {
    let ground = Ground::with_local_issues(2, "");
    let mut serving = ground.serve(&["--observe"]);
    let line = serving.hear("observing, would file in ");
    assert!(line.contains("connection refused"), "{line}");
    serving.hear("observing, would file in ");
    assert_eq!(serving.end(Signal::INT), Some(0));
    assert_eq!(ground.issues(), 0);
    let mut serving = ground.serve(&[]);
    serving.hear("filed: ");
    serving.hear("filed: ");
    assert_eq!(serving.end(Signal::TERM), Some(0));
    assert_eq!(ground.issues(), 2, "what was owed is made when it may be");
}

#[test]
fn without_a_store_it_does_not_start() {
    let ground = Ground::with_local_issues(1, "");
    let text = std::fs::read_to_string(ground.config()).unwrap();
    std::fs::write(ground.config(), text.replace("[store]\npath = \"store.db\"\n", "")).unwrap();
    let ran = run(&["serve", "--config", &ground.config()]);
    assert_eq!(ran.code, Some(2), "{}", ran.told());
    assert!(ran.err.contains("serve needs a store"), "{}", ran.told());
}

/// Killed at ten moments of its first work, then left alone: each incident has one open issue.
#[test]
#[expect(clippy::print_stdout, reason = "the counts are part of the proof")]
fn whatever_moment_it_is_killed_at_each_incident_has_one_issue() {
    let lab = LabTracker::start(LabTrackerSetup { file: None, tls: LabTls::None }, || {
        SystemClock.wall().millis()
    })
    .unwrap();
    let ground = Ground::new(12);
    std::fs::write(ground.path("lab.toml"), LAB).unwrap();
    std::fs::write(ground.path("token"), "robot-token").unwrap();
    let tracker = format!(
        "kind = \"http\"\nurl = \"{}\"\nproject = \"certificates\"\ntoken = \"file:token\"\n\
         template = \"lab.toml\"",
        lab.url()
    );
    ground.write(&tracker, "interval = \"1m\"");
    let mut seed = u64::from(std::process::id()) ^ SystemClock.wall().millis().unsigned_abs();
    let mut moments = Vec::new();
    for _ in 0..10 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let moment = Duration::from_millis(50 + (seed >> 33) % 1500);
        moments.push(moment);
        let mut serving = ground.serve(&[]);
        let by = SystemClock.monotonic() + moment;
        while serving.lines.recv_timeout(left(by)).is_ok() {}
        thread::sleep(left(by));
        serving.end(Signal::KILL);
    }
    let mut serving = ground.serve(&[]);
    serving.hear("serving 12 targets");
    // What was under way when it was killed is taken up when its lease is over, after 90 s.
    let by = within(240);
    let open =
        || lab.change(|issues| issues.open().into_iter().cloned().collect::<Vec<_>>()).unwrap();
    while left(by) > Duration::ZERO && (open().len() != 12 || unconfirmed(&ground) > 0) {
        thread::sleep(Duration::from_millis(500));
    }
    let mut keys: Vec<String> =
        open().iter().flat_map(|issue| issue.labels.clone()).filter(|it| it.len() == 32).collect();
    keys.sort();
    keys.dedup();
    assert_eq!((open().len(), keys.len()), (12, 12), "10 kills at {moments:?}");
    assert_eq!(unconfirmed(&ground), 0);
    assert_eq!(serving.end(Signal::TERM), Some(0));
    let store = ground.path("store.db").display().to_string();
    let verified = run(&["journal", "verify", "--store", &store]);
    assert_eq!(verified.code, Some(0), "{}", verified.told());
}

/// Incidents whose issue is not read back.
fn unconfirmed(ground: &Ground) -> usize {
    let place = certvigil_store::Place::File(ground.path("store.db"));
    let now = SystemClock.wall();
    let mut store = place.open(now, "test").unwrap();
    let mut count = 0;
    store
        .read(now, &mut |transaction| {
            let incidents = transaction.incidents(now)?;
            let is_confirmed = |incident: &&certvigil_model::Incident| {
                !matches!(incident.filing, certvigil_model::Filing::Confirmed { .. })
            };
            count = incidents.iter().filter(is_confirmed).count();
            Ok(())
        })
        .unwrap();
    count
}

/// The lab's tracker, as a config describes it.
const LAB: &str = r#"
header = "x-token: {token}"
account = "robot"
settle = "90"
create = "POST /projects/{project}/issues"
create_body = '{"title": "{title}", "text": "{body}", "block": "{block}", "labels": ["certvigil", "{key}"]}'
find = "GET /projects/{project}/issues?label={key}"
recent = "GET /projects/{project}/issues?since={since}"
ours = "GET /projects/{project}/issues?label=certvigil&open=true"
read = "GET /issues/{id}"
comment = "POST /issues/{id}/comments"
comment_body = '{"text": "{text}"}'
close = "PATCH /issues/{id}"
close_body = '{"open": false}'
reopen = "PATCH /issues/{id}"
reopen_body = '{"open": true}'
examine = "GET /projects/{project}"
issues = "/issues"
issue_id = "/id"
issue_title = "/title"
issue_author = "/author/name"
issue_state = "/state"
open_states = "open"
issue_created = "/created_at"
issue_project = "/project"
issue_labels = "/labels"
issue_locked = "/locked"
issue_comments = "/comments"
comment_text = "/text"
comment_author = "/by"
"#;
