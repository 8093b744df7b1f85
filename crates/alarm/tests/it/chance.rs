//! What holds whatever happens: rounds, looks, trackers, people and clocks by chance.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use certvigil_alarm::{
    Delivered, Event, IssueSeen, Limits, Order, Rules, Sentinel, SentinelSeen, Step, Told,
    is_long_dead, long_dead, step,
};
use certvigil_model::{
    Act, DeliveryState, EndpointId, Family, Filing, Foreign, Incident, IncidentKey, Observation,
    Severity, Status, Subject, Time,
};
use proptest::prelude::*;
use proptest::sample::select;

use crate::contract;
use crate::testing::*;

/// Endpoints, two to a target.
const ENDPOINTS: u64 = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    Good,
    /// A certificate that all share.
    Soon,
    /// One of its own, expired.
    Expired,
    Nothing,
    /// It is not in the inventory, or its address is not given.
    Absent,
}

#[derive(Clone, Debug)]
enum Deed {
    Pass(i64),
    Round {
        shows: Vec<Shows>,
        is_whole: bool,
        sees: bool,
    },
    SecondLook(Vec<Shows>),
    Tick,
    /// Which delivery that is not over, and how it ends.
    Deliver(usize, DeliveryState),
    /// The one before is told once more.
    Again,
    ClosedBy(usize),
    Taken(usize),
    Silence(usize),
    Release,
    Config,
}

fn looks() -> impl Strategy<Value = Vec<Shows>> {
    let one = prop_oneof![
        6 => Just(Shows::Good),
        2 => Just(Shows::Soon),
        1 => Just(Shows::Expired),
        3 => Just(Shows::Nothing),
        1 => Just(Shows::Absent),
    ];
    proptest::collection::vec(one, ENDPOINTS as usize)
}

fn act(times: &'static [i64]) -> impl Strategy<Value = Deed> {
    use DeliveryState::{Confirmed, Doubtful, Dropped, Failed, Queued, Stored};
    let states = &[Confirmed, Confirmed, Confirmed, Doubtful, Stored, Queued, Failed, Dropped];
    prop_oneof![
        8 => select(times).prop_map(Deed::Pass),
        8 => (looks(), prop::bool::weighted(0.8), prop::bool::weighted(0.9))
            .prop_map(|(shows, is_whole, sees)| Deed::Round { shows, is_whole, sees }),
        2 => looks().prop_map(Deed::SecondLook),
        1 => Just(Deed::Tick),
        8 => (any::<usize>(), select(&states[..])).prop_map(|(n, state)| Deed::Deliver(n, state)),
        1 => Just(Deed::Again),
        1 => any::<usize>().prop_map(Deed::ClosedBy),
        1 => any::<usize>().prop_map(Deed::Taken),
        1 => any::<usize>().prop_map(Deed::Silence),
        1 => Just(Deed::Release),
        1 => Just(Deed::Config),
    ]
}

fn observations(shows_what: &[Shows]) -> Vec<Observation> {
    let one = |(number, what): (u64, &Shows)| {
        let observation = match what {
            Shows::Good => good(number),
            Shows::Soon => soon(number),
            Shows::Expired => {
                let expired = problem("expired", Family::Expiry, Severity::Critical);
                shows(number, certificate(&format!("own{number}"), DAY), vec![expired])
            }
            Shows::Nothing => unreachable(number),
            Shows::Absent => return None,
        };
        Some(at_target(&format!("n{}.example", number / 2), observation))
    };
    (0..).zip(shows_what).filter_map(one).collect()
}

/// What the rules say, kept by other means.
#[derive(Default)]
struct Books {
    /// Good runs in a row since it was last bad, by incident and place.
    good: BTreeMap<(IncidentKey, EndpointId), (Family, u32)>,
    filed: Vec<Time>,
    last: Option<Delivered>,
}

