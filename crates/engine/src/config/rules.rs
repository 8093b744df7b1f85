//! What alarms keep to, drawn from the whole config.

use certvigil_alarm::{Contacts, OwnerRule, Rules};

use super::{Config, Contact, Owner};

impl Config {
    /// What alarms keep to; `site_key` is what its reference in [`Config::site`] led to. Where nobody is named to answer
    /// for what nobody owns it is the first owner, and without any the word `nobody`.
    pub fn rules(&self, site_key: Option<String>) -> Rules {
        let first = self.owners.first().map(|owner| owner.name.clone());
        let owners = self.owners.iter().map(|owner| (owner.name.clone(), rule(owner)));
        let default_owner = self.default_owner.clone().or(first);
        let default_owner = default_owner.unwrap_or_else(|| "nobody".to_owned());
        Rules {
            site: self.site.name.clone(),
            site_key,
            operations: self.operations.clone().unwrap_or_else(|| default_owner.clone()),
            default_owner,
            owners: owners.collect(),
            certificates: self.certificates.clone(),
            windows: self.windows.clone(),
            sentinels: self.sentinels.clone(),
            limits: self.limits,
            interval: self.serve.interval,
            has_answers: self.serve.answers.is_some(),
            is_time_in_doubt: false,
            config: self.hash.clone(),
        }
    }
}

fn contacts(owner: &Owner) -> Contacts {
    let name = |contact: &Option<Contact>| contact.as_ref().map(Contact::name);
    Contacts {
        channel: name(&owner.channel),
        mail: name(&owner.mail),
        page: name(&owner.page),
        second: name(&owner.second),
        group: owner.group.iter().map(Contact::name).collect(),
    }
}

fn rule(owner: &Owner) -> OwnerRule {
    OwnerRule {
        tracker: owner.tracker.as_ref().map(super::Tracker::name),
        env: owner.env.clone(),
        contacts: contacts(owner),
        calendar: owner.calendar.clone(),
        is_person: owner.is_person,
    }
}
