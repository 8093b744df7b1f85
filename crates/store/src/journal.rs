//! The chain of hashes that a journal is: pure, over the bytes that are stored.
//!
//! It shows edits, gaps and reordering by anyone who cannot rewrite all that follows. Who can write the whole store can
//! make a new chain; a head that was written down elsewhere shows that too, and that a chain's end was cut off.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use certvigil_model::{Fingerprint, Time};
use thiserror::Error as ThisError;

use crate::{Chained, Head, Instance};

/// How rows are hashed now.
pub const VERSION: u32 = 1;

/// What stands before the first row.
pub(crate) const FIRST_PREVIOUS: [u8; 32] = [0; 32];

/// The row that follows `head` in its chain.
pub(crate) fn next_row(head: &Head, at: Time, text: String) -> Chained {
    let (instance, sequence, previous) = (head.instance.clone(), head.sequence + 1, head.hash);
    let hash = hash_row(VERSION, &instance, sequence, at, previous, &text);
    Chained { version: VERSION, instance, sequence, at, previous, text, hash }
}

/// SHA-256 over a line each of `certvigil-journal/VERSION`, the instance, the sequence, the time in milliseconds since
/// 1970 and the previous hash in hexadecimal digits, and then the text as it is stored. None but the text can hold a
/// line end, so no two rows hash the same bytes.
pub fn hash_row(
    version: u32,
    instance: &Instance,
    sequence: u64,
    at: Time,
    previous: Fingerprint,
    text: &str,
) -> Fingerprint {
    let (instance, at) = (&instance.0, at.millis());
    let row =
        format!("certvigil-journal/{version}\n{instance}\n{sequence}\n{at}\n{previous}\n{text}");
    Fingerprint::of(row.as_bytes())
}

/// Checks all rows of one chain, from the first on, and that it still holds the heads that were written down elsewhere;
/// its last row.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify<'a>(
    rows: impl IntoIterator<Item = &'a Chained>,
    noted: &[Noted],
) -> Result<Option<Head>, Broken> {
    let mut verifier = Verifier::new(noted);
    rows.into_iter().try_for_each(|row| verifier.take(row))?;
    verifier.finish()
}

/// [`verify`] for a chain that is read piece by piece.
#[derive(Clone, Debug)]
pub struct Verifier {
    last: Option<Head>,
    /// Those that are still to come.
    noted: BTreeSet<Noted>,
}

impl Verifier {
    /// Expects the first row of a chain, and that it holds all of `noted`.
    pub fn new(noted: &[Noted]) -> Self {
        Self { last: None, noted: noted.iter().copied().collect() }
    }

    /// Checks the next row.
    ///
    /// # Errors
    /// It is not the one that belongs here.
    pub fn take(&mut self, row: &Chained) -> Result<(), Broken> {
        let (after, previous) = match &self.last {
            Some(head) => (head.sequence, head.hash),
            None => (0, FIRST_PREVIOUS.into()),
        };
        let sequence = row.sequence;
        if self.last.as_ref().is_some_and(|last| last.instance != row.instance) {
            return Err(Broken::OtherChain { sequence });
        }
        if sequence <= after {
            return Err(Broken::Order { after, sequence });
        }
        if sequence > after + 1 {
            return Err(Broken::Gap { first: after + 1, last: sequence - 1 });
        }
        if row.version != VERSION {
            return Err(Broken::Version { sequence, version: row.version });
        }
        let hash = hash_row(row.version, &row.instance, sequence, row.at, row.previous, &row.text);
        if hash != row.hash {
            return Err(Broken::Edited { sequence });
        }
        if row.previous != previous {
            return Err(Broken::Unlinked { sequence });
        }
        while let Some(noted) = self.noted.first().filter(|noted| noted.sequence <= sequence) {
            if noted.hash != hash {
                return Err(Broken::Rewritten { sequence });
            }
            self.noted.pop_first();
        }
        self.last = Some(Head { instance: row.instance.clone(), sequence, hash });
        Ok(())
    }

