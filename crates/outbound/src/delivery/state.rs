//! It is to be closed, to be open again, or to remember.

use super::candidates::Candidate;
use super::courier::{Courier, Way};
use super::note::line;
use super::{Standing, Step};
use crate::{Stored, Trouble};

impl Courier<'_> {
    /// Says the proof, then closes every open issue of the incident.
    pub(super) fn close(&mut self) -> Way<Standing> {
        let candidates = self.look(false)?;
        let open: Vec<&Candidate> = candidates.open().collect();
        let Some((first, doubles)) = open.split_first() else {
            return Ok(match self.chosen(&candidates)? {
                Some(closed) => self.confirmed(&closed),
                None => Standing::Dropped { why: "there is no issue to close".to_owned() },
            });
        };
        let first = self.read_back(&first.stored.id)?;
        self.close_doubles(&first, doubles)?;
        self.say(&first, &self.mark("closed"), &self.errand.words.comment)?;
        let closed = self.set(&first.id, false)?;
        if closed.is_open {
            let why = format!("issue {} was closed and is open", line(&closed.id));
            return Err(self.doubtful(why));
        }
        Ok(self.confirmed(&closed))
    }

    /// Opens it, then says why. One that cannot be opened again is filed anew.
    pub(super) fn reopen(&mut self) -> Way<Standing> {
        let candidates = self.look(false)?;
        let Some(chosen) = self.chosen(&candidates)? else { return self.file() };
        let stored = match chosen.is_open {
            true => chosen,
            false => match self.set(&chosen.id, true) {
                Ok(stored) => stored,
                Err(Standing::Failed { .. }) => return self.file(),
                Err(other) => return Err(other),
            },
        };
        if !stored.is_open {
            let why = format!("issue {} was opened and is closed", line(&stored.id));
            return Err(self.doubtful(why));
        }
        let doubles: Vec<_> = candidates.open().filter(|one| one.stored.id != stored.id).collect();
        self.close_doubles(&stored, &doubles)?;
        self.say(&stored, &self.mark("reopened"), &self.errand.words.comment)?;
        Ok(self.confirmed(&stored))
    }

    /// Overwrites the block of state.
    pub(super) fn remember(&mut self) -> Way<Standing> {
        let block = self.errand.words.block.trim();
        let nothing = |why: &str| Ok(Standing::Dropped { why: why.to_owned() });
        if !self.tracker.has_block() {
            return nothing("the tracker has no place for a block of state");
        }
        let candidates = self.look(false)?;
        let Some(stored) = self.chosen(&candidates)? else {
            return nothing("there is no issue to keep it in");
        };
        if holds(&stored, block) {
            return Ok(self.confirmed(&stored));
        }
        self.pass(Step::BeforeRemember);
        let went = self.tracker.remember(&stored.id, block, self.by());
        self.pass(Step::Remembered);
        let doubt = self.unless_doubtful(went)?;
        let stored = self.read_back(&stored.id)?;
        match (holds(&stored, block), doubt) {
            (true, _) => Ok(self.confirmed(&stored)),
            (false, Some(doubt)) => Err(doubt),
            (false, None) => {
                Err(self.doubtful("the block of state was taken, and is not there".to_owned()))
            }
        }
    }

    /// Closes or opens an issue and reads it back.
    pub(super) fn set(&mut self, id: &str, open: bool) -> Way<Stored> {
        self.pass(Step::BeforeSet);
        let went = self.tracker.set_open(id, open, self.by());
        self.pass(Step::Set);
        let doubt = self.unless_doubtful(went)?;
        let stored = self.read_back(id)?;
        match doubt {
            Some(doubt) if stored.is_open != open => Err(doubt),
            _ => Ok(stored),
        }
    }

    /// A doubt is kept until reading back has settled it.
    fn unless_doubtful(&self, went: Result<(), Trouble>) -> Way<Option<Standing>> {
        match went {
            Ok(()) => Ok(None),
            Err(trouble @ (Trouble::Doubtful(_) | Trouble::Strange(_))) => {
                Ok(Some(self.not_written(trouble)))
            }
            Err(trouble) => Err(self.not_written(trouble)),
        }
    }

    fn mark(&self, what: &str) -> String {
        format!("{}/{what}-{}", self.key(), self.errand.words.change)
    }
}

fn holds(stored: &Stored, block: &str) -> bool {
    stored.block.as_ref().is_some_and(|kept| kept.raw().trim() == block)
}
