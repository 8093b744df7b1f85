//! FTP (RFC 959) and its change to TLS (RFC 4217).

use certvigil_model::Ended;

use super::Talk;
use super::ends::{refused, turned_away};
use super::lines::code;

pub(super) async fn start_tls(talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    let greeting = Reply::hear_final(talk).await?;
    if greeting.code != SERVICE_READY {
        return Err(turned_away(&greeting.words()));
    }
    talk.say(b"AUTH TLS\r\n").await?;
    match Reply::hear(talk).await? {
        Reply { code: SECURITY_ACCEPTED, .. } => Ok(()),
        refusal => Err(refused(&refusal.words())),
    }
}

/// RFC 959 section 4.2.2.
const SERVICE_READY_LATER: u16 = 120;
const SERVICE_READY: u16 = 220;

/// RFC 2228 section 3: the exchange of security data begins.
const SECURITY_ACCEPTED: u16 = 234;

/// A reply with all of its lines. RFC 959 section 4.2: the first is `220-…`, the last `220 …`, and
/// between them stands whatever the server likes.
struct Reply {
    code: u16,
    lines: Vec<Vec<u8>>,
}

impl Reply {
    /// The reply that comes when the server is ready, which may take its time and say so.
    async fn hear_final(talk: &mut Talk<'_, '_>) -> Result<Self, Ended> {
        loop {
            let reply = Self::hear(talk).await?;
            if reply.code != SERVICE_READY_LATER {
                return Ok(reply);
            }
        }
    }

    async fn hear(talk: &mut Talk<'_, '_>) -> Result<Self, Ended> {
        let first = talk.line().await?;
        let Some((code, mut is_last)) = head(&first) else {
            return Err(talk.stranger(&first));
        };
        let mut lines = vec![first];
        while !is_last {
            let line = talk.line().await?;
            is_last = head(&line) == Some((code, true));
            lines.push(line);
        }
        Ok(Self { code, lines })
    }

    /// As the server wrote it, in one line.
    fn words(&self) -> Vec<u8> {
        self.lines.join(&b' ')
    }
}

/// The code that a line begins with, and whether the reply ends with the line.
fn head(line: &[u8]) -> Option<(u16, bool)> {
    match code(line)? {
        (code, [] | [b' ', ..]) => Some((code, true)),
        (code, [b'-', ..]) => Some((code, false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use certvigil_model::{Outcome, Service};

    use crate::dialect::rehearse;

    #[test]
    fn what_servers_say_to_auth_tls() {
        for (name, given, want) in [
            ("RFC 4217 section 12", &["220\r\n", "234\r\n"][..], Ok(())),
            // RFC 959 section 4.2 has this very reply.
            (
                "a greeting of many lines",
                &[
                    "220-First line\r\nSecond line\r\n  234 A line beginning with numbers\r\n",
                    "220 The last line\r\n234 AUTH TLS OK.\r\n",
                ],
                Ok(()),
            ),
            ("a code that is not the last", &["220-a\r\n221 b\r\n220 c\r\n", "234 d\r\n"], Ok(())),
            ("ready later", &["120 ready in 1 minute\r\n", "220 x\r\n", "234 y\r\n"], Ok(())),
            (
                "a server without TLS, as vsftpd says it",
                &["220 (vsFTPd 3.0.3)\r\n", "530 Please login with USER and PASS.\r\n"],
                Err((
                    Outcome::StarttlsRefused,
                    "the server refuses to start TLS: “530 Please login with USER and PASS.”",
                )),
            ),
            (
                "a full server",
                &["421 There are too many connected users, please try later.\r\n"],
                Err((
                    Outcome::StarttlsRefused,
                    "the server turned us away before TLS: “421 There are too many connected users, please try later.”",
                )),
            ),
            (
                "another protocol",
                &["SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"],
                Err((
                    Outcome::ProtocolError,
                    "the server does not speak FTP here; it said “SSH-2.0-OpenSSH_9.2p1 Debian-2”",
                )),
            ),
        ] {
            let pieces: Vec<_> = given.iter().map(|piece| piece.as_bytes()).collect();
            let rehearsed = rehearse(Service::Ftp, &pieces);
            let got = rehearsed.ended.map_err(|ended| (ended.outcome, ended.reason));
            let want = want.map_err(|(outcome, reason)| (outcome, Some(reason.to_owned())));
            assert_eq!(got, want, "{name}");
            assert!(rehearsed.injected.is_empty(), "{name}");
        }
    }
}
