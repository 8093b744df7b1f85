//! `profile-public-key`: which keys may be certified, BR sections 6.1.5, 6.1.6 and 7.1.3.1.

use certvigil_x509::{KeyKind, PublicKey};

use super::member::Member;
use super::profile::{Breaches, Clauses, form};
use crate::der::{self, SEQUENCE};
use crate::rule::Meta;

pub(super) const RULE: Clauses = Clauses { meta: &META, check };

const META: Meta =
    form("profile-public-key", "RFC 5480 section 2.1.1; CA/B BR sections 6.1.5, 6.1.6, 7.1.3.1");

fn check(member: &Member<'_>, breaches: &mut Breaches) {
    let Ok(key) = &member.facts.public_key else { return };
    let explicit = has_explicit_curve(key);
    breaches.add_if(
        explicit,
        "RFC 5480 section 2.1.1",
        "spells out its curve instead of naming it",
    );
    if !member.public {
        return;
    }
    match &key.kind {
        KeyKind::Rsa { bits, exponent } => {
            let what = format!("has an RSA key of {bits} bits");
            breaches.add_if(*bits < 2048 || bits % 8 != 0, "BR section 6.1.5", what);
            let odd = exponent.is_none_or(|exponent| exponent >= 3 && exponent % 2 == 1);
            breaches.add_if(!odd, "BR section 6.1.6", "has an RSA key with a forbidden exponent");
        }
        KeyKind::Ec { curve } => {
            let allowed = ["p256", "p384", "p521"].contains(&curve.as_str());
            let what = format!("has a key on the curve {curve}");
            breaches.add_if(!allowed, "BR section 7.1.3.1.2", what);
        }
        other => {
            let what = format!("has a key of the kind {other}");
            breaches.add("BR section 7.1.3.1", what);
        }
    }
}

/// ecParameters that are a SEQUENCE (specifiedCurve) instead of an OBJECT IDENTIFIER.
fn has_explicit_curve(key: &PublicKey) -> bool {
    let spki = &key.spki_der;
    let parts = der::open(spki, 0..spki.len(), SEQUENCE)
        .and_then(|inner| der::open(spki, inner, SEQUENCE))
        .map(|algorithm| der::elements(spki, algorithm).collect::<Vec<_>>());
    match parts.as_deref() {
        Some([id, parameters]) => {
            spki.get(id.contents.clone()) == Some(EC_PUBLIC_KEY) && parameters.tag == SEQUENCE
        }
        _ => false,
    }
}

/// id-ecPublicKey.
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
