//! What a journal's rows are called, and what stands in their `data`. The names are part of the contract, and so are the
//! facts: one is never given another meaning.

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal: $($fact:literal)*;)*) => {
        $($(#[$doc])* pub const $name: &str = $text;)*

        /// All of them, each with the facts that it has, in the order of their names.
        pub const ALL: &[(&str, &[&str])] = &[$(($text, &[$($fact),*])),*];
    };
}

kinds! {
    /// A person is on it.
    ACKNOWLEDGED = "acknowledged": "by" "when" "until";
    /// An acknowledgement is over.
    ACKNOWLEDGEMENT_ENDED = "acknowledgement-ended": "by" "until";
    /// We cannot see.
    BLIND = "blind": "why";
    /// All messages are sent again.
    BREAKER_CLOSED = "breaker-closed": "since";
    /// So much was to be sent within an hour that only calls are made.
    BREAKER_OPENED = "breaker-opened": "messages";
    /// It was not done, and will be tried again.
    DELIVERY_DELAYED = "delivery-delayed": "delivery" "act" "why" "due_at" "attempts";
    /// An outward act is no longer called for.
    DELIVERY_DROPPED = "delivery-dropped": "delivery" "why";
    /// It was refused.
    DELIVERY_FAILED = "delivery-failed": "delivery" "act" "why";
    /// What an attempt met beside.
    DELIVERY_NOTE = "delivery-note": "delivery" "note";
    /// An outward act was asked for.
    DELIVERY_QUEUED = "delivery-queued": "delivery" "act" "tracker";
    /// The brake holds an issue back.
    HELD = "held": "tracker" "why";
    /// Its severity or its places changed.
    INCIDENT_CHANGED = "incident-changed": "severity" "severity_before" "bad" "good" "change";
    /// What waited for a second look or a roll-out's end did not come to be.
    INCIDENT_DISMISSED = "incident-dismissed": "family" "subject" "why";
    /// An incident became open.
    INCIDENT_OPENED = "incident-opened": "family" "subject" "severity" "owner" "places" "finding" "message" "first_seen" "reopened";
    /// It came back: the same incident, for the time that `reopened` says.
    INCIDENT_REOPENED = "incident-reopened": "family" "subject" "severity" "owner" "places" "finding" "message" "first_seen" "reopened";
    /// It is over.
    INCIDENT_RESOLVED = "incident-resolved": "why" "good" "last_bad";
    /// A person closed an issue.
    ISSUE_CLOSED_BY = "issue-closed-by": "by" "when" "closings";
    /// An act was read back, an issue by its id and by its key.
    ISSUE_CONFIRMED = "issue-confirmed": "delivery" "act" "issue" "url";
    /// Nobody knows yet whether it was done.
    ISSUE_DOUBTFUL = "issue-doubtful": "delivery" "act" "why" "due_at";
    /// An issue was read back by its id.
    ISSUE_STORED = "issue-stored": "delivery" "act" "issue" "url";
    /// There is no way to tell anybody.
    NOBODY_TOLD = "nobody-told": "owner";
    /// A person's report.
    NOTED = "noted": "by" "when" "text";
    /// It was not handed over, and will be tried again.
    NOTICE_DELAYED = "notice-delayed": "notice" "channel" "purpose" "why" "attempts";
    /// A message is no longer called for.
    NOTICE_DROPPED = "notice-dropped": "notice" "channel" "purpose" "why" "attempts";
    /// It was refused, or tried too often.
    NOTICE_FAILED = "notice-failed": "notice" "channel" "purpose" "why" "attempts";
    /// The channel has taken a message; that somebody read it is not said by this.
    NOTICE_HANDED_OVER = "notice-handed-over": "notice" "channel" "purpose" "why" "attempts";
    /// A message to people was asked for.
    NOTICE_QUEUED = "notice-queued": "notice" "channel" "purpose" "owner" "due_at";
    /// It is no longer only observed.
    OBSERVED = "observed": "why";
    /// What is not critical is only observed.
    OBSERVING = "observing": "why" "held";
    /// Somebody else has to act from now on.
    OWNER_CHANGED = "owner-changed": "owner" "owner_before";
    /// A place is no longer in the inventory.
    PLACE_LEFT = "place-left": "endpoint" "place" "target" "why" "last_bad";
    /// What was kept long enough is gone.
    PRUNED = "pruned": "removed";
    /// A restored store is believed again: every open delivery was compared with its tracker.
    RECONCILED = "reconciled": "from" "restored_at";
    /// A person had held issues filed.
    RELEASED = "released": "by" "issues";
    /// A round was taken in.
    ROUND_CLOSED = "round-closed": "round" "expected" "attempted" "checked" "whole" "finished_at";
    /// We see again.
    SIGHTED_AGAIN = "sighted-again": "blind_since" "why";
    /// A silence is over.
    SILENCE_ENDED = "silence-ended": "by" "until";
    /// A silence ends within a day.
    SILENCE_ENDS = "silence-ends": "by" "until";
    /// It is not to be told of for a time.
    SILENCED = "silenced": "by" "reason" "until";
    /// Somebody says that a test page arrived.
    TEST_ANSWERED = "test-answered": "notice" "channel" "by";
    /// Dates are judged from the last certificate seen.
    UNSEEN = "unseen": "endpoint" "place" "certificate" "ends" "last_seen";
}
