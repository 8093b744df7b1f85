//! `profile-key-usage`: what an issuer's and a server's key is for, RFC 5280 section 4.2.1.3.

use super::member::{Member, Role};
use super::profile::{Breaches, Clauses, form};
use crate::rule::Meta;

pub(super) const RULE: Clauses = Clauses { meta: &META, check };

const META: Meta =
    form("profile-key-usage", "RFC 5280 section 4.2.1.3; CA/B BR sections 7.1.2.7.11, 7.1.2.10.7");

fn check(member: &Member<'_>, breaches: &mut Breaches) {
    let Ok(key_usage) = &member.facts.extensions.key_usage else { return };
    let signs = member.role != Role::EndEntity;
    let Some(bits) = *key_usage else {
        let missing = signs && member.facts.version == Ok(3);
        return breaches.add_if(missing, RFC, "is a CA's and has no keyUsage");
    };
    let mute = signs && bits & KEY_CERT_SIGN == 0;
    breaches.add_if(mute, RFC, "is a CA's and has no keyCertSign in its keyUsage");
    if member.is_subscriber() {
        let of_ca = bits & (KEY_CERT_SIGN | CRL_SIGN) != 0;
        breaches.add_if(of_ca, SUBSCRIBER, "has a CA's uses in its keyUsage");
    } else if member.public {
        let no_crls = bits & CRL_SIGN == 0;
        breaches.add_if(no_crls, CA, "is a CA's and has no cRLSign in its keyUsage");
        let others = bits & !(KEY_CERT_SIGN | CRL_SIGN | DIGITAL_SIGNATURE) != 0;
        breaches.add_if(others, CA, "is a CA's and has other uses in its keyUsage");
    }
}

const RFC: &str = "RFC 5280 section 4.2.1.3";
const SUBSCRIBER: &str = "BR section 7.1.2.7.11";
const CA: &str = "BR section 7.1.2.10.7";
const DIGITAL_SIGNATURE: u16 = 1;
const KEY_CERT_SIGN: u16 = 1 << 5;
const CRL_SIGN: u16 = 1 << 6;
