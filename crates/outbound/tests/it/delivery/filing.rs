//! There is to be one open issue, whatever goes wrong.

use std::sync::Barrier;
use std::time::Duration;

use certvigil_lab::tracker::{Fault, LabTls, Lag, On};
use certvigil_model::{Act, DeliveryState};
use certvigil_outbound::delivery::{Outcome, Standing, Step};

use super::ground::{Ground, SETTLE};
use DeliveryState::{Confirmed, Doubtful, Failed, Queued, Stored};

/// A fault, what its first attempt comes to, and how many issues are made until one is confirmed.
struct Case {
    on: On,
    /// So many requests of that kind go well before.
    after: u32,
    fault: Fault,
    state: DeliveryState,
    /// A word of what is told: of the trouble, else of the notes.
    told: &'static str,
    created: u64,
}

const fn case(
    on: On,
    fault: Fault,
    state: DeliveryState,
    told: &'static str,
    created: u64,
) -> Case {
    Case { on, after: 0, fault, state, told, created }
}

const CASES: &[Case] = &[
    // Nobody can look: nothing is made.
    case(On::Find, Fault::Status(401), Failed, "token", 1),
    case(On::Find, Fault::Status(403), Failed, "403", 1),
    case(On::Find, Fault::Status(404), Failed, "404", 1),
    case(On::Find, Fault::Status(410), Failed, "410", 1),
    case(On::Find, Fault::Status(500), Queued, "500", 1),
    case(On::Find, Fault::RetryAfter(120), Queued, "429", 1),
    case(On::Find, Fault::Hang, Queued, "in time", 1),
    case(On::Find, Fault::ResetBefore, Queued, "no answer", 1),
    case(On::Find, Fault::HalfAnswer, Queued, "no answer", 1),
    case(On::Find, Fault::Page, Queued, "expected", 1),
    case(On::Recent, Fault::Status(500), Queued, "500", 1),
    case(On::Recent, Fault::Hang, Queued, "in time", 1),
    // It is not made, and we know it.
    case(On::Create, Fault::Status(401), Failed, "token", 2),
    case(On::Create, Fault::Status(403), Failed, "403", 2),
    case(On::Create, Fault::Status(404), Failed, "404", 2),
    case(On::Create, Fault::Status(410), Failed, "410", 2),
    case(On::Create, Fault::RetryAfter(120), Queued, "429", 2),
    // It is not made, and nobody knows.
    case(On::Create, Fault::Status(500), Doubtful, "500", 2),
    case(On::Create, Fault::Hang, Doubtful, "in time", 2),
    case(On::Create, Fault::ResetBefore, Doubtful, "no answer", 2),
    case(On::Create, Fault::NothingStored, Doubtful, "is not there", 2),
    // It is made, and the answer is lost or a lie: found at once.
    case(On::Create, Fault::StatusAfter(500), Confirmed, "issue-found", 1),
    case(On::Create, Fault::HangAfter, Confirmed, "issue-found", 1),
    case(On::Create, Fault::ResetAfter, Confirmed, "issue-found", 1),
    case(On::Create, Fault::HalfAnswer, Confirmed, "issue-found", 1),
    case(On::Create, Fault::Page, Confirmed, "issue-found", 1),
    case(On::Create, Fault::Slow(150), Confirmed, "", 1),
    case(On::Create, Fault::Duplicate, Confirmed, "double-closed", 1),
    case(On::Create, Fault::ClosedAtOnce, Confirmed, "closed-at-once", 1),
    // It is made, and cannot be read back.
    case(On::Read, Fault::Status(404), Doubtful, "is not there", 1),
    case(On::Read, Fault::Status(410), Doubtful, "is not there", 1),
    case(On::Read, Fault::Status(500), Doubtful, "500", 1),
    case(On::Read, Fault::RetryAfter(120), Doubtful, "429", 1),
    case(On::Read, Fault::Hang, Doubtful, "in time", 1),
    case(On::Read, Fault::Page, Doubtful, "expected", 1),
    // It is read back, and cannot be found.
    Case { after: 1, ..case(On::Find, Fault::Status(500), Stored, "500", 1) },
    Case { after: 1, ..case(On::Find, Fault::Hang, Stored, "in time", 1) },
];

