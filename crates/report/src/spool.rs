//! A round's values in the order in which they came: in memory while they are few, then in a file
//! without a name, so that memory stays flat in their number. It is read as often as a wording
//! needs: the worst first takes a pass for each verdict.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, Write as _};
use std::marker::PhantomData;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use certvigil_model::{Time, Verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::json::write_json;

/// Values of one type, each with what it is ordered by.
pub(crate) struct Spool<T> {
    kept: Kept,
    folder: Option<Box<Path>>,
    end: u64,
    record: Vec<u8>,
    of: PhantomData<fn(T) -> T>,
}

enum Kept {
    Memory(Vec<u8>),
    File(File),
}

/// What wordings order by: the worst first, then what ends first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    verdict: Reverse<Verdict>,
    ends: i64,
}

impl Rank {
    pub(crate) fn new(verdict: Verdict, ends: Option<Time>) -> Self {
        Self { verdict: Reverse(verdict), ends: ends.unwrap_or(Time::NO_SET_EXPIRY).millis() }
    }
}

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Record {
    rank: Rank,
    at: u64,
    length: usize,
}

impl<T: Serialize + DeserializeOwned> Spool<T> {
    pub(crate) fn new(folder: Option<&Path>) -> Self {
        let folder = folder.map(Box::from);
        let kept = Kept::Memory(Vec::new());
        Self { kept, folder, end: 0, record: Vec::new(), of: PhantomData }
    }

    /// Where the file goes; none: where the system keeps such files.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Sets down one more value.
    pub(crate) fn add(&mut self, rank: Rank, value: &T) -> io::Result<()> {
        self.record.clear();
        self.record.resize(HEADER, 0);
        write_json(&mut self.record, value)?;
        let length = u32::try_from(self.record.len() - HEADER).map_err(io::Error::other)?;
        let header =
            [&[place(rank.verdict.0)][..], &rank.ends.to_le_bytes(), &length.to_le_bytes()]
                .concat();
        self.record[..HEADER].copy_from_slice(&header);
        self.end += self.record.len() as u64;
        match &mut self.kept {
            Kept::Memory(bytes) if self.end <= IN_MEMORY => {
                bytes.extend_from_slice(&self.record);
                Ok(())
            }
            Kept::Memory(bytes) => {
                let mut file = match &self.folder {
                    Some(folder) => tempfile::tempfile_in(folder)?,
                    None => tempfile::tempfile()?,
                };
                file.write_all(bytes)?;
                file.write_all(&self.record)?;
                self.kept = Kept::File(file);
                Ok(())
            }
            Kept::File(file) => file.write_all(&self.record),
        }
    }

    /// All of them, in the order in which they came.
    pub(crate) fn values(&self) -> impl Iterator<Item = io::Result<T>> {
        self.records().map(|record| self.value(&record?))
    }

    /// Those of one verdict, in the order in which they came.
    pub(crate) fn of(&self, verdict: Verdict) -> impl Iterator<Item = io::Result<T>> {
        let wanted = move |record: &io::Result<Record>| {
            record.as_ref().map_or(true, |record| record.rank.verdict.0 == verdict)
        };
        self.records().filter(wanted).map(|record| self.value(&record?))
    }

    /// The worst of them, and of those the ones that end first, at most `limit`.
    pub(crate) fn worst(&self, limit: usize) -> io::Result<Vec<T>> {
        self.worst_of(&|_| true, limit)
    }

    /// The same among `wanted` verdicts.
    pub(crate) fn worst_of(
        &self,
        wanted: &impl Fn(Verdict) -> bool,
        limit: usize,
    ) -> io::Result<Vec<T>> {
        let mut worst = BinaryHeap::new();
        for record in self.records() {
            let record = record?;
            if wanted(record.rank.verdict.0) {
                worst.push(record);
            }
            if worst.len() > limit {
                worst.pop();
            }
        }
        worst.into_sorted_vec().iter().map(|record| self.value(record)).collect()
    }

    /// How many there are of `wanted` verdicts.
    pub(crate) fn count(&self, wanted: &impl Fn(Verdict) -> bool) -> io::Result<u64> {
        let mut count = 0;
        for record in self.records() {
            count += u64::from(wanted(record?.rank.verdict.0));
        }
        Ok(count)
    }

