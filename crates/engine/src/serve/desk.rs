//! What the running service shows, and takes orders by: a second handle on the store, and how the loop is.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use certvigil_alarm::{Pace, Rules, State};
use certvigil_inventory::Listed;
use certvigil_model::{Clock, EndpointId, Observation, RoundRecord, Sighting, Time};
use certvigil_report::incidents::Whole;
use certvigil_report::{Acted, Closed, Format, Opened, Output, Style, Summary};

use super::{Hands, Wake};
use crate::act::{Memory as _, MemoryError};
use crate::answers::Answers;
use crate::config::Config;
use crate::orders::{self, Given, Listing, Noted, Report, Reported, Wish};
use crate::words::causes;
use crate::{Off, Round, Settings, Stopper, reader_pool};

/// How the loop is.
#[derive(Clone, Debug)]
pub struct Status {
    /// When the service began.
    pub started_at: Time,
    /// The last config that was tried could be used; else why not.
    pub config: Result<(), String>,
    /// When the config in use was read.
    pub config_at: Time,
    /// SHA-256 of its files.
    pub config_hash: String,
    /// The last tick could read and write the store; else why not.
    pub store: Result<(), String>,
    /// The last whole round of this process.
    pub round: Option<RoundSum>,
    /// The loop shows itself again by then, or it hangs.
    pub busy_until: Instant,
    /// No outward act is made.
    pub is_observing: bool,
    /// How far off our clock was before the last round, where two others agreed against it.
    pub clock_off: Option<Off>,
}

/// What came of a round.
#[derive(Clone, Debug)]
pub struct RoundSum {
    /// When its last look ended.
    pub finished_at: Time,
    /// Endpoints that the inventory gave, that have a verdict, and whose certificate was read.
    pub counts: [u64; 3],
    /// Verdicts by kind.
    pub summary: Summary,
    /// Whether all who should be told of an issue are known to be.
    pub is_proven: bool,
}

impl RoundSum {
    pub(super) fn of(closed: &Closed) -> Self {
        Self {
            finished_at: closed.finished_at,
            counts: [closed.expected, closed.attempted, closed.checked],
            summary: closed.summary.clone(),
            is_proven: closed.acted.as_ref().is_none_or(Acted::is_proven),
        }
    }

    /// Whether every endpoint has a verdict.
    pub const fn is_complete(&self) -> bool {
        self.counts[0] == self.counts[1]
    }
}

/// What is remembered, at one moment.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// When.
    pub now: Time,
    /// Incidents, deliveries and the rest.
    pub state: State,
    /// What each endpoint showed last.
    pub sightings: BTreeMap<EndpointId, Sighting>,
    /// How old a verdict may be.
    pub pace: Pace,
}

/// Where those outside ask.
pub struct Desk {
    pub(super) orders: Mutex<orders::Desk>,
    pub(super) status: Mutex<Status>,
    pub(super) config: Mutex<Arc<Config>>,
    pub(super) rules: Mutex<Rules>,
    pub(super) answers: Mutex<Option<Answers>>,
    pub(super) stopper: Mutex<Option<Stopper>>,
    pub(super) is_stopping: AtomicBool,
    pub(super) wakes: Sender<Wake>,
    pub(super) hands: Arc<dyn Hands>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Desk {
    /// How the loop is.
    pub fn status(&self) -> Status {
        lock(&self.status).clone()
    }

    /// Whether the loop has shown itself in time.
    pub fn is_alive(&self) -> bool {
        self.clock.monotonic() <= lock(&self.status).busy_until
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::SeqCst)
    }

