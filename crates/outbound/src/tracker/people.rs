//! Which acts on an issue are a person's.

use std::time::Duration;

use certvigil_model::{Foreign, Time};

/// One entry of an issue's history.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// When; entries without a moment are in the way of nothing.
    pub(crate) at: Option<Time>,
    /// Who, as the tracker shows the name.
    pub(crate) by: Foreign,
    /// Whether that is a person: not our account, a bot or a rule.
    pub(crate) is_person: bool,
    /// What was done.
    pub(crate) act: Act,
}

/// What was done to an issue, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Somebody was made responsible.
    Assigned,
    /// Nobody is any more.
    Unassigned,
    /// Work on it has begun.
    Begun,
    /// It is as if new.
    PutBack,
    /// It was closed.
    Closed,
    /// It was opened again.
    Reopened,
}

/// What came of a history, the oldest entry first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Acts {
    /// Who made somebody responsible or began to work, where that still stands.
    pub(crate) taken: Option<(Foreign, Time)>,
    /// Who closed it, where it is still closed.
    pub(crate) closed: Option<(Foreign, Time)>,
}

/// What happens so soon after an issue's making comes from rules and defaults.
const RULES_ACT_WITHIN: Duration = Duration::from_secs(120);

/// Goes through `history` of an issue that was made at `created_at`.
pub(crate) fn acts(created_at: Option<Time>, history: &[Event]) -> Acts {
    let counts_from = created_at.map(|at| at.plus(RULES_ACT_WITHIN));
    let (mut assigned, mut begun, mut closed) = (None, None, None);
    for event in history {
        let is_late = counts_from.is_none_or(|from| event.at.is_some_and(|at| at > from));
        let person = event.at.filter(|_| event.is_person && is_late);
        let person = person.map(|at| (event.by.clone(), at));
        match event.act {
            Act::Assigned => assigned = person,
            Act::Unassigned => assigned = None,
            Act::Begun => begun = person,
            Act::PutBack => begun = None,
            Act::Closed => closed = person,
            Act::Reopened => closed = None,
        }
    }
    let later = |one: &(Foreign, Time), other: &(Foreign, Time)| one.1.cmp(&other.1);
    Acts { taken: assigned.into_iter().chain(begun).max_by(later), closed }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MADE: i64 = 1_000;

    fn event(seconds: i64, by: &str, act: Act) -> Event {
        let (at, is_person) = (Some(Time::from_seconds(MADE + seconds)), by != "robot");
        Event { at, by: Foreign::new(by), is_person, act }
    }

    fn told(history: &[Event]) -> (Option<String>, Option<String>) {
        let acts = acts(Some(Time::from_seconds(MADE)), history);
        let name = |who: Option<(Foreign, Time)>| who.map(|(who, _)| who.raw().to_owned());
        (name(acts.taken), name(acts.closed))
    }

    #[test]
    fn acts_of_people_count_and_others_do_not() {
        use Act::{Assigned, Begun, Closed, PutBack, Reopened, Unassigned};
        let ann = Some("ann".to_owned());
        for (history, taken, closed) in [
            (vec![], None, None),
            (vec![event(121, "ann", Assigned)], ann.clone(), None),
            (vec![event(120, "ann", Assigned)], None, None),
            (vec![event(121, "robot", Assigned)], None, None),
            (vec![event(121, "ann", Assigned), event(130, "ann", Unassigned)], None, None),
            (vec![event(121, "ann", Assigned), event(130, "robot", Assigned)], None, None),
            (vec![event(121, "ann", Begun)], ann.clone(), None),
            (vec![event(121, "ann", Begun), event(130, "ann", PutBack)], None, None),
            (vec![event(121, "ann", Assigned), event(130, "bob", Closed)], ann, Some("bob".into())),
            (vec![event(121, "ann", Closed), event(130, "robot", Reopened)], None, None),
            (vec![event(121, "ann", Closed), event(130, "robot", Closed)], None, None),
        ] {
            assert_eq!(told(&history), (taken, closed), "{history:?}");
        }
    }

    #[test]
    fn the_last_to_take_it_is_named() {
        let history = [event(200, "ann", Act::Begun), event(300, "bob", Act::Assigned)];
        assert_eq!(told(&history).0.as_deref(), Some("bob"));
    }
}
