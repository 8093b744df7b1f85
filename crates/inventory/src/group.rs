//! Targets that share what their author asked for, and all of them together.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use certvigil_model::{Addresses, Foreign, Host, Origin, Policy, Service, Target, TargetOptions};

use crate::sources::{Entry, Source};
use crate::{Defaults, Listed, Repeats, ResolveOverride, parse};

/// All that is to be watched: groups of targets, and what is judged differently for whom.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// In the order in which they are written.
    pub groups: Vec<Group>,
    /// What is judged differently everywhere.
    pub policy: Policy,
    /// What is judged differently where a target has a tag.
    pub tags: BTreeMap<String, Policy>,
    /// Who answers for targets with a tag that name nobody themselves.
    pub owners: BTreeMap<String, String>,
    /// What wins over all of that.
    pub last_word: Policy,
    /// Addresses that win over those of the groups.
    pub resolve: Vec<ResolveOverride>,
    /// Where the config lies: files with certificates are called by their paths from here, so that
    /// they are the same endpoints from wherever it is read.
    pub folder: PathBuf,
}

/// Targets that are looked at in the same way.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The targets as written, and where; nowhere: they were typed.
    pub names: Vec<(String, Option<Origin>)>,
    /// Files that list more of them.
    pub sources: Vec<Source>,
    /// What a line need not say.
    pub defaults: Defaults,
    /// Who answers for them.
    pub owner: Option<String>,
    /// Who answers where neither they nor their tags name anybody.
    pub default_owner: Option<String>,
    /// Their author's words for grouping.
    pub tags: Vec<String>,
    /// What is done differently. What a line says by itself, and `policy`, stand elsewhere.
    pub options: TargetOptions,
    /// What is judged differently here.
    pub policy: Policy,
}

impl Inventory {
    /// Lines that name a target which another line names too.
    pub fn repeats(&self) -> Repeats {
        Repeats::among(self.written().map(|(_, listed)| listed))
    }

    /// Every target once, read as it is asked for, and every line that is none.
    ///
    /// One that several lines name has the tags of all of them and is called by each of their
    /// spellings; everything else is as the names of the first group have it, or else the first
    /// list. `repeats` are this inventory's own.
    pub fn listed<'a>(&'a self, repeats: &'a Repeats) -> impl Iterator<Item = Listed> + 'a {
        let mut given = HashSet::new();
        self.written().filter_map(move |(group, mut listed)| {
            if let Ok(target) = &mut listed.target {
                let tags = target.tags.len();
                if !repeats.join(target, &mut given) {
                    return None;
                }
                if target.tags.len() > tags {
                    target.options.policy = self.policy_of(&target.tags, &[], &group.policy);
                }
            }
            Some(listed)
        })
    }

    /// Every line, and the group that it stands in.
    fn written(&self) -> impl Iterator<Item = (&Group, Listed)> + '_ {
        let names = self.groups.iter().flat_map(|group| {
            let line = self.line_of(group);
            let read = move |(text, origin): &(String, Option<Origin>)| {
                (group, line.read(text, origin.clone(), &[]))
            };
            group.names.iter().map(read)
        });
        let sources = self.groups.iter().flat_map(|group| {
            let line = self.line_of(group);
            let entries = group.sources.iter().flat_map(Source::entries);
            let read = move |entry| match entry {
                Entry::Line { text, origin, tags } => line.read(text, Some(origin), tags),
                Entry::File { path, origin } => line.file(path, origin),
                Entry::Lost(listed) => line.answering(listed.clone(), &[]),
            };
            entries.map(move |entry| (group, read(entry)))
        });
        names.chain(sources)
    }

    fn line_of<'a>(&'a self, group: &'a Group) -> Line<'a> {
        let mut defaults = group.defaults.clone();
        let same =
            |a: &ResolveOverride, b: &ResolveOverride| (&a.host, a.port) == (&b.host, b.port);
        defaults.resolve.retain(|one| !self.resolve.iter().any(|other| same(one, other)));
        defaults.resolve.extend(self.resolve.iter().cloned());
        let policy = self.policy_of(&group.tags, &[], &group.policy);
        Line { inventory: self, group, defaults, policy }
    }

    /// What is judged differently for a target with these tags and these wishes of its own; none
    /// where that is nothing.
    fn policy_of(&self, tags: &[String], more: &[String], own: &Policy) -> Option<Arc<Policy>> {
        let tags = tags.iter().chain(more).filter_map(|tag| self.tags.get(tag));
        let layers = std::iter::once(&self.policy).chain(tags).chain([own, &self.last_word]);
        let policy = layers.fold(Policy::default(), Policy::then);
        let nothing = policy.thresholds.is_none() && policy.adjustments.is_empty();
        (!nothing).then(|| Arc::new(policy))
    }
}

