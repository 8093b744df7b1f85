//! Simulated time: an estate of 1,000 certificates for a year, and 35 days with nobody at work. The steps are those of
//! the program; trackers and channels do all that they are asked.
//!
//! `CERTVIGIL_SEED` chooses who is late and when certificates begin; `CERTVIGIL_YEAR=full` looks every hour instead of
//! once a day.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use certvigil_alarm::{
    Calendar, Contacts, Event, Order, OwnerRule, Rules, asked_tests, due, due_notices,
};
use certvigil_model::{
    CertificateSeen, ChannelName, EndpointId, Ends, Family, Foreign, IncidentKey, NoticeState,
    Observation, Purpose, Severity, Sighting, Status, Tier, Time, TrackerName,
};

use crate::testing::*;

const TEAMS: usize = 7;
const AUTOMATED: usize = 600;
const BY_HAND: usize = 300;
const STAGING: usize = 100;

/// A generator of numbers that are the same for the same seed (Knuth's MMIX constants).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Automated,
    ByHand,
    Staging,
}

/// One name and the certificate that it serves now.
struct Served {
    kind: Kind,
    owner: String,
    life: Duration,
    begins: Time,
    /// Certificates so far: each has a number of its own.
    generation: u32,
    /// When somebody has decided to renew it.
    planned: Option<Time>,
    /// Whoever renews it does not, for once.
    forgets: bool,
}

impl Served {
    fn end(&self) -> Time {
        self.begins.plus(self.life)
    }

    fn renew(&mut self, now: Time) {
        (self.begins, self.planned) = (now, None);
        self.generation += 1;
    }

    fn certificate(&self, number: usize) -> CertificateSeen {
        let name = format!("n{number}.example.org");
        let end = self.end();
        let before = |time: Duration| Time::from_millis(end.millis() - time.as_millis() as i64);
        let warning = (self.life * 3 / 10).min(DAY * 30);
        CertificateSeen {
            sha256: fingerprint(&format!("{name} {}", self.generation)),
            subject: Foreign::new(format!("CN={name}")),
            names: vec![Foreign::new(name)],
            names_total: 1,
            issuer: Foreign::new("CN=issuer"),
            serial_number: "01".to_owned(),
            not_before: self.begins,
            not_after: end,
            ends: Ends { at: end, warning_from: before(warning), critical_from: before(DAY * 7) },
        }
    }

    fn observation(&self, number: usize, now: Time) -> Observation {
        let certificate = self.certificate(number);
        let problems = certificate.ends.severity(now).map(|severity| {
            let id = if certificate.ends.at <= now { "expired" } else { "expires-soon" };
            problem(id, Family::Expiry, severity)
        });
        Observation {
            place: format!("192.0.{}.{}:443", number / 256, number % 256),
            target: Foreign::new(format!("n{number}.example.org")),
            owner: Some(self.owner.clone()),
            server_name: Some(format!("n{number}.example.org")),
            ..shows(number as u64, certificate, problems.into_iter().collect())
        }
    }
}

fn contact(kind: &str, owner: &str) -> Option<ChannelName> {
    Some(ChannelName(format!("{kind} of {owner}")))
}

fn estate_rules() -> Rules {
    let owner = |name: &str, env: &str| OwnerRule {
        tracker: Some(TrackerName("redmine certificates".to_owned())),
        env: env.to_owned(),
        contacts: Contacts {
            channel: contact("channel", name),
            mail: contact("mail", name),
            page: contact("page", name),
            second: contact("second", name),
            group: contact("group", name).into_iter().collect(),
        },
        calendar: Calendar::default(),
        is_person: false,
    };
    let teams = (0..TEAMS).map(|team| format!("team{team}"));
    let mut owners: BTreeMap<_, _> =
        teams.map(|name| (name.clone(), owner(&name, "production"))).collect();
    owners.insert("ops".to_owned(), owner("ops", "production"));
    owners.insert("staging".to_owned(), owner("staging", "staging"));
    Rules { owners, ..no_brake() }
}

/// One message, as it was handed over.
struct Sent {
    at: Time,
    purpose: Purpose,
    channel: String,
    incident: Option<IncidentKey>,
    tier: Option<Tier>,
}

