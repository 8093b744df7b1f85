//! Its readers are to hear of a change, once.

use certvigil_model::{Block, Document, Foreign, Span};

use super::courier::{Courier, Way};
use super::{Standing, Step};
use crate::{Stored, Tracker, Trouble};

impl Courier<'_> {
    /// Says what has changed. Where no issue is left, a new one says it all.
    pub(super) fn tell(&mut self, change: u32) -> Way<Standing> {
        let candidates = self.look(false)?;
        let Some(stored) = self.chosen(&candidates)? else { return self.file() };
        let doubles: Vec<_> = candidates.open().filter(|one| one.stored.id != stored.id).collect();
        if stored.is_open {
            self.close_doubles(&stored, &doubles)?;
        }
        let mark = format!("{}/{change}", self.key());
        let words = self.errand.words;
        self.say(&stored, &mark, &words.comment)?;
        Ok(self.confirmed(&stored))
    }

    /// Makes a comment that is known by `mark`, unless it stands there already, and reads it back.
    pub(super) fn say(&mut self, stored: &Stored, mark: &str, text: &Document) -> Way<()> {
        if bears(stored, mark) {
            return Ok(());
        }
        self.pass(Step::BeforeComment);
        let text = marked(text, mark);
        let went = self.tracker.comment(&stored.id, &text, self.by());
        let doubt = match went {
            Ok(()) => None,
            Err(trouble @ (Trouble::Doubtful(_) | Trouble::Strange(_))) => Some(trouble),
            Err(trouble) => return Err(self.not_written(trouble)),
        };
        self.pass(Step::Commented);
        let stored = self.read_back(&stored.id)?;
        if bears(&stored, mark) {
            return Ok(());
        }
        Err(match doubt {
            Some(trouble) => self.not_written(trouble),
            None => self.doubtful("the comment was taken, and is not there".to_owned()),
        })
    }

    /// Writes; a failure says what may have come of it.
    pub(super) fn write(
        &self,
        ask: impl FnOnce(&dyn Tracker, std::time::Instant) -> Result<(), Trouble>,
    ) -> Way<()> {
        ask(self.tracker, self.by()).map_err(|trouble| self.not_written(trouble))
    }
}

/// Whether a comment with that mark stands there. A mark ends where no digit follows it.
pub(super) fn bears(stored: &Stored, mark: &str) -> bool {
    let is_in = |text: &str| {
        text.match_indices(mark).any(|(at, _)| {
            !text[at + mark.len()..].starts_with(|c: char| c.is_ascii_alphanumeric())
        })
    };
    stored.our_comments.iter().any(|comment| is_in(comment.raw()))
}

fn marked(text: &Document, mark: &str) -> Document {
    let mut blocks = text.0.clone();
    let mark = Span::Code(Foreign::new(mark));
    blocks.push(Block::Paragraph(vec![Span::from("Mark: "), mark]));
    Document(blocks)
}
