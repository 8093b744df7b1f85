//! Which of several issues is the one.

use std::cmp::Ordering;

use crate::Stored;

/// Issues that count for a key: ours, in the project meant. Each once, the first made first.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates(Vec<Candidate>);

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) stored: Stored,
    /// The tracker's own filter shows it.
    pub(super) is_found_by_key: bool,
}

impl Candidates {
    /// Takes one in; what is known of it already stays, and the filter's word is added.
    pub(super) fn add(&mut self, stored: Stored, is_found_by_key: bool) {
        match self.0.iter_mut().find(|known| known.stored.id == stored.id) {
            Some(known) => known.is_found_by_key |= is_found_by_key,
            None => {
                self.0.push(Candidate { stored, is_found_by_key });
                self.0.sort_by(|one, other| first_made(&one.stored.id, &other.stored.id));
            }
        }
    }

    pub(super) fn open(&self) -> impl Iterator<Item = &Candidate> {
        self.0.iter().filter(|candidate| candidate.stored.is_open)
    }

    pub(super) fn closed(&self) -> impl DoubleEndedIterator<Item = &Candidate> {
        self.0.iter().filter(|candidate| !candidate.stored.is_open)
    }
}

/// Ids that end in numbers are ordered by them: `OPS-9` was made before `OPS-10`.
fn first_made(one: &str, other: &str) -> Ordering {
    let parts = |id: &str| -> (String, Option<u64>) {
        let head = id.trim_end_matches(|c: char| c.is_ascii_digit());
        (head.to_owned(), id[head.len()..].parse().ok())
    };
    parts(one).cmp(&parts(other)).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_as_they_are_counted() {
        let mut ids = ["10", "9", "OPS-10", "OPS-9", "b1f", "a2e", "007", "7"];
        ids.sort_by(|one, other| first_made(one, other));
        assert_eq!(ids, ["007", "7", "9", "10", "OPS-9", "OPS-10", "a2e", "b1f"]);
    }
}
