//! `[check]`: how a round looks.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;

use certvigil_model::FailOn;
use certvigil_probe::EhloName;

use super::files::{FilesFor, NamedFiles};
use super::raw::{Faults, Fields};
use super::units;
use crate::TrustStore;
use crate::trust::Source;

/// What `[check]` says; what it does not say is left to the command line and to the defaults.
#[derive(Clone, Debug, Default)]
pub struct CheckConfig {
    /// The total for one endpoint.
    pub deadline: Option<Duration>,
    /// How long one connection request may go unanswered.
    pub connect_timeout: Option<Duration>,
    /// Looks under way at a time.
    pub concurrency: Option<NonZeroUsize>,
    /// Looks a second to one address.
    pub rate_per_address: Option<NonZeroU32>,
    /// The trust stores that decide.
    pub trust: Vec<TrustStore>,
    /// The least that makes the exit code 1.
    pub fail_on: Option<FailOn>,
    /// Look only at the first address of a name.
    pub first_address: bool,
    /// Ask only for the certificate that a server prefers.
    pub first_certificate: bool,
    /// PEM files with the certificate to show to servers that ask, and with its key.
    pub client: Option<(PathBuf, PathBuf)>,
    /// What we call ourselves to mail servers.
    pub ehlo_name: Option<EhloName>,
    /// How long after a round what it found is looked at once more, before it is told.
    pub look_again_after: Option<Duration>,
    /// How long telling may take once the round is over, the second looks included.
    pub act_within: Option<Duration>,
}

/// Paths in it are relative to `folder`.
pub(super) fn read(table: Fields<'_>, folder: &Path, faults: &Faults) -> CheckConfig {
    let count = |number| usize::try_from(number).ok().and_then(NonZeroUsize::new);
    CheckConfig {
        deadline: table.read("deadline", units::span),
        connect_timeout: table.read("connect_timeout", units::span),
        concurrency: table.number("concurrency").and_then(count),
        rate_per_address: table.read("rate_per_address", units::rate),
        trust: table.texts("trust").filter_map(|text| trust(text, folder)).collect(),
        fail_on: table.read("fail_on", units::fail_on),
        first_address: table.flag("first_address").unwrap_or(false),
        first_certificate: table.flag("first_certificate").unwrap_or(false),
        client: client(table, folder, faults),
        look_again_after: table.read("look_again_after", units::span),
        act_within: table.read("act_within", units::span),
        ehlo_name: table.read("ehlo_name", |text| text.parse().map_err(|_| String::new())),
    }
}

fn trust(text: &str, folder: &Path) -> Option<TrustStore> {
    let mut store: TrustStore = text.parse().ok()?;
    if let Source::Files(files) = &mut store.source {
        files.iter_mut().for_each(|file| *file = folder.join(&*file));
    }
    Some(store)
}

/// Where `table` names trust stores.
pub(super) fn trust_files(table: Fields<'_>, folder: &Path) -> impl Iterator<Item = NamedFiles> {
    table.list("trust").filter_map(move |value| {
        let store = trust(value.text()?, folder)?;
        Some(NamedFiles { place: value.place(), what: FilesFor::Trust(store) })
    })
}

/// Where `table` names `client`.
pub(super) fn client_files(table: Fields<'_>, client: &(PathBuf, PathBuf)) -> Option<NamedFiles> {
    let (certificate, key) = client.clone();
    let place = table.value("client_certificate")?.place();
    Some(NamedFiles { place, what: FilesFor::Client { certificate, key } })
}

/// The files of a client certificate and its key, which belong together.
pub(super) fn client(
    table: Fields<'_>,
    folder: &Path,
    faults: &Faults,
) -> Option<(PathBuf, PathBuf)> {
    match (table.text("client_certificate"), table.text("client_key")) {
        (Some(certificate), Some(key)) => Some((folder.join(certificate), folder.join(key))),
        (None, None) => None,
        (certificate, _) => {
            let (there, lacking) = match certificate {
                Some(_) => ("client_certificate", "client_key"),
                None => ("client_key", "client_certificate"),
            };
            faults.lonely(table, there, lacking);
            None
        }
    }
}
