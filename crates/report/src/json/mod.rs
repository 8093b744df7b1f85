//! The contract for machines, `certvigil.report/1`: as one document or as a line an endpoint.
//!
//! Fields may be added within version 1; a field that goes or changes its meaning makes version 2.

mod certificate;
mod document;
mod endpoint;
mod lines;
mod round;
mod spool;
mod text;

pub(crate) use certificate::{alternative_names, shown_names, told};
pub(crate) use document::Document;
pub(crate) use endpoint::EndpointView;
pub(crate) use lines::Lines;
pub(crate) use text::write_json;

/// The value of `schema`.
const SCHEMA: &str = "certvigil.report/1";
