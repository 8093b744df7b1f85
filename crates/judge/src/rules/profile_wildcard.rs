//! `profile-wildcard`: a wildcard over names that belong to others, BR section 3.2.2.6.

use certvigil_x509::GeneralName;

use super::member::{Member, Role};
use super::profile::{Breaches, Clauses, form};
use crate::rule::Meta;
use crate::words;

pub(super) const RULE: Clauses = Clauses { meta: &META, check };

const META: Meta = form("profile-wildcard", "CA/B BR section 3.2.2.6");

fn check(member: &Member<'_>, breaches: &mut Breaches) {
    let Ok(Some(names)) = &member.facts.extensions.subject_alt_name else { return };
    if member.role != Role::EndEntity {
        return;
    }
    let broad: Vec<_> = names
        .iter()
        .filter_map(|name| match name {
            GeneralName::Dns(name) if covers_public_suffix(name.raw()) => {
                Some(name.shown().to_string())
            }
            _ => None,
        })
        .collect();
    let what = format!("is for all names under a public suffix: {}", words::list(broad.clone()));
    breaches.add_if(!broad.is_empty(), "BR section 3.2.2.6", what);
}

/// Whether what the wildcard stands under is a whole public suffix (publicsuffix.org), or the root.
fn covers_public_suffix(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "*"
        || name.strip_prefix("*.").is_some_and(|parent| psl::suffix_str(parent) == Some(parent))
}