impl Books {
    /// Writes down what was seen; a round that cannot see counts for nothing that is not there.
    fn round(&mut self, world: &World, seen: &[Observation], is_run: bool) {
        let is_blind = world.state.memory.blind.is_some();
        let seen: Vec<_> = seen.iter().filter(|it| !is_blind || it.shows_certificate()).collect();
        for ((_, endpoint), (family, runs)) in &mut self.good {
            let Some(observation) = seen.iter().find(|it| it.endpoint == *endpoint) else {
                continue;
            };
            let is_bad = observation.problems.iter().any(|it| it.family == *family);
            match () {
                () if is_bad => *runs = 0,
                () if observation.shows_certificate() && is_run && !is_blind => *runs += 1,
                () => {}
            }
        }
        for observation in seen {
            for problem in &observation.problems {
                let key = key_of(world, problem.family, observation);
                self.good.insert((key, observation.endpoint), (problem.family, 0));
            }
        }
    }

    fn check(&mut self, world: &World, before: &World, step: &Step, seen: Option<&[Observation]>) {
        one_delivery_each(world);
        nothing_untold(world);
        if let Some(seen) = seen {
            nothing_lost(world, seen);
        }
        self.resolved_on_proof(world, before, step);
        step.records.iter().for_each(contract::keeps);
    }

    /// Resolved only after two good looks at every place, or when it left by a recorded act.
    fn resolved_on_proof(&mut self, world: &World, before: &World, step: &Step) {
        let left: BTreeSet<_> = step
            .records
            .iter()
            .filter(|it| it.kind == "place-left")
            .filter_map(|it| {
                Some((it.incident.clone()?, EndpointId::from_text(&it.data["endpoint"])?))
            })
            .collect();
        self.good.retain(|place, _| !left.contains(place));
        for incident in world.state.incidents.values() {
            let was_open = before
                .state
                .incidents
                .get(&incident.key)
                .is_some_and(|it| it.status == Status::Open);
            if incident.status != Status::Resolved {
                continue;
            }
            let places = self.good.iter().filter(|((key, _), _)| *key == incident.key);
            let runs: Vec<_> = places.map(|(_, (_, runs))| *runs).collect();
            if was_open
                && matches!(incident.subject, Subject::Certificate(_) | Subject::Endpoint(_))
            {
                assert!(runs.iter().all(|runs| *runs >= 2), "{} after {runs:?}", incident.subject);
            }
            self.good.retain(|(key, _), _| *key != incident.key);
        }
    }

    /// The brake's numbers, for what is not critical.
    fn brake(&mut self, world: &World, before: &World, step: &Step) {
        let is_braked = |key: &IncidentKey| {
            let incident = &world.state.incidents[key];
            incident.severity != Severity::Critical && incident.family != Family::Round
        };
        let was_new = |key: &IncidentKey| {
            let filing = before.state.incidents.get(key).map(|it| &it.filing);
            matches!(filing, None | Some(Filing::None | Filing::Held { .. }))
        };
        let new = step.deliveries.iter().filter(|it| it.act == Act::File && it.attempts == 0);
        let new = new.filter(|it| is_braked(&it.incident) && was_new(&it.incident));
        let count = new.count();
        assert!(count <= world.rules.limits.new_issues_per_round, "{count} in one step");
        self.filed.extend(std::iter::repeat_n(world.now, count));
        let recent = self.filed.iter().filter(|at| world.now.seconds_since(**at) < 3600).count();
        assert!(recent <= world.rules.limits.new_issues_per_hour, "{recent} within an hour");
    }
}

fn key_of(world: &World, family: Family, observation: &Observation) -> IncidentKey {
    let subject = match (family, &observation.certificate) {
        (Family::Expiry, Some(certificate)) => Subject::Certificate(certificate.sha256),
        _ => Subject::Endpoint(observation.endpoint),
    };
    world.key(family, &subject)
}

fn one_delivery_each(world: &World) {
    let mut seen = BTreeSet::new();
    for delivery in world.state.deliveries.values() {
        assert!(!delivery.state.is_over());
        assert!(seen.insert(&delivery.incident), "two deliveries of {}", delivery.incident);
    }
}

