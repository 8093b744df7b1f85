//! What alarms keep to, drawn from the whole config.

use certvigil_alarm::{OwnerRule, Rules};

use super::{Config, Owner};

impl Config {
    /// What alarms keep to; `site_key` is what its reference in [`Config::site`] led to. Where nobody is named to answer
    /// for what nobody owns it is the first owner, and without any the word `nobody`.
    pub fn rules(&self, site_key: Option<String>) -> Rules {
        let first = self.owners.first().map(|owner| owner.name.clone());
        let owners = self.owners.iter().map(|owner| (owner.name.clone(), rule(owner)));
        Rules {
            site: self.site.name.clone(),
            site_key,
            default_owner: self
                .default_owner
                .clone()
                .or(first)
                .unwrap_or_else(|| "nobody".to_owned()),
            owners: owners.collect(),
            certificates: self.certificates.clone(),
            windows: self.windows.clone(),
            sentinels: self.sentinels.clone(),
            limits: self.limits,
            config: self.hash.clone(),
        }
    }
}

fn rule(owner: &Owner) -> OwnerRule {
    OwnerRule {
        tracker: owner.tracker.as_ref().map(super::Tracker::name),
        env: owner.env.clone(),
        has_second: owner.second.is_some(),
        is_person: owner.is_person,
    }
}
