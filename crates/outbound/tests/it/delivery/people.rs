//! What people do to issues, and what becomes of a delivery then.

use certvigil_lab::tracker::{LabIssue, On};
use certvigil_model::{Act, DeliveryState};
use certvigil_outbound::delivery::Standing;

use super::ground::Ground;

/// The kinds of the notes.
fn kinds(outcome: &certvigil_outbound::delivery::Outcome) -> Vec<&'static str> {
    outcome.notes.iter().map(certvigil_outbound::delivery::Note::kind).collect()
}

#[test]
fn a_clone_by_a_person_is_told_and_left_alone() {
    let ground = Ground::new();
    let issue = ground.filed();
    let clone = LabIssue { author: "ann".to_owned(), ..ground.issue(1) };
    ground.lab.change(|issues| issues.add(clone)).unwrap();
    let outcome = ground.errand(Act::File).about(&issue).attempt();
    assert!(
        matches!(&outcome.standing, Standing::Confirmed(it) if it.issue().id == "1"),
        "{outcome:?}"
    );
    assert_eq!(kinds(&outcome), ["key-misused"]);
    assert!(ground.issue(2).open && ground.issue(2).comments.is_empty());
}

/// Whoever can write an issue can write our key into it; that must not keep ours from being filed.
#[test]
fn a_key_in_somebody_elses_issue_does_not_count() {
    let ground = Ground::new();
    let labels = vec!["certvigil".to_owned(), ground.key.to_string()];
    let trap = LabIssue {
        title: "a".to_owned(),
        project: "certificates".to_owned(),
        author: "mallory".to_owned(),
        open: true,
        made_at: ground.now().millis(),
        labels,
        ..LabIssue::default()
    };
    ground.lab.change(|issues| issues.add(trap)).unwrap();
    let outcome = ground.errand(Act::File).attempt();
    assert!(
        matches!(&outcome.standing, Standing::Confirmed(it) if it.issue().id == "2"),
        "{outcome:?}"
    );
    assert_eq!(kinds(&outcome), ["key-misused"]);
}

#[test]
fn an_issue_that_got_another_number_is_followed() {
    let ground = Ground::new();
    let issue = ground.filed();
    let moved = ground.issue(1);
    ground.lab.change(|issues| issues.add(moved)).unwrap();
    ground.person(1, |issue| issue.moved_to = Some(2));
    for act in [Act::File, Act::Comment { change: 1 }] {
        let outcome = ground.errand(act).about(&issue).attempt();
        let is_second =
            matches!(&outcome.standing, Standing::Confirmed(it) if it.issue().id == "2");
        assert!(is_second, "{outcome:?}");
        assert_eq!(kinds(&outcome), ["issue-followed"]);
    }
    assert_eq!((ground.open().len(), ground.lab.count(On::Create)), (1, 1));
}

/// Merged into a person's issue, moved out of the project, deleted: it is not where it has to be, so there is a new one.
#[test]
fn an_issue_that_does_not_count_any_more_is_filed_anew() {
    type Deed = fn(&Ground);
    let deeds: [(&str, Deed); 3] = [
        ("issue-elsewhere", |ground| ground.person(1, |issue| issue.project = "attic".to_owned())),
        ("issue-gone", |ground| ground.person(1, |issue| issue.deleted = true)),
        ("issue-followed", |ground| {
            let other = LabIssue { author: "ann".to_owned(), labels: vec![], ..ground.issue(1) };
            ground.lab.change(|issues| issues.add(other)).unwrap();
            ground.person(1, |issue| issue.moved_to = Some(2));
        }),
    ];
    for (kind, deed) in deeds {
        for act in [Act::File, Act::Comment { change: 1 }, Act::Reopen] {
            let ground = Ground::new();
            let issue = ground.filed();
            deed(&ground);
            let outcome = ground.errand(act.clone()).about(&issue).attempt();
            let Standing::Confirmed(it) = &outcome.standing else { panic!("{kind}: {outcome:?}") };
            assert_ne!(it.issue().id, "1", "{kind} {act:?}");
            assert_eq!(kinds(&outcome), [kind], "{act:?}");
            assert_eq!(ground.lab.count(On::Create), 2, "{kind} {act:?}");
        }
    }
}

#[test]
fn a_locked_issue_stays_filed_and_a_comment_that_nobody_can_make_is_told() {
    let ground = Ground::new();
    let issue = ground.filed();
    ground.person(1, |issue| issue.locked = true);
    let filed = ground.errand(Act::File).about(&issue).attempt();
    assert_eq!(filed.standing.state(), DeliveryState::Confirmed, "{filed:?}");
    assert!(filed.seen.unwrap().is_locked);
    let comment = ground.errand(Act::Comment { change: 1 }).about(&issue).attempt();
    assert_eq!(comment.standing.state(), DeliveryState::Failed, "{comment:?}");
    assert_eq!(ground.lab.count(On::Create), 1);
}

#[test]
fn an_archived_project_takes_nothing_and_that_is_told() {
    let ground = Ground::new();
    ground.lab.change(|issues| issues.archived.push("certificates".to_owned())).unwrap();
    let outcome = ground.errand(Act::File).attempt();
    let Standing::Failed { why } = &outcome.standing else { panic!("{outcome:?}") };
    assert!(why.contains("archived"), "{why}");
}

/// An issue that cannot be opened again is filed anew: there is none that people see.
#[test]
fn what_cannot_be_reopened_is_filed_anew() {
    let ground = Ground::new();
    let issue = ground.filed();
    ground.person(1, |issue| (issue.open, issue.locked) = (false, true));
    let outcome = ground.errand(Act::Reopen).about(&issue).attempt();
    assert!(
        matches!(&outcome.standing, Standing::Confirmed(it) if it.issue().id == "2"),
        "{outcome:?}"
    );
}
