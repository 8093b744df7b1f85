//! Checks every chain of a store against itself, against what the others say of it, and against heads that were written
//! down elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use certvigil_model::Record;

use crate::journal::{Broken, Noted, Verifier};
use crate::tables::chains::HEADS_SEEN;
use crate::{Chained, Error, Head, Instance, Transaction};

/// Rows read at a time.
const PIECE: usize = 1000;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Every chain, in the order of their writers' identities.
    pub chains: Vec<AuditedChain>,
    /// Heads from elsewhere that no chain holds: it was written anew, or its end was cut off.
    pub missing: Vec<Noted>,
}

/// One chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditedChain {
    /// Whose.
    pub instance: Instance,
    /// Its last row, or the first thing that is wrong with it.
    pub outcome: Result<Option<Head>, Broken>,
}

impl Audit {
    /// Whether nothing was found to be wrong.
    pub fn is_sound(&self) -> bool {
        self.missing.is_empty() && self.chains.iter().all(|chain| chain.outcome.is_ok())
    }
}

/// Reads every chain twice: for what it says of the others, and to check it. `elsewhere` are heads that were written
/// down outside of the store.
///
/// # Errors
/// What the store meets. That a chain is broken is no error but an answer.
pub fn audit(transaction: &mut dyn Transaction, elsewhere: &[Noted]) -> Result<Audit, Error> {
    let heads = transaction.heads()?;
    let mut noted: BTreeMap<Instance, Vec<Noted>> = BTreeMap::new();
    for head in &heads {
        noted.entry(head.instance.clone()).or_default().push(head.into());
        each_row(transaction, &head.instance, &mut |row| witness(row, &mut noted))?;
    }
    let mut missing: BTreeSet<Noted> = elsewhere.iter().copied().collect();
    let mut chains = Vec::new();
    for (instance, noted) in noted {
        let mut checked = Ok(Verifier::new(&noted));
        each_row(transaction, &instance, &mut |row| {
            missing.remove(&Noted { sequence: row.sequence, hash: row.hash });
            if let Ok(verifier) = &mut checked
                && let Err(broken) = verifier.take(row)
            {
                checked = Err(broken);
            }
        })?;
        chains.push(AuditedChain { instance, outcome: checked.and_then(Verifier::finish) });
    }
    Ok(Audit { chains, missing: missing.into_iter().collect() })
}

/// What a row says of other chains' heads.
fn witness(row: &Chained, noted: &mut BTreeMap<Instance, Vec<Noted>>) {
    let record: Option<Record> = serde_json::from_str(&row.text).ok();
    for (instance, head) in
        record.filter(|record| record.kind == HEADS_SEEN).iter().flat_map(|seen| &seen.data)
    {
        if let Ok(head) = head.parse() {
            noted.entry(Instance(instance.clone())).or_default().push(head);
        }
    }
}

fn each_row(
    transaction: &mut dyn Transaction,
    instance: &Instance,
    take: &mut dyn FnMut(&Chained),
) -> Result<(), Error> {
    let mut first = 1;
    loop {
        let rows = transaction.journal(instance, first, PIECE)?;
        let Some(last) = rows.last() else { return Ok(()) };
        first = last.sequence + 1;
        rows.iter().for_each(&mut *take);
    }
}
