//! The mark of a store that may be behind what was done since.

use certvigil_model::Time;
use serde::{Deserialize, Serialize};

use crate::sql::document_text;
use crate::{Error, Transaction};

/// This store came out of a backup, or was copied or moved: others may have acted since. Whoever opens it only observes
/// until every open delivery has been compared with its tracker, and then takes the mark off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// When the copy was made or found.
    pub at: Time,
    /// Where the store stood before.
    pub from: String,
}

impl Restored {
    /// The document's name.
    pub const NAME: &str = "restored";

    /// The mark, where the store has it.
    ///
    /// # Errors
    /// What the store meets. A mark that cannot be read is one, of an unknown time and place.
    pub fn read(transaction: &mut dyn Transaction) -> Result<Option<Self>, Error> {
        Ok(transaction.document(Self::NAME)?.map(|text| Self::from_text(&text)))
    }

    /// Takes the mark off: every open delivery has been reconciled.
    ///
    /// # Errors
    /// What the store meets.
    pub fn reconciled(transaction: &mut dyn Transaction) -> Result<(), Error> {
        transaction.remove_document(Self::NAME)
    }

    pub(crate) fn from_text(text: &str) -> Self {
        let unknown = || Self { at: Time::FIRST, from: "unknown".to_owned() };
        serde_json::from_str(text).unwrap_or_else(|_| unknown())
    }

    pub(crate) fn text(&self, place: &str) -> Result<String, Error> {
        document_text(place, "mark", self)
    }
}
