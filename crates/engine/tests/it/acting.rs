//! What acting does beside alarms: it asks trackers first, tidies and keeps, and mistrusts its clock.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use certvigil_doors::SystemClock;
use certvigil_doors::command::Program;
use certvigil_engine::act::{
    Actor, Acts, After, Again, DatedHost, Opened, OthersClocks, Place, open,
};
use certvigil_engine::{Round, config};
use certvigil_fetch::{Client, Http, Method, Request};
use certvigil_model::{
    CertificateSeen, Clock, Document, EndpointId, Ends, Family, Fingerprint, Foreign, IncidentKey,
    Observation, Outcome, Problem, Record, RoundRecord, Time, TrackerName,
};
use certvigil_outbound::{Found, Issue, Stored, Tracker, Trouble};
use certvigil_reader::Pool;
use certvigil_report::Acted;
use certvigil_store::{Noted, Restored, Transaction, audit};
use tempfile::TempDir;

use crate::readers::hostile_reader;
use crate::rounds::{Quiet, Told, settings};
use crate::served::{Maker, at, port, target};

const DAY: i64 = 86_400;

/// The system's clock, put forward.
struct Moved(AtomicI64);

impl Clock for Moved {
    fn wall(&self) -> Time {
        let ahead = self.0.load(Ordering::Relaxed);
        Time::from_seconds(SystemClock.wall().seconds() + ahead)
    }

    fn monotonic(&self) -> Instant {
        SystemClock.monotonic()
    }
}

/// A site of one owner in a folder of its own.
struct Site {
    folder: TempDir,
    clock: Arc<Moved>,
    rounds: u32,
    /// Second looks bring nothing.
    is_lost_again: bool,
}

impl Site {
    fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "default_owner = \"ops\"\n[[owner]]\nname = \"ops\"\ntracker = {{ kind = \"local\", folder = \"issues\" }}\n\
             [check]\nlook_again_after = \"100ms\"\n{more}"
        );
        std::fs::write(folder.path().join("certvigil.toml"), text).unwrap();
        std::fs::create_dir(folder.path().join("issues")).unwrap();
        Self { folder, clock: Arc::new(Moved(AtomicI64::new(0))), rounds: 0, is_lost_again: false }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn actor(&self) -> Actor {
        let file = self.path("certvigil.toml");
        let config = config::load(&file, SystemClock.wall()).unwrap();
        let clock: Arc<dyn Clock> = self.clock.clone();
        open(&config, None, ("certvigil", Some(&file)), "check", clock).unwrap()
    }

    fn round(&mut self, actor: &mut Actor, observations: &[Observation]) -> Acted {
        self.rounds += 1;
        let now = self.clock.wall();
        let count = observations.len() as u64;
        let record = RoundRecord {
            id: format!("round-{}", self.rounds),
            started_at: now,
            finished_at: now,
            location: None,
            expected: count,
            attempted: count,
            checked: count,
            bound_ms: 1000,
            is_whole: true,
        };
        let round = After { record: &record, observations, said: &[] };
        let by = SystemClock.monotonic() + Duration::from_secs(20);
        actor.after_round(round, &mut Same(self.again(observations)), by).unwrap()
    }

    fn again(&self, observations: &[Observation]) -> Vec<Observation> {
        if self.is_lost_again { Vec::new() } else { observations.to_vec() }
    }

    fn issues(&self) -> Vec<String> {
        let Ok(folder) = std::fs::read_dir(self.path("issues")) else { return Vec::new() };
        let paths = folder.map(|entry| entry.unwrap().path());
        let issues = paths.filter(|path| path.extension().is_some_and(|it| it == "json"));
        issues.map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }

    /// What the store says, read by another writer.
    fn store<T>(&self, mut ask: impl FnMut(&mut dyn Transaction) -> T) -> T {
        let at = certvigil_store::Place::File(self.path("store.db"));
        let mut store = at.open(SystemClock.wall(), "command").unwrap();
        let mut given = None;
        let read = store.read(SystemClock.wall(), &mut |transaction| {
            given = Some(ask(transaction));
            Ok(())
        });
        read.unwrap();
        given.unwrap()
    }

    fn records(&self, kind: &str) -> Vec<Record> {
        self.store(|transaction| {
            let mut rows = Vec::new();
            for head in transaction.heads().unwrap() {
                rows.extend(transaction.journal(&head.instance, 1, 1000).unwrap());
            }
            let records = rows.iter().map(|row| serde_json::from_str::<Record>(&row.text).unwrap());
            records.filter(|record| record.kind == kind).collect()
        })
    }
}

