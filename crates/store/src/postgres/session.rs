//! One open transaction of PostgreSQL.

use std::collections::HashMap;
use std::error::Error as StdError;

use bytes::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Statement};

use super::batch;
use super::trouble::{Trouble, failed};
use crate::Error;
use crate::sql::{Cell, Row, Sql, Value};

/// A connection and what it has learned.
pub(super) struct Connection {
    pub(super) client: Client,
    statements: HashMap<String, Statement>,
}

impl Connection {
    pub(super) fn new(client: Client) -> Self {
        Self { client, statements: HashMap::new() }
    }

    fn prepare(&mut self, statement: &str) -> Result<Statement, postgres::Error> {
        if let Some(known) = self.statements.get(statement) {
            return Ok(known.clone());
        }
        let prepared = self.client.prepare(statement)?;
        self.statements.insert(statement.to_owned(), prepared.clone());
        Ok(prepared)
    }
}

/// A transaction that has begun. The caller ends it.
pub(super) struct Session<'a> {
    connection: &'a mut Connection,
    place: &'a str,
    /// The first statement that failed: the database takes no more, whatever the work makes of it.
    trouble: &'a mut Option<Trouble>,
}

impl<'a> Session<'a> {
    pub(super) const fn new(
        connection: &'a mut Connection,
        place: &'a str,
        trouble: &'a mut Option<Trouble>,
    ) -> Self {
        Self { connection, place, trouble }
    }

    fn told<T>(&mut self, statement: &str, answer: Result<T, postgres::Error>) -> Result<T, Error> {
        answer.map_err(|error| {
            let (trouble, error) = failed(self.place, statement, &error);
            self.trouble.get_or_insert(trouble);
            error
        })
    }
}

impl Sql for Session<'_> {
    fn place(&self) -> &str {
        self.place
    }

    /// Not `now()`, which is when the transaction began: it may have waited for its turn since.
    fn clock(&self) -> &'static str {
        CLOCK
    }

    fn for_update(&self) -> &'static str {
        " FOR UPDATE"
    }

    fn run(&mut self, statement: &str, values: &[Value<'_>]) -> Result<u64, Error> {
        let answer = self
            .connection
            .prepare(statement)
            .and_then(|prepared| self.connection.client.execute(&prepared, &parameters(values)));
        self.told(statement, answer)
    }

    /// One statement for many rows, each column an array: a round trip for each row would cost more than all else.
    fn run_each(&mut self, statement: &str, rows: &[Vec<Value<'_>>]) -> Result<(), Error> {
        let prepared = self.connection.prepare(statement);
        let prepared = self.told(statement, prepared)?;
        let Some(whole) = batch::of(statement, prepared.params()) else {
            return rows.iter().try_for_each(|values| self.run(statement, values).map(|_| ()));
        };
        for rows in batch::pieces(rows) {
            let columns = batch::columns(rows, prepared.params().len());
            let values: Vec<_> =
                columns.iter().map(|column| column as &(dyn ToSql + Sync)).collect();
            let answer = self
                .connection
                .prepare(&whole)
                .and_then(|prepared| self.connection.client.execute(&prepared, &values));
            self.told(statement, answer)?;
        }
        Ok(())
    }

    fn run_script(&mut self, script: &str) -> Result<(), Error> {
        let answer = self.connection.client.batch_execute(script);
        self.told(script, answer)
    }

    fn rows(&mut self, statement: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        let answer = self
            .connection
            .prepare(statement)
            .and_then(|prepared| self.connection.client.query(&prepared, &parameters(values)))
            .and_then(|rows| rows.iter().map(cells).collect::<Result<Vec<_>, _>>());
        let rows = self.told(statement, answer)?;
        Ok(rows.into_iter().map(|cells| Row::new(cells, self.place)).collect())
    }
}

fn parameters<'a>(values: &'a [Value<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Number(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

/// The columns of a row. Ours have three types; another is read as none of them.
fn cells(row: &postgres::Row) -> Result<Vec<Cell>, postgres::Error> {
    let cell = |(number, column): (usize, &postgres::Column)| match *column.type_() {
        Type::INT8 => Ok(row.try_get::<_, Option<i64>>(number)?.map_or(Cell::Null, Cell::Number)),
        Type::BYTEA => {
            Ok(row.try_get::<_, Option<Vec<u8>>>(number)?.map_or(Cell::Null, Cell::Bytes))
        }
        _ => Ok(row.try_get::<_, Option<String>>(number)?.map_or(Cell::Null, Cell::Text)),
    };
    row.columns().iter().enumerate().map(cell).collect()
}

/// Milliseconds since 1970, by the clock of its machine.
pub(super) const CLOCK: &str = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
