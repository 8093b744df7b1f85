//! A row is a round: what was known, what came, which sentinels stayed dark, and what follows.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use certvigil_model::{
    CertificateSeen, EndpointId, Ends, Fingerprint, Foreign, Observation, Outcome, Sighting, Time,
};

use super::*;

/// 25 November 2026, 12:04 UTC; rounds end there and begin at 12:03.
const NOW: Time = Time::from_seconds(1_795_608_240);

fn at(minutes_ago: u64) -> Time {
    Time::from_millis(NOW.millis() - i64::try_from(minutes_ago * 60_000).unwrap())
}

fn id(number: usize) -> EndpointId {
    EndpointId::from_text(&format!("{number:016x}")).unwrap()
}

/// An estate of endpoints at these addresses, all of which gave a certificate six minutes ago.
struct Estate {
    sightings: BTreeMap<EndpointId, Sighting>,
    observations: Vec<Observation>,
}

fn certificate(number: usize) -> CertificateSeen {
    let day = u64::try_from(number).unwrap();
    let ends = NOW.plus(Duration::from_secs((19 + day) * 86_400));
    CertificateSeen {
        sha256: Fingerprint::of(&number.to_be_bytes()),
        subject: Foreign::new("CN=a"),
        names: Vec::new(),
        names_total: 0,
        issuer: Foreign::new("CN=b"),
        serial_number: "01".to_owned(),
        not_before: at(10_000),
        not_after: ends,
        ends: Ends { at: ends, warning_from: ends, critical_from: ends },
    }
}

fn observation(number: usize, address: SocketAddr) -> Observation {
    Observation {
        endpoint: id(number),
        place: address.to_string(),
        target: Foreign::new(format!("www{number}.example.org")),
        owner: None,
        tags: Vec::new(),
        origin: None,
        port: address.port(),
        server_name: Some(format!("www{number}.example.org")),
        looked_at: at(6),
        outcome: Outcome::Captured,
        chain: Vec::new(),
        others: Vec::new(),
        certificate: Some(certificate(number)),
        problems: Vec::new(),
    }
}

impl Estate {
    fn at(addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        let addresses = addresses.into_iter().enumerate();
        let before: Vec<_> =
            addresses.map(|(number, address)| observation(number, address)).collect();
        let sighting = |it: &Observation| (it.endpoint, Sighting::opened_by(it, None));
        let sightings = before.iter().map(sighting).collect();
        let now = before.into_iter().map(|it| Observation { looked_at: at(1), ..it });
        Self { sightings, observations: now.collect() }
    }

    fn lose(mut self, numbers: impl IntoIterator<Item = usize>, outcome: Outcome) -> Self {
        for number in numbers {
            self.observations[number].certificate = None;
            self.observations[number].outcome = outcome;
        }
        self
    }

    /// As a round without a resolver has it: one endpoint without an address for each name.
    fn unresolve(mut self, numbers: impl IntoIterator<Item = usize>) -> Self {
        for number in numbers {
            let it = &mut self.observations[number];
            it.certificate = None;
            it.outcome = Outcome::Unresolved;
            it.place = format!("www{number}.example.org:443");
            it.endpoint = id(1_000_000 + number);
        }
        self
    }

    fn is_suspicious(&self) -> bool {
        is_suspicious(&self.sightings, &self.observations)
    }

    fn judge(&self, sentinels: &[SentinelSeen], since: Option<Time>) -> Sight {
        let Self { sightings, observations } = self;
        judge(&Scene { sightings, observations, sentinels, since, now: NOW })
    }

    fn witnesses(&self) -> Vec<Sentinel> {
        witnesses(&self.sightings, &self.observations)
    }
}

fn ip(network: usize, host: usize) -> IpAddr {
    let byte = |n: usize| u8::try_from(n % 256).unwrap();
    Ipv4Addr::new(10 + byte(network / 256), byte(network), byte(host / 256), byte(host)).into()
}

/// `count` addresses, each in a /16 of its own.
fn apart(count: usize) -> impl Iterator<Item = SocketAddr> {
    (0..count).map(|number| (ip(number, 1), 443).into())
}

