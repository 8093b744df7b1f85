//! Acts on rounds: what was seen becomes incidents, incidents become issues, issues are read back.
//!
//! Read [`Actor::after_round`]: it is the whole of `check --act`, and what `serve` does after each of its rounds. What
//! is decided is decided by `alarm`, what is said by `report`, what is proven by `outbound`; here is only the order of
//! things and their time. `memory.rs` is where the state is kept: a store, or the trackers themselves.

mod acting;
mod again;
mod delivering;
mod diskless;
mod examining;
mod known;
mod limits;
mod memory;
mod notifying;
mod opening;
mod others_clocks;
mod owed;
mod restored;
mod sentinels;
mod sum;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use certvigil_alarm::clock::{Off, Source};
use certvigil_alarm::{
    Event, Heard, RoundSeen, Rules, SentinelSeen, Step, Wanted, blind, is_suspicious,
};
use certvigil_model::{
    ChannelName, Clock, EndpointId, Filing, Observation, RoundRecord, Sighting, TargetProblem,
    TrackerName,
};
use certvigil_outbound::{Channel, Tracker};
use certvigil_report::Acted;

use crate::answers::Answers;
use crate::config::StateProgram;

use again::places;
pub(crate) use delivering::READ_EVERY;
use delivering::{Delivering, Share};
use notifying::Notifying;

pub use acting::{Acts, Opened};
pub use again::{Again, Place, look_again, look_at};
pub use diskless::Diskless;
pub use limits::RequestLimits;
pub use memory::{Error as MemoryError, Kept, Memory};
pub use opening::{Error as OpeningError, channels, open, retention, rules, store_at};
pub use others_clocks::{DatedHost, OthersClocks};
pub use owed::{Imagined, Owed};
pub use sentinels::Watching;
pub use words::Wording;

use sum::Sum;

pub use certvigil_store::Place as StoreAt;
use certvigil_store::Retention;

/// The trackers that issues go into, by their names.
pub type Trackers = BTreeMap<TrackerName, Box<dyn Tracker>>;

/// The ways to reach people, by their names.
pub type Channels = BTreeMap<ChannelName, Box<dyn Channel>>;

/// What was found is looked at once more after so long where nobody says otherwise.
pub const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Trackers have so long before people are called.
const BEFORE_PAGES: Duration = Duration::from_secs(15);

/// Others are asked for the time for so long.
pub const CLOCKS_WITHIN: Duration = Duration::from_secs(5);

/// So long may telling take, second looks included, where nobody says otherwise.
pub const ACT_WITHIN: Duration = Duration::from_secs(180);

/// Whoever acts.
pub struct Actor {
    /// What alarms keep to.
    pub rules: Rules,
    /// Where issues go.
    pub trackers: Trackers,
    /// How people are reached.
    pub channels: Channels,
    /// Links by which they say that they are on it; none: the config has no address for them.
    pub answers: Option<Answers>,
    /// Where the state is kept.
    pub memory: Box<dyn Memory>,
    /// How long one request to each tracker may take.
    pub limits: RequestLimits,
    /// How long what is kept in the store.
    pub retention: Retention,
    /// Whose clocks ours is held against.
    pub clocks: OthersClocks,
    /// Programs that say how renewals stand.
    pub renewers: Vec<StateProgram>,
    /// Whether every tracker has been asked if it lets us in.
    pub is_examined: bool,
    /// What is looked at again where much is newly unknown.
    pub watching: Watching,
    /// What words rest on beside incidents.
    pub wording: Wording,
    /// How long after a round what it found is looked at once more.
    pub look_again_after: Duration,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// What the last round saw, for the proof in what is told.
    pub seen: BTreeMap<EndpointId, Sighting>,
    /// No outward act is made: what is owed stays owed.
    pub is_withheld: bool,
}

/// A round that is over, as far as acting goes.
#[derive(Clone, Copy, Debug)]
pub struct After<'a> {
    /// Its ledger.
    pub record: &'a RoundRecord,
    /// One for every endpoint.
    pub observations: &'a [Observation],
    /// What is said of targets together and of the round itself.
    pub said: &'a [TargetProblem],
}

