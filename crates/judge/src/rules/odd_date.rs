//! `odd-date`: a date is not written as RFC 5280 asks, or the two do not go together.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};
use certvigil_x509::{Defect, Facts};

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

/// Clients read an odd date differently: as 1950, as 1909, or not at all.
pub(super) struct OddDate;

const META: Meta = Meta {
    id: "odd-date",
    family: Family::Form,
    scope: Scope::Certificate,
    severities: &[Severity::Warning, Severity::Info],
    citation: "RFC 5280 section 4.1.2.5",
    in_force: "2008-05-01",
};

impl Rule for OddDate {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        for held in shown.chain {
            let oddities = held.facts().map(oddities).unwrap_or_default();
            if oddities.is_empty() {
                continue;
            }
            let decides = shown.is_needed(held);
            let severity = if decides { Severity::Warning } else { Severity::Info };
            let message = format!("{}: {}", words::subject(held), oddities.join("; "));
            let finding = META
                .finding(severity, message)
                .on(held.fingerprint)
                .hint("have it issued again: clients read such a date differently, or not at all")
                .with("oddities", Datum::List(oddities.into_iter().map(Datum::Text).collect()));
            found.push(finding);
        }
    }
}

fn oddities(facts: &Facts) -> Vec<String> {
    let defects = facts.defects.iter().filter(|defect| is_about_dates(defect));
    let words = defects.map(|d| format!("{} (byte {}): {}", d.field, d.offset, d.message));
    words.take(ODDITIES_LIMIT).collect()
}

/// Whether a defect concerns the validity; `malformed` tells of all others.
pub(super) fn is_about_dates(defect: &Defect) -> bool {
    defect.field.contains("validity")
}

const ODDITIES_LIMIT: usize = 4;

#[cfg(test)]
mod tests {
    use certvigil_x509::DefectId;

    use super::*;
    use crate::testing::{as_is, case, check, issuing, leaf, root, sent};

    fn odd(facts: &mut Facts) {
        facts.defects.push(Defect {
            id: DefectId::TimeFraction,
            offset: 112,
            field: "tbsCertificate.validity.notAfter".to_owned(),
            message: "it has fractions of a second".to_owned(),
        });
    }

    fn padded_serial(facts: &mut Facts) {
        facts.defects.push(Defect {
            id: DefectId::IntegerNotMinimal,
            offset: 15,
            field: "tbsCertificate.serialNumber".to_owned(),
            message: "it is padded".to_owned(),
        });
    }

    #[test]
    fn an_odd_date_matters_where_it_decides() {
        let path = || vec![leaf(as_is), issuing(odd), root(as_is)];
        check(
            &OddDate,
            vec![
                case("good", sent(vec![leaf(as_is)]), &[]),
                case("another defect: told by `malformed`", sent(vec![leaf(padded_serial)]), &[]),
                case(
                    "the end entity's",
                    sent(vec![leaf(odd)]),
                    &[(Severity::Warning, "validity.notAfter (byte 112): it has fractions")],
                ),
                case(
                    "an issuer's, needed",
                    sent(path()).trusted("a", path()),
                    &[(Severity::Warning, "")],
                ),
                case(
                    "an issuer's, sent in vain",
                    sent(vec![leaf(as_is), issuing(odd)]),
                    &[(Severity::Info, "CN=Issuing CA")],
                ),
                case(
                    "an anchor's, sent along",
                    sent(vec![leaf(as_is), root(odd)]).trusted("a", vec![leaf(as_is), root(odd)]),
                    &[(Severity::Info, "CN=Root CA")],
                ),
            ],
        );
    }
}