/// `count` addresses in one /24 for at most 250.
fn together(network: usize, count: usize) -> impl Iterator<Item = SocketAddr> {
    (0..count).map(move |number| (ip(network, 1 + number % 250), 443).into())
}

fn resolver() -> Sentinel {
    Sentinel::Resolver("10.0.0.53:53".parse().unwrap())
}

fn tracker() -> Sentinel {
    Sentinel::Host { role: "tracker", host: "tracker.example.org".to_owned(), port: 8443 }
}

fn endpoint(number: usize, address: SocketAddr) -> Sentinel {
    Sentinel::Endpoint { id: id(number), address }
}

fn bright(sentinel: Sentinel) -> SentinelSeen {
    SentinelSeen { sentinel, answered: Ok(()) }
}

fn dark(sentinel: Sentinel) -> SentinelSeen {
    SentinelSeen { sentinel, answered: Err("no answer in time".to_owned()) }
}

#[test]
fn all_or_at_least_five_and_a_fifth_are_suspicious() {
    for (whole, lost, expected) in [
        (1, 0, false),
        (1, 1, true),
        (3, 2, false),
        (3, 3, true),
        (20, 4, false),
        (20, 5, true),
        (25, 5, true),
        (26, 5, false),
        (415, 82, false),
        (415, 83, true),
        (415, 415, true),
    ] {
        let estate = Estate::at(apart(whole)).lose(0..lost, Outcome::Timeout);
        assert_eq!(estate.is_suspicious(), expected, "{lost} of {whole}");
    }
}

#[test]
fn only_what_gave_a_certificate_is_newly_unknown() {
    let mut estate = Estate::at(apart(10)).lose(0..5, Outcome::Timeout);
    for number in 0..5 {
        let it = estate.observations[number].clone();
        estate.sightings.insert(it.endpoint, Sighting::opened_by(&it, None));
    }
    assert!(!estate.is_suspicious());
    assert_eq!(estate.judge(&[dark(resolver())], None), Sight::Broken);
}

#[test]
fn a_name_that_does_not_resolve_loses_the_endpoints_at_its_addresses() {
    let estate = Estate::at(apart(10)).unresolve(0..5);
    assert!(estate.is_suspicious());
    let unseen = unseen(&estate.sightings, &estate.observations);
    assert_eq!(unseen, (0..5).map(id).collect());
}

#[test]
fn addresses_that_a_name_has_no_more_are_not_lost() {
    let mut estate = Estate::at(apart(10));
    estate.observations.truncate(2);
    assert!(!estate.is_suspicious());
    assert!(unseen(&estate.sightings, &estate.observations).is_empty());
}

#[test]
fn without_a_memory_whatever_is_unknown_is_reason_enough_to_ask() {
    let mut estate = Estate::at(apart(50)).lose(0..1, Outcome::Timeout);
    estate.sightings.clear();
    assert!(estate.is_suspicious());
    let all_well = Estate::at(apart(50));
    assert!(!is_suspicious(&BTreeMap::new(), &all_well.observations));
}

/// The words of the rule, with its figures.
#[test]
fn all_sentinels_dark_is_blind_and_told_once() {
    let estate = Estate::at(apart(415)).unresolve((0..83).chain(86..415));
    let Sight::Blind { why } = estate.judge(&[dark(resolver())], None) else { panic!() };
    assert_eq!(
        why,
        "I cannot see: resolver 10.0.0.53 has not answered since 12:03 UTC; \
         412 of 415 endpoints unknown. This says nothing about them. \
         As last seen at 11:58, www0.example.org ends first, on 14 Dec."
    );
}

#[test]
fn several_dark_sentinels_are_named_and_the_rest_counted() {
    let estate = Estate::at(apart(3)).lose(0..3, Outcome::Timeout);
    let all = [dark(resolver()), dark(tracker()), dark(endpoint(0, (ip(0, 1), 443).into()))];
    let why = |sentinels: &[SentinelSeen]| match estate.judge(sentinels, Some(at(24 * 60))) {
        Sight::Blind { why } => why,
        other => panic!("{other:?}"),
    };
    assert!(why(&all[..2]).starts_with(
        "I cannot see: resolver 10.0.0.53 and tracker tracker.example.org have not answered \
         since 12:04 on 24 Nov UTC; 3 of 3 endpoints unknown."
    ));
    assert!(why(&all).contains("tracker tracker.example.org and 1 more have not answered"));
}

