//! What readers of an issue hear later, and the issue that lists what is held back.

use certvigil_model::{
    EndpointId, Family, Filing, Foreign, Incident, IncidentKey, Outcome, Severity, Sighting,
    Subject,
};
use certvigil_report::issue::{
    Change, Context, Reopened, closing, comment, digest, held_body, long_dead_body, reopening,
    short, title,
};

use crate::incidents::{at, context, endpoint, incident_of};
use crate::issues::plain;
use crate::sample::fingerprint;

#[test]
fn a_change_says_what_is_so_now_and_what_was_before() {
    let before = incident_of("expires-soon", Family::Expiry, Severity::Warning);
    let mut after = incident_of("expired", Family::Expiry, Severity::Critical);
    after.places.get_mut(&endpoint(1)).unwrap().good_runs = 2;
    after.places.get_mut(&endpoint(4)).unwrap().good_runs = 0;
    after.places.remove(&endpoint(2));
    let known = plain(&comment(&after, &Change::since(&before), &context()));
    let unknown = plain(&comment(&after, &Change::default(), &context()));
    insta::assert_snapshot!("comment", format!("{known}\n#####\n\n{unknown}"));
}

#[test]
fn the_end_comes_with_its_proof() {
    let mut over = incident_of("expires-soon", Family::Expiry, Severity::Warning);
    for place in over.places.values_mut() {
        place.good_runs = 2;
    }
    over.resolved_at = Some(at("2026-11-25T10:00:00Z"));
    let seen: Vec<_> = (1..=3).map(|n| sighting(endpoint(n), &over)).collect();
    let proven = plain(&closing(&over, &seen, &context()));
    over.places.clear();
    let left = plain(&closing(&over, &[], &context()));
    insta::assert_snapshot!("closing", format!("{proven}\n#####\n\n{left}"));
}

#[test]
fn what_is_open_again_says_why() {
    let soon = incident_of("expires-soon", Family::Expiry, Severity::Warning);
    let closed = Reopened::ClosedWhileBad {
        by: Foreign::new("Robin Example"),
        at: at("2026-11-24T18:00:00Z"),
    };
    let back = plain(&reopening(&soon, &Reopened::CameBack, &context()));
    let closed = plain(&reopening(&soon, &closed, &context()));
    insta::assert_snapshot!("reopening", format!("{back}\n#####\n\n{closed}"));
}

#[test]
fn what_is_held_is_listed_the_soonest_end_first() {
    let held: Vec<_> = ["expires-soon", "timeout", "path-expires-first", "untrusted", "expired"]
        .into_iter()
        .zip([Family::Expiry, Family::Reach, Family::Expiry, Family::Trust, Family::Expiry])
        .map(|(id, family)| incident_of(id, family, Severity::Warning))
        .collect();
    let held: Vec<_> = held.iter().collect();
    let summary = summary();
    let why = "more than 20 new issues in one round";
    let text = plain(&held_body(&summary, &held, why, &context()));
    insta::assert_snapshot!("held", format!("{}\n{text}", title(&summary, &context())));
}

/// A thousand are listed, all of them, inside what trackers keep.
#[test]
fn a_thousand_held_issues_fit_into_one() {
    let plain_one = incident_of("expires-soon", Family::Expiry, Severity::Warning);
    let held: Vec<_> =
        (0..1000).map(|n| named(&plain_one, &format!("www{n}.example.org"))).collect();
    let text =
        plain(&held_body(&summary(), &held.iter().collect::<Vec<_>>(), "so many", &context()));
    assert!(text.len() < 65_000, "{}", text.len());
    for n in 0..1000 {
        assert!(text.contains(&format!("- 2026-12-22 www{n}.example.org ")), "{n}");
    }
    // Ten thousand do not: how many are missing is said, and where they stand.
    let held: Vec<_> =
        (0..10_000).map(|n| named(&plain_one, &format!("www{n}.example.org"))).collect();
    let held: Vec<_> = held.iter().collect();
    let kept = Context { has_store: true, ..context() };
    let text = plain(&held_body(&summary(), &held, "so many", &kept));
    assert!(text.len() < 65_000, "{}", text.len());
    let listed = text.lines().filter(|line| line.starts_with("- 2026-12-22 ")).count();
    assert!(text.contains(&format!("and {} more, none of which ends earlier", 10_000 - listed)));
    assert!(text.contains("certvigil incidents list"), "where all are");
}

