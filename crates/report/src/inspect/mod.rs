//! Words what files hold, a line for each certificate and for each file that holds none; and, in
//! full, what endpoints show.

mod machine;
mod portrait;
mod table;

use std::io::{self, Write};

use certvigil_model::{Fingerprint, Foreign, Outcome, Time};
use certvigil_x509::{Certificate, Defect, Facts, Reading};

use self::machine::{Document, Lines};
pub use self::portrait::{Anchor, Portrait};
use self::table::Table;
use crate::{Format, Style, TargetFinding};

/// One thing found in a file, or that nothing was.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// The file, as given.
    pub file: Foreign,
    /// Its place among what was found in the file, counted from 0.
    pub index: usize,
    /// Where in the file: `line 12`, `entry www`, `byte 0`.
    pub at: String,
    /// What was found.
    pub item: Item,
}

/// What was found in a file.
#[derive(Clone, Debug)]
pub enum Item {
    /// A certificate, well-formed or not.
    Certificate(Certificate),
    /// Something that should be a certificate, or hold one, and does not.
    Nothing(Defect),
    /// The file, or the key store, could not be read.
    Unread {
        /// Why, as a word: one of [`Outcome::is_ours`].
        outcome: Outcome,
        /// Why, in plain words.
        reason: String,
    },
}

impl Item {
    fn fingerprint(&self) -> Option<Fingerprint> {
        match self {
            Self::Certificate(certificate) => Some(certificate.fingerprint),
            Self::Nothing(_) | Self::Unread { .. } => None,
        }
    }

    /// What the bytes say, or why they say nothing.
    fn read(&self) -> Result<&Facts, Trouble<'_>> {
        match self {
            Self::Certificate(certificate) => match &certificate.reading {
                Reading::Facts(facts) => Ok(facts),
                Reading::Stalled(why) => Err(Trouble::Unread(Outcome::ReaderStalled, why)),
                Reading::Crashed(why) => Err(Trouble::Unread(Outcome::ReaderCrashed, why)),
                Reading::Local(why) => Err(Trouble::Unread(Outcome::Local, why)),
            },
            Self::Nothing(defect) => Err(Trouble::Defect(defect)),
            Self::Unread { outcome, reason } => Err(Trouble::Unread(*outcome, reason)),
        }
    }
}

/// Why nothing can be said.
enum Trouble<'a> {
    Defect(&'a Defect),
    Unread(Outcome, &'a str),
}

/// A wording of what files hold and endpoints show, in progress.
pub trait Inspection: Send {
    /// Takes the next thing found; those of one file come one after the other.
    ///
    /// # Errors
    /// What the writer says.
    fn item(&mut self, item: &Inspected) -> io::Result<()>;

    /// Takes the next endpoint; all of them come after the files.
    ///
    /// # Errors
    /// What the writer says.
    fn endpoint(&mut self, portrait: &Portrait) -> io::Result<()>;

    /// Takes what is said of all endpoints of a target, after the endpoints.
    ///
    /// # Errors
    /// What the writer says.
    fn target(&mut self, said: &TargetFinding) -> io::Result<()>;

    /// Ends the wording and flushes its writer.
    ///
    /// # Errors
    /// What the writer says.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Opens a wording of what files hold and endpoints show that goes to `out` as it comes; the table tells dates from
/// `now`.
///
/// # Errors
/// What the writer says, or that `format` is none of [`Format::OF_FILES`].
pub fn open_inspect(
    format: Format,
    out: Box<dyn Write + Send>,
    style: Style,
    now: Time,
) -> io::Result<Box<dyn Inspection>> {
    Ok(match format {
        Format::Table => Box::new(Table::new(out, style, now)),
        Format::Json => Box::new(Document::begin(out)?),
        Format::Ndjson => Box::new(Lines::new(out)),
        other => {
            let words = format!("there is no {other} of what files hold");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, words));
        }
    })
}
