//! What every tracker has to do, whatever it is.

use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::{
    Act, Block, Clock as _, Delivery, DeliveryState, Document, Foreign, IncidentKey, IssueRef,
    Span, Time,
};
use certvigil_outbound::delivery::{Errand, Outcome, Standing, Words, deliver};
use certvigil_outbound::{Found, Issue, Stored, Tracker};

use crate::trackers::ground::soon;

/// A tracker with the people in it.
pub(crate) trait World {
    /// Our side.
    fn tracker(&self) -> &dyn Tracker;
    /// A person's name as the tracker tells it.
    fn person(&self) -> &str;
    /// Makes an issue older than what happens by itself.
    fn age(&self, id: &str);
    /// A person makes an issue with a key of ours, and tells its id.
    fn file(&self, key: &IncidentKey) -> String;
    /// A person is made responsible by herself.
    fn assign(&self, id: &str);
    /// A person begins to work on it; false where the tracker has no such thing.
    fn begin(&self, id: &str) -> bool;
    /// A person says something.
    fn comment(&self, id: &str, text: &str);
    /// A person closes it.
    fn close(&self, id: &str);
    /// A person writes into the block of state; nothing empties it.
    fn edit_block(&self, id: &str, text: &str);
    /// A person moves it into another project.
    fn move_away(&self, id: &str);
    /// A person deletes it.
    fn delete(&self, id: &str);
}

/// Every property, in an order in which each leaves the others alone.
#[expect(clippy::print_stderr, reason = "where it stopped is told")]
pub(crate) fn holds(world: &dyn World) {
    for (name, property) in PROPERTIES {
        let began = SystemClock.monotonic();
        property(world);
        let took = SystemClock.monotonic() - began;
        eprintln!("{}: {name}: {:.1} s", world.tracker().name(), took.as_secs_f64());
    }
}

type Property = fn(&dyn World);

const PROPERTIES: &[(&str, Property)] = &[
    ("nothing is lacking", nothing_is_lacking),
    ("what is made is read back", what_is_made_is_read_back),
    ("it is found by its key and by no other", found_by_its_key),
    ("the newest are listed", the_newest_are_listed),
    ("the open ones of ours are listed", ours_are_open),
    ("our comments are ours", our_comments_are_ours),
    ("it is closed and opened again", closed_and_opened_again),
    ("the block is overwritten", the_block_is_overwritten),
    ("a person takes it", a_person_takes_it),
    ("what happens at once does not count", what_happens_at_once_does_not_count),
    ("a person closes it", a_person_closes_it),
    ("doubles are both found", doubles_are_both_found),
    ("others' issues are not ours", others_issues_are_not_ours),
    ("titles stay titles", titles_stay_titles),
    ("the protocol is kept", the_protocol_is_kept),
    ("it is moved away", it_is_moved_away),
    ("it is deleted", it_is_deleted),
    ("what never was is not there", what_never_was_is_not_there),
];

/// A key that no other test has.
pub(crate) fn key() -> IncidentKey {
    certvigil_doors::random_id().parse().unwrap()
}

pub(crate) fn text(words: &str) -> Document {
    Document(vec![Block::Paragraph(vec![Span::from(words)])])
}

pub(crate) fn issue(key: &IncidentKey) -> Issue {
    Issue {
        title: "www.example.org: certificate ends 22 Dec 2026".to_owned(),
        body: text("Who cannot be reached, and when."),
        key: key.clone(),
        block: BLOCK.to_owned(),
    }
}

/// As long as one with several places.
const BLOCK: &str = "certvigil/1 first=2026-11-25T03:13:37Z good=0 told=warning sha256=\
    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef changes=3 held=0 until=- \
    places=9f2c41d0a7b3e856,9f2c41d0a7b3e857,9f2c41d0a7b3e858,9f2c41d0a7b3e859,9f2c41d0a7b3e860";

fn made(world: &dyn World) -> (IncidentKey, String) {
    let key = key();
    let id = world.tracker().create(&issue(&key), soon()).unwrap();
    (key, id)
}

