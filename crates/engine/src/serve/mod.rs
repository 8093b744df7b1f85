//! Runs for months: rounds when they are due, the outbox between them, a config that changes meanwhile.
//!
//! Read [`Service::run`]. What is due is worked out by `due.rs` from what the store holds; a round is the one that
//! `check --act` runs. Whatever ends the process, at whatever moment, ends nothing else: all that is known is in the
//! store. `desk.rs` is what others see of it.

mod alone;
mod answering;
mod desk;
mod due;
mod loaded;
mod rounds;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use certvigil_model::{Clock, Time};
use thiserror::Error as ThisError;

use crate::Settings;
use crate::act::{Actor, Imagined, MemoryError, OpeningError, store_at};
use crate::config::{Config, Refused};
use crate::orders;

use crate::words::causes;
use alone::Alone;
use desk::lock;
use due::{Known, Tried, Work, tick};
use loaded::Loaded;

pub use desk::{Desk, Remembered, RoundSum, Status};

/// What the service needs of whoever starts it.
pub trait Hands: Send + Sync {
    /// How a round of `config` looks.
    ///
    /// # Errors
    /// In words: a trust store or a client certificate cannot be used.
    fn settings(&self, config: &Config) -> Result<Settings, String>;

    /// Writes a line for whoever reads what the service says; it may quote anybody.
    fn tell(&self, line: &str);

    /// The config is about to be read again.
    fn reloading(&self) {}

    /// The config has been read, whatever came of it.
    fn ready(&self) {}

    /// The program and its version.
    fn tool(&self) -> &str;
}

