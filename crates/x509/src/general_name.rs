//! GeneralName (RFC 5280 section 4.2.1.6): what subjectAltName and its kin are made of.

use std::net::{IpAddr, Ipv4Addr};

use certvigil_model::Foreign;

use crate::defect::DefectId;
use crate::der::{Cursor, Tlv, tag};
use crate::facts::GeneralName;
use crate::site::Site;

/// Reads every entry of a GeneralNames, each told as far as it can be.
pub(crate) fn list(entries: &mut Cursor<'_>, site: &mut Site<'_>) -> Vec<GeneralName> {
    let mut names = Vec::new();
    while let Some(entry) = entries.next(site) {
        let index = names.len();
        names.push(read(&entry, &mut site.entry(index)));
    }
    names
}

/// Reads one entry.
pub(crate) fn read(tlv: &Tlv<'_>, site: &mut Site<'_>) -> GeneralName {
    match tlv.tag {
        EMAIL => {
            note_text(tlv, is_mailbox, "it is no mail address", site);
            GeneralName::Email(Foreign::from_bytes(tlv.content))
        }
        DNS => {
            note_text(tlv, is_host_name, "it is no host name", site);
            GeneralName::Dns(Foreign::from_bytes(tlv.content))
        }
        URI => {
            note_text(tlv, is_absolute, "it is no absolute URI", site);
            GeneralName::Uri(Foreign::from_bytes(tlv.content))
        }
        IP => address(tlv, site),
        OTHER | X400 | DIRECTORY | EDI | REGISTERED_ID => GeneralName::Other(tlv.tag & NUMBER),
        unknown => {
            let message = format_args!("the tag {unknown:#04x} is none of a GeneralName");
            site.note(DefectId::GeneralNameMalformed, tlv.offset, message);
            GeneralName::Other(unknown & NUMBER)
        }
    }
}

/// The URI in `tlv`, where it is one.
pub(crate) fn uri(tlv: &Tlv<'_>, site: &mut Site<'_>) -> Option<Foreign> {
    match read(tlv, site) {
        GeneralName::Uri(uri) => Some(uri),
        _ => None,
    }
}

fn address(tlv: &Tlv<'_>, site: &mut Site<'_>) -> GeneralName {
    if let Ok(octets) = <[u8; 4]>::try_from(tlv.content) {
        return GeneralName::Ip(octets.into());
    }
    if let Ok(octets) = <[u8; 16]>::try_from(tlv.content) {
        return GeneralName::Ip(IpAddr::from(octets));
    }
    let message = format_args!("an address of {} octets", tlv.content.len());
    site.note(DefectId::IpAddressLength, tlv.inner_offset(), message);
    GeneralName::BadIp(tlv.content.to_vec())
}

/// What is no IA5String that can be shown breaks the form; what does not fit, the syntax.
fn note_text(tlv: &Tlv<'_>, fits: impl Fn(&str) -> bool, why: &str, site: &mut Site<'_>) {
    let visible = tlv.content.iter().all(|octet| octet.is_ascii_graphic() || *octet == b' ');
    match str::from_utf8(tlv.content) {
        Ok(text) if visible => {
            if !fits(text) {
                site.note(DefectId::GeneralNameSyntax, tlv.inner_offset(), why);
            }
        }
        _ => {
            let message = "it holds other characters than a name can";
            site.note(DefectId::GeneralNameMalformed, tlv.inner_offset(), message);
        }
    }
}

/// Letters, digits and hyphens in labels (RFC 1034 section 3.5, RFC 1123 section 2.1), the first of
/// which may hold a wildcard (RFC 9525 section 6.3). An address is no host name.
pub(crate) fn is_host_name(name: &str) -> bool {
    let (first, rest) =
        name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
    let is_first = is_label(first.as_bytes(), b"-*") && (!first.contains('*') || rest.is_some());
    name.len() <= 253
        && is_first
        && rest.is_none_or(|rest| rest.split('.').all(|label| is_label(label.as_bytes(), b"-")))
        && name.parse::<Ipv4Addr>().is_err()
}

fn is_label(label: &[u8], besides: &[u8]) -> bool {
    (1..=63).contains(&label.len())
        && label.iter().all(|octet| octet.is_ascii_alphanumeric() || besides.contains(octet))
        && label[0] != b'-'
        && label[label.len() - 1] != b'-'
}

/// Local part and domain, both there (RFC 2821 section 4.1.2).
pub(crate) fn is_mailbox(address: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(local, domain)| {
        let plain = !local.contains(['@', '<', '>']) || local.starts_with('"');
        !local.is_empty() && plain && !domain.is_empty()
    })
}

/// A scheme and what it is about (RFC 3986 section 3.1).
fn is_absolute(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet))
            && !rest.is_empty()
            && !rest.contains(' ')
    })
}

/// Of a context tag.
const NUMBER: u8 = 0x1f;

pub(crate) const OTHER: u8 = tag::constructed(0);
pub(crate) const EMAIL: u8 = tag::context(1);
pub(crate) const DNS: u8 = tag::context(2);
pub(crate) const X400: u8 = tag::constructed(3);
pub(crate) const DIRECTORY: u8 = tag::constructed(4);
pub(crate) const EDI: u8 = tag::constructed(5);
pub(crate) const URI: u8 = tag::context(6);
pub(crate) const IP: u8 = tag::context(7);
pub(crate) const REGISTERED_ID: u8 = tag::context(8);
