//! `no-set-expiry`: the certificate says that it has no well-defined end.

use certvigil_model::{Family, Finding, Scope, Severity, Time};

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

pub(super) struct NoSetExpiry;

const META: Meta = Meta {
    id: "no-set-expiry",
    family: Family::Expiry,
    scope: Scope::Certificate,
    severities: &[Severity::Info],
    citation: "RFC 5280 section 4.1.2.5",
    in_force: "2008-05-01",
};

impl Rule for NoSetExpiry {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let endless = shown.chain.iter().filter(|held| {
            held.facts().is_some_and(|facts| facts.not_after == Ok(Time::NO_SET_EXPIRY))
        });
        for held in endless {
            let whose = words::subject(held);
            let message = format!("{whose} has no set expiry: its end is {}", Time::NO_SET_EXPIRY);
            let hint = "no date will ever remind of this key; plan its replacement by hand";
            found.push(META.finding(Severity::Info, message).on(held.fingerprint).hint(hint));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, case, check, issuing, leaf, sent};

    #[test]
    fn only_the_one_moment_means_no_end() {
        let until = |end| leaf(move |facts| facts.not_after = Ok(end));
        let second_before = Time::from_seconds(Time::NO_SET_EXPIRY.seconds() - 1);
        let endless_issuer = issuing(|facts| facts.not_after = Ok(Time::NO_SET_EXPIRY));
        check(
            &NoSetExpiry,
            vec![
                case("good", sent(vec![leaf(as_is)]), &[]),
                case("a second less", sent(vec![until(second_before)]), &[]),
                case(
                    "RFC 5280 4.1.2.5",
                    sent(vec![until(Time::NO_SET_EXPIRY)]),
                    &[(Severity::Info, "its end is 9999-12-31T23:59:59Z")],
                ),
                case(
                    "an issuer's",
                    sent(vec![leaf(as_is), endless_issuer]),
                    &[(Severity::Info, "CN=Issuing CA has no set expiry")],
                ),
            ],
        );
    }
}
