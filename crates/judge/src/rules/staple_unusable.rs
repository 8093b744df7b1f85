//! `staple-unusable`: what is stapled says nothing about the certificate.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};

use super::must_staple_unstapled::demands_staple;
use super::staple_revoked::staple;
use crate::Context;
use crate::ocsp::{CertStatus, Unusable};
use crate::rule::{Meta, Rule, Words as _};

pub(super) struct StapleUnusable;

const META: Meta = Meta {
    id: "staple-unusable",
    family: Family::Revocation,
    scope: Scope::Certificate,
    severities: &[Severity::Warning],
    citation: "RFC 6960 section 3.2",
    in_force: "2013-06-01",
};

impl Rule for StapleUnusable {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let fault = match staple(shown) {
            Some(Err(unusable)) => fault(unusable),
            Some(Ok(response)) if response.status == CertStatus::Unknown => {
                "says that the responder does not know the certificate".to_owned()
            }
            _ => return,
        };
        let finding = META
            .finding(Severity::Warning, format!("the stapled OCSP response {fault}"))
            .on(shown.end_entity.fingerprint)
            .hint("clear the server's OCSP cache; if it comes back so, ask the authority")
            .with("must_staple", Datum::Flag(shown.facts().is_some_and(demands_staple)));
        found.push(finding);
    }
}

fn fault(unusable: Unusable) -> String {
    match unusable {
        Unusable::NotAResponse => "cannot be read".to_owned(),
        Unusable::OtherCertificate => "is about another certificate".to_owned(),
        Unusable::Error(number) => {
            let name = match number {
                1 => "malformedRequest",
                2 => "internalError",
                3 => "tryLater",
                5 => "sigRequired",
                6 => "unauthorized",
                _ => "unknown to RFC 6960",
            };
            format!("is the responder's error {name} ({number})")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, case, check, leaf, sent, stapled};

    #[test]
    fn a_staple_that_says_nothing_is_told() {
        const WARNING: Severity = Severity::Warning;
        check(
            &StapleUnusable,
            vec![
                case("no staple", sent(vec![leaf(as_is)]), &[]),
                case("good", stapled(include_bytes!("../../tests/data/ocsp/good.der")), &[]),
                case("revoked", stapled(include_bytes!("../../tests/data/ocsp/revoked.der")), &[]),
                case(
                    "unknown to the responder",
                    stapled(include_bytes!("../../tests/data/ocsp/unknown.der")),
                    &[(WARNING, "the responder does not know the certificate")],
                ),
                case(
                    "another's",
                    stapled(include_bytes!("../../tests/data/ocsp/other.der")),
                    &[(WARNING, "is about another certificate")],
                ),
                case(
                    "an error",
                    stapled(include_bytes!("../../tests/data/ocsp/try-later.der")),
                    &[(WARNING, "is the responder's error tryLater (3)")],
                ),
                case("rubbish", stapled(b"rubbish"), &[(WARNING, "cannot be read")]),
            ],
        );
    }
}
