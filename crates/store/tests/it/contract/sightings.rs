//! Intervals: storage grows with change, not with looks.

use certvigil_model::{EndpointId, Foreign, Observation, RoundRecord, Sighting, Time};
use certvigil_store::{Recorded, Store};

use super::{Open, at, within};
use crate::sample::{HOSTILE, NOON, certificate, dark, endpoint, hour, observation, round};

fn observe(store: &mut dyn Store, round: &RoundRecord, seen: &[Observation]) -> Recorded {
    at(store, round.finished_at, |transaction| transaction.observe(round, seen))
}

/// A whole round at `hours` after noon, in which `seen` shows what.
fn take_in(store: &mut dyn Store, hours: i64, seen: &[(u64, &str)]) -> Recorded {
    let at = hour(hours);
    let seen: Vec<_> = seen.iter().map(|(number, name)| observation(*number, name, at)).collect();
    observe(store, &round(&format!("r{hours}"), at), &seen)
}

fn open_now(store: &mut dyn Store) -> Vec<Sighting> {
    let mut open = within(store, |transaction| transaction.sightings());
    open.sort_by_key(|sighting| sighting.endpoint);
    open
}

fn history(store: &mut dyn Store, endpoint: EndpointId) -> Vec<Sighting> {
    within(store, |transaction| transaction.history(endpoint))
}

fn of_round(hours: i64) -> std::ops::RangeInclusive<Time> {
    let round = round("", hour(hours));
    round.started_at..=round.finished_at
}

pub(crate) fn what_is_seen_first_opens(open: Open<'_>) {
    let mut store = open();
    let recorded = take_in(&mut *store, 0, &[(1, "a"), (2, "b")]);
    assert_eq!(recorded, Recorded { opened: 2, ..Recorded::default() });
    let found = open_now(&mut *store);
    assert_eq!(found.len(), 2);
    let seen = observation(1, "a", NOON);
    let wanted = Sighting::opened_by(&seen, None);
    assert_eq!(
        Sighting { last_seen: NOON, certificate_at: Some(NOON), ..found[0].clone() },
        wanted
    );
    assert!(of_round(0).contains(&found[0].last_seen), "{}", found[0].last_seen);
}

pub(crate) fn what_shows_the_same_writes_no_row(open: Open<'_>) {
    let mut store = open();
    take_in(&mut *store, 0, &[(1, "a"), (2, "b")]);
    for hours in 1..5 {
        let recorded = take_in(&mut *store, hours, &[(1, "a"), (2, "b")]);
        assert_eq!(recorded, Recorded { unchanged: 2, ..Recorded::default() });
    }
    assert_eq!(history(&mut *store, endpoint(1)).len(), 1);
    assert_eq!(open_now(&mut *store)[0].since, NOON);
}

pub(crate) fn a_change_closes_and_opens(open: Open<'_>) {
    let mut store = open();
    take_in(&mut *store, 0, &[(1, "a"), (2, "b")]);
    let recorded = take_in(&mut *store, 1, &[(1, "new"), (2, "b")]);
    assert_eq!(recorded, Recorded { opened: 1, closed: 1, unchanged: 1, ..Recorded::default() });
    let found = history(&mut *store, endpoint(1));
    assert_eq!(found.len(), 2, "the newest first");
    assert_eq!((found[0].since, found[0].until), (hour(1), None));
    assert_eq!((found[1].since, found[1].until), (NOON, Some(hour(1))));
    assert_eq!(found[1].certificate, Some(certificate("a")));
    assert!(of_round(0).contains(&found[1].last_seen), "{}", found[1].last_seen);
    assert_eq!(open_now(&mut *store)[0], found[0]);
}

pub(crate) fn dates_of_what_went_dark_are_kept(open: Open<'_>) {
    let mut store = open();
    take_in(&mut *store, 0, &[(1, "a")]);
    take_in(&mut *store, 1, &[(1, "a")]);
    for hours in 2..4 {
        let at = hour(hours);
        observe(&mut *store, &round(&format!("r{hours}"), at), &[dark(1, at)]);
    }
    let found = &open_now(&mut *store)[0];
    assert_eq!(found.certificate, Some(certificate("a")));
    let seen_at = found.certificate_at.unwrap();
    assert!(of_round(1).contains(&seen_at), "last seen in the second round, not at {seen_at}");
    assert_eq!(history(&mut *store, endpoint(1)).len(), 2);
}

