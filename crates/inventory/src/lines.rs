//! A whole list, one target a line.

use certvigil_model::Origin;

use crate::{Defaults, Listed, parse};

/// Reads the list `text` line by line, as it is asked for; `file` is its name in every origin.
///
/// Blank lines are skipped, and so is what follows a `#` at the start of a line or after a blank.
/// A line that is no target is one [`Listed`] with its fault, and costs no other line anything.
pub fn lines<'a>(
    text: &'a str,
    file: &'a str,
    defaults: &'a Defaults,
) -> impl Iterator<Item = Listed> + 'a {
    numbered(text).map(move |(target, line)| {
        parse(target, Some(Origin { file: file.to_owned(), line }), defaults)
    })
}

/// What stands in each line that is not blank, and the line's number.
pub(crate) fn numbered(text: &str) -> impl Iterator<Item = (&str, u32)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.split('\n').zip(1..).map(|(line, number)| (without_comment(line), number));
    lines.filter(|(target, _)| !target.is_empty())
}

fn without_comment(line: &str) -> &str {
    let comment = line.char_indices().find(|&(at, c)| {
        c == '#' && line[..at].chars().next_back().is_none_or(|before| matches!(before, ' ' | '\t'))
    });
    line[..comment.map_or(line.len(), |(at, _)| at)].trim_matches([' ', '\t', '\r'])
}
