//! What follows from what: each rule by a table or a small story, and all of them by chance.
#![expect(clippy::expect_used, reason = "a test may fail")]

mod blindness;
mod braking;
mod chance;
mod channels;
mod climbing;
mod contract;
mod explaining;
mod long_dead;
mod opening;
mod people;
mod recalling;
mod resolving;
mod routine;
mod site;
mod speed;
mod telling;
mod testing;
