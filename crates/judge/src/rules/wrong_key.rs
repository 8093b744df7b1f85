//! `wrong-key`: the server signs by another key than its certificate's.

use certvigil_model::{Family, Finding, KeyProof, Scope, Severity};

use crate::Context;
use crate::rule::{Meta, Rule, Words as _};

/// The certificate is valid and useless: every client ends the handshake.
pub(super) struct WrongKey;

const META: Meta = Meta {
    id: "wrong-key",
    family: Family::Strength,
    scope: Scope::Endpoint,
    severities: &[Severity::Critical],
    citation: "RFC 9846 section 4.4.3, RFC 5246 section 7.4.3",
    in_force: "2008-08-01",
};

impl Rule for WrongKey {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Endpoint(seen) = cx else { return };
        for shown in &seen.shown {
            let proof = shown.presented.tls.as_ref().map(|tls| tls.key_proof);
            if proof != Some(KeyProof::Failed) {
                continue;
            }
            let message =
                format!("the handshake is signed by another key than that of {}", shown.noun());
            let hint = "install the key that belongs to the certificate, and reload the server";
            let finding = META.finding(Severity::Critical, message);
            found.push(finding.on(shown.end_entity.fingerprint).hint(hint));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, case, check, leaf, sent, tls};

    #[test]
    fn only_a_failed_proof_is_a_wrong_key() {
        let with =
            |proof| sent(vec![leaf(as_is)]).first(|first| first.tls = Some(tls("1.3", proof)));
        check(
            &WrongKey,
            vec![
                case("proven", with(KeyProof::Proven), &[]),
                case("not checked", with(KeyProof::NotChecked), &[]),
                case("undetermined", with(KeyProof::Undetermined), &[]),
                case("failed", with(KeyProof::Failed), &[(Severity::Critical, "by another key")]),
            ],
        );
    }
}
