//! `profile-common-name`: a commonName repeats one of the names, letter for letter; BR section 7.1.4.3.

use certvigil_x509::GeneralName;

use super::member::Member;
use super::profile::{Breaches, Clauses, form};
use crate::rule::Meta;

pub(super) const RULE: Clauses = Clauses { meta: &META, check };

const META: Meta = form("profile-common-name", "CA/B BR section 7.1.4.3");

fn check(member: &Member<'_>, breaches: &mut Breaches) {
    if !member.is_subscriber() {
        return;
    }
    let Ok(subject) = &member.facts.subject else { return };
    let several = subject.common_names.len() > 1;
    breaches.add_if(several, BR, "has more than one commonName");
    let Ok(Some(names)) = &member.facts.extensions.subject_alt_name else { return };
    for common_name in &subject.common_names {
        let repeats = names.iter().any(|name| is_copy(common_name.raw(), name));
        let what =
            format!("has the commonName “{}”, which is none of its names", common_name.shown());
        breaches.add_if(!repeats, BR, what);
    }
}

/// Addresses as RFC 3986 section 3.2.2 and RFC 5952 section 4 write them.
fn is_copy(common_name: &str, name: &GeneralName) -> bool {
    match name {
        GeneralName::Dns(dns) => dns.raw() == common_name,
        GeneralName::Ip(ip) => ip.to_string() == common_name,
        _ => false,
    }
}

const BR: &str = "BR section 7.1.4.3";
