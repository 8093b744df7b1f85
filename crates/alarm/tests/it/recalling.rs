//! Runs without a store: their state is what trackers hold.

use std::collections::BTreeMap;

use certvigil_alarm::{Event, IssueHeld, IssueSeen, Rules, State, Told, block, checksum, recall};
use certvigil_model::{
    Act, Family, Filing, Fingerprint, Foreign, Incident, IncidentKey, Observation, Severity,
    Status, TargetProblem, Time,
};
use proptest::prelude::*;

use crate::testing::*;

/// A tracker between runs: issues with their blocks.
struct Shelf(BTreeMap<IncidentKey, IssueHeld>, Rules);

impl Default for Shelf {
    fn default() -> Self {
        Self(BTreeMap::new(), rules())
    }
}

impl Shelf {
    /// One run in an empty folder.
    fn run(&mut self, now: Time, round: Vec<Observation>) -> (World, Vec<Act>) {
        self.run_with(now, round, &[])
    }

    fn run_with(
        &mut self,
        now: Time,
        round: Vec<Observation>,
        said: &[TargetProblem],
    ) -> (World, Vec<Act>) {
        let mut world = World::first(self.1.clone());
        world.now = now;
        let held: Vec<_> = self.0.values().cloned().collect();
        world.state = recall(&held, now, &world.rules);
        world.round_with(round.clone(), true, said);
        let unseen = round.into_iter().filter(|it| !it.shows_certificate()).collect::<Vec<_>>();
        if !unseen.is_empty() {
            world.pass(HOUR / 120).second_look(unseen);
        }
        let acts = world.deliver();
        for incident in world.state.incidents.values() {
            self.keep(incident, &world, now);
        }
        (world, acts)
    }

    fn keep(&mut self, incident: &Incident, world: &World, now: Time) {
        let Some(issue) = incident.filing.issue().cloned() else { return };
        let is_open = matches!(incident.filing, Filing::Confirmed { .. });
        let before = self.0.get(&incident.key);
        let held = IssueHeld {
            issue,
            key: incident.key.clone(),
            created_at: before.map_or(now, |it| it.created_at),
            // As a tracker that closes without touching the block; open, it holds what was remembered last.
            block: match before {
                Some(before) if !is_open => before.block.clone(),
                _ => {
                    assert_eq!(
                        incident.block.as_ref(),
                        Some(&checksum(incident, &world.state, &world.rules))
                    );
                    Some(Foreign::new(block(incident, &world.state, &world.rules)))
                }
            },
            is_open,
        };
        self.0.insert(incident.key.clone(), held);
    }
}

#[test]
fn six_runs_in_six_empty_folders() {
    let mut shelf = Shelf::default();
    let mut now = NOW;
    let mut run = |round, want: &[Act]| {
        let (world, acts) = shelf.run(now, round);
        assert_eq!(acts, want, "at {now}");
        now = now.plus(HOUR);
        world
    };
    run(vec![soon(1), good(2)], &[Act::File]);
    run(vec![soon(1), good(2)], &[]);
    run(vec![soon(1), soon(2)], &[Act::Comment { change: 2 }, Act::Remember]);
    run(vec![good(1), good(2)], &[Act::Remember]);
    let last = run(vec![good(1), good(2)], &[Act::Close]);
    assert_eq!(last.expiry("old").status, Status::Resolved);
    run(vec![good(1), good(2)], &[]);
    let back = run(vec![soon(1), good(2)], &[Act::Reopen, Act::Remember]);
    assert_eq!(back.expiry("old").reopened, 1);
}

#[test]
fn what_is_unreachable_is_looked_at_twice_in_one_run() {
    let mut shelf = Shelf::default();
    let (_, acts) = shelf.run(NOW, vec![unreachable(1), good(2)]);
    assert_eq!(acts, [Act::File]);
    let (_, acts) = shelf.run(NOW.plus(HOUR), vec![good(1), good(2)]);
    assert_eq!(acts, [Act::Remember]);
    let (_, acts) = shelf.run(NOW.plus(HOUR * 2), vec![good(1), good(2)]);
    assert_eq!(acts, [Act::Close]);
}

