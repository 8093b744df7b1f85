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