    /// Says that there are no more rows; the last one.
    ///
    /// # Errors
    /// A head that was noted lies behind the end.
    pub fn finish(self) -> Result<Option<Head>, Broken> {
        let last = self.last.as_ref().map_or(0, |head| head.sequence);
        match self.noted.last() {
            Some(noted) => Err(Broken::Cut { last, noted: noted.sequence }),
            None => Ok(self.last),
        }
    }
}

/// What is wrong with a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Broken {
    /// A row is not as it was written.
    #[error("row {sequence} was changed after it was written: its hash is another")]
    Edited {
        /// Its place.
        sequence: u64,
    },
    /// A row hashes right, but does not continue the one before it.
    #[error("row {sequence} does not continue the row before it: one of the two was written anew")]
    Unlinked {
        /// Its place.
        sequence: u64,
    },
    /// Rows are missing.
    #[error("rows {first} to {last} are missing")]
    Gap {
        /// The first that is missing.
        first: u64,
        /// The last that is missing.
        last: u64,
    },
    /// A row stands where it does not belong.
    #[error("row {sequence} comes after row {after}")]
    Order {
        /// The row before it.
        after: u64,
        /// Its place.
        sequence: u64,
    },
    /// A row is of another writer.
    #[error("row {sequence} belongs to another writer's chain")]
    OtherChain {
        /// Its place.
        sequence: u64,
    },
    /// The end is gone.
    #[error(
        "the chain ends with row {last}, but a head that was noted is row {noted}: its end was cut off"
    )]
    Cut {
        /// The last row that is there.
        last: u64,
        /// The one that was noted.
        noted: u64,
    },
    /// The chain is sound in itself, but not the one whose head was noted.
    #[error("row {sequence} is not the row whose hash was noted: the chain was written anew")]
    Rewritten {
        /// Its place.
        sequence: u64,
    },
    /// A newer program wrote it.
    #[error("row {sequence} has version {version}, which this program cannot check")]
    Version {
        /// Its place.
        sequence: u64,
        /// Its version.
        version: u32,
    },
}

/// A head as it is written down elsewhere: `SEQUENCE:HASH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Noted {
    /// The row's place.
    pub sequence: u64,
    /// The row's hash.
    pub hash: Fingerprint,
}

impl From<&Head> for Noted {
    fn from(head: &Head) -> Self {
        Self { sequence: head.sequence, hash: head.hash }
    }
}

impl fmt::Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, self.hash)
    }
}

/// Text that is no head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[error("a journal's head is written SEQUENCE:HASH, a number from 1 on and 64 hexadecimal digits")]
pub struct NotAHead;

impl FromStr for Noted {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, NotAHead> {
        let (sequence, hash) = text.split_once(':').ok_or(NotAHead)?;
        let sequence = sequence.parse().ok().filter(|&sequence| sequence > 0).ok_or(NotAHead)?;
        let hash = serde_json::from_value(hash.into()).map_err(|_| NotAHead)?;
        Ok(Self { sequence, hash })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn begun() -> Head {
        let instance = Instance("0123456789abcdef0123456789abcdef".to_owned());
        Head { instance, sequence: 0, hash: FIRST_PREVIOUS.into() }
    }

    fn after(head: &Head, text: &str) -> Chained {
        next_row(head, Time::from_millis(1_795_608_000_000 + head.sequence as i64), text.to_owned())
    }

    fn head(row: &Chained) -> Head {
        Head { instance: row.instance.clone(), sequence: row.sequence, hash: row.hash }
    }

    fn chain(texts: &[&str]) -> Vec<Chained> {
        let mut last = begun();
        let mut rows = Vec::new();
        for text in texts {
            let row = after(&last, text);
            last = head(&row);
            rows.push(row);
        }
        rows
    }

    fn broken(rows: &[Chained]) -> Broken {
        verify(rows, &[]).unwrap_err()
    }