    /// The earliest end of all of them; none where none is set.
    pub(crate) fn first_end(&self) -> io::Result<Option<Time>> {
        let mut first = Time::NO_SET_EXPIRY;
        for record in self.records() {
            first = first.min(Time::from_millis(record?.rank.ends));
        }
        Ok(Some(first).filter(|end| *end != Time::NO_SET_EXPIRY))
    }

    /// The JSON text of each, in the order in which they came.
    pub(crate) fn texts(&self) -> impl Iterator<Item = io::Result<Vec<u8>>> {
        self.records().map(|record| self.text(&record?))
    }

    fn value(&self, record: &Record) -> io::Result<T> {
        serde_json::from_slice(&self.text(record)?).map_err(io::Error::from)
    }

    fn text(&self, record: &Record) -> io::Result<Vec<u8>> {
        let mut text = vec![0; record.length];
        self.read(record.at, &mut text)?;
        Ok(text)
    }

    fn records(&self) -> impl Iterator<Item = io::Result<Record>> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let record = (at < self.end).then(|| self.record(at))?;
            // After a read that failed there is nothing to go on from.
            at = record.as_ref().map_or(self.end, |record| record.at + record.length as u64);
            Some(record)
        })
    }

    fn record(&self, at: u64) -> io::Result<Record> {
        let mut header = [0; HEADER];
        self.read(at, &mut header)?;
        let [verdict, rest @ ..] = header;
        let (ends, length) = rest.split_at(8);
        let ends = i64::from_le_bytes(ends.try_into().map_err(io::Error::other)?);
        let length = u32::from_le_bytes(length.try_into().map_err(io::Error::other)?) as usize;
        let verdict = WORST_FIRST.get(usize::from(verdict)).ok_or(io::ErrorKind::InvalidData)?;
        let rank = Rank { verdict: Reverse(*verdict), ends };
        Ok(Record { rank, at: at + HEADER as u64, length })
    }

    fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        match &self.kept {
            Kept::Memory(bytes) => {
                let from = usize::try_from(at).map_err(io::Error::other)?;
                let found = bytes.get(from..from + into.len());
                into.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
            Kept::File(file) => file.read_exact_at(into, at),
        }
    }
}

/// The place of a verdict among [`WORST_FIRST`].
const fn place(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Critical => 0,
        Verdict::Unknown => 1,
        Verdict::Warning => 2,
        Verdict::Ok => 3,
    }
}

/// The order of every list.
pub(crate) const WORST_FIRST: [Verdict; 4] =
    [Verdict::Critical, Verdict::Unknown, Verdict::Warning, Verdict::Ok];
/// A verdict, a moment and a length stand before each value.
const HEADER: usize = 1 + 8 + 4;
/// Below this much nothing is written to disk: a round has a spool of endpoints and one of
/// findings.
const IN_MEMORY: u64 = 4 << 20;

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    /// Few stay in memory; with long texts they are in a file.
    fn spool(length: usize) -> Spool<String> {
        let mut spool = Spool::new(None);
        for (verdict, ends, text) in [
            (Verdict::Ok, Some(5), "ok"),
            (Verdict::Critical, Some(9), "late"),
            (Verdict::Unknown, None, "unknown"),
            (Verdict::Critical, Some(-3), "early"),
            (Verdict::Warning, Some(1), "warning"),
        ] {
            let rank = Rank::new(verdict, ends.map(Time::from_millis));
            spool.add(rank, &format!("{text}{}", " ".repeat(length))).unwrap();
        }
        assert_eq!(matches!(spool.kept, Kept::File(_)), length > 0);
        spool
    }

    fn words(texts: impl Iterator<Item = io::Result<String>>) -> Vec<String> {
        texts.map(|text| text.unwrap().trim_end().to_owned()).collect()
    }

    #[test]
    fn values_come_back_as_often_as_they_are_asked_for() {
        for length in [0, 2 << 20] {
            let spool = spool(length);
            for _ in 0..2 {
                let all = ["ok", "late", "unknown", "early", "warning"];
                assert_eq!(words(spool.values()), all);
                assert_eq!(words(spool.of(Verdict::Critical)), ["late", "early"]);
                let three = spool
                    .worst_of(&|verdict| verdict > Verdict::Warning, 9)
                    .unwrap()
                    .into_iter()
                    .map(Ok);
                assert_eq!(words(three), ["early", "late", "unknown"]);
                let two = spool.worst(2).unwrap().into_iter().map(Ok);
                assert_eq!(words(two), ["early", "late"]);
                assert_eq!(spool.count(&|verdict| verdict == Verdict::Critical).unwrap(), 2);
            }
        }
    }
}
