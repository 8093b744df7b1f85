//! ManageSieve (RFC 5804) and its STARTTLS command (section 2.2).

use certvigil_model::Ended;

use super::Talk;
use super::ends::{not_offered, refused, turned_away};
use super::lines::begins_with;

pub(super) const GOODBYE: &[u8] = b"LOGOUT\r\n";

/// The server begins with the list of what it can do (section 1.7).
pub(super) async fn start_tls(talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    let greeting = Response::hear(talk).await?;
    if !greeting.is_ok() {
        return Err(turned_away(&greeting.words));
    }
    if !greeting.has_starttls {
        return Err(not_offered("STARTTLS"));
    }
    talk.say(b"STARTTLS\r\n").await?;
    match Response::hear(talk).await? {
        response if response.is_ok() => Ok(()),
        refusal => Err(refused(&refusal.words)),
    }
}

/// Lines of strings up to one that says OK, NO or BYE (section 1.2).
struct Response {
    words: Vec<u8>,
    has_starttls: bool,
}

impl Response {
    async fn hear(talk: &mut Talk<'_, '_>) -> Result<Self, Ended> {
        let mut has_starttls = false;
        loop {
            let line = line(talk).await?;
            if let Some(name) = quoted(&line) {
                has_starttls |= name.eq_ignore_ascii_case(b"STARTTLS");
            } else if [&b"OK"[..], b"NO", b"BYE"].iter().any(|word| begins_with(&line, word)) {
                return Ok(Self { words: line, has_starttls });
            } else {
                return Err(talk.stranger(&line));
            }
        }
    }

    fn is_ok(&self) -> bool {
        begins_with(&self.words, b"OK")
    }
}

/// A line, its literals written as quoted strings: a string may be either (section 4).
async fn line(talk: &mut Talk<'_, '_>) -> Result<Vec<u8>, Ended> {
    let mut line = talk.line().await?;
    while let Some((before, length)) = literal(&line) {
        let text = talk.exactly(length).await?;
        let rest = talk.line().await?;
        line = [before, b"\"", &text, b"\"", &rest].concat();
    }
    Ok(line)
}

/// What stands before a literal's length at the end of a line, and that length: `{12}` or `{12+}`.
fn literal(line: &[u8]) -> Option<(&[u8], usize)> {
    let inner = line.strip_suffix(b"}")?;
    let open = inner.iter().rposition(|byte| *byte == b'{')?;
    let digits = &inner[open + 1..];
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let length = str::from_utf8(digits).ok().filter(|_| is_number)?.parse().ok()?;
    Some((&line[..open], length))
}

/// The string that a line begins with; no capability's name has a quote or backslash in it.
fn quoted(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"\"")?;
    rest.split(|byte| *byte == b'"').next()
}
