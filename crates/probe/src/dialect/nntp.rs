//! NNTP (RFC 3977) and its STARTTLS command (RFC 4642).

use certvigil_model::Ended;

use super::Talk;
use super::ends::{not_offered, refused, turned_away};
use super::lines::{code, list_holds};

/// A server that lists what it can do, and STARTTLS is not there, is not asked. One that is too old
/// to have a list is.
pub(super) async fn start_tls(talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    let (greeting, words) = reply(talk).await?;
    if !matches!(greeting, POSTING_ALLOWED | POSTING_PROHIBITED) {
        return Err(turned_away(&words));
    }
    talk.say(b"CAPABILITIES\r\n").await?;
    let (listed, _) = reply(talk).await?;
    if listed == CAPABILITY_LIST && !list_holds(talk, b"STARTTLS").await? {
        return Err(not_offered("STARTTLS"));
    }
    talk.say(b"STARTTLS\r\n").await?;
    match reply(talk).await? {
        (CONTINUE_WITH_TLS, _) => Ok(()),
        (_, words) => Err(refused(&words)),
    }
}

/// RFC 3977 sections 5.1 and 5.2, RFC 4642 section 2.2.
const CAPABILITY_LIST: u16 = 101;
const POSTING_ALLOWED: u16 = 200;
const POSTING_PROHIBITED: u16 = 201;
const CONTINUE_WITH_TLS: u16 = 382;

/// A reply's code, and its line as the server wrote it.
async fn reply(talk: &mut Talk<'_, '_>) -> Result<(u16, Vec<u8>), Ended> {
    let line = talk.line().await?;
    match code(&line) {
        Some((code, [] | [b' ', ..])) => Ok((code, line)),
        _ => Err(talk.stranger(&line)),
    }
}
