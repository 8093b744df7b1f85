//! Servers that start in plaintext: one that is healthy and each fault, for each dialect.
//!
//! A dialect is a [`Dialect`] below and an entry in [`DIALECTS`].

use super::{At, Case};
use crate::case::{How, ok, unknown, warning};
use crate::mint::HOST;
use crate::serve::{Dialect, Fault};

/// A dialect's cases; `$rfc` has its change to TLS.
macro_rules! faults {
    ($service:literal, $dialect:expr, $rfc:literal) => {
        &[
            Case {
                name: concat!($service, "-starttls"),
                does: concat!("starts in plaintext ", $service, " and changes to TLS when asked"),
                at: At::Service($service, HOST),
                how: How::Plaintext(&$dialect, Fault::None),
                expect: ok($rfc).without(&["starttls-injection"]),
            },
            Case {
                name: concat!($service, "-silent"),
                does: concat!("should speak ", $service, " first and never says a word"),
                at: At::Service($service, HOST),
                how: How::Plaintext(&$dialect, Fault::Silent),
                expect: unknown(&["timeout"], "starttls", $rfc),
            },
            Case {
                name: concat!($service, "-endless"),
                does: concat!("begins to speak ", $service, " and never comes to an end"),
                at: At::Service($service, HOST),
                how: How::Plaintext(&$dialect, Fault::Endless),
                expect: unknown(
                    &["over-budget"],
                    "starttls",
                    "a limit that restarts with each line never ends",
                ),
            },
            Case {
                name: concat!($service, "-refused"),
                does: concat!("speaks ", $service, " and refuses to change to TLS"),
                at: At::Service($service, HOST),
                how: How::Plaintext(&$dialect, Fault::Refuses),
                expect: unknown(&["starttls-refused"], "starttls", $rfc),
            },
            Case {
                name: concat!($service, "-garbage"),
                does: concat!("greets in SSH where ", $service, " is due"),
                at: At::Service($service, HOST),
                how: How::Plaintext(&$dialect, Fault::Foreign(GARBAGE)),
                expect: unknown(&["protocol-error"], "starttls", $rfc),
            },
            Case {
                name: concat!($service, "-binary"),
                does: concat!("sends bytes that are no text where ", $service, " is due"),
                at: At::Service($service, HOST),
                how: How::Plaintext(&$dialect, Fault::Foreign(BINARY)),
                expect: unknown(&["protocol-error"], "starttls", $rfc),
            },
            Case {
                name: concat!($service, "-injected"),
                does: concat!("says more of ", $service, " between its go-ahead and TLS"),
                at: At::Service($service, HOST),
                how: How::Plaintext(&$dialect, Fault::Injects),
                expect: warning(&["starttls-injection"], "CVE-2011-0411"),
            },
            Case {
                name: concat!($service, "-closed"),
                does: concat!("ends the connection behind its go-ahead in ", $service),
                at: At::Service($service, HOST),
                how: How::Plaintext(&$dialect, Fault::Closes),
                expect: unknown(&["closed"], "hello", "RFC 9293 3.6: FIN"),
            },
        ]
    };
}

pub(super) const DIALECTS: &[&[Case]] = &[
    faults!("smtp", SMTP, "RFC 3207 4"),
    faults!("lmtp", LMTP, "RFC 2033 4.1, RFC 3207 4"),
    faults!("imap", IMAP, "RFC 9051 6.2.1"),
    faults!("pop3", POP3, "RFC 2595 4"),
    faults!("sieve", SIEVE, "RFC 5804 2.2"),
    faults!("nntp", NNTP, "RFC 4642 2.2"),
];

const SMTP: Dialect = Dialect {
    greeting: b"220 mail.lab.example ESMTP\r\n",
    answers: &[
        (b"EHLO ", b"250-mail.lab.example\r\n250-SIZE 1000000\r\n250-STARTTLS\r\n250 HELP\r\n"),
        (b"QUIT\r\n", b"221 2.0.0 bye\r\n"),
    ],
    request: b"STARTTLS\r\n",
    go_ahead: b"220 2.0.0 ready\r\n",
    refusal: b"454 4.7.0 TLS is not available now\r\n",
    endless: b"220-mail.lab.example takes its time\r\n",
    injected: b"250 2.0.0 all is well\r\n",
};

const LMTP: Dialect = Dialect {
    answers: &[
        (b"LHLO ", b"250-mail.lab.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n"),
        (b"QUIT\r\n", b"221 2.0.0 bye\r\n"),
    ],
    ..SMTP
};

const IMAP: Dialect = Dialect {
    greeting: b"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n",
    answers: &[
        (
            b" CAPABILITY\r\n",
            b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n{tag} OK that is all\r\n",
        ),
        (b" LOGOUT\r\n", b"* BYE until then\r\n{tag} OK bye\r\n"),
    ],
    request: b" STARTTLS\r\n",
    go_ahead: b"{tag} OK begin TLS now\r\n",
    refusal: b"{tag} NO TLS is not available now\r\n",
    endless: b"* OK still here, and so on and so on",
    injected: b"* OK [ALERT] your mail has moved\r\n",
};

const POP3: Dialect = Dialect {
    greeting: b"+OK ready\r\n",
    answers: &[(b"CAPA\r\n", b"+OK\r\nUIDL\r\nSTLS\r\n.\r\n"), (b"QUIT\r\n", b"+OK bye\r\n")],
    request: b"STLS\r\n",
    go_ahead: b"+OK begin TLS now\r\n",
    refusal: b"-ERR TLS is not available now\r\n",
    endless: b"+OK in a moment, and so on and so on",
    injected: b"+OK 0 messages\r\n",
};

const SIEVE: Dialect = Dialect {
    greeting: b"\"IMPLEMENTATION\" \"lab\"\r\n\"SASL\" \"\"\r\n\"SIEVE\" \"fileinto\"\r\n\
        \"STARTTLS\"\r\n\"VERSION\" \"1.0\"\r\nOK \"ready\"\r\n",
    answers: &[(b"LOGOUT\r\n", b"OK \"bye\"\r\n")],
    request: b"STARTTLS\r\n",
    go_ahead: b"OK \"begin TLS now\"\r\n",
    refusal: b"NO \"TLS is not available now\"\r\n",
    endless: b"\"SIEVE\" \"fileinto\"\r\n",
    injected: b"\"SASL\" \"PLAIN\"\r\n",
};

const NNTP: Dialect = Dialect {
    greeting: b"201 news.lab.example ready, no posting\r\n",
    answers: &[
        (b"CAPABILITIES\r\n", b"101 list follows\r\nVERSION 2\r\nREADER\r\nSTARTTLS\r\n.\r\n"),
        (b"QUIT\r\n", b"205 bye\r\n"),
    ],
    request: b"STARTTLS\r\n",
    go_ahead: b"382 continue with TLS\r\n",
    refusal: b"580 TLS is not available now\r\n",
    endless: b"201 in a moment, and so on and so on",
    injected: b"281 accepted\r\n",
};

/// The words of another protocol (RFC 4253 section 4.2).
const GARBAGE: &[u8] = b"SSH-2.0-lab\r\n";

/// A TLS alert and more: what no protocol of text begins with.
const BINARY: &[u8] = &[0x15, 3, 3, 0, 2, 2, 40, 0, 0xff, 0xfe, 0, 0x80, 0x0a, 0];
