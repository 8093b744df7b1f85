//! Our clock, held against those of the machines that we ask anyway.

use std::borrow::Cow;

use certvigil_alarm::Heard;
use certvigil_alarm::clock::{self, Clock, Off, Source};
use certvigil_fetch::{Client, Dated};
use certvigil_model::{CertificateSeen, Observation, RoundRecord, Severity, TargetProblem, Time};
use certvigil_report::issue::ClockSeen;
use jiff::fmt::rfc2822::DateTimeParser;

use super::After;
use super::sum::Sum;

/// Whose clocks ours is held against: what each is called, and who asks it.
#[derive(Clone, Debug, Default)]
pub struct OthersClocks(pub Vec<(String, Client)>);

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
            Clock::Agrees => return judged,
            Clock::Unchecked => match lone(&sources) {
                Some(text) => (false, text),
                None => return judged,
            },
            Clock::SourcesDisagree { words } => (false, words),
            Clock::Off(off) => {
                judged.is_off = true;
                judged.withhold(&off, now);
                (true, format!("unknown: {}. {}", off.reason(), off.words()))
            }
        };
        sum.hear(Heard { is_failure, text });
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
        let source = |(name, client): &(String, Client)| source(name, &client.last_date()?);
        let mut sources: Vec<Source> = self.0.iter().filter_map(source).collect();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        sources.dedup_by(|a, b| a.name == b.name);
        sources
    }
}

impl Judged<'_> {
    fn withhold(&mut self, off: &Off, now: Time) {
        let theirs = off.theirs(now);
        let stands = |certificate: &CertificateSeen| {
            clock::under_both(dates(certificate, now), &dates(certificate, theirs)).is_some()
        };
        let is_kept = |it: &Observation| it.certificate.as_ref().is_none_or(stands);
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

/// One alone proves nothing, and is told where it says otherwise.
fn lone(sources: &[Source]) -> Option<String> {
    let [Source { name, theirs, ours }] = sources else { return None };
    let seconds = theirs.seconds_since(*ours);
    (seconds.abs() > 300).then(|| {
        format!(
            "{name} says that it is {theirs}, and my clock said {ours}: one alone proves nothing, so mine stands. Compare this machine's clock."
        )
    })
}
