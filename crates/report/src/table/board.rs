//! What a table keeps of a round while endpoints stream by: a bounded part, and counts of the rest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use certvigil_model::{Answer, Finding, Severity, Time, Verdict};

use super::block::{Block, Rank, graded};
use super::place::Place;
use crate::words::answered;
use crate::{EndpointLine, TargetFinding};

/// The worst of each kind, the healthy endpoints that end soonest, one example of each note.
#[derive(Debug, Default)]
pub(crate) struct Board {
    groups: BTreeMap<(Reverse<Verdict>, &'static str), Group>,
    pub(crate) healthy: BTreeSet<(Time, Place)>,
    pub(crate) healthy_total: u64,
    pub(crate) notes: BTreeMap<&'static str, Note>,
    /// What ends first.
    pub(crate) accepted: BTreeSet<Accepted>,
    sequence: usize,
}

/// Everything of one verdict whose worst finding has the same id: what one kind of trouble has in
/// plenty takes no other kind's room.
#[derive(Debug, Default)]
pub(crate) struct Group {
    blocks: BTreeMap<Rank, Block>,
    /// Places whose block found no room.
    pub(crate) more: u64,
}

/// What is worth knowing and reddens nothing: told once, with its count.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) place: Place,
    pub(crate) total: u64,
}

/// What somebody answers for, in the order in which it ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Accepted {
    until: Time,
    pub(crate) id: &'static str,
    pub(crate) place: Place,
    pub(crate) message: String,
    pub(crate) answer: String,
}

impl Board {
    /// Healthy endpoints that are kept.
    const HEALTHY: usize = 20;
    /// Accepted findings that are kept.
    const ACCEPTED: usize = 20;

    /// Takes the next endpoint; dates are told from `now`.
    pub(crate) fn endpoint(&mut self, line: &EndpointLine, now: Time) {
        for finding in &line.judgement.findings {
            if let Some(answer) = &finding.accepted {
                self.accept(finding, answer, line.into());
            } else if finding.severity == Severity::Info {
                self.note(finding, || line.into());
            }
        }
        let verdict = line.verdict();
        let Some(worst) = graded(line).next() else { return self.healthy(line) };
        let group = self.group(verdict, worst.id);
        let block = || Block::begin(line, now);
        group.blocks.entry(Rank::of_endpoint(line)).or_insert_with(block).add(line);
        group.shed();
    }

    /// Takes what is said of targets or of the round.
    pub(crate) fn targets(&mut self, said: &TargetFinding) {
        let finding = &said.finding;
        let place = || match said.targets.first() {
            Some(target) => Place::of_target(target),
            None => Place::of_round(),
        };
        if let Some(answer) = &finding.accepted {
            return self.accept(finding, answer, place());
        }
        if finding.severity == Severity::Info {
            return self.note(finding, place);
        }
        self.sequence += 1;
        let rank = Rank::of_targets(said, self.sequence);
        let group = self.group(finding.severity.into(), finding.id);
        group.blocks.insert(rank, Block::of_targets(said));
        group.shed();
    }

    /// Worst first, then what ends first.
    pub(crate) fn groups(&self) -> Vec<(Verdict, &'static str, &Group)> {
        let mut groups: Vec<_> =
            self.groups.iter().map(|((verdict, id), group)| (verdict.0, *id, group)).collect();
        let moment = |group: &Group| group.blocks.keys().next().map(Rank::moment);
        groups.sort_by_key(|(verdict, _, group)| (Reverse(*verdict), moment(group)));
        groups
    }

    /// There are no more of them than rules.
    fn group(&mut self, verdict: Verdict, id: &'static str) -> &mut Group {
        self.groups.entry((Reverse(verdict), id)).or_default()
    }

    fn healthy(&mut self, line: &EndpointLine) {
        self.healthy_total += 1;
        let end_entity = line.end_entity().and_then(certvigil_x509::Certificate::facts);
        let not_after = end_entity.and_then(|facts| facts.not_after.as_ref().ok().copied());
        let ends = line.judgement.effective_expiry.or(not_after);
        self.healthy.insert((ends.unwrap_or(Time::NO_SET_EXPIRY), line.into()));
        if self.healthy.len() > Self::HEALTHY {
            self.healthy.pop_last();
        }
    }

    fn accept(&mut self, finding: &Finding, answer: &Answer, place: Place) {
        self.accepted.insert(Accepted {
            until: answer.until,
            id: finding.id,
            place,
            message: finding.message.clone(),
            answer: answered(answer),
        });
        if self.accepted.len() > Self::ACCEPTED {
            self.accepted.pop_last();
        }
    }

    fn note(&mut self, finding: &Finding, place: impl FnOnce() -> Place) {
        if let Some(note) = self.notes.get_mut(finding.id) {
            note.total += 1;
        } else {
            let Finding { message, hint, .. } = finding.clone();
            self.notes.insert(finding.id, Note { message, hint, place: place(), total: 1 });
        }
    }
}

impl Group {
    /// Blocks that are kept of one group.
    const BLOCKS: usize = 100;

    /// What ends first comes first, then what shows at most places.
    pub(crate) fn blocks(&self) -> Vec<(&Rank, &Block)> {
        let mut blocks: Vec<_> = self.blocks.iter().collect();
        blocks.sort_by_key(|(rank, block)| (rank.moment(), Reverse(block.total)));
        blocks
    }

    /// Gives up the block that ends last once there are too many. As a block's rank never
    /// changes, a later place of the same block is given up in its turn, and counted.
    fn shed(&mut self) {
        if self.blocks.len() > Self::BLOCKS
            && let Some((_, block)) = self.blocks.pop_last()
        {
            self.more += block.total;
        }
    }
}
