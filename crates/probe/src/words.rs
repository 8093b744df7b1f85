//! What happened, in plain words.

use std::time::Duration;

use certvigil_model::{Ended, Foreign, Outcome, Phase};
use rustls::{AlertDescription, Error, InvalidMessage};

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
        10_240..1_048_576 => format!("{} KiB", count / 1024),
        _ => format!("{:.1} MiB", count as f64 / 1_048_576.0),
    }
}

/// An alert by its registered name and number.
pub(crate) fn alert(description: AlertDescription) -> String {
    let number = u8::from(description);
    let name = format!("{description:?}");
    if name.starts_with("Unknown") {
        return number.to_string();
    }
    // The registry spells it so; the TLS library does not.
    let name = name.replace("Unrecognised", "Unrecognized");
    let mut words = String::new();
    for (position, c) in name.char_indices() {
        if c.is_uppercase() && position > 0 {
            words.push('_');
        }
        words.push(c.to_ascii_lowercase());
    }
    format!("{words} ({number})")
}

/// The end of a look whose peer sent an alert.
pub(crate) fn alerted(description: AlertDescription, phase: Phase) -> Ended {
    let reason = format!("the server ended the handshake with the alert {}", alert(description));
    Ended::early(Outcome::TlsAlert, phase, reason)
}

/// Whether a conversation that began with `head` is TLS at all: a record type that exists and
/// the version byte that every TLS record has had since 1999 (RFC 9846 section 5.1).
pub(crate) fn is_tls(head: &[u8]) -> bool {
    match head {
        [] => true,
        [kind] => matches!(kind, 20..=24),
        [kind, version, ..] => matches!(kind, 20..=24) && *version == 3,
    }
}

/// The end of a look whose peer does not speak TLS; `head` is how the conversation began.
pub(crate) fn not_tls(head: &[u8], phase: Phase) -> Ended {
    let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or(head);
    let is_text = line.len() >= 4 && line.iter().all(|byte| matches!(byte, b' '..=b'~'));
    let reason = if is_text {
        let said = Foreign::from_bytes(line);
        format!("the server does not speak TLS here; it said “{}”", said.shown_within(60))
    } else {
        let shown = certvigil_model::hex(&head[..head.len().min(8)]);
        format!("the server does not speak TLS here; its first bytes were {shown}")
    };
    Ended::early(Outcome::NotTls, phase, reason)
}

/// The end that a TLS error means.
pub(crate) fn tls_error(error: &Error, head: &[u8], phase: Phase) -> Ended {
    if !is_tls(head) {
        return not_tls(head, phase);
    }
    match error {
        Error::AlertReceived(description) => alerted(*description, phase),
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
            "the server sent a handshake message above 64 KiB, the limit of most clients",
        ),
        other => {
            let said = Foreign::new(other.to_string());
            let reason = format!("the server broke the rules of TLS: {}", said.shown());
            Ended::early(Outcome::ProtocolError, phase, reason)
        }
    }
}

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
        for (count, want) in [(1, "1 byte"), (77, "77 bytes"), (70_000, "68 KiB")] {
            assert_eq!(bytes(count), want);
        }
    }

    /// The names and numbers of RFC 9846 section 6.
    #[test]
    fn alerts_carry_their_registered_names() {
        for (number, want) in [
            (40, "handshake_failure (40)"),
            (70, "protocol_version (70)"),
            (112, "unrecognized_name (112)"),
            (250, "250"),
        ] {
            assert_eq!(alert(AlertDescription::from(number)), want);
        }
    }

    #[test]
    fn what_is_not_tls_is_told_by_its_first_words() {
        let ended = not_tls(b"HTTP/1.1 400 Bad Request\r\n\r\n", Phase::Hello);
        let reason = ended.reason.unwrap_or_default();
        assert!(reason.contains("“HTTP/1.1 400 Bad Request”"), "{reason}");
        assert!(
            is_tls(&[22, 3, 3, 0, 90]) && is_tls(&[]) && !is_tls(b"220 mail") && !is_tls(&[22, 2])
        );
    }
}
