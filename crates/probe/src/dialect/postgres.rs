//! PostgreSQL's own way to TLS (its documentation, "Frontend/Backend Protocol", "SSL Session
//! Encryption"): one request, one byte in answer.
//!
//! There is no farewell: a client that goes before it has named a user just goes, and a Terminate
//! message in that place is logged by servers as a broken start-up.

use certvigil_model::Ended;

use super::Talk;
use super::ends::{not_offered, turned_away};

pub(super) async fn start_tls(talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    talk.say(&SSL_REQUEST).await?;
    match talk.byte().await? {
        b'S' => Ok(()),
        b'N' => Err(not_offered("TLS")),
        b'E' => Err(turned_away(&error(talk).await?)),
        _ => Err(talk.strange()),
    }
}

/// A length of 8 and, in place of a version, 1234 and 5679.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// What an error is longer than, and shorter than: anything else is no length but the first letters
/// of an error of the old kind. libpq draws the line in the same place.
const LENGTHS: std::ops::Range<usize> = 8..30_000;

/// What the server says instead of an answer: an ErrorResponse, or the text alone, which is how
/// servers that cannot start one more process say so to this day.
async fn error(talk: &mut Talk<'_, '_>) -> Result<Vec<u8>, Ended> {
    let mut head = Vec::new();
    for _ in 0..4 {
        match talk.byte().await? {
            0 if head.first().is_some_and(|first| *first != 0) => return Ok(head),
            byte => head.push(byte),
        }
    }
    let length = head.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    if LENGTHS.contains(&length) {
        return Ok(words(&talk.exactly(length - head.len()).await?));
    }
    loop {
        match talk.byte().await? {
            0 => return Ok(head),
            byte => head.push(byte),
        }
    }
}

/// The severity, code and message of an ErrorResponse ("Error and Notice Message Fields").
fn words(fields: &[u8]) -> Vec<u8> {
    let mut fields = fields.split(|byte| *byte == 0);
    let mut of_kind = [None, None, None];
    for field in fields.by_ref().take_while(|field| !field.is_empty()) {
        if let Some(place) = b"SCM".iter().position(|kind| *kind == field[0]) {
            of_kind[place] = Some(&field[1..]);
        }
    }
    of_kind.into_iter().flatten().collect::<Vec<_>>().join(&b' ')
}

#[cfg(test)]
mod tests {
    use certvigil_model::{Outcome, Service};

    use crate::dialect::rehearse;

    #[test]
    fn what_servers_say_to_the_request() {
        let error =
            b"E\0\0\0\x43SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0Fproc.c\0\0";
        let error = [&error[..4], &[error.len() as u8 - 1], &error[5..]].concat();
        let fork =
            "Ecould not fork new process for connection: Resource temporarily unavailable\n\0";
        for (name, given, want) in [
            ("willing", &b"S"[..], Ok(())),
            ("unwilling", b"N", Err((Outcome::StarttlsRefused, "the server does not offer TLS"))),
            (
                "an error",
                &error,
                Err((
                    Outcome::StarttlsRefused,
                    "the server turned us away before TLS: “FATAL 53300 sorry, too many clients already”",
                )),
            ),
            (
                "an error of the old kind, as the postmaster sends it",
                fork.as_bytes(),
                Err((
                    Outcome::StarttlsRefused,
                    "the server turned us away before TLS: “could not fork new process for connection: Resource temporarily unavailable\\u{a}”",
                )),
            ),
            (
                "a short error of the old kind",
                b"Eno\0",
                Err((Outcome::StarttlsRefused, "the server turned us away before TLS: “no”")),
            ),
            (
                "another protocol",
                b"HTTP/1.1 400 Bad Request\r\n\r\n",
                Err((
                    Outcome::ProtocolError,
                    "the server does not speak POSTGRES here; it said “HTTP/1.1 400 Bad Request”",
                )),
            ),
        ] {
            let rehearsed = rehearse(Service::Postgres, &[given]);
            let got = rehearsed.ended.map_err(|ended| (ended.outcome, ended.reason));
            let want = want.map_err(|(outcome, reason)| (outcome, Some(reason.to_owned())));
            assert_eq!(got, want, "{name}");
            assert_eq!(rehearsed.said, [0, 0, 0, 8, 4, 210, 22, 47], "{name}");
        }
    }

    /// CVE-2021-23222: libpq took what stood behind the answer for what came through TLS.
    #[test]
    fn what_stands_behind_the_answer_is_told() {
        let rehearsed = rehearse(Service::Postgres, &[b"SR\0\0\0\x08\0\0\0\0"]);
        assert_eq!(rehearsed.ended, Ok(()));
        assert_eq!(rehearsed.injected, b"R\0\0\0\x08\0\0\0\0");
    }
}
