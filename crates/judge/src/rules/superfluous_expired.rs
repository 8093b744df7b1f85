//! `superfluous-expired`: an ended certificate that no best path needs is still sent.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

/// In May 2020 and September 2021 clients that stop at the first path failed by such a certificate,
/// while others never noticed it.
pub(super) struct SuperfluousExpired;

const META: Meta = Meta {
    id: "superfluous-expired",
    family: Family::Trust,
    scope: Scope::Certificate,
    severities: &[Severity::Info],
    citation: "RFC 4158 section 2.4",
    in_force: "2005-09-01",
};

impl Rule for SuperfluousExpired {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        if !shown.is_trusted() {
            return;
        }
        for held in shown.chain.iter().skip(1).filter(|held| !shown.is_needed(held)) {
            let Some(Ok(end)) = held.facts().map(|facts| facts.not_after.as_ref()) else {
                continue;
            };
            if *end >= shown.now() {
                continue;
            }
            let message = format!(
                "{} is sent along though it expired {} and no best path needs it",
                words::subject(held),
                words::moment(*end, shown.now())
            );
            let finding = META
                .finding(Severity::Info, message)
                .on(held.fingerprint)
                .hint("leave it out, unless old clients without the newer root depend on it")
                .with("not_after", Datum::Time(*end));
            found.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, authority, case, check, days, issuing, leaf, root, sent};

    #[test]
    fn an_ended_extra_is_named() {
        let cross =
            |end| authority("CN=Root CA", "CN=Old Root", move |f| f.not_after = Ok(days(end)));
        let path = || vec![leaf(as_is), issuing(as_is), root(as_is)];
        let with = |extra| vec![leaf(as_is), issuing(as_is), extra];
        check(
            &SuperfluousExpired,
            vec![
                case("no extra", sent(path()).trusted("a", path()), &[]),
                case("an extra that runs on", sent(with(cross(9))).trusted("a", path()), &[]),
                case(
                    "May 2020",
                    sent(with(cross(-9))).trusted("a", path()),
                    &[(Severity::Info, "CN=Root CA is sent along though it expired 2026-11-15")],
                ),
                case(
                    "no path: told by `expired` or `untrusted`",
                    sent(with(cross(-9))).refused("a"),
                    &[],
                ),
            ],
        );
    }
}