const STORE: &str = "[store]\npath = \"store.db\"\n";

/// Nothing has changed.
struct Same(Vec<Observation>);

impl Again for Same {
    fn look(&mut self, places: &[Place], _by: Instant) -> Vec<Observation> {
        let is_wanted = |it: &&Observation| places.iter().any(|one| one.endpoint == it.endpoint);
        self.0.iter().filter(is_wanted).cloned().collect()
    }
}

/// An endpoint whose certificate ends in so many days, judged `now`.
fn ends_in(days: i64, name: &str, now: Time) -> Observation {
    let day = |days: i64| Time::from_seconds(now.seconds() + days * DAY);
    let ends = Ends { at: day(days), warning_from: day(days - 30), critical_from: day(days - 7) };
    let sha256 = Fingerprint::of(name.as_bytes());
    let certificate = CertificateSeen {
        sha256,
        subject: Foreign::new(format!("CN={name}")),
        names: vec![Foreign::new(name)],
        names_total: 1,
        issuer: Foreign::new("CN=issuer"),
        serial_number: "01".to_owned(),
        not_before: day(days - 90),
        not_after: day(days),
        ends,
    };
    let problem = |severity| Problem {
        id: "expires-soon".to_owned(),
        family: Family::Expiry,
        severity,
        certificate: Some(sha256),
        message: "the certificate ends soon".to_owned(),
        hint: None,
        accepted: None,
    };
    Observation {
        endpoint: EndpointId::from_text(&format!("{:016x}", name.len())).unwrap(),
        place: "192.0.2.1:443".to_owned(),
        target: Foreign::new(name),
        owner: Some("ops".to_owned()),
        tags: Vec::new(),
        origin: None,
        port: 443,
        server_name: Some(name.to_owned()),
        looked_at: now,
        outcome: Outcome::Captured,
        chain: vec![sha256],
        others: Vec::new(),
        certificate: Some(certificate),
        problems: ends.severity(now).map(problem).into_iter().collect(),
    }
}

fn heard(acted: &Acted, part: &str) -> Option<bool> {
    let heard = acted.heard.iter().find(|heard| heard.text.contains(part));
    heard.map(|heard| heard.is_failure)
}

#[test]
fn a_tracker_is_asked_once_and_what_it_lacks_is_told() {
    let site = Site::new(STORE);
    std::fs::remove_dir(site.path("issues")).unwrap();
    let mut actor = site.actor();
    let by = SystemClock.monotonic() + Duration::from_secs(20);
    let lacking = actor.examine(by);
    assert!(lacking.len() == 1 && lacking[0].is_failure, "{lacking:?}");
    assert!(lacking[0].text.contains("issues"), "{lacking:?}");
    assert!(actor.examine(by).is_empty(), "asked again");
}

/// The limit of `[http]` holds for one request, that of a tracker comes before it.
#[test]
fn a_tracker_that_never_answers_is_left_when_the_config_says_so() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let redmine = |name: &str, project: &str, more: &str| {
        format!(
            "[[owner]]\nname = \"{name}\"\ntracker = {{ kind = \"redmine\", url = \"{url}\", project = \"{project}\", token = \"file:token\"{more} }}\n"
        )
    };
    let text = [
        "default_owner = \"a\"\n".to_owned(),
        redmine("a", "a", ""),
        redmine("b", "b", ", http = { timeout = \"900ms\" }"),
        "[http]\ntimeout = \"300ms\"\nproxy = \"none\"\n".to_owned(),
        STORE.to_owned(),
    ];
    let site = Site::new("");
    std::fs::write(site.path("token"), "secret").unwrap();
    std::fs::write(site.path("certvigil.toml"), text.concat()).unwrap();
    let mut actor = site.actor();
    let began = SystemClock.monotonic();
    let lacking = actor.examine(began + Duration::from_secs(60));
    let took = SystemClock.monotonic() - began;
    assert!(lacking.len() == 2 && lacking.iter().all(|it| it.is_failure), "{lacking:?}");
    assert!(took >= Duration::from_millis(1200), "{took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}, without the config 40 s");
}

