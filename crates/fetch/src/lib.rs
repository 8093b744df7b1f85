//! One HTTP client: a deadline, a size, no redirects, no surprises.
//!
//! Read [`Request`], [`Response`] and [`Error`]: how far a request got decides whether what it asked for may have
//! happened. It does not know who asks.

mod exchange;

pub use exchange::{Error, Method, Request, Response};