struct Estate {
    world: World,
    served: Vec<Served>,
    chance: Chance,
    sent: Vec<Sent>,
    sightings: BTreeMap<EndpointId, Sighting>,
    /// Incidents that somebody has taken on and forgotten: the faults of this year.
    forgotten: BTreeSet<IncidentKey>,
    /// Nobody reads anything.
    is_deserted: bool,
}

impl Estate {
    fn new(seed: u64, begins: &str) -> Self {
        let mut world = World::new(estate_rules());
        world.now = Time::from_text(begins).expect("a time");
        let mut chance = Chance(seed);
        let mut served = Vec::new();
        for number in 0..AUTOMATED + BY_HAND + STAGING {
            let kind = match number {
                _ if number < AUTOMATED => Kind::Automated,
                _ if number < AUTOMATED + BY_HAND => Kind::ByHand,
                _ => Kind::Staging,
            };
            let life = if kind == Kind::ByHand { DAY * 365 } else { DAY * 90 };
            // Nothing is due to be renewed when it begins.
            let young = chance.below(life.as_secs() * 6 / 10);
            let begins = Time::from_millis(world.now.millis() - young as i64 * 1000);
            let owner = match kind {
                Kind::Staging => "staging".to_owned(),
                _ => format!("team{}", number % TEAMS),
            };
            let forgets = kind == Kind::ByHand && chance.below(100) == 0;
            served.push(Served {
                kind,
                owner,
                life,
                begins,
                generation: 0,
                planned: None,
                forgets,
            });
        }
        Self {
            world,
            served,
            chance,
            sent: Vec::new(),
            sightings: BTreeMap::new(),
            forgotten: BTreeSet::new(),
            is_deserted: false,
        }
    }

    fn round(&mut self) {
        let now = self.world.now;
        let all = self.served.iter().enumerate();
        let observations = all.map(|(number, served)| served.observation(number, now)).collect();
        std::mem::swap(&mut self.world.state.sightings, &mut self.sightings);
        self.world.round(observations);
        // Nothing but rounds asks for them, and copying them takes most of the time.
        std::mem::swap(&mut self.world.state.sightings, &mut self.sightings);
    }

    /// What renews itself does at a third of its life; what somebody has planned is done in working hours.
    fn renew(&mut self) {
        let now = self.world.now;
        for served in &mut self.served {
            let third = served.begins.plus(served.life * 2 / 3);
            let is_due = match served.kind {
                Kind::Automated => now >= third,
                Kind::ByHand | Kind::Staging => served.planned.is_some_and(|at| at <= now),
            };
            if is_due {
                served.renew(now);
            }
        }
    }

    /// Trackers and channels do all that they are asked, and people what they are told.
    fn settle(&mut self) {
        loop {
            let delivery = due(&self.world.state, self.world.now).first().map(|it| (*it).clone());
            let Some(delivery) = delivery else { break };
            self.world.confirm(&delivery);
        }
        loop {
            let notice =
                due_notices(&self.world.state, self.world.now).first().map(|it| (*it).clone());
            let Some(notice) = notice else { break };
            let incident =
                notice.incident.as_ref().and_then(|key| self.world.state.incidents.get(key));
            let tier = incident.and_then(|it| it.climb.as_ref()).map(|it| it.tier);
            self.world.send_as(&notice, NoticeState::HandedOver);
            self.sent.push(Sent {
                at: self.world.now,
                purpose: notice.purpose,
                channel: notice.channel.0.clone(),
                incident: notice.incident.clone(),
                tier,
            });
            if !self.is_deserted {
                self.hear(notice.purpose, notice.incident.as_ref());
            }
        }
    }

    fn hear(&mut self, purpose: Purpose, incident: Option<&IncidentKey>) {
        let by = || Foreign::new("ann");
        match (purpose, incident) {
            (Purpose::Test, _) => {
                for test in asked_tests(&self.world.state).map(str::to_owned).collect::<Vec<_>>() {
                    self.world.take(&Event::Order(Order::Answered { test, by: by() }));
                }
            }
            (Purpose::Copy | Purpose::Reminder | Purpose::Page, Some(key)) => {
                self.plan(purpose, key)
            }
            _ => {}
        }
    }