/// Whatever is open is told, being told, held or silenced.
fn nothing_untold(world: &World) {
    let busy: BTreeSet<_> = world.state.deliveries.values().map(|it| &it.incident).collect();
    let silent: BTreeSet<_> = world.state.memory.silences.iter().map(|it| &it.incident).collect();
    let idle = world.state.incidents.values().filter(|it| !busy.contains(&it.key));
    for incident in idle.filter(|it| !silent.contains(&it.key)) {
        let is_told = match (incident.status, &incident.filing) {
            (Status::Open, _) if is_long_dead(incident) => is_listed(world, incident),
            (Status::Open, Filing::Confirmed { .. }) => incident.told == incident.changes,
            (Status::Open, Filing::Held { .. }) => incident.severity != Severity::Critical,
            (Status::Open, _) => false,
            (Status::Resolved, filing) => matches!(filing, Filing::None | Filing::Closed { .. }),
            (Status::Waiting, _) => true,
        };
        assert!(is_told, "{:?} {:?} {:?}", incident.subject, incident.status, incident.filing);
    }
}

/// What ended long before it was seen stands on its owner's list.
fn is_listed(world: &World, incident: &Incident) -> bool {
    let lists = world.state.incidents.values().filter(|it| it.status == Status::Open);
    let mut dead = lists.filter_map(|list| long_dead(&world.state, list)).flatten();
    dead.any(|it| it.key == incident.key)
}

/// What was just seen bad is an incident; what could not be reached at least waits for its second look.
fn nothing_lost(world: &World, seen: &[Observation]) {
    for observation in seen {
        if world.state.memory.blind.is_some() && !observation.shows_certificate() {
            continue;
        }
        for problem in &observation.problems {
            let key = key_of(world, problem.family, observation);
            let incident = world.state.incidents.get(&key);
            let status = incident.map(|it| it.status);
            let wanted: &[_] = match problem.family {
                Family::Reach => &[Some(Status::Waiting), Some(Status::Open)],
                _ => &[Some(Status::Open)],
            };
            assert!(wanted.contains(&status), "{} is {status:?}", problem.id);
            let has_place =
                incident.is_some_and(|it| it.places.contains_key(&observation.endpoint));
            assert!(has_place);
        }
    }
}

fn sentinel(sees: bool) -> [SentinelSeen; 1] {
    [SentinelSeen {
        sentinel: Sentinel::Resolver("10.0.0.53:53".parse().expect("an address")),
        answered: if sees { Ok(()) } else { Err("it does not answer".to_owned()) },
    }]
}

fn nth<T>(mut all: impl Iterator<Item = T> + Clone, nth: usize) -> Option<T> {
    let count = all.clone().count();
    (count > 0).then(|| all.nth(nth % count)).flatten()
}

fn is_same(one: &Step, other: &Step) -> bool {
    one.state == other.state
        && one.deliveries == other.deliveries
        && one.records == other.records
        && one.wanted == other.wanted
        && one.heard == other.heard
        && one.incidents == other.incidents
}

