//! `profile-key-identifier`: which key signed, RFC 5280 sections 4.2.1.1 and 4.2.1.2.

use super::member::{Member, Role, Value, oid};
use super::profile::{Breaches, Clauses, form};
use crate::rule::Meta;

pub(super) const RULE: Clauses = Clauses { meta: &META, check };

const META: Meta = form(
    "profile-key-identifier",
    "RFC 5280 sections 4.2.1.1, 4.2.1.2; CA/B BR sections 7.1.2.1.3, 7.1.2.11.1",
);

fn check(member: &Member<'_>, breaches: &mut Breaches) {
    let no_subject_key = member.is_ca() && member.extension(oid::SUBJECT_KEY_IDENTIFIER).is_none();
    breaches.add_if(no_subject_key, SUBJECT, "is a CA's and has no subjectKeyIdentifier");
    match member.extension(oid::AUTHORITY_KEY_IDENTIFIER) {
        None => {
            breaches.add_if(!is_self_signed(member), AUTHORITY, "has no authorityKeyIdentifier")
        }
        Some(authority) => check_authority(member, &authority, breaches),
    }
}

fn check_authority(member: &Member<'_>, authority: &Value<'_>, breaches: &mut Breaches) {
    let parts = authority.sequence().unwrap_or_default();
    let part = |tag| parts.iter().find(|(found, _)| *found == tag).map(|(_, part)| part.bytes());
    let key = part(KEY_IDENTIFIER);
    let no_key = key.is_none() && (!is_self_signed(member) || member.public);
    breaches.add_if(no_key, AUTHORITY, "has an authorityKeyIdentifier without keyIdentifier");
    let by_serial =
        member.public && (part(CERT_ISSUER).is_some() || part(CERT_SERIAL_NUMBER).is_some());
    let clause = if member.role == Role::Root { ROOT } else { PUBLIC };
    breaches.add_if(by_serial, clause, "names its issuer's issuer and serial number");
    let expected = if is_self_signed(member) {
        subject_key_identifier(member)
    } else {
        member
            .issuer
            .and_then(|issuer| issuer.facts())
            .and_then(|facts| facts.extensions.subject_key_identifier.as_ref().ok()?.as_deref())
    };
    if let (Some(key), Some(expected)) = (key, expected) {
        let clause = if member.role == Role::Root { ROOT } else { SUBJECT };
        breaches.add_if(key != expected, clause, "names another key than its issuer's");
    }
}

fn subject_key_identifier<'a>(member: &Member<'a>) -> Option<&'a [u8]> {
    member.facts.extensions.subject_key_identifier.as_ref().ok()?.as_deref()
}

/// Self-issued, and no path says that another key of that name signed it.
fn is_self_signed(member: &Member<'_>) -> bool {
    member.is_self_issued() && member.role != Role::Intermediate
}

const AUTHORITY: &str = "RFC 5280 section 4.2.1.1";
const SUBJECT: &str = "RFC 5280 section 4.2.1.2";
const ROOT: &str = "BR section 7.1.2.1.3";
const PUBLIC: &str = "BR section 7.1.2.11.1";
const KEY_IDENTIFIER: u8 = 0x80;
const CERT_ISSUER: u8 = 0xa1;
const CERT_SERIAL_NUMBER: u8 = 0x82;
