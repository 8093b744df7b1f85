//! Puts together what the files of a config say, and checks what no file can say alone.

use std::collections::BTreeMap;
use std::path::Path;

use certvigil_inventory::Group;
use certvigil_model::{Foreign, Time};

use super::fault::{ConfigFault, Place, Refused, counted};
use super::keys::near;
use super::raw::{Faults, Fields, Source};
use super::{Config, accept, check, owner, policy, target};

/// A config under construction.
pub(super) struct Build {
    now: Time,
    pub(super) faults: Faults,
    config: Config,
    /// Where each owner is described.
    owners: BTreeMap<String, Place>,
    /// Where each tag is described.
    tags: BTreeMap<String, Place>,
    /// Owners that are named somewhere, and where.
    named: Vec<(String, Place)>,
    /// Where each target stands, to tell when it stands there twice.
    targets: BTreeMap<String, Place>,
}

impl Build {
    /// Nothing yet. Dates are held against `now`.
    pub(super) fn new(now: Time) -> Self {
        Self {
            now,
            faults: Faults::default(),
            config: Config::default(),
            owners: BTreeMap::new(),
            tags: BTreeMap::new(),
            named: Vec::new(),
            targets: BTreeMap::new(),
        }
    }

    /// Takes in the file at `path`.
    pub(super) fn file(&mut self, path: &Path, text: String) {
        let source = Source::new(path.display().to_string(), text);
        let parsed = source.parse(&self.faults);
        let top = Fields::top(&source, &parsed);
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        for owner in top.tables("owner").filter_map(owner::read) {
            self.owner(owner);
        }
        let default_owner = self.owner_named(top, "default_owner");
        if let Some(table) = top.table("check") {
            self.config.check = check::read(table, folder, &self.faults);
            self.config.inventory.policy = policy::read(table, &self.faults);
        }
        if let Some(table) = top.table("beat") {
            self.config.beat = owner::beat(table);
        }
        for table in top.tables("tag") {
            self.tag(table);
        }
        let faults = &self.faults;
        let acceptances = top.tables("accept").filter_map(|it| accept::read(it, self.now, faults));
        self.config.acceptances.extend(acceptances);
        for table in top.tables("target") {
            let owner = self.owner_named(table, "owner").or_else(|| default_owner.clone());
            let group = target::read(table, owner, &self.faults);
            self.check_names(&group, table);
            self.config.inventory.groups.push(group);
        }
    }

    /// The config, or all that is wrong with it.
    pub(super) fn done(mut self) -> Result<Config, Refused> {
        for (name, place) in std::mem::take(&mut self.named) {
            if !self.owners.contains_key(&name) {
                let hint = match near(&name, self.owners.keys().map(String::as_str)) {
                    Some(meant) => format!("did you mean \"{}\"?", shown(meant)),
                    None => format!("add an [[owner]] with name = \"{}\"", shown(&name)),
                };
                let what = format!("no [[owner]] is called \"{}\"", shown(&name));
                self.faults.add(place, what, Some(hint));
            }
        }
        self.notes();
        let Self { faults, config, .. } = self;
        match faults.into_sorted() {
            none if none.is_empty() => Ok(config),
            faults => Err(Refused(faults)),
        }
    }

    fn owner(&mut self, (owner, place): (super::Owner, Place)) {
        match self.owners.get(&owner.name) {
            Some(first) => {
                let what = format!("a second [[owner]] is called \"{}\"", shown(&owner.name));
                self.faults.add(place, what, Some(format!("the first stands at {first}")));
            }
            None => {
                self.owners.insert(owner.name.clone(), place);
                self.config.owners.push(owner);
            }
        }
    }

    fn tag(&mut self, table: Fields<'_>) {
        let policy = policy::read(table, &self.faults);
        let (Some(name), place) = (table.owned("name"), table.place()) else { return };
        if let Some(first) = self.tags.get(&name) {
            let what = format!("a second [[tag]] is called \"{}\"", shown(&name));
            self.faults.add(place, what, Some(format!("the first stands at {first}")));
            return;
        }
        self.tags.insert(name.clone(), place);
        self.config.inventory.tags.insert(name, policy);
    }

    /// The owner named under `key`; whether there is one is asked when all files are read.
    fn owner_named(&mut self, table: Fields<'_>, key: &str) -> Option<String> {
        let name = table.owned(key)?;
        self.named.push((name.clone(), table.value(key)?.place()));
        Some(name)
    }

    /// Each name must be a target, and one that no other line has asked for in the same way.
    fn check_names(&mut self, group: &Group, table: Fields<'_>) {
        for (written, value) in group.listed().zip(table.list("names")) {
            let place = value.place();
            let target = match &written.target {
                Ok(target) => target,
                Err(fault) => {
                    let text = written.text.shown_within(60);
                    let what = format!("{} cannot be \"{text}\"", table.named("names"));
                    self.faults.add(place, what, Some(fault.to_string()));
                    continue;
                }
            };
            let identity = target::identity(target);
            match self.targets.get(&identity) {
                Some(first) => {
                    let what = format!("\"{}\" is a target already", target.written.shown());
                    let hint = format!("leave one out: the other stands at {first}");
                    self.faults.add(place, what, Some(hint));
                }
                None => {
                    self.targets.insert(identity, place);
                }
            }
        }
    }

    fn notes(&mut self) {
        let Config { owners, beat, inventory, acceptances, notes, .. } = &mut self.config;
        if beat.is_some() || owners.iter().any(owner::Owner::acts) {
            notes.push(
                "tracker, page, second and beat are checked and not acted on: this version looks and reports"
                    .to_owned(),
            );
        }
        let unowned: usize = inventory
            .groups
            .iter()
            .filter(|group| group.owner.is_none())
            .map(|group| group.names.len())
            .sum();
        if unowned > 0 && !owners.is_empty() {
            notes.push(format!("{} without an owner", counted(unowned, "target")));
        }
        let ended = acceptances.iter().filter(|one| one.answer.until <= self.now).count();
        if ended > 0 {
            let ended = counted(ended, "acceptance");
            notes.push(format!("{ended} ended: what was accepted is red again"));
        }
        for ConfigFault { place, what, .. } in unused(owners, inventory, &self.owners) {
            notes.push(format!("{place}: {what}"));
        }
    }
}

/// A name out of a file, for a message.
fn shown(name: &str) -> String {
    Foreign::new(name).shown_within(60).to_string()
}

/// Owners that no target has.
fn unused<'a>(
    owners: &'a [super::Owner],
    inventory: &'a certvigil_inventory::Inventory,
    places: &'a BTreeMap<String, Place>,
) -> impl Iterator<Item = ConfigFault> + 'a {
    let has =
        |name: &str| inventory.groups.iter().any(|group| group.owner.as_deref() == Some(name));
    owners.iter().filter(move |owner| !has(&owner.name)).filter_map(|owner| {
        let place = places.get(&owner.name)?.clone();
        let what = format!("the owner \"{}\" answers for no target", shown(&owner.name));
        Some(ConfigFault { place, what, hint: None })
    })
}
