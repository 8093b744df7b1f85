//! What is due: worked out anew at each tick from what the store holds, so that a restart changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use certvigil_alarm::{Pace, State};
use certvigil_model::{EndpointId, Sighting, Status, Time};

use crate::act::READ_EVERY;

/// What a tick rests on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    /// The state of alarms.
    pub(crate) state: &'a State,
    /// What each endpoint showed last.
    pub(crate) sightings: &'a BTreeMap<EndpointId, Sighting>,
    /// What this process tried and the store does not show, because it failed.
    pub(crate) tried: &'a Tried,
    /// The config in use, by its hash.
    pub(crate) config: &'a str,
    /// The config's own interval.
    pub(crate) interval: Option<Duration>,
}

/// Attempts of this process: what fails is not tried again at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tried {
    pub(crate) round: Option<Time>,
    pub(crate) looks: BTreeMap<EndpointId, Time>,
    pub(crate) outbox: Option<Time>,
    /// When our issues were last read to see what people did, a round's reading included.
    pub(crate) issues: Option<Time>,
}

/// What is to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// The whole inventory is to be looked at.
    Round,
    /// These are to be looked at, ahead of the others.
    Looks(BTreeSet<EndpointId>),
    /// Time has passed, or a delivery is due.
    Outbox,
    /// It is to be read what people did to our issues.
    Issues,
    /// Nothing, until then.
    Wait(Time),
}

/// What is due at `now`. Rounds that were missed are made up for by one.
pub(crate) fn tick(known: &Known<'_>, now: Time) -> Work {
    let interval = Pace::planned(known.interval, known.sightings).interval();
    let round = round_due(known, interval, now);
    if round <= now {
        return Work::Round;
    }
    let close = looks_due(known, interval, now);
    let due: BTreeSet<EndpointId> =
        close.iter().filter(|(_, at)| **at <= now).map(|(id, _)| *id).collect();
    if !due.is_empty() {
        return Work::Looks(due);
    }
    let outbox = outbox_due(known, now);
    if outbox <= now {
        return Work::Outbox;
    }
    let issues = issues_due(known, now);
    if issues.is_some_and(|issues| issues <= now) {
        return Work::Issues;
    }
    let next = close.into_values().chain([round, outbox]).chain(issues).min();
    Work::Wait(next.unwrap_or(outbox))
}

fn round_due(known: &Known<'_>, interval: Duration, now: Time) -> Time {
    let memory = &known.state.memory;
    // What another config asks for is looked at now.
    let is_other = memory.config.as_ref().is_some_and(|config| config != known.config);
    let last = memory.last_round.filter(|_| !is_other);
    let planned = last.map_or(now, |last| after(last, interval, "round", now));
    // One that failed leaves no trace in the store.
    let retry = known.tried.round.map(|at| at.plus(interval.min(RETRY)));
    retry.filter(|retry| *retry <= now.plus(RETRY)).map_or(planned, |retry| retry.max(planned))
}

/// When each endpoint is looked at that is watched more closely than a round does.
fn looks_due(known: &Known<'_>, interval: Duration, now: Time) -> BTreeMap<EndpointId, Time> {
    let step = (interval / 4).clamp(SHORTEST, LONGEST_CLOSE);
    if step >= interval {
        return BTreeMap::new();
    }
    let troubled = troubled(known.state);
    let is_close = |sighting: &&Sighting| {
        let is_near = sighting.certificate.as_ref().is_some_and(|it| now >= it.ends.critical_from);
        is_near || troubled.contains(&sighting.endpoint)
    };
    let due = |sighting: &Sighting| {
        let tried = known.tried.looks.get(&sighting.endpoint).copied();
        let last = tried
            .filter(|at| *at <= now)
            .map_or(sighting.last_seen, |at| at.max(sighting.last_seen));
        (sighting.endpoint, after(last, step, &sighting.endpoint.to_string(), now))
    };
    known.sightings.values().filter(is_close).map(due).collect()
}