/// Our own list, when it is there.
struct MayBeDown {
    inner: Box<dyn Tracker>,
    is_down: Arc<AtomicBool>,
}

impl MayBeDown {
    fn up(&self) -> Result<&dyn Tracker, Trouble> {
        match self.is_down.load(Ordering::Relaxed) {
            true => Err(Trouble::NotSent("it is down".to_owned())),
            false => Ok(&*self.inner),
        }
    }

    fn put_before(actor: &mut Actor, is_down: &Arc<AtomicBool>) {
        let names: Vec<TrackerName> = actor.trackers.keys().cloned().collect();
        for name in names {
            let inner = actor.trackers.remove(&name).unwrap();
            let is_down = Arc::clone(is_down);
            actor.trackers.insert(name, Box::new(Self { inner, is_down }));
        }
    }
}

impl Tracker for MayBeDown {
    fn name(&self) -> &TrackerName {
        self.inner.name()
    }
    fn settle(&self) -> Duration {
        self.inner.settle()
    }
    fn has_block(&self) -> bool {
        self.inner.has_block()
    }
    fn find(&self, key: &IncidentKey, by: Instant) -> Result<Vec<Stored>, Trouble> {
        self.up()?.find(key, by)
    }
    fn recent(&self, since: Time, by: Instant) -> Result<Vec<Stored>, Trouble> {
        self.up()?.recent(since, by)
    }
    fn ours(&self, by: Instant) -> Result<Vec<Stored>, Trouble> {
        self.up()?.ours(by)
    }
    fn create(&self, issue: &Issue, by: Instant) -> Result<String, Trouble> {
        self.up()?.create(issue, by)
    }
    fn read(&self, id: &str, by: Instant) -> Result<Found, Trouble> {
        self.up()?.read(id, by)
    }
    fn comment(&self, id: &str, text: &Document, by: Instant) -> Result<(), Trouble> {
        self.up()?.comment(id, text, by)
    }
    fn set_open(&self, id: &str, open: bool, by: Instant) -> Result<(), Trouble> {
        self.up()?.set_open(id, open, by)
    }
    fn remember(&self, id: &str, block: &str, by: Instant) -> Result<(), Trouble> {
        self.up()?.remember(id, block, by)
    }
    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        self.up()?.examine(by)
    }
}

/// The backup still owes an issue that was filed after it was made; while the tracker is away nothing else is told.
#[test]
fn a_restored_store_compares_what_it_owes_before_it_tells_anything_new() {
    let mut site = Site::new(STORE);
    let is_down = Arc::new(AtomicBool::new(true));
    let now = site.clock.wall();
    let first = [ends_in(3, "a.example", now)];
    let mut actor = site.actor();
    MayBeDown::put_before(&mut actor, &is_down);
    site.round(&mut actor, &first);
    assert!(site.issues().is_empty());
    let place = certvigil_store::Place::File(site.path("store.db"));
    let backup = place.open(now, "command").unwrap().backup(site.folder.path(), now).unwrap();
    is_down.store(false, Ordering::Relaxed);
    site.clock.0.store(3600, Ordering::Relaxed);
    let acted = site.round(&mut actor, &first);
    assert_eq!(site.issues().len(), 1, "{acted:?}");

    drop(actor);
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(site.path(name));
    }
    place.restore(&backup.path, now).unwrap();
    let mut actor = site.actor();
    MayBeDown::put_before(&mut actor, &is_down);
    is_down.store(true, Ordering::Relaxed);
    let both = [first[0].clone(), ends_in(3, "other.example", now)];
    let acted = site.round(&mut actor, &both);
    assert_eq!(heard(&acted, "could not be compared"), Some(true), "{acted:?}");
    assert!(site.store(|transaction| Restored::read(transaction).unwrap()).is_some());

    is_down.store(false, Ordering::Relaxed);
    site.clock.0.store(2 * 3600, Ordering::Relaxed);
    let acted = site.round(&mut actor, &both);
    assert_eq!(heard(&acted, "were compared"), Some(false), "{acted:?}");
    assert_eq!(site.issues().len(), 2, "one for each, none double");
    assert!(site.store(|transaction| Restored::read(transaction).unwrap()).is_none());
    assert_eq!(site.records("reconciled").len(), 1);
    let acted = site.round(&mut actor, &both);
    assert_eq!(heard(&acted, "restored"), None, "told again");
}

