//! Every rule, one file each. Adding one is a file and a line here.

mod acceptance;
mod addresses_differ;
mod addresses_left_out;
mod ca_as_end_entity;
mod chain_incomplete;
mod chain_out_of_order;
mod child_outlives_parent;
mod client_auth_only;
mod expired;
mod expires_soon;
mod handshake_unfinished;
mod key_not_proven;
mod key_usage_unfit;
mod legacy_tls;
mod lifetime_too_long;
mod looked_at_through_label;
mod malformed;
mod member;
mod must_staple_unstapled;
mod name_mismatch;
mod no_common_trust;
mod no_set_expiry;
mod not_for_servers;
mod not_yet_valid;
mod odd_date;
mod partly_resolved;
mod path_expires_first;
mod pool_partly_seen;
mod precertificate;
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
mod reach;
mod second_certificate;
mod second_look_failed;
mod seen_not_watched;
mod self_signed;
mod shared_certificate;
mod stale_staple;
mod staple_revoked;
mod staple_unusable;
mod starttls_injection;
mod superfluous_expired;
mod untrusted;
mod weak_key;
mod weak_signature;
mod wildcard_not_held;
mod wrong_key;

use crate::Rule;

pub(crate) use pool_partly_seen::has_shown;
pub use reach::unread;

/// Every rule, in the order in which findings of equal severity are listed.
pub const RULES: &[&dyn Rule] = &[
    // dates
    &expired::Expired,
    &not_yet_valid::NotYetValid,
    &expires_soon::ExpiresSoon,
    &path_expires_first::PathExpiresFirst,
    &child_outlives_parent::ChildOutlivesParent,
    &no_set_expiry::NoSetExpiry,
    // names
    &name_mismatch::NameMismatch,
    &wildcard_not_held::WildcardNotHeld,
    &looked_at_through_label::LookedAtThroughLabel,
    // trust
    &untrusted::Untrusted,
    &client_auth_only::ClientAuthOnly,
    &not_for_servers::NotForServers,
    &precertificate::Precertificate,
    &key_usage_unfit::KeyUsageUnfit,
    &chain_incomplete::ChainIncomplete,
    &no_common_trust::NoCommonTrust,
    &self_signed::SelfSigned,
    &ca_as_end_entity::CaAsEndEntity,
    &chain_out_of_order::ChainOutOfOrder,
    &superfluous_expired::SuperfluousExpired,
    &lifetime_too_long::LifetimeTooLong,
    // form
    &malformed::Malformed,
    &odd_date::OddDate,
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
    // revocation
    &staple_revoked::StapleRevoked,
    &stale_staple::StaleStaple,
    &staple_unusable::StapleUnusable,
    &must_staple_unstapled::MustStapleUnstapled,
    // strength
    &wrong_key::WrongKey,
    &weak_key::WeakKey,
    &weak_signature::WeakSignature,
    &legacy_tls::LegacyTls,
    &key_not_proven::KeyNotProven,
    // spread
    &addresses_differ::AddressesDiffer,
    &second_certificate::SecondCertificate,
    &addresses_left_out::AddressesLeftOut,
    // reach
    reach::UNRESOLVED,
    reach::REFUSED,
    reach::UNREACHABLE,
    reach::TIMEOUT,
    reach::RESET,
    reach::CLOSED,
    reach::NOT_TLS,
    reach::STARTTLS_REFUSED,
    reach::TLS_ALERT,
    reach::PROTOCOL_ERROR,
    reach::OVER_BUDGET,
    reach::NO_CERTIFICATE,
    reach::UNREADABLE,
    reach::READER_STALLED,
    reach::READER_CRASHED,
    reach::NOT_ATTEMPTED,
    reach::INVALID_TARGET,
    reach::LOCAL,
    &handshake_unfinished::HandshakeUnfinished,
    &second_look_failed::SecondLookFailed,
    &pool_partly_seen::PoolPartlySeen,
    &partly_resolved::PartlyResolved,
    &starttls_injection::StarttlsInjection,
    // round
    &shared_certificate::SharedCertificate,
    &seen_not_watched::SeenNotWatched,
    &acceptance::AcceptanceEnded,
    &acceptance::AcceptanceUnused,
];
