//! The service as its manager meets it: signals, a config that changes, an end at any moment.

mod database;
mod limits;
mod observing;
mod people;
mod rights;

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
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
pub(crate) struct Ground {
    folder: TempDir,
    pub(crate) targets: Vec<String>,
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

    pub(crate) fn with_local_issues(targets: usize, serve: &str) -> Self {
        let ground = Self::new(targets);
        std::fs::create_dir(ground.path("issues")).unwrap();
        ground.write("kind = \"local\"\nfolder = \"issues\"", serve);
        ground
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn config(&self) -> String {
        self.path("certvigil.toml").display().to_string()
    }

    pub(crate) fn write(&self, tracker: &str, serve: &str) {
        self.write_over("path = \"store.db\"", tracker, serve);
    }

    /// The same over another store.
    fn write_over(&self, store: &str, tracker: &str, serve: &str) {
        let text = format!(
            "default_owner = \"ops\"\n[store]\n{store}\n\
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
pub(crate) struct Serving {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
}

impl Serving {
    fn start(arguments: &[&str]) -> Self {
        Self::of(certvigil(arguments))
    }

    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (say, lines) = channel();
        let err = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || {
            err.lines().map_while(Result::ok).try_for_each(|line| say.send(line))
        });
        Self { child, lines, heard: Vec::new() }
    }

    /// Waits for a line that holds `text`.
    pub(crate) fn hear(&mut self, text: &str) -> String {
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

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Its exit code.
    pub(crate) fn end(&mut self, signal: Signal) -> Option<i32> {
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
    assert!(line.contains("connection refused") && line.contains("Z: "), "{line}");
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

/// What a server on `at` answers to a GET, its headers included.
pub(crate) fn get(mut at: impl Read + Write, path: &str) -> (u16, String) {
    write!(at, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    answer(at)
}

fn post(mut at: impl Read + Write, path: &str, body: &str) -> (u16, String) {
    let length = body.len();
    write!(
        at,
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    answer(at)
}

fn answer(mut at: impl Read) -> (u16, String) {
    let mut text = String::new();
    at.read_to_string(&mut text).unwrap();
    let status = text.split(' ').nth(1).unwrap().parse().unwrap();
    (status, text)
}

pub(crate) fn body(text: &str) -> &str {
    text.split_once("\r\n\r\n").unwrap().1
}

pub(crate) fn listening(serving: &mut Serving) -> String {
    let line = serving.hear("listening on http://");
    line.rsplit_once('/').unwrap().1.to_owned()
}

#[expect(clippy::disallowed_methods, reason = "tests dial what they test")]
pub(crate) fn dial(at: &str) -> TcpStream {
    TcpStream::connect(at).unwrap()
}

#[test]
fn monitors_are_told_how_it_is_and_prometheus_reads_it() {
    let ground = Ground::with_local_issues(2, "listen = \"127.0.0.1:0\"");
    let mut serving = ground.serve(&[]);
    let at = listening(&mut serving);
    serving.hear("round over");
    serving.hear("filed: ");
    serving.hear("filed: ");
    assert_eq!(get(dial(&at), "/healthz").0, 200);
    let (status, ready) = get(dial(&at), "/readyz");
    assert_eq!(status, 200, "{ready}");
    let (_, metrics) = get(dial(&at), "/metrics");
    for wanted in [
        "certvigil_up 1",
        "certvigil_round_complete 1",
        "certvigil_round_endpoints{verdict=\"unknown\"} 2",
        "certvigil_config_last_reload_successful 1",
        "certvigil_deliveries{state=\"doubtful\"} ",
    ] {
        assert!(metrics.lines().any(|line| line.starts_with(wanted)), "{wanted}: {metrics}");
    }
    let counts = metrics.lines().filter(|line| line.starts_with("certvigil_incidents{"));
    let counts = counts.map(|line| line.rsplit_once(' ').unwrap().1.parse::<u32>().unwrap());
    assert_eq!(counts.sum::<u32>(), 2, "{metrics}");
    promtool(body(&metrics));
    let (status, probe) =
        get(dial(&at), &format!("/probe?target={}&module=tcp_tls", ground.targets[0]));
    assert_eq!(status, 200, "{probe}");
    let failed = |line: &str| line.starts_with("probe_success") && line.ends_with(" 0");
    assert!(probe.lines().any(failed), "{probe}");
    promtool(body(&probe));
    // Only what the inventory names is looked at.
    assert_eq!(get(dial(&at), "/probe?target=127.0.0.1:1&module=tcp_tls").0, 404);
    assert_eq!(get(dial(&at), "/probe").0, 400);
    assert_eq!(get(dial(&at), "/api/v1/incidents").0, 404, "the API is for the socket alone");
    std::fs::write(ground.config(), "nonsense").unwrap();
    serving.signal(Signal::HUP);
    serving.hear("the new config is refused");
    assert_eq!(get(dial(&at), "/readyz").0, 503);
    let (_, metrics) = get(dial(&at), "/metrics");
    assert!(metrics.contains("certvigil_config_last_reload_successful 0"), "{metrics}");
    assert_eq!(serving.end(Signal::TERM), Some(0));
}

/// `promtool check metrics`, where it is there.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests start what they test by"
)]
pub(crate) fn promtool(metrics: &str) {
    let mut command = Command::new("promtool");
    command
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        return eprintln!("SKIPPED: promtool, it is not installed");
    };
    child.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && told.is_empty(), "{told}\n{metrics}");
}

#[test]
fn it_listens_for_this_machine_alone() {
    let ground = Ground::with_local_issues(1, "listen = \"0.0.0.0:0\"");
    let ran = run(&["serve", "--config", &ground.config()]);
    assert_eq!(ran.code, Some(2), "{}", ran.told());
    assert_eq!(ground.issues(), 0);
}

#[test]
fn commands_ask_and_order_over_the_socket() {
    let ground = Ground::with_local_issues(1, "socket = \"certvigil.sock\"");
    let mut serving = ground.serve(&[]);
    serving.hear("filed: ");
    let path = ground.path("certvigil.sock");
    let rights = path.metadata().unwrap().permissions().mode();
    assert_eq!(rights & 0o777, 0o660);
    let at = || UnixStream::connect(&path).unwrap();
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(body(text)).unwrap();
    let (status, incidents) = get(at(), "/api/v1/incidents");
    assert_eq!(status, 200, "{incidents}");
    let incident = json(&incidents)["incidents"][0]["incident"].clone();
    assert_eq!(incident["family"], "reach");
    let place = incident["places"].as_object().unwrap().values().next().unwrap();
    assert_eq!(place["target"], ground.targets[0].as_str());
    let key = incident["key"].as_str().unwrap();
    let (_, health) = get(at(), "/api/v1/health");
    assert_eq!((&json(&health)["alive"], &json(&health)["ready"]), (&true.into(), &true.into()));
    let (_, rounds) = get(at(), "/api/v1/rounds");
    assert_eq!(json(&rounds)["rounds"][0]["attempted"], 1);
    let order = format!("{{\"do\": \"acknowledge\", \"incident\": \"{key}\", \"by\": \"ann\"}}");
    let (status, ordered) = post(at(), "/api/v1/orders", &order);
    assert_eq!((status, &json(&ordered)["is_taken"]), (200, &true.into()), "{ordered}");
    // The head of a key is enough, and whoever gives another name than the system does is on record with both.
    let (_, one) = get(at(), &format!("/api/v1/incidents/{}", &key[..8]));
    let by = json(&one)["listed"]["incident"]["acknowledged"]["by"].clone();
    assert!(by.as_str().unwrap().starts_with("ann (as "), "{by}");
    for (status, told) in [
        get(at(), "/api/v1/incidents/nonsense"),
        post(at(), "/api/v1/orders", "{\"do\": \"erase\"}"),
        get(at(), "/api/v1/nowhere"),
    ] {
        assert!((400..500).contains(&status), "{told}");
        assert!(told.contains("content-type: application/problem+json"), "{told}");
        assert_eq!(json(&told)["status"], status);
    }
    assert_eq!(serving.end(Signal::TERM), Some(0));
    assert!(!path.exists());
}

/// What a command prints is the same, whoever answers; and while the service runs it is the service.
#[test]
fn a_command_says_the_same_over_the_socket_as_over_the_store() {
    let ground = Ground::with_local_issues(1, "socket = \"certvigil.sock\"");
    let mut serving = ground.serve(&[]);
    serving.hear("filed: ");
    let (config, store) = (ground.config(), ground.path("store.db").display().to_string());
    let socket = ground.path("certvigil.sock").display().to_string();
    let key = {
        let listed = run(&["incidents", "list", "-c", &config, "--format", "json"]);
        let listed: serde_json::Value = serde_json::from_str(&listed.out).unwrap();
        listed["incidents"][0]["key"].as_str().unwrap().to_owned()
    };
    let both = |asked: &[&str]| {
        let over = |more: &[&str]| {
            let ran = run(&[asked, &["-c", &config], more].concat());
            // When it was asked, at the top of a JSON answer, is another moment.
            let out = ran.out.lines().filter(|line| !line.starts_with("  \"at\": "));
            (ran.code, out.map(str::to_owned).collect::<Vec<_>>(), ran.err)
        };
        assert_eq!(over(&[]), over(&["--store", &store]), "{asked:?}");
    };
    for asked in [
        &["incidents", "list", "--all"][..],
        &["incidents", "show", &key, "--format", "json"],
        &["incidents", "show", "ffff0000"],
        &["incidents", "show", "x"],
        &["incidents", "explain", &ground.targets[0]],
        &["incidents", "explain", "nothing.example"],
        &["incidents", "silence", &key, "--by", "a", "--reason", " ", "--until", "2999-01-01"],
    ] {
        both(asked);
    }
    let named = run(&["incidents", "list", "-c", "/nowhere.toml", "--socket", &socket]);
    assert_eq!(named.code, Some(0), "{}", named.told());
    assert!(named.out.contains(&key[..8]), "{}", named.told());
    let acked = run(&["incidents", "ack", &key[..8], "-c", &config, "--by", "ann"]);
    assert_eq!(acked.code, Some(0), "{}", acked.told());
    assert!(acked.out.contains("ann (as "), "it went over the socket: {}", acked.told());
    let noted =
        run(&["incidents", "note", &ground.targets[0], "-c", &config, "--by", "GSS", "it fails"]);
    assert!(noted.err.contains("noted in the timeline of incident"), "{}", noted.told());
    assert!(noted.out.contains("could not see it"), "{}", noted.told());
    let shown = run(&["incidents", "show", &key, "-c", &config]);
    assert!(shown.out.contains("it fails") && shown.out.contains("GSS (as "), "{}", shown.told());
    assert_eq!(serving.end(Signal::TERM), Some(0));

    let after = run(&["incidents", "list", "-c", &config]);
    assert!(after.out.contains(&key[..8]), "nobody answers: the store does: {}", after.told());
    assert!(after.err.contains("no service answers at "), "and that is said: {}", after.told());
    let nobody = run(&["incidents", "list", "--socket", &socket]);
    assert_eq!(nobody.code, Some(2), "{}", nobody.told());
    assert!(nobody.err.contains("does not answer"), "{}", nobody.told());
}

/// As systemd starts it: told when it is ready, while it reads its config, that it lives, when it stops.
#[test]
fn the_service_manager_is_kept_informed() {
    let ground = Ground::with_local_issues(1, "");
    let socket = UnixDatagram::bind(ground.path("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut command = certvigil(&["serve", "--config", &ground.config()]);
    command.env("NOTIFY_SOCKET", ground.path("notify")).env("WATCHDOG_USEC", "400000");
    let mut serving = Serving::of(command);
    let hear = |wanted: &str| {
        let mut bytes = [0; 256];
        loop {
            let length = socket.recv(&mut bytes).unwrap();
            let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            if text.starts_with(wanted) {
                return text;
            }
        }
    };
    hear("READY=1");
    hear("WATCHDOG=1");
    serving.signal(Signal::HUP);
    assert!(hear("RELOADING=1").contains("\nMONOTONIC_USEC="));
    hear("READY=1");
    serving.signal(Signal::TERM);
    hear("STOPPING=1");
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
}

/// Killed at ten moments of its first work, then left alone: each incident has one open issue.
#[test]
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