    /// Half take it on when they first hear of it, and most do it within a week; some forget until they are called.
    fn plan(&mut self, purpose: Purpose, key: &IncidentKey) {
        let Some(incident) = self.world.state.incidents.get(key) else { return };
        let place = incident.places.keys().next().map(ToString::to_string);
        let number = place.and_then(|place| u64::from_str_radix(&place, 16).ok());
        let number = number.and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
        let Some(number) = number.filter(|number| *number < self.served.len()) else { return };
        if purpose == Purpose::Copy && self.chance.below(2) == 0 {
            return;
        }
        let forgets = self.served[number].forgets && purpose != Purpose::Page;
        let days = self.chance.below(6) as u32;
        if forgets {
            self.forgotten.insert(key.clone());
        } else {
            let calendar = Calendar::default();
            let days = if purpose == Purpose::Page { 0 } else { days };
            let plan = Some(calendar.days_later(self.world.now.plus(HOUR), days));
            let planned = &mut self.served[number].planned;
            *planned = planned.or(plan);
            self.served[number].forgets = false;
        }
        let order =
            Order::Acknowledge { incident: key.clone(), by: Foreign::new("ann"), until: None };
        self.world.take(&Event::Order(order));
    }

    /// Hour by hour for so many days; with `is_full` each has a round, else one a day.
    fn live(&mut self, days: usize, is_full: bool) {
        for hour in 0..days * 24 {
            self.renew();
            if is_full || hour % 24 == 10 {
                self.round();
            } else {
                self.world.take(&Event::Tick);
            }
            self.settle();
            self.world.pass(HOUR);
        }
    }

    /// Production certificates that ended while they were served.
    fn dark(&self) -> usize {
        let now = self.world.now;
        self.served.iter().filter(|it| it.kind != Kind::Staging && it.end() <= now).count()
    }

    #[expect(clippy::print_stdout, reason = "it is what the test is for")]
    fn print(&self, head: &str) {
        println!("{head}");
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for Sent { purpose, channel, .. } in &self.sent {
            let owner = channel.rsplit_once(' ').map_or("", |it| it.1);
            *counts.entry((owner, purpose.name())).or_default() += 1;
        }
        println!("| owner | purpose | messages |\n|---|---|---|");
        for ((owner, purpose), count) in counts {
            println!("| {owner} | {purpose} | {count} |");
        }
        println!(
            "| who is called | calls | tests | most calls in a week | calls at night |\n|---|---|---|---|---|"
        );
        let called: BTreeSet<_> =
            self.sent.iter().filter(|it| it.purpose.is_loud()).map(|it| &it.channel).collect();
        for channel in called {
            let of = || self.sent.iter().filter(|it| it.channel == *channel);
            let pages = of().filter(|it| it.purpose == Purpose::Page).count();
            let tests = of().filter(|it| it.purpose == Purpose::Test).count();
            let at_night = of().filter(|it| it.purpose == Purpose::Page && is_night(it.at)).count();
            let most = self.weekly(channel).into_values().max().unwrap_or(0);
            println!("| {channel} | {pages} | {tests} | {most} | {at_night} |");
        }
    }

    /// Calls and tests by week.
    fn weekly(&self, channel: &str) -> BTreeMap<i64, usize> {
        let mut weeks = BTreeMap::new();
        for sent in self.sent.iter().filter(|it| it.purpose.is_loud() && it.channel == channel) {
            *weeks.entry(sent.at.millis() / 604_800_000).or_default() += 1;
        }
        weeks
    }
}

/// Before 6 and after 22 o'clock.
fn is_night(at: Time) -> bool {
    !(6..22).contains(&(at.millis() / 3_600_000).rem_euclid(24))
}

fn seed() -> u64 {
    option_env!("CERTVIGIL_SEED").and_then(|it| it.parse().ok()).unwrap_or(20_260_101)
}

fn is_full() -> bool {
    option_env!("CERTVIGIL_YEAR") == Some("full")
}

/// What a channel is of: nobody but the owner and operations is ever told.
fn is_meant(estate: &Estate, sent: &Sent) -> bool {
    let Some(incident) = sent.incident.as_ref() else { return true };
    let owner = estate.world.state.incidents.get(incident).map(|it| it.owner.as_str());
    let is_of = |owner: &str| sent.channel.ends_with(&format!(" of {owner}"));
    is_of("ops") || owner.is_none_or(is_of)
}

