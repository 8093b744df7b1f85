//! `precertificate`: what is served was made for Certificate Transparency logs only.

use certvigil_model::{Family, Finding, Scope, Severity};

use crate::Context;
use crate::rule::{Meta, Rule, Words as _};

pub(super) struct Precertificate;

const META: Meta = Meta {
    id: "precertificate",
    family: Family::Trust,
    scope: Scope::Certificate,
    severities: &[Severity::Critical],
    citation: "RFC 6962 section 3.1",
    in_force: "2013-06-01",
};

impl Rule for Precertificate {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let Some(facts) = shown.facts() else { return };
        if !facts.extensions.all.iter().any(|(oid, _)| oid == POISON) {
            return;
        }
        let message = format!("{} is a precertificate, which every client refuses", shown.noun());
        let hint = "install the certificate that the authority issued after logging this one";
        let finding = META.finding(Severity::Critical, message);
        found.push(finding.on(shown.end_entity.fingerprint).hint(hint));
    }
}

const POISON: &str = "1.3.6.1.4.1.11129.2.4.3";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, case, check, leaf, sent};

    #[test]
    fn the_poison_is_seen() {
        let with =
            |oid: &str| sent(vec![leaf(|facts| facts.extensions.all.push((oid.to_owned(), true)))]);
        check(
            &Precertificate,
            vec![
                case("good", sent(vec![leaf(as_is)]), &[]),
                case("with timestamps", with("1.3.6.1.4.1.11129.2.4.2"), &[]),
                case("poisoned", with("1.3.6.1.4.1.11129.2.4.3"), &[(Severity::Critical, "")]),
            ],
        );
    }
}