/// Places of incidents that are not over.
fn troubled(state: &State) -> BTreeSet<EndpointId> {
    let open = state.incidents.values().filter(|incident| incident.status != Status::Resolved);
    open.flat_map(|incident| incident.places.keys().copied()).collect()
}

/// Deliveries have their time; beside them time itself is told, for what only it changes.
fn outbox_due(known: &Known<'_>, now: Time) -> Time {
    let deliveries = known.state.deliveries.values().map(|delivery| delivery.due_at);
    let notices = known.state.notices.values().map(|notice| notice.due_at);
    let next = deliveries.chain(notices).min();
    let Some(last) = known.tried.outbox.filter(|last| *last <= now) else { return now };
    let passed = last.plus(TICK);
    // Between two attempts there is a moment, whatever the deliveries say.
    next.map_or(passed, |at| at.clamp(last.plus(BREATH), passed))
}

/// None where there is no issue to be read.
fn issues_due(known: &Known<'_>, now: Time) -> Option<Time> {
    let mut open = known.state.incidents.values().filter(|it| it.status == Status::Open);
    open.find(|incident| incident.filing.issue().is_some())?;
    let last = known.tried.issues.filter(|last| *last <= now);
    Some(last.map_or(now, |last| last.plus(READ_EVERY)))
}

/// `step` after `last`, less up to an eighth of it: the same for one `name` and hour, spread over names and hours. A
/// stored time that lies in the future is no reason to wait.
fn after(last: Time, step: Duration, name: &str, now: Time) -> Time {
    if last > now {
        return now;
    }
    let hour = last.seconds().div_euclid(3600);
    let share = hash(&format!("{name}\0{hour}")) % 1000;
    let less = step.mul_f64(share as f64 / 8000.0);
    last.plus(step.saturating_sub(less))
}

/// FNV-1a, 64 bits: the same in every version.
fn hash(text: &str) -> u64 {
    let next = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, next);
    // Its low bits depend on the last bytes alone.
    hash ^ (hash >> 32)
}

/// The shortest time from one look to the next.
const SHORTEST: Duration = Duration::from_secs(60);

/// The longest time from one look to the next near an end, or at a place of an incident.
const LONGEST_CLOSE: Duration = Duration::from_secs(15 * 60);

/// A round that failed is tried again after so long.
const RETRY: Duration = Duration::from_secs(300);

/// Time is told so often.
const TICK: Duration = Duration::from_secs(60);