impl Actor {
    /// Takes a round in, looks again where a step wants it, and tells whoever is to be told. It is over by `by`; what is
    /// not proven then is told as that, and makes the run fail.
    ///
    /// # Errors
    /// The state could not be read or kept: then nothing is known of what was told.
    pub fn after_round(
        &mut self,
        round: After<'_>,
        again: &mut dyn Again,
        by: Instant,
    ) -> Result<Acted, MemoryError> {
        let mut sum = Sum::default();
        let heard =
            self.memory.open(&self.trackers, &self.rules, self.clock.wall(), self.third_of(by))?;
        heard.into_iter().for_each(|heard| sum.hear(heard));
        let may_tell = self.reconcile_restored(&mut sum, by)?;
        self.hear_people(|_| true, &mut sum, by)?;
        let judged = self.clocks.judge(round, self.clock.wall(), &mut sum);
        self.rules.is_time_in_doubt = judged.is_clock_off();
        let round = judged.after();
        self.seen = seen(round.observations);
        let sentinels = self.ask_sentinels(round, again, by)?;
        let event = Event::Round(RoundSeen {
            record: round.record,
            observations: round.observations,
            said: round.said,
            sentinels: &sentinels,
        });
        let wanted = self.step(&event, &mut sum)?;
        // Who closed what is bad again is asked before it is opened again.
        self.hear_people(|filing| matches!(filing, Filing::Closed { .. }), &mut sum, by)?;
        if may_tell {
            self.tell(&mut sum, self.urgent_by(by))?;
        }
        let observations = self.look_again(&wanted, round.observations, again, &mut sum, by)?;
        self.seen.extend(seen(&observations));
        if may_tell {
            self.tell(&mut sum, by)?;
        }
        let now = self.clock.wall();
        if !judged.is_clock_off() {
            self.memory.tidy(&self.retention, now)?;
        }
        Ok(sum.acted(&self.memory.state(now)?, &self.rules, (&self.wording, &self.trackers), now))
    }

    /// Asks whose clocks there are, before a round; how far off ours is, where two agree against it.
    pub fn ask_clocks(&mut self) -> Option<Off> {
        let by = self.clock.monotonic() + CLOCKS_WITHIN;
        // A store that cannot be read is told by what needs it.
        let far = self.memory.far_clock().ok().flatten();
        let far = far.map(|(name, theirs)| Source { name, theirs, ours: self.clock.wall() });
        let off = self.clocks.ask(far, by);
        self.rules.is_time_in_doubt = off.is_some();
        off
    }

    /// Lets time pass where there was no round: what only time changes, and the deliveries that are due. It is over by
    /// `by`.
    ///
    /// # Errors
    /// As those of [`Actor::after_round`].
    pub fn between_rounds(&mut self, by: Instant) -> Result<Acted, MemoryError> {
        let mut sum = Sum::default();
        self.step(&Event::Tick, &mut sum)?;
        self.tell(&mut sum, by)?;
        let now = self.clock.wall();
        Ok(sum.acted(&self.memory.state(now)?, &self.rules, (&self.wording, &self.trackers), now))
    }

    /// Reads what people did to our issues, some of them at each call: an acknowledgement in a tracker is known in minutes.
    /// It is over by `by`.
    ///
    /// # Errors
    /// As those of [`Actor::after_round`].
    pub fn read_issues(&mut self, by: Instant) -> Result<Acted, MemoryError> {
        let mut sum = Sum::default();
        self.hear(|_| true, Share::BETWEEN_ROUNDS, &mut sum, by)?;
        let now = self.clock.wall();
        Ok(sum.acted(&self.memory.state(now)?, &self.rules, (&self.wording, &self.trackers), now))
    }

    fn step(&mut self, event: &Event<'_>, sum: &mut Sum) -> Result<Vec<Wanted>, MemoryError> {
        let step = self.memory.step(event, self.clock.wall(), &self.rules)?;
        sum.take_in(&step);
        Ok(step.wanted)
    }

    /// What is not done by then waits until the second looks were taken.
    fn urgent_by(&self, by: Instant) -> Instant {
        by.min(self.clock.monotonic() + self.look_again_after)
    }

    /// What people did to our issues since the last time.
    fn hear_people(
        &mut self,
        of: fn(&Filing) -> bool,
        sum: &mut Sum,
        by: Instant,
    ) -> Result<(), MemoryError> {
        self.hear(of, Share::OF_A_ROUND, sum, self.third_of(by))
    }

