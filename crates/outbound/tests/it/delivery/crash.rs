//! The process is killed at every step of a delivery. At the end each incident has one open issue, and none is lost.
//!
//! The process is this test once more, as a child that empties an outbox: it claims what is not over, carries it, and
//! keeps what came of it, as any instance does. It kills itself at the step that it is told, so that nothing runs that
//! would not run under `kill -9`.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_lab::tracker::{Fault, LabIssues, LabTracker, LabTrackerSetup, Lag, On};
use certvigil_model::{Act, Clock as _, Delivery, DeliveryState, IncidentKey, IssueRef};
use certvigil_outbound::delivery::{Errand, Step, Words, deliver_watched};
use certvigil_store::{Store, sqlite};
use rustix::process::{Signal, getpid, kill_process};

use super::ground::{delivery, key, tracker, words};

/// Kills of a test; `CERTVIGIL_KILLS` says how many they are in a soak.
const KILLS: usize = 20;

const NAME: &str = "delivery::crash::killed_at_every_step_each_incident_has_one_open_issue";
const FOLDER: &str = "CERTVIGIL_CRASH_FOLDER";
const URL: &str = "CERTVIGIL_CRASH_URL";
const STEP: &str = "CERTVIGIL_CRASH_STEP";

#[test]
#[expect(clippy::disallowed_methods, reason = "the test starts itself anew")]
fn killed_at_every_step_each_incident_has_one_open_issue() {
    if let Ok(folder) = std::env::var(FOLDER) {
        return child(Path::new(&folder));
    }
    let kills = std::env::var("CERTVIGIL_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let mut story = Story::begin();
    let mut killed: BTreeMap<Step, usize> = BTreeMap::new();
    for step in Step::ALL.iter().cycle() {
        if killed.values().sum::<usize>() == kills {
            break;
        }
        // Work until the step is met: some are met by a double alone.
        let is_met = (0..8).any(|_| {
            story.next_incident();
            story.run(Some(*step)).signal() == Some(9)
        });
        assert!(is_met, "no work passes {step:?}");
        *killed.entry(*step).or_default() += 1;
    }
    assert!(story.run(None).success());
    story.is_whole(&killed);
}

/// One store and one tracker, through all the kills.
struct Story {
    folder: tempfile::TempDir,
    lab: LabTracker,
    keys: Vec<IncidentKey>,
}

/// What is asked for of each incident, in order.
const ACTS: &[Act] = &[
    Act::File,
    Act::Comment { change: 1 },
    Act::Remember,
    Act::Close,
    Act::Reopen,
    Act::Comment { change: 2 },
];

impl Story {
    fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let setup = LabTrackerSetup {
            file: Some(folder.path().join("tracker.json")),
            ..LabTrackerSetup::default()
        };
        let lab = LabTracker::start(setup, || SystemClock.wall().millis()).unwrap();
        lab.change(|issues| issues.lag = Lag::Finds(2)).unwrap();
        Self { folder, lab, keys: Vec::new() }
    }

    /// Asks for everything of one more incident, whose issue meets one fault or another.
    fn next_incident(&mut self) {
        let faults = [Fault::Duplicate, Fault::ResetAfter, Fault::StatusAfter(502), Fault::Slow(1)];
        self.lab.fault(On::Create, faults[self.keys.len() % faults.len()], 1);
        let key = key();
        let mut store = open(self.folder.path());
        let now = SystemClock.wall();
        let asked = ACTS.iter().enumerate().map(|(at, act)| {
            let mut asked = delivery(&key, act.clone(), now.plus(Duration::from_millis(at as u64)));
            asked.id = format!("{:04}-{at}", self.keys.len());
            asked
        });
        let asked: Vec<Delivery> = asked.collect();
        let put = |delivery: &Delivery, store: &mut dyn Store| {
            store.transact(now, &mut |transaction| transaction.put_delivery(delivery)).unwrap();
        };
        asked.iter().for_each(|delivery| put(delivery, store.as_mut()));
        self.keys.push(key);
    }

    #[expect(clippy::disallowed_methods, reason = "the test starts itself anew")]
    fn run(&self, step: Option<Step>) -> ExitStatus {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", NAME, "--nocapture"]).env(FOLDER, self.folder.path());
        child
            .env(URL, self.lab.url())
            .env(STEP, step.map_or_else(String::new, |step| format!("{step:?}")));
        let output = child.output().unwrap();
        let is_killed = output.status.signal() == Some(9);
        assert!(is_killed || output.status.success(), "{output:?}");
        output.status
    }

    fn is_whole(&self, killed: &BTreeMap<Step, usize>) {
        let issues: LabIssues = self.lab.change(|issues| issues.clone()).unwrap();
        for key in &self.keys {
            let of_key =
                |issue: &&certvigil_lab::tracker::LabIssue| issue.labels.contains(&key.to_string());
            let open: Vec<_> = issues.open().into_iter().filter(of_key).collect();
            assert_eq!(open.len(), 1, "{key}: {open:?}");
            let first = issues.issues.iter().find(of_key).unwrap();
            assert_eq!(open[0].id, first.id, "the first stays");
            let comments: Vec<&str> = first.comments.iter().map(|it| it.text.as_str()).collect();
            for mark in ["1", "2", "closed-1", "reopened-1"] {
                let mark = format!("Mark: {key}/{mark}");
                let count = comments.iter().filter(|text| text.ends_with(&mark)).count();
                assert_eq!(count, 1, "{mark}: {comments:?}");
            }
            assert_eq!(first.block, words(2).block, "{key}");
        }
        let doubles = issues.issues.len() - self.keys.len();
        assert_eq!(waiting(open(self.folder.path())), [], "every delivery is over");
        let kills: usize = killed.values().sum();
        let incidents = self.keys.len();
        tell(&format!(
            "{kills} kills at {} steps: {incidents} incidents, {incidents} open issues, none lost, {doubles} doubles closed",
            killed.len()
        ));
    }
}

