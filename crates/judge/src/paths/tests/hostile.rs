//! Bytes that nobody should serve, and chains that cost more than any client pays.

use proptest::prelude::*;
use rcgen::CustomExtension;

use super::*;

/// RFC 5280 section 4.1.2.1: version 1 is written by leaving the number out, or as 0 by mistake.
#[test]
fn what_clients_cannot_read_is_told_in_plain_words() {
    let World { root, ca, server } = World::new();
    let leaf = server.by(&ca);
    let mut old = leaf.der.to_vec();
    let version = old.windows(5).position(|five| five == [0xa0, 3, 2, 1, 2]).expect("a version");
    old[version + 4] = 0;
    for (der, want) in [
        (
            &old[..],
            "clients cannot use the certificate itself: a certificate is not of X.509 version 3",
        ),
        (&leaf.der[..40], "clients cannot use the certificate itself: a certificate is ill-formed"),
        (b"", "clients cannot use the certificate itself: a certificate is ill-formed"),
    ] {
        let told = standing(&[certificate(der), ca.by(&root)], &[root.self_signed()], day(0));
        assert_eq!(told.reason.as_deref(), Some(want));
    }
}

#[test]
fn a_root_that_is_no_certificate_is_told() {
    let junk = certificate(b"\x30\x03\x02\x01\x00");
    let profile = Profile::new("junk", true, vec![junk.clone(), junk.clone()]);
    let unusable = profile.unusable();
    let [told] = unusable.as_slice() else { panic!("one unusable root") };
    assert_eq!(told.fingerprint, junk.fingerprint);
    assert_eq!(told.reason, "a certificate is ill-formed");
}

/// Thirty CAs of one name, each signed by another: more ways than any client tries.
#[test]
fn the_work_on_a_hostile_chain_is_bounded() {
    let World { root, server, .. } = World::new();
    let cas: Vec<_> = (0..16).map(|_| Party::ca("Same", -10, 10)).collect();
    let mut chain = vec![server.by(&cas[0])];
    chain.extend(cas.iter().flat_map(|ca| [ca.by(&cas[0]), ca.by(&root)]));
    let signatures = Signatures::default();
    let profile = [Profile::new("roots", true, vec![root.self_signed()])];
    let told = standings(&chain, &profile, &signatures, day(0));
    assert!(signatures.verified() <= 400, "{}", signatures.verified());
    assert!(told[0].paths.len() <= 32);
}

/// CAs of one name that lead nowhere, one of which points at a root and is no CA: no signature is
/// ever asked for, so that only what is read counts. Each carries thousands of extensions; without a
/// bound of ours this takes half an hour.
#[test]
fn the_work_on_a_hostile_chain_without_signatures_is_bounded() {
    let World { root, server, .. } = World::new();
    let stuffing = |params: &mut CertificateParams| {
        params.custom_extensions = (0..3_000)
            .map(|at| CustomExtension::from_oid_content(&[1, 2, 3, at], Vec::new()))
            .collect();
    };
    let cas: Vec<_> = (0..14).map(|day| Party::ca("Same", -10, 10 + day).with(stuffing)).collect();
    let mut chain = vec![server.valid(-10, 30).by(&cas[0])];
    chain.extend(cas.iter().map(|ca| ca.by(&cas[0])));
    chain.push(Party::new("Same", -10, 10).by(&root));
    let told = standing(&chain, &[root.self_signed()], day(0));
    let reason = "the certificates can be put together in more ways than clients try";
    assert_eq!((told.trusted, told.reason.as_deref()), (false, Some(reason)));
}

proptest! {
    /// Whatever is done to the bytes of a chain: no panic, and no trust in what was not signed.
    #[test]
    fn a_changed_byte_is_not_trusted(
        which in 0_usize..2,
        at in any::<prop::sample::Index>(),
        flip in 1_u8..,
        cut in prop::option::of(any::<prop::sample::Index>()),
        now in any::<i64>(),
    ) {
        let World { root, ca, server } = World::new();
        let mut chain = vec![server.by(&ca), ca.by(&root)];
        let mut der = chain[which].der.to_vec();
        let at = at.index(der.len());
        der[at] ^= flip;
        if let Some(cut) = cut {
            der.truncate(cut.index(der.len()));
        }
        chain[which] = certificate(&der);
        let roots = [root.self_signed()];
        prop_assert!(!standing(&chain, &roots, day(0)).trusted);
        standing(&chain, &roots, Time::from_millis(now));
        chain.reverse();
        standing(&chain, &chain.clone(), Time::from_millis(now));
    }
}