/// At least so long between two passes through the outbox.
const BREATH: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use certvigil_model::{
        CertificateSeen, Ends, Family, Filing, Fingerprint, Foreign, Incident, IncidentKey,
        IssueRef, Outcome, Severity, Subject, TrackerName,
    };

    use super::*;

    const NOON: Time = Time::from_seconds(1_795_608_000);
    const DAY: Duration = Duration::from_secs(86_400);

    fn before(by: Duration) -> Time {
        Time::from_millis(NOON.millis() - by.as_millis() as i64)
    }

    fn sighting(id: &str, life: Duration, left: Duration) -> Sighting {
        let not_after = NOON.plus(left);
        let minus = |by: Duration| Time::from_millis(not_after.millis() - by.as_millis() as i64);
        Sighting {
            endpoint: EndpointId::from_text(id).unwrap(),
            place: "192.0.2.1:443".to_owned(),
            target: Foreign::new("a.example"),
            owner: None,
            origin: None,
            port: 443,
            server_name: None,
            outcome: Outcome::Captured,
            chain: Vec::new(),
            others: Vec::new(),
            certificate: Some(CertificateSeen {
                sha256: Fingerprint::of(b"one"),
                subject: Foreign::new(""),
                names: Vec::new(),
                names_total: 0,
                issuer: Foreign::new(""),
                serial_number: String::new(),
                not_before: minus(life),
                not_after,
                ends: Ends {
                    at: not_after,
                    warning_from: minus(life / 3),
                    critical_from: minus(life / 6),
                },
            }),
            certificate_at: Some(NOON),
            since: before(DAY),
            last_seen: before(Duration::from_secs(20)),
            until: None,
        }
    }

    fn all(sightings: impl IntoIterator<Item = Sighting>) -> BTreeMap<EndpointId, Sighting> {
        sightings.into_iter().map(|one| (one.endpoint, one)).collect()
    }

    fn seen(last_round: Time) -> State {
        let mut state = State::default();
        state.memory.last_round = Some(last_round);
        state
    }

    fn told() -> Tried {
        Tried { outbox: Some(NOON), ..Tried::default() }
    }

    #[test]
    fn an_hour_or_a_two_hundredth_of_the_shortest_life_or_what_the_config_says() {
        let long = sighting("00000000000000aa", DAY * 90, DAY * 60);
        let short = sighting("00000000000000bb", DAY * 6, DAY * 4);
        let hour = Duration::from_secs(3600);
        let interval = |own, of: &BTreeMap<_, _>| Pace::planned(own, of).interval();
        assert_eq!(interval(None, &BTreeMap::new()), hour);
        assert_eq!(interval(None, &all([long.clone()])), hour);
        assert_eq!(interval(None, &all([long.clone(), short])), DAY * 6 / 200);
        let own = Duration::from_secs(120);
        assert_eq!(interval(Some(own), &all([long])), own);
        let moment = sighting("00000000000000cc", Duration::from_secs(600), DAY);
        assert_eq!(interval(None, &all([moment])), Duration::from_secs(60));
    }

    #[test]
    fn rounds_that_were_missed_are_made_up_for_by_one() {
        let (state, none) = (seen(before(DAY * 3)), BTreeMap::new());
        let tried = told();
        let known =
            Known { state: &state, sightings: &none, tried: &tried, config: "", interval: None };
        assert_eq!(tick(&known, NOON), Work::Round);
        let state = seen(NOON);
        let known = Known { state: &state, ..known };
        let Work::Wait(until) = tick(&known, NOON) else { panic!("{:?}", tick(&known, NOON)) };
        assert!(until > NOON);
    }

    #[test]
    fn a_store_that_knows_no_round_or_one_in_the_future_is_looked_at_now() {
        let (none, tried) = (BTreeMap::new(), told());
        for state in [State::default(), seen(NOON.plus(DAY))] {
            let known = Known {
                state: &state,
                sightings: &none,
                tried: &tried,
                config: "",
                interval: None,
            };
            assert_eq!(tick(&known, NOON), Work::Round);
        }
    }

    #[test]
    fn a_round_that_failed_is_tried_again_and_not_at_once() {
        let (state, none) = (State::default(), BTreeMap::new());
        let tried = Tried { round: Some(NOON), ..told() };
        let known =
            Known { state: &state, sightings: &none, tried: &tried, config: "", interval: None };
        assert_ne!(tick(&known, NOON.plus(Duration::from_secs(1))), Work::Round);
        assert_eq!(tick(&known, NOON.plus(RETRY)), Work::Round);
        assert_eq!(tick(&known, before(DAY)), Work::Round, "the clock was set back");
    }

    #[test]
    fn another_config_is_looked_at_at_once() {
        let (mut state, none, tried) = (seen(NOON), BTreeMap::new(), told());
        state.memory.config = Some("old".to_owned());
        let known =
            Known { state: &state, sightings: &none, tried: &tried, config: "old", interval: None };
        assert!(matches!(tick(&known, NOON), Work::Wait(_)));
        assert_eq!(tick(&Known { config: "new", ..known }, NOON), Work::Round);
    }

    #[test]
    fn the_next_round_comes_within_the_interval_and_at_another_moment_each_hour() {
        let hour = Duration::from_secs(3600);
        let mut moments = BTreeSet::new();
        for count in 0..24 {
            let last = NOON.plus(hour * count);
            let next = after(last, hour, "round", last);
            assert_eq!(next, after(last, hour, "round", last), "worked out anew it is the same");
            let gap = next.millis() - last.millis();
            assert!((hour * 7 / 8).as_millis() as i64 <= gap && gap <= 3_600_000, "{gap}");
            moments.insert(gap);
        }
        assert!(moments.len() > 12, "{moments:?}");
    }

    #[test]
    fn near_its_end_a_certificate_is_looked_at_more_often_than_others() {
        let near = Sighting {
            last_seen: before(Duration::from_secs(15 * 60)),
            ..sighting("00000000000000aa", DAY * 90, DAY * 3)
        };
        let far = Sighting {
            last_seen: before(Duration::from_secs(15 * 60)),
            ..sighting("00000000000000bb", DAY * 90, DAY * 60)
        };
        let (state, tried) = (seen(before(Duration::from_secs(15 * 60))), told());
        let sightings = all([near.clone(), far]);
        let known = Known {
            state: &state,
            sightings: &sightings,
            tried: &tried,
            config: "",
            interval: None,
        };
        assert_eq!(tick(&known, NOON), Work::Looks([near.endpoint].into()));
        // One that could not be looked at waits as one that was.
        let tried = Tried { looks: [(near.endpoint, NOON)].into(), ..tried };
        let known = Known { tried: &tried, ..known };
        assert!(matches!(tick(&known, NOON), Work::Wait(_)));
    }

    fn filed() -> Incident {
        let tracker = TrackerName("local issues".to_owned());
        let issue = IssueRef { tracker, id: "1".to_owned(), url: String::new() };
        Incident {
            key: IncidentKey::of("main", None, Family::Reach, &Subject::Round),
            family: Family::Reach,
            subject: Subject::Round,
            status: Status::Open,
            severity: Severity::Warning,
            owner: "ops".to_owned(),
            places: BTreeMap::new(),
            certificate: None,
            first_seen: NOON,
            last_bad: NOON,
            opened_at: Some(NOON),
            resolved_at: None,
            reopened: 0,
            unseen_since: None,
            changes: 1,
            told: 1,
            block: None,
            closings: 0,
            filing: Filing::Confirmed { issue, at: NOON },
            acknowledged: None,
            climb: None,
        }
    }

    #[test]
    fn issues_are_read_every_five_minutes_while_one_is_open() {
        let (mut state, none) = (seen(NOON), BTreeMap::new());
        let minutes = |count: u64| NOON.plus(Duration::from_secs(count * 60));
        let read = |state: &State, issues: Option<Time>, now: Time| {
            let tried = Tried { outbox: Some(now), issues, ..Tried::default() };
            let known =
                Known { state, sightings: &none, tried: &tried, config: "", interval: None };
            tick(&known, now) == Work::Issues
        };
        assert!(!read(&state, None, NOON), "there is none");
        let incident = filed();
        state.incidents.insert(incident.key.clone(), incident.clone());
        assert!(read(&state, None, NOON), "after a start");
        assert!(!read(&state, Some(NOON), minutes(4)));
        assert!(read(&state, Some(NOON), minutes(5)));
        assert!(read(&state, Some(minutes(60)), minutes(1)), "the clock was set back");
        let over = Incident { status: Status::Resolved, ..incident };
        state.incidents.insert(over.key.clone(), over);
        assert!(!read(&state, Some(NOON), minutes(5)));
    }

    #[test]
    fn time_is_told_each_minute() {
        let (state, none, tried) = (seen(NOON), BTreeMap::new(), told());
        let known =
            Known { state: &state, sightings: &none, tried: &tried, config: "", interval: None };
        assert_eq!(tick(&known, NOON), Work::Wait(NOON.plus(TICK)));
        assert_eq!(tick(&known, NOON.plus(TICK)), Work::Outbox);
    }
}
