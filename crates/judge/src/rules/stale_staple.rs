//! `stale-staple`: the stapled OCSP response is out of its time.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};

use super::must_staple_unstapled::demands_staple;
use super::staple_revoked::staple;
use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

pub(super) struct StaleStaple;

const META: Meta = Meta {
    id: "stale-staple",
    family: Family::Revocation,
    scope: Scope::Certificate,
    severities: &[Severity::Warning],
    citation: "RFC 6960 section 3.2",
    in_force: "2013-06-01",
};

impl Rule for StaleStaple {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let Some(Ok(response)) = staple(shown) else { return };
        let now = shown.now();
        let fault = match response.next_update {
            Some(next) if next < now => format!("was to be renewed {}", words::moment(next, now)),
            _ if response.this_update > now => {
                format!("is of {}", words::moment(response.this_update, now))
            }
            _ => return,
        };
        let demands = shown.facts().is_some_and(demands_staple);
        let consequence = if demands { "; the certificate demands a good one" } else { "" };
        let mut finding = META
            .finding(Severity::Warning, format!("the stapled OCSP response {fault}{consequence}"))
            .on(shown.end_entity.fingerprint)
            .hint("find out why the server gets no fresh response from its authority's responder")
            .with("must_staple", Datum::Flag(demands))
            .with("this_update", Datum::Time(response.this_update));
        if let Some(next) = response.next_update {
            finding = finding.with("next_update", Datum::Time(next));
        }
        found.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, case, check, leaf, sent, stapled};

    #[test]
    fn a_staple_out_of_its_time_is_told() {
        let no_next = include_bytes!("../../tests/data/ocsp/good-without-next.der");
        check(
            &StaleStaple,
            vec![
                case("no staple", sent(vec![leaf(as_is)]), &[]),
                case("fresh", stapled(include_bytes!("../../tests/data/ocsp/good.der")), &[]),
                case("RFC 6960 2.4: newer word is always to be had", stapled(no_next), &[]),
                case(
                    "stale",
                    stapled(include_bytes!("../../tests/data/ocsp/stale.der")),
                    &[(Severity::Warning, "was to be renewed 2026-11-23T00:00:00Z (24 h ago)")],
                ),
                case(
                    "of tomorrow",
                    stapled(include_bytes!("../../tests/data/ocsp/early.der")),
                    &[(Severity::Warning, "is of 2026-11-25T00:00:00Z (in 24 h)")],
                ),
                case("rubbish: told by `staple-unusable`", stapled(b"rubbish"), &[]),
            ],
        );
    }
}
