//! Chains minted here, judged at fixed moments. What must hold comes from RFC 5280 section 6.
#![expect(clippy::expect_used, reason = "a test stops at what it did not expect")]

use std::sync::Arc;

use certvigil_model::{Fingerprint, Time};
use certvigil_x509::{Certificate, Reading};
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints,
};
use time::OffsetDateTime;

use super::{Among, Reworded, Standing, standings};
use crate::{Profile, Signatures};

/// 2026-11-24T00:00:00Z; all other moments are days from it.
const NOW: i64 = 1_795_478_400;

fn day(days: i64) -> Time {
    Time::from_seconds(NOW + days * 86_400)
}

/// A name and a key: who signs, or is signed.
#[derive(Clone)]
struct Party {
    params: CertificateParams,
    key: Arc<KeyPair>,
}

impl Party {
    fn new(name: &str, from: i64, to: i64) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        let party = Self { params, key: Arc::new(KeyPair::generate().expect("a key")) };
        party.valid(from, to)
    }

    fn ca(name: &str, from: i64, to: i64) -> Self {
        Self::new(name, from, to).with(|params| {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        })
    }

    fn server(name: &str, from: i64, to: i64) -> Self {
        Self::new(name, from, to).with(|params| {
            params.subject_alt_names =
                vec![rcgen::SanType::DnsName(name.try_into().expect("a name"))];
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        })
    }

    fn with(mut self, change: impl FnOnce(&mut CertificateParams)) -> Self {
        change(&mut self.params);
        self
    }

    fn valid(self, from: i64, to: i64) -> Self {
        let moment =
            |days| OffsetDateTime::from_unix_timestamp(day(days).seconds()).expect("a date");
        self.with(|params| {
            params.not_before = moment(from);
            params.not_after = moment(to);
        })
    }

    fn self_signed(&self) -> Certificate {
        certificate(self.params.self_signed(&*self.key).expect("a certificate").der())
    }

    fn by(&self, issuer: &Self) -> Certificate {
        let issuer = Issuer::from_params(&issuer.params, &*issuer.key);
        let made = self.params.signed_by(&*self.key, &issuer);
        certificate(made.expect("a certificate").der())
    }
}

fn certificate(der: &[u8]) -> Certificate {
    Certificate {
        der: der.into(),
        fingerprint: Fingerprint::of(der),
        reading: Reading::Facts(Arc::new(certvigil_x509::read(der))),
    }
}

fn standing(chain: &[Certificate], roots: &[Certificate], now: Time) -> Standing {
    let profile = [Profile::new("roots", true, roots.to_vec())];
    let mut standings = standings(chain, &profile, &Signatures::default(), now);
    standings.pop().expect("one profile, one standing")
}

/// Which certificates stand in each path, by their place in `known`.
fn places(standing: &Standing, known: &[&Certificate]) -> Vec<Vec<usize>> {
    let place = |one: Fingerprint| {
        known.iter().position(|known| known.fingerprint == one).expect("a certificate of the case")
    };
    let path = |path: &super::Path| path.fingerprints().into_iter().map(place).collect();
    standing.paths.iter().map(path).collect()
}

struct World {
    root: Party,
    ca: Party,
    server: Party,
}

impl World {
    fn new() -> Self {
        Self {
            root: Party::ca("Root", -3650, 3650),
            ca: Party::ca("Issuing CA", -365, 365),
            server: Party::server("www.example.org", -10, 80),
        }
    }
}

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

/// A chain of one end entity and one CA below the root, each made unusual; why there is no path.
struct Unusual {
    name: &'static str,
    root: fn(&mut CertificateParams),
    ca: fn(&mut CertificateParams),
    server: fn(&mut CertificateParams),
    want: Result<(), &'static str>,
}

const ORDINARY: Unusual =
    Unusual { name: "ordinary", root: |_| {}, ca: |_| {}, server: |_| {}, want: Ok(()) };

const CONSTRAINED: Result<(), &str> =
    Err("a name lies outside what an issuer's name constraints allow");
const DIRECTORY: Result<(), &str> =
    Err("a directory name lies outside what “CN=Issuing CA” allows");

