//! What the contract, `certvigil.report/1`, says of endpoints and findings: owned, so that it is
//! written to a round's spool and read back, and every wording rests on exactly that.
//!
//! Fields may be added within version 1; a field that goes or changes its meaning makes version 2.

mod certificate;
mod endpoint;
mod finding;

pub(crate) use certificate::{Certificate, alternative_names, shown_names, told};
pub(crate) use endpoint::{Endpoint, Tls};
pub(crate) use finding::{Datum, Finding, Said};
