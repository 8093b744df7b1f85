//! One run, ready for every wording: how it opened, its endpoints as often as they are asked for,
//! how it closed.

use std::cmp::Reverse;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use certvigil_model::{Time, Verdict};
use tempfile::SpooledTempFile;

use crate::contract::{Endpoint, Said};
use crate::entry::Entry;
use crate::format::Write as Wording;
use crate::spool::{Rank, Spool, WORST_FIRST};
use crate::{Closed, EndpointLine, Opened, Report, TargetFinding};

/// A round that is over. A wording is a function of it, `fn write(&Run, &mut dyn Write)`, and as
/// endpoints are read from the round's spool it needs no more memory for many than for few.
pub(crate) struct Run<'a> {
    /// What was known before the first look.
    pub(crate) head: &'a Opened,
    /// What was known after the last one. Its `findings` stand in [`Run::said`] too.
    pub(crate) tail: &'a Closed,
    endpoints: &'a Spool<Endpoint>,
    said: &'a Spool<Said>,
}

impl Run<'_> {
    /// Every endpoint, in the order in which their looks ended.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = io::Result<Endpoint>> {
        self.endpoints.values()
    }

    /// Every endpoint, the worst verdict first.
    pub(crate) fn endpoints_worst_first(&self) -> impl Iterator<Item = io::Result<Endpoint>> {
        WORST_FIRST.into_iter().flat_map(|verdict| self.endpoints.of(verdict))
    }

    /// What is said of targets and, last, of the round itself.
    pub(crate) fn said(&self) -> impl Iterator<Item = io::Result<Said>> {
        self.said.values()
    }

    /// Everything that there is to list, the worst verdict first: what is said of targets and of
    /// the round before the endpoints of the same verdict.
    pub(crate) fn worst_first(&self) -> impl Iterator<Item = io::Result<Entry>> {
        WORST_FIRST.into_iter().flat_map(|verdict| self.entries(verdict))
    }

    fn entries(&self, verdict: Verdict) -> impl Iterator<Item = io::Result<Entry>> {
        let said = self.said.of(verdict).map(|said| said.map(Entry::from));
        said.chain(self.endpoints.of(verdict).map(|endpoint| Ok(self.entry(endpoint?))))
    }

    /// The worst of what is not ok, of those the ones whose certificate ends first, in that order.
    /// All of these are in memory: `limit` is a page's, not a round's.
    pub(crate) fn worst(&self, limit: usize) -> io::Result<Vec<Entry>> {
        self.worst_of(|verdict| verdict > Verdict::Ok, limit)
    }

    /// The same among `wanted` verdicts.
    pub(crate) fn worst_of(
        &self,
        wanted: impl Fn(Verdict) -> bool,
        limit: usize,
    ) -> io::Result<Vec<Entry>> {
        let endpoints = self.endpoints.worst_of(&wanted, limit)?;
        let endpoints = endpoints.into_iter().map(|endpoint| self.entry(endpoint));
        let said = self.said.worst_of(&wanted, limit)?.into_iter().map(Entry::from);
        let mut worst: Vec<_> = said.chain(endpoints).collect();
        worst.sort_by_key(|entry| Reverse(entry.verdict));
        worst.truncate(limit);
        Ok(worst)
    }

    /// How much there is to list of `wanted` verdicts.
    pub(crate) fn count(&self, wanted: impl Fn(Verdict) -> bool) -> io::Result<u64> {
        Ok(self.endpoints.count(&wanted)? + self.said.count(&wanted)?)
    }

    /// What is said of targets and of the round, the worst first.
    pub(crate) fn worst_said(&self, limit: usize) -> io::Result<Vec<Said>> {
        self.said.worst(limit)
    }

    /// When the first certificate ends that any endpoint serves.
    pub(crate) fn first_end(&self) -> io::Result<Option<Time>> {
        self.endpoints.first_end()
    }

    /// What somebody answers for, the worst first, at most `limit`.
    pub(crate) fn accepted(&self, limit: usize) -> io::Result<Vec<Entry>> {
        if self.tail.accepted == 0 {
            return Ok(Vec::new());
        }
        let is_accepted = |entry: &io::Result<Entry>| {
            entry.as_ref().map_or(true, |entry| entry.accepted().next().is_some())
        };
        self.worst_first().filter(is_accepted).take(limit).collect()
    }

    /// The worst endpoints, the healthy ones last, in the order of [`Run::worst`].
    pub(crate) fn worst_endpoints(&self, limit: usize) -> io::Result<Vec<Endpoint>> {
        self.endpoints.worst(limit)
    }

    fn entry(&self, endpoint: Endpoint) -> Entry {
        Entry::of_endpoint(endpoint, self.head.at)
    }

    /// A file without a name beside the spool, which holds `in_memory` bytes before it is one.
    pub(crate) fn scratch(&self, in_memory: usize) -> SpooledTempFile {
        match self.endpoints.folder() {
            Some(folder) => tempfile::spooled_tempfile_in(in_memory, folder),
            None => tempfile::spooled_tempfile(in_memory),
        }
    }

    /// The JSON text of every endpoint, as [`Run::endpoints`].
    pub(crate) fn endpoint_texts(&self) -> impl Iterator<Item = io::Result<Vec<u8>>> {
        self.endpoints.texts()
    }

    /// The JSON text of every finding, as [`Run::said`].
    pub(crate) fn said_texts(&self) -> impl Iterator<Item = io::Result<Vec<u8>>> {
        self.said.texts()
    }
}

/// A round in progress that is worded when it is over, in as many ways as are asked for.
pub(crate) struct Recorder {
    opened: Opened,
    endpoints: Spool<Endpoint>,
    said: Spool<Said>,
    wordings: Vec<(Wording, Box<dyn Write + Send>)>,
}

impl Recorder {
    /// The spool goes into `folder`.
    pub(crate) fn new(opened: Opened, folder: Option<&Path>) -> Self {
        let (endpoints, said) = (Spool::new(folder), Spool::new(folder));
        Self { opened, endpoints, said, wordings: Vec::new() }
    }

    /// Has the round worded by `wording` too.
    pub(crate) fn word(&mut self, wording: Wording, out: Box<dyn Write + Send>) {
        self.wordings.push((wording, out));
    }

    pub(crate) const fn is_idle(&self) -> bool {
        self.wordings.is_empty()
    }
}

impl Report for Recorder {
    fn endpoint(&mut self, line: &EndpointLine) -> io::Result<()> {
        let endpoint = Endpoint::from(line);
        self.endpoints.add(Rank::new(endpoint.verdict, endpoint.ends()), &endpoint)
    }

    fn target(&mut self, said: &TargetFinding) -> io::Result<()> {
        let said = Said::from(said);
        self.said.add(Rank::new(said.verdict(), None), &said)
    }

    fn finish(mut self: Box<Self>, closed: &Closed) -> io::Result<()> {
        closed.findings.iter().try_for_each(|said| self.target(said))?;
        let Self { opened, endpoints, said, wordings } = *self;
        let run = Run { head: &opened, tail: closed, endpoints: &endpoints, said: &said };
        // One disk may be full where another is not: every wording gets its try.
        let mut worded = Ok(());
        for (write, out) in wordings {
            let mut out = BufWriter::new(out);
            let written = write(&run, &mut out).and_then(|()| out.flush());
            worded = worded.and(written);
        }
        worded
    }
}
