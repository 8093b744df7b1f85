//! `second-certificate`: other clients get another certificate on the same port.

use certvigil_model::{Asked, Datum, Family, Finding, Scope, Severity, Time};

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, Shown, words};

/// An expired RSA certificate beside a good ECDSA one is seen by no browser, and by no monitor that
/// looks like one.
pub(super) struct SecondCertificate;

const META: Meta = Meta {
    id: "second-certificate",
    family: Family::Spread,
    scope: Scope::Endpoint,
    severities: &[Severity::Critical, Severity::Warning, Severity::Info],
    citation: "RFC 9846 section 4.4.2.2",
    in_force: "2018-08-01",
};

impl Rule for SecondCertificate {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Endpoint(seen) = cx else { return };
        let Some((first, others)) = seen.shown.split_first() else { return };
        let by_key_type = others.iter().filter(|other| {
            matches!(other.presented.asked, Asked::Ecdsa | Asked::Rsa)
                && other.end_entity.fingerprint != first.end_entity.fingerprint
        });
        found.extend(by_key_type.map(|second| finding(first, second)));
    }
}

fn finding(first: &Shown<'_>, second: &Shown<'_>) -> Finding {
    let (severity, fate) = fate(second);
    let message = format!(
        "besides {} {}, clients of another key type get {} {}{fate}",
        first.noun(),
        short(first),
        second.noun(),
        short(second)
    );
    let finding = META
        .finding(severity, message)
        .on(second.end_entity.fingerprint)
        .with("first", Datum::Certificate(first.end_entity.fingerprint));
    match severity {
        Severity::Info => finding.hint("renew both together"),
        _ => finding.hint("renew it too, or take it off the server"),
    }
}

fn fate(second: &Shown<'_>) -> (Severity, String) {
    let Some(end) = end(second) else {
        return (Severity::Info, ", whose end cannot be told".to_owned());
    };
    let left = end.seconds_since(second.now());
    let moment = words::moment(end, second.now());
    match left {
        ..0 => (Severity::Critical, format!(", which expired {moment}")),
        _ if left < second.thresholds().warning_seconds => {
            (Severity::Warning, format!(", which expires {moment}"))
        }
        _ => (Severity::Info, format!(", which expires {moment}")),
    }
}

fn end(shown: &Shown<'_>) -> Option<Time> {
    shown.facts().and_then(|facts| facts.not_after.as_ref().ok().copied())
}

fn short(shown: &Shown<'_>) -> String {
    format!("{:.8}…", shown.end_entity.fingerprint.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, case, check, days, leaf, sent};

    #[test]
    fn what_other_clients_get_is_told_with_its_end() {
        let until = |left| leaf(move |facts| facts.not_after = Ok(days(left)));
        let first = || sent(vec![leaf(as_is)]);
        check(
            &SecondCertificate,
            vec![
                case("one", first(), &[]),
                case("the same for all", first().also(Asked::Rsa, vec![leaf(as_is)]), &[]),
                case("none for the others", first().also(Asked::Rsa, Vec::new()), &[]),
                case(
                    "a good one",
                    first().also(Asked::Rsa, vec![until(80)]),
                    &[(Severity::Info, "clients of another key type get the RSA certificate")],
                ),
                case(
                    "inside W",
                    first().also(Asked::Rsa, vec![until(12)]),
                    &[(Severity::Warning, "(in 12 d)")],
                ),
                case(
                    "ended, seen by no browser",
                    first().also(Asked::Rsa, vec![until(-1)]),
                    &[(Severity::Critical, "which expired 2026-11-23T00:00:00Z (24 h ago)")],
                ),
                case(
                    "another without a server name",
                    first().also(Asked::NoServerName, vec![until(80)]),
                    &[],
                ),
            ],
        );
    }
}
