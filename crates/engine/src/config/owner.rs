//! `[[owner]]` and `[beat]`: who answers, and how they will be reached.

use std::path::Path;

use certvigil_alarm::Calendar;
use certvigil_doors::SecretReference;
use certvigil_model::ChannelName;
use jiff::civil::Date;
use url::Url;

use super::fault::Place;
use super::raw::{Faults, Fields, Value};
use super::site::{self, Http};
use super::tracker::{self, Tracker};
use super::{forms, units};

/// A group that answers for targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// What targets and reports call it.
    pub name: String,
    /// What its targets are for.
    pub env: String,
    /// Where issues are filed.
    pub tracker: Option<Tracker>,
    /// Where a copy of each issue goes.
    pub channel: Option<Contact>,
    /// Where it is reminded.
    pub mail: Option<Contact>,
    /// How somebody is called.
    pub page: Option<Contact>,
    /// Who is called when nobody answers.
    pub second: Option<Contact>,
    /// Everybody in it.
    pub group: Vec<Contact>,
    /// When it is at work.
    pub calendar: Calendar,
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
    /// From whom it comes.
    pub from: Option<String>,
    /// The server that carries it.
    pub via: Option<String>,
    /// Our own account there.
    pub user: Option<String>,
    /// The program that carries it, with its arguments.
    pub command: Vec<String>,
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
    pub(super) fn acts(&self) -> bool {
        self.tracker.is_some() || self.calls()
    }

    /// Whether somebody is to be called.
    pub(super) fn calls(&self) -> bool {
        self.contacts().next().is_some()
    }

    /// Every way to reach it.
    pub fn contacts(&self) -> impl Iterator<Item = &Contact> {
        let single = [&self.channel, &self.mail, &self.page, &self.second];
        single.into_iter().flatten().chain(&self.group)
    }

    /// Adds what `[http]` says to what is said here.
    pub(super) fn reach_by(&mut self, base: &Http) {
        let single = [&mut self.channel, &mut self.mail, &mut self.page, &mut self.second];
        let contacts = single.into_iter().flatten().chain(&mut self.group);
        let own = contacts.map(|contact| &mut contact.http);
        for http in own.chain(self.tracker.as_mut().map(|tracker| &mut tracker.http)) {
            *http = http.or(base);
        }
    }
}

impl Contact {
    /// How it is told apart from others, without any secret.
    pub fn name(&self) -> ChannelName {
        let host =
            |url: &str| Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let at = self.url.as_ref().and_then(|url| match url {
            Located::Secret(reference) => Some(reference.to_string()),
            Located::Url(url) => host(url),
        });
        let at = at.or_else(|| self.via.as_deref().filter(|_| self.to.is_none()).and_then(host));
        let program = self.command.first().cloned();
        let parts = [Some(self.kind.clone()), self.to.clone(), at, program];
        ChannelName(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

/// None where the table lacks something, which is a fault already. Paths are relative to `folder`.
pub(super) fn read(table: Fields<'_>, folder: &Path, faults: &Faults) -> Option<(Owner, Place)> {
    let one = |key| table.table(key).and_then(|it| contact(it, folder));
    let owner = Owner {
        name: table.owned("name")?,
        env: table.owned("env").unwrap_or_else(|| "production".to_owned()),
        tracker: table.table("tracker").and_then(|it| tracker::read(it, folder, faults)),
        channel: one("channel"),
        mail: one("mail"),
        page: one("page"),
        second: one("second"),
        group: table.tables("group").filter_map(|it| contact(it, folder)).collect(),
        calendar: calendar(table, faults),
        is_person: table.flag("person").unwrap_or(false),
    };
    Some((owner, table.place()))
}

fn calendar(table: Fields<'_>, faults: &Faults) -> Calendar {
    let usual = Calendar::default();
    let named = |name: &str| forms::DAYS.iter().find(|(known, _)| *known == name);
    let days: Vec<_> = table.texts("working_days").filter_map(named).map(|(_, day)| *day).collect();
    let (from, to) = table.read("working_hours", units::hours).unwrap_or((usual.from, usual.to));
    if let Some(value) = table.value("working_days")
        && table.list("working_days").next().is_none()
    {
        let hint = "write working_days = [\"mon\"], or leave it out".to_owned();
        faults.add(value.place(), "an owner who never works answers nothing", Some(hint));
    }
    let zone = table.text("zone").and_then(|name| forms::zone(name).ok()).unwrap_or(usual.zone);
    let holidays = table.list("holidays").filter_map(|value| holiday(value, faults)).collect();
    Calendar { zone, days: if days.is_empty() { usual.days } else { days }, from, to, holidays }
}

fn holiday(value: Value<'_>, faults: &Faults) -> Option<Date> {
    let date = value.moment()?.parse::<Date>().ok();
    if date.is_none() {
        let hint = "write a date like 2026-12-25".to_owned();
        faults.add(value.place(), "a holiday is a date without a time", Some(hint));
    }
    date
}

pub(super) fn beat(table: Fields<'_>, folder: &Path) -> Option<Beat> {
    Some(Beat { url: located(table.text("url")?, folder), http: http(table, folder) })
}

fn contact(table: Fields<'_>, folder: &Path) -> Option<Contact> {
    Some(Contact {
        kind: table.owned("kind")?,
        to: table.owned("to"),
        from: table.owned("from"),
        user: table.owned("user"),
        command: table.texts("command").map(str::to_owned).collect(),
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
