//! Where to ask about a certificate: authorityInfoAccess, cRLDistributionPoints, and the timestamps
//! of transparency logs.

use certvigil_model::Foreign;

use super::{entries, single};
use crate::defect::DefectId;
use crate::der::{Tlv, tag};
use crate::facts::{Extensions, Field, GeneralName};
use crate::general_name;
use crate::site::Site;

/// Access method and location, as pairs (RFC 5280 section 4.2.2.1).
pub(super) fn information_access(value: &Tlv<'_>, all: &mut Extensions, site: &mut Site<'_>) {
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

/// URIs of fullName (RFC 5280 section 4.2.1.13).
pub(super) fn distribution_points(value: &Tlv<'_>, all: &mut Extensions, site: &mut Site<'_>) {
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

/// An OCTET STRING around SignedCertificateTimestampList: 16-bit lengths, first of the list, then of
/// each timestamp (RFC 6962 section 3.3).
pub(super) fn timestamps(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<usize> {
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
