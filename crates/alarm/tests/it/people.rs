//! What people say, in trackers and to us, and how long it holds.

use certvigil_alarm::{Event, IssueSeen, Order, Step};
use certvigil_model::{
    Act, Family, Filing, Foreign, IncidentKey, Purpose, Severity, Status, Subject, Time,
};

use crate::testing::*;

fn ann() -> Foreign {
    Foreign::new("ann")
}

/// A world with one issue for a certificate that ends in 20 days.
fn filed() -> (World, IncidentKey) {
    let mut world = World::new(rules());
    world.round(vec![soon(1)]);
    world.deliver();
    world.send();
    let key = world.expiry("old").key.clone();
    (world, key)
}

fn seen(world: &mut World, is_open: bool, taken: Option<Time>, closed: Option<Time>) -> Step {
    let incident = world.expiry("old");
    let issue = IssueSeen {
        incident: incident.key.clone(),
        issue: incident.filing.issue().expect("an issue").clone(),
        is_open,
        taken: taken.map(|at| (ann(), at)),
        closed: closed.map(|at| (ann(), at)),
    };
    world.take(&Event::Issue(issue))
}

#[test]
fn an_acknowledgement_ends_by_itself() {
    for (left, severity, want) in [
        // Half of 20 days is more than 7.
        (DAY * 20, Severity::Warning, DAY * 7),
        (DAY * 10, Severity::Warning, DAY * 5),
        (DAY * 3, Severity::Critical, HOUR * 4),
    ] {
        let mut world = World::new(rules());
        let soon = problem("expires-soon", Family::Expiry, severity);
        world.round(vec![shows(1, certificate("old", left), vec![soon])]);
        world.deliver();
        let at = world.now;
        seen(&mut world, true, Some(at), None);
        let until = world.expiry("old").acknowledged.as_ref().map(|it| it.until);
        assert_eq!(until, Some(NOW.plus(want)));
        world.pass(want).take(&Event::Tick);
        assert_eq!(world.expiry("old").acknowledged, None);
        // The tracker still shows the same: that is no new act.
        seen(&mut world, true, Some(at), None);
        assert_eq!(world.expiry("old").acknowledged, None);
    }
}

#[test]
fn an_acknowledgement_ends_four_hours_after_it_becomes_critical() {
    let mut world = World::new(rules());
    world.round(vec![shows(1, certificate("old", DAY * 8), vec![expires_soon()])]);
    let key = world.expiry("old").key.clone();
    let order = Order::Acknowledge { incident: key, by: ann(), until: None };
    world.take(&Event::Order(order));
    world.pass(DAY + HOUR).take(&Event::Tick);
    let incident = world.expiry("old");
    assert_eq!(incident.severity, Severity::Critical);
    let until = incident.acknowledged.as_ref().map(|it| it.until);
    assert_eq!(until, Some(world.now.plus(HOUR * 4)));
}

#[test]
fn a_person_may_take_less_time_and_never_more() {
    for (asked, want) in [(DAY * 2, DAY * 2), (DAY * 60, DAY * 7)] {
        let (mut world, key) = filed();
        let until = Some(NOW.plus(asked));
        world.take(&Event::Order(Order::Acknowledge { incident: key, by: ann(), until }));
        let until = world.expiry("old").acknowledged.as_ref().map(|it| it.until);
        assert_eq!(until, Some(NOW.plus(want)));
    }
}

#[test]
fn closed_while_still_bad_it_is_opened_again_once_and_then_accepted_for_a_fortnight() {
    let (mut world, key) = filed();
    let at = world.pass(HOUR).now;
    seen(&mut world, false, None, Some(at));
    assert_eq!(world.deliver(), [Act::Reopen, Act::Remember]);
    let at = world.pass(HOUR).now;
    let step = seen(&mut world, false, None, Some(at));
    assert_eq!(kinds(&step), ["issue-closed-by", "silenced", "notice-queued"]);
    let told: Vec<_> = step.notices.iter().map(|it| (it.purpose, it.channel.0.as_str())).collect();
    assert_eq!(
        told,
        [(Purpose::Accepted, "email second@example.org")],
        "somebody else has to know"
    );
    assert!(step.heard.iter().any(|heard| heard.text.contains("silent until")));
    assert_eq!(world.deliver(), []);
    assert_eq!(world.state.memory.silences[0].incident, key);
    assert_eq!(world.state.memory.silences[0].until, at.plus(DAY * 14));
    assert!(matches!(world.expiry("old").filing, Filing::Closed { .. }));
    // Inside the critical window it is opened again every time.
    world.pass(DAY * 13 + HOUR).round(vec![soon(1)]);
    assert_eq!(world.expiry("old").severity, Severity::Critical);
    assert_eq!(world.deliver(), [Act::Reopen, Act::Remember]);
    for _ in 0..3 {
        let at = world.pass(HOUR).now;
        seen(&mut world, false, None, Some(at));
        assert_eq!(world.deliver(), [Act::Reopen, Act::Remember]);
    }
}

