//! What the database says when it does not do what it was asked.

use std::error::Error as StdError;

use certvigil_model::Foreign;
use postgres::error::{DbError, SqlState};
use thiserror::Error as ThisError;

use crate::Error;

/// What kind of failure ended a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Another transaction came between: the same work again may succeed.
    Again,
    /// The connection is gone.
    Lost,
    /// Anything else.
    Other,
}

impl Trouble {
    pub(super) fn of(error: &postgres::Error) -> Self {
        match error.code() {
            Some(&(SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED)) => {
                Self::Again
            }
            Some(code) if ends_a_connection(code.code()) => Self::Lost,
            Some(_) => Self::Other,
            None if error.is_closed() || is_of_the_network(error) => Self::Lost,
            None => Self::Other,
        }
    }
}

/// Class 08 is what the protocol says of connections; 57P01 to 57P05 and 25P03, for who was idle in a transaction, are
/// how a server ends one.
fn ends_a_connection(code: &str) -> bool {
    code.starts_with("08") || code.starts_with("57P") || code == "25P03"
}

fn is_of_the_network(error: &postgres::Error) -> bool {
    error.source().is_some_and(|source| source.is::<std::io::Error>())
}

/// The error of a statement that failed at `place`.
pub(super) fn failed(place: &str, statement: &str, error: &postgres::Error) -> (Trouble, Error) {
    let trouble = Trouble::of(error);
    let statement = shown(statement);
    let what = match trouble {
        Trouble::Lost => format!(
            "lost its connection at `{statement}`: nothing of this transaction was written; the next one connects anew"
        ),
        Trouble::Again => format!("could not do `{statement}` beside what others did"),
        Trouble::Other => format!("did not do `{statement}`"),
    };
    (trouble, of(place, what, error))
}

/// An error of ours with what the database said.
pub(super) fn of(place: &str, what: String, error: &postgres::Error) -> Error {
    Error::Failed { place: place.to_owned(), what, source: Box::new(Said::by(error)) }
}

/// An error of ours with a cause of ours.
pub(super) fn ours(place: &str, what: &str, why: String) -> Error {
    Error::Failed { place: place.to_owned(), what: what.to_owned(), source: Box::new(Said(why)) }
}

/// The beginning of a statement, which is ours: parameters are not in it.
fn shown(statement: &str) -> String {
    let words: Vec<_> = statement.split_whitespace().collect();
    Foreign::new(words.join(" ")).shown_within(60).to_string()
}

/// What the database or the network said, on a line, escaped: it may repeat what a server on the Internet has chosen.
#[derive(Debug, ThisError)]
#[error("{0}")]
struct Said(String);

impl Said {
    fn by(error: &postgres::Error) -> Self {
        if let Some(error) = error.as_db_error() {
            return Self(database_said(error));
        }
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        Self(Foreign::new(text).shown().to_string())
    }
}

fn database_said(error: &DbError) -> String {
    let line = |text: &str| Foreign::new(text).shown().to_string();
    let mut said = format!("{} (SQLSTATE {})", line(error.message()), error.code().code());
    for more in [error.detail(), error.hint()].into_iter().flatten() {
        said = format!("{said}; {}", line(more));
    }
    said
}
