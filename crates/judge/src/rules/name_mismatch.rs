//! `name-mismatch`: the certificate is not for the name that was asked for.

use certvigil_model::{Datum, Family, Finding, Host, Scope, Severity};
use certvigil_x509::{Facts, GeneralName};

use crate::names::{is_covered, is_dns_match};
use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

pub(super) struct NameMismatch;

const META: Meta = Meta {
    id: "name-mismatch",
    family: Family::Name,
    scope: Scope::Certificate,
    severities: &[Severity::Critical],
    citation: "RFC 9525 section 6",
    in_force: "2023-11-01",
};

impl Rule for NameMismatch {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let Some(facts) = shown.facts() else { return };
        let Ok(names) = &facts.extensions.subject_alt_name else { return };
        let names = names.as_deref().unwrap_or_default();
        let reference = shown.scene.look.target.reference_identifier();
        if is_covered(&reference, names) {
            return;
        }
        let wanted = words::reference(&reference);
        let message =
            format!("{} is not for {wanted}: {}", shown.noun(), held(facts, names, &reference));
        let message = match common_name_only(facts, &reference) {
            true => format!("{message}; only its common name matches, which no client reads"),
            false => message,
        };
        let finding = META
            .finding(Severity::Critical, message)
            .on(shown.end_entity.fingerprint)
            .hint(format!(
                "serve the certificate that has {wanted} in its subjectAltName, or have one issued"
            ))
            .with("reference_identifier", Datum::Text(reference.to_string()))
            .with("subject_alt_name", Datum::List(shown_names(names)));
        found.push(finding);
    }
}

fn held(facts: &Facts, names: &[GeneralName], reference: &Host) -> String {
    let bare = |name: &GeneralName| match (reference, name) {
        (Host::Name(_), GeneralName::Dns(text)) => text.shown_within(80).to_string(),
        _ => words::general_name(name),
    };
    if !names.is_empty() {
        return format!("it is for {}", words::list(names.iter().map(bare)));
    }
    match &facts.extensions.subject_alt_name {
        Ok(Some(_)) => "its subjectAltName is empty".to_owned(),
        _ => "it has no subjectAltName".to_owned(),
    }
}

fn shown_names(names: &[GeneralName]) -> Vec<Datum> {
    names.iter().take(NAMES_LIMIT).map(|name| Datum::Text(words::general_name(name))).collect()
}

/// Clients stopped to read the common name between 2017 and 2021; an owner who remembers older
/// times must be told what is missing.
fn common_name_only(facts: &Facts, reference: &Host) -> bool {
    let Ok(subject) = &facts.subject else { return false };
    subject.common_names.iter().any(|name| match reference {
        Host::Name(wanted) => is_dns_match(name.raw(), wanted),
        Host::Ip(wanted) => name.raw() == wanted.to_string(),
        Host::File(_) => false,
    })
}

const NAMES_LIMIT: usize = 100;

#[cfg(test)]
mod tests {
    use certvigil_model::{Asked, Foreign};

    use super::*;
    use crate::testing::{as_is, case, check, dns, leaf, sent};

    #[test]
    fn the_name_asked_for_must_be_among_the_names_held() -> Result<(), std::net::AddrParseError> {
        const CRITICAL: Severity = Severity::Critical;
        let holding = |names: Option<Vec<GeneralName>>| {
            leaf(|facts| facts.extensions.subject_alt_name = Ok(names))
        };
        let ip = GeneralName::Ip("192.0.2.1".parse()?);
        let many = (0..9).map(|n| dns(&format!("{n}.example.net"))).collect();
        let hostile = GeneralName::Dns(Foreign::new("\u{1b}[2J"));
        let mut other_name = sent(vec![leaf(as_is)]).host("192.0.2.1");
        other_name.target.options.server_name = Some("www.example.org".to_owned());
        check(
            &NameMismatch,
            vec![
                case("its name", sent(vec![leaf(as_is)]), &[]),
                case(
                    "another name",
                    sent(vec![leaf(as_is)]).host("mail.example.org"),
                    &[(CRITICAL, "is not for mail.example.org: it is for www.example.org")],
                ),
                case(
                    "many other names",
                    sent(vec![holding(Some(many))]),
                    &[(CRITICAL, "4.example.net and 4 more; only its common name matches")],
                ),
                case(
                    "RFC 9525 6.4: only the common name matches",
                    sent(vec![holding(None)]),
                    &[(CRITICAL, "it has no subjectAltName; only its common name matches")],
                ),
                case("empty", sent(vec![holding(Some(Vec::new()))]), &[(CRITICAL, "is empty")]),
                case("an address", sent(vec![holding(Some(vec![ip]))]).host("192.0.2.1"), &[]),
                case(
                    "an address as a DNS name",
                    sent(vec![holding(Some(vec![dns("192.0.2.1")]))]).host("192.0.2.1"),
                    &[(CRITICAL, "is not for 192.0.2.1: it is for DNS:192.0.2.1")],
                ),
                case("a server name instead of the host's", other_name, &[]),
                case(
                    "hostile",
                    sent(vec![holding(Some(vec![hostile]))]),
                    &[(CRITICAL, "\\u{1b}[2J")],
                ),
                case(
                    "what clients without SNI get",
                    sent(vec![leaf(as_is)]).also(Asked::NoServerName, vec![holding(None)]),
                    &[(CRITICAL, "the certificate shown to clients without SNI is not for")],
                ),
            ],
        );
        Ok(())
    }
}