    /// As Python's hashlib gives them for the lines that [`hash_row`] names.
    #[test]
    fn rows_hash_as_others_hash_them() {
        let rows = chain(&[r#"{"kind":"é"}"#, "{}"]);
        assert_eq!(
            rows[0].hash.to_string(),
            "32161344de1c99868d67119999eda55c7d583975da145040c997dd396f789f52"
        );
        assert_eq!(
            rows[1].hash.to_string(),
            "f650e7b74b19514203de6848a46340ba0ddfc18b6be5b5ec9975225df67a056c"
        );
    }

    #[test]
    fn an_unharmed_chain_gives_its_head() {
        let rows = chain(&["a", "b", "c"]);
        let noted: Vec<_> = rows.iter().map(|row| Noted::from(&head(row))).collect();
        assert_eq!(verify(&rows, &noted), Ok(Some(head(&rows[2]))));
        assert_eq!(verify(&[], &[]), Ok(None));
    }

    #[test]
    fn every_edit_of_a_row_shows() {
        let rows = chain(&["a", "b", "c"]);
        let edits: [fn(&mut Chained); 4] = [
            |row| row.text.push(' '),
            |row| row.at = row.at.plus(std::time::Duration::from_millis(1)),
            |row| row.hash = Fingerprint::of(b"other"),
            |row| row.previous = Fingerprint::of(b"other"),
        ];
        for edit in edits {
            let mut edited = rows.clone();
            edit(&mut edited[1]);
            assert_eq!(broken(&edited), Broken::Edited { sequence: 2 });
        }
        let mut edited = rows;
        edited[1].version = 2;
        assert_eq!(broken(&edited), Broken::Version { sequence: 2, version: 2 });
    }

    #[test]
    fn an_edited_row_with_a_new_hash_does_not_lead_to_the_next() {
        let mut rows = chain(&["a", "b", "c"]);
        rows[1] = after(&head(&rows[0]), "edited");
        assert_eq!(broken(&rows), Broken::Unlinked { sequence: 3 });
    }

    #[test]
    fn gaps_and_reordering_show() {
        let rows = chain(&["a", "b", "c", "d"]);
        let pick = |places: &[usize]| places.iter().map(|&at| rows[at].clone()).collect::<Vec<_>>();
        assert_eq!(broken(&pick(&[0, 3])), Broken::Gap { first: 2, last: 3 });
        assert_eq!(broken(&pick(&[1, 2, 3])), Broken::Gap { first: 1, last: 1 });
        assert_eq!(broken(&pick(&[0, 1, 1])), Broken::Order { after: 2, sequence: 2 });
        let mut swapped = rows.clone();
        swapped.swap(1, 2);
        (swapped[1].sequence, swapped[2].sequence) = (2, 3);
        assert_eq!(broken(&swapped), Broken::Edited { sequence: 2 });
    }

    #[test]
    fn a_row_of_another_chain_shows() {
        let mut rows = chain(&["a", "b"]);
        rows[1].instance = Instance("other".to_owned());
        assert_eq!(broken(&rows), Broken::OtherChain { sequence: 2 });
    }

    #[test]
    fn a_head_written_down_elsewhere_shows_a_cut_end_and_a_new_chain() {
        let rows = chain(&["a", "b", "c"]);
        let noted = [Noted::from(&head(&rows[2]))];
        assert_eq!(verify(&rows[..2], &[]), Ok(Some(head(&rows[1]))), "it is sound in itself");
        assert_eq!(verify(&rows[..2], &noted), Err(Broken::Cut { last: 2, noted: 3 }));
        assert_eq!(verify(&[], &noted), Err(Broken::Cut { last: 0, noted: 3 }));
        let anew = chain(&["a", "edited", "c", "d"]);
        assert!(verify(&anew, &[]).is_ok(), "it is sound in itself");
        assert_eq!(verify(&anew, &noted), Err(Broken::Rewritten { sequence: 3 }));
    }

    #[test]
    fn a_head_comes_back_from_its_text_and_from_nothing_else() {
        let noted = Noted::from(&head(&chain(&["a"])[0]));
        assert_eq!(noted.to_string().parse(), Ok(noted));
        let hash = noted.hash;
        for wrong in
            ["", "1", "1:", &format!("0:{hash}"), &format!("-1:{hash}"), &format!("{hash}:1")]
        {
            assert_eq!(wrong.parse::<Noted>(), Err(NotAHead), "{wrong}");
        }
    }
}
