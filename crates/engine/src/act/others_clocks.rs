//! Our clock, held against those of the machines that we ask anyway.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use certvigil_alarm::Heard;
use certvigil_alarm::clock::{self, Clock, Off, Source};
use certvigil_alarm::problems::OWN_CLOCK_OFF;
use certvigil_fetch::ntp::{self, NtpTime};
use certvigil_fetch::{Client, Dated, Method, Request};
use certvigil_model::{CertificateSeen, Observation, RoundRecord, Severity, TargetProblem, Time};
use certvigil_report::issue::ClockSeen;
use jiff::fmt::rfc2822::DateTimeParser;
use url::Url;

use super::After;
use super::sum::Sum;

/// Whose clocks ours is held against.
#[derive(Clone, Debug, Default)]
pub struct OthersClocks {
    /// Machines that are asked over HTTP anyway: their answers are dated (RFC 9110 section 6.6.1).
    pub hosts: Vec<DatedHost>,
    /// Time servers, `HOST:PORT`.
    pub ntp: Vec<String>,
    /// What those said who were asked for nothing but the time.
    said: Arc<Mutex<BTreeMap<String, Source>>>,
    /// What people were told last: as long as it holds it is not told again.
    told: Arc<Mutex<Option<String>>>,
}

/// A machine that is asked over HTTP.
#[derive(Clone, Debug)]
pub struct DatedHost {
    /// What it is called.
    pub name: String,
    /// Where it is asked for the time alone; none: it is only heard when it is asked anyway.
    pub url: Option<Url>,
    /// Who asks it.
    pub client: Client,
}

/// A round as it may be acted on.
pub(crate) struct Judged<'a> {
    record: Cow<'a, RoundRecord>,
    observations: Cow<'a, [Observation]>,
    said: Cow<'a, [TargetProblem]>,
    is_off: bool,
}

impl Judged<'_> {
    pub(crate) fn after(&self) -> After<'_> {
        After { record: &self.record, observations: &self.observations, said: &self.said }
    }

    pub(crate) const fn is_clock_off(&self) -> bool {
        self.is_off
    }
}

impl OthersClocks {
    /// Hears of `hosts` and `ntp`.
    pub fn new(hosts: Vec<DatedHost>, ntp: Vec<String>) -> Self {
        Self { hosts, ntp, said: Arc::default(), told: Arc::default() }
    }

    /// Asks all of them side by side, before a round judges anything; how far off ours is, where two agree against it.
    /// `known` was heard just now. It is over by `by`. Who does not answer says nothing, whatever it said before: our
    /// clock may have been set since.
    pub fn ask(&self, known: Option<Source>, by: Instant) -> Option<Off> {
        lock(&self.said).clear();
        self.hosts.iter().for_each(|host| host.client.forget_date());
        known.into_iter().for_each(|source| self.hear(source));
        std::thread::scope(|scope| {
            for host in &self.hosts {
                scope.spawn(move || host.ask(by));
            }
            for server in &self.ntp {
                scope.spawn(move || {
                    if let Ok(NtpTime { theirs, ours }) = ntp::ask(server, by) {
                        self.hear(Source { name: format!("ntp {server}"), theirs, ours });
                    }
                });
            }
        });
        match clock::judge(&self.sources()) {
            Clock::Off(off) => Some(off),
            Clock::Unchecked | Clock::Agrees | Clock::SourcesDisagree { .. } => None,
        }
    }

    fn hear(&self, source: Source) {
        lock(&self.said).insert(source.name.clone(), source);
    }

    /// What is the same by our time and by theirs stands. Where two agree against ours, endpoints whose certificate is
    /// judged differently by theirs count as not looked at: nothing is opened or closed on them.
    pub(crate) fn judge<'a>(&self, round: After<'a>, now: Time, sum: &mut Sum) -> Judged<'a> {
        let mut judged = Judged {
            record: Cow::Borrowed(round.record),
            observations: Cow::Borrowed(round.observations),
            said: Cow::Borrowed(round.said),
            is_off: false,
        };
        let sources = self.sources();
        let (is_failure, text) = match clock::judge(&sources) {
            Clock::Unchecked | Clock::Agrees => {
                *lock(&self.told) = None;
                return judged;
            }
            Clock::SourcesDisagree { words } => (false, words),
            Clock::Off(off) => {
                judged.is_off = true;
                judged.withhold(&off, now);
                (true, format!("unknown: {}. {}", off.reason(), off.words()))
            }
        };
        if lock(&self.told).replace(text.clone()).as_ref() != Some(&text) {
            sum.hear(Heard { is_failure, text });
        }
        judged
    }

    /// For the proof in what is told: by how much ours differs, the middle one of all.
    pub(crate) fn seen(&self) -> Option<ClockSeen> {
        let mut sources = self.sources();
        let ahead = |it: &Source| it.ours.millis().saturating_sub(it.theirs.millis());
        sources.sort_by_key(ahead);
        let ahead_ms = sources.get(sources.len() / 2).map(ahead)?;
        Some(ClockSeen { ahead_ms, with: sources.into_iter().map(|it| it.name).collect() })
    }

    /// One a machine, by what its last answer said.
    fn sources(&self) -> Vec<Source> {
        let dated = |host: &DatedHost| source(&host.name, &host.client.last_date()?);
        let mut sources: Vec<Source> = self.hosts.iter().filter_map(dated).collect();
        sources.extend(lock(&self.said).values().cloned());
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        sources.dedup_by(|a, b| a.name == b.name);
        sources
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl DatedHost {
    fn ask(&self, by: Instant) {
        let Some(url) = &self.url else { return };
        // Whatever it answers is dated.
        let _ = self.client.send(&Request {
            method: Method::Get,
            url: url.clone(),
            headers: Vec::new(),
            secret: None,
            body: None,
            by,
            most: MOST,
        });
    }
}

/// Bytes of an answer that nobody reads.
const MOST: usize = 1 << 20;

impl Judged<'_> {
    fn withhold(&mut self, off: &Off, now: Time) {
        let theirs = off.theirs(now);
        let stands = |certificate: &CertificateSeen| {
            clock::under_both(dates(certificate, now), &dates(certificate, theirs)).is_some()
        };
        let is_in_doubt =
            |it: &Observation| it.problems.iter().any(|one| one.id == OWN_CLOCK_OFF.id);
        let is_kept =
            |it: &Observation| !is_in_doubt(it) && it.certificate.as_ref().is_none_or(stands);
        let before = self.observations.len();
        self.observations.to_mut().retain(is_kept);
        if self.observations.len() < before {
            // What is not named would have left.
            self.record.to_mut().is_whole = false;
            // What is said of several targets may rest on one that is withheld.
            self.said.to_mut().clear();
        }
    }
}

/// What the dates alone say.
fn dates(certificate: &CertificateSeen, now: Time) -> (bool, bool, bool, Option<Severity>) {
    let CertificateSeen { not_before, not_after, ends, .. } = certificate;
    (now < *not_before, now > *not_after, now > ends.at, ends.severity(now))
}

fn source(name: &str, Dated { text, ours }: &Dated) -> Option<Source> {
    let theirs = DateTimeParser::new().parse_timestamp(text).ok()?;
    let theirs = Time::from_millis(theirs.as_millisecond());
    Some(Source { name: name.to_owned(), theirs, ours: *ours })
}