const UNUSUAL: &[Unusual] = &[
    ORDINARY,
    Unusual {
        name: "RFC 5280 4.2.1.9: an issuer that is no CA",
        ca: |ca| ca.is_ca = IsCa::ExplicitNoCa,
        want: Err("an issuer in the chain is not marked as a CA"),
        ..ORDINARY
    },
    Unusual {
        name: "4.2.1.9: a root that says that it is no CA",
        root: |root| root.is_ca = IsCa::ExplicitNoCa,
        want: Err("the issuer “CN=Root” is not marked as one that may sign certificates"),
        ..ORDINARY
    },
    Unusual {
        name: "4.2.1.3: an issuer whose key may not sign certificates",
        ca: |ca| ca.key_usages = vec![KeyUsagePurpose::CrlSign],
        want: Err("the issuer “CN=Issuing CA” is not marked as one that may sign certificates"),
        ..ORDINARY
    },
    Unusual {
        name: "4.2.1.12: for clients alone",
        server: |server| server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
        want: Err("the extended key usage of a certificate does not allow servers"),
        ..ORDINARY
    },
    Unusual {
        name: "4.2.1.12: for anything",
        ca: |ca| ca.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any],
        server: |server| server.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any],
        ..ORDINARY
    },
    Unusual {
        name: "4.2.1.4: critical policies",
        ca: |ca| ca.custom_extensions.push(critical(&[2, 5, 29, 32], ANY_POLICY)),
        server: |server| server.custom_extensions.push(critical(&[2, 5, 29, 32], ANY_POLICY)),
        ..ORDINARY
    },
    Unusual {
        name: "4.2: a critical extension that nobody knows",
        server: |server| {
            server.custom_extensions.push(critical(&[1, 3, 6, 1, 4, 1, 99999], &[5, 0]));
        },
        want: Err(
            "clients cannot use the certificate itself: a certificate has a critical extension that clients do not know",
        ),
        ..ORDINARY
    },
    Unusual {
        name: "4.2.1.10: inside of permitted DNS names",
        ca: |ca| permit(ca, GeneralSubtree::DnsName("example.org".into())),
        ..ORDINARY
    },
    Unusual {
        name: "4.2.1.10: outside of permitted DNS names",
        ca: |ca| permit(ca, GeneralSubtree::DnsName("example.com".into())),
        want: CONSTRAINED,
        ..ORDINARY
    },
    Unusual {
        name: "4.2.1.10: a root's constraints bind too",
        root: |root| permit(root, GeneralSubtree::DnsName("example.com".into())),
        want: CONSTRAINED,
        ..ORDINARY
    },
    Unusual {
        name: "4.2.1.10: inside of permitted directory names, case and blanks aside (section 7.1)",
        ca: |ca| permit(ca, organisation("example  ORG")),
        server: |server| server.distinguished_name = name("Example Org"),
        ..ORDINARY
    },
    Unusual {
        name: "4.2.1.10: outside of permitted directory names",
        ca: |ca| permit(ca, organisation("Example Org")),
        server: |server| server.distinguished_name = name("Another Org"),
        want: DIRECTORY,
        ..ORDINARY
    },
    Unusual {
        name: "4.2.1.10: no subject, so no directory name to constrain",
        ca: |ca| permit(ca, organisation("Example Org")),
        server: |server| server.distinguished_name = DistinguishedName::new(),
        ..ORDINARY
    },
    Unusual {
        name: "4.2.1.10: inside of excluded directory names",
        ca: |ca| exclude(ca, organisation("Example Org")),
        server: |server| server.distinguished_name = name("Example Org"),
        want: DIRECTORY,
        ..ORDINARY
    },
    Unusual {
        name: "4.2.1.10: a root's constraints on directory names bind all below",
        root: |root| permit(root, organisation("Example Org")),
        server: |server| server.distinguished_name = name("Example Org"),
        want: Err("a directory name lies outside what “CN=Root” allows"),
        ..ORDINARY
    },
];

/// SEQUENCE { SEQUENCE { anyPolicy } }.
const ANY_POLICY: &[u8] = &[0x30, 8, 0x30, 6, 6, 4, 0x55, 0x1d, 0x20, 0];

fn critical(oid: &[u64], value: &[u8]) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(oid, value.to_vec());
    extension.set_criticality(true);
    extension
}

fn permit(ca: &mut CertificateParams, subtree: GeneralSubtree) {
    ca.name_constraints =
        Some(NameConstraints { permitted_subtrees: vec![subtree], excluded_subtrees: vec![] });
}

fn exclude(ca: &mut CertificateParams, subtree: GeneralSubtree) {
    ca.name_constraints =
        Some(NameConstraints { permitted_subtrees: vec![], excluded_subtrees: vec![subtree] });
}

fn organisation(organisation: &str) -> GeneralSubtree {
    let mut base = DistinguishedName::new();
    base.push(DnType::OrganizationName, organisation);
    GeneralSubtree::DirectoryName(base)
}

