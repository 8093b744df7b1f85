//! Targets that share what their author asked for, and all of them together.

use std::collections::BTreeMap;
use std::sync::Arc;

use certvigil_model::{Addresses, Origin, Policy, Target, TargetOptions};

use crate::{Defaults, Listed, ResolveOverride, parse};

/// All that is to be watched: groups of targets, and what is judged differently for whom.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// In the order in which they are written.
    pub groups: Vec<Group>,
    /// What is judged differently everywhere.
    pub policy: Policy,
    /// What is judged differently where a target has a tag.
    pub tags: BTreeMap<String, Policy>,
    /// What wins over all of that.
    pub last_word: Policy,
    /// Addresses that win over those of the groups.
    pub resolve: Vec<ResolveOverride>,
}

/// Targets that are looked at in the same way.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The targets as written, and where.
    pub names: Vec<(String, Origin)>,
    /// What a line need not say.
    pub defaults: Defaults,
    /// Who answers for them.
    pub owner: Option<String>,
    /// Their author's words for grouping.
    pub tags: Vec<String>,
    /// What is done differently. What a line says by itself, and `policy`, stand elsewhere.
    pub options: TargetOptions,
    /// What is judged differently here.
    pub policy: Policy,
}

impl Inventory {
    /// Every line of every group, read as it is asked for.
    pub fn listed(&self) -> impl Iterator<Item = Listed> + '_ {
        self.groups.iter().flat_map(|group| self.of_group(group))
    }

    fn of_group<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = Listed> + 'a {
        group.read(self.defaults(group), self.policy_of(&group.tags, &group.policy))
    }

    /// The group's own, but for the addresses that win over them.
    fn defaults(&self, group: &Group) -> Defaults {
        let mut defaults = group.defaults.clone();
        let same =
            |a: &ResolveOverride, b: &ResolveOverride| (&a.host, a.port) == (&b.host, b.port);
        defaults.resolve.retain(|one| !self.resolve.iter().any(|other| same(one, other)));
        defaults.resolve.extend(self.resolve.iter().cloned());
        defaults
    }

    /// What is judged differently for a target with these tags and these wishes of its own; none
    /// where that is nothing.
    fn policy_of(&self, tags: &[String], own: &Policy) -> Option<Arc<Policy>> {
        let tags = tags.iter().filter_map(|tag| self.tags.get(tag));
        let layers = std::iter::once(&self.policy).chain(tags).chain([own, &self.last_word]);
        let policy = layers.fold(Policy::default(), Policy::then);
        let nothing = policy.thresholds.is_none() && policy.adjustments.is_empty();
        (!nothing).then(|| Arc::new(policy))
    }
}

impl Group {
    /// Every line, read without what other groups, tags and the command line say.
    pub fn listed(&self) -> impl Iterator<Item = Listed> + '_ {
        self.read(self.defaults.clone(), None)
    }

    fn read(
        &self,
        defaults: Defaults,
        policy: Option<Arc<Policy>>,
    ) -> impl Iterator<Item = Listed> + '_ {
        self.names.iter().map(move |(text, origin)| {
            let mut listed = parse(text, Some(origin.clone()), &defaults);
            if let Ok(target) = &mut listed.target {
                self.complete(target, policy.as_ref());
            }
            listed
        })
    }

    /// Adds to what a line says what its group says.
    fn complete(&self, target: &mut Target, policy: Option<&Arc<Policy>>) {
        target.owner.clone_from(&self.owner);
        target.tags.clone_from(&self.tags);
        let line = std::mem::take(&mut target.options);
        target.options = TargetOptions {
            server_name: line.server_name,
            without_server_name: line.without_server_name,
            wildcard: line.wildcard,
            addresses: match line.addresses {
                addresses @ Addresses::These(_) => addresses,
                _ => self.options.addresses.clone(),
            },
            policy: policy.cloned(),
            ..self.options.clone()
        };
    }
}
