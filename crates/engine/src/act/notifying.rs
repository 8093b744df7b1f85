//! Sends messages to people: each begins in one transaction, is sent outside of any, and what came of it goes into another.
//! One slow channel holds no other up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use certvigil_alarm::{Event, Noticed, Rules, State, Step, due_notices, is_long_dead};
use certvigil_model::{
    ChannelName, Clock, EndpointId, Filing, Incident, Notice, NoticeState, Purpose, Severity,
    Sighting, Status, Time,
};
use certvigil_outbound::{Channel, Message, Trouble};
use certvigil_report::issue;

use super::memory::Error;
use super::words::Matter;
use super::{Channels, Memory, OthersClocks, Wording};
use crate::answers::{About, Answers, test_mark};

/// Messages, while they are sent.
pub(crate) struct Notifying<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) channels: &'a Channels,
    pub(crate) answers: Option<&'a Answers>,
    pub(crate) memory: &'a mut dyn Memory,
    pub(crate) wording: &'a Wording,
    pub(crate) others: &'a OthersClocks,
    pub(crate) seen: &'a BTreeMap<EndpointId, Sighting>,
    pub(crate) clock: &'a Arc<dyn Clock>,
    /// All of it is over by then.
    pub(crate) by: Instant,
}

/// One that is about to be sent.
struct Begun<'a> {
    notice: Notice,
    message: Message,
    channel: &'a dyn Channel,
}

impl Notifying<'_> {
    /// Sends what is due, each channel's messages one after the other and channels side by side, until nothing is due or
    /// the time is over. `heard` is told of every step.
    pub(crate) fn run(&mut self, heard: &mut dyn FnMut(&Step)) -> Result<(), Error> {
        // What another process has.
        let mut left: BTreeSet<String> = BTreeSet::new();
        while self.clock.monotonic() + LEAST < self.by {
            let state = self.memory.state(self.clock.wall())?;
            let due = first_of_each(due_notices(&state, self.clock.wall()), &left);
            if due.is_empty() {
                return Ok(());
            }
            let mut begun = Vec::new();
            for notice in due {
                match self.begin(&state, notice, heard)? {
                    Some(one) => begun.push(one),
                    None => left.extend([notice.id.clone()]),
                }
            }
            let by = self.by.min(self.clock.monotonic() + ONE);
            for (notice, sent) in send(begun, by) {
                self.take_in(&notice, sent, heard)?;
            }
        }
        Ok(())
    }

    /// None where it is not for us to send, or there is no way any more.
    fn begin<'a>(
        &mut self,
        state: &State,
        notice: &Notice,
        heard: &mut dyn FnMut(&Step),
    ) -> Result<Option<Begun<'a>>, Error>
    where
        Self: 'a,
    {
        let channels = self.channels;
        let Some(channel) = channels.get(&notice.channel) else {
            let why = format!("the config has no channel {} any more", notice.channel);
            self.take_in(notice, Err(Trouble::Refused(why)), heard)?;
            return Ok(None);
        };
        let Some(begun) = self.memory.begin_notice(notice, LEASE, self.clock.wall())? else {
            return Ok(None);
        };
        let message = self.message(state, &begun)?;
        Ok(Some(Begun { notice: begun, message, channel: &**channel }))
    }

    fn take_in(
        &mut self,
        notice: &Notice,
        sent: Result<(), Trouble>,
        heard: &mut dyn FnMut(&Step),
    ) -> Result<(), Error> {
        let now = self.clock.wall();
        let event = Event::Noticed(noticed(notice, sent, now));
        heard(&self.memory.step(&event, now, self.rules)?);
        Ok(())
    }

    fn message(&mut self, state: &State, notice: &Notice) -> Result<Message, Error> {
        let now = self.clock.wall();
        let incident = notice.incident.as_ref().and_then(|key| state.incidents.get(key));
        let answer = self.answer(notice, now);
        let words = match incident {
            Some(incident) => {
                let head = self.memory.head(now)?;
                let matter = Matter {
                    state,
                    rules: self.rules,
                    seen: self.seen,
                    head,
                    clock: self.others.seen(),
                    now,
                };
                let call = issue::Call {
                    purpose: notice.purpose,
                    answer: answer.as_deref(),
                    issue: issue_of(incident),
                };
                self.wording.message(incident, &call, &matter)
            }
            None => self.of_no_incident(state, notice, answer.as_deref(), now),
        };
        Ok(Message {
            id: notice.id.clone(),
            purpose: notice.purpose,
            incident: notice.incident.clone(),
            severity: incident.map_or(Severity::Info, |it| it.severity),
            line: words.line,
            title: words.title,
            body: words.body,
            answer,
            issue: incident.and_then(|it| it.filing.issue()).map(|issue| issue.url.clone()),
            at: now,
            since: incident.map_or(notice.created_at, |it| it.first_seen),
        })
    }

    fn of_no_incident(
        &self,
        state: &State,
        notice: &Notice,
        answer: Option<&str>,
        now: Time,
    ) -> issue::Message {
        match notice.purpose {
            Purpose::Digest => {
                let open = state.incidents.values().filter(|it| {
                    it.status == Status::Open && it.owner == notice.owner && !is_long_dead(it)
                });
                self.wording.digest(&notice.owner, &open.collect::<Vec<_>>(), now)
            }
            Purpose::Breaker => {
                issue::breaker(self.rules.limits.messages_per_hour, notice.created_at)
            }
            _ => issue::test_page(&notice.owner, answer, None),
        }
    }

    /// Where an answer is asked for, and there is a way to give it.
    fn answer(&self, notice: &Notice, now: Time) -> Option<String> {
        let about = match (notice.purpose, &notice.incident) {
            (Purpose::Page | Purpose::Reminder | Purpose::Copy, Some(key)) => {
                About::Incident(key.clone())
            }
            (Purpose::Test, _) => About::Test(test_mark(&notice.id)),
            _ => return None,
        };
        Some(self.answers?.link(&about, &notice.channel, now))
    }
}

