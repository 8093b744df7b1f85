//! The lab serves what its cases say.

mod places;
mod registry;