    fn hear(
        &mut self,
        of: fn(&Filing) -> bool,
        share: Share,
        sum: &mut Sum,
        by: Instant,
    ) -> Result<(), MemoryError> {
        let state = self.memory.state(self.clock.wall())?;
        let (seen, heard) =
            delivering::people(&state, of, share, (&self.trackers, &self.limits), &self.clock, by);
        heard.into_iter().for_each(|heard| sum.hear(heard));
        for seen in seen {
            self.step(&Event::Issue(seen), sum)?;
        }
        Ok(())
    }

    /// What is new must be told whatever was before: to read that, a third of the time is taken.
    fn third_of(&self, by: Instant) -> Instant {
        let now = self.clock.monotonic();
        now + by.saturating_duration_since(now) / 3
    }

    /// Blind, or broken? The sentinels are only asked where that is a question.
    fn ask_sentinels(
        &mut self,
        round: After<'_>,
        again: &mut dyn Again,
        by: Instant,
    ) -> Result<Vec<SentinelSeen>, MemoryError> {
        let now = self.clock.wall();
        let mut state = self.memory.state(now)?;
        state.sightings = self.memory.sightings(now)?;
        if !is_suspicious(&state, round.observations) {
            return Ok(Vec::new());
        }
        let mut sentinels = self.watching.sentinels(&self.rules, &state.sightings);
        sentinels.extend(blind::witnesses(&state.sightings, round.observations));
        Ok(Watching::ask(sentinels, &state.sightings, again, &self.clock, by))
    }

    fn look_again(
        &mut self,
        wanted: &[Wanted],
        seen: &[Observation],
        again: &mut dyn Again,
        sum: &mut Sum,
        by: Instant,
    ) -> Result<Vec<Observation>, MemoryError> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let at = self.clock.monotonic() + self.look_again_after;
        if at >= by {
            sum.hear(Heard {
                is_failure: true,
                text: format!(
                    "{} endpoints were to be looked at again, and no time is left",
                    wanted.len()
                ),
            });
            return Ok(Vec::new());
        }
        std::thread::sleep(self.look_again_after);
        let observations = again.look(&places(wanted, seen), by);
        let missing = wanted.len().saturating_sub(observations.len());
        if missing > 0 {
            sum.hear(Heard {
                is_failure: true,
                text: format!("{missing} endpoints were to be looked at again, and were not"),
            });
        }
        self.step(&Event::SecondLook(&observations), sum)?;
        Ok(observations)
    }

    /// Whoever is called is better off with an issue to read, but a tracker that is slow keeps nobody asleep. What is proven
    /// to be filed is told after it.
    fn tell(&mut self, sum: &mut Sum, by: Instant) -> Result<(), MemoryError> {
        let soon = self.clock.monotonic() + BEFORE_PAGES;
        self.deliver(sum, by.min(soon))?;
        self.notify(sum, by)?;
        self.deliver(sum, by)?;
        self.notify(sum, by)
    }

    /// Sends the messages that are due.
    fn notify(&mut self, sum: &mut Sum, by: Instant) -> Result<(), MemoryError> {
        if self.is_withheld {
            return Ok(());
        }
        let mut notifying = Notifying {
            rules: &self.rules,
            channels: &self.channels,
            answers: self.answers.as_ref(),
            memory: &mut *self.memory,
            wording: &self.wording,
            others: &self.clocks,
            seen: &self.seen,
            clock: &self.clock,
            by,
        };
        notifying.run(&mut |step: &Step| sum.take_in(step))
    }

    /// Makes what is due until nothing is left or the time is over.
    fn deliver(&mut self, sum: &mut Sum, by: Instant) -> Result<(), MemoryError> {
        if self.is_withheld {
            return Ok(());
        }
        let mut delivering = Delivering {
            rules: &self.rules,
            trackers: &self.trackers,
            limits: &self.limits,
            memory: &mut *self.memory,
            wording: &self.wording,
            others: &self.clocks,
            seen: &self.seen,
            clock: &self.clock,
            by,
        };
        delivering.run(&mut |step: &Step| sum.take_in(step))
    }
}

/// As sightings that begin with this round.
fn seen(observations: &[Observation]) -> BTreeMap<EndpointId, Sighting> {
    let seen = observations.iter();
    seen.map(|it| (it.endpoint, Sighting::opened_by(it, None))).collect()
}
