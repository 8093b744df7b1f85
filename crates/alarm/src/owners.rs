//! Who has to act: a certificate has one owner, who renews it; each place where it is served has its own.

use certvigil_model::{CertificateSeen, Foreign, Problem};

use crate::problems::LONE_OWNER;
use crate::{CertificateRule, Rules};

/// A place where a certificate is served.
#[derive(Clone, Copy, Debug)]
pub struct Served<'a> {
    /// Its target, as written.
    pub target: &'a Foreign,
    /// The name that its clients ask for.
    pub server_name: Option<&'a str>,
    /// Whom the inventory names for it: the target's own owner, else its tag's, else its file's.
    pub owner: Option<&'a str>,
}

/// Who answers for a place.
pub fn of_place<'a>(rules: &'a Rules, owner: Option<&'a str>) -> &'a str {
    owner.unwrap_or(&rules.default_owner)
}

/// Who answers for a certificate: the first `[[certificate]]` that has one of its names and an owner, else the owner of
/// the place whose name it is most closely for, else `default_owner`.
pub fn of_certificate<'a>(
    rules: &'a Rules,
    certificate: &CertificateSeen,
    places: impl IntoIterator<Item = Served<'a>>,
) -> &'a str {
    let names: Vec<&str> = names(certificate).collect();
    if let Some(owner) = rules_of(rules, certificate).find_map(|rule| rule.owner.as_deref()) {
        return owner;
    }
    let rank = |place: &Served<'a>| {
        let owner = of_place(rules, place.owner);
        let is_default = owner == rules.default_owner;
        (std::cmp::Reverse(closeness(place.server_name, &names)), is_default, place.target.clone())
    };
    let closest = places.into_iter().min_by_key(rank);
    closest.map_or(&rules.default_owner, |place| of_place(rules, place.owner))
}

/// The `[[certificate]]` tables that have one of its names, in order: the first says what renews it.
pub fn rules_of<'a>(
    rules: &'a Rules,
    certificate: &CertificateSeen,
) -> impl Iterator<Item = &'a CertificateRule> {
    let is_of = |rule: &&CertificateRule| {
        names(certificate).any(|name| rule.names.iter().any(|pattern| has(pattern, name)))
    };
    rules.certificates.iter().filter(is_of)
}

/// The names of a certificate without the words for their kind: `DNS:www.example.org` is `www.example.org`.
pub(crate) fn names(certificate: &CertificateSeen) -> impl Iterator<Item = &str> {
    let names = certificate.names.iter().map(Foreign::raw);
    names.map(|name| name.strip_prefix("DNS:").or_else(|| name.strip_prefix("IP:")).unwrap_or(name))
}

/// The problem `lone-owner`, where somebody is: it is the site's own.
pub fn lone_owner(rules: &Rules) -> Option<Problem> {
    let alone: Vec<_> = alone(rules)
        .into_iter()
        .map(|name| Foreign::new(name).shown_within(60).to_string())
        .collect();
    (!alone.is_empty()).then(|| Problem {
        hint: Some(
            "add `second` to the [[owner]], or make a group of it; nobody hears of anything while that person is away"
                .to_owned(),
        ),
        ..LONE_OWNER.problem(format!(
            "one person without a second contact owns what is watched: {}",
            alone.join(", ")
        ))
    })
}

/// Owners who are one person without a second contact: nobody hears of anything while that person is away.
pub fn alone(rules: &Rules) -> Vec<&str> {
    let alone =
        rules.owners.iter().filter(|(_, owner)| owner.is_person && owner.contacts.second.is_none());
    alone.map(|(name, _)| name.as_str()).collect()
}

/// Whether `pattern` stands for `name`: itself, or for `*.example.org` also each name directly below (RFC 9525 section
/// 6.3, with the pattern in our hands).
pub fn has(pattern: &str, name: &str) -> bool {
    if pattern.eq_ignore_ascii_case(name) {
        return true;
    }
    let below = |suffix: &str| {
        let (label, parent) = name.split_once('.')?;
        Some(!label.is_empty() && parent.eq_ignore_ascii_case(suffix))
    };
    pattern.strip_prefix("*.").and_then(below).unwrap_or(false)
}

