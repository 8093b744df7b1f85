//! `profile-extended-key-usage`: BR sections 7.1.2.1.2 and 7.1.2.7.10.

use super::member::{Member, Role, oid};
use super::profile::{Breaches, Clauses, form};
use crate::rule::Meta;

pub(super) const RULE: Clauses = Clauses { meta: &META, check };

const META: Meta =
    form("profile-extended-key-usage", "CA/B BR sections 7.1.2.1.2, 7.1.2.7.6, 7.1.2.7.10");

fn check(member: &Member<'_>, breaches: &mut Breaches) {
    let there = member.extension(oid::EXTENDED_KEY_USAGE).is_some();
    let root = member.public && member.role == Role::Root;
    breaches.add_if(root && there, "BR section 7.1.2.1.2", "is a root and has an extKeyUsage");
    if !member.is_subscriber() {
        return;
    }
    breaches.add_if(!there, "BR section 7.1.2.7.6", "has no extKeyUsage");
    let Ok(Some(uses)) = &member.facts.extensions.extended_key_usage else { return };
    let has = |id: &str| uses.iter().any(|one| one == id);
    breaches.add_if(!has(SERVER_AUTH), SUBSCRIBER, "does not name serverAuth in its extKeyUsage");
    for (id, name) in FORBIDDEN {
        breaches.add_if(has(id), SUBSCRIBER, format!("names {name} in its extKeyUsage"));
    }
}

const SUBSCRIBER: &str = "BR section 7.1.2.7.10";
const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
const FORBIDDEN: &[(&str, &str)] = &[
    ("2.5.29.37.0", "anyExtendedKeyUsage"),
    ("1.3.6.1.5.5.7.3.3", "codeSigning"),
    ("1.3.6.1.5.5.7.3.4", "emailProtection"),
    ("1.3.6.1.5.5.7.3.8", "timeStamping"),
    ("1.3.6.1.5.5.7.3.9", "OCSPSigning"),
    ("1.3.6.1.4.1.11129.2.4.4", "the signing of precertificates"),
];
