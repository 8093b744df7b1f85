//! IMAP (RFC 9051) and its STARTTLS command (section 6.2.1).

use certvigil_model::Ended;

use super::Talk;
use super::ends::{not_offered, refused, refused_command, turned_away};
use super::lines::begins_with;

pub(super) const GOODBYE: &[u8] = b"a3 LOGOUT\r\n";

/// A server without the capability is not asked (section 6.2.1).
pub(super) async fn start_tls(talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    greeted(talk).await?;
    let listed = Answer::to("a1", "CAPABILITY", talk).await?;
    if !listed.is_ok() {
        return Err(refused_command("CAPABILITY", &listed.words));
    }
    if !listed.has_starttls {
        return Err(not_offered("STARTTLS"));
    }
    match Answer::to("a2", "STARTTLS", talk).await? {
        answer if answer.is_ok() => Ok(()),
        refusal => Err(refused(&refusal.words)),
    }
}

/// `* OK`, `* PREAUTH` or `* BYE` (section 7.1). Who is logged in already, by whatever stands before
/// the server, can no longer change to TLS.
async fn greeted(talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    let line = talk.line().await?;
    match untagged(&line) {
        Some(text) if begins_with(text, b"OK") => Ok(()),
        Some(text) if begins_with(text, b"PREAUTH") || begins_with(text, b"BYE") => {
            Err(turned_away(text))
        }
        _ => Err(talk.stranger(&line)),
    }
}

/// The tagged answer to a command, and what it needs of the untagged ones before it.
struct Answer {
    words: Vec<u8>,
    has_starttls: bool,
}

impl Answer {
    async fn to(tag: &str, command: &str, talk: &mut Talk<'_, '_>) -> Result<Self, Ended> {
        talk.say(format!("{tag} {command}\r\n").as_bytes()).await?;
        let mut has_starttls = false;
        loop {
            let line = talk.line().await?;
            if let Some(words) = tagged(&line, tag) {
                return Ok(Self { words: words.to_vec(), has_starttls });
            }
            match untagged(&line) {
                Some(text) if begins_with(text, b"BYE") => return Err(turned_away(text)),
                Some(text) => has_starttls |= lists_starttls(text),
                None => return Err(talk.stranger(&line)),
            }
        }
    }

    fn is_ok(&self) -> bool {
        begins_with(&self.words, b"OK")
    }
}

fn untagged(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"* ")
}

fn tagged<'a>(line: &'a [u8], tag: &str) -> Option<&'a [u8]> {
    line.strip_prefix(tag.as_bytes())?.strip_prefix(b" ")
}

/// `CAPABILITY IMAP4rev2 STARTTLS …` (section 7.2.2).
fn lists_starttls(text: &[u8]) -> bool {
    let mut words = text.split(|byte| *byte == b' ');
    begins_with(text, b"CAPABILITY") && words.any(|word| word.eq_ignore_ascii_case(b"STARTTLS"))
}
