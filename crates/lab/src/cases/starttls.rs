//! Servers that start in plaintext: one that is healthy and each fault, for each dialect.
//!
//! A dialect is a [`Dialect`] below and an entry in [`DIALECTS`].

use super::{At, Case};
use crate::case::{How, ok, unknown, warning};
use crate::mint::HOST;
use crate::serve::Step::{Close, Send};
use crate::serve::{Dialect, Fault};

/// A dialect's cases; `$rfc` has its change to TLS, `$injection` what came of words behind the go-ahead.
macro_rules! faults {
    ($service:literal, $dialect:expr, $rfc:literal) => {
        faults!($service, $dialect, $rfc, "CVE-2011-0411")
    };
    ($service:literal, $dialect:expr, $rfc:literal, $injection:literal) => {
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
                does: concat!("speaks HTTP where ", $service, " is due"),
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
                expect: warning(&["starttls-injection"], $injection),
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
    ERRORS,
    faults!("smtp", SMTP, "RFC 3207 4"),
    faults!("lmtp", LMTP, "RFC 2033 4.1, RFC 3207 4"),
    faults!("imap", IMAP, "RFC 9051 6.2.1"),
    faults!("pop3", POP3, "RFC 2595 4"),
    faults!("sieve", SIEVE, "RFC 5804 2.2"),
    faults!("nntp", NNTP, "RFC 4642 2.2"),
    faults!("ftp", FTP, "RFC 4217 4"),
    faults!("ldap", LDAP, "RFC 4511 4.14"),
    faults!("xmpp-client", XMPP_CLIENT, "RFC 6120 5.4"),
    faults!("xmpp-server", XMPP_SERVER, "RFC 6120 5.4"),
    faults!("postgres", POSTGRES, "PostgreSQL 55.2.11", "CVE-2021-23222"),
    faults!("mysql", MYSQL, "MySQL Connection Phase"),
];

/// Servers that will not even talk.
const ERRORS: &[Case] = &[
    Case {
        name: "mysql-too-many-connections",
        does: "greets in mysql by the error that it is full",
        at: At::Service("mysql", HOST),
        how: How::Script(|_| Ok(vec![Send(MYSQL_ERROR.into()), Close])),
        expect: unknown(&["starttls-refused"], "starttls", "MySQL ERR_Packet, ER_CON_COUNT_ERROR"),
    },
    Case {
        name: "postgres-cannot-fork",
        does: "answers in postgres that it can start no process",
        at: At::Service("postgres", HOST),
        how: How::Script(|_| Ok(vec![Send(POSTGRES_ERROR.into()), Close])),
        expect: unknown(
            &["starttls-refused"],
            "starttls",
            "PostgreSQL report_fork_failure_to_client",
        ),
    },
    Case {
        name: "xmpp-client-host-unknown",
        does: "ends the stream in xmpp, for it knows no host of that name",
        at: At::Service("xmpp-client", HOST),
        how: How::Script(|_| Ok(vec![Send(XMPP_ERROR.into()), Close])),
        expect: unknown(&["starttls-refused"], "starttls", "RFC 6120 4.9.3.6"),
    },
    Case {
        name: "ftp-too-many-users",
        does: "greets in ftp by the number of who is full, in many lines",
        at: At::Service("ftp", HOST),
        how: How::Script(|_| Ok(vec![Send(FTP_ERROR.into()), Close])),
        expect: unknown(&["starttls-refused"], "starttls", "RFC 959 4.2, 421"),
    },
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

const FTP: Dialect = Dialect {
    greeting: b"220-ftp.lab.example\r\n 221 is no code here\r\n220 ready\r\n",
    answers: &[(b"QUIT\r\n", b"221 bye\r\n")],
    request: b"AUTH TLS\r\n",
    go_ahead: b"234 begin TLS now\r\n",
    refusal: b"431 TLS is not available now\r\n",
    endless: b"220-ftp.lab.example takes its time\r\n",
    injected: b"331 and the password?\r\n",
};

const FTP_ERROR: &[u8] = b"421-ftp.lab.example\r\nis full\r\n421 come back later\r\n";

/// An ExtendedResponse to message 1: success, with the operation's name.
const LDAP: Dialect = Dialect {
    greeting: b"",
    answers: &[],
    request: b"1.3.6.1.4.1.1466.20037",
    go_ahead:
        b"\x30\x24\x02\x01\x01\x78\x1f\x0a\x01\x00\x04\x00\x04\x00\x8a\x161.3.6.1.4.1.1466.20037",
    refusal: b"\x30\x16\x02\x01\x01\x78\x11\x0a\x01\x34\x04\x00\x04\x0ano TLS now",
    endless: b"\x30\x84\xff\xff\xff\xff\x02\x01\x01",
    injected: b"\x30\x0c\x02\x01\x02\x61\x07\x0a\x01\x00\x04\x00\x04\x00",
};

const XMPP_CLIENT: Dialect = Dialect {
    greeting: b"",
    answers: &[(
        b"<stream:stream ",
        b"<?xml version='1.0'?><stream:stream from='www.lab.example' id='1' version='1.0' \
          xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'><stream:features>\
          <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>",
    )],
    request: b"<starttls ",
    go_ahead: b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    refusal: b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>",
    endless: b"<stream:stream version='1.0'>",
    injected: b"<message xmlns='jabber:client'><body>hello</body></message>",
};

const XMPP_SERVER: Dialect = Dialect {
    answers: &[(
        b"<stream:stream ",
        b"<?xml version='1.0'?><stream:stream from='www.lab.example' id='1' version='1.0' \
          xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'><stream:features>\
          <dialback xmlns='urn:xmpp:features:dialback'/>\
          <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
    )],
    ..XMPP_CLIENT
};

const XMPP_ERROR: &[u8] = b"<?xml version='1.0'?><stream:stream version='1.0' id='1' \
    xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'><stream:error><host-unknown \
    xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>";

const POSTGRES: Dialect = Dialect {
    greeting: b"",
    answers: &[],
    request: b"\x00\x00\x00\x08\x04\xd2\x16\x2f",
    go_ahead: b"S",
    refusal: b"N",
    endless: b"E and on it goes",
    injected: b"R\x00\x00\x00\x08\x00\x00\x00\x00",
};

const POSTGRES_ERROR: &[u8] = b"Ecould not fork new process for connection: no memory\n\x00";

/// The greeting of protocol 10, whose flags have CLIENT_SSL; the request is the head of an SSLRequest.
const MYSQL: Dialect = Dialect {
    greeting:
        b"\x43\x00\x00\x00\x0a8.0.0\x00\x01\x00\x00\x00abcdefgh\x00\xff\xff\x2d\x02\x00\xff\x81\x15\
        \0\0\0\0\0\0\0\0\0\0ijklmnopqrst\x00caching_sha2_pw\x00",
    answers: &[],
    request: b"\x20\x00\x00\x01",
    go_ahead: b"",
    refusal:
        b"\x43\x00\x00\x00\x0a8.0.0\x00\x01\x00\x00\x00abcdefgh\x00\xff\xf7\x2d\x02\x00\xff\x81\x15\
        \0\0\0\0\0\0\0\0\0\0ijklmnopqrst\x00caching_sha2_pw\x00",
    endless: b"\xff\xff\xff\x00\x0a",
    injected: b"\x07\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00",
};

const MYSQL_ERROR: &[u8] = b"\x17\x00\x00\x00\xff\x10\x04Too many connections";

/// The words of another protocol (RFC 9112 section 4).
const GARBAGE: &[u8] = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

/// A TLS alert and more: what no protocol of text begins with.
const BINARY: &[u8] = &[0x15, 3, 3, 0, 2, 2, 40, 0, 0xff, 0xfe, 0, 0x80, 0x0a, 0];
