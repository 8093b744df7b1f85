//! The config: raw tables, checked against the table of keys, built into what a round takes.
//!
//! Read `keys.rs`, `tables.rs` and `forms.rs` for what a file may say, `raw.rs` for how it is read, and
//! [`load`] for how it becomes a [`Config`]. This is the only reader of certvigil.toml. Nothing is
//! used of a config that has a fault, and all its faults are told at once.

mod accept;
mod alarm;
mod build;
mod check;
mod example;
mod fault;
mod files;
mod forms;
mod include;
mod keys;
mod manual;
mod notes;
mod owner;
mod policy;
mod raw;
mod rules;
mod schema;
mod site;
mod tables;
mod target;
mod tracker;
pub mod units;

use std::path::{Path, PathBuf};

use certvigil_alarm::{CertificateRule, Limits, Sentinel, Window};
use certvigil_inventory::Inventory;
use certvigil_model::{Acceptance, Time};

use fault::counted;

pub use alarm::StateProgram;
pub use check::CheckConfig;
pub use example::example;
pub use fault::{ConfigFault, Place, Refused};
pub use files::{FilesFor, NamedFiles};
pub use manual::manual;
pub use owner::{Beat, Contact, Located, Owner};
pub use policy::thresholds_of;
pub use schema::schema;
pub use site::{ClockSources, Http, ProxyChoice, Serve, Site, Store, StorePlace};
pub use tracker::{Tracker, TrackerKind};

use build::Build;

/// What a config says, each name in it known and each value possible.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// How a round looks.
    pub check: CheckConfig,
    /// What is watched, and what is judged differently for whom.
    pub inventory: Inventory,
    /// Files with the client certificates that some targets show, and with their keys, in the order
    /// that `TargetOptions::client_certificate` counts.
    pub clients: Vec<(PathBuf, PathBuf)>,
    /// Trust stores and client certificates; a round opens them, and [`load`] does not.
    pub files: Vec<NamedFiles>,
    /// Who answers for it.
    pub owners: Vec<Owner>,
    /// Findings that somebody answers for, those included whose time is over.
    pub acceptances: Vec<Acceptance>,
    /// The outgoing heartbeat.
    pub beat: Option<Beat>,
    /// What its instances share.
    pub site: Site,
    /// Who answers for what nobody else does.
    pub default_owner: Option<String>,
    /// Who is asked what time it is.
    pub clock: ClockSources,
    /// Whose group is called when an owner does not answer.
    pub operations: Option<String>,
    /// Where it is remembered.
    pub store: Option<Store>,
    /// How whatever is asked over HTTP is reached.
    pub http: Http,
    /// The brake on new issues.
    pub limits: Limits,
    /// Who owns and renews which certificates.
    pub certificates: Vec<CertificateRule>,
    /// Programs that say how renewals stand.
    pub state_programs: Vec<StateProgram>,
    /// Times of maintenance.
    pub windows: Vec<Window>,
    /// What is looked at again where much is newly unknown; empty: what is chosen for it.
    pub sentinels: Vec<Sentinel>,
    /// How the service runs.
    pub serve: Serve,
    /// SHA-256 of the files that it was read from, to notice a change.
    pub hash: String,
    /// What its author should know, one line each.
    pub notes: Vec<String>,
}

impl Config {
    /// What was understood, in one line.
    pub fn summary(&self) -> String {
        let targets = self.inventory.listed(&self.inventory.repeats()).count();
        let [targets, owners, acceptances] = [
            (targets, "target"),
            (self.owners.len(), "owner"),
            (self.acceptances.len(), "acceptance"),
        ]
        .map(|(count, noun)| counted(count, noun));
        format!("{targets}, {owners}, {acceptances}")
    }
}

/// Reads the config in `path` and what it includes; dates are held against `now`.
///
/// # Errors
/// All faults of all files.
pub fn load(path: &Path, now: Time) -> Result<Config, Refused> {
    let mut build = Build::new(now);
    let place = Place { file: path.display().to_string(), at: None };
    build.read(path, None, place);
    build.done()
}
