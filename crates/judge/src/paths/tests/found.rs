//! Which paths there are, how they are ranked, and when they end.

use super::*;

struct Case {
    name: &'static str,
    chain: Vec<Certificate>,
    roots: Vec<Certificate>,
    /// Paths as places in chain, then roots.
    want: &'static [&'static [usize]],
    ends: Option<i64>,
    trusted: bool,
    reason: &'static str,
}

fn cases() -> Vec<Case> {
    let World { root, ca, server } = World::new();
    let (leaf, middle, anchor) = (server.by(&ca), ca.by(&root), root.self_signed());
    let other = Party::ca("Other Root", -3650, 20);
    let stranger = Party::ca("Stranger", -365, 365);
    let old_middle = ca.clone().valid(-365, -1).by(&root);
    let old_root = root.clone().valid(-3650, -1).self_signed();
    let pinned = Party::server("self.example.org", -10, 80).self_signed();
    let late = server.clone().valid(1, 80).by(&ca);
    vec![
        Case {
            name: "the ordinary chain",
            chain: vec![leaf.clone(), middle.clone()],
            roots: vec![anchor.clone()],
            want: &[&[0, 1, 2]],
            ends: Some(80),
            trusted: true,
            reason: "",
        },
        Case {
            name: "the root sent along makes no second path",
            chain: vec![leaf.clone(), middle.clone(), anchor.clone()],
            roots: vec![anchor.clone()],
            want: &[&[0, 1, 2]],
            ends: Some(80),
            trusted: true,
            reason: "",
        },
        Case {
            name: "wrong order, an unrelated extra, one sent twice",
            chain: vec![
                leaf.clone(),
                stranger.self_signed(),
                middle.clone(),
                leaf.clone(),
                middle.clone(),
            ],
            roots: vec![anchor.clone()],
            want: &[&[0, 2, 5]],
            ends: Some(80),
            trusted: true,
            reason: "",
        },
        Case {
            name: "cross-signed by two roots: the path that ends last is the best",
            chain: vec![leaf.clone(), ca.by(&other), middle.clone()],
            roots: vec![other.self_signed(), anchor.clone()],
            want: &[&[0, 2, 4], &[0, 1, 3]],
            ends: Some(80),
            trusted: true,
            reason: "",
        },
        Case {
            name: "an expired intermediate beside a good one of the same name",
            chain: vec![leaf.clone(), old_middle.clone(), middle.clone()],
            roots: vec![anchor.clone()],
            want: &[&[0, 2, 3]],
            ends: Some(80),
            trusted: true,
            reason: "",
        },
        Case {
            name: "the intermediate is missing",
            chain: vec![leaf.clone()],
            roots: vec![anchor.clone()],
            want: &[],
            ends: None,
            trusted: false,
            reason: "the issuer “CN=Issuing CA” was not sent and is no root of this profile",
        },
        Case {
            name: "an untrusted root",
            chain: vec![leaf.clone(), middle.clone(), anchor.clone()],
            roots: vec![stranger.self_signed()],
            want: &[],
            ends: None,
            trusted: false,
            reason: "the chain ends at “CN=Root”, which is no root of this profile",
        },
        Case {
            name: "a root of the same name with another key",
            chain: vec![leaf.clone(), middle.clone()],
            roots: vec![Party::ca("Root", -10, 10).self_signed()],
            want: &[],
            ends: None,
            trusted: false,
            reason: "a signature does not fit the key of the issuer of that name",
        },
        Case {
            name: "the only intermediate has ended: asked again when all was valid",
            chain: vec![leaf.clone(), old_middle],
            roots: vec![anchor.clone()],
            want: &[&[0, 1, 2]],
            ends: Some(-1),
            trusted: false,
            reason: "the intermediate “CN=Issuing CA” was valid until 2026-11-23T00:00:00Z",
        },
        Case {
            name: "the root has ended",
            chain: vec![leaf.clone(), middle.clone()],
            roots: vec![old_root],
            want: &[&[0, 1, 2]],
            ends: Some(-1),
            trusted: false,
            reason: "the root “CN=Root” was valid until 2026-11-23T00:00:00Z",
        },
        Case {
            name: "the root ends first",
            chain: vec![leaf.clone(), ca.by(&other)],
            roots: vec![other.self_signed()],
            want: &[&[0, 1, 2]],
            ends: Some(20),
            trusted: true,
            reason: "",
        },
        Case {
            name: "expired",
            chain: vec![server.clone().valid(-90, -2).by(&ca), middle.clone()],
            roots: vec![anchor.clone()],
            want: &[&[0, 1, 2]],
            ends: Some(-2),
            trusted: false,
            reason: "the certificate was valid until 2026-11-22T00:00:00Z",
        },
        Case {
            name: "not yet valid",
            chain: vec![late, middle.clone()],
            roots: vec![anchor.clone()],
            want: &[&[0, 1, 2]],
            ends: Some(80),
            trusted: false,
            reason: "the certificate is valid only from 2026-11-25T00:00:00Z",
        },
        Case {
            name: "self-signed, pinned",
            chain: vec![pinned.clone()],
            roots: vec![pinned.clone()],
            want: &[&[0]],
            ends: Some(80),
            trusted: true,
            reason: "",
        },
        Case {
            name: "self-signed, not pinned",
            chain: vec![pinned],
            roots: vec![anchor.clone()],
            want: &[],
            ends: None,
            trusted: false,
            reason: "the certificate is its own issuer, and is not in this profile",
        },
        Case {
            name: "an intermediate as the root",
            chain: vec![leaf.clone(), middle.clone()],
            roots: vec![middle.clone()],
            want: &[&[0, 1]],
            ends: Some(80),
            trusted: true,
            reason: "",
        },
        Case {
            name: "an empty profile",
            chain: vec![leaf, middle],
            roots: vec![],
            want: &[],
            ends: None,
            trusted: false,
            reason: "the issuer “CN=Root” was not sent and is no root of this profile",
        },
    ]
}

