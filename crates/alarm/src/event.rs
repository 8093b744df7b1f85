//! What happens, and what is made of it.

use certvigil_model::{
    Delivery, DeliveryState, EndpointId, Foreign, Incident, IncidentKey, IssueRef, Notice,
    NoticeState, Observation, Record, RoundRecord, TargetProblem, Time,
};

use crate::blind::SentinelSeen;
use crate::block::{checksum, sum};
use crate::{Rules, State};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A round is over.
    Round(RoundSeen<'a>),
    /// Endpoints were looked at once more, on new connections, because a step wanted it.
    SecondLook(&'a [Observation]),
    /// An attempt at a delivery is over.
    Delivered(Delivered),
    /// An attempt at a message is over.
    Noticed(Noticed),
    /// A tracker shows one of our issues.
    Issue(IssueSeen),
    /// A person orders something.
    Order(Order),
    /// Nothing but time has passed.
    Tick,
}

/// A round that is over.
#[derive(Clone, Copy, Debug)]
pub struct RoundSeen<'a> {
    /// Its ledger.
    pub record: &'a RoundRecord,
    /// One for every endpoint.
    pub observations: &'a [Observation],
    /// What is said of targets together and of the round itself.
    pub said: &'a [TargetProblem],
    /// What looking at the sentinels brought, where too much was newly unknown; empty where they were not asked.
    pub sentinels: &'a [SentinelSeen],
}

/// What came of one attempt at a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The delivery.
    pub id: String,
    /// How far it has come.
    pub state: DeliveryState,
    /// The issue, as far as it is known.
    pub issue: Option<IssueRef>,
    /// What the issue tells now, where the act was done.
    pub told: Option<Told>,
    /// What stood in its way.
    pub trouble: Option<String>,
    /// Not before then, where the tracker said so.
    pub not_before: Option<Time>,
    /// Doubles that were closed, and whatever else should stand in the journal.
    pub notes: Vec<String>,
}

/// What came of one attempt at a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noticed {
    /// The message.
    pub id: String,
    /// How far it has come: handed over, failed, or queued again.
    pub state: NoticeState,
    /// What stood in its way.
    pub trouble: Option<String>,
    /// Not before then, where the channel said so.
    pub not_before: Option<Time>,
}

/// What an issue tells of its incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The incident's `changes` when the words were made.
    pub change: u32,
    /// The checksum of the block that it holds; none where it holds none that is whole.
    pub block: Option<String>,
}

impl Told {
    /// To be made of the incident that the words are made of, and handed back in [`Delivered`] once they stand in the
    /// tracker.
    pub fn of(incident: &Incident, state: &State, rules: &Rules) -> Self {
        Self { change: incident.changes, block: Some(checksum(incident, state, rules)) }
    }

    /// The same, the block being as it was read back: an issue that was there already may hold an older one.
    #[must_use]
    pub fn holding(self, block: Option<&Foreign>, rules: &Rules) -> Self {
        Self { block: block.and_then(|text| sum(text.raw(), rules)), ..self }
    }
}

/// What a tracker shows of one of our issues, as far as people had a hand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueSeen {
    /// Its incident.
    pub incident: IncidentKey,
    /// The issue.
    pub issue: IssueRef,
    /// Whether it is open.
    pub is_open: bool,
    /// A person took it on (was assigned, set it in progress), more than two minutes after it was made: who and when.
    pub taken: Option<(Foreign, Time)>,
    /// A person closed it: who and when.
    pub closed: Option<(Foreign, Time)>,
}

/// What a person orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// I am on it.
    Acknowledge {
        /// Which incident.
        incident: IncidentKey,
        /// Who says so.
        by: Foreign,
        /// Not longer than the rules allow; none: as long as they do.
        until: Option<Time>,
    },
    /// A test page arrived.
    Answered {
        /// The id of its message.
        test: String,
        /// Who says so.
        by: Foreign,
    },
    /// Do not tell of it for a time.
    Silence {
        /// Which incident.
        incident: IncidentKey,
        /// Who says so.
        by: Foreign,
        /// Why.
        reason: String,
        /// Until when.
        until: Time,
    },
    /// File what is held.
    Release {
        /// Only this one; none: all.
        incident: Option<IncidentKey>,
        /// Who says so.
        by: Foreign,
    },
    /// A person's report, for the timeline.
    Note {
        /// What it is about.
        incident: Option<IncidentKey>,
        /// Whose report it is.
        by: Foreign,
        /// When it was that.
        at: Time,
        /// What was reported.
        text: Foreign,
    },
}

/// What a step came to.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// The state as it is to be kept.
    pub state: State,
    /// Incidents that are not as they were.
    pub incidents: Vec<IncidentKey>,
    /// Deliveries that are new or not as they were, those that are over included.
    pub deliveries: Vec<Delivery>,
    /// Messages that are new or not as they were, those that are over included.
    pub notices: Vec<Notice>,
    /// For the journal, in order.
    pub records: Vec<Record>,
    /// Looks that are to be made.
    pub wanted: Vec<Wanted>,
    /// For the people who read this run's report.
    pub heard: Vec<Heard>,
}

/// A look that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// Not before then.
    pub at: Time,
}

/// A sentence for the people who read this run's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Whether it is a fault of ours or of the way to tell people, so that the run fails.
    pub is_failure: bool,
    /// One line.
    pub text: String,
}
