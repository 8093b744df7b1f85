//! A small world: endpoints that show certificates, rounds over them, and a tracker that does what it is told.

use std::time::Duration;

use certvigil_alarm::{
    Calendar, Contacts, Delivered, Event, Limits, Noticed, OwnerRule, RoundSeen, Rules,
    SentinelSeen, State, Step, Told, begin, begin_notice, due, due_notices, step,
};
use certvigil_model::{
    Act, Answer, CertificateSeen, ChannelName, Delivery, DeliveryState, EndpointId, Ends, Family,
    Filing, Fingerprint, Foreign, Incident, IncidentKey, IssueRef, Notice, NoticeState,
    Observation, Outcome, Problem, Purpose, RoundRecord, Severity, Sighting, Status, Subject,
    TargetProblem, Time, TrackerName,
};

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);
pub(crate) const NOW: Time = Time::from_seconds(1_800_000_000);

pub(crate) fn rules() -> Rules {
    let owner = |tracker: Option<&str>| OwnerRule {
        tracker: tracker.map(|name| TrackerName(name.to_owned())),
        env: "production".to_owned(),
        contacts: Contacts {
            second: Some(ChannelName("email second@example.org".to_owned())),
            ..Contacts::default()
        },
        calendar: Calendar::default(),
        is_person: false,
    };
    Rules {
        site: "site".to_owned(),
        site_key: None,
        default_owner: "ops".to_owned(),
        operations: "ops".to_owned(),
        owners: [
            ("ops".to_owned(), owner(Some("redmine certificates"))),
            ("web".to_owned(), owner(None)),
        ]
        .into(),
        certificates: Vec::new(),
        windows: Vec::new(),
        sentinels: Vec::new(),
        limits: Limits::default(),
        interval: None,
        has_answers: true,
        is_time_in_doubt: false,
        config: "config".to_owned(),
    }
}

/// Rules whose brake lets everything through.
pub(crate) fn no_brake() -> Rules {
    let limits = Limits {
        new_issues_per_round: usize::MAX,
        new_issues_per_hour: usize::MAX,
        ..Limits::default()
    };
    Rules { limits, ..rules() }
}

pub(crate) fn endpoint(number: u64) -> EndpointId {
    // None of them is nowhere.
    EndpointId::from_text(&format!("{:016x}", number + 1)).expect("16 digits")
}

pub(crate) fn fingerprint(name: &str) -> Fingerprint {
    Fingerprint::of(name.as_bytes())
}

/// A certificate that ends `left` after [`NOW`], a warning from 30 d before, critical from 7 d before.
pub(crate) fn certificate(name: &str, left: Duration) -> CertificateSeen {
    let end = NOW.plus(left);
    let before = |days: i64| Time::from_millis(end.millis() - days * 86_400_000);
    CertificateSeen {
        sha256: fingerprint(name),
        subject: Foreign::new(format!("CN={name}")),
        names: vec![Foreign::new(name)],
        names_total: 1,
        issuer: Foreign::new("CN=issuer"),
        serial_number: "01".to_owned(),
        not_before: before(90),
        not_after: end,
        ends: Ends { at: end, warning_from: before(30), critical_from: before(7) },
    }
}

pub(crate) fn problem(id: &str, family: Family, severity: Severity) -> Problem {
    Problem {
        id: id.to_owned(),
        family,
        severity,
        certificate: None,
        message: format!("{id} in words"),
        hint: None,
        accepted: None,
    }
}

pub(crate) fn said(targets: &[&str], problem: Problem) -> TargetProblem {
    let targets = targets.iter().map(|target| Foreign::new(*target)).collect();
    TargetProblem { targets, owner: None, origin: None, problem }
}

pub(crate) fn expires_soon() -> Problem {
    problem("expires-soon", Family::Expiry, Severity::Warning)
}

pub(crate) fn accepted(problem: Problem) -> Problem {
    let answer =
        Answer { reason: "known".to_owned(), owner: "ops".to_owned(), until: NOW.plus(DAY * 30) };
    Problem { accepted: Some(answer), ..problem }
}

/// Endpoint `number` of `www.example.org`, where a good certificate is shown.
pub(crate) fn good(number: u64) -> Observation {
    shows(number, certificate("good", DAY * 80), vec![])
}

