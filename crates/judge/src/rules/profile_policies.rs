//! `profile-policies`: RFC 5280 sections 4.2.1.5 and 4.2.1.11, BR section 7.1.2.7.9.

use super::member::{Member, Role, oid};
use super::profile::{Breaches, Clauses, form};
use crate::rule::Meta;

pub(super) const RULE: Clauses = Clauses { meta: &META, check };

const META: Meta = form(
    "profile-policies",
    "RFC 5280 sections 4.2.1.5, 4.2.1.11; CA/B BR sections 7.1.2.7.9, 7.1.2.10.5",
);

fn check(member: &Member<'_>, breaches: &mut Breaches) {
    let policies = &member.facts.extensions.policies;
    let none = member.public && member.role != Role::Root && policies.is_empty();
    breaches.add_if(none, "BR sections 7.1.2.7.9, 7.1.2.10.5", "has no certificatePolicies");
    let reserved = policies.iter().any(|id| id.starts_with(CA_B_RESERVED));
    let what = "names none of the policies that the CA/Browser Forum reserves";
    breaches.add_if(member.is_subscriber() && !none && !reserved, "BR section 7.1.2.7.9", what);
    if let Some(constraints) = member.extension(oid::POLICY_CONSTRAINTS) {
        let empty = constraints.sequence().is_none_or(|parts| parts.is_empty());
        breaches.add_if(empty, "RFC 5280 section 4.2.1.11", "has empty policyConstraints");
    }
    if let Some(mappings) = member.extension(oid::POLICY_MAPPINGS) {
        let pairs = mappings.sequence().unwrap_or_default();
        let maps_any = pairs
            .iter()
            .flat_map(|(_, pair)| pair.elements())
            .any(|(_, policy)| policy.bytes() == oid::ANY_POLICY);
        breaches.add_if(maps_any, "RFC 5280 section 4.2.1.5", "maps anyPolicy");
        breaches.add_if(pairs.is_empty(), "RFC 5280 section 4.2.1.5", "has empty policyMappings");
    }
}

/// BR section 7.1.6.1.
const CA_B_RESERVED: &str = "2.23.140.1.";