#[test]
fn paths_are_found_and_ranked() {
    for Case { name, chain, roots, want, ends, trusted, reason } in cases() {
        let standing = standing(&chain, &roots, day(0));
        let known: Vec<_> = chain.iter().chain(&roots).collect();
        let reached = places(&standing, &known);
        assert_eq!(reached, want, "{name}: {:?}", standing.reason);
        assert_eq!(standing.trusted, trusted, "{name}");
        assert_eq!(standing.reason.as_deref().unwrap_or_default(), reason, "{name}");
        assert_eq!(standing.without_dates, !trusted && !want.is_empty(), "{name}");
        let best = standing.paths.first().map(|path| path.expires_at);
        assert_eq!(best, ends.map(day), "{name}");
    }
}

#[test]
fn both_ends_of_a_life_are_inclusive_to_the_millisecond() {
    let World { root, ca, server } = World::new();
    let (chain, roots) = ([server.by(&ca), ca.by(&root)], [root.self_signed()]);
    let at = |day: Time, millis| Time::from_millis(day.millis() + millis);
    for (now, want) in [
        (at(day(-10), -1), false),
        (day(-10), true),
        (day(80), true),
        (at(day(80), 1), false),
        (Time::from_seconds(-1), false),
        (Time::NO_SET_EXPIRY, false),
    ] {
        let standing = standing(&chain, &roots, now);
        assert_eq!((standing.trusted, standing.without_dates), (want, !want), "{now}");
    }
}

#[test]
fn without_a_common_moment_there_is_no_path_at_any() {
    let World { root, ca, server } = World::new();
    let gone = ca.clone().valid(-365, -11);
    let standing = standing(&[server.by(&ca), gone.by(&root)], &[root.self_signed()], day(0));
    assert_eq!((standing.trusted, standing.without_dates), (false, false));
    assert_eq!(standing.reason.as_deref(), Some("a certificate of the chain has ended"));
}

#[test]
fn profiles_stand_side_by_side_and_share_signatures() {
    let World { root, ca, server } = World::new();
    let chain = [server.by(&ca), ca.by(&root)];
    let anchor = root.self_signed();
    let profiles = [
        Profile::new("one", true, vec![anchor.clone()]),
        Profile::new("none", false, vec![]),
        Profile::new("two", false, vec![anchor]),
    ];
    let signatures = Signatures::default();
    let told: Vec<_> = standings(&chain, &profiles, &signatures, day(0))
        .into_iter()
        .map(|standing| (standing.profile, standing.decides, standing.trusted))
        .collect();
    let want = [("one", true, true), ("none", false, false), ("two", false, true)];
    assert_eq!(told, want.map(|(name, decides, trusted)| (name.to_owned(), decides, trusted)));
    standings(&chain, &profiles, &signatures, day(1));
    assert_eq!(signatures.verified(), 2, "each signature once, whoever asks and however often");
    assert!(standings(&[], &profiles, &signatures, day(0)).is_empty());
}
