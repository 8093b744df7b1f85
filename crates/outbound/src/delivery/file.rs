//! There is to be one open issue.

use certvigil_model::{Block, Document, Foreign, Shown, Span};

use super::candidates::{Candidate, Candidates};
use super::courier::{Courier, Way};
use super::note::line;
use super::{Note, Standing, Step, Waiting, backoff};
use crate::{Issue, Stored, Trouble};

impl Courier<'_> {
    /// Takes over what is there, else makes one; then proves it.
    pub(super) fn file(&mut self) -> Way<Standing> {
        let candidates = self.look(true)?;
        if candidates.open().next().is_some() {
            return self.adopt(&candidates);
        }
        match self.closed_at_once(&candidates) {
            Some(closed) => self.open_again(&closed),
            None => self.make(),
        }
    }

    /// The first stays; all that came after it are closed.
    pub(super) fn adopt(&mut self, candidates: &Candidates) -> Way<Standing> {
        let open: Vec<&Candidate> = candidates.open().collect();
        let Some((first, doubles)) = open.split_first() else { return self.make() };
        let kept = self.read_back(&first.stored.id)?;
        if !kept.is_open {
            return Err(self.doubtful(format!("issue {} is being closed", line(&kept.id))));
        }
        self.check(&kept)?;
        self.pass(Step::ReadBack);
        self.close_doubles(&kept, doubles).map_err(stored_only)?;
        if first.is_found_by_key { Ok(self.found(&kept)) } else { self.prove(&kept) }
    }

    fn make(&mut self) -> Way<Standing> {
        self.pass(Step::BeforeCreate);
        let words = self.errand.words;
        let issue = Issue {
            title: words.title.clone(),
            body: words.body.clone(),
            key: self.key().clone(),
            block: words.block.clone(),
        };
        match self.tracker.create(&issue, self.by()) {
            Ok(id) => self.made(&id),
            Err(trouble @ (Trouble::Doubtful(_) | Trouble::Strange(_))) => self.reconcile(trouble),
            Err(trouble) => Err(self.not_written(trouble)),
        }
    }

    fn made(&mut self, id: &str) -> Way<Standing> {
        self.pass(Step::Created);
        let stored = self.read_back(id)?;
        self.check(&stored)?;
        self.compare(&stored);
        self.pass(Step::ReadBack);
        if stored.is_open {
            return self.prove(&stored);
        }
        self.open_again(&stored)
    }

    /// Our own limit is over and nobody answered: what may have come of it is looked for, and not made again before
    /// the next attempt.
    fn reconcile(&mut self, trouble: Trouble) -> Way<Standing> {
        let doubtful = self.not_written(trouble);
        let Ok(candidates) = self.look(true) else { return Err(doubtful) };
        let Some(found) = candidates.open().next() else { return Err(doubtful) };
        self.note(Note::Found { id: found.stored.id.clone() });
        self.adopt(&candidates)
    }

    /// Stored is not enough: who comes next finds it by its key, or makes another one.
    fn prove(&mut self, stored: &Stored) -> Way<Standing> {
        let found =
            self.read_only(|tracker, key, by| tracker.find(key, by)).map_err(stored_only)?;
        let mut candidates = Candidates::default();
        for one in found {
            if one.is_ours && one.is_in_project {
                candidates.add(one, true);
            }
        }
        let open: Vec<&Candidate> = candidates.open().collect();
        if !open.iter().any(|candidate| candidate.stored.id == stored.id) {
            return Err(self.not_found_yet(stored));
        }
        // Another instance made one at the same time: the first of them stays, which may be the other one.
        match open.as_slice() {
            [_] => Ok(self.found(stored)),
            _ => self.adopt(&candidates),
        }
    }

    fn found(&self, stored: &Stored) -> Standing {
        self.pass(Step::FoundByKey);
        self.confirmed(stored)
    }

    fn not_found_yet(&self, stored: &Stored) -> Standing {
        let (now, settle) = (self.errand.now, self.tracker.settle());
        let made = stored.created_at.unwrap_or(self.errand.delivery.created_at);
        let is_late = now.millis() > made.plus(settle).millis();
        let seconds = settle.as_secs();
        let id = line(&stored.id);
        let why = match is_late {
            false => format!("issue {id} is not found by its key yet, which may take {seconds} s"),
            true => format!(
                "issue {id} is not found by its key after more than {seconds} s: see whether the tracker's search works"
            ),
        };
        let not_before = backoff::settling(now, settle);
        Standing::Waiting { known: Waiting::Stored, why, not_before }
    }

    /// What would keep the issue from ever being found or read by those whom it is for.
    fn check(&self, stored: &Stored) -> Way<()> {
        let id = line(&stored.id);
        let why = if !stored.is_in_project {
            format!(
                "issue {id} was put into {}, not into the project meant",
                stored.project.shown()
            )
        } else if !stored.is_ours {
            format!(
                "issue {id} does not bear our account as its author: give the token an account of its own"
            )
        } else if stored.key.as_ref() != Some(self.key()) {
            format!(
                "issue {id} was stored without its key: give our account the right to set the field or label that holds it"
            )
        } else {
            return Ok(());
        };
        Err(Standing::Failed { why })
    }

    /// What can be missing without harm, and should be known.
    fn compare(&mut self, stored: &Stored) {
        let id = &stored.id;
        if !is_same_line(&self.errand.words.title, stored.title.raw()) {
            self.note(Note::NotKept { id: id.clone(), what: "its title as it was sent" });
        }
        if !stored.is_labelled {
            self.note(Note::NotKept { id: id.clone(), what: "its label" });
        }
        let block = &self.errand.words.block;
        let is_kept = stored.block.as_ref().is_some_and(|kept| kept.raw().trim() == block.trim());
        if self.tracker.has_block() && !block.is_empty() && !is_kept {
            self.note(Note::NotKept { id: id.clone(), what: "its block of state" });
        }
    }

    /// One that this delivery made and that was closed since, so that it is not made again and again.
    fn closed_at_once(&self, candidates: &Candidates) -> Option<Stored> {
        let asked_for = self.errand.delivery.created_at;
        let is_since = |stored: &Stored| stored.created_at.is_some_and(|at| at >= asked_for);
        let closed = candidates.closed().map(|candidate| &candidate.stored);
        let has_tried = self.errand.delivery.attempts > 0;
        closed.rev().find(|stored| has_tried && is_since(stored)).cloned()
    }

    fn open_again(&mut self, closed: &Stored) -> Way<Standing> {
        let stored = self.set(&closed.id, true)?;
        if !stored.is_open {
            let id = line(&stored.id);
            let why =
                format!("issue {id} is closed as soon as it is opened: see the tracker's rules");
            return Err(Standing::Failed { why });
        }
        self.note(Note::ClosedAtOnce { id: stored.id.clone() });
        self.prove(&stored)
    }

    /// Those that came later are told of the one that stays, and closed. One that the tracker will never let us close
    /// does no harm but noise: it is told, and is in nobody's way.
    pub(super) fn close_doubles(&mut self, kept: &Stored, doubles: &[&Candidate]) -> Way<()> {
        let went = self.close_each(kept, doubles);
        // Reading the doubles is not seeing the issue.
        self.saw(kept.clone());
        went
    }

    fn close_each(&mut self, kept: &Stored, doubles: &[&Candidate]) -> Way<()> {
        for double in doubles {
            let id = double.stored.id.clone();
            let note = match self.close_double(kept, &double.stored) {
                Ok(()) => Note::DoubleClosed { id, kept: kept.id.clone() },
                Err(Standing::Failed { why }) => Note::DoubleStays { id, why },
                Err(transient) => return Err(transient),
            };
            self.note(note);
        }
        Ok(())
    }

    fn close_double(&mut self, kept: &Stored, double: &Stored) -> Way<()> {
        self.pass(Step::BeforeDouble);
        let Some(double) = self.follow(&double.id)? else { return Ok(()) };
        self.say(&double, &self.double_mark(), &duplicate_of(kept))?;
        self.pass(Step::DoubleTold);
        self.write(|tracker, by| tracker.set_open(&double.id, false, by))?;
        self.pass(Step::DoubleClosed);
        match self.read_only(|tracker, _, by| tracker.read(&double.id, by))? {
            crate::Found::Here(stored) if stored.is_open => {
                Err(self.doubtful("it is still open".to_owned()))
            }
            _ => Ok(()),
        }
    }
}

