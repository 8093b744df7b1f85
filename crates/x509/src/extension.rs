//! The values of the extensions that rules ask for, one reader each (RFC 5280 section 4.2).

use certvigil_model::Foreign;

use crate::algorithm::oid_malformed;
use crate::defect::DefectId;
use crate::der::{Cursor, Tlv, tag};
use crate::facts::{BasicConstraints, Extensions, Field, GeneralName};
use crate::general_name;
use crate::name_constraints;
use crate::oid;
use crate::primitive;
use crate::site::Site;

/// An extension that this reader knows.
pub(crate) struct Known {
    /// The contents octets of its OID.
    pub(crate) oid: &'static [u8],
    /// Its name in ASN.1.
    pub(crate) name: &'static str,
    /// What RFC 5280 demands of `critical`, where it demands something.
    pub(crate) critical: Option<bool>,
    /// Puts the value, an OCTET STRING, where it belongs.
    pub(crate) read: fn(Field<Tlv<'_>>, &mut Extensions, &mut Site<'_>),
}

/// The usual first.
pub(crate) const KNOWN: &[Known] = &[
    known(b"\x55\x1d\x0f", "keyUsage", None, |value, all, site| {
        all.key_usage = value.and_then(|value| key_usage(&value, site)).map(Some);
    }),
    known(b"\x55\x1d\x25", "extKeyUsage", None, |value, all, site| {
        all.extended_key_usage = value.and_then(|value| oids(&value, site)).map(Some);
    }),
    known(b"\x55\x1d\x13", "basicConstraints", None, |value, all, site| {
        all.basic_constraints = value.and_then(|value| basic_constraints(&value, site)).map(Some);
    }),
    known(b"\x55\x1d\x0e", "subjectKeyIdentifier", NEVER, |value, all, site| {
        all.subject_key_identifier = value.and_then(|value| key_identifier(&value, site)).map(Some);
    }),
    known(b"\x55\x1d\x23", "authorityKeyIdentifier", NEVER, |value, all, site| {
        all.authority_key_identifier = value.and_then(|value| authority(&value, site));
    }),
    known(b"\x2b\x06\x01\x05\x05\x07\x01\x01", "authorityInfoAccess", NEVER, |value, all, site| {
        if let Ok(value) = value {
            information_access(&value, all, site);
        }
    }),
    known(b"\x55\x1d\x11", "subjectAltName", None, |value, all, site| {
        all.subject_alt_name = value.and_then(|value| general_names(&value, site)).map(Some);
    }),
    known(b"\x55\x1d\x20", "certificatePolicies", None, |value, all, site| {
        if let Ok(value) = value {
            policies(&value, all, site);
        }
    }),
    known(
        b"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02",
        "signedCertificateTimestamps",
        None,
        |value, all, site| {
            all.sct_count = value.and_then(|value| timestamps(&value, site));
        },
    ),
    known(b"\x55\x1d\x1f", "cRLDistributionPoints", None, |value, all, site| {
        if let Ok(value) = value {
            distribution_points(&value, all, site);
        }
    }),
    known(b"\x2b\x06\x01\x05\x05\x07\x01\x18", "tlsFeature", None, |value, all, site| {
        all.tls_features = value.and_then(|value| tls_features(&value, site)).map(Some);
    }),
    known(b"\x55\x1d\x1e", "nameConstraints", ALWAYS, |value, all, site| {
        all.has_name_constraints = true;
        if let Ok(value) = value {
            name_constraints::check(&value, site);
        }
    }),
    known(b"\x55\x1d\x12", "issuerAltName", None, |value, _, site| {
        let _ = value.and_then(|value| general_names(&value, site));
    }),
    known(b"\x2b\x06\x01\x05\x05\x07\x01\x0b", "subjectInfoAccess", NEVER, unexamined),
    known(b"\x55\x1d\x09", "subjectDirectoryAttributes", NEVER, unexamined),
    known(b"\x55\x1d\x21", "policyMappings", None, unexamined),
    known(b"\x55\x1d\x24", "policyConstraints", ALWAYS, unexamined),
    known(b"\x55\x1d\x36", "inhibitAnyPolicy", ALWAYS, unexamined),
    known(b"\x55\x1d\x2e", "freshestCRL", NEVER, unexamined),
    // The poison of a precertificate, RFC 6962 section 3.1
    known(b"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x03", "precertificatePoison", ALWAYS, unexamined),
];

const ALWAYS: Option<bool> = Some(true);
const NEVER: Option<bool> = Some(false);

const fn known(
    oid: &'static [u8],
    name: &'static str,
    critical: Option<bool>,
    read: fn(Field<Tlv<'_>>, &mut Extensions, &mut Site<'_>),
) -> Known {
    Known { oid, name, critical, read }
}

/// Known by its name and criticality alone.
fn unexamined(_: Field<Tlv<'_>>, _: &mut Extensions, _: &mut Site<'_>) {}

