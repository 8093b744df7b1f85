//! `profile-subject-alt-name`: which names a public certificate may have, BR section 7.1.2.7.12.

use std::net::IpAddr;

use certvigil_x509::GeneralName;

use super::member::{Member, oid};
use super::profile::{Breaches, Clauses, form};
use crate::rule::Meta;

pub(super) const RULE: Clauses = Clauses { meta: &META, check };

const META: Meta = form("profile-subject-alt-name", "CA/B BR section 7.1.2.7.12");

fn check(member: &Member<'_>, breaches: &mut Breaches) {
    if !member.is_subscriber() {
        return;
    }
    let Some(extension) = member.extension(oid::SUBJECT_ALT_NAME) else {
        return breaches.add(BR, "has no subjectAltName");
    };
    let named = member.facts.subject.as_ref().is_ok_and(|subject| subject.der.len() > 2);
    let what = "names a subject and has a critical subjectAltName";
    breaches.add_if(named && extension.critical, BR, what);
    let Ok(Some(names)) = &member.facts.extensions.subject_alt_name else { return };
    for name in names {
        check_name(name, breaches);
    }
}

fn check_name(name: &GeneralName, breaches: &mut Breaches) {
    match name {
        GeneralName::Dns(text) => {
            let name = text.raw();
            let part = name.strip_prefix("*.").unwrap_or(name).contains('*');
            let shown = text.shown();
            let what = format!("has “{shown}”, whose wildcard is not the whole first label");
            breaches.add_if(part, BR, what);
            let what = format!("has “{shown}”, which no public resolver can know");
            breaches.add_if(is_internal(name), BR, what);
        }
        GeneralName::Ip(ip) => {
            let what = format!("has the address {ip}, which is no public one");
            breaches.add_if(is_reserved(*ip), BR, what);
        }
        GeneralName::BadIp(_) => {}
        GeneralName::Email(_) | GeneralName::Uri(_) | GeneralName::Other(_) => {
            breaches.add(BR, "has a name that is neither a DNS name nor an address");
        }
    }
}

/// BR section 1.6.1, "Internal Name".
fn is_internal(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or_default();
    !name.contains('.') || SPECIAL_USE.iter().any(|special| special.eq_ignore_ascii_case(last))
}

/// BR section 1.6.1, "Reserved IP Address": the blocks most often met.
fn is_reserved(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_documentation()
                || ip.is_multicast()
        }
        IpAddr::V6(ip) => {
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
                || ip.is_multicast()
        }
    }
}

const BR: &str = "BR section 7.1.2.7.12";
/// RFC 2606, 6761, 6762, 9476 and what ICANN keeps for private use. Names under `onion` have rules
/// of their own in BR appendix B.
const SPECIAL_USE: &[&str] = &["test", "invalid", "localhost", "local", "internal", "alt"];