fn stored_only(standing: Standing) -> Standing {
    match standing {
        Standing::Waiting { why, not_before, .. } => {
            Standing::Waiting { known: Waiting::Stored, why, not_before }
        }
        other => other,
    }
}

fn duplicate_of(kept: &Stored) -> Document {
    Document(vec![Block::Paragraph(vec![
        Span::from("This is a double of issue "),
        Span::Foreign(Foreign::new(kept.id.clone())),
        Span::from(", which stays open: "),
        Span::Code(Foreign::new(kept.url.clone())),
        Span::from(". Both were made at the same time."),
    ])])
}

/// Trackers trim titles and cut them.
fn is_same_line(sent: &str, kept: &str) -> bool {
    let shown = |text: &str| Foreign::new(text.trim()).shown_within(Shown::LIMIT * 10).to_string();
    let (sent, kept) = (shown(sent), shown(kept));
    let head = kept.strip_suffix('…').unwrap_or(&kept);
    sent == kept || (head.len() >= 40 && sent.starts_with(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_may_be_cut_but_not_changed() {
        let long = "a".repeat(300);
        for (sent, kept, is_same) in [
            ("www.example.org: ends", "www.example.org: ends ", true),
            ("www.example.org: ends", "www.example.org", false),
            ("www.example.org: ends", "", false),
            (&long, &format!("{}…", &long[..200]), true),
            (&long, &long[..255], true),
        ] {
            assert_eq!(is_same_line(sent, kept), is_same, "{sent} {kept}");
        }
    }
}
