//! `child-outlives-parent`: a certificate runs longer than the one that issued it.

use certvigil_model::{Datum, Family, Finding, Scope, Severity, Time};
use certvigil_x509::Certificate;

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, Shown, chain, words};

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
        for (child, parent) in issued(shown) {
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
                .hint("it stops being trusted when its issuer expires; renew it before that day")
                .with("issuer", Datum::Certificate(parent.fingerprint))
                .with("issuer_not_after", Datum::Time(parent_end))
                .with("not_after", Datum::Time(child_end));
            found.push(finding);
        }
    }
}

/// Each certificate sent with its issuer: one that was sent too, else the next on the best path.
fn issued<'a>(shown: &'a Shown<'_>) -> Vec<(&'a Certificate, &'a Certificate)> {
    let sent = shown.chain.iter().filter(|held| !chain::is_self_issued(held));
    let issuer = |child: &Certificate| {
        chain::issuer(shown.chain, child).or_else(|| next_on_path(shown, child))
    };
    sent.filter_map(|child| Some((child, issuer(child)?))).collect()
}

fn next_on_path<'a>(shown: &'a Shown<'_>, child: &Certificate) -> Option<&'a Certificate> {
    shown.best_paths().find_map(|(_, path)| {
        let at = path.certificates.iter().position(|it| it.fingerprint == child.fingerprint)?;
        path.certificates.get(at + 1)
    })
}

fn end(certificate: &Certificate) -> Option<Time> {
    certificate.facts().and_then(|facts| facts.not_after.as_ref().ok().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, case, check, days, issuing, leaf, root, sent};

    #[test]
    fn a_child_that_runs_longer_is_named_with_its_parent() {
        let until = |end| issuing(move |facts| facts.not_after = Ok(days(end)));
        check(
            &ChildOutlivesParent,
            vec![
                case("good", sent(vec![leaf(as_is), issuing(as_is), root(as_is)]), &[]),
                case("to the same moment", sent(vec![leaf(as_is), until(60)]), &[]),
                case(
                    "an end entity",
                    sent(vec![leaf(as_is), until(59)]),
                    &[(
                        Severity::Info,
                        "CN=www.example.org runs until 2027-01-23T00:00:00Z, longer",
                    )],
                ),
                case(
                    "an intermediate",
                    sent(vec![leaf(as_is), root(as_is), until(4000)]),
                    &[(Severity::Info, "CN=Issuing CA runs until")],
                ),
                case(
                    "a parent that was not sent",
                    sent(vec![leaf(as_is), root(|f| f.not_after = Ok(days(1)))]),
                    &[],
                ),
            ],
        );
    }
}
