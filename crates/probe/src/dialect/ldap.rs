//! LDAP (RFC 4511) and its StartTLS operation (section 4.14), in as much BER as that takes.

use certvigil_model::Ended;

use super::Talk;
use super::ends::{refused, too_long, turned_away};

pub(super) async fn start_tls(talk: &mut Talk<'_, '_>) -> Result<(), Ended> {
    talk.say(START_TLS).await?;
    let message = message(talk).await?;
    match ExtendedResponse::read(&message) {
        Some(ExtendedResponse { message_id: 1, result_code: 0, .. }) => Ok(()),
        Some(response @ ExtendedResponse { message_id: 1, .. }) => Err(refused(&response.words())),
        // Section 4.4.1: a server that ends it all says so in answer to nothing.
        Some(response @ ExtendedResponse { message_id: 0, .. }) => {
            Err(turned_away(&response.words()))
        }
        _ => Err(talk.strange()),
    }
}

/// Message 1, an ExtendedRequest with the name of StartTLS.
const START_TLS: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";

/// Message 2, an UnbindRequest: what a client says before it goes.
pub(super) const GOODBYE: &[u8] = b"\x30\x05\x02\x01\x02\x42\x00";

/// Tags (RFC 4511 section 5.1 and appendix B).
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const ENUMERATED: u8 = 0x0a;
const SEQUENCE: u8 = 0x30;
const EXTENDED_RESPONSE: u8 = 0x78;

/// The longest answer that is one: some words and referrals.
const LONGEST: usize = 16 << 10;

/// What stands in the next LDAPMessage.
async fn message(talk: &mut Talk<'_, '_>) -> Result<Vec<u8>, Ended> {
    if talk.byte().await? != SEQUENCE {
        return Err(talk.strange());
    }
    let first = talk.byte().await?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let octets = usize::from(first & 0x7f);
        // Section 5.1 forbids the indefinite form; four octets of length are common on Windows.
        if octets == 0 || octets > 4 {
            return Err(talk.strange());
        }
        let octets = talk.exactly(octets).await?;
        length = octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
    }
    if length > LONGEST {
        return Err(too_long(length));
    }
    talk.exactly(length).await
}

struct ExtendedResponse<'a> {
    message_id: u32,
    result_code: u32,
    diagnostic_message: &'a [u8],
}

impl<'a> ExtendedResponse<'a> {
    /// None where the content of a message is anything else.
    fn read(message: &'a [u8]) -> Option<Self> {
        let (message_id, rest) = element(message, INTEGER)?;
        let (response, _controls) = element(rest, EXTENDED_RESPONSE)?;
        let (result_code, rest) = element(response, ENUMERATED)?;
        let (_matched_dn, rest) = element(rest, OCTET_STRING)?;
        let (diagnostic_message, _) = element(rest, OCTET_STRING)?;
        let (message_id, result_code) = (number(message_id)?, number(result_code)?);
        Some(Self { message_id, result_code, diagnostic_message })
    }

    fn words(&self) -> Vec<u8> {
        let code = self.result_code;
        let known = RESULT_CODES.iter().find(|(number, _)| *number == code);
        let mut words = match known {
            Some((_, name)) => format!("{name} ({code})"),
            None => format!("resultCode {code}"),
        };
        if !self.diagnostic_message.is_empty() {
            words.push_str(": ");
        }
        [words.as_bytes(), self.diagnostic_message].concat()
    }
}

/// The contents of the element at the head of `bytes`, which must have this tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let [found, first, rest @ ..] = bytes else { return None };
    let (length, rest) = match first & 0x7f {
        short if *first < 0x80 => (usize::from(short), rest),
        octets @ 1..=4 => {
            let (octets, rest) = rest.split_at_checked(usize::from(octets))?;
            let length = octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
            (length, rest)
        }
        _ => return None,
    };
    if *found == tag { rest.split_at_checked(length) } else { None }
}

/// A number that is not negative.
fn number(contents: &[u8]) -> Option<u32> {
    match contents {
        [0..=0x7f, ..] if contents.len() <= 4 => {
            Some(contents.iter().fold(0, |sum, octet| sum << 8 | u32::from(*octet)))
        }
        _ => None,
    }
}