/// Why the service does not start.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// All that is wrong with the config.
    #[error("the config cannot be used")]
    Config(Refused),
    /// A file that the config names.
    #[error("a round cannot be set up: {0}")]
    Settings(String),
    /// It remembers nothing without one.
    #[error("serve needs a store: write [store] with path = \"…\" or url = \"env:…\" into {0}")]
    NoStore(String),
    /// Another one runs.
    #[error(
        "{store} is already served by {holder}: two would look twice and act against each other"
    )]
    Served {
        /// Which store.
        store: String,
        /// By whom.
        holder: String,
    },
    /// The lock beside the store.
    #[error("{path} cannot be locked")]
    Lock {
        /// Its file.
        path: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Trackers or the store.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// The store.
    #[error(transparent)]
    Store(#[from] certvigil_store::Error),
    /// What is kept there.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

/// What wakes the loop before something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    Reload,
    Ordered,
    Stop,
}

/// Orders to the loop, from any thread.
#[derive(Clone)]
pub struct Handle(Arc<Desk>);

impl Handle {
    /// Reads the config again.
    pub fn reload(&self) {
        let _ = self.0.wakes.send(Wake::Reload);
    }

    /// Ends the looks and the loop. A round that is cut short is not taken in: the next start makes it anew.
    pub fn stop(&self) {
        self.0.is_stopping.store(true, Ordering::SeqCst);
        if let Some(stopper) = &*lock(&self.0.stopper) {
            stopper.stop(STOPPED);
        }
        let _ = self.0.wakes.send(Wake::Stop);
    }
}

/// The service, before its first tick.
pub struct Service {
    desk: Arc<Desk>,
    loaded: Loaded,
    actor: Actor,
    wakes: Receiver<Wake>,
    tried: Tried,
    told: BTreeSet<String>,
    imagined: Imagined,
    alone: Alone,
}

impl Service {
    /// Reads the config, takes the store for its own, opens the trackers. With `is_observing` no outward act is made.
    ///
    /// # Errors
    /// What cannot be used; nothing has been looked at.
    pub fn open(
        file: PathBuf,
        is_observing: bool,
        hands: Arc<dyn Hands>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let now = clock.wall();
        let config = crate::config::load(&file, now).map_err(Error::Config)?;
        config.notes.iter().for_each(|note| hands.tell(&format!("note: {note}")));
        hands.settings(&config).map_err(Error::Settings)?;
        let no_store = || Error::NoStore(file.display().to_string());
        let at = store_at(&config.store.as_ref().ok_or_else(no_store)?.at)?;
        let alone = Alone::on(&at)?;
        let mut actor = loaded::actor(&config, &file, &*hands, &clock)?;
        actor.is_withheld = is_observing;
        let (wake, wakes) = channel();
        let desk = Desk {
            orders: Mutex::new(orders::Desk::new(at.open(now, "serve-desk")?)),
            status: Mutex::new(Status {
                started_at: now,
                config: Ok(()),
                config_at: now,
                config_hash: config.hash.clone(),
                store: Ok(()),
                round: None,
                busy_until: clock.monotonic() + SLACK,
                is_observing,
                clock_off: None,
            }),
            rules: Mutex::new(actor.rules.clone()),
            answers: Mutex::new(actor.answers.clone()),
            config: Mutex::new(Arc::new(config)),
            stopper: Mutex::new(None),
            is_stopping: AtomicBool::new(false),
            wakes: wake,
            hands,
            clock,
        };
        let loaded = Loaded::new(file);
        let (desk, tried, told) = (Arc::new(desk), Tried::default(), BTreeSet::new());
        let imagined = Imagined::default();
        Ok(Self { desk, loaded, actor, wakes, tried, told, imagined, alone })
    }

    /// What others see of it.
    pub fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.desk)
    }

    /// What steers it.
    pub fn handle(&self) -> Handle {
        Handle(Arc::clone(&self.desk))
    }

    /// The config that it started with.
    pub fn config(&self) -> Arc<Config> {
        Arc::clone(&lock(&self.desk.config))
    }

    /// Does what is due until it is told to stop.
    pub fn run(mut self) {
        while !self.desk.is_stopping() {
            let turn = self.make_sure().and_then(|()| Ok(self.turn()?));
            let until = match turn {
                Ok(until) => {
                    self.fare(Ok(()));
                    until
                }
                Err(error) => {
                    self.fare(Err(self.tell_of(&error)));
                    self.now().plus(AGAIN)
                }
            };
            if !self.wait(until) {
                return;
            }
        }
    }

    /// That no other service works on this store: one that does would act against this one.
    fn make_sure(&mut self) -> Result<(), Error> {
        if let Some(note) = self.alone.keep()? {
            self.tell(&format!("note: {note}"));
        }
        Ok(())
    }

    /// Says why nothing is done.
    fn tell_of(&self, error: &Error) -> String {
        let why = causes(error);
        match error {
            Error::Served { .. } => self.tell(&format!("error: nothing is done here: {why}")),
            _ => self.tell(&format!("error: the store does not do: {why}")),
        }
        why
    }

    /// Does one thing that is due; until when nothing is.
    fn turn(&mut self) -> Result<Time, MemoryError> {
        let now = self.now();
        let state = self.actor.memory.state(now)?;
        let sightings = self.actor.memory.sightings(now)?;
        let known = Known {
            state: &state,
            sightings: &sightings,
            tried: &self.tried,
            config: &self.actor.rules.config,
            interval: self.config().serve.interval,
        };
        match tick(&known, now) {
            Work::Wait(until) => return Ok(until),
            Work::Round => {
                self.reload_where_changed();
                self.tried.round = Some(now);
                self.tried.looks.clear();
                self.round(None);
                self.tried.issues = Some(self.now());
            }
            Work::Looks(endpoints) => {
                self.tried.looks.extend(endpoints.iter().map(|id| (*id, now)));
                let of = |id| sightings.get(id).map(|sighting| sighting.target.clone());
                self.round(Some(&endpoints.iter().filter_map(of).collect()));
                self.tried.issues = Some(self.now());
            }
            Work::Outbox => {
                self.tried.outbox = Some(now);
                self.outbox()?;
            }
            Work::Issues => {
                self.tried.issues = Some(now);
                self.read_issues()?;
            }
        }
        Ok(self.now())
    }

    /// Waits until `until`, or until something wakes it; false where it is to stop.
    fn wait(&mut self, until: Time) -> bool {
        loop {
            let left = until.millis().saturating_sub(self.now().millis()).max(0);
            let left = Duration::from_millis(left.unsigned_abs()).min(POLL);
            self.busy_for(left);
            match self.wakes.recv_timeout(left) {
                Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
                Ok(Wake::Reload) => self.reload(),
                Ok(Wake::Ordered) => self.tried.outbox = None,
                Err(RecvTimeoutError::Timeout) if self.now() < until => {
                    if !self.loaded.has_moved() {
                        continue;
                    }
                    self.reload();
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            return true;
        }
    }

    /// Tells that time has passed, and makes the deliveries that are due.
    fn outbox(&mut self) -> Result<(), MemoryError> {
        self.busy_for(OUTBOX);
        let by = self.desk.clock.monotonic() + OUTBOX;
        let acted = self.actor.between_rounds(by)?;
        self.tell_acted(&acted);
        Ok(())
    }

    /// Takes in what people did in their trackers.
    fn read_issues(&mut self) -> Result<(), MemoryError> {
        self.busy_for(OUTBOX);
        let by = self.desk.clock.monotonic() + OUTBOX;
        let acted = self.actor.read_issues(by)?;
        self.tell_acted(&acted);
        Ok(())
    }

    fn fare(&self, store: Result<(), String>) {
        lock(&self.desk.status).store = store;
    }

    /// The loop may be silent for so long.
    fn busy_for(&self, time: Duration) {
        lock(&self.desk.status).busy_until = self.desk.clock.monotonic() + time + SLACK;
    }

    fn now(&self) -> Time {
        self.desk.clock.wall()
    }

    fn tell(&self, line: &str) {
        self.desk.hands.tell(line);
    }
}

/// What a round says that was cut short.
const STOPPED: &str = "the service stops";

/// Whether the config's file has changed is asked so often.
const POLL: Duration = Duration::from_secs(5);

/// What failed is tried again after so long.
const AGAIN: Duration = Duration::from_secs(30);

/// One pass through the outbox.
const OUTBOX: Duration = Duration::from_secs(60);

/// A loop that shows itself so much later than it meant to hangs.
const SLACK: Duration = Duration::from_secs(60);
