//! Who is at work on what is to be sent.

use std::time::Duration;

use crate::Error;
use crate::sql::{Sql, Value};

/// A table whose rows are taken, sent, and given back.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outbox {
    Deliveries,
    Notices,
}

impl Outbox {
    const fn table(self) -> &'static str {
        match self {
            Self::Deliveries => "deliveries",
            Self::Notices => "notices",
        }
    }
}

/// Takes a row for `lease`. A lease that ends later than one taken now would is from before the clock was set back.
pub(crate) fn claim(
    sql: &mut dyn Sql,
    of: Outbox,
    id: &str,
    lease: Duration,
) -> Result<bool, Error> {
    let (table, now) = (of.table(), sql.clock());
    let lease = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX / 4);
    let taken = sql.run(
        &format!(
            "UPDATE {table} SET leased_until = {now} + $1
             WHERE id = $2 AND is_over = 0
               AND (leased_until IS NULL OR leased_until <= {now} OR leased_until > {now} + $3)"
        ),
        &[Value::Number(lease), id.into(), Value::Number(lease)],
    )?;
    Ok(taken > 0)
}

pub(crate) fn release(sql: &mut dyn Sql, of: Outbox, id: &str) -> Result<(), Error> {
    let table = of.table();
    sql.run(&format!("UPDATE {table} SET leased_until = NULL WHERE id = $1"), &[id.into()])?;
    Ok(())
}