/// How closely a certificate with these names is for a place: by the name itself, by a wildcard, or not at all.
fn closeness(server_name: Option<&str>, names: &[&str]) -> u8 {
    let Some(asked) = server_name else { return 0 };
    let of = |name: &&str| match name.eq_ignore_ascii_case(asked) {
        true => 2,
        false => u8::from(has(name, asked)),
    };
    names.iter().map(of).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use certvigil_model::{ChannelName, Ends, Fingerprint, Time};

    use super::*;
    use crate::{Contacts, Limits, OwnerRule, Renewer};

    fn rules(certificates: &[(&str, &str)]) -> Rules {
        let rule = |(name, owner): &(&str, &str)| CertificateRule {
            names: vec![(*name).to_owned()],
            owner: Some((*owner).to_owned()),
            ..CertificateRule::default()
        };
        Rules {
            site: "main".to_owned(),
            site_key: None,
            default_owner: "all".to_owned(),
            operations: "ops".to_owned(),
            owners: BTreeMap::new(),
            certificates: certificates.iter().map(rule).collect(),
            windows: Vec::new(),
            sentinels: Vec::new(),
            limits: Limits::default(),
            interval: None,
            has_answers: true,
            is_time_in_doubt: false,
            config: String::new(),
        }
    }

    fn certificate(names: &[&str]) -> CertificateSeen {
        let at = Time::from_seconds(0);
        CertificateSeen {
            sha256: Fingerprint::of(b""),
            subject: Foreign::default(),
            names: names.iter().map(|name| Foreign::new(format!("DNS:{name}"))).collect(),
            names_total: names.len(),
            issuer: Foreign::default(),
            serial_number: String::new(),
            not_before: at,
            not_after: at,
            ends: Ends { at, warning_from: at, critical_from: at },
        }
    }

    /// Places as `(server name, owner)`; the target is written as the name.
    fn owner(
        certificates: &[(&str, &str)],
        names: &[&str],
        places: &[(Option<&str>, Option<&str>)],
    ) -> String {
        let rules = rules(certificates);
        let targets: Vec<_> =
            places.iter().map(|(name, _)| Foreign::new(name.unwrap_or("192.0.2.1"))).collect();
        let served = places.iter().zip(&targets).map(|((server_name, owner), target)| Served {
            target,
            server_name: *server_name,
            owner: *owner,
        });
        of_certificate(&rules, &certificate(names), served).to_owned()
    }

    #[test]
    fn a_certificate_has_one_owner_by_the_nearest_word() {
        let two = &["www.example.org", "*.example.org"];
        let (www, api) =
            ((Some("www.example.org"), Some("web")), (Some("api.example.org"), Some("api")));
        let literal = (None, Some("net"));
        for (certificates, places, expected) in [
            (&[][..], &[][..], "all"),
            (&[], &[(Some("www.example.org"), None)], "all"),
            // The name itself is closer than a wildcard, and that closer than an address.
            (&[], &[api, www, literal], "web"),
            (&[], &[literal, api], "api"),
            (&[], &[literal], "net"),
            // Equally close: one that somebody named before the default.
            (&[], &[(Some("a.example.org"), None), (Some("b.example.org"), Some("b"))], "b"),
            (&[], &[(Some("b.example.org"), Some("b")), (Some("a.example.org"), Some("a"))], "a"),
            // A rule wins over all, the first that matches.
            (
                &[("other.org", "no"), ("*.example.org", "pki"), ("www.example.org", "late")],
                &[www],
                "pki",
            ),
            (&[("WWW.example.org", "pki")], &[api], "pki"),
        ] {
            assert_eq!(owner(certificates, two, places), expected, "{certificates:?} {places:?}");
        }
    }

    #[test]
    fn a_rule_without_an_owner_says_only_what_renews() {
        let mut rules = rules(&[("www.example.org", "pki")]);
        rules.certificates.insert(
            0,
            CertificateRule {
                names: vec!["*.example.org".to_owned()],
                renewer: Renewer::Certbot,
                ..CertificateRule::default()
            },
        );
        let www = certificate(&["www.example.org"]);
        assert_eq!(of_certificate(&rules, &www, []), "pki");
        let renewer = |names| rules_of(&rules, &certificate(names)).next().map(|rule| rule.renewer);
        assert_eq!(renewer(&["www.example.org"]), Some(Renewer::Certbot));
        assert_eq!(renewer(&["example.net"]), None);
    }

    #[test]
    fn a_wildcard_stands_for_one_label() {
        for (pattern, name, expected) in [
            ("*.example.org", "a.example.org", true),
            ("*.example.org", "*.example.org", true),
            ("*.example.org", "a.b.example.org", false),
            ("*.example.org", "example.org", false),
            ("*.example.org", ".example.org", false),
            ("example.org", "EXAMPLE.org", true),
            ("example.org", "a.example.org", false),
        ] {
            assert_eq!(has(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_person_without_a_second_contact_is_alone() {
        let mut rules = rules(&[]);
        for (name, is_person, has_second) in
            [("anna", true, false), ("ben", true, true), ("ops", false, false)]
        {
            let second = has_second.then(|| ChannelName("email second".to_owned()));
            let contacts = Contacts { second, ..Contacts::default() };
            let owner = OwnerRule { is_person, contacts, ..OwnerRule::default() };
            rules.owners.insert(name.to_owned(), owner);
        }
        assert_eq!(alone(&rules), ["anna"]);
        let told = lone_owner(&rules).map(|problem| problem.message);
        let expected = "one person without a second contact owns what is watched: anna";
        assert_eq!(told.as_deref(), Some(expected));
        rules.owners.remove("anna");
        assert_eq!(lone_owner(&rules), None);
    }
}
