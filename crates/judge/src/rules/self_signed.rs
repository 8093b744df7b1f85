//! `self-signed`: the certificate is its own issuer.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, chain};

/// Whether that matters is told by `untrusted`: where a profile holds the very certificate, it is
/// as good as any.
pub(super) struct SelfSigned;

const META: Meta = Meta {
    id: "self-signed",
    family: Family::Trust,
    scope: Scope::Certificate,
    severities: &[Severity::Info],
    citation: "RFC 5280 section 3.2",
    in_force: "2008-05-01",
};

impl Rule for SelfSigned {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        if !chain::is_self_signed(shown.end_entity) {
            return;
        }
        let pinned = shown.deciding().any(|standing| {
            standing.trusted && standing.paths.first().is_some_and(|p| p.certificates.len() == 1)
        });
        let noun = shown.noun();
        let (message, hint) = if pinned {
            (
                format!("{noun} is self-signed, and trusted as such"),
                "each client must be given the next one before it is installed",
            )
        } else {
            (
                format!("{noun} is self-signed: no authority vouches for it"),
                "get it from an authority, or name the certificate itself with --trust",
            )
        };
        let finding = META.finding(Severity::Info, message).on(shown.end_entity.fingerprint);
        found.push(finding.hint(hint).with("pinned", Datum::Flag(pinned)));
    }
}

#[cfg(test)]
mod tests {
    use certvigil_x509::{Certificate, Facts};

    use super::*;
    use crate::testing::{as_is, case, check, leaf, sent};

    fn own(edit: impl FnOnce(&mut Facts)) -> Certificate {
        leaf(|facts| {
            facts.issuer = facts.subject.clone();
            edit(facts);
        })
    }

    #[test]
    fn being_ones_own_issuer_is_worth_knowing() {
        let reissued = own(|facts| {
            facts.extensions.authority_key_identifier = Ok(Some(vec![1]));
            facts.extensions.subject_key_identifier = Ok(Some(vec![2]));
        });
        check(
            &SelfSigned,
            vec![
                case("by an authority", sent(vec![leaf(as_is)]), &[]),
                case(
                    "untrusted",
                    sent(vec![own(as_is)]).refused("a"),
                    &[(Severity::Info, "no authority")],
                ),
                case(
                    "pinned",
                    sent(vec![own(as_is)]).trusted("a", vec![own(as_is)]),
                    &[(Severity::Info, "and trusted as such")],
                ),
                case("RFC 5280 3.2: self-issued by another key", sent(vec![reissued]), &[]),
            ],
        );
    }
}