#[test]
fn a_dead_resolver_is_one_cause_for_all_names_that_it_does_not_know() {
    let estate = Estate::at(apart(100)).unresolve(0..60).lose(60..61, Outcome::Refused);
    let sight = estate.judge(&[dark(resolver()), bright(tracker())], None);
    let Sight::Causes(causes) = sight else { panic!("{sight:?}") };
    let [cause] = &causes[..] else { panic!("{causes:?}") };
    assert_eq!(cause.subject, "resolver 10.0.0.53");
    assert_eq!(cause.endpoints, (0..60).map(|number| id(1_000_000 + number)).collect());
    assert_eq!(
        cause.words,
        "resolver 10.0.0.53 has not answered since 12:03 UTC; 60 endpoints unknown. \
         This says nothing about them. As last seen at 11:58, www0.example.org ends first, on 14 Dec."
    );
}

#[test]
fn endpoints_behind_one_dead_switch_are_one_cause() {
    let addresses = apart(20).chain((0..500).map(|number| {
        let port = if number < 250 { 443 } else { 8443 };
        (ip(77, 1 + number % 250), port).into()
    }));
    let estate = Estate::at(addresses).lose(20..520, Outcome::Timeout);
    assert!(estate.is_suspicious());
    // It is asked about even where none of the five is behind it.
    let is_behind = |it: &Sentinel| matches!(it, Sentinel::Endpoint { address, .. } if address.ip() == ip(77, 1));
    let (witnesses, in_sight): (Vec<_>, Vec<_>) =
        estate.witnesses().into_iter().partition(is_behind);
    assert_eq!((witnesses.len(), in_sight.len()), (1, 5), "{witnesses:?} {in_sight:?}");
    let mut sentinels = vec![bright(resolver()), bright(tracker())];
    sentinels.extend(witnesses.into_iter().map(dark));
    sentinels.extend(in_sight.into_iter().map(bright));
    let sight = estate.judge(&sentinels, None);
    let Sight::Causes(causes) = sight else { panic!("{sight:?}") };
    let told: Vec<_> =
        causes.iter().map(|cause| (cause.subject.as_str(), cause.endpoints.len())).collect();
    assert_eq!(told, [("network 10.77.0.0/24", 500)]);
    assert!(causes[0].words.starts_with("network 10.77.0.0/24 has not answered since 12:03 UTC;"));
}

#[test]
fn a_switch_that_answers_again_leaves_each_endpoint_to_itself() {
    let estate = Estate::at(apart(20).chain(together(77, 30))).lose(20..50, Outcome::Timeout);
    let mut sentinels = vec![bright(resolver())];
    sentinels.extend(estate.witnesses().into_iter().map(bright));
    assert_eq!(estate.judge(&sentinels, None), Sight::Broken);
}

/// However few there are: what stands there and answers says that the way is open.
#[test]
fn endpoints_that_are_really_down_beside_one_that_answers_stand_for_themselves() {
    let here = (0..500).map(|number| {
        let port = if number < 250 { 443 } else { 8443 };
        (ip(77, 1 + number % 250), port).into()
    });
    let up: SocketAddr = (ip(77, 251), 443).into();
    let estate = Estate::at(here.chain([up]).chain(apart(20))).lose(0..500, Outcome::Timeout);
    let asked = estate.witnesses();
    assert!(asked.contains(&endpoint(500, up)), "{asked:?}");
    let answers = |it: &Sentinel| matches!(it, Sentinel::Endpoint { id: it, .. } if (500..521).any(|n| id(n) == *it));
    let look = |it: Sentinel| if answers(&it) { bright(it) } else { dark(it) };
    let seen: Vec<_> = asked.iter().cloned().map(look).collect();
    assert!(seen.iter().any(|it| it.answered.is_err()), "{seen:?}");
    assert_eq!(estate.judge(&seen, None), Sight::Broken);
    // A switch that died within the round has shown a few before.
    let is_here =
        |it: &Sentinel| matches!(it, Sentinel::Endpoint { address, .. } if *address == up);
    let died = |it: Sentinel| if is_here(&it) { dark(it) } else { look(it) };
    let Sight::Causes(causes) =
        estate.judge(&asked.into_iter().map(died).collect::<Vec<_>>(), None)
    else {
        panic!()
    };
    assert_eq!(
        (causes[0].subject.as_str(), causes[0].endpoints.len()),
        ("network 10.77.0.0/24", 500)
    );
}