#[test]
fn every_fault_is_told_and_ends_with_one_open_issue() {
    for case in CASES {
        let ground = Ground::new();
        if case.after > 0 {
            ground.lab.fault(case.on, Fault::Slow(0), case.after);
        }
        ground.lab.fault(case.on, case.fault, 1);
        let name = format!("{:?} {:?}", case.on, case.fault);
        let mut run = ground.errand(Act::File);
        let first = run.attempt();
        assert_eq!(first.standing.state(), case.state, "{name}: {first:?}");
        assert!(told(&first).contains(case.told), "{name}: {first:?}");
        if case.state != Confirmed {
            if let Some(at) = first.standing.not_before() {
                let seconds = at.seconds_since(ground.now()) as u64;
                let asked = if matches!(case.fault, Fault::RetryAfter(_)) {
                    120..=120
                } else {
                    10..=86_400
                };
                assert!(asked.contains(&seconds), "{name}: {seconds} s");
                ground.pass(Duration::from_secs(seconds + 1));
            } else {
                run = ground.errand(Act::File);
            }
            let last = run.until_over();
            assert!(matches!(last.standing, Standing::Confirmed(_)), "{name}: {last:?}");
        }
        let open = ground.open();
        assert_eq!(open.len(), 1, "{name}: {open:?}");
        assert_eq!(open[0].id.to_string(), run.issue.as_ref().unwrap().id, "{name}");
        assert_eq!(ground.lab.count(On::Create), case.created, "{name}");
    }
}

fn told(outcome: &Outcome) -> String {
    let notes: Vec<String> = outcome.notes.iter().map(ToString::to_string).collect();
    format!("{} {}", outcome.standing.trouble().unwrap_or_default(), notes.join(" "))
}

#[test]
fn what_is_filed_is_what_was_to_be_filed() {
    let ground = Ground::new();
    let outcome = ground.errand(Act::File).attempt();
    let Standing::Confirmed(confirmed) = &outcome.standing else { panic!("{outcome:?}") };
    assert_eq!((confirmed.at(), &outcome.notes), (ground.now(), &vec![]));
    assert_eq!(Some(confirmed.issue()), outcome.issue.as_ref());
    let issue = ground.issue(1);
    assert_eq!(issue.title, "www.example.org: certificate ends 22 Dec 2026");
    assert_eq!(issue.text, "Who cannot be reached \"then\", {id} and when.");
    assert_eq!(issue.labels, ["certvigil".to_owned(), ground.key.to_string()]);
    assert_eq!((issue.author.as_str(), issue.block.as_str()), ("robot", "{\"good\":1}"));
}

#[test]
fn what_is_there_already_is_taken_over() {
    let ground = Ground::new();
    let first = ground.filed();
    let again = ground.errand(Act::File).attempt();
    assert!(
        matches!(&again.standing, Standing::Confirmed(it) if *it.issue() == first),
        "{again:?}"
    );
    assert_eq!(ground.lab.count(On::Create), 1);
}

#[test]
fn a_search_that_lags_leaves_it_stored_and_no_second_one_is_made() {
    let ground = Ground::new();
    ground.lab.change(|issues| issues.lag = Lag::Millis(60_000)).unwrap();
    let mut run = ground.errand(Act::File);
    let first = run.attempt();
    assert_eq!(first.standing.state(), Stored, "{first:?}");
    assert!(told(&first).contains("yet"), "{first:?}");
    // Another instance that knows nothing of the first finds it in the list that does not lag.
    let other = ground.errand(Act::File).attempt();
    assert_eq!(other.standing.state(), Stored, "{other:?}");
    let last = run.until_over();
    assert!(matches!(last.standing, Standing::Confirmed(_)), "{last:?}");
    assert_eq!((ground.open().len(), ground.lab.count(On::Create)), (1, 1));
}

#[test]
fn a_search_that_lags_for_too_long_is_told() {
    let ground = Ground::new();
    ground.lab.change(|issues| issues.lag = Lag::Millis(86_400_000)).unwrap();
    let mut run = ground.errand(Act::File);
    run.attempt();
    ground.pass(Duration::from_secs(SETTLE + 1));
    let late = run.attempt();
    assert_eq!(late.standing.state(), Stored, "{late:?}");
    assert!(told(&late).contains("search"), "{late:?}");
    assert_eq!(ground.lab.count(On::Create), 1);
}

