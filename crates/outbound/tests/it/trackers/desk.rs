//! Issues as any tracker keeps them, with the people who work on them: what stand-ins answer from.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::{Clock as _, IncidentKey, Time};
use certvigil_outbound::Tracker;

use crate::trackers::standin::Standin;
use crate::trackers::suite::World;

/// Our account and a person, in every stand-in.
pub(crate) const US: &str = "certvigil";
pub(crate) const ANN: &str = "ann";
/// What lets our account in.
pub(crate) const TOKEN: &str = "the-right-token";

#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) labels: Vec<String>,
    pub(crate) block: String,
    pub(crate) is_open: bool,
    pub(crate) author: &'static str,
    pub(crate) made: Time,
    /// Who said what.
    pub(crate) comments: Vec<(&'static str, String)>,
    /// Who did what, and when.
    pub(crate) events: Vec<(&'static str, Done, Time)>,
    pub(crate) is_here: bool,
    pub(crate) is_deleted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    Assigned,
    Begun,
    Closed,
    Reopened,
}

#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) tickets: Vec<Ticket>,
    /// Labels are dropped without a word.
    pub(crate) drops_labels: bool,
    pub(crate) is_archived: bool,
}

impl Desk {
    pub(crate) fn make(
        &mut self,
        author: &'static str,
        title: &str,
        body: &str,
        labels: &[String],
    ) -> u64 {
        let number = self.tickets.len() as u64 + 1;
        let labels = if self.drops_labels { Vec::new() } else { labels.to_vec() };
        self.tickets.push(Ticket {
            number,
            title: title.to_owned(),
            body: body.to_owned(),
            labels,
            block: String::new(),
            is_open: true,
            author,
            made: now(),
            comments: Vec::new(),
            events: Vec::new(),
            is_here: true,
            is_deleted: false,
        });
        number
    }

    /// By the number at the end of its id.
    pub(crate) fn ticket(&mut self, id: &str) -> Option<&mut Ticket> {
        let number: u64 = id.rsplit('-').next()?.parse().ok()?;
        self.tickets.iter_mut().find(|one| one.number == number)
    }

    /// Those of the project that have all `labels`, the newest first.
    pub(crate) fn list(&self, labels: &[&str], is_open: Option<bool>) -> Vec<Ticket> {
        let fits = |one: &&Ticket| {
            let has_all = labels.iter().all(|want| one.labels.iter().any(|label| label == want));
            one.is_here
                && !one.is_deleted
                && has_all
                && is_open.is_none_or(|open| open == one.is_open)
        };
        self.tickets.iter().rev().filter(fits).cloned().collect()
    }
}

impl Ticket {
    pub(crate) fn set_open(&mut self, by: &'static str, is_open: bool) {
        if self.is_open != is_open {
            self.is_open = is_open;
            let done = if is_open { Done::Reopened } else { Done::Closed };
            self.events.push((by, done, now()));
        }
    }
}

/// Part of a list, as pages are counted from 1.
pub(crate) fn page<T: Clone>(all: &[T], number: usize, size: usize) -> Vec<T> {
    all.iter().skip((number.max(1) - 1) * size).take(size).cloned().collect()
}

/// Whole seconds, as trackers tell them.
pub(crate) fn now() -> Time {
    let now = SystemClock.wall().millis();
    Time::from_millis(now - now.rem_euclid(1000))
}

/// A stand-in and our side of it.
pub(crate) struct Forge {
    pub(crate) desk: Arc<Mutex<Desk>>,
    pub(crate) tracker: Box<dyn Tracker>,
    pub(crate) server: Standin,
    /// The label of a key.
    pub(crate) key_label: fn(&IncidentKey) -> String,
    /// It has something like "in progress".
    pub(crate) begins: bool,
    /// Its block stands at the end of the body.
    pub(crate) block_in_body: bool,
    /// What stands before numbers in ids.
    pub(crate) id_prefix: &'static str,
}

/// An empty desk.
pub(crate) fn desk() -> Arc<Mutex<Desk>> {
    Arc::new(Mutex::new(Desk { tickets: Vec::new(), drops_labels: false, is_archived: false }))
}

impl Forge {
    pub(crate) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap()
    }

    fn with(&self, id: &str, change: impl FnOnce(&mut Ticket)) {
        change(self.desk().ticket(id).unwrap());
    }

    fn done(&self, id: &str, done: Done) {
        self.with(id, |ticket| ticket.events.push((ANN, done, now())));
    }
}

impl World for Forge {
    fn tracker(&self) -> &dyn Tracker {
        &*self.tracker
    }

    fn person(&self) -> &str {
        ANN
    }

    fn age(&self, id: &str) {
        self.with(id, |ticket| {
            let earlier = ticket.made.millis() - Duration::from_secs(600).as_millis() as i64;
            ticket.made = Time::from_millis(earlier);
        });
    }

    fn file(&self, key: &IncidentKey) -> String {
        let labels = ["certvigil".to_owned(), (self.key_label)(key)];
        let number = self.desk().make(ANN, "a copy", "", &labels);
        format!("{}{number}", self.id_prefix)
    }

    fn assign(&self, id: &str) {
        self.done(id, Done::Assigned);
    }

    fn begin(&self, id: &str) -> bool {
        if self.begins {
            self.done(id, Done::Begun);
        }
        self.begins
    }

    fn comment(&self, id: &str, text: &str) {
        self.with(id, |ticket| ticket.comments.push((ANN, text.to_owned())));
    }

    fn close(&self, id: &str) {
        self.with(id, |ticket| ticket.set_open(ANN, false));
    }

    fn edit_block(&self, id: &str, text: &str) {
        self.with(id, |ticket| {
            if !self.block_in_body {
                text.clone_into(&mut ticket.block);
                return;
            }
            let (before, block) = ticket.body.split_once("<!-- ").unwrap();
            let (first, _) = block.split_once('\n').unwrap();
            ticket.body = format!("{before}<!-- {first}\n{text}\n-->");
        });
    }

    fn move_away(&self, id: &str) {
        self.with(id, |ticket| ticket.is_here = false);
    }

    fn delete(&self, id: &str) {
        self.with(id, |ticket| ticket.is_deleted = true);
    }
}
