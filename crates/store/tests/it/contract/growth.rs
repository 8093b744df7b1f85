//! Rows follow changes, not looks.

use certvigil_model::{Observation, Outcome, RoundRecord};
use certvigil_store::Store;

use super::{Open, within};
use crate::sample::{endpoint, hour, observation, round};

const ENDPOINTS: u64 = 50;

fn rows(store: &mut dyn Store, table: &str) -> u64 {
    let sizes = store.sizes().unwrap();
    sizes.iter().find(|size| size.table == table).unwrap().rows
}

/// Endpoint `changed` shows another certificate than in the hours before it.
fn seen(hours: i64, changed: u64) -> Vec<Observation> {
    let look = |number| {
        let generation = if number == changed { hours } else { 0 };
        observation(number, &format!("{number}.{generation}.example.org"), hour(hours))
    };
    (0..ENDPOINTS).map(look).collect()
}

fn take_in(store: &mut dyn Store, hours: i64, is_whole: bool, seen: &[Observation]) {
    let round = RoundRecord { is_whole, ..round(&format!("r{hours}"), hour(hours)) };
    within(store, |transaction| transaction.observe(&round, seen).map(|_| ()));
}

pub(crate) fn a_hundred_rounds_that_change_nothing_are_a_hundred_rows(open: Open<'_>) {
    let mut store = open();
    for hours in 0..100 {
        take_in(&mut *store, hours, true, &seen(hours, ENDPOINTS));
    }
    assert_eq!(rows(&mut *store, "rounds"), 100);
    assert_eq!(rows(&mut *store, "sightings"), ENDPOINTS);
    assert_eq!(rows(&mut *store, "exceptions"), 0);
}

pub(crate) fn every_change_is_one_row(open: Open<'_>) {
    let mut store = open();
    take_in(&mut *store, 0, true, &seen(0, 0));
    for hours in 1..20 {
        take_in(&mut *store, hours, true, &seen(hours, 7));
    }
    assert_eq!(rows(&mut *store, "sightings"), ENDPOINTS + 19);
}

pub(crate) fn rounds_in_part_leave_one_short_row_for_each_endpoint_however_many_they_are(
    open: Open<'_>,
) {
    let mut store = open();
    take_in(&mut *store, 0, true, &seen(0, ENDPOINTS));
    for hours in 1..50 {
        take_in(&mut *store, hours, false, &seen(hours, ENDPOINTS)[..10]);
    }
    assert_eq!(rows(&mut *store, "sightings"), ENDPOINTS);
    assert_eq!(rows(&mut *store, "exceptions"), 10);
    take_in(&mut *store, 50, true, &seen(50, ENDPOINTS));
    assert_eq!(rows(&mut *store, "exceptions"), 0);
}

pub(crate) fn who_was_not_attempted_is_as_old_as_before(open: Open<'_>) {
    let mut store = open();
    let last_seen = |store: &mut dyn Store| {
        let history = within(store, |transaction| transaction.history(endpoint(0)));
        assert_eq!(history.len(), 1, "nothing was seen, so nothing changed");
        history[0].last_seen
    };
    for hours in 0..2 {
        take_in(&mut *store, hours, true, &seen(hours, ENDPOINTS));
    }
    for hours in 2..5 {
        let mut seen = seen(hours, ENDPOINTS);
        seen[0].outcome = Outcome::NotAttempted;
        seen[0].certificate = None;
        seen[0].chain.clear();
        take_in(&mut *store, hours, true, &seen);
        assert_eq!(last_seen(&mut *store), round("", hour(1)).finished_at);
        assert_eq!(rows(&mut *store, "exceptions"), 1);
    }
    take_in(&mut *store, 5, true, &seen(5, ENDPOINTS));
    assert_eq!(last_seen(&mut *store), round("", hour(5)).finished_at);
    assert_eq!(rows(&mut *store, "exceptions"), 0);
}

pub(crate) fn an_inventory_that_words_an_endpoint_otherwise_opens_no_new_sighting(open: Open<'_>) {
    let mut store = open();
    take_in(&mut *store, 0, true, &seen(0, ENDPOINTS));
    let mut moved = seen(1, ENDPOINTS);
    moved[3].owner = Some("other".to_owned());
    take_in(&mut *store, 1, true, &moved);
    let history = within(&mut *store, |transaction| transaction.history(endpoint(3)));
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].owner.as_deref(), Some("other"));
    assert_eq!(history[0].since, hour(0));
}

pub(crate) fn a_clock_that_was_set_back_stops_nothing(open: Open<'_>) {
    let mut store = open();
    take_in(&mut *store, 1000, true, &seen(1000, ENDPOINTS));
    take_in(&mut *store, 1, true, &seen(1, 7));
    let history = within(&mut *store, |transaction| transaction.history(endpoint(7)));
    assert_eq!(history.len(), 2);
    assert_eq!(history[1].until, Some(history[1].since), "no interval ends before it begins");
    assert_eq!(history[0].last_seen, round("", hour(1)).finished_at);
}
