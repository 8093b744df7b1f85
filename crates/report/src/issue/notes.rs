//! The one issue in which runs without a store keep what they wait for.

use certvigil_model::{Document, Incident};

use super::body::key;
use super::todo::text;

/// What it is for, and that it is to be left alone. `notes` is the incident whose issue this is.
pub fn notes_body(notes: &Incident) -> Document {
    Document(vec![
        text(
            "Nothing is wrong. certvigil runs here without a store, and what it has to remember \
             between two runs stands in this issue's block of state.",
        ),
        text(
            "A certificate is rolled out over several addresses in some time, and until that is \
             over nobody is told that they differ. Since when they do is noted here, without a \
             comment; a difference that lasts gets an issue of its own.",
        ),
        text(
            "Leave it open: it is made once, and opened again when something has to be noted. A \
             run with a store does not need it.",
        ),
        key(notes),
    ])
}