#[test]
fn the_store_is_tidied_once_a_day_and_the_journal_says_of_what() {
    let mut site = Site::new(&format!("{STORE}keep_rounds = \"1d\"\n"));
    let mut actor = site.actor();
    let mut rounds_kept = |site: &mut Site, hours: i64| {
        site.clock.0.store(hours * 3600, Ordering::Relaxed);
        let seen = [ends_in(90, "a.example", site.clock.wall())];
        site.round(&mut actor, &seen);
        (site.store(|it| it.rounds(10).unwrap().len()), site.records("pruned").len())
    };
    assert_eq!(rounds_kept(&mut site, 0), (1, 0));
    assert_eq!(rounds_kept(&mut site, 23), (2, 0));
    assert_eq!(rounds_kept(&mut site, 49), (1, 1), "both are older than a day");
    assert_eq!(rounds_kept(&mut site, 72), (2, 1), "23 h later");
    assert!(site.records("pruned")[0].data["removed"].contains("2 rounds"));
    // A clock that was put back.
    site.clock.0.store(-48 * 3600, Ordering::Relaxed);
    let seen = [ends_in(90, "a.example", site.clock.wall())];
    site.round(&mut actor, &seen);
}

#[test]
fn an_issue_holds_the_journals_head_and_where_the_config_says_who_renews() {
    let more = format!(
        "{STORE}[[certificate]]\nnames = [\"a.example\"]\nowner = \"ops\"\nrenewer = \"certbot\"\n"
    );
    let mut site = Site::new(&more);
    let mut actor = site.actor();
    let seen = [ends_in(3, "a.example", site.clock.wall())];
    site.round(&mut actor, &seen);
    let issues = site.issues();
    let file: serde_json::Value = serde_json::from_str(&issues[0]).unwrap();
    let text = file["text"].as_str().unwrap();
    let mut words = text.split(|it: char| it.is_whitespace() || "`,;.()".contains(it));
    let head: Noted = words.find_map(|word| word.parse().ok()).unwrap_or_else(|| panic!("{text}"));
    assert!(site.store(|transaction| audit(transaction, &[head]).unwrap().is_sound()));
    assert!(head.sequence > 0);
    assert!(text.contains("certvigil.toml:10"), "{text}");
}

/// Answers once for each connection, with a clock that is so many seconds ahead.
fn answering(host: &str, ahead: i64) -> Client {
    let listener = TcpListener::bind((host, 0)).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let theirs = SystemClock.wall().seconds() + ahead;
            let date = jiff::Timestamp::from_second(theirs).unwrap();
            let date =
                jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date);
            let answer =
                format!("HTTP/1.1 200 OK\r\ndate: {}\r\ncontent-length: 0\r\n\r\n", date.unwrap());
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let http = Http { proxy: certvigil_fetch::Proxy::None, ..Http::default() };
    let client = Client::new(&http, "certvigil").unwrap();
    let asked = client.send(&Request {
        method: Method::Get,
        url: url.parse().unwrap(),
        headers: Vec::new(),
        secret: None,
        body: None,
        by: SystemClock.monotonic() + Duration::from_secs(20),
        most: 1000,
    });
    asked.unwrap();
    client
}