#[test]
fn a_resolver_that_answers_from_a_network_says_that_it_is_not_dark() {
    let hosts = (0..40).map(|number| (ip(77, 256 * number + 1), 443).into());
    let estate = Estate::at(hosts.chain(apart(20))).lose(0..40, Outcome::Timeout);
    let there = Sentinel::Resolver((ip(77, 256 * 200 + 53), 53).into());
    let dark_one = dark(endpoint(0, (ip(77, 1), 443).into()));
    let sight = estate.judge(&[bright(resolver()), dark_one.clone()], None);
    let Sight::Causes(causes) = sight else { panic!("{sight:?}") };
    assert_eq!(causes[0].subject, "network 10.77.0.0/16");
    assert_eq!(estate.judge(&[bright(there), dark_one], None), Sight::Broken);
}

#[test]
fn endpoints_that_are_really_down_in_many_networks_stand_for_themselves() {
    let estate = Estate::at(apart(500)).lose(0..500, Outcome::Refused);
    assert!(estate.is_suspicious());
    assert_eq!(estate.witnesses(), []);
    let bright_ones = [bright(resolver()), bright(tracker())];
    assert_eq!(estate.judge(&bright_ones, None), Sight::Broken);
    // Also where those of the five that are down do not answer.
    let own = sentinels(&[], &[], &estate.sightings);
    assert_eq!(own.len(), 5);
    let all: Vec<_> = bright_ones.into_iter().chain(own.into_iter().map(dark)).collect();
    assert_eq!(estate.judge(&all, None), Sight::Broken);
}

#[test]
fn what_the_round_saw_is_asked_whether_we_still_see() {
    let in_one_site = (0..40).map(|number| (ip(1, 256 * number + 1), 443).into());
    let estate = Estate::at(in_one_site).lose(0..30, Outcome::Timeout);
    let asked = estate.witnesses();
    assert_eq!(asked.len(), 5, "{asked:?}");
    let is_seen = |it: &Sentinel| matches!(it, Sentinel::Endpoint { id: it, .. } if (30..40).any(|n| id(n) == *it));
    assert!(asked.iter().all(is_seen), "{asked:?}");
    let others_dark = |last: fn(Sentinel) -> SentinelSeen| {
        let asked = asked.iter().cloned().map(last);
        estate.judge(&asked.chain([dark(resolver())]).collect::<Vec<_>>(), None)
    };
    assert_eq!(others_dark(bright), Sight::Broken);
    // They were seen before the line was cut, in the same round.
    assert!(matches!(others_dark(dark), Sight::Blind { .. }));
}

#[test]
fn a_port_is_a_cause_only_where_others_answer() {
    let with_port = |port: u16| apart(30).map(move |it| SocketAddr::from((it.ip(), port)));
    let both = Estate::at(with_port(25).chain(with_port(443)));
    let estate = both.lose(0..30, Outcome::Timeout);
    let dark_one = dark(endpoint(0, (ip(0, 1), 25).into()));
    let sight = estate.judge(&[bright(resolver()), dark_one.clone()], None);
    let Sight::Causes(causes) = sight else { panic!("{sight:?}") };
    assert_eq!((causes[0].subject.as_str(), causes[0].endpoints.len()), ("port 25", 30));
    let answers = bright(endpoint(3, (ip(3, 1), 25).into()));
    assert_eq!(estate.judge(&[answers, dark_one], None), Sight::Broken);
}

