//! `must-staple-unstapled`: the certificate demands an OCSP staple, and none came.

use certvigil_model::{Family, Finding, Scope, Severity};
use certvigil_x509::Facts;

use crate::Context;
use crate::rule::{Meta, Rule, Words as _};

pub(super) struct MustStapleUnstapled;

const META: Meta = Meta {
    id: "must-staple-unstapled",
    family: Family::Revocation,
    scope: Scope::Certificate,
    severities: &[Severity::Warning],
    citation: "RFC 7633 section 4.2.3",
    in_force: "2015-10-01",
};

impl Rule for MustStapleUnstapled {
    fn meta(&self) -> &'static Meta {
        &META
    }

    /// Only a whole handshake asks for a staple; our plaintext hello cannot tell.
    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let is_bare = shown.is_by_handshake() && shown.presented.ocsp_response.is_none();
        if !is_bare || !shown.facts().is_some_and(demands_staple) {
            return;
        }
        let message =
            format!("{} demands a stapled OCSP response, and the server sent none", shown.noun());
        let hint = "switch stapling on, or have the certificate issued without must-staple: \
                    clients that keep to it refuse the connection";
        let finding = META.finding(Severity::Warning, message);
        found.push(finding.on(shown.end_entity.fingerprint).hint(hint));
    }
}

/// Whether the TLS feature extension names status_request (RFC 7633 section 6).
pub(super) fn demands_staple(facts: &Facts) -> bool {
    let features = facts.extensions.tls_features.as_ref().ok().and_then(Option::as_ref);
    features.is_some_and(|features| features.contains(&STATUS_REQUEST))
}

const STATUS_REQUEST: u16 = 5;

#[cfg(test)]
mod tests {
    use certvigil_model::{Asked, By};

    use super::*;
    use crate::testing::{as_is, case, check, leaf, sent};

    #[test]
    fn a_demand_that_is_not_met_is_told() {
        let demanding = || leaf(|facts| facts.extensions.tls_features = Ok(Some(vec![5])));
        let other = leaf(|facts| facts.extensions.tls_features = Ok(Some(vec![17])));
        check(
            &MustStapleUnstapled,
            vec![
                case("no demand", sent(vec![leaf(as_is)]), &[]),
                case("another feature", sent(vec![other]), &[]),
                case("a demand", sent(vec![demanding()]), &[(Severity::Warning, "sent none")]),
                case(
                    "met",
                    sent(vec![demanding()]).first(|first| first.ocsp_response = Some([0].into())),
                    &[],
                ),
                case(
                    "seen by a hello that asks for no staple",
                    sent(vec![demanding()]).first(|first| first.by = By::LegacyHello),
                    &[],
                ),
                case(
                    "a second certificate",
                    sent(vec![leaf(as_is)]).also(Asked::Rsa, vec![demanding()]),
                    &[],
                ),
            ],
        );
    }
}
