//! What is sent by the calendar: each owner's digest once a week, and a test once a month to whoever is called.

use std::collections::BTreeMap;
use std::time::Duration;

use certvigil_model::{ChannelName, Foreign, Notice, NoticeState, Purpose, Time};
use serde::{Deserialize, Serialize};

use crate::problems::TEST_UNANSWERED;
use crate::time::{DAY, has_passed};
use crate::turn::Turn;
use crate::{OwnerRule, Rules, State, channels, kinds, notify};

/// When an owner's digest and a channel's test are due.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Routine {
    /// The next digest of each owner.
    pub digests: BTreeMap<String, Time>,
    /// Tests of each channel by which somebody is called.
    pub tests: BTreeMap<ChannelName, Tested>,
}

/// The tests of one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    /// When the next one is due.
    pub next: Time,
    /// The last one, until somebody answers it.
    pub asked: Option<Asked>,
}

/// A test page that nobody has answered yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Its message's id: what an answer names.
    pub notice: String,
    /// When the channel took it.
    pub at: Option<Time>,
}

/// Ids of the test pages that wait for an answer.
pub fn asked_tests(state: &State) -> impl Iterator<Item = &str> {
    let asked = state.memory.routine.tests.values().filter_map(|it| it.asked.as_ref());
    asked.map(|asked| asked.notice.as_str())
}

/// Sends what is due. What nobody answers within a day is a channel that fails.
pub(crate) fn pass(turn: &mut Turn<'_>) {
    let rules = turn.rules;
    for (name, owner) in &rules.owners {
        digest(turn, name, owner);
    }
    let called = called(rules);
    turn.state.memory.routine.tests.retain(|channel, _| called.contains_key(channel));
    for (channel, (name, owner)) in called {
        test(turn, channel, name, owner);
    }
}

/// On Monday when work begins. The first one comes in the first whole week.
fn digest(turn: &mut Turn<'_>, name: &str, owner: &OwnerRule) {
    let contacts = &owner.contacts;
    let Some(channel) = contacts.channel.as_ref().or(contacts.mail.as_ref()) else { return };
    let now = turn.now;
    let known = turn.state.memory.routine.digests.get(name).copied();
    // A clock that was ahead may have put it off.
    let next = known.filter(|next| *next <= now.plus(LATEST));
    if next.is_some_and(|next| now < next) {
        return;
    }
    let following = owner.calendar.week_begins(now.plus(WEEK));
    turn.state.memory.routine.digests.insert(name.to_owned(), following);
    if let Some(due) = next {
        send(turn, Purpose::Digest, channel, name, due);
    }
}

const WEEK: Duration = DAY.saturating_mul(7);
/// A week that is free as a whole is told in one of the next.
const LATEST: Duration = DAY.saturating_mul(50);

/// Each channel by which somebody is called first or second, with the first owner who has it; none where nobody could
/// answer.
fn called(rules: &Rules) -> BTreeMap<&ChannelName, (&str, &OwnerRule)> {
    let mut called = BTreeMap::new();
    if !rules.has_answers {
        return called;
    }
    let wakes = |name: &str, owner: &OwnerRule| owner.is_production() || name == rules.operations;
    for (name, owner) in rules.owners.iter().filter(|(name, owner)| wakes(name, owner)) {
        for channel in [&owner.contacts.page, &owner.contacts.second].into_iter().flatten() {
            called.entry(channel).or_insert((name.as_str(), owner));
        }
    }
    called
}

fn test(turn: &mut Turn<'_>, channel: &ChannelName, name: &str, owner: &OwnerRule) {
    let now = turn.now;
    let calendar = &owner.calendar;
    let known = turn.state.memory.routine.tests.get(channel).cloned();
    let Some(mut tested) = known.filter(|it| it.next <= now.plus(LATEST)) else {
        // Proven on the day after it became known.
        let first = Tested { next: calendar.next_day(now), asked: None };
        turn.state.memory.routine.tests.insert(channel.clone(), first);
        return;
    };
    let is_unanswered = |asked: &Asked| asked.at.is_some_and(|at| has_passed(at, DAY, now));
    if tested.asked.as_ref().is_some_and(is_unanswered)
        && !channels::has(turn, channel, &TEST_UNANSWERED)
    {
        let words = format!("nobody answered the test page to {channel} within a day");
        channels::find(turn, channel, TEST_UNANSWERED.problem(words));
    }
    if tested.next > now || calendar.in_hours(tested.next, now) > now {
        return;
    }
    let id = send(turn, Purpose::Test, channel, name, now);
    tested = Tested {
        next: calendar.at_work(now.plus(MONTH)),
        asked: Some(Asked { notice: id, at: None }),
    };
    turn.state.memory.routine.tests.insert(channel.clone(), tested);
}

const MONTH: Duration = DAY.saturating_mul(30);

/// A channel took a test page: from now on an answer is waited for.
pub(crate) fn arrived(turn: &mut Turn<'_>, notice: &Notice) {
    let tested = turn.state.memory.routine.tests.get_mut(&notice.channel);
    let asked = tested.and_then(|it| it.asked.as_mut()).filter(|it| it.notice == notice.id);
    if let Some(asked) = asked {
        asked.at.get_or_insert(turn.now);
    }
}

/// Somebody says that a test page arrived.
pub(crate) fn answered(turn: &mut Turn<'_>, test: &str, by: &Foreign) {
    let is_it = |tested: &Tested| tested.asked.as_ref().is_some_and(|it| it.notice == test);
    let mut tests = turn.state.memory.routine.tests.iter_mut();
    let Some((channel, tested)) = tests.find(|(_, tested)| is_it(tested)) else {
        return turn.fail(format!("no test page {test} waits for an answer"));
    };
    tested.asked = None;
    let channel = channel.clone();
    let facts =
        [("notice", test.to_owned()), ("channel", channel.0.clone()), ("by", by.raw().to_owned())];
    turn.record(kinds::TEST_ANSWERED, None, facts);
    channels::mend(turn, &channel, &TEST_UNANSWERED);
}

fn send(
    turn: &mut Turn<'_>,
    purpose: Purpose,
    channel: &ChannelName,
    owner: &str,
    due: Time,
) -> String {
    // One channel may serve several owners.
    let of = notify::digits(&ChannelName(format!("{channel}\0{owner}")));
    let id = format!("{}-{}-{of}", purpose.name(), due.millis());
    notify::queue(
        turn,
        Notice {
            id: id.clone(),
            channel: channel.clone(),
            purpose,
            incident: None,
            owner: owner.to_owned(),
            state: NoticeState::Queued,
            attempts: 0,
            created_at: turn.now,
            due_at: turn.now,
            trouble: None,
        },
    );
    id
}