pub(crate) fn who_is_not_in_a_whole_round_has_left(open: Open<'_>) {
    let mut store = open();
    take_in(&mut *store, 0, &[(1, "a"), (2, "b")]);
    let recorded = take_in(&mut *store, 1, &[(2, "b")]);
    assert_eq!((recorded.left, recorded.opened, recorded.unchanged), (1, 0, 1));
    let open = open_now(&mut *store);
    assert_eq!(open.iter().map(|found| found.endpoint).collect::<Vec<_>>(), [endpoint(2)]);
    let gone = &history(&mut *store, endpoint(1))[0];
    assert!(of_round(1).contains(&gone.until.unwrap()), "{:?}", gone.until);
    assert!(of_round(0).contains(&gone.last_seen), "{}", gone.last_seen);
    assert_eq!(take_in(&mut *store, 2, &[(2, "b")]).left, 0, "it leaves once");
}

pub(crate) fn a_round_in_part_makes_nobody_leave(open: Open<'_>) {
    let mut store = open();
    take_in(&mut *store, 0, &[(1, "a"), (2, "b")]);
    let part = RoundRecord { is_whole: false, ..round("part", hour(1)) };
    let recorded = observe(&mut *store, &part, &[observation(2, "b", hour(1))]);
    assert_eq!(recorded, Recorded { unchanged: 1, ..Recorded::default() });
    assert_eq!(open_now(&mut *store).len(), 2);
}

pub(crate) fn a_round_from_elsewhere_makes_nobody_leave(open: Open<'_>) {
    let mut store = open();
    let from = |place: &str, id: &str, hours| RoundRecord {
        location: Some(place.to_owned()),
        ..round(id, hour(hours))
    };
    observe(&mut *store, &from("north", "r0", 0), &[observation(1, "a", NOON)]);
    let recorded = observe(&mut *store, &from("south", "r1", 1), &[observation(2, "b", hour(1))]);
    assert_eq!(recorded, Recorded { opened: 1, ..Recorded::default() });
    let found = open_now(&mut *store);
    assert_eq!(found.len(), 2);
    assert!(of_round(0).contains(&found[0].last_seen), "{}", found[0].last_seen);
}

pub(crate) fn who_comes_back_opens_anew(open: Open<'_>) {
    let mut store = open();
    take_in(&mut *store, 0, &[(1, "a"), (2, "b")]);
    take_in(&mut *store, 1, &[(2, "b")]);
    let recorded = take_in(&mut *store, 2, &[(1, "a"), (2, "b")]);
    assert_eq!(recorded, Recorded { opened: 1, unchanged: 1, ..Recorded::default() });
    let found = history(&mut *store, endpoint(1));
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].since, found[0].until), (hour(2), None));
}

pub(crate) fn last_seen_is_the_last_round_that_named_it(open: Open<'_>) {
    let mut store = open();
    take_in(&mut *store, 0, &[(1, "a"), (2, "b")]);
    take_in(&mut *store, 1, &[(1, "a"), (2, "b")]);
    let part = RoundRecord { is_whole: false, ..round("part", hour(2)) };
    observe(&mut *store, &part, &[observation(2, "b", hour(2))]);
    let found = open_now(&mut *store);
    assert!(of_round(1).contains(&found[0].last_seen), "{}", found[0].last_seen);
    assert!(of_round(2).contains(&found[1].last_seen), "{}", found[1].last_seen);
    assert!(of_round(2).contains(&found[1].certificate_at.unwrap()));
}

pub(crate) fn rounds_come_newest_first(open: Open<'_>) {
    let mut store = open();
    for hours in 0..3 {
        take_in(&mut *store, hours, &[(1, "a")]);
    }
    let rounds = within(&mut *store, |transaction| transaction.rounds(2));
    assert_eq!(rounds, [round("r2", hour(2)), round("r1", hour(1))]);
}

pub(crate) fn hostile_words_of_an_endpoint_come_back_as_they_were(open: Open<'_>) {
    let mut store = open();
    let mut seen = observation(1, "a", NOON);
    seen.target = Foreign::new(HOSTILE);
    seen.place = HOSTILE.to_owned();
    seen.server_name = Some(HOSTILE.to_owned());
    if let Some(certificate) = &mut seen.certificate {
        certificate.subject = Foreign::new(HOSTILE.repeat(10_000));
        certificate.names = vec![Foreign::new(HOSTILE)];
    }
    observe(&mut *store, &round("r0", NOON), std::slice::from_ref(&seen));
    let found = &open_now(&mut *store)[0];
    let wanted = Sighting::opened_by(&seen, None);
    assert_eq!(found.target, wanted.target);
    assert_eq!(found.place, wanted.place);
    assert_eq!(found.server_name, wanted.server_name);
    assert_eq!(found.certificate, wanted.certificate);
}
