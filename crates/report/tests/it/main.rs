//! Every wording says the same of the same run.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod acted;
mod asked;
mod comments;
mod contract;
mod html;
mod incidents;
mod inspect;
mod issues;
mod json;
mod judges;
mod messages;
mod portrait;
mod sample;
mod schema;
mod table;
mod timeline;
mod wordings;
