//! Puts together what the files of a config say, and checks what no file can say alone.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use certvigil_inventory::{Group, Listed, identity};
use certvigil_model::{Fingerprint, Foreign, Time};

use super::fault::{Place, Refused};
use super::include::Files;
use super::keys::near;
use super::raw::{Faults, Fields, Source, Value};
use super::{Config, accept, alarm, check, notes, owner, policy, site, target};

/// A config under construction.
pub(super) struct Build {
    now: Time,
    pub(super) faults: Faults,
    pub(super) files: Files,
    config: Config,
    /// Where each owner is described.
    owners: BTreeMap<String, Place>,
    /// Where each tag is described.
    tags: BTreeMap<String, Place>,
    /// Owners that are named somewhere, and where.
    named: Vec<(String, Place)>,
    /// Whose word each acceptance is, and where.
    answering: Vec<(String, Place)>,
    /// Where each target stands, to tell when it stands there twice.
    targets: HashMap<[u8; 16], Place>,
}

impl Build {
    /// Nothing yet. Dates are held against `now`.
    pub(super) fn new(now: Time) -> Self {
        Self {
            now,
            faults: Faults::default(),
            files: Files::default(),
            config: Config::default(),
            owners: BTreeMap::new(),
            tags: BTreeMap::new(),
            named: Vec::new(),
            answering: Vec::new(),
            targets: HashMap::new(),
        }
    }

    /// Takes in the file at `path`. `owner` answers for targets where neither they nor the file
    /// name one.
    pub(super) fn file(&mut self, path: &Path, text: String, owner: Option<&str>) {
        self.config.hash =
            Fingerprint::of(format!("{}\0{text}", self.config.hash).as_bytes()).to_string();
        let source = Source::new(path.display().to_string(), text);
        let parsed = source.parse(&self.faults);
        let top = Fields::top(&source, &parsed);
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        self.of_the_first(top, folder);
        for table in top.tables("owner") {
            if let Some(owner) = owner::read(table, folder, &self.faults) {
                self.owner(owner);
            }
        }
        for table in top.tables("tag") {
            self.tag(table);
        }
        self.of_alarms(top);
        let faults = &self.faults;
        for table in top.tables("accept") {
            let place = table.value("owner").map_or_else(|| table.place(), Value::place);
            if let Some(acceptance) = accept::read(table, self.now, faults) {
                self.answering.push((acceptance.answer.owner.clone(), place));
                self.config.acceptances.push(acceptance);
            }
        }
        let owner = self.owner_named(top, "default_owner").or_else(|| owner.map(str::to_owned));
        if self.files.is_first() {
            self.config.default_owner.clone_from(&owner);
        }
        for table in top.tables("target") {
            let own = self.owner_named(table, "owner");
            let mut group = target::read(table, own, folder, &self.faults);
            group.default_owner.clone_from(&owner);
            group.options.client_certificate = self.client(table, folder);
            self.check_names(&group, table);
            self.check_label(&group, table);
            self.config.inventory.groups.push(group);
        }
        self.include(top, folder, owner.as_deref());
    }

    /// What only the file says that is named on the command line: it is about the whole round.
    fn of_the_first(&mut self, top: Fields<'_>, folder: &Path) {
        if self.files.is_first() {
            folder.clone_into(&mut self.config.inventory.folder);
        }
        if let Some(table) = top.table("check") {
            self.only_in_the_first(table, "[check]");
            self.config.check = check::read(table, folder, &self.faults);
            self.config.files.extend(check::trust_files(table, folder));
            let client = self.config.check.client.as_ref();
            self.config.files.extend(client.and_then(|it| check::client_files(table, it)));
            self.config.inventory.policy = policy::read(table, &self.faults);
        }
        if let Some(table) = top.table("beat") {
            self.only_in_the_first(table, "[beat]");
            self.config.beat = owner::beat(table, folder);
        }
        self.of_the_site(top, folder);
    }

