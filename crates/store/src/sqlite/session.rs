//! One transaction of SQLite.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};

use crate::Error;
use crate::sql::{Cell, Row, Sql, Value};
use crate::sqlite::trouble::Trouble as _;

pub(super) struct Session<'a> {
    connection: &'a Connection,
    place: &'a str,
}

impl<'a> Session<'a> {
    /// `connection` is in a transaction.
    pub(super) const fn new(connection: &'a Connection, place: &'a str) -> Self {
        Self { connection, place }
    }

    /// SQLite numbers `$1`, `$2` … in the order in which they first stand in the statement.
    fn bound(
        &self,
        statement: &str,
        values: &[Value<'_>],
    ) -> Result<CachedStatement<'a>, rusqlite::Error> {
        let mut prepared = self.connection.prepare_cached(statement)?;
        for (index, value) in values.iter().enumerate() {
            prepared.raw_bind_parameter(index + 1, value)?;
        }
        Ok(prepared)
    }

    fn read(&self, statement: &str, values: &[Value<'_>]) -> Result<Vec<Row>, rusqlite::Error> {
        let mut prepared = self.bound(statement, values)?;
        let columns = prepared.column_count();
        let mut read = Vec::new();
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next()? {
            let cells = (0..columns).map(|column| row.get_ref(column).map(cell));
            read.push(Row::new(cells.collect::<Result<_, _>>()?, self.place));
        }
        Ok(read)
    }
}

impl Sql for Session<'_> {
    fn place(&self) -> &str {
        self.place
    }

    fn clock(&self) -> &'static str {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    }

    fn for_update(&self) -> &'static str {
        ""
    }

    fn run(&mut self, statement: &str, values: &[Value<'_>]) -> Result<u64, Error> {
        let run = || self.bound(statement, values)?.raw_execute();
        run().map(|rows| rows as u64).in_store(self.place)
    }

    fn run_script(&mut self, script: &str) -> Result<(), Error> {
        self.connection.execute_batch(script).in_store(self.place)
    }

    fn rows(&mut self, statement: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        self.read(statement, values).in_store(self.place)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Number(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Text that is not UTF-8 was not written here; it is shown as far as it is.
fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Number(number),
        ValueRef::Real(number) => Cell::Text(number.to_string()),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
    }
}