#[test]
fn what_two_other_clocks_judge_differently_is_neither_opened_nor_closed() {
    let mut site = Site::new(STORE);
    let mut actor = site.actor();
    let clock = |name: &str, host, days: i64| {
        let client = answering(host, days * DAY + days.signum() * 60);
        DatedHost { name: name.to_owned(), url: None, client }
    };
    let now = site.clock.wall();
    // By our time all is well with the first; by theirs, 55 days on, it has ended. The second has ended by both.
    let both = [ends_in(50, "later.example", now), ends_in(-1, "ended.example.org", now)];
    let one_open = |site: &Site| {
        let issues = site.issues();
        issues.len() == 1 && issues[0].contains("ended.example.org")
    };
    let two = |days| {
        let hosts =
            vec![clock("tracker a", "127.0.0.1", days), clock("tracker b", "127.0.0.2", days)];
        OthersClocks::new(hosts, Vec::new())
    };
    actor.clocks = two(55);
    let acted = site.round(&mut actor, &both);
    assert_eq!(heard(&acted, "my clock is off by 55 d"), Some(true), "{acted:?}");
    assert!(one_open(&site), "{:?}", site.issues());
    // The other way round: what ends by our time and not by theirs.
    let near = [ends_in(3, "near.example", now), both[1].clone()];
    actor.clocks = two(-55);
    let acted = site.round(&mut actor, &near);
    assert_eq!(heard(&acted, "my clock is off by 55 d"), Some(true), "{acted:?}");
    assert!(one_open(&site), "{:?}", site.issues());
    // One alone is told, and ours stands.
    actor.clocks.hosts.truncate(1);
    let acted = site.round(&mut actor, &near);
    assert_eq!(heard(&acted, "one alone proves nothing"), Some(false), "{acted:?}");
    assert_eq!(site.issues().len(), 2);
    assert!(site.issues().iter().any(|issue| issue.contains("tracker a")), "the proof names it");
}

/// Runs a real round, and acts on it.
fn real_round(site: &Site, actor: &mut Actor, address: SocketAddr) -> Acted {
    let clock: Arc<dyn Clock> = site.clock.clone();
    let pool = Pool::new(Program::new(hostile_reader(), ["__read"]), Arc::clone(&clock));
    let round = Round::new(settings(Duration::from_secs(10), 4), pool, clock).unwrap();
    let listed = [target(&format!("{address}#a.example"), |_| {})].map(|target| {
        certvigil_inventory::Listed {
            text: target.written.clone(),
            origin: None,
            owner: None,
            target: Ok(target),
        }
    });
    let mut again = Same(Vec::new());
    let opened = Opened {
        id: certvigil_doors::random_id(),
        started_at: site.clock.wall(),
        location: None,
        is_whole: true,
    };
    let mut acts = Acts::new(actor, &mut again, opened, Duration::from_secs(30));
    let told = Told::default();
    let reports = vec![acts.report(), Box::new(told.clone())];
    round.run(listed.into_iter(), reports, &mut Quiet, &mut acts).unwrap();
    told.closed().acted.unwrap()
}

fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn certificates_are_kept_and_renewers_are_asked_after_a_round() {
    let site = Site::new("");
    let program = site.path("state");
    let more = format!(
        "{STORE}[[certificate]]\nnames = [\"a.example\"]\nstate = [\"{}\"]\n",
        program.display()
    );
    let config = std::fs::read_to_string(site.path("certvigil.toml")).unwrap();
    std::fs::write(site.path("certvigil.toml"), config + &more).unwrap();
    script(&program, "exit 3");
    let maker = Maker::new();
    let certificate = maker.certificate(&["a.example"], (2026, 6));
    let mut actor = site.actor();
    let address = at(1, port());
    maker.serve(address, &certificate);
    let acted = real_round(&site, &mut actor, address);
    assert_eq!(heard(&acted, "it ended with exit status: 3"), Some(true), "{acted:?}");
    let kept = |der: &[u8]| {
        site.store(|it| it.certificate(Fingerprint::of(der)).unwrap()) == Some(der.to_vec())
    };
    assert!(kept(&certificate));
    script(
        &program,
        r#"echo '{"schema": "certvigil.renewer/1", "certificates": [{"names": ["a.example"], "state": "failed", "reason": "no quota is left"}]}'"#,
    );
    let next = maker.certificate(&["a.example"], (2026, 7));
    let address = at(1, port());
    maker.serve(address, &next);
    real_round(&site, &mut actor, address);
    // Whatever is no danger yet is told when it was seen twice.
    let acted = real_round(&site, &mut actor, address);
    assert_eq!(heard(&acted, "it ended with"), None, "{acted:?}");
    assert!(kept(&next));
    assert!(site.issues().iter().any(|it| it.contains("no quota is left")), "{acted:?}");
}

