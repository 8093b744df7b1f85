//! `[[owner]]` and `[beat]`: who answers, and how they will be reached.

use std::path::Path;

use certvigil_doors::SecretReference;

use super::fault::Place;
use super::raw::Fields;

/// A group that answers for targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// What targets and reports call it.
    pub name: String,
    /// What its targets are for.
    pub env: String,
    /// Where issues are filed.
    pub tracker: Option<Tracker>,
    /// How somebody is called.
    pub page: Option<Contact>,
    /// Who is called when nobody answers.
    pub second: Option<Contact>,
}

/// An issue tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracker {
    /// What is spoken there.
    pub kind: String,
    /// Where it is.
    pub url: String,
    /// The project that issues are filed in.
    pub project: String,
    /// Where the token is that lets us in.
    pub token: SecretReference,
}

/// A way to call somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The channel.
    pub kind: String,
    /// Whom it reaches.
    pub to: Option<String>,
    /// The server that carries it.
    pub via: Option<String>,
    /// Where it is sent.
    pub url: Option<Located>,
    /// Where the token is that lets us in.
    pub token: Option<SecretReference>,
}

/// The outgoing heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Its receiver.
    pub url: Located,
}

/// An address, or where it is kept: some hold a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located {
    /// Kept there.
    Secret(SecretReference),
    /// This one.
    Url(String),
}

impl Owner {
    /// Whether it wants more than to be named on reports.
    pub(super) const fn acts(&self) -> bool {
        self.tracker.is_some() || self.page.is_some() || self.second.is_some()
    }
}

/// None where the table lacks something, which is a fault already. Paths are relative to `folder`.
pub(super) fn read(table: Fields<'_>, folder: &Path) -> Option<(Owner, Place)> {
    let owner = Owner {
        name: table.owned("name")?,
        env: table.owned("env").unwrap_or_else(|| "production".to_owned()),
        tracker: table.table("tracker").and_then(|it| tracker(it, folder)),
        page: table.table("page").and_then(|it| contact(it, folder)),
        second: table.table("second").and_then(|it| contact(it, folder)),
    };
    Some((owner, table.place()))
}

pub(super) fn beat(table: Fields<'_>, folder: &Path) -> Option<Beat> {
    Some(Beat { url: located(table.text("url")?, folder) })
}

fn tracker(table: Fields<'_>, folder: &Path) -> Option<Tracker> {
    Some(Tracker {
        kind: table.owned("kind")?,
        url: table.owned("url")?,
        project: table.owned("project")?,
        token: secret(table, "token", folder)?,
    })
}

fn contact(table: Fields<'_>, folder: &Path) -> Option<Contact> {
    Some(Contact {
        kind: table.owned("kind")?,
        to: table.owned("to"),
        via: table.owned("via"),
        url: table.text("url").map(|text| located(text, folder)),
        token: secret(table, "token", folder),
    })
}

fn secret(table: Fields<'_>, key: &str, folder: &Path) -> Option<SecretReference> {
    let reference: SecretReference = table.text(key)?.parse().ok()?;
    Some(reference.beside(folder))
}

fn located(text: &str, folder: &Path) -> Located {
    match text.parse::<SecretReference>() {
        Ok(reference) => Located::Secret(reference.beside(folder)),
        Err(_) => Located::Url(text.to_owned()),
    }
}