fn live(acts: Vec<Deed>, limits: Limits, checks_brake: bool) {
    let mut world = World::first(Rules { limits, ..rules() });
    let mut books = Books::default();
    for act in acts {
        let before = world.clone();
        let mut seen = None;
        let mut is_release = false;
        let taken = match act {
            Deed::Pass(seconds) => {
                world.now = Time::from_millis(world.now.millis() + seconds * 1000 + 1);
                continue;
            }
            Deed::Round { shows, is_whole, sees } => {
                let mut round = observations(&shows);
                if !is_whole {
                    round.truncate(2);
                }
                let taken = world.round_at(round.clone(), is_whole, &[], &sentinel(sees));
                books.round(&world, &round, true);
                seen = Some(round);
                taken
            }
            Deed::SecondLook(shows) => {
                let looks = observations(&shows);
                books.round(&world, &looks, false);
                let taken = world.second_look(looks.clone());
                seen = Some(looks);
                taken
            }
            Deed::Tick => world.take(&Event::Tick),
            Deed::Deliver(number, state) => {
                let due = world.state.deliveries.values();
                let Some(delivery) = nth(due, number).cloned() else { continue };
                let told = Some(Told::of(
                    &world.state.incidents[&delivery.incident],
                    &world.state,
                    &world.rules,
                ));
                world.deliver_as(&delivery, state, told)
            }
            Deed::Again => {
                let Some(delivered) = books.last.clone() else { continue };
                world.take(&Event::Delivered(delivered))
            }
            Deed::ClosedBy(number) | Deed::Taken(number) => {
                let filed = world.state.incidents.values();
                let filed = filed.filter(|it| it.filing.issue().is_some());
                let Some(incident) = nth(filed, number) else { continue };
                let by = Some((Foreign::new("ann"), world.now));
                let is_closing = matches!(act, Deed::ClosedBy(_));
                let issue = IssueSeen {
                    incident: incident.key.clone(),
                    issue: incident.filing.issue().expect("an issue").clone(),
                    is_open: !is_closing,
                    taken: by.clone().filter(|_| !is_closing),
                    closed: by.filter(|_| is_closing),
                };
                world.take(&Event::Issue(issue))
            }
            Deed::Silence(number) => {
                let Some(incident) = nth(world.state.incidents.keys(), number).cloned() else {
                    continue;
                };
                let (by, until) = (Foreign::new("ann"), world.now.plus(DAY * 3));
                let reason = "moving".to_owned();
                world.take(&Event::Order(Order::Silence { incident, by, reason, until }))
            }
            Deed::Release => {
                is_release = true;
                let by = Foreign::new("ann");
                world.take(&Event::Order(Order::Release { incident: None, by }))
            }
            Deed::Config => {
                world.rules.config.push('x');
                continue;
            }
        };
        books.last = Some(Delivered {
            id: taken.deliveries.first().map(|it| it.id.clone()).unwrap_or_default(),
            state: DeliveryState::Doubtful,
            issue: None,
            told: None,
            trouble: None,
            not_before: None,
            notes: vec![],
        });
        books.check(&world, &before, &taken, seen.as_deref());
        if checks_brake && !is_release {
            books.brake(&world, &before, &taken);
        }
        let tick = |world: &World| step(world.state.clone(), &Event::Tick, world.now, &world.rules);
        assert!(is_same(&tick(&world), &tick(&world)));
        let text = serde_json::to_string(&world.state.memory).expect("memory is kept as JSON");
        let memory = serde_json::from_str(&text).expect("memory comes back");
        assert_eq!(world.state.memory, memory);
    }
}

const FORWARD: &[i64] = &[1, 30, 600, 3600, 7200, 86_400, 10 * 86_400];
const ANYWHERE: &[i64] =
    &[30, 3600, 86_400, 40 * 86_400, -3600, -86_400, -400 * 86_400, 400 * 86_400];

proptest! {
    // A quarter of what PROPTEST_CASES says: each case is a long story.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases / 4,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_is_lost_told_twice_or_closed_without_proof(
        acts in proptest::collection::vec(act(FORWARD), 1..80)
    ) {
        live(acts, Limits { new_issues_per_round: 2, new_issues_per_hour: 3, ..Limits::default() }, true);
    }

    #[test]
    fn nothing_is_lost_when_the_clock_jumps(
        acts in proptest::collection::vec(act(ANYWHERE), 1..80)
    ) {
        live(acts, Limits { new_issues_per_round: 2, new_issues_per_hour: 3, ..Limits::default() }, false);
    }
}

/// The same from the same, whatever happened before.
#[test]
fn a_step_is_a_function() {
    let mut world = World::new(rules());
    world.round(observations(&[Shows::Soon, Shows::Nothing, Shows::Expired]));
    let later = world.now.plus(Duration::from_secs(30));
    let looks = observations(&[Shows::Soon, Shows::Nothing]);
    let event = Event::SecondLook(&looks);
    let one = step(world.state.clone(), &event, later, &world.rules);
    let other = step(world.state.clone(), &event, later, &world.rules);
    assert!(is_same(&one, &other));
}