#[test]
fn a_page_is_one_short_message_with_a_whole_address() {
    let soon = incident_of("expires-soon", Family::Expiry, Severity::Warning);
    let url = "https://tracker.example.org/issues/4711";
    let want = "www.example.org: certificate ends 22 Dec 2026, 3 of 4 addresses. Renew it: \
                https://tracker.example.org/issues/4711";
    assert_eq!(short(&soon, &context(), Some(url)), want);
    let long = format!("https://tracker.example.org/{}", "x".repeat(200));
    for link in [None, Some(url), Some(&long)] {
        let wordy = named(&soon, &"very-long-name.".repeat(20));
        let page = short(&wordy, &context(), link);
        assert!(page.chars().count() < 160, "{page}");
        let links = page.matches("https://").count();
        assert_eq!(links, usize::from(link == Some(url)), "{page}");
    }
}

#[test]
fn what_ended_long_ago_is_listed_and_nobody_is_called() {
    let dead = ["one.example.org", "two.example.org"].map(|name| {
        let mut dead = named(&incident_of("expired", Family::Expiry, Severity::Critical), name);
        dead.filing = Filing::None;
        dead
    });
    let mut summary = incident_of("long-dead", Family::Round, Severity::Warning);
    summary.subject = Subject::Cause("long-dead:web".to_owned());
    let dead: Vec<_> = dead.iter().collect();
    let text = plain(&long_dead_body(&summary, &dead, &context()));
    insta::assert_snapshot!("long_dead", format!("{}\n{text}", title(&summary, &context())));
}

#[test]
fn a_digest_says_what_is_open_and_that_nothing_is() {
    let open = incident_of("expires-soon", Family::Expiry, Severity::Warning);
    let text = |open: &[&Incident]| {
        let digest = digest("web", open, &context());
        assert!(digest.line.chars().count() < 160, "{}", digest.line);
        format!("{}\n{}", digest.title, plain(&digest.body))
    };
    insta::assert_snapshot!("digest", format!("{}\n{}", text(&[&open]), text(&[])));
}

fn summary() -> Incident {
    incident_of("issues-held", Family::Round, Severity::Warning)
}

fn named(incident: &Incident, name: &str) -> Incident {
    let mut named = incident.clone();
    named.subject = Subject::Certificate(fingerprint(name));
    named.key = IncidentKey::of("", None, named.family, &named.subject);
    named.filing = Filing::Held { since: at("2026-11-24T20:36:30Z") };
    for place in named.places.values_mut() {
        place.target = Foreign::new(name);
    }
    named
}

fn sighting(endpoint: EndpointId, incident: &Incident) -> Sighting {
    let place = &incident.places[&endpoint];
    let mut certificate = incident.certificate.clone().unwrap();
    certificate.sha256 = fingerprint("the new one");
    certificate.serial_number = "00ab13".into();
    certificate.ends.at = at("2027-03-22T10:00:00Z");
    Sighting {
        endpoint,
        place: place.shown.clone(),
        target: place.target.clone(),
        owner: None,
        origin: None,
        port: 443,
        server_name: None,
        outcome: Outcome::Captured,
        chain: Vec::new(),
        others: Vec::new(),
        certificate: Some(certificate),
        certificate_at: None,
        since: at("2026-11-24T21:30:00Z"),
        last_seen: at("2026-11-25T10:00:00Z"),
        until: None,
    }
}
