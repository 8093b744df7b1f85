//! What a journal's rows are called, and what stands in their `data`. The names are part of the contract: one is never
//! given another meaning.

/// A round was taken in: `round`, `expected`, `attempted`, `checked`, `whole`, `finished_at`.
pub const ROUND_CLOSED: &str = "round-closed";
/// An incident became open: `family`, `subject`, `severity`, `owner`, `places`, `finding`, `message`, `first_seen`.
pub const INCIDENT_OPENED: &str = "incident-opened";
/// Its severity or its places changed: `severity`, `severity_before`, `bad`, `good`, `change`.
pub const INCIDENT_CHANGED: &str = "incident-changed";
/// It is over: `why`, `good`, `last_bad`.
pub const INCIDENT_RESOLVED: &str = "incident-resolved";
/// It came back: as `incident-opened`, and `reopened`, how often it did.
pub const INCIDENT_REOPENED: &str = "incident-reopened";
/// What waited for a second look or a roll-out's end did not come to be: `family`, `subject`, `why`.
pub const INCIDENT_DISMISSED: &str = "incident-dismissed";
/// A place is no longer in the inventory: `endpoint`, `place`, `target`, `why`, `last_bad`.
pub const PLACE_LEFT: &str = "place-left";
/// Somebody else has to act from now on: `owner`, `owner_before`.
pub const OWNER_CHANGED: &str = "owner-changed";
/// Dates are judged from the last certificate seen: `endpoint`, `place`, `certificate`, `ends`, `last_seen`.
pub const UNSEEN: &str = "unseen";
/// An outward act was asked for: `delivery`, `act`, `tracker`.
pub const DELIVERY_QUEUED: &str = "delivery-queued";
/// An outward act is no longer called for: `delivery`, `why`.
pub const DELIVERY_DROPPED: &str = "delivery-dropped";
/// It was not done, and will be tried again: `delivery`, `act`, `why`, `due_at`, `attempts`.
pub const DELIVERY_DELAYED: &str = "delivery-delayed";
/// It was refused: `delivery`, `act`, `why`.
pub const DELIVERY_FAILED: &str = "delivery-failed";
/// Nobody knows yet whether it was done: `delivery`, `act`, `why`, `due_at`.
pub const ISSUE_DOUBTFUL: &str = "issue-doubtful";
/// An issue was read back by its id: `delivery`, `issue`, `url`.
pub const ISSUE_STORED: &str = "issue-stored";
/// An act was read back, an issue by its id and by its key: `delivery`, `act`, `issue`, `url`.
pub const ISSUE_CONFIRMED: &str = "issue-confirmed";
/// What an attempt met beside: `delivery`, `note`.
pub const DELIVERY_NOTE: &str = "delivery-note";
/// A person closed an issue: `by`, `when`, `closings`.
pub const ISSUE_CLOSED_BY: &str = "issue-closed-by";
/// The brake holds an issue back: `tracker`, `why`.
pub const HELD: &str = "held";
/// What is not critical is only observed: `why`, `held`.
pub const OBSERVING: &str = "observing";
/// It is no longer only observed: `why`.
pub const OBSERVED: &str = "observed";
/// A person had held issues filed: `by`, `issues`.
pub const RELEASED: &str = "released";
/// A person is on it: `by`, `when`, `until`.
pub const ACKNOWLEDGED: &str = "acknowledged";
/// An acknowledgement is over: `by`, `until`.
pub const ACKNOWLEDGEMENT_ENDED: &str = "acknowledgement-ended";
/// It is not to be told of for a time: `by`, `reason`, `until`.
pub const SILENCED: &str = "silenced";
/// A silence ends within a day: `by`, `until`.
pub const SILENCE_ENDS: &str = "silence-ends";
/// A silence is over: `by`, `until`.
pub const SILENCE_ENDED: &str = "silence-ended";
/// A person's report: `by`, `when`, `text`.
pub const NOTED: &str = "noted";
/// We cannot see: `why`.
pub const BLIND: &str = "blind";
/// We see again: `blind_since`, `why`.
pub const SIGHTED_AGAIN: &str = "sighted-again";
