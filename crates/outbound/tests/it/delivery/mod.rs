//! The delivery protocol over a tracker with every fault.

mod acts;
mod crash;
mod filing;
pub(crate) mod ground;
mod people;
