//! `shared-certificate`: how many watched names stand behind a certificate that is in trouble.

use certvigil_model::{Datum, Family, Finding, Foreign, Scope, Severity};

use crate::round::Behind;
use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

/// One certificate that lapses takes all of its names along: on 31 March 2017 it was a wildcard's.
pub(super) struct SharedCertificate;

const META: Meta = Meta {
    id: "shared-certificate",
    family: Family::Round,
    scope: Scope::Round,
    severities: &[Severity::Info],
    citation: "RFC 5280 section 4.2.1.6",
    in_force: "2008-05-01",
};

impl Rule for SharedCertificate {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Round(view) = cx else { return };
        found.extend(view.most_shared().into_iter().take(TOLD).map(finding));
    }
}

fn finding(behind: &Behind) -> Finding {
    let Behind { certificate, names, sample, findings } = behind;
    let shown = sample.iter().map(|name| Foreign::new(name).shown_within(80).to_string());
    let said = words::list_of(shown.collect(), *names);
    let ids = findings.iter().copied().collect::<Vec<_>>().join(", ");
    let message = format!(
        "behind the certificate {:.8}… ({ids}) are {}: {said}",
        certificate.to_string(),
        words::count(*names, "watched name", "watched names")
    );
    META.finding(Severity::Info, message)
        .on(*certificate)
        .hint("mend it first: it is one certificate for all of them")
        .with("names", Datum::Number(i64::try_from(*names).unwrap_or(i64::MAX)))
}

/// Certificates told of, those with the most names first.
const TOLD: usize = 20;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use certvigil_model::Fingerprint;

    use super::*;
    use crate::RoundView;

    fn trouble(certificate: u8, severity: Severity) -> Finding {
        Finding {
            id: "expires-soon",
            family: Family::Expiry,
            severity,
            certificate: Some(Fingerprint::of(&[certificate])),
            message: String::new(),
            hint: None,
            data: BTreeMap::new(),
            accepted: None,
        }
    }

    fn ask(view: &RoundView) -> Vec<Finding> {
        let mut found = Vec::new();
        SharedCertificate.judge(&Context::Round(view), &mut found);
        found
    }

    #[test]
    fn a_certificate_in_trouble_says_how_many_names_it_takes_along() {
        let mut view = RoundView::default();
        for name in ["a.example.org", "b.example.org", "a.example.org", "c.example.org"] {
            view.trouble(name, &[trouble(1, Severity::Warning), trouble(1, Severity::Critical)]);
            view.trouble(name, &[trouble(2, Severity::Info)]);
        }
        view.trouble("d.example.org", &[trouble(3, Severity::Critical)]);
        let [found] = &ask(&view)[..] else { panic!("{:?}", ask(&view)) };
        assert!(
            found.message.ends_with(
                "(expires-soon) are 3 watched names: a.example.org, b.example.org, c.example.org"
            ),
            "{}",
            found.message
        );
        assert_eq!(found.certificate, Some(Fingerprint::of(&[1])));
        assert_eq!(found.data["names"], Datum::Number(3));
    }

    #[test]
    fn the_most_shared_come_first_and_few_are_told() {
        let mut view = RoundView::default();
        for certificate in 0..40 {
            for name in 0..=certificate {
                let name = format!("n{name}.example.org");
                view.trouble(&name, &[trouble(certificate, Severity::Critical)]);
            }
        }
        let found = ask(&view);
        let names: Vec<_> = found.iter().map(|found| found.data["names"].clone()).collect();
        let want: Vec<_> = (21..=40).rev().map(Datum::Number).collect();
        assert_eq!(names, want);
        assert!(found[0].message.ends_with(" and 35 more"), "{}", found[0].message);
    }
}
