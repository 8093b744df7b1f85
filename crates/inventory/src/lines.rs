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
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split('\n').zip(1..).filter_map(move |(line, number)| {
        let target = without_comment(line);
        let origin = Origin { file: file.to_owned(), line: number };
        (!target.is_empty()).then(|| parse(target, Some(origin), defaults))
    })
}

fn without_comment(line: &str) -> &str {
    let comment = line.char_indices().find(|&(at, c)| {
        c == '#' && line[..at].chars().next_back().is_none_or(|before| matches!(before, ' ' | '\t'))
    });
    line[..comment.map_or(line.len(), |(at, _)| at)].trim_matches([' ', '\t', '\r'])
}