#[test]
fn a_lost_block_means_open_since_it_was_made_and_never_closed() {
    for (name, edit) in [
        ("missing", None),
        ("emptied", Some(String::new())),
        ("edited", Some("changed".to_owned())),
    ] {
        let mut shelf = Shelf::default();
        shelf.run(NOW, vec![soon(1), good(2)]);
        for held in shelf.0.values_mut() {
            held.block = match (&edit, &held.block) {
                (Some(text), Some(block)) if text == "changed" => {
                    Some(Foreign::new(block.raw().replace("warning", "info")))
                }
                (text, _) => text.clone().map(Foreign::new),
            };
        }
        // Its certificate is not served any more: nobody knows what the issue is about.
        for hour in 1..5 {
            let (world, acts) = shelf.run(NOW.plus(HOUR * hour), vec![good(1), good(2)]);
            assert_eq!(acts, [], "{name}");
            assert_eq!(world.state.memory.orphans.len(), 1, "{name}");
        }
        // It is served again, and it is the same issue.
        let (world, acts) = shelf.run(NOW.plus(HOUR * 5), vec![soon(1), good(2)]);
        assert!(!acts.contains(&Act::File), "{name}: {acts:?}");
        assert_eq!(world.expiry("old").opened_at, Some(NOW), "{name}");
        // Good with the same certificate: found by what is shown, closed after two runs.
        let renewed = || shows(1, certificate("old", DAY * 20), vec![]);
        shelf.0.values_mut().for_each(|held| held.block = None);
        let (_, acts) = shelf.run(NOW.plus(HOUR * 6), vec![renewed(), good(2)]);
        assert_eq!(acts, [Act::Remember], "{name}");
        let (_, acts) = shelf.run(NOW.plus(HOUR * 7), vec![renewed(), good(2)]);
        assert_eq!(acts, [Act::Close], "{name}");
    }
}

#[test]
fn closed_by_a_person_twice_is_an_acceptance_for_runs_without_a_store_too() {
    let mut shelf = Shelf::default();
    shelf.run(NOW, vec![soon(1)]);
    let closed = |shelf: &mut Shelf, now: Time, at: Time| {
        shelf.0.values_mut().for_each(|held| held.is_open = false);
        let mut world = World::first(rules());
        world.now = now;
        let held: Vec<_> = shelf.0.values().cloned().collect();
        world.state = recall(&held, now, &world.rules);
        world.take(&Event::Issue(IssueSeen {
            incident: held[0].key.clone(),
            issue: held[0].issue.clone(),
            is_open: false,
            taken: None,
            closed: Some((Foreign::new("ann"), at)),
        }));
        world.round(vec![soon(1)]);
        let acts = world.deliver();
        if !acts.is_empty() {
            let incident = world.expiry("old").clone();
            shelf.keep(&incident, &world, now);
        }
        acts
    };
    assert_eq!(closed(&mut shelf, NOW.plus(HOUR), NOW.plus(HOUR)), [Act::Reopen, Act::Remember]);
    let second = NOW.plus(HOUR * 3);
    assert_eq!(closed(&mut shelf, NOW.plus(HOUR * 3), second), []);
    assert_eq!(closed(&mut shelf, NOW.plus(DAY * 10), second), []);
}

#[test]
fn of_two_issues_with_one_key_the_first_is_the_incidents() {
    let mut shelf = Shelf::default();
    shelf.run(NOW, vec![soon(1)]);
    let first = shelf.0.values().next().expect("one").clone();
    let mut second = first.clone();
    second.issue.id = "10".to_owned();
    second.created_at = NOW.plus(HOUR);
    for order in [[first.clone(), second.clone()], [second, first.clone()]] {
        let state = recall(&order, NOW.plus(DAY), &rules());
        assert_eq!(state.incidents[&first.key].filing.issue(), Some(&first.issue));
    }
}

fn held(block: String) -> Vec<IssueHeld> {
    let mut shelf = Shelf::default();
    shelf.run(NOW, vec![soon(1)]);
    let mut held: Vec<_> = shelf.0.into_values().collect();
    held[0].block = Some(Foreign::new(block));
    held
}

/// What is open stays so, as an incident or as an orphan.
fn is_kept(state: &State, held: &[IssueHeld]) -> bool {
    let key = &held[0].key;
    state.memory.orphans.contains_key(key)
        || state.incidents.get(key).is_some_and(|it| it.status == Status::Open)
}