pub(crate) fn read(world: &dyn World, id: &str) -> Stored {
    match world.tracker().read(id, soon()).unwrap() {
        Found::Here(stored) => *stored,
        other => panic!("{id}: {other:?}"),
    }
}

/// By the key, as soon as the index has it.
fn find(world: &dyn World, key: &IncidentKey, count: usize) -> Vec<Stored> {
    let until = SystemClock.monotonic() + world.tracker().settle();
    loop {
        let found = world.tracker().find(key, soon()).unwrap();
        if found.len() == count || SystemClock.monotonic() > until {
            return found;
        }
    }
}

fn nothing_is_lacking(world: &dyn World) {
    assert_eq!(world.tracker().examine(soon()), Ok(Vec::new()));
}

fn what_is_made_is_read_back(world: &dyn World) {
    let before = SystemClock.wall();
    let (key, id) = made(world);
    let stored = read(world, &id);
    assert_eq!(stored.id, id);
    assert!(stored.url.contains(&id), "{}", stored.url);
    assert!(stored.is_in_project && stored.is_ours && stored.is_labelled, "{stored:?}");
    assert!(stored.is_open && !stored.is_locked, "{stored:?}");
    assert_eq!(stored.title.raw(), issue(&key).title);
    assert_eq!(stored.key, Some(key));
    assert_eq!(stored.our_comments, []);
    assert_eq!((stored.taken, stored.closed), (None, None));
    if world.tracker().has_block() {
        assert_eq!(stored.block, Some(Foreign::new(BLOCK)));
    }
    let apart = stored.created_at.unwrap().millis() - before.millis();
    assert!((-2_000..60_000).contains(&apart), "made {apart} ms after it was asked for");
}

fn found_by_its_key(world: &dyn World) {
    let (key, id) = made(world);
    let found = find(world, &key, 1);
    let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, [&id]);
    assert!(found[0].is_ours && found[0].is_open && found[0].is_in_project, "{found:?}");
    assert_eq!(world.tracker().find(&self::key(), soon()), Ok(Vec::new()));
}

fn the_newest_are_listed(world: &dyn World) {
    let before = Time::from_millis(SystemClock.wall().millis() - 60_000);
    let (key, id) = made(world);
    let recent = world.tracker().recent(before, soon()).unwrap();
    let seen = recent.iter().find(|one| one.id == id).unwrap();
    assert_eq!(seen.key, Some(key));
    assert!(seen.is_open && seen.is_ours, "{seen:?}");
    world.tracker().set_open(&id, false, soon()).unwrap();
    let recent = world.tracker().recent(before, soon()).unwrap();
    assert!(recent.iter().any(|one| one.id == id && !one.is_open), "closed ones are listed too");
    let later = SystemClock.wall().plus(Duration::from_secs(3600));
    assert_eq!(world.tracker().recent(later, soon()), Ok(Vec::new()));
}

fn ours_are_open(world: &dyn World) {
    let ((_, open), (_, closed)) = (made(world), made(world));
    world.tracker().set_open(&closed, false, soon()).unwrap();
    let ours = world.tracker().ours(soon()).unwrap();
    assert!(ours.iter().any(|one| one.id == open), "{open} is open");
    assert!(ours.iter().all(|one| one.id != closed), "{closed} is closed");
    assert!(ours.iter().all(|one| one.is_open && one.is_labelled && one.key.is_some()));
}

fn our_comments_are_ours(world: &dyn World) {
    let (_, id) = made(world);
    let tracker = world.tracker();
    tracker.comment(&id, &text("Now it ends in a day. [mark 1]"), soon()).unwrap();
    world.comment(&id, "I have seen it. mark 2");
    tracker.comment(&id, &text("Now it has ended. [mark 3]"), soon()).unwrap();
    let comments = read(world, &id).our_comments;
    let comments: Vec<&str> = comments.iter().map(Foreign::raw).collect();
    assert_eq!(comments.len(), 2, "{comments:?}");
    assert!(comments[0].contains("mark 1") && comments[1].contains("mark 3"), "{comments:?}");
}