#[test]
fn a_second_look_that_brings_nothing_fails_the_run() {
    let mut site = Site::new("");
    site.is_lost_again = true;
    let mut actor = site.actor();
    let now = SystemClock.wall();
    let acted = site.round(&mut actor, &[ends_in(20, "www.example.org", now)]);
    assert_eq!(heard(&acted, "1 endpoints were to be looked at again, and were not"), Some(true));
    assert!(!acted.is_proven());
}

#[test]
fn a_tracker_that_does_not_show_its_issues_is_not_said_to_have_them() {
    let mut site = Site::new(STORE);
    let mut actor = site.actor();
    let observations = [ends_in(20, "www.example.org", SystemClock.wall())];
    assert!(site.round(&mut actor, &observations).is_proven());
    assert!(site.round(&mut actor, &observations).is_proven());
    std::fs::remove_dir_all(site.path("issues")).unwrap();
    std::fs::write(site.path("issues"), "no folder").unwrap();
    let acted = site.round(&mut actor, &observations);
    assert_eq!(heard(&acted, "does not show its issues"), Some(true), "{:?}", acted.heard);
    assert!(!acted.is_proven());
}

/// One team's tracker keeps nobody else's from being told.
#[test]
fn without_a_store_a_tracker_that_lists_nothing_fails_the_run_and_the_others_are_told() {
    let more = "[[owner]]\nname = \"web\"\ntracker = { kind = \"local\", folder = \"lost\" }\n";
    let mut site = Site::new(more);
    std::fs::write(site.path("lost"), "no folder").unwrap();
    let mut actor = site.actor();
    let acted = site.round(&mut actor, &[ends_in(20, "www.example.org", SystemClock.wall())]);
    assert_eq!(heard(&acted, "does not list its issues"), Some(true), "{:?}", acted.heard);
    assert_eq!(site.issues().len(), 1);
}

#[test]
fn what_somebody_silenced_does_not_fail_the_run() {
    let mut site = Site::new(STORE);
    let mut actor = site.actor();
    let now = SystemClock.wall();
    let lost = |problem_now: Time| {
        let mut lost = ends_in(20, "www.example.org", problem_now);
        (lost.certificate, lost.chain, lost.outcome) = (None, Vec::new(), Outcome::Refused);
        lost.problems = vec![Problem {
            id: "refused".to_owned(),
            family: Family::Reach,
            severity: certvigil_model::Severity::Unknown,
            certificate: None,
            message: "the connection was refused".to_owned(),
            hint: None,
            accepted: None,
        }];
        lost
    };
    // It waits for its second look, which is not taken: nobody has been told when the silence comes.
    site.is_lost_again = true;
    site.round(&mut actor, &[lost(now)]);
    let state = actor.memory.state(now).unwrap();
    let incident = state.incidents.keys().next().unwrap().clone();
    let order = certvigil_alarm::Order::Silence {
        incident,
        by: Foreign::new("ann"),
        reason: "moved on Monday".to_owned(),
        until: Time::from_seconds(now.seconds() + DAY),
    };
    let event = certvigil_alarm::Event::Order(order);
    let rules = actor.rules.clone();
    actor.memory.step(&event, now, &rules).unwrap();
    site.is_lost_again = false;
    site.clock.0.store(3600, Ordering::Relaxed);
    let acted = site.round(&mut actor, &[lost(site.clock.wall())]);
    let state = actor.memory.state(site.clock.wall()).unwrap();
    let open = state.incidents.values().filter(|it| it.status == certvigil_model::Status::Open);
    assert_eq!(open.count(), 1);
    assert_eq!(heard(&acted, "1 open and not told for now"), Some(false), "{:?}", acted.heard);
    assert!(acted.is_proven() && acted.issues.is_empty(), "{:?}", acted.issues);
    assert!(site.issues().is_empty());
}

/// An order that an issue prints can be given as it stands.
#[test]
fn an_issue_says_how_orders_find_the_store() {
    let mut site = Site::new(STORE);
    let mut actor = site.actor();
    let acted = site.round(&mut actor, &[ends_in(20, "www.example.org", SystemClock.wall())]);
    let config = site.path("certvigil.toml").display().to_string();
    let ack = format!("certvigil incidents ack {} --config {config}", acted.issues[0].key);
    assert!(site.issues()[0].contains(&ack), "{ack}: {}", site.issues()[0]);
}
