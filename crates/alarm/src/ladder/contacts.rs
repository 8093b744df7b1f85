//! Whom a step reaches: contacts of the owner and of operations, and never anybody else.

use certvigil_model::{ChannelName, Incident};

use super::tier::failing;
use crate::{Contacts, Rules};

/// How loud somebody is to be told, each louder than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Channel,
    Mail,
    Page,
    Second,
    Group,
}

/// The owner's contact at `level`; where it is missing the next louder one. Where there is none, whatever the owner has,
/// and operations in the same way.
pub(super) fn at(level: Level, incident: &Incident, rules: &Rules) -> Vec<ChannelName> {
    let of_owner = rules.owners.get(&incident.owner).map(|owner| &owner.contacts);
    let found = of_owner.map(|contacts| louder(contacts, level, incident)).unwrap_or_default();
    if !found.is_empty() {
        return found;
    }
    let mut found = of_owner.map(|contacts| quieter(contacts, level, incident)).unwrap_or_default();
    if let Some(operations) = rules.owners.get(&rules.operations) {
        let called = louder(&operations.contacts, level, incident);
        let told = || quieter(&operations.contacts, level, incident);
        add(&mut found, if called.is_empty() { told() } else { called });
    }
    found
}

fn louder(contacts: &Contacts, level: Level, incident: &Incident) -> Vec<ChannelName> {
    let louder = LEVELS.into_iter().filter(|it| *it >= level);
    first(louder, contacts, incident)
}

fn quieter(contacts: &Contacts, level: Level, incident: &Incident) -> Vec<ChannelName> {
    let quieter = LEVELS.into_iter().rev().filter(|it| *it < level);
    first(quieter, contacts, incident)
}

fn first(
    mut levels: impl Iterator<Item = Level>,
    contacts: &Contacts,
    incident: &Incident,
) -> Vec<ChannelName> {
    let found = levels.find_map(|level| {
        Some(of(contacts, level, incident)).filter(|channels| !channels.is_empty())
    });
    found.unwrap_or_default()
}

const LEVELS: [Level; 5] = [Level::Channel, Level::Mail, Level::Page, Level::Second, Level::Group];

/// Everybody whom the owner calls, and everybody whom operations calls.
pub(super) fn everybody(incident: &Incident, rules: &Rules) -> Vec<ChannelName> {
    let all = [&incident.owner, &rules.operations];
    let contacts = all.into_iter().filter_map(|owner| rules.owners.get(owner));
    let mut everybody = Vec::new();
    for owner in contacts {
        for level in [Level::Page, Level::Second, Level::Group] {
            add(&mut everybody, of(&owner.contacts, level, incident));
        }
    }
    // Nobody is called anywhere: whoever can be told at all.
    if everybody.is_empty() { at(Level::Channel, incident, rules) } else { everybody }
}

/// Both together, each once.
pub(super) fn both(incident: &Incident, rules: &Rules) -> Vec<ChannelName> {
    let mut both = at(Level::Page, incident, rules);
    add(&mut both, at(Level::Second, incident, rules));
    both
}

fn add(all: &mut Vec<ChannelName>, more: Vec<ChannelName>) {
    all.extend(more.into_iter().filter(|it| !all.contains(it)).collect::<Vec<_>>());
}

fn of(contacts: &Contacts, level: Level, incident: &Incident) -> Vec<ChannelName> {
    let one = match level {
        Level::Channel => &contacts.channel,
        Level::Mail => &contacts.mail,
        Level::Page => &contacts.page,
        Level::Second => &contacts.second,
        Level::Group => return usable(&contacts.group, incident),
    };
    usable(one.as_slice(), incident)
}

fn usable(channels: &[ChannelName], incident: &Incident) -> Vec<ChannelName> {
    let mut usable = Vec::new();
    let works = |it: &&ChannelName| failing(incident) != Some(it.0.as_str());
    add(&mut usable, channels.iter().filter(works).cloned().collect());
    usable
}
