//! Comments, closing, reopening and the block of state: each once, each read back.

use certvigil_lab::tracker::{Fault, On};
use certvigil_model::{Act, DeliveryState};
use certvigil_outbound::delivery::Standing;

use super::ground::Ground;
use DeliveryState::{Confirmed, Doubtful, Failed, Queued};

/// Faults of a write, and what its first attempt comes to.
const WRITES: &[(Fault, DeliveryState)] = &[
    (Fault::Status(401), Failed),
    (Fault::Status(403), Failed),
    (Fault::RetryAfter(90), Queued),
    (Fault::Status(500), Doubtful),
    (Fault::Hang, Doubtful),
    (Fault::ResetBefore, Doubtful),
    (Fault::NothingStored, Doubtful),
    (Fault::StatusAfter(500), Confirmed),
    (Fault::HangAfter, Confirmed),
    (Fault::ResetAfter, Confirmed),
    (Fault::HalfAnswer, Confirmed),
    (Fault::Page, Confirmed),
];

#[test]
fn a_comment_is_made_once() {
    for (fault, state) in WRITES {
        let ground = Ground::new();
        let issue = ground.filed();
        ground.lab.fault(On::Comment, *fault, 1);
        let mut run = ground.errand(Act::Comment { change: 3 }).about(&issue);
        let first = run.attempt();
        assert_eq!(first.standing.state(), *state, "{fault:?}: {first:?}");
        let last = run.until_over();
        assert_eq!(last.standing.state(), Confirmed, "{fault:?}: {last:?}");
        let comments = ground.issue(1).comments;
        assert_eq!(comments.len(), 1, "{fault:?}: {comments:?}");
        assert!(comments[0].text.contains(&format!("{}/3", ground.key)), "{comments:?}");
    }
}

#[test]
fn each_change_has_a_comment_of_its_own() {
    let ground = Ground::new();
    let issue = ground.filed();
    for change in [11, 1, 11, 1] {
        let mut run = ground.errand(Act::Comment { change }).about(&issue);
        assert_eq!(run.until_over().standing.state(), Confirmed);
    }
    assert_eq!(ground.issue(1).comments.len(), 2, "1 is not the head of 11");
}

#[test]
fn closing_is_read_back_and_said_once() {
    for (fault, state) in WRITES {
        let ground = Ground::new();
        let issue = ground.filed();
        ground.lab.fault(On::Change, *fault, 1);
        let mut run = ground.errand(Act::Close).about(&issue);
        let first = run.attempt();
        assert_eq!(first.standing.state(), *state, "{fault:?}: {first:?}");
        let last = run.until_over();
        assert_eq!(last.standing.state(), Confirmed, "{fault:?}: {last:?}");
        let issue = ground.issue(1);
        assert!(!issue.open && issue.comments.len() == 1, "{fault:?}: {issue:?}");
    }
}

#[test]
fn reopening_is_read_back_and_said_once() {
    for (fault, state) in WRITES {
        let ground = Ground::new();
        let issue = ground.filed();
        ground.person(1, |issue| issue.open = false);
        ground.lab.fault(On::Comment, *fault, 1);
        let mut run = ground.errand(Act::Reopen).about(&issue);
        let first = run.attempt();
        assert_eq!(first.standing.state(), *state, "{fault:?}: {first:?}");
        let last = run.until_over();
        assert_eq!(last.standing.state(), Confirmed, "{fault:?}: {last:?}");
        let issue = ground.issue(1);
        assert!(issue.open && issue.comments.len() == 1, "{fault:?}: {issue:?}");
        assert_eq!(ground.lab.count(On::Create), 1, "{fault:?}");
    }
}

#[test]
fn the_block_is_overwritten_and_read_back() {
    for (fault, state) in WRITES {
        let ground = Ground::new();
        let issue = ground.filed();
        ground.lab.fault(On::Change, *fault, 1);
        let mut run = ground.errand(Act::Remember).about(&issue);
        run.change = 2;
        let first = run.attempt();
        assert_eq!(first.standing.state(), *state, "{fault:?}: {first:?}");
        let last = run.until_over();
        assert_eq!(last.standing.state(), Confirmed, "{fault:?}: {last:?}");
        let issue = ground.issue(1);
        assert_eq!((issue.block.as_str(), issue.comments.len()), ("{\"good\":2}", 0), "{fault:?}");
    }
}

#[test]
fn where_there_is_no_issue_there_is_nothing_to_close() {
    let ground = Ground::new();
    for act in [Act::Close, Act::Remember] {
        let outcome = ground.errand(act).attempt();
        assert!(matches!(outcome.standing, Standing::Dropped { .. }), "{outcome:?}");
    }
    assert_eq!(ground.lab.count(On::Create), 0);
}

#[test]
fn closing_closes_doubles_too() {
    let ground = Ground::new();
    let issue = ground.filed();
    let double = ground.issue(1);
    ground.lab.change(|issues| issues.add(double)).unwrap();
    let outcome = ground.errand(Act::Close).about(&issue).attempt();
    assert_eq!(outcome.standing.state(), Confirmed, "{outcome:?}");
    assert_eq!(ground.open(), []);
}

/// Whether we know the issue or not, and whichever of the two we knew.
#[test]
fn what_was_closed_as_a_double_is_not_reopened() {
    for known in [None, Some("1"), Some("2")] {
        let ground = Ground::new();
        let mut issue = ground.filed();
        let double = ground.issue(1);
        ground.lab.change(|issues| issues.add(double)).unwrap();
        let closed = ground.errand(Act::Close).about(&issue).attempt();
        assert_eq!(closed.standing.state(), Confirmed, "{closed:?}");
        let mut run = ground.errand(Act::Reopen);
        if let Some(id) = known {
            issue.id = id.to_owned();
            run = run.about(&issue);
        }
        let outcome = run.attempt();
        assert!(
            matches!(&outcome.standing, Standing::Confirmed(it) if it.issue().id == "1"),
            "{outcome:?}"
        );
        assert_eq!(ground.open().len(), 1, "{known:?}");
    }
}
