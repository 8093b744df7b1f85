//! Blind, or broken? The real binary where the network fails, and how many issues that makes.

mod scenes;
mod world;
