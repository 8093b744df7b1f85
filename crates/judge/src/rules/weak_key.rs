//! `weak-key`: a key that clients refuse, or that can be broken.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};
use certvigil_x509::KeyKind;

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

pub(super) struct WeakKey;

const META: Meta = Meta {
    id: "weak-key",
    family: Family::Strength,
    scope: Scope::Certificate,
    severities: &[Severity::Info],
    citation: "CA/B Baseline Requirements section 6.1.5, NIST SP 800-131A section 3",
    in_force: "2014-01-01",
};

impl Rule for WeakKey {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        for held in shown.chain {
            let Some(Ok(key)) = held.facts().map(|facts| facts.public_key.as_ref()) else {
                continue;
            };
            let Some(weakness) = weakness(&key.kind) else { continue };
            let message = format!("the key of {} is weak: {weakness}", words::subject(held));
            let finding = META
                .finding(Severity::Info, message)
                .on(held.fingerprint)
                .hint("make a new key, ECDSA P-256 or RSA with 2048 bits or more")
                .with("public_key", Datum::Text(key.kind.to_string()));
            found.push(finding);
        }
    }
}

fn weakness(kind: &KeyKind) -> Option<String> {
    match kind {
        KeyKind::Rsa { bits, .. } if *bits < RSA_BITS => {
            Some(format!("RSA with {bits} bits, fewer than {RSA_BITS}"))
        }
        KeyKind::Rsa { exponent: Some(e), .. } if *e < 3 || e % 2 == 0 => {
            Some(format!("RSA with the exponent {e}"))
        }
        KeyKind::Ec { curve } => curve_bits(curve)
            .filter(|bits| *bits < EC_BITS)
            .map(|bits| format!("a curve of {bits} bits, fewer than {EC_BITS}")),
        KeyKind::Dsa { bits } => Some(format!("DSA with {bits} bits, which no TLS client takes")),
        KeyKind::Rsa { .. } | KeyKind::Edwards { .. } | KeyKind::Other { .. } => None,
    }
}

/// The size that every usual curve name holds: `p256`, `secp192r1`, `brainpoolp160r1`.
fn curve_bits(curve: &str) -> Option<u32> {
    if curve.contains('.') {
        return None;
    }
    let mut numbers = curve.split(|c: char| !c.is_ascii_digit());
    numbers.find(|digits| digits.len() >= 3)?.parse().ok()
}

const RSA_BITS: u32 = 2048;
const EC_BITS: u32 = 224;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, check, leaf, sent};

    #[test]
    fn keys_below_112_bits_of_strength_are_weak() {
        const INFO: Severity = Severity::Info;
        let with = |kind: KeyKind| {
            let keyed = |facts: &mut certvigil_x509::Facts| {
                if let Ok(key) = &mut facts.public_key {
                    key.kind = kind;
                }
            };
            sent(vec![leaf(keyed)])
        };
        let rsa = |bits, exponent| with(KeyKind::Rsa { bits, exponent });
        let ec = |curve: &str| with(KeyKind::Ec { curve: curve.to_owned() });
        check(
            &WeakKey,
            vec![
                case("RSA 2048", rsa(2048, Some(65_537)), &[]),
                case("RSA 2047", rsa(2047, Some(65_537)), &[(INFO, "RSA with 2047 bits")]),
                case("RSA 1024", rsa(1024, Some(65_537)), &[(INFO, "fewer than 2048")]),
                case("exponent 3", rsa(2048, Some(3)), &[]),
                case("exponent 1", rsa(2048, Some(1)), &[(INFO, "exponent 1")]),
                case("an even exponent", rsa(2048, Some(65_536)), &[(INFO, "exponent 65536")]),
                case("an exponent above 64 bits", rsa(2048, None), &[]),
                case("P-256", ec("p256"), &[]),
                case("P-224", ec("p224"), &[]),
                case("P-192", ec("p192"), &[(INFO, "a curve of 192 bits")]),
                case("brainpool", ec("brainpoolp160r1"), &[(INFO, "a curve of 160 bits")]),
                case("a curve by its OID", ec("1.2.840.10045.3.1.1"), &[]),
                case("Ed25519", with(KeyKind::Edwards { curve: "ed25519".to_owned() }), &[]),
                case("DSA", with(KeyKind::Dsa { bits: 2048 }), &[(INFO, "DSA with 2048 bits")]),
                case("ML-DSA", with(KeyKind::Other { algorithm: "ml-dsa-65".to_owned() }), &[]),
            ],
        );
    }
}
