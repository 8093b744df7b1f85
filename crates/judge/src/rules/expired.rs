//! `expired`: the certificate has ended.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

pub(super) struct Expired;

const META: Meta = Meta {
    id: "expired",
    family: Family::Expiry,
    scope: Scope::Certificate,
    severities: &[Severity::Critical],
    citation: "RFC 5280 section 4.1.2.5",
    in_force: "2008-05-01",
};

impl Rule for Expired {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let Some(Ok(not_after)) = shown.facts().map(|facts| &facts.not_after) else { return };
        if shown.now.seconds() <= not_after.seconds() {
            return;
        }
        let message = format!("the certificate ended {}", words::moment(*not_after, shown.now));
        let finding = META.finding(Severity::Critical, message).on(shown.end_entity.fingerprint);
        found.push(finding.with("not_after", Datum::Time(*not_after)));
    }
}