#[test]
fn closed_by_nobody_it_is_opened_again_every_time() {
    let (mut world, _) = filed();
    for _ in 0..5 {
        world.pass(HOUR);
        seen(&mut world, false, None, None);
        assert_eq!(world.deliver(), [Act::Reopen]);
    }
}

#[test]
fn a_silence_mutes_words_is_told_again_before_it_ends_and_never_mutes_the_end() {
    let (mut world, key) = filed();
    let until = NOW.plus(DAY * 10);
    let order = Order::Silence { incident: key, by: ann(), reason: "moving".to_owned(), until };
    assert_eq!(kinds(&world.take(&Event::Order(order))), ["silenced"]);
    let step = world.pass(HOUR).round(vec![soon(1), soon(2)]);
    assert!(kinds(&step).contains(&"incident-changed"), "the record is never muted");
    assert_eq!(world.deliver(), [Act::Remember]);
    let step = world.pass(DAY * 9).take(&Event::Tick);
    assert_eq!(kinds(&step), ["silence-ends", "notice-queued"], "and a test page");
    assert_eq!(step.heard.len(), 1);
    assert_eq!(kinds(&world.take(&Event::Tick)), [""; 0]);
    let step = world.pass(DAY).take(&Event::Tick);
    assert!(kinds(&step).contains(&"silence-ended"));
    // So is that its owner was reminded, which a run without a store has to know.
    assert_eq!(
        world.deliver(),
        [Act::Comment { change: 2 }, Act::Remember],
        "what was muted is told"
    );
}

#[test]
fn a_silence_never_mutes_what_is_critical_near_its_end() {
    let (mut world, key) = filed();
    let until = NOW.plus(DAY * 30);
    let order = Order::Silence { incident: key, by: ann(), reason: "moving".to_owned(), until };
    world.take(&Event::Order(order));
    world.pass(DAY * 14).take(&Event::Tick);
    assert_eq!(world.deliver(), [Act::Comment { change: 2 }, Act::Remember]);
}

#[test]
fn a_silence_needs_a_reason_somebody_and_an_end() {
    let day = NOW.plus(DAY);
    for (by, reason, until, want) in [
        ("ann", "", day, "a silence needs a reason"),
        ("ann", " ", day, "a silence needs a reason"),
        ("", "moving", day, "a silence needs somebody"),
        ("ann", "moving", NOW, "a silence needs an end"),
        ("ann", "moving", NOW.plus(DAY * 91), "a silence lasts at most 90 days"),
    ] {
        let (mut world, key) = filed();
        let (by, reason) = (Foreign::new(by), reason.to_owned());
        let step = world.take(&Event::Order(Order::Silence { incident: key, by, reason, until }));
        assert!(step.heard[0].is_failure);
        assert!(step.heard[0].text.starts_with(want), "{}", step.heard[0].text);
        assert_eq!(world.state.memory.silences, []);
    }
}

#[test]
fn a_note_is_on_record_and_starts_a_look() {
    let (mut world, key) = filed();
    let text = Foreign::new("customers\nreport errors");
    let order = Order::Note { incident: Some(key), by: Foreign::new("GSS"), at: NOW, text };
    let step = world.pass(HOUR).take(&Event::Order(order));
    assert_eq!(kinds(&step), ["noted"]);
    assert_eq!(step.records[0].data["text"], "customers\\u{a}report errors");
    assert_eq!(step.wanted.len(), 1);
    assert_eq!((step.wanted[0].endpoint, step.wanted[0].at), (endpoint(1), world.now));
}

#[test]
fn an_order_about_what_is_not_there_says_so() {
    let mut world = World::new(rules());
    world.round(vec![soon(1)]);
    let other = IncidentKey::of("other", None, Family::Round, &Subject::Round);
    let by = ann;
    for order in [
        Order::Acknowledge { incident: other.clone(), by: by(), until: None },
        Order::Release { incident: Some(other.clone()), by: by() },
        Order::Silence {
            incident: other.clone(),
            by: by(),
            reason: "r".to_owned(),
            until: NOW.plus(DAY),
        },
    ] {
        let step = world.take(&Event::Order(order));
        assert!(step.heard[0].is_failure);
        assert!(step.heard[0].text.contains(other.as_str()));
    }
    assert_eq!(world.expiry("old").status, Status::Open);
}
