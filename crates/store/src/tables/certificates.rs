//! Certificates, each once.

use std::collections::{BTreeMap, BTreeSet};

use certvigil_model::{Fingerprint, Time};

use crate::Error;
use crate::sql::{Sql, Value};

const KEEP: &str = "INSERT INTO certificates (sha256, kept_at, der) VALUES ($1, $2, $3) ON CONFLICT (sha256) DO NOTHING";

/// So many are kept without a look at what is there.
const FEW: usize = 100;

/// Keeps `der`; whether it was new.
pub(crate) fn keep(sql: &mut dyn Sql, der: &[u8], now: Time) -> Result<bool, Error> {
    let sha256 = Fingerprint::of(der);
    let values = [Value::Bytes(sha256.bytes()), now.into(), Value::Bytes(der)];
    Ok(sql.run(KEEP, &values)? > 0)
}

/// Keeps all of `ders`; how many were new.
pub(crate) fn keep_all(sql: &mut dyn Sql, ders: &[&[u8]], now: Time) -> Result<u64, Error> {
    if ders.len() <= FEW {
        let kept = ders.iter().map(|der| keep(sql, der, now).map(u64::from));
        return kept.sum();
    }
    let rows = sql.rows("SELECT sha256 FROM certificates", &[])?;
    let known = rows.into_iter().map(|mut row| row.sha256()).collect::<Result<BTreeSet<_>, _>>()?;
    let mut new: BTreeMap<Fingerprint, &[u8]> =
        ders.iter().map(|der| (Fingerprint::of(der), *der)).collect();
    new.retain(|sha256, _| !known.contains(sha256));
    let values: Vec<_> = new
        .iter()
        .map(|(sha256, der)| vec![Value::Bytes(sha256.bytes()), now.into(), Value::Bytes(der)])
        .collect();
    sql.run_each(KEEP, &values)?;
    Ok(values.len() as u64)
}

pub(crate) fn get(sql: &mut dyn Sql, sha256: Fingerprint) -> Result<Option<Vec<u8>>, Error> {
    let row =
        sql.row("SELECT der FROM certificates WHERE sha256 = $1", &[Value::Bytes(sha256.bytes())])?;
    row.map(|mut row| row.bytes()).transpose()
}

/// Removes what was kept before `before` and is not in `named`; how many.
pub(crate) fn prune(
    sql: &mut dyn Sql,
    named: &BTreeSet<Fingerprint>,
    before: Time,
) -> Result<u64, Error> {
    let rows = sql.rows("SELECT sha256 FROM certificates WHERE kept_at < $1", &[before.into()])?;
    let old = rows.into_iter().map(|mut row| row.sha256()).collect::<Result<Vec<_>, _>>()?;
    let unnamed: Vec<_> = old.iter().filter(|sha256| !named.contains(sha256)).collect();
    let values: Vec<_> = unnamed.iter().map(|sha256| vec![Value::Bytes(sha256.bytes())]).collect();
    sql.run_each("DELETE FROM certificates WHERE sha256 = $1", &values)?;
    Ok(values.len() as u64)
}
