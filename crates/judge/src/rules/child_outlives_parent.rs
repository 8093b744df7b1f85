//! `child-outlives-parent`: a certificate runs longer than the one that issued it.

use certvigil_model::{Datum, Family, Finding, Scope, Severity, Time};
use certvigil_x509::Certificate;

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, chain, words};

/// A ten-year intermediate under a twenty-year device certificate was known to end in March 2025
/// from the day it was made.
pub(super) struct ChildOutlivesParent;

const META: Meta = Meta {
    id: "child-outlives-parent",
    family: Family::Expiry,
    scope: Scope::Certificate,
    severities: &[Severity::Info],
    citation: "RFC 5280 section 6.1.3 (a)(2)",
    in_force: "2008-05-01",
};

impl Rule for ChildOutlivesParent {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        for child in shown.chain.iter().filter(|held| !chain::is_self_issued(held)) {
            let Some(parent) = chain::issuer(shown.chain, child) else { continue };
            let (Some(child_end), Some(parent_end)) = (end(child), end(parent)) else { continue };
            if child_end <= parent_end {
                continue;
            }
            let message = format!(
                "{} runs until {child_end}, longer than its issuer {} ({parent_end})",
                words::subject(child),
                words::subject(parent)
            );
            let finding = META
                .finding(Severity::Info, message)
                .on(child.fingerprint)
                .hint("it stops to be trusted when its issuer ends; renew it before that day")
                .with("issuer", Datum::Certificate(parent.fingerprint))
                .with("issuer_not_after", Datum::Time(parent_end))
                .with("not_after", Datum::Time(child_end));
            found.push(finding);
        }
    }
}

fn end(certificate: &Certificate) -> Option<Time> {
    certificate.facts().and_then(|facts| facts.not_after.as_ref().ok().copied())
}
