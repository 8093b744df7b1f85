//! What happened, in plain words.

use std::time::Duration;

use certvigil_model::{Ended, Foreign, Outcome, Phase};
use rustls::{CipherSuite, Error, InvalidMessage, NamedGroup};

/// A length of time as people say it: `850 ms`, `5 s`, `1.5 s`.
pub(crate) fn span(span: Duration) -> String {
    let millis = span.as_millis();
    match millis {
        0..1000 => format!("{millis} ms"),
        _ if millis % 1000 < 50 || millis >= 10_000 => format!("{} s", millis / 1000),
        _ => format!("{:.1} s", span.as_secs_f64()),
    }
}

/// An amount of bytes as people say it.
pub(crate) fn bytes(count: usize) -> String {
    match count {
        1 => "1 byte".to_owned(),
        0..10_240 => format!("{count} bytes"),
        10_240..1_047_552 => format!("{} KiB", (count + 512) / 1024),
        _ => format!("{:.1} MiB", count as f64 / 1_048_576.0),
    }
}

/// An alert by its registered name and number.
pub(crate) fn alert(number: u8) -> String {
    match ALERTS.iter().find(|(known, _)| *known == number) {
        Some((_, name)) => format!("{name} ({number})"),
        None => number.to_string(),
    }
}

/// The end of a look whose peer sent an alert.
pub(crate) fn alerted(number: u8, phase: Phase) -> Ended {
    let reason = format!("the server ended the handshake with the alert {}", alert(number));
    Ended::early(Outcome::TlsAlert, phase, reason)
}

/// Whether a conversation that began with `head` is TLS at all: a record type that exists and
/// the version byte that every TLS record has had since 1999 (RFC 9846 section 5.1).
fn is_tls(head: &[u8]) -> bool {
    match head {
        [] => true,
        [kind] => matches!(kind, 20..=24),
        [kind, version, ..] => matches!(kind, 20..=24) && *version == 3,
    }
}

/// However a conversation ended: if it began with `head`, which is no TLS, that is what there is
/// to tell.
pub(crate) fn or_not_tls(ended: Ended, head: &[u8], phase: Phase) -> Ended {
    if is_tls(head) { ended } else { not_tls(head, phase) }
}

/// The end of a look whose peer does not speak TLS; `head` is how the conversation began.
fn not_tls(head: &[u8], phase: Phase) -> Ended {
    let reason = format!("the server does not speak TLS here; {}", said(head));
    Ended::early(Outcome::NotTls, phase, reason)
}

/// How a conversation began, as text where it is text.
pub(crate) fn said(head: &[u8]) -> String {
    if head.is_empty() {
        return "it sent an empty line".to_owned();
    }
    let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or(head);
    let is_text = line.len() >= 4 && line.iter().all(|byte| matches!(byte, b' '..=b'~'));
    if is_text {
        format!("it said “{}”", Foreign::from_bytes(line).shown_within(60))
    } else {
        format!("its first bytes were {}", certvigil_model::hex(&head[..head.len().min(8)]))
    }
}

/// A cipher suite by its IANA name where the TLS library knows it, else by its number as the
/// registry writes numbers. The library's names for TLS 1.3 are not the registry's.
pub(crate) fn suite_name(suite: CipherSuite) -> String {
    match suite.as_str() {
        Some(name) => name.replacen("TLS13_", "TLS_", 1),
        None => {
            let [high, low] = u16::from(suite).to_be_bytes();
            format!("0x{high:02X},0x{low:02X}")
        }
    }
}

/// A key exchange group by its IANA name, which the TLS library writes in capitals here and there.
pub(crate) fn group_name(group: NamedGroup) -> String {
    match group {
        NamedGroup::X25519 => "x25519".to_owned(),
        NamedGroup::X448 => "x448".to_owned(),
        group => match group.as_str() {
            Some(name) => name.replace("FFDHE", "ffdhe"),
            None => u16::from(group).to_string(),
        },
    }
}

/// A protocol that a server chose, which need not be one that was offered.
pub(crate) fn alpn_name(protocol: &[u8]) -> String {
    Foreign::from_bytes(protocol).shown_within(32).to_string()
}

