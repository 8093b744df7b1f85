//! Documents, certificates, bodies, times, sizes.

use certvigil_model::{Fingerprint, Time};
use certvigil_store::{BODY_LIMIT, Body, Size};

use super::{Open, within};
use crate::sample::{HOSTILE, NOON, incident, key, observation, round};

pub(crate) fn a_document_is_overwritten(open: Open<'_>) {
    let mut store = open();
    assert_eq!(within(&mut *store, |transaction| transaction.document("name")), None);
    for text in ["one", "", "two"] {
        within(&mut *store, |transaction| transaction.put_document("name", text));
        let found = within(&mut *open(), |transaction| transaction.document("name"));
        assert_eq!(found.as_deref(), Some(text));
    }
    assert_eq!(within(&mut *store, |transaction| transaction.document("Name")), None);
}

pub(crate) fn hostile_documents_come_back_as_they_were(open: Open<'_>) {
    let mut store = open();
    for text in [HOSTILE.to_owned(), HOSTILE.repeat(12_000), "\0".to_owned()] {
        within(&mut *store, |transaction| transaction.put_document("'; --\u{202e}", &text));
        let found = within(&mut *store, |transaction| transaction.document("'; --\u{202e}"));
        assert_eq!(found, Some(text));
    }
    within(&mut *store, |transaction| transaction.remove_document("'; --\u{202e}"));
    assert_eq!(within(&mut *store, |transaction| transaction.document("'; --\u{202e}")), None);
}

pub(crate) fn a_certificate_is_kept_once(open: Open<'_>) {
    let mut store = open();
    let der: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let sha256 = Fingerprint::of(&der);
    assert_eq!(within(&mut *store, |transaction| transaction.certificate(sha256)), None);
    assert!(within(&mut *store, |transaction| transaction.keep_certificate(&der)));
    assert!(!within(&mut *open(), |transaction| transaction.keep_certificate(&der)));
    let found = within(&mut *open(), |transaction| transaction.certificate(sha256));
    assert_eq!(found, Some(der));
}

pub(crate) fn many_certificates_are_kept_once_each(open: Open<'_>) {
    let mut store = open();
    let many: Vec<Vec<u8>> = (0..3000_u32).map(|number| number.to_be_bytes().repeat(300)).collect();
    let ders: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    let twice: Vec<&[u8]> = ders[..50].iter().chain(&ders[..50]).copied().collect();
    let mut keep =
        |ders: &[&[u8]]| within(&mut *store, |transaction| transaction.keep_certificates(ders));
    assert_eq!(keep(&twice), 50, "few");
    assert_eq!(keep(&ders), 2950, "many, some of which are there");
    assert_eq!(keep(&ders), 0);
    assert_eq!(keep(&[]), 0);
    for der in [&many[0], &many[49], &many[50], &many[2999]] {
        let sha256 = Fingerprint::of(der);
        let found = within(&mut *store, |transaction| transaction.certificate(sha256));
        assert_eq!(found.as_ref(), Some(der));
    }
}

pub(crate) fn a_body_is_found_by_its_hash(open: Open<'_>) {
    let mut store = open();
    for text in ["", HOSTILE] {
        let sha256 =
            within(&mut *store, |transaction| transaction.put_body(&Body::masked(text, &[])));
        let again =
            within(&mut *open(), |transaction| transaction.put_body(&Body::masked(text, &[])));
        assert_eq!(again, sha256);
        assert_eq!(sha256, Fingerprint::of(text.as_bytes()));
        let found = within(&mut *open(), |transaction| transaction.body(sha256));
        assert_eq!(found.as_deref(), Some(text));
    }
    let other = Fingerprint::of(b"never kept");
    assert_eq!(within(&mut *store, |transaction| transaction.body(other)), None);
}

pub(crate) fn a_body_is_cut_between_two_characters(open: Open<'_>) {
    let mut store = open();
    let long = format!("x{}", "\u{20ac}".repeat(BODY_LIMIT));
    let sha256 = within(&mut *store, |transaction| transaction.put_body(&Body::masked(&long, &[])));
    let found = within(&mut *store, |transaction| transaction.body(sha256)).unwrap();
    assert!(long.starts_with(&found));
    assert!((BODY_LIMIT - 3..=BODY_LIMIT).contains(&found.len()), "{}", found.len());
    assert_eq!(sha256, Fingerprint::of(found.as_bytes()), "what is kept can be checked");
}

/// RFC 5280 section 4.1.2.5 gives certificates an end that most libraries cannot hold.
pub(crate) fn times_reach_from_the_first_to_the_last(open: Open<'_>) {
    let mut store = open();
    let mut seen = observation(1, "a", Time::FIRST);
    if let Some(certificate) = &mut seen.certificate {
        certificate.not_before = Time::FIRST;
        certificate.not_after = Time::NO_SET_EXPIRY;
        certificate.ends.at = Time::NO_SET_EXPIRY;
    }
    let mut later = observation(1, "b", Time::NO_SET_EXPIRY);
    later.certificate.clone_from(&seen.certificate);
    let mut first = round("first", Time::FIRST);
    first.finished_at = Time::FIRST;
    let mut last = round("last", Time::NO_SET_EXPIRY);
    last.finished_at = Time::NO_SET_EXPIRY;
    let mut wanted = incident("a");
    wanted.first_seen = Time::FIRST;
    wanted.last_bad = Time::NO_SET_EXPIRY;
    within(&mut *store, |transaction| {
        transaction.observe(&first, std::slice::from_ref(&seen))?;
        transaction.observe(&last, std::slice::from_ref(&later))?;
        transaction.put_incident(&wanted)
    });
    let history = within(&mut *store, |transaction| transaction.history(seen.endpoint));
    let spans: Vec<_> = history.iter().map(|found| (found.since, found.until)).collect();
    let end = Time::NO_SET_EXPIRY;
    assert_eq!(spans, [(end, None), (Time::FIRST, Some(end))]);
    assert_eq!(history[1].certificate, seen.certificate);
    let rounds = within(&mut *store, |transaction| transaction.rounds(10));
    assert_eq!(rounds, [last, first]);
    let found = within(&mut *store, |transaction| transaction.incident(&key("a")));
    assert_eq!(found, Some(wanted));
}

pub(crate) fn sizes_grow_with_what_is_kept(open: Open<'_>) {
    let mut store = open();
    let before = store.sizes().unwrap();
    assert!(!before.is_empty());
    within(&mut *store, |transaction| {
        transaction.keep_certificate(&[7; 100_000])?;
        transaction.observe(&round("r", NOON), &[observation(1, "a", NOON)]).map(|_| ())
    });
    let sums = |sizes: &[Size]| {
        sizes.iter().fold((0, 0), |(rows, bytes), size| (rows + size.rows, bytes + size.bytes))
    };
    let (before, after) = (sums(&before), sums(&store.sizes().unwrap()));
    assert!(after.0 >= before.0 + 3, "a certificate, a sighting and a round: {before:?} {after:?}");
    assert!(after.1 > before.1, "{before:?} {after:?}");
}