/// Whoever may edit an issue can also make the checksum right.
#[test]
fn a_block_that_no_run_of_ours_writes_is_taken_for_lost() {
    let written = held(String::new());
    let mut shelf = Shelf::default();
    shelf.run(NOW, vec![soon(1)]);
    let whole: Vec<_> = shelf.0.into_values().collect();
    let incident = recall(&whole, NOW, &rules()).incidents[&written[0].key].clone();
    let nowhere = Incident { places: BTreeMap::new(), ..incident.clone() };
    let deaf = Incident { changes: u32::MAX, ..incident };
    for forged in [nowhere, deaf] {
        let held = held(block(&forged, &State::default(), &rules()));
        let state = recall(&held, NOW, &rules());
        assert!(state.memory.orphans.contains_key(&held[0].key), "{:?}", held[0].block);
    }
}

proptest! {
    #[test]
    fn no_text_that_somebody_wrote_closes_an_issue_or_stops_us(text in "(certvigil:)?[ -~\\PC]{0,400}") {
        let held = held(text);
        prop_assert!(is_kept(&recall(&held, NOW, &rules()), &held));
    }

    #[test]
    fn no_edit_of_a_block_closes_an_issue_or_stops_us(at in 0usize..700, with in any::<char>(), cut in any::<bool>()) {
        let mut shelf = Shelf::default();
        shelf.run(NOW, vec![soon(1)]);
        let block = shelf.0.values().next().and_then(|it| it.block.clone()).unwrap_or_default();
        let mut text: Vec<char> = block.raw().chars().collect();
        let at = at % text.len();
        if cut { text.truncate(at) } else { text[at] = with }
        let held = held(text.into_iter().collect());
        prop_assert!(is_kept(&recall(&held, NOW, &rules()), &held));
    }
}

#[test]
fn an_issue_that_was_there_already_is_known_by_the_block_that_it_holds() {
    let mut world = World::new(rules());
    world.round(vec![soon(1)]);
    let incident = world.expiry("old").clone();
    let told = Told::of(&incident, &world.state, &world.rules);
    let whole = Foreign::new(block(&incident, &world.state, &world.rules));
    assert_eq!(told.clone().holding(Some(&whole), &world.rules), told);
    let cut = Foreign::new(&whole.raw()[..40]);
    assert_eq!(told.clone().holding(Some(&cut), &world.rules).block, None);
    let delivery = world.delivery();
    world.deliver_as(
        &delivery,
        certvigil_model::DeliveryState::Confirmed,
        Some(told.holding(None, &world.rules)),
    );
    assert_eq!(world.delivery().act, Act::Remember);
}

const TARGET: &str = "www.example.org";

/// A round in which two addresses of one target show different certificates, or the same.
fn roll_out(is_over: bool) -> (Vec<Observation>, Vec<TargetProblem>) {
    let of = |number, name| at_target(TARGET, shows(number, certificate(name, DAY * 60), vec![]));
    let differs = problem("addresses-differ", Family::Spread, Severity::Warning);
    let said = if is_over { vec![] } else { vec![said(&[TARGET], differs)] };
    (vec![of(1, "new"), of(2, if is_over { "new" } else { "old" })], said)
}