/// The end that a TLS error means.
pub(crate) fn tls_error(error: &Error, phase: Phase) -> Ended {
    match error {
        Error::AlertReceived(description) => alerted((*description).into(), phase),
        Error::NoCertificatesPresented => Ended::early(
            Outcome::NoCertificate,
            phase,
            "the server sent an empty list of certificates",
        ),
        Error::InvalidMessage(
            InvalidMessage::HandshakePayloadTooLarge | InvalidMessage::CertificatePayloadTooLarge,
        ) => Ended::early(
            Outcome::OverBudget,
            phase,
            "the server sent a handshake message that takes more than 64 KiB, the limit of many clients",
        ),
        Error::EncryptError | Error::FailedToGetCurrentTime | Error::FailedToGetRandomBytes => {
            let reason = format!("this machine's TLS client failed: {error}");
            Ended::early(Outcome::Local, phase, reason)
        }
        other => {
            let said = Foreign::new(other.to_string());
            let reason = format!("the server broke the rules of TLS: {}", said.shown());
            Ended::early(Outcome::ProtocolError, phase, reason)
        }
    }
}

/// The registry of TLS alerts (RFC 9846 section 6.2, RFC 5246 section 7.2, RFC 6066 section 9).
const ALERTS: &[(u8, &str)] = &[
    (0, "close_notify"),
    (10, "unexpected_message"),
    (20, "bad_record_mac"),
    (21, "decryption_failed"),
    (22, "record_overflow"),
    (30, "decompression_failure"),
    (40, "handshake_failure"),
    (41, "no_certificate"),
    (42, "bad_certificate"),
    (43, "unsupported_certificate"),
    (44, "certificate_revoked"),
    (45, "certificate_expired"),
    (46, "certificate_unknown"),
    (47, "illegal_parameter"),
    (48, "unknown_ca"),
    (49, "access_denied"),
    (50, "decode_error"),
    (51, "decrypt_error"),
    (60, "export_restriction"),
    (70, "protocol_version"),
    (71, "insufficient_security"),
    (80, "internal_error"),
    (86, "inappropriate_fallback"),
    (90, "user_canceled"),
    (100, "no_renegotiation"),
    (109, "missing_extension"),
    (110, "unsupported_extension"),
    (111, "certificate_unobtainable"),
    (112, "unrecognized_name"),
    (113, "bad_certificate_status_response"),
    (114, "bad_certificate_hash_value"),
    (115, "unknown_psk_identity"),
    (116, "certificate_required"),
    (120, "no_application_protocol"),
    (121, "ech_required"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_amounts_read_as_people_say_them() {
        for (millis, want) in
            [(0, "0 ms"), (850, "850 ms"), (5000, "5 s"), (5010, "5 s"), (1500, "1.5 s")]
        {
            assert_eq!(span(Duration::from_millis(millis)), want);
        }
        for (count, want) in
            [(1, "1 byte"), (77, "77 bytes"), (70_000, "68 KiB"), (1_048_570, "1.0 MiB")]
        {
            assert_eq!(bytes(count), want);
        }
    }

    /// The names and numbers of RFC 9846 section 6.
    #[test]
    fn alerts_carry_their_registered_names() {
        for (number, want) in [
            (40, "handshake_failure (40)"),
            (70, "protocol_version (70)"),
            (48, "unknown_ca (48)"),
            (112, "unrecognized_name (112)"),
            (115, "unknown_psk_identity (115)"),
            (250, "250"),
        ] {
            assert_eq!(alert(number), want);
        }
    }

    /// The IANA registries of TLS cipher suites and supported groups.
    #[test]
    fn suites_and_groups_carry_their_registered_names() {
        for (number, want) in [
            (0x1301, "TLS_AES_128_GCM_SHA256"),
            (0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"),
            (0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
            (0xc0ff, "0xC0,0xFF"),
        ] {
            assert_eq!(suite_name(CipherSuite::from(number)), want);
        }
        for (number, want) in [
            (0x0017, "secp256r1"),
            (0x001d, "x25519"),
            (0x001e, "x448"),
            (0x0100, "ffdhe2048"),
            (0x11ec, "X25519MLKEM768"),
            (0x6399, "25497"),
        ] {
            assert_eq!(group_name(NamedGroup::from(number)), want);
        }
    }

    #[test]
    fn what_is_not_tls_is_told_by_its_first_words() {
        let ended = not_tls(b"HTTP/1.1 400 Bad Request\r\n\r\n", Phase::Hello);
        let reason = ended.reason.unwrap_or_default();
        assert!(reason.contains("“HTTP/1.1 400 Bad Request”"), "{reason}");
        assert_eq!(said(b""), "it sent an empty line");
        assert!(
            is_tls(&[22, 3, 3, 0, 90]) && is_tls(&[]) && !is_tls(b"220 mail") && !is_tls(&[22, 2])
        );
    }
}
