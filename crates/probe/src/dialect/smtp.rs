//! SMTP (RFC 5321) and its change to TLS (RFC 3207).

use certvigil_model::Ended;

use super::Talk;
use super::ends::{not_offered, refused, refused_command, turned_away};
use super::lines::{begins_with, code};

/// A server without the extension is not asked for it: RFC 3207 section 4 has clients look first.
pub(super) async fn start_tls(talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    greeted_by("EHLO", talk).await
}

/// The same for all whose client greets by `hello`.
pub(super) async fn greeted_by(hello: &str, talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    let greeting = Reply::hear(talk).await?;
    if greeting.code != SERVICE_READY {
        return Err(turned_away(&greeting.words()));
    }
    let words = format!("{hello} {}\r\n", talk.ehlo_name());
    talk.say(words.as_bytes()).await?;
    let extensions = Reply::hear(talk).await?;
    if extensions.code != COMPLETED {
        return Err(refused_command(hello, &extensions.words()));
    }
    if !extensions.has_keyword(b"STARTTLS") {
        return Err(not_offered("STARTTLS"));
    }
    talk.say(b"STARTTLS\r\n").await?;
    match Reply::hear(talk).await? {
        Reply { code: SERVICE_READY, .. } => Ok(()),
        refusal => Err(refused(&refusal.words())),
    }
}

/// RFC 5321 section 4.2.2.
const SERVICE_READY: u16 = 220;
const COMPLETED: u16 = 250;

/// All lines of a reply (RFC 5321 section 4.2.1): `250-first`, `250-second`, `250 last`.
struct Reply {
    code: u16,
    lines: Vec<Vec<u8>>,
}

impl Reply {
    async fn hear(talk: &mut Talk<'_, '_>) -> Result<Self, Ended> {
        let mut lines = Vec::new();
        loop {
            let line = talk.line().await?;
            let Some(Line { code, is_last, text }) = Line::read(&line) else {
                return Err(talk.stranger(&line));
            };
            lines.push(text.to_vec());
            if is_last {
                return Ok(Self { code, lines });
            }
        }
    }

    /// The first line says what the server is, the others what it can do (RFC 5321 section 4.1.1.1).
    fn has_keyword(&self, keyword: &[u8]) -> bool {
        self.lines.iter().skip(1).any(|line| begins_with(line, keyword))
    }

    /// As the server wrote it, in one line.
    fn words(&self) -> Vec<u8> {
        let text = self.lines.join(&b' ');
        [self.code.to_string().as_bytes(), b" ", &text].concat()
    }
}

/// One line of a reply.
struct Line<'a> {
    code: u16,
    is_last: bool,
    text: &'a [u8],
}

impl<'a> Line<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let (code, rest) = code(line)?;
        let (is_last, text) = match rest {
            [] => (true, rest),
            [b' ', text @ ..] => (true, text),
            [b'-', text @ ..] => (false, text),
            _ => return None,
        };
        Some(Self { code, is_last, text })
    }
}