/// The one `tag` that an extension's value is; what follows it is noted.
pub(crate) fn single<'a>(value: &Tlv<'a>, tag: u8, site: &mut Site<'_>) -> Field<Tlv<'a>> {
    let mut inside = value.inside();
    let Some(single) = inside.next_tagged(tag, site).filter(|single| !single.cut) else {
        let message = "the value is not of the type that this extension has";
        return Err(site.malformed(DefectId::ExtensionMalformed, value.inner_offset(), message));
    };
    if !inside.is_empty() {
        site.note(
            DefectId::TrailingData,
            inside.offset(),
            "something follows the extension's value",
        );
    }
    Ok(single)
}

/// The entries of a SEQUENCE SIZE (1..MAX).
fn entries<'a>(value: &Tlv<'a>, site: &mut Site<'_>) -> Field<Cursor<'a>> {
    let list = single(value, tag::SEQUENCE, site)?;
    if list.content.is_empty() {
        site.note(DefectId::ListEmpty, list.offset, "the list is empty");
    }
    Ok(list.inside())
}

/// An error where a list lost its end, so that a part never passes for the whole.
fn complete(entries: &Cursor<'_>, site: &mut Site<'_>) -> Field<()> {
    if entries.is_cut() {
        let message = "the list goes on beyond the end of its bytes";
        return Err(site.malformed(DefectId::ExtensionMalformed, entries.offset(), message));
    }
    Ok(())
}

