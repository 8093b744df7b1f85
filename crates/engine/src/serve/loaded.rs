//! The config while the service runs: read again when it changes, and put in place only where it can be used.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use certvigil_model::Clock;

use super::desk::lock;
use super::{Error, Hands, Service};
use crate::act::{self, Actor, OpeningError};
use crate::config::{Config, Refused, load};
use crate::words::causes;

/// Where the config is, and how its file looked when it was last read.
pub(super) struct Loaded {
    pub(super) file: PathBuf,
    stamp: Option<Stamp>,
}

/// When a file was changed, and its length.
type Stamp = (SystemTime, u64);

impl Loaded {
    pub(super) fn new(file: PathBuf) -> Self {
        let stamp = stamp(&file);
        Self { file, stamp }
    }

    /// Whether its file is another one than it was when this was last asked.
    pub(super) fn has_moved(&mut self) -> bool {
        let now = stamp(&self.file);
        let has = now != self.stamp;
        self.stamp = now;
        has
    }
}

fn stamp(file: &Path) -> Option<Stamp> {
    let metadata = file.metadata().ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Who acts, by `config`, which names a store.
pub(super) fn actor(
    config: &Config,
    file: &Path,
    hands: &dyn Hands,
    clock: &Arc<dyn Clock>,
) -> Result<Actor, OpeningError> {
    act::open(config, None, (hands.tool(), Some(file)), "serve", Arc::clone(clock))
}

impl Service {
    /// Reads the config, and uses it where it can be used; else tells why not, and keeps the old one.
    pub(super) fn reload(&mut self) {
        self.loaded.has_moved();
        let config = load(&self.loaded.file, self.now());
        self.desk.hands.reloading();
        match config.map_err(Error::Config).and_then(|config| self.put_in_place(config)) {
            Ok(summary) => self.tell(&format!("config read: {summary}")),
            Err(error) => self.refuse(&error),
        }
        self.desk.hands.ready();
    }

    /// What a config includes is only known by reading it: that is done before each whole round.
    pub(super) fn reload_where_changed(&mut self) {
        self.loaded.has_moved();
        match load(&self.loaded.file, self.now()) {
            Ok(config) if config.hash == self.config().hash => {}
            Ok(config) => match self.put_in_place(config) {
                Ok(summary) => self.tell(&format!("config read: {summary}")),
                Err(error) => self.refuse(&error),
            },
            Err(refused) => self.refuse(&Error::Config(refused)),
        }
    }

    fn put_in_place(&mut self, config: Config) -> Result<String, Error> {
        let hands = &self.desk.hands;
        hands.settings(&config).map_err(Error::Settings)?;
        let old = self.config();
        let [old_at, new_at] =
            [old.store.as_ref(), config.store.as_ref()].map(|store| store.map(|store| &store.at));
        if old_at != new_at {
            let what = "[store] names another place, which only a new start takes".to_owned();
            return Err(Error::Settings(what));
        }
        let mut actor = actor(&config, &self.loaded.file, &**hands, &self.desk.clock)?;
        actor.is_withheld = self.actor.is_withheld;
        if (&old.serve.listen, &old.serve.socket) != (&config.serve.listen, &config.serve.socket) {
            self.tell("note: listen and socket of [serve] change with the next start");
        }
        let summary = config.summary();
        {
            let mut status = lock(&self.desk.status);
            status.config = Ok(());
            status.config_at = self.now();
            status.config_hash.clone_from(&config.hash);
        }
        lock(&self.desk.rules).clone_from(&actor.rules);
        lock(&self.desk.answers).clone_from(&actor.answers);
        *lock(&self.desk.config) = Arc::new(config);
        self.actor = actor;
        // It is looked at now, whatever was tried before.
        self.tried.round = None;
        Ok(summary)
    }

    fn refuse(&self, error: &Error) {
        let faults: Vec<String> = match error {
            Error::Config(Refused(faults)) => faults.iter().map(ToString::to_string).collect(),
            other => vec![causes(other)],
        };
        for fault in &faults {
            self.tell(&format!("error: the new config is refused, the old one stays: {fault}"));
        }
        let first = faults.first().cloned().unwrap_or_default();
        lock(&self.desk.status).config = Err(first);
    }
}
