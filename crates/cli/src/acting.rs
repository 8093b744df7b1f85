//! `check --act`: who acts on the round, and how it is looked again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use certvigil_engine::act::{self, ACT_WITHIN, Actor, Acts, Again, Opened, Place, look_again};
use certvigil_engine::config::Config;
use certvigil_engine::{Off, Settings, reader_pool};
use certvigil_model::{Clock, Observation, Time};

use crate::arguments::Check;
use crate::check::{TOOL, settings};
use crate::words;

/// Who acts, with all that it needs.
pub(crate) struct Acting<'a> {
    actor: Actor,
    again: LookAgain<'a>,
    /// So long may telling take.
    pub(crate) limit: Duration,
}

impl<'a> Acting<'a> {
    /// Opens the store and the trackers.
    pub(crate) fn open(
        check: &'a Check,
        config: &'a Config,
        clock: &Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let about = (TOOL, check.config.as_deref());
        let actor = act::open(config, check.store.clone(), about, "check", Arc::clone(clock));
        Ok(Self {
            actor: actor.context("nobody can be told")?,
            again: LookAgain { check, config, clock: Arc::clone(clock), off: None },
            limit: config.check.act_within.unwrap_or(ACT_WITHIN),
        })
    }

    /// Asks what time it is elsewhere; how far off our clock is, where two agree against it.
    pub(crate) fn ask_clocks(&mut self) -> Option<Off> {
        self.again.off = self.actor.ask_clocks();
        self.again.off.clone()
    }

    /// For the round `id`.
    pub(crate) fn on(&mut self, id: String, started_at: Time, is_whole: bool) -> Acts<'_> {
        let opened = Opened { id, started_at, location: None, is_whole };
        Acts::new(&mut self.actor, &mut self.again, opened, self.limit)
    }
}

struct LookAgain<'a> {
    check: &'a Check,
    config: &'a Config,
    clock: Arc<dyn Clock>,
    off: Option<Off>,
}

impl LookAgain<'_> {
    fn round(&self, places: &[Place], by: Instant) -> anyhow::Result<Vec<Observation>> {
        let settings = Settings { off: self.off.clone(), ..settings(self.check, self.config)? };
        let pool = reader_pool(Arc::clone(&self.clock))?;
        let repeats = self.config.inventory.repeats();
        let targets = self.config.inventory.listed(&repeats);
        Ok(look_again(targets, places, settings, pool, Arc::clone(&self.clock), by)?)
    }
}

impl Again for LookAgain<'_> {
    fn look(&mut self, places: &[Place], by: Instant) -> Vec<Observation> {
        self.round(places, by).unwrap_or_else(|error| {
            words::warn(&error.context("what was found could not be looked at again"));
            Vec::new()
        })
    }
}
