//! Reads certificates in child processes that may be killed.
//!
//! A certificate is bytes that somebody else chose. Should some bytes make the reader loop,
//! overflow or abort, then a child dies and one certificate's verdict says so; nobody else waits
//! longer than the budget. Read [`Pool`] (`pool.rs`, what others call), `driver.rs` (the one
//! thread behind it), `worker.rs` (a child as its parent sees it), then `serve.rs` and
//! `confine.rs` (the child itself). Nothing here judges a certificate.
//!
//! Two processes share three rules:
//! - answers come in the order of their jobs, each written before the next job begins. So when a
//!   child dies or stalls the first unanswered job is the culprit, and those behind it are read
//!   by another child;
//! - the parent measures and kills; the child's own limits are a second wall;
//! - what is no certificate's fault (no process, no descriptor, no such program) is told as
//!   [`Reading::Local`](certvigil_x509::Reading::Local) and blamed on nobody.

mod bell;
mod budget;
mod confine;
mod desk;
mod driver;
mod frame;
mod job;
mod memory;
mod pool;
mod serve;
mod starts;
mod words;
mod worker;

pub use pool::Pool;
pub use serve::serve;

/// The hidden first argument that turns the program into a reading child.
pub const READ: &str = "__read";
