//! `chain-out-of-order`: a certificate's issuer was sent, but not right after it.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};
use certvigil_x509::Certificate;

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, chain, words};

/// Old clients and small devices read the chain in the order in which it comes.
pub(super) struct ChainOutOfOrder;

const META: Meta = Meta {
    id: "chain-out-of-order",
    family: Family::Trust,
    scope: Scope::Certificate,
    severities: &[Severity::Info],
    citation: "RFC 5246 section 7.4.2, RFC 9846 section 4.4.2",
    in_force: "2008-08-01",
};

impl Rule for ChainOutOfOrder {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let Some((place, certificate)) = first_out_of_place(shown.chain) else { return };
        let message = format!(
            "the chain is out of order: the issuer of {} (certificate {}) was sent, but not next",
            words::subject(certificate),
            place + 1
        );
        let finding = META
            .finding(Severity::Info, message)
            .on(shown.end_entity.fingerprint)
            .hint("put each certificate's issuer right after it, the server's own first")
            .with("place", Datum::Number(i64::try_from(place + 1).unwrap_or(i64::MAX)));
        found.push(finding);
    }
}

/// The first certificate that is followed by something else although its issuer is there.
fn first_out_of_place(sent: &[Certificate]) -> Option<(usize, &Certificate)> {
    sent.iter().enumerate().find(|(place, certificate)| {
        let next = sent.get(place + 1);
        let follows = next.is_some_and(|next| chain::names_as_issuer(certificate, next));
        !follows
            && !chain::is_self_issued(certificate)
            && chain::issuer(sent, certificate).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, authority, case, check, issuing, leaf, root, sent};

    #[test]
    fn each_issuer_comes_right_after() {
        let stranger = || authority("CN=Stranger", "CN=Nobody", as_is);
        check(
            &ChainOutOfOrder,
            vec![
                case("alone", sent(vec![leaf(as_is)]), &[]),
                case("in order", sent(vec![leaf(as_is), issuing(as_is), root(as_is)]), &[]),
                case("without the root", sent(vec![leaf(as_is), issuing(as_is)]), &[]),
                case(
                    "something needless at the end",
                    sent(vec![leaf(as_is), issuing(as_is), stranger()]),
                    &[],
                ),
                case(
                    "root first",
                    sent(vec![leaf(as_is), root(as_is), issuing(as_is)]),
                    &[(Severity::Info, "the issuer of CN=www.example.org (certificate 1)")],
                ),
                case(
                    "something between",
                    sent(vec![leaf(as_is), issuing(as_is), stranger(), root(as_is)]),
                    &[(Severity::Info, "the issuer of CN=Issuing CA (certificate 2)")],
                ),
                case("an issuer that was not sent", sent(vec![leaf(as_is), root(as_is)]), &[]),
            ],
        );
    }
}
