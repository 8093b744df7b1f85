//! `profile-anchor`: a trust anchor that is not written as RFC 5280 section 4 asks.
//!
//! Servers need not send it, so `malformed` does not see it; many clients refuse a path over it.

use super::member::{Member, Role};
use super::profile::{Breaches, Clauses, form};
use crate::rule::Meta;

pub(super) const RULE: Clauses = Clauses { meta: &META, check };

const META: Meta = form("profile-anchor", "RFC 5280 section 4");

fn check(member: &Member<'_>, breaches: &mut Breaches) {
    if member.role != Role::Root {
        return;
    }
    for defect in &member.facts.defects {
        breaches.add(
            "RFC 5280 section 4",
            format!("is ill-formed: {}: {}", defect.field, defect.message),
        );
    }
}
