//! `profile-basic-constraints`: who signs is marked as a CA's, who serves is not; RFC 5280 section
//! 4.2.1.9.

use super::member::{Member, Role};
use super::profile::{Breaches, Clauses, form};
use crate::rule::Meta;

pub(super) const RULE: Clauses = Clauses { meta: &META, check };

const META: Meta =
    form("profile-basic-constraints", "RFC 5280 section 4.2.1.9; CA/B BR section 7.1.2.7.8");

fn check(member: &Member<'_>, breaches: &mut Breaches) {
    let signs = member.role != Role::EndEntity && member.facts.version == Ok(3);
    let unmarked = signs && !member.says_ca();
    breaches.add_if(
        unmarked,
        "RFC 5280 section 4.2.1.9",
        "signs certificates and is not marked as a CA's",
    );
    let serves = member.is_subscriber() && member.says_ca();
    breaches.add_if(serves, "BR section 7.1.2.7.8", "is a server's and is marked as a CA's");
}
