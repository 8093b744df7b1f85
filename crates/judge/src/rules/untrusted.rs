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
        let message =
            format!("no trust profile has a path for {}: {}", shown.noun(), reasons(shown));
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

#[cfg(test)]
mod tests {
    use certvigil_x509::{DefectId, Malformed};

    use super::*;
    use crate::testing::{as_is, case, check, days, issuing, leaf, root, sent};

    #[test]
    fn no_deciding_profile_with_a_path_is_critical() {
        const CRITICAL: Severity = Severity::Critical;
        let path = || vec![leaf(as_is), issuing(as_is), root(as_is)];
        let ended = vec![leaf(as_is), issuing(|f| f.not_after = Ok(days(-1))), root(as_is)];
        let unread = leaf(|facts| {
            facts.not_after = Err(Malformed { defect: DefectId::Truncated, offset: 0 });
        });
        check(
            &Untrusted,
            vec![
                case("trusted", sent(path()).trusted("system", path()), &[]),
                case(
                    "by none",
                    sent(path()).refused("system"),
                    &[(
                        CRITICAL,
                        "system: nothing leads to a root (the server sent 3 certificates)",
                    )],
                ),
                case("by one of two", sent(path()).refused("a").trusted("b", path()), &[]),
                case(
                    "by none of two",
                    sent(path()).refused("a").refused("b"),
                    &[(CRITICAL, "b: ")],
                ),
                case(
                    "by one that is only shown",
                    sent(path()).refused("a").standing("b", false, Some(path())),
                    &[(CRITICAL, "")],
                ),
                case("only dates stand in the way", sent(path()).trusted("a", ended), &[]),
                case("no profile decides", sent(path()).standing("a", false, None), &[]),
                case("it was not read", sent(vec![unread]).refused("a"), &[]),
                case(
                    "a long chain",
                    sent(path()).refused("a").first(|first| first.chain_total = 200),
                    &[(CRITICAL, "sent 200 certificates, of which the first 3 were read")],
                ),
            ],
        );
    }
}
