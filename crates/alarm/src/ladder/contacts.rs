//! Whom a step reaches: contacts of the owner and of operations, and never anybody else.

use certvigil_model::{ChannelName, Incident, Subject};

use crate::{Contacts, Rules};

/// How loud somebody is to be told, each louder than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Channel,
    Mail,
    Page,
    Second,
    Group,
}

const LEVELS: [Level; 5] = [Level::Channel, Level::Mail, Level::Page, Level::Second, Level::Group];

/// Who can be reached for an owner.
#[derive(Clone, Copy)]
pub(crate) struct Reach<'a> {
    rules: &'a Rules,
    owner: &'a str,
    /// A channel that fails is never used to tell of it.
    failing: Option<&'a str>,
}

impl<'a> Reach<'a> {
    /// Who hears of `incident`.
    pub(crate) fn of(incident: &'a Incident, rules: &'a Rules) -> Self {
        let failing = match &incident.subject {
            Subject::Channel(name) => Some(name.as_str()),
            _ => None,
        };
        Self { rules, owner: &incident.owner, failing }
    }

    /// Who hears of what is operations' own.
    pub(crate) fn of_operations(rules: &'a Rules) -> Self {
        Self { rules, owner: &rules.operations, failing: None }
    }

    /// The owner's contact at `level`; where it is missing the next louder one. Where there is none, whatever the owner
    /// has, and operations in the same way.
    pub(crate) fn at(self, level: Level) -> Vec<ChannelName> {
        let mut found = self.contacts(self.owner, |it| self.louder(it, level));
        if found.is_empty() {
            found = self.contacts(self.owner, |it| self.quieter(it, level));
            let operations = &self.rules.operations;
            let called = self.contacts(operations, |it| self.louder(it, level));
            let told = || self.contacts(operations, |it| self.quieter(it, level));
            add(&mut found, if called.is_empty() { told() } else { called });
        }
        found
    }

    /// Who is called first and who is called second, each once.
    pub(crate) fn both(self) -> Vec<ChannelName> {
        let mut both = self.at(Level::Page);
        add(&mut both, self.at(Level::Second));
        both
    }

    /// Everybody whom the owner calls, and everybody whom operations calls; where nobody is called, who can be told.
    pub(crate) fn everybody(self) -> Vec<ChannelName> {
        let mut everybody = Vec::new();
        for owner in [self.owner, &self.rules.operations] {
            for level in [Level::Page, Level::Second, Level::Group] {
                add(&mut everybody, self.contacts(owner, |it| self.exactly(it, level)));
            }
        }
        if everybody.is_empty() { self.at(Level::Channel) } else { everybody }
    }

    fn contacts(
        self,
        owner: &str,
        which: impl Fn(&Contacts) -> Vec<ChannelName>,
    ) -> Vec<ChannelName> {
        self.rules.owners.get(owner).map(|owner| which(&owner.contacts)).unwrap_or_default()
    }

    fn louder(self, contacts: &Contacts, level: Level) -> Vec<ChannelName> {
        self.first(LEVELS.into_iter().filter(|it| *it >= level), contacts)
    }

    fn quieter(self, contacts: &Contacts, level: Level) -> Vec<ChannelName> {
        self.first(LEVELS.into_iter().rev().filter(|it| *it < level), contacts)
    }

    fn first(
        self,
        mut levels: impl Iterator<Item = Level>,
        contacts: &Contacts,
    ) -> Vec<ChannelName> {
        let found = levels.find_map(|level| {
            Some(self.exactly(contacts, level)).filter(|channels| !channels.is_empty())
        });
        found.unwrap_or_default()
    }

    fn exactly(self, contacts: &Contacts, level: Level) -> Vec<ChannelName> {
        let channels = match level {
            Level::Channel => contacts.channel.as_slice(),
            Level::Mail => contacts.mail.as_slice(),
            Level::Page => contacts.page.as_slice(),
            Level::Second => contacts.second.as_slice(),
            Level::Group => &contacts.group,
        };
        let works = |it: &&ChannelName| self.failing != Some(it.0.as_str());
        let mut usable = Vec::new();
        add(&mut usable, channels.iter().filter(works).cloned().collect());
        usable
    }
}

fn add(all: &mut Vec<ChannelName>, more: Vec<ChannelName>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}
