//! Incidents, deliveries, claims.

use std::time::Duration;

use certvigil_model::{DeliveryState, Incident, Status, Time};

use super::{Open, at, refusal, within};
use crate::sample::{HOSTILE, NOON, delivery, hour, incident, key};

const HOUR: Duration = Duration::from_secs(3600);

pub(crate) fn an_incident_comes_back_as_it_was(open: Open<'_>) {
    let mut store = open();
    let mut wanted = incident("a");
    wanted.owner = HOSTILE.repeat(12_000);
    within(&mut *store, |transaction| transaction.put_incident(&wanted));
    let found = within(&mut *open(), |transaction| transaction.incident(&key("a")));
    assert_eq!(found.as_ref(), Some(&wanted));
    wanted.reopened = 9;
    within(&mut *store, |transaction| transaction.put_incident(&wanted));
    let found = within(&mut *store, |transaction| transaction.incidents(NOON));
    assert_eq!(found, [wanted]);
    assert_eq!(within(&mut *store, |transaction| transaction.incident(&key("b"))), None);
}

pub(crate) fn resolved_ones_are_listed_since(open: Open<'_>) {
    let mut store = open();
    let resolved = |name: &str, at: Time| Incident {
        status: Status::Resolved,
        resolved_at: Some(at),
        ..incident(name)
    };
    let waiting = Incident { status: Status::Waiting, opened_at: None, ..incident("waiting") };
    within(&mut *store, |transaction| {
        transaction.put_incident(&incident("open"))?;
        transaction.put_incident(&waiting)?;
        transaction.put_incident(&resolved("early", hour(1)))?;
        transaction.put_incident(&resolved("late", hour(3)))
    });
    let mut listed = |since| {
        let found = within(&mut *store, |transaction| transaction.incidents(since));
        let mut found: Vec<_> = found.into_iter().map(|found| found.key).collect();
        found.sort();
        found
    };
    let sorted = |names: &[&str]| {
        let mut keys: Vec<_> = names.iter().map(|name| key(name)).collect();
        keys.sort();
        keys
    };
    assert_eq!(listed(hour(2)), sorted(&["open", "waiting", "late"]));
    assert_eq!(listed(hour(4)), sorted(&["open", "waiting"]));
    assert_eq!(listed(Time::FIRST), sorted(&["open", "waiting", "early", "late"]));
}

pub(crate) fn a_delivery_comes_back_as_it_was(open: Open<'_>) {
    let mut store = open();
    let mut wanted = delivery("d1", "a", NOON);
    within(&mut *store, |transaction| transaction.put_delivery(&wanted));
    wanted.attempts = 4;
    wanted.attempted_at = Some(hour(1));
    wanted.state = DeliveryState::Doubtful;
    within(&mut *store, |transaction| transaction.put_delivery(&wanted));
    let found = within(&mut *open(), |transaction| transaction.deliveries_of(&key("a")));
    assert_eq!(found, [wanted]);
    assert_eq!(within(&mut *store, |transaction| transaction.deliveries_of(&key("b"))), []);
}

pub(crate) fn deliveries_that_are_over_are_not_open(open: Open<'_>) {
    let mut store = open();
    use DeliveryState::{Confirmed, Doubtful, Dropped, Failed, Queued, Sent, Stored};
    let all = [Queued, Sent, Doubtful, Stored, Confirmed, Failed, Dropped];
    within(&mut *store, |transaction| {
        for state in all {
            let mut one = delivery(state.name(), "a", NOON);
            one.state = state;
            transaction.put_delivery(&one)?;
        }
        Ok(())
    });
    let found = within(&mut *store, |transaction| transaction.open_deliveries());
    let mut found: Vec<_> = found.into_iter().map(|found| found.state).collect();
    found.sort();
    assert_eq!(found, [Queued, Sent, Doubtful, Stored]);
    let of = within(&mut *store, |transaction| transaction.deliveries_of(&key("a")));
    assert_eq!(of.len(), all.len());
}

pub(crate) fn deliveries_come_oldest_first(open: Open<'_>) {
    let mut store = open();
    within(&mut *store, |transaction| {
        transaction.put_delivery(&delivery("a-third", "a", hour(3)))?;
        transaction.put_delivery(&delivery("z-first", "a", hour(1)))?;
        transaction.put_delivery(&delivery("m-second", "a", hour(2)))
    });
    let found = within(&mut *store, |transaction| transaction.deliveries_of(&key("a")));
    let ids: Vec<_> = found.iter().map(|found| found.id.as_str()).collect();
    assert_eq!(ids, ["z-first", "m-second", "a-third"]);
}

pub(crate) fn only_one_has_a_claim(open: Open<'_>) {
    let (mut one, mut other) = (open(), open());
    within(&mut *one, |transaction| {
        transaction.put_delivery(&delivery("d1", "a", NOON))?;
        transaction.put_delivery(&delivery("d2", "a", NOON))
    });
    assert!(within(&mut *one, |transaction| transaction.claim("d1", HOUR)));
    assert!(!within(&mut *other, |transaction| transaction.claim("d1", HOUR)));
    assert!(within(&mut *other, |transaction| transaction.claim("d2", HOUR)));
    within(&mut *one, |transaction| transaction.put_delivery(&delivery("d1", "a", NOON)));
    assert!(!within(&mut *other, |transaction| transaction.claim("d1", HOUR)), "still claimed");
    within(&mut *one, |transaction| transaction.release("d1"));
    assert!(within(&mut *other, |transaction| transaction.claim("d1", HOUR)), "given back");
    assert!(!within(&mut *one, |transaction| transaction.claim("d3", HOUR)), "there is none");
}

/// What the caller takes for now ends no lease, and begins none.
pub(crate) fn a_lease_ends_by_the_clock_of_the_database(open: Open<'_>) {
    let (mut one, mut other) = (open(), open());
    within(&mut *one, |transaction| transaction.put_delivery(&delivery("d1", "a", NOON)));
    assert!(within(&mut *one, |transaction| transaction.claim("d1", Duration::ZERO)));
    assert!(at(&mut *other, Time::FIRST, |transaction| transaction.claim("d1", HOUR)));
    let late = Time::NO_SET_EXPIRY;
    assert!(!at(&mut *one, late, |transaction| transaction.claim("d1", HOUR)));
}

pub(crate) fn a_claim_of_failed_work_is_none(open: Open<'_>) {
    let (mut one, mut other) = (open(), open());
    within(&mut *one, |transaction| transaction.put_delivery(&delivery("d1", "a", NOON)));
    let done = one.transact(NOON, &mut |transaction| {
        assert!(transaction.claim("d1", HOUR)?);
        Err(refusal())
    });
    assert!(done.is_err());
    assert!(within(&mut *other, |transaction| transaction.claim("d1", HOUR)));
}
