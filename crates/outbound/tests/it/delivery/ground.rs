//! A tracker of the lab, a clock that both sides read, and one delivery on its way.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use certvigil_doors::{Secret, SystemClock};
use certvigil_fetch::{Client, Http};
use certvigil_lab::tracker::{LabIssue, LabTls, LabTracker, LabTrackerSetup};
use certvigil_model::{
    Act, Block, Clock as _, Delivery, DeliveryState, Document, IncidentKey, IssueRef, Span, Time,
};
use certvigil_outbound::Tracker;
use certvigil_outbound::delivery::{Errand, Outcome, Standing, Step, Words, deliver_watched};
use certvigil_outbound::tracker::{Settings, open};

/// What the lab's tracker may lag by, as our config has it.
pub(crate) const SETTLE: u64 = 90;

pub(crate) struct Ground {
    pub(crate) lab: LabTracker,
    pub(crate) tracker: Box<dyn Tracker>,
    pub(crate) key: IncidentKey,
    clock: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

impl Ground {
    pub(crate) fn new() -> Self {
        Self::with(LabTls::None)
    }

    pub(crate) fn with(tls: LabTls) -> Self {
        let clock = Arc::new(AtomicI64::new(SystemClock.wall().millis()));
        let read = Arc::clone(&clock);
        let setup = LabTrackerSetup { file: None, tls };
        let lab = LabTracker::start(setup, move || read.load(Ordering::SeqCst)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, lab.trust_pem()).unwrap();
        let tracker = tracker(&lab.url(), Some(ca_file));
        Self { lab, tracker, key: key(), clock, _folder: folder }
    }

    pub(crate) fn now(&self) -> Time {
        Time::from_millis(self.clock.load(Ordering::SeqCst))
    }

    pub(crate) fn pass(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).unwrap();
        self.clock.fetch_add(millis, Ordering::SeqCst);
    }

    pub(crate) fn errand(&self, act: Act) -> Run<'_> {
        Run { ground: self, delivery: delivery(&self.key, act, self.now()), issue: None, change: 1 }
    }

    /// Files an issue without any fault.
    pub(crate) fn filed(&self) -> IssueRef {
        let outcome = self.errand(Act::File).attempt();
        assert!(matches!(outcome.standing, Standing::Confirmed(_)), "{outcome:?}");
        outcome.issue.unwrap()
    }

    /// The issues that are open and bear our key, whoever made them.
    pub(crate) fn open(&self) -> Vec<LabIssue> {
        let key = self.key.to_string();
        let has_key = |issue: &&LabIssue| issue.labels.contains(&key);
        self.lab
            .change(|issues| issues.open().into_iter().filter(has_key).cloned().collect())
            .unwrap()
    }

    pub(crate) fn issue(&self, id: u64) -> LabIssue {
        self.lab.change(|issues| issues.get_mut(id).unwrap().clone()).unwrap()
    }

    /// Does something to an issue, as a person would.
    pub(crate) fn person(&self, id: u64, act: impl FnOnce(&mut LabIssue)) {
        self.lab.change(|issues| act(issues.get_mut(id).unwrap())).unwrap();
    }
}

/// One delivery on its way; it is kept between attempts as the engine keeps it.
pub(crate) struct Run<'a> {
    pub(crate) ground: &'a Ground,
    pub(crate) delivery: Delivery,
    pub(crate) issue: Option<IssueRef>,
    pub(crate) change: u32,
}

