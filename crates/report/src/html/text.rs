//! Text on the page. Nothing reaches it but through here.

use std::fmt::{self, Write as _};

use certvigil_model::{Foreign, is_unsafe_to_show};

/// One line of text, between tags or in a quoted attribute.
#[derive(Clone, Copy)]
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                _ if is_unsafe_to_show(c) || is_noncharacter(c) => {
                    write!(f, "\\u{{{:x}}}", u32::from(c))?;
                }
                _ => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// What is an error in HTML.
fn is_noncharacter(c: char) -> bool {
    u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c)
}

/// Text that somebody else chose, between tags: it stands apart, so that letters that run from
/// right to left do not turn what is beside them.
#[derive(Clone, Copy)]
pub(super) struct Apart<'a>(pub(super) &'a str);

impl fmt::Display for Apart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "<bdi>{}</bdi>", Text(self.0)) }
    }
}

/// A target by its name, bounded.
pub(super) fn name(targets: &[Foreign]) -> String {
    targets.first().map_or_else(|| "this round".to_owned(), |target| target.shown().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_its_place() {
        for (given, want) in [
            ("www.example.org", "www.example.org"),
            ("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
            ("\" onload=\"x", "&quot; onload=&quot;x"),
            ("&lt;", "&amp;lt;"),
            ("a\n\u{202e}b\0", "a\\u{a}\\u{202e}b\\u{0}"),
            ("\u{fffe}\u{1ffff}\u{fdd0}", "\\u{fffe}\\u{1ffff}\\u{fdd0}"),
            ("例え", "例え"),
        ] {
            assert_eq!(Text(given).to_string(), want);
        }
        assert_eq!(Apart("</bdi>").to_string(), "<bdi>&lt;/bdi&gt;</bdi>");
    }
}
