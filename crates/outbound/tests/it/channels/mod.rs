//! One contract for all channels, and what each is asked by its service.

mod contract;
mod exec;
mod ground;
mod manual;
mod mta;
mod real;
mod settings;
mod shapes;
