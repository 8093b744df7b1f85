//! A round over one target, as a plugin words it.

use std::cmp::Reverse;

use certvigil_model::{Finding, Outcome, Severity, Thresholds, Time, Verdict};

use super::{Measured, Printed, State};
use crate::table::proof;
use crate::words::moment;
use crate::{Closed, EndpointLine, TargetFinding};

/// A round over one target that is over.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    /// The target as it was asked for.
    pub target: &'a str,
    /// All of its endpoints.
    pub lines: &'a [EndpointLine],
    /// What is said of the target as a whole.
    pub said: &'a [TargetFinding],
    /// How the round closed.
    pub closed: &'a Closed,
    /// The thresholds asked for, if any; they go with the figures.
    pub thresholds: Option<Thresholds>,
}

/// Words the round. The state is never [`State::Ok`] where anything could not be judged: what the
/// other side did is critical, as it is to the plugins of the Monitoring Plugins project, and what
/// we did is unknown.
pub fn word(checked: &Checked<'_>) -> Printed {
    Printed {
        state: checked.state(),
        status: format!("{}: {}", checked.target, checked.status()),
        measured: checked.measured(),
        more: checked.more(),
    }
}

impl Checked<'_> {
    fn state(&self) -> State {
        let lines = self.lines.iter().map(state_of);
        let said = self.findings_of_targets().map(|finding| state(finding.severity));
        let least = if self.is_whole() { State::Ok } else { State::Unknown };
        lines.chain(said).fold(least, Ord::max)
    }

    fn is_whole(&self) -> bool {
        self.closed.complete() && !self.lines.is_empty()
    }

    fn status(&self) -> String {
        let mut findings: Vec<_> = self.findings().map(|(_, finding)| finding).collect();
        findings.sort_by_key(|finding| Reverse(finding.severity));
        match findings.as_slice() {
            [] if !self.is_whole() => "the round was not completed".to_owned(),
            [] => self.good(),
            [worst] => worst.message.clone(),
            [worst, others @ ..] => format!("{} (and {} more)", worst.message, others.len()),
        }
    }

    fn good(&self) -> String {
        let ends = self.ends().map(|ends| format!("valid to {}", moment(ends, self.now())));
        let ends = ends.unwrap_or_else(|| "nothing to find fault with".to_owned());
        match self.lines.len() {
            1 => ends,
            count => format!("{ends} at the earliest of {count} endpoints"),
        }
    }

    fn measured(&self) -> Vec<Measured> {
        let days = |seconds: i64| seconds.div_euclid(86_400);
        let warning = self.thresholds.map(|limits| days(limits.warning_seconds));
        let critical = self.thresholds.map(|limits| days(limits.critical_seconds));
        let left = self.ends().map(|ends| days(ends.seconds_since(self.now())));
        let left = left.map(|left| Measured {
            label: "days_chain_elem1",
            value: left.to_string(),
            warning,
            critical,
        });
        let took = self.lines.iter().map(|line| line.capture.elapsed).max();
        let took = took.map(|took| Measured {
            label: "time",
            value: format!("{:.6}s", took.as_secs_f64()),
            warning: None,
            critical: None,
        });
        left.into_iter().chain(took).collect()
    }

    /// Every finding that counts, with its hint; then what each endpoint showed.
    fn more(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (place, finding) in self.findings() {
            let severity = state(finding.severity).word().to_lowercase();
            lines.push(format!("[{severity}] {} at {place}: {}", finding.id, finding.message));
            lines.extend(finding.hint.iter().map(|hint| format!("  do: {hint}")));
        }
        for line in self.lines {
            let proof = proof(line, self.now());
            let proof: Vec<_> =
                proof.into_iter().map(|(label, words)| format!("{label} {words}")).collect();
            if !proof.is_empty() {
                lines.push(format!("{}: {}", place(line), proof.join("; ")));
            }
        }
        lines
    }

    fn findings(&self) -> impl Iterator<Item = (String, &Finding)> {
        let of_lines = self.lines.iter().flat_map(|line| {
            line.judgement.findings.iter().map(move |finding| (place(line), finding))
        });
        let of_targets = self.findings_of_targets();
        let of_targets = of_targets.map(|finding| (self.target.to_owned(), finding));
        of_lines
            .chain(of_targets)
            .filter(|(_, finding)| finding.severity > Severity::Info && finding.accepted.is_none())
    }

    fn findings_of_targets(&self) -> impl Iterator<Item = &Finding> {
        let all = self.said.iter().chain(&self.closed.findings);
        all.map(|said| &said.finding).filter(|finding| finding.accepted.is_none())
    }

    /// When the first of the certificates that clients get ends.
    fn ends(&self) -> Option<Time> {
        let facts = self.lines.iter().filter_map(|line| line.end_entity()?.facts());
        facts.filter_map(|facts| facts.not_after.as_ref().ok().copied()).min()
    }

    fn now(&self) -> Time {
        self.closed.judged_at.unwrap_or(self.closed.finished_at)
    }
}

fn state_of(line: &EndpointLine) -> State {
    let outcome = line.capture.ended.outcome;
    match line.verdict() {
        Verdict::Ok => State::Ok,
        Verdict::Warning => State::Warning,
        Verdict::Unknown if outcome.is_ours() || outcome == Outcome::InvalidTarget => {
            State::Unknown
        }
        Verdict::Unknown | Verdict::Critical => State::Critical,
    }
}

const fn state(severity: Severity) -> State {
    match severity {
        Severity::Info => State::Ok,
        Severity::Warning => State::Warning,
        Severity::Unknown => State::Unknown,
        Severity::Critical => State::Critical,
    }
}

fn place(line: &EndpointLine) -> String {
    let address = line.endpoint.place();
    address.unwrap_or_else(|| line.endpoint.host_port.clone())
}