#[test]
fn what_this_machine_lacks_is_blindness_whatever_the_sentinels_say() {
    let estate = Estate::at(apart(40)).lose(0..30, Outcome::Local);
    let Sight::Blind { why } = estate.judge(&[bright(resolver())], None) else { panic!() };
    assert!(why.starts_with("I cannot see: this machine stands in the way; 30 of 40"), "{why}");
    let Sight::Blind { why } = estate.judge(&[dark(resolver())], None) else { panic!() };
    let words = "I cannot see: this machine stands in the way, and resolver 10.0.0.53 has not answered since";
    assert!(why.starts_with(words), "{why}");
}

#[test]
fn a_reader_that_a_few_certificates_stall_is_no_blindness() {
    for few in [1, 4] {
        let mut estate = Estate::at(apart(40)).lose(0..few, Outcome::ReaderStalled);
        assert_eq!(estate.judge(&[], None), Sight::Broken);
        estate.sightings.clear();
        assert_eq!(estate.judge(&[bright(resolver())], None), Sight::Broken);
    }
}

#[test]
fn a_blindness_that_lasts_holds_what_was_lost_since() {
    let mut estate = Estate::at(apart(10)).lose(0..10, Outcome::Timeout);
    let began = at(4);
    for it in &estate.observations {
        let before = estate.sightings.get(&it.endpoint);
        let lost = Observation { looked_at: at(3), ..it.clone() };
        let lost = Sighting::opened_by(&lost, before);
        estate.sightings.insert(it.endpoint, lost);
    }
    assert!(!estate.is_suspicious());
    let sight = estate.judge(&[dark(resolver())], Some(began));
    let Sight::Blind { why } = sight else { panic!("{sight:?}") };
    assert!(why.contains("since 12:00 UTC; 10 of 10"), "{why}");
    assert!(why.ends_with("www0.example.org ends first, on 14 Dec."), "{why}");
    assert_eq!(estate.judge(&[dark(resolver())], None), Sight::Broken);
}

#[test]
fn what_has_ended_already_does_not_end_first() {
    let mut estate = Estate::at(apart(2)).lose(0..2, Outcome::Timeout);
    for sighting in estate.sightings.values_mut() {
        sighting.certificate.as_mut().unwrap().ends.at = at(1);
    }
    let Sight::Blind { why } = estate.judge(&[dark(resolver())], None) else { panic!() };
    assert!(why.ends_with("This says nothing about them."), "{why}");
}

#[test]
fn sentinels_are_far_apart_and_have_the_longest_record() {
    let mut estate =
        Estate::at(together(7, 3).chain(apart(6)).chain(["127.0.0.1:443".parse().unwrap()]));
    for (age, number) in [(100, 2), (90, 1), (80, 8), (70, 4), (999, 9)] {
        estate.sightings.get_mut(&id(number)).unwrap().since = at(age);
    }
    let hosts = [tracker(), tracker()];
    let all = sentinels(&["10.0.0.53:53".parse().unwrap()], &hosts, &estate.sightings);
    let named: Vec<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!(
        named[..5],
        [
            "resolver 10.0.0.53",
            "tracker tracker.example.org",
            "endpoint 10.7.0.3:443",
            "endpoint 10.5.0.1:443",
            "endpoint 10.1.0.1:443",
        ]
    );
    assert_eq!(named.len(), 7);
}

#[test]
fn networks_of_ipv6_are_told_apart_too() {
    let in_net = |net: u16, host: u16| -> SocketAddr {
        (std::net::Ipv6Addr::new(0x2001, 0xdb8, net, 1, 0, 0, 0, host), 443).into()
    };
    let addresses = (0..8).map(|host| in_net(1, host)).chain((0..8).map(|host| in_net(2, host)));
    let estate = Estate::at(addresses).lose(0..8, Outcome::Unreachable);
    let all: Vec<_> = std::iter::once(bright(tracker()))
        .chain(estate.witnesses().into_iter().map(dark))
        .collect();
    let sight = estate.judge(&all, None);
    let Sight::Causes(causes) = sight else { panic!("{sight:?}") };
    assert_eq!(causes[0].subject, "network 2001:db8:1:1::/64");
    assert_eq!(causes[0].endpoints.len(), 8);
}
