//! One HTTP client: a deadline, a size, no redirects, no surprises.
//!
//! Read [`Client`], then [`Request`], [`Response`] and [`Error`]: how far a request got decides whether what it asked for may have
//! happened. It does not know who asks. [`ntp`] asks what time it is; [`Stream`] is for
//! whoever speaks another protocol, with one end for all of it.

mod client;
mod exchange;
mod http;
pub mod ntp;
mod resolve;
mod stream;
mod tls;

pub use client::Client;
pub use exchange::{Dated, Error, Method, Request, Response, Unusable};
pub use http::{Http, Proxy, Reach};
pub use stream::{Stream, Way};