/// Without its key it would be made again by whoever comes next.
#[test]
fn labels_that_were_dropped_are_told_and_it_is_not_made_again() {
    let ground = Ground::new();
    ground.lab.fault(On::Create, Fault::LabelsDropped, 9);
    let mut run = ground.errand(Act::File);
    let first = run.attempt();
    assert!(
        matches!(&first.standing, Standing::Failed { why } if why.contains("key")),
        "{first:?}"
    );
    let again = run.attempt();
    assert_eq!(again.standing.state(), Failed, "{again:?}");
    assert_eq!((ground.lab.count(On::Create), run.issue.unwrap().id.as_str()), (1, "1"));
}

#[test]
fn a_tracker_whose_own_certificate_has_ended_is_sent_nothing() {
    let ground = Ground::with(LabTls::Expired);
    let outcome = ground.errand(Act::File).attempt();
    assert_eq!(outcome.standing.state(), Queued, "{outcome:?}");
    assert!(told(&outcome).contains("expired"), "{outcome:?}");
    assert_eq!(ground.lab.count(On::Find), 0);
    let good = Ground::with(LabTls::Good);
    assert!(matches!(good.errand(Act::File).attempt().standing, Standing::Confirmed(_)));
}

/// A request that we gave up lands after the next attempt has looked.
#[test]
fn a_write_that_lands_late_is_closed_as_a_double() {
    let ground = Ground::new();
    ground.filed();
    let late = ground.issue(1);
    ground.lab.change(|issues| issues.add(late)).unwrap();
    let mut run = ground.errand(Act::File);
    let outcome = run.attempt();
    assert!(
        matches!(&outcome.standing, Standing::Confirmed(it) if it.issue().id == "1"),
        "{outcome:?}"
    );
    assert!(told(&outcome).contains("double-closed: issue 2"), "{outcome:?}");
    let double = ground.issue(2);
    assert!(!double.open && double.comments[0].text.contains("issue 1"), "{double:?}");
    assert_eq!(ground.open().len(), 1);
}

#[test]
fn a_double_that_cannot_be_closed_is_told_and_in_nobodys_way() {
    let ground = Ground::new();
    ground.filed();
    let late = certvigil_lab::tracker::LabIssue { locked: true, ..ground.issue(1) };
    ground.lab.change(|issues| issues.add(late)).unwrap();
    let outcome = ground.errand(Act::File).attempt();
    assert!(matches!(outcome.standing, Standing::Confirmed(_)), "{outcome:?}");
    assert!(told(&outcome).contains("double-stays: issue 2"), "{outcome:?}");
}

/// The tracker takes issues and closes each at once: one is made, not one an hour.
#[test]
fn a_tracker_that_closes_everything_is_told() {
    let ground = Ground::new();
    ground.lab.fault(On::Create, Fault::ClosedAtOnce, 99);
    ground.lab.fault(On::Change, Fault::NothingStored, 99);
    let mut run = ground.errand(Act::File);
    let first = run.attempt();
    assert!(
        matches!(&first.standing, Standing::Failed { why } if why.contains("rules")),
        "{first:?}"
    );
    run.delivery.state = Doubtful;
    let again = run.attempt();
    assert_eq!(again.standing.state(), Failed, "{again:?}");
    assert_eq!(ground.lab.count(On::Create), 1);
}

/// Runs that know nothing of each other, as on runners that keep nothing.
#[test]
fn six_at_once_leave_one_open_issue() {
    for lag in [Lag::None, Lag::Finds(4)] {
        let ground = Ground::new();
        ground.lab.change(|issues| issues.lag = lag).unwrap();
        // All have looked before the first has made one.
        let all = Barrier::new(6);
        let file = || {
            let mut run = ground.errand(Act::File);
            let meet = |step| {
                if step == Step::BeforeCreate {
                    all.wait();
                }
            };
            let outcome = run.attempt_watched(&meet);
            if run.delivery.state.is_over() { outcome } else { run.until_over() }
        };
        let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..6).map(|_| scope.spawn(file)).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        let last = ground.errand(Act::File).until_over();
        assert_eq!(ground.lab.count(On::Create), 6);
        assert_eq!(ground.open().len(), 1, "{outcomes:?}");
        for outcome in outcomes.iter().chain([&last]) {
            let is_first =
                matches!(&outcome.standing, Standing::Confirmed(it) if it.issue().id == "1");
            assert!(is_first, "{outcome:?}");
        }
    }
}