#[expect(clippy::print_stderr, reason = "figures are printed")]
fn tell(text: &str) {
    eprintln!("{text}");
}

fn open(folder: &Path) -> Box<dyn Store> {
    sqlite::open(&folder.join("store.sqlite"), SystemClock.wall(), "crash-test").unwrap()
}

fn waiting(mut store: Box<dyn Store>) -> Vec<Delivery> {
    let mut found = Vec::new();
    let now = SystemClock.wall();
    store
        .transact(now, &mut |transaction| {
            found = transaction.open_deliveries()?;
            Ok(())
        })
        .unwrap();
    found
}

/// Empties the outbox, and dies where it is told.
#[expect(clippy::disallowed_methods, reason = "the parent says what to do")]
fn child(folder: &Path) {
    let step = std::env::var(STEP).unwrap();
    let tracker = tracker(&std::env::var(URL).unwrap(), None);
    let has_died = Cell::new(false);
    let watch = |at: Step| {
        if format!("{at:?}") == step && !has_died.replace(true) {
            kill_process(getpid(), Signal::KILL).unwrap();
        }
    };
    // Whoever was killed early has left its work to the next.
    let most = 30 * waiting(open(folder)).len();
    let mut trouble = None;
    for _ in 0..most {
        let mut store = open(folder);
        let Some((claimed, issue)) = claim(store.as_mut()) else { return };
        // Once it is filed, there is something else to remember.
        let block = if claimed.act == Act::File { words(1).block } else { words(2).block };
        let words = Words { block, ..words(1) };
        let errand = Errand {
            delivery: &claimed,
            words: &words,
            issue: issue.as_ref(),
            now: SystemClock.wall(),
            by: SystemClock.monotonic() + Duration::from_secs(20),
            request_limit: Duration::from_secs(5),
        };
        let outcome = deliver_watched(tracker.as_ref(), &errand, &watch);
        let mut kept = claimed.clone();
        kept.state = outcome.standing.state();
        kept.trouble = outcome.standing.trouble().map(str::to_owned);
        trouble.clone_from(&kept.trouble);
        keep(store.as_mut(), &kept, outcome.issue.as_ref());
    }
    assert_eq!(waiting(open(folder)), [], "after {most} attempts, and {trouble:?}");
}

/// The first delivery that is not over of each incident may go; as any instance, this one writes down that it goes.
fn claim(store: &mut dyn Store) -> Option<(Delivery, Option<IssueRef>)> {
    let mut claimed = None;
    let now = SystemClock.wall();
    store
        .transact(now, &mut |transaction| {
            claimed = None;
            let mut open = transaction.open_deliveries()?;
            open.sort_by(|one, other| one.id.cmp(&other.id));
            let mut met = BTreeSet::new();
            let first = open.into_iter().find(|delivery| met.insert(delivery.incident.clone()));
            let Some(mut delivery) = first else { return Ok(()) };
            if !transaction.claim(&delivery.id, Duration::from_millis(1))? {
                return Ok(());
            }
            let before = delivery.clone();
            (delivery.state, delivery.attempted_at) = (DeliveryState::Sent, Some(now));
            delivery.attempts += 1;
            transaction.put_delivery(&delivery)?;
            let issue = transaction.document(&format!("issue-{}", delivery.incident))?;
            let issue = issue.map(|text| serde_json::from_str(&text).unwrap());
            // What the protocol is given is how things stood before this attempt; what was sent and never came back
            // was put down as sent by whoever died.
            claimed = Some((before, issue));
            Ok(())
        })
        .unwrap();
    claimed
}

fn keep(store: &mut dyn Store, delivery: &Delivery, issue: Option<&IssueRef>) {
    let now = SystemClock.wall();
    store
        .transact(now, &mut |transaction| {
            let mut kept = delivery.clone();
            (kept.attempts, kept.attempted_at) = (delivery.attempts + 1, Some(now));
            transaction.put_delivery(&kept)?;
            if let Some(issue) = issue {
                let text = serde_json::to_string(issue).unwrap();
                transaction.put_document(&format!("issue-{}", delivery.incident), &text)?;
            }
            transaction.release(&delivery.id)
        })
        .unwrap();
}
