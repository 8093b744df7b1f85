//! POP3 (RFC 1939) and its STLS command (RFC 2595 section 4).

use certvigil_model::Ended;

use super::Talk;
use super::ends::{not_offered, refused, turned_away};
use super::lines::{begins_with, list_holds};

/// A server that lists what it can do, and STLS is not there, is not asked. One that is too old to
/// have a list (RFC 2449) is.
pub(super) async fn start_tls(talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    if let Status::Err(words) = Status::hear(talk).await? {
        return Err(turned_away(&words));
    }
    talk.say(b"CAPA\r\n").await?;
    if let Status::Ok = Status::hear(talk).await?
        && !list_holds(talk, b"STLS").await?
    {
        return Err(not_offered("STLS"));
    }
    talk.say(b"STLS\r\n").await?;
    match Status::hear(talk).await? {
        Status::Ok => Ok(()),
        Status::Err(words) => Err(refused(&words)),
    }
}

/// How a reply begins (RFC 1939 section 3).
enum Status {
    Ok,
    Err(Vec<u8>),
}

impl Status {
    async fn hear(talk: &mut Talk<'_, '_>) -> Result<Self, Ended> {
        let line = talk.line().await?;
        if begins_with(&line, b"+OK") {
            Ok(Self::Ok)
        } else if begins_with(&line, b"-ERR") {
            Ok(Self::Err(line))
        } else {
            Err(talk.stranger(&line))
        }
    }
}