impl Run<'_> {
    pub(crate) fn about(mut self, issue: &IssueRef) -> Self {
        self.issue = Some(issue.clone());
        self
    }

    pub(crate) fn attempt(&mut self) -> Outcome {
        self.attempt_watched(&|_| {})
    }

    pub(crate) fn attempt_watched(&mut self, watch: &dyn Fn(Step)) -> Outcome {
        let words = words(self.change);
        let now = self.ground.now();
        let errand = Errand {
            delivery: &self.delivery,
            words: &words,
            issue: self.issue.as_ref(),
            now,
            by: SystemClock.monotonic() + Duration::from_secs(20),
            request_limit: Duration::from_millis(400),
        };
        let outcome = deliver_watched(self.ground.tracker.as_ref(), &errand, watch);
        self.delivery.state = outcome.standing.state();
        self.delivery.attempts += 1;
        self.delivery.attempted_at = Some(now);
        self.issue.clone_from(&outcome.issue);
        outcome
    }

    /// Tries until it is over, each time when it is due. What failed is asked for anew once, as a new delivery.
    pub(crate) fn until_over(&mut self) -> Outcome {
        for _ in 0..12 {
            let outcome = self.attempt();
            match &outcome.standing {
                Standing::Waiting { not_before, .. } => {
                    let now = self.delivery.attempted_at.unwrap();
                    let wait = not_before.seconds_since(now).max(0) as u64;
                    assert!((10..=86_400).contains(&wait), "{wait} s: {outcome:?}");
                    self.ground.pass(Duration::from_secs(wait + 1));
                }
                Standing::Failed { .. } if self.delivery.attempts < 6 => {
                    self.ground.pass(Duration::from_secs(3600));
                    let now = self.ground.now();
                    self.delivery = delivery(&self.ground.key, self.delivery.act.clone(), now);
                    self.delivery.attempts = 5;
                }
                _ => return outcome,
            }
        }
        panic!("not over after twelve attempts: {:?}", self.delivery);
    }
}

pub(crate) fn delivery(key: &IncidentKey, act: Act, now: Time) -> Delivery {
    Delivery {
        id: certvigil_doors::random_id(),
        incident: key.clone(),
        tracker: certvigil_model::TrackerName("lab".to_owned()),
        act,
        state: DeliveryState::Queued,
        attempts: 0,
        created_at: now,
        attempted_at: None,
        due_at: now,
        trouble: None,
    }
}

pub(crate) fn words(change: u32) -> Words {
    let text = |text: &str| Document(vec![Block::Paragraph(vec![Span::from(text)])]);
    Words {
        title: "www.example.org: certificate ends 22 Dec 2026".to_owned(),
        body: text("Who cannot be reached \"then\", {id} and when."),
        comment: text("It has become worse."),
        block: format!("{{\"good\":{change}}}"),
        change,
    }
}

pub(crate) fn key() -> IncidentKey {
    certvigil_doors::random_id().parse().unwrap()
}

/// The lab's tracker, as a config would describe it.
pub(crate) fn tracker(url: &str, ca_file: Option<PathBuf>) -> Box<dyn Tracker> {
    let http = Http { ca_files: ca_file.into_iter().collect(), ..Http::default() };
    let client = Client::new(&http, "certvigil/test").unwrap();
    let extra = [
        ("header", "x-token: {token}"),
        ("account", "robot"),
        ("settle", &SETTLE.to_string()),
        ("create", "POST /projects/{project}/issues"),
        (
            "create_body",
            r#"{"title": "{title}", "text": "{body}", "block": "{block}", "labels": ["certvigil", "{key}"]}"#,
        ),
        ("find", "GET /projects/{project}/issues?label={key}"),
        ("recent", "GET /projects/{project}/issues?since={since}"),
        ("ours", "GET /projects/{project}/issues?label=certvigil&open=true"),
        ("read", "GET /issues/{id}"),
        ("comment", "POST /issues/{id}/comments"),
        ("comment_body", r#"{"text": "{text}"}"#),
        ("close", "PATCH /issues/{id}"),
        ("close_body", r#"{"open": false}"#),
        ("reopen", "PATCH /issues/{id}"),
        ("reopen_body", r#"{"open": true}"#),
        ("remember", "PATCH /issues/{id}"),
        ("remember_body", r#"{"block": "{block}"}"#),
        ("examine", "GET /projects/{project}"),
        ("issues", "/issues"),
        ("issue_id", "/id"),
        ("issue_title", "/title"),
        ("issue_author", "/author/name"),
        ("issue_state", "/state"),
        ("open_states", "open"),
        ("issue_created", "/created_at"),
        ("issue_project", "/project"),
        ("issue_labels", "/labels"),
        ("issue_block", "/block"),
        ("issue_locked", "/locked"),
        ("issue_comments", "/comments"),
        ("comment_text", "/text"),
        ("comment_author", "/by"),
    ];
    let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let settings = Settings {
        kind: "http".to_owned(),
        url: url.to_owned(),
        project: "certificates".to_owned(),
        token: Secret::new("robot-token"),
        extra: extra.into_iter().map(text).collect::<BTreeMap<_, _>>(),
    };
    open(settings, client).unwrap()
}
