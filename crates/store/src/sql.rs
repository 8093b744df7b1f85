//! What a database is asked through. The statements are the same for both: parameters are `$1`, `$2` … in the order in
//! which they first stand in the statement, numbers are 64-bit integers, flags 0 or 1, moments milliseconds.

use certvigil_model::Time;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Null,
    Number(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl From<Time> for Value<'_> {
    fn from(time: Time) -> Self {
        Self::Number(time.millis())
    }
}

impl From<Option<Time>> for Value<'_> {
    fn from(time: Option<Time>) -> Self {
        time.map_or(Self::Null, Self::from)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::from)
    }
}

/// A column of a row that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// One open transaction of a database.
pub(crate) trait Sql {
    /// The database's file, or its address without a password, for errors.
    fn place(&self) -> &str;

    /// An expression: the database's own clock, in milliseconds since 1970, as a 64-bit integer.
    fn clock(&self) -> &'static str;

    /// What follows a SELECT so that nobody else writes its rows before this transaction ends; empty where nobody else
    /// can write anyway.
    fn for_update(&self) -> &'static str;

    /// Runs a statement; how many rows it wrote.
    fn run(&mut self, statement: &str, values: &[Value<'_>]) -> Result<u64, Error>;

    /// Runs a statement once for each row of values; a database across a network sends them together.
    fn run_each(&mut self, statement: &str, rows: &[Vec<Value<'_>>]) -> Result<(), Error> {
        rows.iter().try_for_each(|values| self.run(statement, values).map(|_| ()))
    }

    /// Runs several statements without parameters.
    fn run_script(&mut self, script: &str) -> Result<(), Error>;

    /// All rows that a statement gives.
    fn rows(&mut self, statement: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Error>;

    /// The first row that a statement gives.
    fn row(&mut self, statement: &str, values: &[Value<'_>]) -> Result<Option<Row>, Error> {
        Ok(self.rows(statement, values)?.into_iter().next())
    }
}

/// A row that was read; its columns are taken from the first to the last.
#[derive(Debug)]
pub(crate) struct Row {
    cells: std::vec::IntoIter<Cell>,
    place: String,
}

impl Row {
    pub(crate) fn new(cells: Vec<Cell>, place: &str) -> Self {
        Self { cells: cells.into_iter(), place: place.to_owned() }
    }

    /// The next column, which is a number.
    pub(crate) fn number(&mut self) -> Result<i64, Error> {
        match self.cells.next() {
            Some(Cell::Number(number)) => Ok(number),
            other => Err(self.wrong("a number", other.as_ref())),
        }
    }

    /// The next column, which counts something.
    pub(crate) fn count(&mut self) -> Result<u64, Error> {
        let number = self.number()?;
        u64::try_from(number)
            .map_err(|_| self.wrong("no negative number", Some(&Cell::Number(number))))
    }

    /// The next column, which is a moment.
    pub(crate) fn time(&mut self) -> Result<Time, Error> {
        self.number().map(Time::from_millis)
    }

    /// The next column, which is a moment or nothing.
    pub(crate) fn maybe_time(&mut self) -> Result<Option<Time>, Error> {
        match self.cells.next() {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Number(millis)) => Ok(Some(Time::from_millis(millis))),
            other => Err(self.wrong("a moment", other.as_ref())),
        }
    }

    /// The next column, which is text.
    pub(crate) fn text(&mut self) -> Result<String, Error> {
        match self.cells.next() {
            Some(Cell::Text(text)) => Ok(text),
            other => Err(self.wrong("text", other.as_ref())),
        }
    }

    /// The next column, which is bytes.
    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>, Error> {
        match self.cells.next() {
            Some(Cell::Bytes(bytes)) => Ok(bytes),
            other => Err(self.wrong("bytes", other.as_ref())),
        }
    }

    /// The next column, which is a SHA-256.
    pub(crate) fn sha256(&mut self) -> Result<certvigil_model::Fingerprint, Error> {
        let bytes = self.bytes()?;
        let sha256: Result<[u8; 32], _> = bytes.try_into();
        sha256.map(Into::into).map_err(|bytes| self.wrong("a SHA-256", Some(&Cell::Bytes(bytes))))
    }

    /// The next column, which is a document of ours.
    pub(crate) fn document<T: DeserializeOwned>(&mut self, what: &'static str) -> Result<T, Error> {
        let text = self.text()?;
        let unreadable = |error: serde_json::Error| Error::Unreadable {
            place: self.place.clone(),
            what,
            why: error.to_string(),
        };
        serde_json::from_str(&text).map_err(unreadable)
    }

    fn wrong(&self, wanted: &str, found: Option<&Cell>) -> Error {
        let kind = match found {
            None => "no column",
            Some(Cell::Null) => "nothing",
            Some(Cell::Number(_)) => "a number",
            Some(Cell::Text(_)) => "text",
            Some(Cell::Bytes(_)) => "bytes",
        };
        let why = format!("a column holds {kind} where there should be {wanted}");
        Error::Unreadable { place: self.place.clone(), what: "row", why }
    }
}

/// A document as it is stored: JSON text, which the database never parses.
pub(crate) fn document_text<T: Serialize>(
    place: &str,
    what: &'static str,
    document: &T,
) -> Result<String, Error> {
    serde_json::to_string(document).map_err(|error| Error::Unreadable {
        place: place.to_owned(),
        what,
        why: error.to_string(),
    })
}
