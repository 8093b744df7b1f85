//! One file for each thing that is remembered: its statements, the same for both databases.

pub(crate) mod bodies;
pub(crate) mod certificates;
pub(crate) mod chains;
pub(crate) mod deliveries;
pub(crate) mod documents;
pub(crate) mod incidents;
pub(crate) mod instances;
pub(crate) mod leases;
pub(crate) mod notices;
pub(crate) mod rounds;
pub(crate) mod sightings;