fn closed_and_opened_again(world: &dyn World) {
    let (key, id) = made(world);
    world.age(&id);
    for is_open in [false, false, true, true] {
        world.tracker().set_open(&id, is_open, soon()).unwrap();
        let stored = read(world, &id);
        assert_eq!(stored.is_open, is_open);
        assert_eq!((stored.closed, stored.taken), (None, None), "our own acts are no person's");
        assert_eq!(find(world, &key, 1)[0].is_open, is_open);
    }
}

fn the_block_is_overwritten(world: &dyn World) {
    if !world.tracker().has_block() {
        return;
    }
    let (key, id) = made(world);
    let block = || read(world, &id).block.map(|block| block.raw().to_owned());
    world.tracker().remember(&id, "good=1", soon()).unwrap();
    assert_eq!(block().as_deref(), Some("good=1"));
    world.tracker().remember(&id, "good=2", soon()).unwrap();
    assert_eq!(block().as_deref(), Some("good=2"));
    world.edit_block(&id, "what is this?");
    assert_eq!(block().as_deref(), Some("what is this?"));
    world.edit_block(&id, "");
    assert_eq!(block(), None);
    let stored = read(world, &id);
    assert_eq!((stored.key, stored.our_comments), (Some(key), vec![]));
}

fn a_person_takes_it(world: &dyn World) {
    let assign = |world: &dyn World, id: &str| {
        world.assign(id);
        true
    };
    let acts: [fn(&dyn World, &str) -> bool; 2] = [assign, |world, id| world.begin(id)];
    for act in acts {
        let (_, id) = made(world);
        world.age(&id);
        world.comment(&id, "Looking.");
        assert_eq!(read(world, &id).taken, None, "a comment takes nothing on");
        if !act(world, &id) {
            continue;
        }
        let (who, at) = read(world, &id).taken.unwrap();
        assert_eq!(who.raw(), world.person());
        assert!((SystemClock.wall().millis() - at.millis()).abs() < 60_000, "{at}");
    }
}

fn what_happens_at_once_does_not_count(world: &dyn World) {
    let (_, id) = made(world);
    world.assign(&id);
    world.begin(&id);
    assert_eq!(read(world, &id).taken, None);
    world.close(&id);
    let stored = read(world, &id);
    assert_eq!((stored.closed, stored.is_open), (None, false));
}

fn a_person_closes_it(world: &dyn World) {
    let (_, id) = made(world);
    world.age(&id);
    world.close(&id);
    let stored = read(world, &id);
    assert!(!stored.is_open);
    assert_eq!(stored.closed.unwrap().0.raw(), world.person());
    world.tracker().set_open(&id, true, soon()).unwrap();
    let stored = read(world, &id);
    assert_eq!((stored.closed, stored.is_open), (None, true));
}

fn doubles_are_both_found(world: &dyn World) {
    let (key, first) = made(world);
    let second = world.tracker().create(&issue(&key), soon()).unwrap();
    let mut ids: Vec<u64> = find(world, &key, 2).iter().map(|one| number(&one.id)).collect();
    ids.sort_unstable();
    assert_eq!(ids, [number(&first), number(&second)]);
    assert!(ids[0] < ids[1], "the first has the lower number");
}

/// The number in an id: `12`, `OPS-12`.
fn number(id: &str) -> u64 {
    id.rsplit('-').next().unwrap().parse().unwrap()
}

fn others_issues_are_not_ours(world: &dyn World) {
    let key = key();
    let id = world.file(&key);
    let found = find(world, &key, 1);
    assert_eq!((found[0].id.as_str(), found[0].is_ours), (id.as_str(), false));
    assert!(!read(world, &id).is_ours);
}

