//! What a tracker calls an issue, before it becomes a part of an address.

use certvigil_model::Foreign;
use serde::de::{Deserialize as _, Deserializer, Error as _};

/// Bytes of an id.
const MOST: usize = 100;

/// `text`, where it can be one part of a path and nothing else: letters, digits, `-`, `_`, `.` and `:`, and not only
/// dots. Addresses drop `..` and line ends without a word, and some servers undo the escape of a slash: what was asked
/// of one issue would be asked of something else.
///
/// # Errors
/// What it is instead.
pub(super) fn id(text: String) -> Result<String, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    let is_one = text.len() <= MOST && text.bytes().all(is_plain);
    if is_one && text.bytes().any(|byte| byte != b'.') {
        return Ok(text);
    }
    Err(format!("{} is no id of an issue", Foreign::new(text).shown_within(60)))
}

/// The same in a document.
///
/// # Errors
/// What it is instead.
pub(super) fn of_text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    id(String::deserialize(from)?).map_err(D::Error::custom)
}