pub(crate) fn shows(
    number: u64,
    certificate: CertificateSeen,
    problems: Vec<Problem>,
) -> Observation {
    Observation {
        endpoint: endpoint(number),
        place: format!("192.0.2.{}:443", number % 256),
        target: Foreign::new("www.example.org"),
        owner: None,
        tags: vec![],
        origin: None,
        port: 443,
        server_name: Some("www.example.org".to_owned()),
        looked_at: NOW,
        outcome: Outcome::Captured,
        chain: vec![certificate.sha256],
        others: vec![],
        certificate: Some(certificate),
        problems,
    }
}

/// One that expires soon.
pub(crate) fn soon(number: u64) -> Observation {
    shows(number, certificate("old", DAY * 20), vec![expires_soon()])
}

pub(crate) fn unreachable(number: u64) -> Observation {
    Observation {
        outcome: Outcome::Timeout,
        chain: vec![],
        certificate: None,
        problems: vec![problem("timeout", Family::Reach, Severity::Unknown)],
        ..good(number)
    }
}

pub(crate) fn at_target(target: &str, observation: Observation) -> Observation {
    Observation { target: Foreign::new(target), ..observation }
}

/// A site with its state, its clock and its tracker.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) now: Time,
    pub(crate) rules: Rules,
    issues: u32,
    /// How long the last step took.
    pub(crate) took: Duration,
}

impl World {
    /// One that has seen a round already.
    pub(crate) fn new(rules: Rules) -> Self {
        let mut world = Self::first(rules);
        world.state.memory.rounds = 1;
        world
    }

    /// One that has seen nothing yet.
    pub(crate) fn first(rules: Rules) -> Self {
        Self { state: State::default(), now: NOW, rules, issues: 0, took: Duration::ZERO }
    }

    pub(crate) fn pass(&mut self, time: Duration) -> &mut Self {
        self.now = self.now.plus(time);
        self
    }

    #[expect(clippy::disallowed_methods, reason = "a test measures")]
    pub(crate) fn take(&mut self, event: &Event<'_>) -> Step {
        let state = self.state.clone();
        let begun = std::time::Instant::now();
        let step = step(state, event, self.now, &self.rules);
        self.took = begun.elapsed();
        self.state = step.state.clone();
        step
    }

    /// A round over all there is.
    pub(crate) fn round(&mut self, observations: Vec<Observation>) -> Step {
        self.round_with(observations, true, &[])
    }

    pub(crate) fn round_with(
        &mut self,
        observations: Vec<Observation>,
        is_whole: bool,
        said: &[TargetProblem],
    ) -> Step {
        self.round_at(observations, is_whole, said, &[])
    }

    pub(crate) fn round_at(
        &mut self,
        observations: Vec<Observation>,
        is_whole: bool,
        said: &[TargetProblem],
        sentinels: &[SentinelSeen],
    ) -> Step {
        let observations = self.looked_at(observations);
        let count = observations.len() as u64;
        let record = RoundRecord {
            id: format!("round at {}", self.now),
            started_at: self.now,
            finished_at: self.now,
            location: None,
            expected: count,
            attempted: count,
            checked: count,
            bound_ms: 1000,
            is_whole,
        };
        let step = self.take(&Event::Round(RoundSeen {
            record: &record,
            observations: &observations,
            said,
            sentinels,
        }));
        self.remember(&observations, is_whole);
        step
    }

    pub(crate) fn second_look(&mut self, observations: Vec<Observation>) -> Step {
        let observations = self.looked_at(observations);
        let step = self.take(&Event::SecondLook(&observations));
        self.remember(&observations, false);
        step
    }

    fn looked_at(&self, mut observations: Vec<Observation>) -> Vec<Observation> {
        for observation in &mut observations {
            observation.looked_at = self.now;
        }
        observations
    }

    /// As a store does it.
    fn remember(&mut self, observations: &[Observation], is_whole: bool) {
        let mut after = if is_whole { Default::default() } else { self.state.sightings.clone() };
        for observation in observations {
            let before = self.state.sightings.get(&observation.endpoint);
            let sighting = match before {
                Some(before) if before.still_holds(observation) => {
                    Sighting { last_seen: self.now, ..before.clone() }
                }
                before => Sighting::opened_by(observation, before),
            };
            after.insert(observation.endpoint, sighting);
        }
        self.state.sightings = after;
    }

