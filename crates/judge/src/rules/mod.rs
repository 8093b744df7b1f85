//! Every rule, one file each.

mod expired;
mod profile;
mod profile_access;
mod profile_anchor;
mod profile_basic_constraints;
mod profile_common_name;
mod profile_criticality;
mod profile_extended_key_usage;
mod profile_key_identifier;
mod profile_key_usage;
mod profile_policies;
mod profile_public_key;
mod profile_subject_alt_name;
mod profile_wildcard;

use crate::Rule;

/// Every rule, in the order in which findings of equal severity are listed.
pub const RULES: &[&dyn Rule] = &[
    &expired::Expired,
    &profile_access::RULE,
    &profile_anchor::RULE,
    &profile_basic_constraints::RULE,
    &profile_common_name::RULE,
    &profile_criticality::RULE,
    &profile_extended_key_usage::RULE,
    &profile_key_identifier::RULE,
    &profile_key_usage::RULE,
    &profile_policies::RULE,
    &profile_public_key::RULE,
    &profile_subject_alt_name::RULE,
    &profile_wildcard::RULE,
];
