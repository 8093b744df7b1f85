//! `profile-wildcard`: a wildcard over a whole top-level domain, BR section 3.2.2.6.
//!
//! The longer public suffixes are in a list that changes weekly, and that is not kept here.

use certvigil_x509::GeneralName;

use super::profile::{Breaches, Clauses, Member, Role, form};
use crate::rule::Meta;

pub(super) const RULE: Clauses = Clauses { meta: &META, check };

const META: Meta = form("profile-wildcard", "CA/B BR section 3.2.2.6");

fn check(member: &Member<'_>, breaches: &mut Breaches<'_>) {
    let Ok(Some(names)) = &member.facts.extensions.subject_alt_name else { return };
    if member.role != Role::EndEntity {
        return;
    }
    for name in names {
        let GeneralName::Dns(name) = name else { continue };
        let what = format!("is for “{}”, every name of a top-level domain", name.shown());
        breaches.add_if(covers_top_level(name.raw()), "BR section 3.2.2.6", what);
    }
}

fn covers_top_level(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "*" || name.strip_prefix("*.").is_some_and(|suffix| !suffix.contains('.'))
}
