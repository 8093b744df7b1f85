//! `key-not-proven`: the server did not prove, as far as we looked, that it has the key.

use certvigil_model::{Family, Finding, KeyProof, Scope, Severity};

use crate::Context;
use crate::rule::{Meta, Rule, Words as _};

pub(super) struct KeyNotProven;

const META: Meta = Meta {
    id: "key-not-proven",
    family: Family::Strength,
    scope: Scope::Endpoint,
    severities: &[Severity::Info],
    citation: "RFC 9846 section 4.4.3, RFC 5246 section 7.4.3",
    in_force: "2008-08-01",
};

impl Rule for KeyNotProven {
    fn meta(&self) -> &'static Meta {
        &META
    }

    /// Asked of the first certificate only: a look for a second never goes so far.
    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Endpoint(seen) = cx else { return };
        let Some(shown) = seen.shown.first() else { return };
        let proof = shown.presented.tls.as_ref().map(|tls| tls.key_proof);
        let why = match proof {
            Some(KeyProof::Proven) => return,
            Some(KeyProof::Failed) => "its signature is not by that key",
            Some(KeyProof::Undetermined) => "its kind of key or signature is not known here",
            Some(KeyProof::NotChecked) | None => "the handshake was not taken so far",
        };
        let message =
            format!("the server has not proven that it holds the key of {}: {why}", shown.noun());
        let hint = "a current TLS stack with an ECDSA or RSA key makes the proof possible";
        let finding = META.finding(Severity::Info, message);
        found.push(finding.on(shown.end_entity.fingerprint).hint(hint));
    }
}

#[cfg(test)]
mod tests {
    use certvigil_model::Asked;

    use super::*;
    use crate::testing::{as_is, case, check, leaf, nothing, sent, tls};

    #[test]
    fn whatever_is_not_proven_is_said_so() {
        const INFO: Severity = Severity::Info;
        let with =
            |proof| sent(vec![leaf(as_is)]).first(|first| first.tls = Some(tls("1.2", proof)));
        check(
            &KeyNotProven,
            vec![
                case("proven", with(KeyProof::Proven), &[]),
                case("not checked", with(KeyProof::NotChecked), &[(INFO, "not taken so far")]),
                case("undetermined", with(KeyProof::Undetermined), &[(INFO, "not known here")]),
                case("failed", with(KeyProof::Failed), &[(INFO, "is not by that key")]),
                case(
                    "no handshake",
                    sent(vec![leaf(as_is)]).first(|f| f.tls = None),
                    &[(INFO, "")],
                ),
                case(
                    "a second one",
                    sent(vec![leaf(as_is)]).also(Asked::Rsa, vec![leaf(as_is)]),
                    &[],
                ),
                case("nothing seen", nothing(certvigil_model::Ended::captured()), &[]),
            ],
        );
    }
}