impl Group {
    /// The targets named in the group itself, as they stand there.
    pub fn named(&self) -> impl Iterator<Item = Listed> + '_ {
        let read = |(text, origin): &(String, Option<Origin>)| {
            let mut listed = parse(text, origin.clone(), &self.defaults);
            if let Ok(target) = &mut listed.target {
                self.complete(target, None, &[]);
            }
            listed
        };
        self.names.iter().map(read)
    }

    /// Adds to what a line says what its group says.
    fn complete(&self, target: &mut Target, owner: Option<String>, tags: &[String]) {
        target.owner = owner;
        target.tags = self.tags.iter().chain(tags).cloned().collect();
        let line = std::mem::take(&mut target.options);
        target.options = TargetOptions {
            server_name: line.server_name,
            without_server_name: line.without_server_name,
            wildcard: line.wildcard,
            addresses: match line.addresses {
                addresses @ Addresses::These(_) => addresses,
                _ => self.options.addresses.clone(),
            },
            ..self.options.clone()
        };
    }
}

/// How the lines of one group are read.
struct Line<'a> {
    inventory: &'a Inventory,
    group: &'a Group,
    defaults: Defaults,
    /// For a line without tags of its own.
    policy: Option<Arc<Policy>>,
}

impl Line<'_> {
    /// The target's own word, that of its last tag that has one, that of its file.
    fn owner(&self, tags: &[String]) -> Option<String> {
        let Self { group, inventory, .. } = self;
        let mut tags = group.tags.iter().chain(tags).rev();
        let by_tag = || tags.find_map(|tag| inventory.owners.get(tag));
        group.owner.as_ref().or_else(by_tag).or(group.default_owner.as_ref()).cloned()
    }

    /// Who answers for it is told also where a line is no target.
    fn answering(&self, listed: Listed, tags: &[String]) -> Listed {
        Listed { owner: self.owner(tags), ..listed }
    }

    fn file(&self, path: &Path, origin: &Origin) -> Listed {
        let from_config = path.strip_prefix(&self.inventory.folder).unwrap_or(path);
        let written = Foreign::new(from_config.to_string_lossy());
        let mut target = Target {
            written: written.clone(),
            host: Host::File(path.to_owned()),
            port: 0,
            service: Service::Tls,
            options: TargetOptions::default(),
            origin: Some(origin.clone()),
            owner: None,
            tags: Vec::new(),
            also: Vec::new(),
        };
        self.group.complete(&mut target, self.owner(&[]), &[]);
        target.options.policy.clone_from(&self.policy);
        Listed { origin: Some(origin.clone()), text: written, target: Ok(target), owner: None }
    }

    fn read(&self, text: &str, origin: Option<Origin>, tags: &[String]) -> Listed {
        let mut listed = self.answering(parse(text, origin, &self.defaults), tags);
        if let Ok(target) = &mut listed.target {
            self.group.complete(target, listed.owner.clone(), tags);
            target.options.policy = match tags {
                [] => self.policy.clone(),
                tags => self.inventory.policy_of(&self.group.tags, tags, &self.group.policy),
            };
        }
        listed
    }
}
