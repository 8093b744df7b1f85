//! `[[owner]]` and `[beat]`: who answers, and how they will be reached.

use std::path::Path;

use certvigil_doors::SecretReference;

use super::fault::Place;
use super::raw::{Faults, Fields};
use super::site::{self, Http};
use super::tracker::{self, Tracker};

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
    /// Whether it is one person.
    pub is_person: bool,
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
    /// How it is reached, `[http]` included.
    pub http: Http,
}

/// The outgoing heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Its receiver.
    pub url: Located,
    /// How it is reached, `[http]` included.
    pub http: Http,
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
        self.tracker.is_some() || self.calls()
    }

    /// Whether somebody is to be called.
    pub(super) const fn calls(&self) -> bool {
        self.page.is_some() || self.second.is_some()
    }

    /// Adds what `[http]` says to what is said here.
    pub(super) fn reach_by(&mut self, base: &Http) {
        let contacts = [&mut self.page, &mut self.second].into_iter().flatten();
        let own = contacts.map(|contact| &mut contact.http);
        for http in own.chain(self.tracker.as_mut().map(|tracker| &mut tracker.http)) {
            *http = http.or(base);
        }
    }
}

/// None where the table lacks something, which is a fault already. Paths are relative to `folder`.
pub(super) fn read(table: Fields<'_>, folder: &Path, faults: &Faults) -> Option<(Owner, Place)> {
    let owner = Owner {
        name: table.owned("name")?,
        env: table.owned("env").unwrap_or_else(|| "production".to_owned()),
        tracker: table.table("tracker").and_then(|it| tracker::read(it, folder, faults)),
        page: table.table("page").and_then(|it| contact(it, folder)),
        second: table.table("second").and_then(|it| contact(it, folder)),
        is_person: table.flag("person").unwrap_or(false),
    };
    Some((owner, table.place()))
}

pub(super) fn beat(table: Fields<'_>, folder: &Path) -> Option<Beat> {
    Some(Beat { url: located(table.text("url")?, folder), http: http(table, folder) })
}

fn contact(table: Fields<'_>, folder: &Path) -> Option<Contact> {
    Some(Contact {
        kind: table.owned("kind")?,
        to: table.owned("to"),
        via: table.owned("via"),
        url: table.text("url").map(|text| located(text, folder)),
        token: secret(table, "token", folder),
        http: http(table, folder),
    })
}

fn http(table: Fields<'_>, folder: &Path) -> Http {
    table.table("http").map(|it| site::http(it, folder)).unwrap_or_default()
}

pub(super) fn secret(table: Fields<'_>, key: &str, folder: &Path) -> Option<SecretReference> {
    let reference: SecretReference = table.text(key)?.parse().ok()?;
    Some(reference.beside(folder))
}

pub(super) fn located(text: &str, folder: &Path) -> Located {
    match text.parse::<SecretReference>() {
        Ok(reference) => Located::Secret(reference.beside(folder)),
        Err(_) => Located::Url(text.to_owned()),
    }
}