fn general_names(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<Vec<GeneralName>> {
    let mut entries = entries(value, site)?;
    let names = general_name::list(&mut entries, site);
    complete(&entries, site)?;
    Ok(names)
}

/// Named bits, the first as the lowest (RFC 5280 section 4.2.1.3).
fn key_usage(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<u16> {
    let bits = single(value, tag::BIT_STRING, site)?;
    let at = bits.inner_offset();
    let (octets, unused) = primitive::bit_string(&bits, site)?;
    if octets.last().is_some_and(|last| last.trailing_zeros() != u32::from(unused)) {
        site.note(
            DefectId::BitStringPadding,
            at,
            "zeros at the end of named bits must be left out",
        );
    }
    let octet = |index: usize| octets.get(index).map_or(0, |octet| octet.reverse_bits());
    let usage = u16::from_le_bytes([octet(0), octet(1)]);
    if usage == 0 {
        site.note(DefectId::KeyUsageZero, at, "no usage is set");
    }
    Ok(usage)
}

/// Dotted OIDs (RFC 5280 section 4.2.1.12).
fn oids(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<Vec<String>> {
    let mut entries = entries(value, site)?;
    let mut oids = Vec::new();
    while let Some(entry) = entries.next(site) {
        oids.push(oid(&entry, site)?);
    }
    complete(&entries, site)?;
    Ok(oids)
}

fn oid(tlv: &Tlv<'_>, site: &mut Site<'_>) -> Field<String> {
    let dotted = if tlv.tag == tag::OID { oid::dotted(tlv.content) } else { None };
    dotted.ok_or_else(|| oid_malformed(tlv.offset, site))
}

/// RFC 5280 section 4.2.1.9.
fn basic_constraints(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<BasicConstraints> {
    let constraints = single(value, tag::SEQUENCE, site)?;
    let mut inside = constraints.inside();
    let ca = match inside.next_tagged(tag::BOOLEAN, site) {
        None => false,
        Some(flag) => {
            let ca = primitive::boolean(&flag, site)?;
            if !ca {
                site.note(
                    DefectId::DefaultEncoded,
                    flag.offset,
                    "FALSE is the default and must be left out",
                );
            }
            ca
        }
    };
    let path_len = match inside.next_tagged(tag::INTEGER, site) {
        None => None,
        Some(length) => Some(path_length(&length, site)?),
    };
    if !inside.is_empty() {
        site.note(DefectId::TrailingData, inside.offset(), "something follows the constraints");
    }
    Ok(BasicConstraints { ca, path_len })
}

fn path_length(tlv: &Tlv<'_>, site: &mut Site<'_>) -> Field<u32> {
    let length = primitive::small(tlv, site)?;
    length.and_then(|length| u32::try_from(length).ok()).ok_or_else(|| {
        let message = "the path length is negative or beyond all paths";
        site.malformed(DefectId::ExtensionMalformed, tlv.inner_offset(), message)
    })
}

/// RFC 5280 section 4.2.1.2.
fn key_identifier(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<Vec<u8>> {
    single(value, tag::OCTET_STRING, site).map(|identifier| identifier.content.to_vec())
}

/// keyIdentifier, authorityCertIssuer, authorityCertSerialNumber (RFC 5280 section 4.2.1.1).
fn authority(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<Option<Vec<u8>>> {
    let authority = single(value, tag::SEQUENCE, site)?;
    let mut inside = authority.inside();
    let identifier = inside.next_tagged(tag::context(0), site);
    let issuer = inside.next_tagged(tag::constructed(1), site);
    let serial = inside.next_tagged(tag::context(2), site);
    if issuer.is_some() != serial.is_some() {
        let message = "issuer and serial number stand together or not at all";
        site.note(DefectId::ExtensionMalformed, authority.offset, message);
    }
    if !inside.is_empty() {
        site.note(
            DefectId::TrailingData,
            inside.offset(),
            "something else than its three parts is in it",
        );
    }
    complete(&inside, site)?;
    Ok(identifier.map(|identifier| identifier.content.to_vec()))
}

/// Access method and location, as pairs (RFC 5280 section 4.2.2.1).
fn information_access(value: &Tlv<'_>, all: &mut Extensions, site: &mut Site<'_>) {
    let Ok(mut entries) = entries(value, site) else { return };
    while let Some(entry) = entries.next(site) {
        let mut inside = entry.inside();
        let method = inside.next_tagged(tag::OID, site);
        let location = inside.next(site);
        let (Some(method), Some(location)) = (method, location) else {
            let message = "it is not an access method and a location";
            site.note(DefectId::ExtensionMalformed, entry.offset, message);
            continue;
        };
        let uri = general_name::uri(&location, site);
        match method.content {
            OCSP => all.ocsp.extend(uri),
            CA_ISSUERS => all.ca_issuers.extend(uri),
            _ => {}
        }
    }
}

/// Identifiers, the qualifiers left unread (RFC 5280 section 4.2.1.4).
fn policies(value: &Tlv<'_>, all: &mut Extensions, site: &mut Site<'_>) {
    let Ok(mut entries) = entries(value, site) else { return };
    while let Some(entry) = entries.next(site) {
        let Some(policy) = entry.inside().next(site) else {
            site.note(DefectId::ExtensionMalformed, entry.offset, "it is not the OID of a policy");
            continue;
        };
        if let Ok(policy) = oid(&policy, site) {
            all.policies.push(policy);
        }
    }
    if let Some(twice) = repeated(&all.policies) {
        site.note(DefectId::PolicyDuplicate, value.offset, format_args!("{twice} is there twice"));
    }
}

fn repeated(texts: &[String]) -> Option<&str> {
    let mut seen = std::collections::BTreeSet::new();
    texts.iter().find(|text| !seen.insert(text.as_str())).map(String::as_str)
}

/// URIs of fullName (RFC 5280 section 4.2.1.13).
fn distribution_points(value: &Tlv<'_>, all: &mut Extensions, site: &mut Site<'_>) {
    let Ok(mut entries) = entries(value, site) else { return };
    while let Some(entry) = entries.next(site) {
        if entry.tag != tag::SEQUENCE {
            let message = "it is not a distribution point";
            site.note(DefectId::ExtensionMalformed, entry.offset, message);
            continue;
        }
        let name = entry.inside().next_tagged(tag::constructed(0), site);
        let full = name.and_then(|name| name.inside().next_tagged(tag::constructed(0), site));
        let Some(full) = full else { continue };
        let names = general_name::list(&mut full.inside(), site);
        all.crl_distribution_points.extend(names.into_iter().filter_map(as_uri));
    }
}

fn as_uri(name: GeneralName) -> Option<Foreign> {
    match name {
        GeneralName::Uri(uri) => Some(uri),
        _ => None,
    }
}

/// RFC 7633 section 4.1.
fn tls_features(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<Vec<u16>> {
    let mut entries = entries(value, site)?;
    let mut features = Vec::new();
    while let Some(entry) = entries.next(site) {
        let feature =
            primitive::small(&entry, site)?.and_then(|feature| u16::try_from(feature).ok());
        features.push(feature.ok_or_else(|| {
            let message = "a feature is a number of 16 bits";
            site.malformed(DefectId::ExtensionMalformed, entry.offset, message)
        })?);
    }
    complete(&entries, site)?;
    Ok(features)
}

/// An OCTET STRING around SignedCertificateTimestampList: 16-bit lengths, first of the list, then of
/// each timestamp (RFC 6962 section 3.3).
fn timestamps(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<usize> {
    let list = single(value, tag::OCTET_STRING, site)?;
    count_timestamps(list.content).ok_or_else(|| {
        let message = "it is not a list of signed certificate timestamps";
        site.malformed(DefectId::ExtensionMalformed, list.inner_offset(), message)
    })
}

fn count_timestamps(list: &[u8]) -> Option<usize> {
    let (mut rest, []) = split_prefixed(list)? else { return None };
    let mut count = 0;
    while !rest.is_empty() {
        let (timestamp, after) = split_prefixed(rest)?;
        if timestamp.is_empty() {
            return None;
        }
        count += 1;
        rest = after;
    }
    Some(count)
}

/// What a 16-bit length spans, and what follows it.
fn split_prefixed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

const OCSP: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x30\x01";
const CA_ISSUERS: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x30\x02";
