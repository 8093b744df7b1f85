//! `not-for-servers`: the certificate is for something else than identifying a server or client.

use certvigil_model::{Family, Finding, Scope, Severity};

use super::client_auth_only::{CLIENT_AUTH, oids, purposes_without_server};
use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

pub(super) struct NotForServers;

const META: Meta = Meta {
    id: "not-for-servers",
    family: Family::Trust,
    scope: Scope::Certificate,
    severities: &[Severity::Critical],
    citation: "RFC 5280 section 4.2.1.12",
    in_force: "2008-05-01",
};

impl Rule for NotForServers {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let Some(purposes) = shown.facts().and_then(purposes_without_server) else { return };
        if purposes.iter().any(|oid| oid == CLIENT_AUTH) {
            return;
        }
        let said = match purposes {
            [] => "its extendedKeyUsage is empty".to_owned(),
            _ => format!("it is for {}", words::list(purposes.iter().map(|oid| purpose(oid)))),
        };
        let finding = META
            .finding(Severity::Critical, format!("{} is not for servers: {said}", shown.noun()))
            .on(shown.end_entity.fingerprint)
            .hint("have it issued with serverAuth in its extendedKeyUsage")
            .with("extended_key_usage", oids(purposes));
        found.push(finding);
    }
}

/// The names that RFC 5280 and RFC 9336 give the purposes met most.
fn purpose(oid: &str) -> String {
    let name = match oid {
        "1.3.6.1.5.5.7.3.3" => "codeSigning",
        "1.3.6.1.5.5.7.3.4" => "emailProtection",
        "1.3.6.1.5.5.7.3.8" => "timeStamping",
        "1.3.6.1.5.5.7.3.9" => "OCSPSigning",
        "1.3.6.1.5.5.7.3.36" => "documentSigning",
        other => other,
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, case, check, leaf, sent};

    #[test]
    fn a_certificate_for_something_else_is_no_servers() {
        let with = |oids: &[&str]| {
            let oids = oids.iter().map(|&oid| oid.to_owned()).collect();
            sent(vec![leaf(|facts| facts.extensions.extended_key_usage = Ok(Some(oids)))])
        };
        check(
            &NotForServers,
            vec![
                case("for servers", sent(vec![leaf(as_is)]), &[]),
                case("for clients: told by `client-auth-only`", with(&[CLIENT_AUTH]), &[]),
                case(
                    "for code",
                    with(&["1.3.6.1.5.5.7.3.3"]),
                    &[(Severity::Critical, "is not for servers: it is for codeSigning")],
                ),
                case(
                    "for something rare",
                    with(&["1.2.3"]),
                    &[(Severity::Critical, "it is for 1.2.3")],
                ),
                case("for nothing", with(&[]), &[(Severity::Critical, "is empty")]),
            ],
        );
    }
}
