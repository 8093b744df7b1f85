//! What goes, and what stays whatever its age.

use certvigil_model::{DeliveryState, Fingerprint, Incident, Observation, Status, Time};
use certvigil_store::{Body, Error, Retention, Store, Transaction};

use super::{Open, at, within};
use crate::sample::{NOON, delivery, endpoint, hour, incident, key, observation, record, round};

const YEAR: i64 = 24 * 365;

/// `endpoint(2)` changes from the certificate `old` to `new`; the incident `over` is resolved, `open` is not.
fn a_history(transaction: &mut dyn Transaction) -> Result<(), Error> {
    for der in ["old", "new", "unnamed", "of-incident"] {
        transaction.keep_certificate(der.as_bytes())?;
    }
    transaction.observe(&round("r0", NOON), &[showing("old", 0)])?;
    transaction.observe(&round("r1", hour(1)), &[showing("new", 1)])?;
    let mut open = incident("open");
    if let Some(certificate) = &mut open.certificate {
        certificate.sha256 = Fingerprint::of(b"of-incident");
    }
    transaction.put_incident(&open)?;
    transaction.put_incident(&Incident {
        status: Status::Resolved,
        resolved_at: Some(hour(1)),
        ..incident("over")
    })?;
    let mut done = delivery("done", "over", NOON);
    done.state = DeliveryState::Confirmed;
    transaction.put_delivery(&done)?;
    transaction.put_delivery(&delivery("waiting", "open", NOON))?;
    transaction.put_document("name", "text")?;
    let mut told = record("told", NOON);
    told.body = Some(transaction.put_body(&Body::masked("a long text", &[]))?);
    transaction.record(&told)
}

fn showing(name: &str, hours: i64) -> Observation {
    let mut seen = observation(2, name, hour(hours));
    seen.chain = vec![Fingerprint::of(name.as_bytes())];
    if let Some(certificate) = &mut seen.certificate {
        certificate.sha256 = Fingerprint::of(name.as_bytes());
    }
    seen
}

fn prune(store: &mut dyn Store, now: Time) -> Vec<String> {
    at(store, now, |transaction| transaction.prune(&Retention::default(), now))
}

fn is_kept(store: &mut dyn Store, der: &str) -> bool {
    let sha256 = Fingerprint::of(der.as_bytes());
    within(store, |transaction| transaction.certificate(sha256)).is_some()
}

pub(crate) fn young_things_stay(open: Open<'_>) {
    let mut store = open();
    within(&mut *store, a_history);
    prune(&mut *store, hour(24));
    within(&mut *store, |transaction| {
        assert_eq!(transaction.history(endpoint(2))?.len(), 2);
        assert_eq!(transaction.rounds(10)?.len(), 2);
        assert_eq!(transaction.incidents(Time::FIRST)?.len(), 2);
        assert_eq!(transaction.deliveries_of(&key("over"))?.len(), 1);
        assert!(transaction.body(Fingerprint::of(b"a long text"))?.is_some());
        Ok(())
    });
    assert!(is_kept(&mut *store, "old"));
}

pub(crate) fn old_things_go(open: Open<'_>) {
    let mut store = open();
    within(&mut *store, a_history);
    let told = prune(&mut *store, hour(10 * YEAR));
    assert!(!told.is_empty(), "what went is said");
    within(&mut *store, |transaction| {
        assert_eq!(transaction.history(endpoint(2))?.len(), 1);
        assert_eq!(transaction.incident(&key("over"))?, None);
        assert_eq!(transaction.deliveries_of(&key("over"))?, []);
        assert_eq!(transaction.body(Fingerprint::of(b"a long text"))?, None);
        Ok(())
    });
    assert!(!is_kept(&mut *store, "old"));
    assert!(!is_kept(&mut *store, "unnamed"));
    assert_eq!(prune(&mut *store, hour(10 * YEAR)), [] as [String; 0], "nothing goes twice");
}

pub(crate) fn what_is_open_stays_whatever_its_age(open: Open<'_>) {
    let mut store = open();
    within(&mut *store, a_history);
    prune(&mut *store, hour(10 * YEAR));
    within(&mut *store, |transaction| {
        let open = transaction.sightings()?;
        assert_eq!(open.len(), 1);
        assert!(open[0].last_seen >= hour(1), "{}", open[0].last_seen);
        assert!(transaction.incident(&key("open"))?.is_some());
        assert_eq!(transaction.open_deliveries()?.len(), 1);
        assert_eq!(transaction.document("name")?.as_deref(), Some("text"));
        Ok(())
    });
    assert!(is_kept(&mut *store, "new"), "an open sighting names it");
    assert!(is_kept(&mut *store, "of-incident"), "an open incident names it");
}

pub(crate) fn the_chain_outlives_its_bodies(open: Open<'_>) {
    let mut store = open();
    within(&mut *store, a_history);
    let instance = store.instance().clone();
    let before = within(&mut *store, |transaction| transaction.journal(&instance, 1, 10));
    prune(&mut *store, hour(10 * YEAR));
    let after = within(&mut *store, |transaction| transaction.journal(&instance, 1, 10));
    assert_eq!(after, before);
}
