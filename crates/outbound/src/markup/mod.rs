//! Documents in the markup of whoever shows them. Words of ours keep their structure; what somebody else chose stands
//! where no renderer looks for markup, and can begin nothing: no command, mention, link or image.

pub mod adf;
pub(crate) mod html;
pub(crate) mod jira_wiki;
mod markdown;
mod plain;
mod textile;

use std::fmt::Write as _;

use certvigil_model::{Document, Foreign};

/// What a tracker reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markup {
    /// Text as it is: Request Tracker.
    Plain,
    /// CommonMark with GitHub's additions: GitHub, GitLab, Gitea, newer Redmines.
    Markdown,
    /// Redmine's Textile.
    Textile,
    /// The wiki markup of Jira Data Center.
    JiraWiki,
}

impl Markup {
    /// Writes `document`; the text ends without a line end.
    pub fn write(self, document: &Document) -> String {
        let text = match self {
            Self::Plain => plain::write(document),
            Self::Markdown => markdown::write(document),
            Self::Textile => textile::write(document),
            Self::JiraWiki => jira_wiki::write(document),
        };
        text.trim_end().to_owned()
    }
}

/// A title: one line of at most `limit` characters, shown by trackers without markup.
pub fn title(text: &str, limit: usize) -> String {
    Foreign::new(text).shown_within(limit.saturating_sub(1)).to_string()
}

/// Foreign text that can stand in a code span: one bounded line without backticks, and without an `@` that begins a
/// name: Redmine looks for mentions in the source, code spans included.
fn inert(text: &Foreign) -> String {
    let text = text.shown_within(LIMIT).to_string();
    let text = escaped(&text, |before, c| c == '`' || begins_mention(before, c));
    if text.trim().is_empty() { "-".to_owned() } else { text.trim().to_owned() }
}

/// Characters of one foreign text: a distinguished name with several attributes fits, a page does not.
const LIMIT: usize = 1000;

fn begins_mention(before: Option<char>, c: char) -> bool {
    c == '@' && !before.is_some_and(|before| before.is_ascii_alphanumeric())
}

/// The characters that `is_meant` picks as `\u{…}`, as control characters are shown.
fn escaped(text: &str, is_meant: impl Fn(Option<char>, char) -> bool) -> String {
    replaced(text, |before, c, out| {
        is_meant(before, c).then(|| write!(out, "\\u{{{:x}}}", u32::from(c))).is_some()
    })
}

/// Characters as `write` wrote them, or as they are where it says that it wrote nothing.
fn replaced(text: &str, write: impl Fn(Option<char>, char, &mut String) -> bool) -> String {
    let (mut out, mut before) = (String::with_capacity(text.len()), None);
    for c in text.chars() {
        if !write(before, c, &mut out) {
            out.push(c);
        }
        before = Some(c);
    }
    out
}

/// Words of ours as one line: they are no less likely to hold a name from the config.
fn line(text: &str) -> String {
    Foreign::new(text).shown_within(usize::MAX).to_string()
}

/// Words of ours where a mention would be one.
fn ours(text: &str) -> String {
    escaped(&line(text), begins_mention)
}

/// An address with nothing in it that any markup gives a meaning; none where it is no web address.
fn address(url: &str) -> Option<String> {
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return None;
    }
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'-' | b'.' | b'/' | b':' | b'?' | b'#' | b'&' | b'=' | b'%' | b'+' | b',' | b';' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    Some(out)
}