fn titles_stay_titles(world: &dyn World) {
    for title in [
        "a\r\nBcc: everybody@example.org\r\n\r\nb",
        "<script>alert(1)</script> @all #1 *b* _c_ `d` !e! [f](g) {{h}}",
        "\u{202e}gnp.exe\u{1b}[2J\0",
        &"x".repeat(3000),
        "Größe Ω 日本 🙂",
    ] {
        let issue = Issue { title: title.to_owned(), ..issue(&key()) };
        let id = world.tracker().create(&issue, soon()).unwrap();
        let stored = read(world, &id).title;
        let want = Foreign::new(title).shown_within(150).to_string();
        let want = want.trim_end_matches('…');
        assert!(stored.raw().starts_with(want), "{:?}", stored.raw());
        assert!(!stored.raw().contains(certvigil_model::is_unsafe_to_show));
    }
}

/// Filed, told of a change once however often that is asked for, closed with the proof, filed anew: each read back.
fn the_protocol_is_kept(world: &dyn World) {
    let (key, tracker) = (key(), world.tracker());
    let words = Words {
        title: issue(&key).title,
        body: issue(&key).body,
        comment: text("It climbs to critical."),
        block: BLOCK.to_owned(),
        change: 1,
    };
    let act = |act: Act, issue: Option<&IssueRef>| -> IssueRef {
        let delivery = Delivery {
            id: "one".to_owned(),
            incident: key.clone(),
            tracker: tracker.name().clone(),
            act,
            state: DeliveryState::Queued,
            attempts: 0,
            created_at: SystemClock.wall(),
            attempted_at: None,
            due_at: SystemClock.wall(),
            trouble: None,
        };
        let errand = Errand {
            delivery: &delivery,
            words: &words,
            issue,
            now: SystemClock.wall(),
            by: soon(),
            request_limit: Duration::from_secs(20),
        };
        match deliver(tracker, &errand) {
            Outcome { standing: Standing::Confirmed(confirmed), .. } => confirmed.issue().clone(),
            other => panic!("{other:?}"),
        }
    };
    let filed = act(Act::File, None);
    assert_eq!(act(Act::File, None), filed, "a second instance finds it");
    for _ in 0..2 {
        assert_eq!(act(Act::Comment { change: 1 }, Some(&filed)), filed);
    }
    assert_eq!(read(world, &filed.id).our_comments.len(), 1);
    act(Act::Close, Some(&filed));
    assert!(!read(world, &filed.id).is_open);
    assert_eq!(act(Act::Reopen, Some(&filed)), filed);
    assert!(read(world, &filed.id).is_open);
    assert_eq!(find(world, &key, 1).len(), 1);
}

fn it_is_moved_away(world: &dyn World) {
    let (_, id) = made(world);
    world.move_away(&id);
    match world.tracker().read(&id, soon()).unwrap() {
        Found::Here(stored) => assert!(!stored.is_in_project, "{stored:?}"),
        Found::Moved { to } => assert_ne!(to, id),
        Found::Gone => {}
    }
    assert!(
        world.tracker().ours(soon()).unwrap().iter().all(|one| one.id != id || !one.is_in_project)
    );
}

fn it_is_deleted(world: &dyn World) {
    let (key, id) = made(world);
    world.delete(&id);
    assert_eq!(world.tracker().read(&id, soon()), Ok(Found::Gone));
    assert_eq!(find(world, &key, 0), []);
    // Request Tracker takes a comment all the same: what tells is that nothing is read back.
    let _ = world.tracker().comment(&id, &text("Is anybody there?"), soon());
    assert_eq!(world.tracker().read(&id, soon()), Ok(Found::Gone));
}

fn what_never_was_is_not_there(world: &dyn World) {
    let (_, id) = made(world);
    let (head, last) = id.split_at(id.rfind('-').map_or(0, |at| at + 1));
    let never = format!("{head}{}", last.parse::<u64>().unwrap() + 1000);
    assert_eq!(world.tracker().read(&never, soon()), Ok(Found::Gone));
}