/// RFC 4511 section 4.1.9.
const RESULT_CODES: &[(u32, &str)] = &[
    (0, "success"),
    (1, "operationsError"),
    (2, "protocolError"),
    (3, "timeLimitExceeded"),
    (4, "sizeLimitExceeded"),
    (5, "compareFalse"),
    (6, "compareTrue"),
    (7, "authMethodNotSupported"),
    (8, "strongerAuthRequired"),
    (10, "referral"),
    (11, "adminLimitExceeded"),
    (12, "unavailableCriticalExtension"),
    (13, "confidentialityRequired"),
    (14, "saslBindInProgress"),
    (16, "noSuchAttribute"),
    (17, "undefinedAttributeType"),
    (18, "inappropriateMatching"),
    (19, "constraintViolation"),
    (20, "attributeOrValueExists"),
    (21, "invalidAttributeSyntax"),
    (32, "noSuchObject"),
    (33, "aliasProblem"),
    (34, "invalidDNSyntax"),
    (36, "aliasDereferencingProblem"),
    (48, "inappropriateAuthentication"),
    (49, "invalidCredentials"),
    (50, "insufficientAccessRights"),
    (51, "busy"),
    (52, "unavailable"),
    (53, "unwillingToPerform"),
    (54, "loopDetect"),
    (64, "namingViolation"),
    (65, "objectClassViolation"),
    (66, "notAllowedOnNonLeaf"),
    (67, "notAllowedOnRDN"),
    (68, "entryAlreadyExists"),
    (69, "objectClassModsProhibited"),
    (71, "affectsMultipleDSAs"),
    (80, "other"),
];

#[cfg(test)]
mod tests {
    use certvigil_model::{Outcome, Service};

    use crate::dialect::rehearse;

    #[test]
    fn what_servers_say_to_start_tls() {
        // RFC 4511 section 4.12 in BER; Windows writes every length in four octets.
        let success: &[u8] = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00";
        let long: &[u8] =
            b"\x30\x84\0\0\0\x28\x02\x01\x01\x78\x84\0\0\0\x1f\x0a\x01\x00\x04\x00\x04\x00\x8a\x161.3.6.1.4.1.1466.20037";
        let without: &[u8] =
            b"\x30\x21\x02\x01\x01\x78\x1c\x0a\x01\x02\x04\x00\x04\x15unsupported extension";
        let unavailable: &[u8] = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\x00\x04\x00";
        let gone: &[u8] =
            b"\x30\x2a\x02\x01\x00\x78\x25\x0a\x01\x34\x04\x00\x04\x06stoppd\x8a\x161.3.6.1.4.1.1466.20036";
        let refused = |reason| Err((Outcome::StarttlsRefused, reason));
        let stranger = |reason| Err((Outcome::ProtocolError, reason));
        for (name, given, want) in [
            ("willing", success, Ok(())),
            ("willing, with long lengths and its name", long, Ok(())),
            (
                "without the extension",
                without,
                refused(
                    "the server refuses to start TLS: “protocolError (2): unsupported extension”",
                ),
            ),
            (
                "without a word",
                unavailable,
                refused("the server refuses to start TLS: “unavailable (52)”"),
            ),
            (
                "a notice of disconnection, section 4.4.1",
                gone,
                refused("the server turned us away before TLS: “unavailable (52): stoppd”"),
            ),
            (
                "another protocol",
                b"220 mail\r\n",
                stranger("the server does not speak LDAP here; it said “220 mail”"),
            ),
            (
                "the indefinite form",
                b"\x30\x80\x02\x01\x01\x78",
                stranger("the server does not speak LDAP here; its first bytes were 308002010178"),
            ),
            (
                "four gigabytes",
                b"\x30\x84\xff\xff\xff\xff\x02\x01",
                Err((
                    Outcome::OverBudget,
                    "the server announced a message of 4096.0 MiB where a short one is due",
                )),
            ),
            (
                "an answer to another question",
                b"\x30\x0c\x02\x01\x07\x78\x07\x0a\x01\x00\x04\x00\x04\x00",
                stranger(
                    "the server does not speak LDAP here; its first bytes were 300c02010778070a",
                ),
            ),
        ] {
            let rehearsed = rehearse(Service::Ldap, &[given]);
            let got = rehearsed.ended.map_err(|ended| (ended.outcome, ended.reason));
            let want =
                want.map_err(|(outcome, reason): (_, &str)| (outcome, Some(reason.to_owned())));
            assert_eq!(got, want, "{name}");
            assert_eq!(&rehearsed.said[..9], b"\x30\x1d\x02\x01\x01\x77\x18\x80\x16", "{name}");
        }
    }
}