fn issue_of(incident: &Incident) -> Option<(&str, bool)> {
    let is_proven = matches!(incident.filing, Filing::Confirmed { .. } | Filing::Closed { .. });
    incident.filing.issue().map(|issue| (issue.url.as_str(), is_proven))
}

/// The first one of each channel, without those in `left`.
fn first_of_each<'a>(due: Vec<&'a Notice>, left: &BTreeSet<String>) -> Vec<&'a Notice> {
    let mut taken: BTreeSet<&ChannelName> = BTreeSet::new();
    due.into_iter()
        .filter(|notice| !left.contains(&notice.id) && taken.insert(&notice.channel))
        .take(AT_ONCE)
        .collect()
}

/// Sends each on a thread of its own.
fn send(begun: Vec<Begun<'_>>, by: Instant) -> Vec<(Notice, Result<(), Trouble>)> {
    std::thread::scope(|scope| {
        let sending = begun.into_iter().map(|Begun { notice, message, channel }| {
            let thread = scope.spawn(move || channel.send(&message, by));
            (notice, thread)
        });
        let sending: Vec<_> = sending.collect();
        let joined = sending.into_iter().map(|(notice, thread)| {
            let sent = thread.join().unwrap_or_else(|_| {
                Err(Trouble::Doubtful("the program has failed on it: a fault of ours".to_owned()))
            });
            (notice, sent)
        });
        joined.collect()
    })
}

/// What may have been sent is sent again: its identity is the same, and twice is better than never.
fn noticed(notice: &Notice, sent: Result<(), Trouble>, now: Time) -> Noticed {
    let (state, trouble, after) = match sent {
        Ok(()) => (NoticeState::HandedOver, None, None),
        Err(Trouble::Refused(why)) => (NoticeState::Failed, Some(why), None),
        Err(Trouble::Later { after, why }) => (NoticeState::Queued, Some(why), after),
        Err(Trouble::NotSent(why) | Trouble::Doubtful(why) | Trouble::Strange(why)) => {
            (NoticeState::Queued, Some(why), None)
        }
    };
    let not_before = after.map(|after| now.plus(after));
    Noticed { id: notice.id.clone(), state, trouble, not_before }
}

/// Whoever takes a message has it for so long.
const LEASE: Duration = Duration::from_secs(90);

/// Time for one message.
const ONE: Duration = Duration::from_secs(30);

/// With less time left nothing is begun.
const LEAST: Duration = Duration::from_secs(2);

/// Channels that are spoken to at a time.
const AT_ONCE: usize = 16;
