//! `key-usage-unfit`: the key may not sign, so no modern handshake is possible with it.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};

use crate::Context;
use crate::rule::{Meta, Rule, Words as _};

/// Some libraries never ask, browsers do: the certificate works here and fails there.
pub(super) struct KeyUsageUnfit;

const META: Meta = Meta {
    id: "key-usage-unfit",
    family: Family::Trust,
    scope: Scope::Certificate,
    severities: &[Severity::Warning],
    citation: "RFC 9846 section 4.4.2.2, RFC 5280 section 4.2.1.3",
    in_force: "2018-08-01",
};

impl Rule for KeyUsageUnfit {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let Some(facts) = shown.facts() else { return };
        let Ok(Some(key_usage)) = facts.extensions.key_usage else { return };
        if key_usage & DIGITAL_SIGNATURE != 0 {
            return;
        }
        let message = format!(
            "the keyUsage of {} lacks digitalSignature, which TLS 1.3 and every key exchange \
             with forward secrecy need",
            shown.noun()
        );
        let finding = META
            .finding(Severity::Warning, message)
            .on(shown.end_entity.fingerprint)
            .hint("have it issued with digitalSignature in its keyUsage")
            .with("key_usage", Datum::Number(i64::from(key_usage)));
        found.push(finding);
    }
}

const DIGITAL_SIGNATURE: u16 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, check, leaf, sent};

    #[test]
    fn a_key_that_may_not_sign_is_told() {
        let with = |bits| sent(vec![leaf(|facts| facts.extensions.key_usage = Ok(bits))]);
        check(
            &KeyUsageUnfit,
            vec![
                case("digitalSignature", with(Some(1)), &[]),
                case("digitalSignature and keyEncipherment", with(Some(0b101)), &[]),
                case("nothing said", with(None), &[]),
                case("keyEncipherment alone", with(Some(0b100)), &[(Severity::Warning, "lacks")]),
                case("keyCertSign alone", with(Some(0b10_0000)), &[(Severity::Warning, "")]),
            ],
        );
    }
}