    /// Makes all deliveries that are due; the tracker takes each.
    pub(crate) fn deliver(&mut self) -> Vec<Act> {
        let mut done = Vec::new();
        for _ in 0..10_000 {
            let next = due(&self.state, self.now).first().map(|delivery| (*delivery).clone());
            let Some(delivery) = next else { return done };
            done.push(delivery.act.clone());
            self.confirm(&delivery);
        }
        panic!("deliveries never end");
    }

    pub(crate) fn confirm(&mut self, delivery: &Delivery) -> Step {
        let told =
            Some(Told::of(&self.state.incidents[&delivery.incident], &self.state, &self.rules));
        self.deliver_as(delivery, DeliveryState::Confirmed, told)
    }

    pub(crate) fn deliver_as(
        &mut self,
        delivery: &Delivery,
        state: DeliveryState,
        told: Option<Told>,
    ) -> Step {
        let begun = begin(delivery, self.now);
        self.state.deliveries.insert(begun.id.clone(), begun);
        let incident = &self.state.incidents[&delivery.incident];
        let issue = incident.filing.issue().cloned().or_else(|| {
            self.issues += 1;
            Some(IssueRef {
                tracker: delivery.tracker.clone(),
                id: self.issues.to_string(),
                url: format!("https://tracker.example.org/{}", self.issues),
            })
        });
        let is_there = matches!(state, DeliveryState::Confirmed | DeliveryState::Stored);
        let delivered = Delivered {
            id: delivery.id.clone(),
            state,
            issue: issue.filter(|_| is_there),
            told,
            trouble: (!is_there).then(|| "500".to_owned()),
            not_before: None,
            notes: vec![],
        };
        self.take(&Event::Delivered(delivered))
    }

    /// Sends all messages that are due; the channels take each.
    pub(crate) fn send(&mut self) -> Vec<(Purpose, String)> {
        let mut sent = Vec::new();
        for _ in 0..10_000 {
            let next = due_notices(&self.state, self.now).first().map(|notice| (*notice).clone());
            let Some(notice) = next else { return sent };
            self.send_as(&notice, NoticeState::HandedOver);
            sent.push((notice.purpose, notice.channel.0));
        }
        panic!("messages never end");
    }

    pub(crate) fn send_as(&mut self, notice: &Notice, state: NoticeState) -> Step {
        let begun = begin_notice(notice);
        self.state.notices.insert(begun.id.clone(), begun);
        let trouble = (state != NoticeState::HandedOver).then(|| "500".to_owned());
        let noticed = Noticed { id: notice.id.clone(), state, trouble, not_before: None };
        self.take(&Event::Noticed(noticed))
    }

    /// The one delivery that is not over.
    pub(crate) fn delivery(&self) -> Delivery {
        let mut deliveries = self.state.deliveries.values();
        let one = deliveries.next().expect("a delivery");
        assert_eq!(deliveries.next(), None, "one delivery");
        one.clone()
    }

    pub(crate) fn key(&self, family: Family, subject: &Subject) -> IncidentKey {
        IncidentKey::of(&self.rules.site, None, family, subject)
    }

    /// The incident of a certificate that ends.
    pub(crate) fn expiry(&self, name: &str) -> &Incident {
        let key = self.key(Family::Expiry, &Subject::Certificate(fingerprint(name)));
        self.state.incidents.get(&key).expect("an incident")
    }

    pub(crate) fn reach(&self, number: u64) -> &Incident {
        let key = self.key(Family::Reach, &Subject::Endpoint(endpoint(number)));
        self.state.incidents.get(&key).expect("an incident")
    }

    /// Families and places of all incidents that are open.
    pub(crate) fn open(&self) -> Vec<(Family, usize)> {
        let open = self.state.incidents.values().filter(|it| it.status == Status::Open);
        let mut open: Vec<_> = open.map(|it| (it.family, it.places.len())).collect();
        open.sort();
        open
    }

    pub(crate) fn held(&self) -> usize {
        let incidents = self.state.incidents.values();
        incidents.filter(|it| matches!(it.filing, Filing::Held { .. })).count()
    }
}

pub(crate) fn kinds(step: &Step) -> Vec<&str> {
    step.records.iter().map(|record| record.kind.as_str()).collect()
}
