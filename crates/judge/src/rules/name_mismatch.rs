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
        let message = format!("{} is not for {wanted}: {}", shown.noun(), held(facts, names));
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

fn held(facts: &Facts, names: &[GeneralName]) -> String {
    if !names.is_empty() {
        return format!("it is for {}", words::list(names.iter().map(words::general_name)));
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
    })
}

const NAMES_LIMIT: usize = 100;
