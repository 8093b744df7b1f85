//! The contract for machines, `certvigil.report/1`: as one document or as a line an endpoint.

mod document;
mod lines;
mod round;
mod text;

pub(crate) use document::write;
pub(crate) use lines::Lines;
pub(crate) use text::write_json;

/// The value of `schema`.
const SCHEMA: &str = "certvigil.report/1";