fn name(organisation: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, organisation);
    name.push(DnType::CommonName, "www.example.org");
    name
}

#[test]
fn issuers_and_constraints_bind() {
    for Unusual { name, root: of_root, ca: of_ca, server: of_server, want } in UNUSUAL {
        let World { root, ca, server } = World::new();
        let (root, ca, server) = (root.with(of_root), ca.with(of_ca), server.with(of_server));
        let chain = [server.by(&ca), ca.by(&root)];
        let standing = standing(&chain, &[root.self_signed()], day(0));
        let told = standing.reason.as_deref();
        assert_eq!(told.map_or(Ok(()), Err), *want, "{name}");
        assert_eq!(standing.trusted, want.is_ok(), "{name}");
    }
}

/// RFC 5280 section 6 does not ask the last certificate of a path to be no CA's, and its own
/// signature is checked over what was signed.
#[test]
fn a_ca_may_be_served_as_an_end_entity() {
    let World { root, ca, .. } = World::new();
    let below = Party::ca("Below", -10, 10);
    let shallow = ca.clone().with(|ca| ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let roots = [root.self_signed()];
    assert!(standing(&[ca.by(&root)], &roots, day(0)).trusted);
    let chain = [below.by(&shallow), shallow.by(&root)];
    assert!(
        standing(&chain, &roots, day(0)).trusted,
        "section 4.2.1.9: not counted as one of the path"
    );
    let impostor = Party::ca("Root", -10, 10);
    let forged = standing(&[ca.by(&impostor)], &roots, day(0));
    assert_eq!((forged.trusted, forged.paths.len()), (false, 0));
}

/// RFC 5280 section 6.1.3 (b): constraints do not touch the names of a self-issued intermediate.
#[test]
fn a_self_issued_intermediate_may_have_names_outside() {
    let World { root, server, .. } = World::new();
    let root = root.with(|root| permit(root, GeneralSubtree::DnsName("example.org".into())));
    let renewed = Party::ca("Root", -10, 500).with(|ca| {
        ca.subject_alt_names =
            vec![rcgen::SanType::DnsName("other.example".try_into().expect("a name"))];
    });
    let chain = [server.by(&renewed), renewed.by(&root)];
    let told = standing(&chain, &[root.self_signed()], day(0));
    assert!(told.trusted, "{:?}", told.reason);
}

/// What webpki reads instead of a constrained CA, sent as a certificate beside it: nobody signed that.
#[test]
fn a_reworded_copy_is_no_certificate() {
    let World { root, ca, server } = World::new();
    let ca = ca.with(|ca| permit(ca, organisation("Example Org")));
    let server = server.with(|server| server.distinguished_name = name("Another Org"));
    let bound = ca.by(&root);
    let copy = Reworded::issuer(&bound, Among::Others).expect("a copy");
    let free = certificate(copy.der());
    let leaf = server.by(&ca);
    for others in [[&bound, &free], [&free, &bound]] {
        let chain = [leaf.clone(), others[0].clone(), others[1].clone()];
        let told = standing(&chain, &[root.self_signed()], day(0));
        assert_eq!((told.trusted, told.paths.len()), (false, 0), "{:?}", told.reason);
    }
}

/// RFC 5280 section 4.2.1.9: only intermediates that are not self-issued count.
#[test]
fn path_lengths_bind_from_the_root_on() {
    let World { root, server, .. } = World::new();
    let (upper, lower) = (Party::ca("Upper", -10, 100), Party::ca("Lower", -10, 100));
    let renewed = Party::ca("Lower", -10, 100);
    let with = |party: &Party, most| {
        party.clone().with(|ca| ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(most)))
    };
    let two = [server.by(&lower), lower.by(&upper), upper.by(&root)];
    let three =
        |upper: &Party| [server.by(&renewed), renewed.by(&lower), lower.by(upper), upper.by(&root)];
    for (name, chain, root, want) in [
        ("a root that allows as many", two.to_vec(), with(&root, 2), true),
        ("a root that allows fewer", two.to_vec(), with(&root, 1), false),
        ("a self-issued one does not count", three(&with(&upper, 1)).to_vec(), root.clone(), true),
        ("the other does", three(&with(&upper, 0)).to_vec(), root.clone(), false),
    ] {
        let told = standing(&chain, &[root.self_signed()], day(0));
        assert_eq!(told.trusted, want, "{name}: {:?}", told.reason);
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