/// The incidents that have an issue, by their findings, and how many comments were made until then.
fn filed(world: &World) -> Vec<&str> {
    let filed = world.state.incidents.values().filter(|it| it.filing.issue().is_some());
    let mut ids: Vec<_> = filed
        .filter(|it| it.status == Status::Open)
        .flat_map(|it| it.places.values().flat_map(|place| &place.problems))
        .map(|problem| problem.id.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[test]
fn a_roll_out_that_lasts_is_told_after_two_hours_by_runs_that_keep_nothing() {
    let mut shelf = Shelf::default();
    let steps: [(u32, &[Act], &[&str]); 5] = [
        (0, &[Act::File], &["standing-notes"]),
        (60, &[], &["standing-notes"]),
        (119, &[], &["standing-notes"]),
        (120, &[Act::File, Act::Remember], &["addresses-differ", "standing-notes"]),
        (180, &[], &["addresses-differ", "standing-notes"]),
    ];
    for (minutes, want, issues) in steps {
        let (round, said) = roll_out(false);
        let (world, mut acts) = shelf.run_with(NOW.plus(HOUR / 60 * minutes), round, &said);
        acts.sort_by_key(Act::name);
        assert_eq!((&*acts, &*filed(&world)), (want, issues), "after {minutes} min");
    }
}

#[test]
fn a_roll_out_that_is_over_in_time_is_never_told_and_the_next_one_begins_anew() {
    let mut shelf = Shelf::default();
    for (minutes, is_over, want) in [
        (0, false, &[Act::File][..]),
        (60, false, &[]),
        (110, true, &[Act::Remember]),
        (180, false, &[Act::Remember]),
        (240, false, &[]),
        (299, false, &[]),
        (300, false, &[Act::File, Act::Remember]),
    ] {
        let (round, said) = roll_out(is_over);
        let (_, mut acts) = shelf.run_with(NOW.plus(HOUR / 60 * minutes), round, &said);
        acts.sort_by_key(Act::name);
        assert_eq!(acts, want, "after {minutes} min");
    }
}

/// What could not be looked at for an hour has not begun anew.
#[test]
fn a_roll_out_outlasts_a_round_that_sees_nothing_of_it() {
    let mut shelf = Shelf::default();
    let (round, said) = roll_out(false);
    shelf.run_with(NOW, round.clone(), &said);
    let dark = vec![at_target(TARGET, unreachable(1)), at_target(TARGET, unreachable(2))];
    shelf.run_with(NOW.plus(HOUR), dark, &[]);
    let (world, _) = shelf.run_with(NOW.plus(HOUR * 2), round, &said);
    assert!(filed(&world).contains(&"addresses-differ"), "{:?}", filed(&world));
}

/// Whatever people do with the notes' issue, what lasts is told; only later.
#[test]
fn notes_that_somebody_closed_are_opened_again_whenever_something_waits() {
    let mut shelf = Shelf::default();
    for day in 0..4 {
        for (hour, want) in [(0, if day == 0 { Act::File } else { Act::Reopen }), (1, Act::File)] {
            let (round, said) = roll_out(hour == 1);
            let now = NOW.plus(DAY * day).plus(HOUR * hour);
            let (_, acts) = shelf.run_with(now, round, &said);
            assert_eq!(acts.contains(&want), hour == 0, "day {day}: {acts:?}");
        }
        shelf.0.values_mut().for_each(|held| held.is_open = false);
    }
}

/// With a key of the site whoever may edit an issue can make the checksum right no more.
#[test]
fn where_the_site_has_a_key_a_block_of_another_is_lost_and_not_believed() {
    let keyed = |key: Option<&str>| Rules { site_key: key.map(str::to_owned), ..rules() };
    let with = |key| {
        let mut shelf = Shelf(BTreeMap::new(), keyed(key));
        shelf.run(NOW, vec![soon(1)]);
        shelf.0.into_values().collect::<Vec<_>>()
    };
    let ours = with(Some("secret"));
    let state = recall(&ours, NOW, &keyed(Some("secret")));
    assert_eq!((state.incidents.len(), state.memory.orphans.len()), (1, 0));
    let incident = &state.incidents[&ours[0].key];
    for key in [None, Some(""), Some("secreu")] {
        let forged = Foreign::new(block(incident, &state, &keyed(key)));
        assert_ne!(ours[0].block.as_ref(), Some(&forged), "{key:?}");
        let held = [IssueHeld { block: Some(forged), ..ours[0].clone() }];
        let state = recall(&held, NOW, &keyed(Some("secret")));
        assert_eq!((state.incidents.len(), state.memory.orphans.len()), (0, 1), "{key:?}");
    }
    // Without a key the checksum is what it was.
    let plain = with(None);
    let text = plain[0].block.clone().expect("a block");
    let (sum, json) = text.raw()["certvigil:".len()..].split_once(':').expect("a sum");
    assert_eq!(sum, &Fingerprint::of(json.as_bytes()).to_string()[..16]);
}

/// Whoever may edit an issue could say of it that it is over, or that it told of everything: with a key of the site only
/// we can.
#[test]
fn with_a_key_of_the_site_a_block_that_we_did_not_write_is_taken_for_lost() {
    let keyed = |key: &str| Rules { site_key: Some(key.to_owned()), ..rules() };
    let mut world = World::new(keyed("secret"));
    world.round(vec![soon(1)]);
    let incident = world.state.incidents.values().next().cloned().expect("an incident");
    let held = |text: String| {
        let mut held = held(text);
        held[0].key = incident.key.clone();
        held
    };
    for (block, is_ours) in [
        (block(&incident, &State::default(), &keyed("secret")), true),
        (block(&incident, &State::default(), &rules()), false),
        (block(&incident, &State::default(), &keyed("other")), false),
    ] {
        let held = held(block);
        let state = recall(&held, NOW, &keyed("secret"));
        assert_eq!(state.incidents.contains_key(&incident.key), is_ours);
        assert_eq!(state.memory.orphans.contains_key(&incident.key), !is_ours);
    }
}
