//! What a certificate may be used for: keyUsage, extKeyUsage, basicConstraints, certificatePolicies,
//! tlsFeature.

use std::collections::BTreeSet;

use super::{complete, entries, single};
use crate::algorithm::oid_malformed;
use crate::defect::DefectId;
use crate::der::{Tlv, tag};
use crate::facts::{BasicConstraints, Extensions, Field};
use crate::oid;
use crate::primitive;
use crate::site::Site;

/// Named bits, the first as the lowest (RFC 5280 section 4.2.1.3).
pub(super) fn key_usage(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<u16> {
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
pub(super) fn oids(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<Vec<String>> {
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
pub(super) fn basic_constraints(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<BasicConstraints> {
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

/// Identifiers, the qualifiers left unread (RFC 5280 section 4.2.1.4).
pub(super) fn policies(value: &Tlv<'_>, all: &mut Extensions, site: &mut Site<'_>) {
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
    let mut seen = BTreeSet::new();
    texts.iter().find(|text| !seen.insert(text.as_str())).map(String::as_str)
}

/// RFC 7633 section 4.1.
pub(super) fn tls_features(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<Vec<u16>> {
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
