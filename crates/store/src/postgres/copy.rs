//! Copies of a store, and back: a file of SQL that psql reads, too.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use certvigil_doors::database_file::Making;
use certvigil_model::Time;
use postgres::{Client, IsolationLevel, Transaction};

use super::address::Address;
use super::connect::{SCHEMA, connect};
use super::session::Session;
use super::steps::MIGRATIONS;
use super::trouble::{failed, ours};
use crate::migrate::{self, Migration};
use crate::sql::Sql as _;
use crate::tables::documents;
use crate::{Backup, Error, Restored, Size, copies};

/// The first line of a backup, by which it is told from other files.
const FIRST_LINE: &str = "-- certvigil backup 1: psql -f restores it into a database without one";

/// Copies all tables, as they are at one moment, into a new file in `folder`. The copy is marked as one.
pub(super) fn backup(
    client: &mut Client,
    place: &str,
    folder: &Path,
    now: Time,
) -> Result<Backup, Error> {
    let path = copies::free(folder, &format!("certvigil.{}.backup.sql", copies::compact(now)));
    let not_made = |error: io::Error| not_made(place, &path, error);
    let making = Making::begin(&path).map_err(not_made)?;
    let file = OpenOptions::new().write(true).open(making.path()).map_err(not_made)?;
    write_to(client, place, BufWriter::new(file), now).map_err(|error| match error {
        Broken::Database(statement, error) => failed(place, &statement, &error).1,
        Broken::File(error) => not_made(error),
        Broken::Ours(error) => error,
    })?;
    let bytes = making.finish().map_err(not_made)?;
    Ok(Backup { path, bytes })
}

/// Makes a store out of a backup in the database at `url`, which has none. Whoever opens it next finds it marked as
/// [`Restored`].
///
/// # Errors
/// The file is no backup or not whole, or the database holds a store.
pub fn restore(backup: &Path, url: &str) -> Result<(), Error> {
    let address = Address::read(url)?;
    let place = &address.place;
    let unreadable = |error: io::Error| {
        let what = format!("cannot be made out of {}", backup.display());
        Error::Failed { place: place.clone(), what, source: Box::new(error) }
    };
    let mut lines = BufReader::new(File::open(backup).map_err(unreadable)?);
    let mut first = String::new();
    lines.read_line(&mut first).map_err(unreadable)?;
    if first.trim_end() != FIRST_LINE {
        let why = format!("{} is no backup of a certvigil in PostgreSQL", backup.display());
        return Err(ours(place, "was not restored", why));
    }
    let mut connection = connect(&address)?;
    read_from(&mut connection.client, &mut lines).map_err(|error| match error {
        Broken::Database(statement, error) => failed(place, &statement, &error).1,
        Broken::File(error) => unreadable(error),
        Broken::Ours(error) => error,
    })
}

/// Rows and bytes by table.
pub(super) fn sizes(client: &mut Client, place: &str) -> Result<Vec<Size>, Error> {
    const BYTES: &str = "SELECT c.relname::text, pg_total_relation_size(c.oid) FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname::text = $1 AND c.relkind = 'r' ORDER BY c.relname";
    let told = |statement: &str, error: postgres::Error| failed(place, statement, &error).1;
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    let tables = client.query(BYTES, &[&SCHEMA]).map_err(|error| told(BYTES, error))?;
    let mut sizes = Vec::new();
    for row in tables {
        let table: String = row.try_get(0).map_err(|error| told(BYTES, error))?;
        let bytes = number(row.try_get(1).map_err(|error| told(BYTES, error))?);
        // The name is one of this database's own.
        let count = format!("SELECT COUNT(*) FROM {SCHEMA}.{table}");
        let rows = client.query_one(&count, &[]).and_then(|row| row.try_get(0));
        let rows = number(rows.map_err(|error| told(&count, error))?);
        sizes.push(Size { table, rows, bytes });
    }
    Ok(sizes)
}

/// Copies all tables into a schema of their own, in the transaction that then changes them: the copy is there if and
/// only if the change is. A file could be made only by whoever may read all of the database's own folder. The copy is a
/// whole store, marked as one that was restored: renamed to the schema's name it is one again.
pub(super) fn before_migration(
    session: &mut Session<'_>,
    next: &Migration,
    now: Time,
) -> Result<(), Error> {
    let copy = format!("{SCHEMA}_backup_{}", next.number);
    session.run_script(&format!("CREATE SCHEMA {copy}"))?;
    let rows = session.rows(COLUMNS, &[SCHEMA.into()])?;
    let columns = rows.into_iter().map(|mut row| {
        Ok((row.text()?, Column { name: row.text()?, is_counted: row.text()? == "YES" }))
    });
    for (table, columns) in by_table(columns.collect::<Result<Vec<_>, Error>>()?) {
        let (from, to) = (format!("{SCHEMA}.{table}"), format!("{copy}.{table}"));
        session.run_script(&format!("CREATE TABLE {to} (LIKE {from} INCLUDING ALL)"))?;
        session.run_script(&format!(
            "INSERT INTO {to} OVERRIDING SYSTEM VALUE SELECT * FROM {from}"
        ))?;
        for column in columns.iter().filter(|column| column.is_counted) {
            session.run_script(&count_on(&to, column))?;
        }
    }
    mark(session, &copy, now)
}

fn mark(session: &mut Session<'_>, schema: &str, now: Time) -> Result<(), Error> {
    let mark = Restored { at: now, from: session.place().to_owned() }.text(session.place())?;
    let mark = documents::as_kept(session.place(), &mark)?;
    let statement = format!(
        "INSERT INTO {schema}.documents (name, document) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET document = excluded.document"
    );
    session.run(&statement, &[Restored::NAME.into(), mark.as_str().into()])?;
    session.run_script(&format!("UPDATE {schema}.instances SET home = ''"))
}

