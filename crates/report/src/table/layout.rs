//! Text in columns of a terminal, where a character takes none, one or two.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns `text` takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// `text` followed by blanks up to `columns`; longer text stays as it is.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let blanks = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(blanks))
}

/// `text` in at most `columns`, its end replaced by `ellipsis` where it is longer; empty where
/// there is room for nothing else.
pub(crate) fn cut(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    match split(text, columns.saturating_sub(width(ellipsis))) {
        ("", _) => String::new(),
        (head, _) => format!("{head}{ellipsis}"),
    }
}

/// `text` in lines of at most `columns`, broken at blanks, and inside a word only where the word
/// is longer than a line. Never empty.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        add_word(&mut lines, word, columns.max(2));
    }
    lines
}

fn add_word(lines: &mut Vec<String>, word: &str, columns: usize) {
    if let Some(line) = lines.last_mut() {
        let gap = usize::from(!line.is_empty());
        if width(line) + gap + width(word) <= columns {
            line.push_str(&" "[..gap]);
            line.push_str(word);
            return;
        }
        if line.is_empty() {
            lines.pop();
        }
    }
    let mut rest = word;
    while !rest.is_empty() {
        let (head, tail) = split(rest, columns);
        lines.push(head.to_owned());
        rest = tail;
    }
}

/// The longest head of `text` that fits into `columns`, and what follows. A head is empty only
/// where not even one character fits into `columns`.
fn split(text: &str, columns: usize) -> (&str, &str) {
    let mut taken = 0;
    for (at, c) in text.char_indices() {
        taken += c.width().unwrap_or(0);
        if taken > columns {
            return text.split_at(at);
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_combining_characters_take_their_columns() {
        for (text, want) in [("abc", 3), ("例え", 4), ("e\u{301}", 1), ("", 0)] {
            assert_eq!(width(text), want, "{text}");
        }
        assert_eq!(pad("例", 4), "例  ");
        assert_eq!(pad("long", 2), "long");
    }

    #[test]
    fn what_is_cut_says_so_and_fits() {
        for (text, columns, want) in [
            ("abcdef", 6, "abcdef"),
            ("abcdef", 5, "abcd…"),
            ("例え例え", 7, "例え例…"),
            ("例え例え", 6, "例え…"),
        ] {
            assert_eq!(cut(text, columns, "…"), want);
            assert!(width(&cut(text, columns, "…")) <= columns);
        }
        assert_eq!(cut("abcdef", 5, "..."), "ab...");
    }

    #[test]
    fn lines_break_at_blanks_and_long_words_inside() {
        for (text, columns, want) in [
            ("one two three", 7, vec!["one two", "three"]),
            ("one", 10, vec!["one"]),
            ("", 10, vec![""]),
            ("abcdefgh", 3, vec!["abc", "def", "gh"]),
            ("a abcdefgh b", 3, vec!["a", "abc", "def", "gh", "b"]),
            ("例え例え", 3, vec!["例", "え", "例", "え"]),
        ] {
            assert_eq!(wrap(text, columns), want, "{text}");
        }
    }
}
