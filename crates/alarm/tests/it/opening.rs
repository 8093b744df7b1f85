//! What becomes an incident, and when.

use certvigil_model::{Act, Family, Filing, Observation, Severity, Status};

use crate::testing::*;

#[test]
fn a_certificate_at_forty_endpoints_is_one_incident_with_forty_places() {
    let mut world = World::new(rules());
    let step = world.round((0..40).map(soon).collect());
    assert_eq!(world.open(), [(Family::Expiry, 40)]);
    assert_eq!(step.deliveries.len(), 1);
    assert_eq!(step.deliveries[0].act, Act::File);
    assert_eq!(step.incidents.len(), 1);
}

#[test]
fn a_fact_opens_on_one_look_and_wants_another_thirty_seconds_later() {
    let mut world = World::new(rules());
    let step = world.round(vec![soon(1), good(2)]);
    assert_eq!(world.expiry("old").status, Status::Open);
    assert_eq!(step.wanted.len(), 1);
    assert_eq!(step.wanted[0].endpoint, endpoint(1));
    assert_eq!(step.wanted[0].at.seconds_since(NOW), 30);
    assert_eq!(world.pass(HOUR).round(vec![soon(1), good(2)]).wanted, []);
}

#[test]
fn what_is_unreachable_opens_on_the_second_look() {
    let mut world = World::new(rules());
    let step = world.round(vec![unreachable(1), good(2)]);
    assert_eq!(world.reach(1).status, Status::Waiting);
    assert_eq!(step.deliveries, []);
    assert_eq!(step.wanted.len(), 1);
    world.pass(HOUR / 120).second_look(vec![unreachable(1)]);
    assert_eq!(world.reach(1).status, Status::Open);
    assert_eq!(world.delivery().act, Act::File);
}

#[test]
fn what_is_reachable_at_the_second_look_never_opens() {
    let mut world = World::new(rules());
    world.round(vec![unreachable(1), good(2)]);
    let step = world.pass(HOUR / 120).second_look(vec![good(1)]);
    assert_eq!(kinds(&step), ["incident-dismissed"]);
    assert_eq!(world.open(), []);
    world.pass(HOUR).round(vec![unreachable(1), good(2)]);
    assert_eq!(world.reach(1).status, Status::Waiting, "two looks in a row, not two looks");
}

#[test]
fn without_a_second_look_the_next_round_is_one() {
    let mut world = World::new(rules());
    world.round(vec![unreachable(1)]);
    world.pass(HOUR).round(vec![unreachable(1)]);
    assert_eq!(world.reach(1).status, Status::Open);
}

#[test]
fn what_is_accepted_or_only_worth_knowing_opens_nothing() {
    let mut world = World::new(rules());
    let info = problem("seen", Family::Strength, Severity::Info);
    world.round(vec![
        shows(1, certificate("a", DAY * 20), vec![accepted(expires_soon())]),
        shows(2, certificate("b", DAY * 80), vec![info]),
        Observation {
            problems: vec![accepted(problem("timeout", Family::Reach, Severity::Unknown))],
            ..unreachable(3)
        },
    ]);
    assert_eq!(world.state.incidents.len(), 0);
}

struct Spread {
    name: &'static str,
    beside: Option<certvigil_model::Problem>,
    is_pool: bool,
    /// Hours of rounds until it opens.
    want: u32,
}

#[test]
fn a_roll_out_has_two_hours_a_pool_a_day_and_what_is_wrong_none() {
    for Spread { name, beside, is_pool, want } in [
        Spread { name: "plain", beside: None, is_pool: false, want: 2 },
        Spread { name: "pool", beside: None, is_pool: true, want: 24 },
        Spread {
            name: "one side expired",
            beside: Some(problem("expired", Family::Expiry, Severity::Critical)),
            is_pool: false,
            want: 0,
        },
        Spread {
            name: "one side has the wrong name",
            beside: Some(problem("name-mismatch", Family::Name, Severity::Warning)),
            is_pool: true,
            want: 0,
        },
        Spread {
            name: "one side ends soon",
            beside: Some(expires_soon()),
            is_pool: false,
            want: 2,
        },
    ] {
        let mut world = World::new(no_brake());
        let differs = problem("addresses-differ", Family::Spread, Severity::Warning);
        let mut opened = None;
        for hour in 0..=30 {
            let place = if is_pool { "www.example.org:443" } else { "192.0.2.1:443" };
            let problems = beside.clone().into_iter().collect();
            let round = vec![
                Observation {
                    place: place.to_owned(),
                    ..shows(1, certificate("a", DAY * 60), problems)
                },
                shows(2, certificate("b", DAY * 80), vec![]),
            ];
            world.round_with(round, true, &[said(&["www.example.org"], differs.clone())]);
            let open = world.open().iter().any(|(family, _)| *family == Family::Spread);
            if open && opened.is_none() {
                opened = Some(hour);
            }
            world.pass(HOUR);
        }
        assert_eq!(opened, Some(want), "{name}");
    }
}

#[test]
fn near_the_end_it_is_critical_whatever_was_configured() {
    let info = problem("expires-soon", Family::Expiry, Severity::Info);
    let mut world = World::new(rules());
    for (days, want) in [(8, None), (6, Some(Severity::Critical))] {
        world.round(vec![shows(1, certificate("quiet", DAY * days), vec![info.clone()])]);
        let incident = world.state.incidents.values().next();
        assert_eq!(incident.map(|incident| incident.severity), want, "{days} days");
    }
}

#[test]
fn an_owner_without_a_tracker_opens_and_is_told_of() {
    let mut world = World::new(rules());
    let step = world.round(vec![Observation { owner: Some("web".to_owned()), ..soon(1) }]);
    assert_eq!(world.expiry("old").status, Status::Open);
    assert_eq!(world.expiry("old").filing, Filing::None);
    assert_eq!(step.deliveries, []);
    let failure = step.heard.iter().find(|heard| heard.is_failure).expect("a failure");
    assert!(failure.text.starts_with("nobody can confirm: owner web"), "{}", failure.text);
}

#[test]
fn what_is_wrong_with_the_round_is_an_incident_of_the_round() {
    let mut world = World::new(rules());
    let partial = problem("partial-round", Family::Round, Severity::Critical);
    world.round_with(vec![good(1)], true, &[said(&[], partial)]);
    assert_eq!(world.open(), [(Family::Round, 1)]);
    world.pass(HOUR).round(vec![good(1)]);
    assert_eq!(world.open(), [(Family::Round, 1)]);
    world.pass(HOUR).round(vec![good(1)]);
    assert_eq!(world.open(), []);
}

#[test]
fn a_lone_person_as_owner_is_the_sites_own_problem_until_there_is_a_second() {
    let with = |has_second: bool| {
        let mut rules = rules();
        if let Some(owner) = rules.owners.get_mut("web") {
            owner.is_person = true;
            if !has_second {
                owner.contacts.second = None;
            }
        }
        rules
    };
    let mut world = World::new(with(false));
    world.round(vec![good(1)]);
    assert_eq!(world.open(), [(Family::Round, 1)]);
    let mut world = World::new(with(true));
    world.round(vec![good(1)]);
    assert_eq!(world.open(), []);
}
