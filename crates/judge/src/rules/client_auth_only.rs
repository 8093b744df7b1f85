//! `client-auth-only`: the certificate may identify a client, not a server.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};
use certvigil_x509::Facts;

use crate::Context;
use crate::rule::{Meta, Rule, Words as _};

pub(super) struct ClientAuthOnly;

const META: Meta = Meta {
    id: "client-auth-only",
    family: Family::Trust,
    scope: Scope::Certificate,
    severities: &[Severity::Critical],
    citation: "RFC 5280 section 4.2.1.12",
    in_force: "2008-05-01",
};

impl Rule for ClientAuthOnly {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let Some(purposes) = shown.facts().and_then(purposes_without_server) else { return };
        if !purposes.iter().any(|oid| oid == CLIENT_AUTH) {
            return;
        }
        let message = format!(
            "{} is valid for clients only: its extendedKeyUsage lacks serverAuth",
            shown.noun()
        );
        let finding = META
            .finding(Severity::Critical, message)
            .on(shown.end_entity.fingerprint)
            .hint("have it issued with serverAuth; one certificate for both roles is going away")
            .with("extended_key_usage", oids(purposes));
        found.push(finding);
    }
}

/// What the certificate is for, where it says so and servers are not in it.
pub(super) fn purposes_without_server(facts: &Facts) -> Option<&[String]> {
    let purposes = facts.extensions.extended_key_usage.as_ref().ok()?.as_deref()?;
    let is_for_servers = |oid: &String| oid == SERVER_AUTH || oid == ANY_PURPOSE;
    (!purposes.iter().any(is_for_servers)).then_some(purposes)
}

pub(super) fn oids(purposes: &[String]) -> Datum {
    Datum::List(purposes.iter().take(16).cloned().map(Datum::Text).collect())
}

const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
pub(super) const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
const ANY_PURPOSE: &str = "2.5.29.37.0";

#[cfg(test)]
mod tests {
    use certvigil_x509::Certificate;

    use super::*;
    use crate::testing::{case, check, leaf, sent};

    fn for_purposes(purposes: Option<&[&str]>) -> Certificate {
        let purposes = purposes.map(|all| all.iter().map(|&oid| oid.to_owned()).collect());
        leaf(|facts| facts.extensions.extended_key_usage = Ok(purposes))
    }

    #[test]
    fn a_certificate_for_clients_is_no_servers() {
        check(
            &ClientAuthOnly,
            vec![
                case("for servers", sent(vec![for_purposes(Some(&[SERVER_AUTH]))]), &[]),
                case("both", sent(vec![for_purposes(Some(&[CLIENT_AUTH, SERVER_AUTH]))]), &[]),
                case("nothing said", sent(vec![for_purposes(None)]), &[]),
                case(
                    "for anything",
                    sent(vec![for_purposes(Some(&[CLIENT_AUTH, ANY_PURPOSE]))]),
                    &[],
                ),
                case(
                    "for clients",
                    sent(vec![for_purposes(Some(&[CLIENT_AUTH]))]),
                    &[(Severity::Critical, "is valid for clients only")],
                ),
                case(
                    "for mail: told by `not-for-servers`",
                    sent(vec![for_purposes(Some(&["1.3.6.1.5.5.7.3.4"]))]),
                    &[],
                ),
            ],
        );
    }
}