    /// What stands against being ready, one line each.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn not_ready(&self) -> Result<Vec<String>, MemoryError> {
        let Remembered { now, state, pace, .. } = self.remembered()?;
        let status = self.status();
        let mut why: Vec<String> = [("config", status.config), ("store", status.store)]
            .into_iter()
            .filter_map(|(what, is)| is.err().map(|why| format!("{what}: {why}")))
            .collect();
        why.extend(status.clock_off.map(|off| off.reason()));
        match state.memory.last_round {
            None => why.push("no whole round is over yet".to_owned()),
            Some(last) if pace.is_stale(last, now) => {
                why.push(format!("the last whole round ended {last}"));
            }
            Some(_) => {}
        }
        Ok(why)
    }

    /// What is remembered now.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn remembered(&self) -> Result<Remembered, MemoryError> {
        let now = self.clock.wall();
        let kept = &mut lock(&self.orders).kept;
        let (state, sightings) = (kept.state(now)?, kept.sightings(now)?);
        let pace = Pace::remembered(&state.memory, &sightings);
        Ok(Remembered { now, state, sightings, pace })
    }

    /// The last rounds, the newest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn rounds(&self, most: usize) -> Result<Vec<RoundRecord>, MemoryError> {
        let mut rounds = Vec::new();
        lock(&self.orders).kept.store.read(self.clock.wall(), &mut |transaction| {
            rounds = transaction.rounds(most)?;
            Ok(())
        })?;
        Ok(rounds)
    }

    /// Incidents that are open or waiting, the worst first; with `resolved` those that are over too.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn list(&self, resolved: bool) -> Result<Listing, orders::Error> {
        let now = self.clock.wall();
        Ok(Listing { now, incidents: lock(&self.orders).list(resolved, now)? })
    }

    /// All that is kept of the incident whose key is `head` or begins so.
    ///
    /// # Errors
    /// There is none, or there are several; the store cannot be read.
    pub fn show(&self, head: &str) -> Result<Whole, orders::Error> {
        let now = self.clock.wall();
        let mut orders = lock(&self.orders);
        let key = orders.find(head, now)?;
        orders.show(&key, now)
    }

    /// Why what `what` names is or is not alarmed.
    ///
    /// # Errors
    /// Several incidents have such a key; the store cannot be read.
    pub fn explain(&self, what: &str) -> Result<Vec<String>, orders::Error> {
        let rules = lock(&self.rules).clone();
        lock(&self.orders).explain(what, &rules, self.clock.wall())
    }

    /// Takes in what a person orders, and wakes the loop.
    ///
    /// # Errors
    /// No incident, or several, have such a key; the store does not take it: then nothing was ordered.
    pub fn grant(&self, wish: &Wish) -> Result<Given, orders::Error> {
        let rules = lock(&self.rules).clone();
        let given = lock(&self.orders).grant(wish, &rules, self.clock.wall())?;
        // A loop that has ended will find it in the store.
        let _ = self.wakes.send(Wake::Ordered);
        Ok(given)
    }

    /// Writes a person's report down, and looks at what it is about.
    ///
    /// # Errors
    /// It names nothing that can be looked at; the store does not take it.
    pub fn report(&self, report: &Report) -> Result<Reported, orders::Error> {
        let (rules, config) = (lock(&self.rules).clone(), Arc::clone(&lock(&self.config)));
        let mut look = |about: &Noted| self.look(about, &config);
        let mut orders = lock(&self.orders);
        let reported = orders.report(report, (&config, &rules), &*self.clock, &mut look)?;
        let _ = self.wakes.send(Wake::Ordered);
        Ok(reported)
    }

    fn look(&self, about: &Noted, config: &Config) -> Result<Vec<Observation>, String> {
        let settings = self.settings(config)?;
        let by = self.clock.monotonic() + LOOK_WITHIN;
        orders::look(about, settings, Arc::clone(&self.clock), by)
    }

    /// As the last round had it: nobody who waits for an answer waits for others' clocks too.
    fn settings(&self, config: &Config) -> Result<Settings, String> {
        let off = lock(&self.status).clock_off.clone();
        Ok(Settings { off, ..self.hands.settings(config)? })
    }

    /// Looks at the one target of the inventory that is written `name`, and words it as Prometheus reads it. None: the
    /// inventory has no such target.
    ///
    /// # Errors
    /// In words: the look could not be made.
    pub fn probe(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let config = Arc::clone(&lock(&self.config));
        let repeats = config.inventory.repeats();
        let wanted = |listed: &Listed| listed.target.is_ok() && is_named(listed, name);
        let Some(listed) = config.inventory.listed(&repeats).find(wanted) else { return Ok(None) };
        let settings = self.settings(&config)?;
        let pool = reader_pool(Arc::clone(&self.clock)).map_err(|error| error.to_string())?;
        let round = Round::new(settings, pool, Arc::clone(&self.clock));
        let round = round.map_err(|error| causes(&error))?;
        let opened = Opened {
            tool: self.hands.tool().to_owned(),
            id: certvigil_doors::random_id(),
            started_at: self.clock.wall(),
            location: None,
            trust_profiles: Vec::new(),
            targets: 1,
            bound: round.bound(std::iter::once(&listed)),
            at: None,
            fail_on: certvigil_model::FailOn::default(),
            accept_until: None,
        };
        let text = Shared::default();
        let out = Output {
            format: Format::Prometheus,
            out: Box::new(text.clone()),
            style: Style::plain(),
        };
        let reports = certvigil_report::open(vec![out], &opened, None);
        let reports = reports.map_err(|error| error.to_string())?;
        let run = round.run(std::iter::once(listed), reports, &mut (), &mut ());
        run.map_err(|error| causes(&error))?;
        Ok(Some(std::mem::take(&mut *lock(&text.0))))
    }
}

/// Somebody waits for the answer.
const LOOK_WITHIN: Duration = Duration::from_secs(60);

/// As it is written, or as blackbox_exporter's modules for HTTP are told: a URL.
fn is_named(listed: &Listed, name: &str) -> bool {
    let bare = |text: &str| {
        let text = text.strip_prefix("https://").unwrap_or(text);
        text.split('/').next().unwrap_or_default().trim_end_matches(":443").to_owned()
    };
    listed.text.raw() == name || bare(listed.text.raw()) == bare(name)
}

/// Text that is written here and read there.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What one thread left half done another one does anew: nothing here is only half true.
pub(super) fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