    fn of_the_site(&mut self, top: Fields<'_>, folder: &Path) {
        if self.files.is_first() {
            self.config.site = site::site(top, folder);
            self.config.operations = self.owner_named(top, "operations");
            self.config.sentinels = site::sentinels(top);
        }
        for key in ["site", "site_key", "operations", "sentinels"] {
            if let Some(value) = top.value(key) {
                self.first_alone(value.place(), &format!("`{key}`"));
            }
        }
        for key in ["store", "http", "limits", "clock", "serve"] {
            let Some(table) = top.table(key) else { continue };
            self.only_in_the_first(table, &format!("[{key}]"));
            match key {
                "store" => self.config.store = site::store(table, folder, &self.faults),
                "http" => self.config.http = site::http(table, folder),
                "limits" => self.config.limits = site::limits(table),
                "clock" => self.config.clock = site::clock(table),
                _ => self.config.serve = site::serve(table, folder, &self.faults),
            }
        }
    }

    fn of_alarms(&mut self, top: Fields<'_>) {
        for table in top.tables("certificate") {
            self.owner_named(table, "owner");
            let rule = alarm::certificate(table, &self.faults);
            self.config.certificates.push(rule);
            self.config.state_programs.extend(alarm::renewer_state(table));
        }
        for table in top.tables("window") {
            let owners = table.list("owners");
            let owners = owners.filter_map(|value| Some((value.text()?.to_owned(), value.place())));
            self.named.extend(owners);
            self.config.windows.extend(alarm::window(table, &self.faults));
        }
    }

    /// The place of a target's client certificate among those of the round.
    fn client(&mut self, table: Fields<'_>, folder: &Path) -> Option<usize> {
        let client = check::client(table, folder, &self.faults)?;
        self.config.files.extend(check::client_files(table, &client));
        let clients = &mut self.config.clients;
        let place = clients.iter().position(|known| *known == client);
        Some(place.unwrap_or_else(|| {
            clients.push(client);
            clients.len() - 1
        }))
    }

    fn only_in_the_first(&self, table: Fields<'_>, title: &str) {
        self.first_alone(table.place(), title);
    }

    fn first_alone(&self, place: Place, title: &str) {
        if !self.files.is_first() {
            let what = format!("{title} stands in a file that is included");
            let hint = "write it in the file that is named on the command line".to_owned();
            self.faults.add(place, what, Some(hint));
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
        self.default_owner();
        self.reach();
        let notes = notes::of(&self.config, &self.owners, &self.answering, self.now);
        self.config.notes.extend(notes);
        let Self { faults, config, .. } = self;
        match faults.into_sorted() {
            none if none.is_empty() => Ok(config),
            faults => Err(Refused(faults)),
        }
    }

    /// Whoever files or calls for what one owns has somebody for what nobody owns.
    fn default_owner(&self) {
        let acts = self.config.owners.iter().find(|owner| owner.acts());
        if let (None, Some(owner)) = (&self.config.default_owner, acts)
            && let Some(place) = self.owners.get(&owner.name)
        {
            let name = shown(&owner.name);
            let what = "there is no `default_owner`: nobody would hear of what has no owner";
            let hint = format!("write default_owner = \"{name}\" at the top of the first file");
            self.faults.add(place.clone(), what, Some(hint));
        }
    }

    /// Gives to each who is asked over HTTP what `[http]` says.
    fn reach(&mut self) {
        let Config { owners, beat, http, .. } = &mut self.config;
        owners.iter_mut().for_each(|owner| owner.reach_by(http));
        if let Some(beat) = beat {
            beat.http = beat.http.or(http);
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
        if let Some(owner) = self.owner_named(table, "owner") {
            self.config.inventory.owners.insert(name.clone(), owner);
        }
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
        for (written, value) in group.named().zip(table.list("names")) {
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
            let identity = identity(target);
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

    /// A label is for wildcards; a list may hold one any day.
    fn check_label(&mut self, group: &Group, table: Fields<'_>) {
        let is_wildcard =
            |listed: Listed| listed.target.is_ok_and(|target| target.options.wildcard.is_some());
        let Some(label) = table.value("label") else { return };
        if group.sources.is_empty() && !group.named().any(is_wildcard) {
            let place = label.place();
            self.note(format!("{place}: `label` does nothing: no name here is like *.example.org"));
        }
    }

    /// Something that its author should know.
    pub(super) fn note(&mut self, note: String) {
        self.config.notes.push(note);
    }
}

/// A name out of a file, for a message.
pub(super) fn shown(name: &str) -> String {
    Foreign::new(name).shown_within(60).to_string()
}
