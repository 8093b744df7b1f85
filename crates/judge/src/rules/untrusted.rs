//! `untrusted`: no deciding trust profile has a path.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, Shown, words};

pub(super) struct Untrusted;

const META: Meta = Meta {
    id: "untrusted",
    family: Family::Trust,
    scope: Scope::Certificate,
    severities: &[Severity::Critical],
    citation: "RFC 5280 section 6",
    in_force: "2008-05-01",
};

impl Rule for Untrusted {
    fn meta(&self) -> &'static Meta {
        &META
    }

    /// A path that only dates stand in the way of is told by `expired` and `not-yet-valid`; of a
    /// certificate that could not be read nothing is known, trust neither.
    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let is_lost = shown.deciding().next().is_some()
            && shown.deciding().all(|standing| !standing.trusted && !standing.without_dates);
        if !is_lost || !super::reach::is_readable(shown.end_entity) {
            return;
        }
        let message = format!("{} is trusted by no one: {}", shown.noun(), reasons(shown));
        let profiles = shown.deciding().map(|s| Datum::Text(s.profile.clone())).collect();
        let finding = META
            .finding(Severity::Critical, message)
            .on(shown.end_entity.fingerprint)
            .hint(
                "send the whole chain of an authority that your clients trust; for a private \
                 authority name its root with --trust",
            )
            .with("profiles", Datum::List(profiles));
        found.push(finding);
    }
}

fn reasons(shown: &Shown<'_>) -> String {
    let reasons = shown.deciding().map(|standing| {
        let reason = standing.reason.as_deref().unwrap_or("there is no path");
        format!("{}: {reason}", standing.profile)
    });
    let total = shown.presented.chain_total;
    let sent = words::count(total, "certificate", "certificates");
    let read = match shown.chain.len() {
        read if read < total => format!("{sent}, of which the first {read} were read"),
        _ => sent,
    };
    format!("{} (the server sent {read})", words::list(reasons))
}
