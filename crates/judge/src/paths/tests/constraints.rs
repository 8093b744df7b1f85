//! What issuers, names, lengths and uses allow.

use rcgen::{CustomExtension, DistinguishedName, GeneralSubtree, NameConstraints};

use super::*;
use crate::paths::{Among, Reworded};

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