/// What went wrong on the way between a database and a file.
enum Broken {
    Database(String, postgres::Error),
    File(io::Error),
    Ours(Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

fn at(statement: &str) -> impl FnOnce(postgres::Error) -> Broken + use<> {
    let statement = statement.to_owned();
    |error| Broken::Database(statement, error)
}

fn write_to(
    client: &mut Client,
    place: &str,
    mut file: BufWriter<File>,
    now: Time,
) -> Result<(), Broken> {
    let mut moment = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .map_err(at("BEGIN"))?;
    writeln!(file, "{FIRST_LINE}\nBEGIN;\nCREATE SCHEMA {SCHEMA};")?;
    writeln!(file, "SET LOCAL search_path TO {SCHEMA}, pg_catalog;")?;
    writeln!(file, "SET LOCAL standard_conforming_strings = on;")?;
    let steps = MIGRATIONS.iter().map(|step| step.script);
    for script in std::iter::once(migrate::TABLE).chain(steps) {
        writeln!(file, "{script};")?;
    }
    for (table, columns) in tables(&mut moment)? {
        write_table(&mut moment, &mut file, &table, &columns)?;
    }
    let mark = Restored { at: now, from: place.to_owned() }.text(place).map_err(Broken::Ours)?;
    let mark = documents::as_kept(place, &mark).map_err(Broken::Ours)?.replace('\'', "''");
    writeln!(
        file,
        "INSERT INTO documents (name, document) VALUES ('{}', '{mark}')",
        Restored::NAME
    )?;
    writeln!(file, "    ON CONFLICT (name) DO UPDATE SET document = excluded.document;")?;
    writeln!(file, "UPDATE instances SET home = '';\nCOMMIT;")?;
    file.flush()?;
    Ok(())
}

struct Column {
    name: String,
    /// The database numbers it.
    is_counted: bool,
}

const COLUMNS: &str = "SELECT table_name::text, column_name::text, is_identity::text
    FROM information_schema.columns WHERE table_schema::text = $1 ORDER BY table_name, ordinal_position";

fn tables(moment: &mut Transaction<'_>) -> Result<Vec<(String, Vec<Column>)>, Broken> {
    let rows = moment.query(COLUMNS, &[&SCHEMA]).map_err(at(COLUMNS))?;
    let column = |row: &postgres::Row| {
        let is_counted = row.try_get::<_, String>(2)? == "YES";
        Ok((row.try_get(0)?, Column { name: row.try_get(1)?, is_counted }))
    };
    let columns: Result<Vec<_>, postgres::Error> = rows.iter().map(column).collect();
    Ok(by_table(columns.map_err(at(COLUMNS))?))
}

fn by_table(columns: Vec<(String, Column)>) -> Vec<(String, Vec<Column>)> {
    let mut tables: Vec<(String, Vec<Column>)> = Vec::new();
    for (table, column) in columns {
        match tables.last_mut().filter(|(last, _)| *last == table) {
            Some((_, columns)) => columns.push(column),
            None => tables.push((table, vec![column])),
        }
    }
    tables
}

/// A statement after which the database numbers on behind the rows that are there.
fn count_on(table: &str, Column { name, .. }: &Column) -> String {
    format!(
        "SELECT setval(pg_get_serial_sequence('{table}', '{name}'), COALESCE(MAX({name}) + 1, 1), false) FROM {table}"
    )
}

fn write_table(
    moment: &mut Transaction<'_>,
    file: &mut BufWriter<File>,
    table: &str,
    columns: &[Column],
) -> Result<(), Broken> {
    let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
    let what = format!("{SCHEMA}.{table} ({})", names.join(", "));
    let statement = format!("COPY {what} TO STDOUT");
    writeln!(file, "COPY {what} {FROM}")?;
    let mut rows = moment.copy_out(&statement).map_err(at(&statement))?;
    io::copy(&mut rows, file)?;
    writeln!(file, "{END}")?;
    for column in columns.iter().filter(|column| column.is_counted) {
        writeln!(file, "{};", count_on(&format!("{SCHEMA}.{table}"), column))?;
    }
    Ok(())
}

const FROM: &str = "FROM stdin;";
/// What psql takes for the end of a table's rows.
const END: &str = "\\.";

/// Runs the statements, and copies the rows between `COPY … FROM stdin;` and `\.`. All of it is one transaction: a file
/// that was cut off has no COMMIT.
fn read_from(client: &mut Client, lines: &mut impl BufRead) -> Result<(), Broken> {
    let mut script = String::new();
    let mut line = String::new();
    let mut is_whole = false;
    while lines.read_line(&mut line)? > 0 {
        let text = line.trim_end();
        if text.starts_with("COPY ") && text.ends_with(FROM) {
            client.batch_execute(&script).map_err(at(&script))?;
            script.clear();
            let mut rows = client.copy_in(text).map_err(at(text))?;
            copy_rows(lines, &mut rows)?;
            rows.finish().map_err(at(text))?;
        } else {
            is_whole = text == "COMMIT;";
            script.push_str(&line);
        }
        line.clear();
    }
    if !is_whole {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file was cut off").into());
    }
    client.batch_execute(&script).map_err(at(&script))
}

fn copy_rows(lines: &mut impl BufRead, rows: &mut impl Write) -> Result<(), Broken> {
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        if line.trim_ascii_end() == END.as_bytes() {
            return Ok(());
        }
        rows.write_all(&line)?;
        line.clear();
    }
    Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file was cut off").into())
}

fn not_made(place: &str, path: &Path, error: io::Error) -> Error {
    let what = format!("was not copied to {}", path.display());
    Error::Failed { place: place.to_owned(), what, source: Box::new(error) }
}
