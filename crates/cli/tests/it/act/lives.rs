//! The life of one issue: filed, left alone, told of changes, closed on proof, reopened.

use certvigil_lab::tracker::{LabIssue, LabTls};

use crate::act::world::{Lab, World, count, counts};

/// Where a run keeps what it knows.
fn life(with_store: bool) {
    let lab = Lab::new(LabTls::None);
    let world = World::new(lab.desk());
    world.certificate("old", 20);
    world.certificate("good", 90);
    world.certificate("fresh", 80);
    let (mut one, mut two) = (world.serve("old"), world.serve("good"));
    world.config(&[one.target("one"), two.target("two")], "");
    let store = world.authority.path("store.db");
    let act = || {
        let store = ["--store", store.to_str().unwrap()];
        world.act(if with_store { &store } else { &[] })
    };
    let only = || -> LabIssue {
        let issues = lab.issues();
        assert_eq!(issues.len(), 1, "{issues:#?}");
        issues[0].clone()
    };

    let first = act();
    assert_eq!((first.code, &*counts(&first)), (Some(1), "filed 1"), "{}", first.told());
    let issue = only();
    assert!(issue.open && issue.comments.is_empty(), "{issue:#?}");
    let target = one.target("one");
    assert!(issue.title.starts_with(&format!("{target}: certificate ends ")), "{}", issue.title);
    assert!(!issue.block.is_empty(), "{issue:#?}");

    let second = act();
    assert_eq!((second.code, &*counts(&second)), (Some(1), "standing 1"), "{}", second.told());
    assert_eq!(only().comments, []);

    // Another place shows it too: that is a change, and told once.
    two.give(&world, "old");
    for (run, expected) in [(3, "updated 1"), (4, "standing 1")] {
        let ran = act();
        assert_eq!((ran.code, &*counts(&ran)), (Some(1), expected), "run {run}: {}", ran.told());
        assert_eq!(only().comments.len(), 1, "run {run}: {:#?}", only());
    }

    // Served everywhere, and seen so twice.
    one.give(&world, "fresh");
    two.give(&world, "fresh");
    let good = act();
    assert_eq!(good.code, Some(0), "{}", good.told());
    assert!(only().open, "one good run is no proof: {:#?}", only());
    let closing = act();
    assert_eq!((closing.code, &*counts(&closing)), (Some(0), "closed 1"), "{}", closing.told());
    let issue = only();
    assert!(!issue.open, "{issue:#?}");
    let proof = issue.comments.last().unwrap();
    assert!(proof.text.contains("127.0.0.1:"), "{}", proof.text);
    let said = issue.comments.len();
    let after = act();
    assert_eq!((after.code, count(&after, "closed")), (Some(0), 0), "{}", after.told());
    assert_eq!(only(), issue);

    // The old certificate is back: so is its issue.
    two.give(&world, "old");
    let back = act();
    assert_eq!((back.code, &*counts(&back)), (Some(1), "reopened 1"), "{}", back.told());
    let issue = only();
    assert!(issue.open && issue.comments.len() == said + 1, "{issue:#?}");
    let standing = act();
    assert_eq!(
        (standing.code, &*counts(&standing)),
        (Some(1), "standing 1"),
        "{}",
        standing.told()
    );
    assert_eq!(only().comments.len(), said + 1);
}

#[test]
fn an_issue_lives_and_a_store_remembers_it() {
    life(true);
}

#[test]
fn an_issue_lives_and_nothing_but_the_tracker_remembers_it() {
    life(false);
}
