//! `profile-criticality`: what the Baseline Requirements demand beyond RFC 5280.

use super::member::Member;
use super::profile::{Breaches, Clauses, form};
use crate::rule::Meta;

pub(super) const RULE: Clauses = Clauses { meta: &META, check };

const META: Meta =
    form("profile-criticality", "CA/B BR sections 7.1.2.1.2, 7.1.2.7.6, 7.1.2.10, 7.1.2.11");

fn check(member: &Member<'_>, breaches: &mut Breaches) {
    if !member.public {
        return;
    }
    for (id, critical) in &member.facts.extensions.all {
        let Some((_, name, wanted, clause)) = WANTED.iter().find(|(wanted, ..)| wanted == id)
        else {
            continue;
        };
        let word = if *wanted { "must be" } else { "must not be" };
        breaches.add_if(wanted != critical, clause, format!("has a {name} that {word} critical"));
    }
}

/// OBJECT IDENTIFIER, name, whether it must be critical, clause.
const WANTED: &[(&str, &str, bool, &str)] = &[
    ("2.5.29.15", "keyUsage", true, "BR sections 7.1.2.7.6, 7.1.2.10"),
    ("2.5.29.31", "cRLDistributionPoints", false, "BR section 7.1.2.11.2"),
    ("2.5.29.32", "certificatePolicies", false, "BR sections 7.1.2.7.6, 7.1.2.10"),
    ("2.5.29.37", "extKeyUsage", false, "BR sections 7.1.2.7.6, 7.1.2.10"),
];