#[test]
fn a_year_of_a_thousand_certificates() {
    let mut estate = Estate::new(seed(), "2027-01-01T00:00:00Z");
    estate.live(365, is_full());
    estate.print(&format!("a year of 1,000 certificates, seed {}", seed()));
    assert!(estate.sent.iter().all(|it| is_meant(&estate, it)));
    assert_eq!(estate.dark(), 0, "somebody was told of each in time");
    // Without a fault: nothing but tests, and what somebody forgot until it was critical.
    let called: BTreeSet<_> =
        estate.sent.iter().filter(|it| it.purpose.is_loud()).map(|it| it.channel.clone()).collect();
    for channel in called {
        for (week, count) in estate.weekly(&channel) {
            let faults = estate.sent.iter().filter(|it| {
                it.channel == channel
                    && it.purpose == Purpose::Page
                    && it.at.millis() / 604_800_000 == week
                    && it.incident.as_ref().is_some_and(|key| estate.forgotten.contains(key))
            });
            assert!(count - faults.count() <= 1, "{channel} in week {week}");
        }
    }
    let pages = estate.sent.iter().filter(|it| it.purpose == Purpose::Page);
    assert!(pages.clone().all(|it| !is_night(it.at)), "nothing was left to the last day");
    let (pages, tests) =
        (pages.count(), estate.sent.iter().filter(|it| it.purpose == Purpose::Test).count());
    assert!(pages > 0, "somebody forgot, and was called");
    assert!(tests >= 12 * (TEAMS + 1) * 2, "each is tested each month: {tests}");
    let staging = estate.sent.iter().filter(|it| it.channel.ends_with(" of staging"));
    assert!(staging.clone().all(|it| it.purpose == Purpose::Digest), "an issue is all");
    assert!(staging.count() >= 51, "and a digest a week");
    let automated = estate.served.iter().filter(|it| it.kind == Kind::Automated);
    assert!(automated.clone().all(|it| it.generation >= 5), "renewed by themselves");
    assert!(automated.count() == AUTOMATED);
}

/// What a shutdown of 35 days has to bring: everybody is told, louder and louder, and what can renew itself does.
#[test]
fn thirty_five_days_with_nobody_at_work() {
    let mut estate = Estate::new(seed(), "2027-01-01T00:00:00Z");
    estate.is_deserted = true;
    // Every thirtieth certificate that somebody renews by hand ends in these days.
    let now = estate.world.now;
    for (number, served) in estate.served.iter_mut().enumerate() {
        if served.kind == Kind::ByHand && number % 30 == 0 {
            let left = DAY * 16 + HOUR * (number as u32 % 400);
            served.begins =
                Time::from_millis(now.plus(left).millis() - served.life.as_millis() as i64);
        }
    }
    estate.live(35, is_full());
    estate.print(&format!("35 days with nobody at work, seed {}", seed()));
    assert!(estate.sent.iter().all(|it| is_meant(&estate, it)));
    assert!(estate.dark() >= 8, "they go dark: {}", estate.dark());
    let automated = estate.served.iter().filter(|it| it.kind == Kind::Automated);
    assert!(automated.clone().all(|it| it.end() > estate.world.now), "what renews itself does");
    assert!(automated.filter(|it| it.generation > 0).count() > 100);
    let now = estate.world.now;
    let dark = estate.world.state.incidents.values().filter(|it| {
        let ends = it.certificate.as_ref().map(|it| it.ends.at);
        it.status == Status::Open
            && it.owner.starts_with("team")
            && ends.is_some_and(|at| at.seconds_since(now) < -86_400)
    });
    let mut count = 0;
    for incident in dark {
        count += 1;
        assert_eq!(incident.severity, Severity::Critical);
        let of = |it: &&Sent| it.incident.as_ref() == Some(&incident.key);
        let told: Vec<_> = estate.sent.iter().filter(of).collect();
        for kind in ["channel", "mail", "page", "second", "group"] {
            let channel = format!("{kind} of {}", incident.owner);
            assert!(told.iter().any(|it| it.channel == channel), "{channel}");
        }
        for kind in ["page", "second", "group"] {
            assert!(told.iter().any(|it| it.channel == format!("{kind} of ops")), "{kind} of ops");
        }
        // From the first call to the end nobody is left in peace for long.
        let calls: Vec<_> = told.iter().filter(|it| it.tier == Some(Tier::Now)).collect();
        for pair in calls.windows(2) {
            assert!(pair[1].at.seconds_since(pair[0].at) <= 4 * 3600);
        }
        let last = calls.last().expect("calls").at;
        assert!(now.seconds_since(last) <= 5 * 3600, "it never stops");
    }
    assert!(count >= 7, "{count}");
}
