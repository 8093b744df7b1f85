//! What each dialect makes of what a server says, without a connection.
//!
//! The words are those of the standards' own examples, or of servers that nobody here wrote.

use certvigil_model::{Outcome, Service};
use certvigil_probe::dialect::{Rehearsed, rehearse};

use Outcome::{Closed, OverBudget, ProtocolError, StarttlsRefused};

struct Case {
    name: &'static str,
    service: Service,
    /// What the server says, a turn each.
    server: &'static [&'static str],
    /// What the client says by then.
    client: &'static str,
    want: Want,
}

enum Want {
    /// TLS may begin.
    Tls,
    /// TLS may begin, and this stood behind the go-ahead.
    Injected(&'static str),
    /// So it ends, and the reason has these words.
    No(Outcome, &'static str),
}

use Want::{Injected, No, Tls};

const EHLO: &str = "EHLO [127.0.0.1]\r\n";

#[test]
fn each_dialect_asks_as_its_standard_says() {
    for case in smtp().into_iter().chain(imap()).chain(pop3()).chain(sieve()).chain(nntp()) {
        let name = case.name;
        let turns: Vec<&[u8]> = case.server.iter().map(|words| words.as_bytes()).collect();
        let Rehearsed { ended, said, injected } = rehearse(case.service, &turns);
        assert_eq!(String::from_utf8(said).unwrap(), case.client, "{name}");
        match (case.want, ended) {
            (Tls, Ok(())) => assert!(injected.is_empty(), "{name}"),
            (Injected(words), Ok(())) => assert_eq!(injected, words.as_bytes(), "{name}"),
            (No(outcome, words), Err(ended)) => {
                let reason = ended.reason.unwrap();
                assert_eq!(ended.outcome, outcome, "{name}: {reason}");
                assert!(reason.contains(words), "{name}: {reason}");
            }
            (_, ended) => panic!("{name}: {ended:?}"),
        }
    }
}

/// RFC 3207 section 6, RFC 5321 section 4.2, Postfix, Exim, Exchange.
fn smtp() -> Vec<Case> {
    let case =
        |name, server, client, want| Case { name, service: Service::Smtp, server, client, want };
    vec![
        case(
            "the standard's example",
            &[
                "220 mail.imc.org SMTP service ready\r\n",
                "250-mail.imc.org offers a warm hug of welcome\r\n250-8BITMIME\r\n250-STARTTLS\r\n250 DSN\r\n",
                "220 Go ahead\r\n",
            ],
            "EHLO [127.0.0.1]\r\nSTARTTLS\r\n",
            Tls,
        ),
        case(
            "a greeting of many lines, bare line feeds, small letters, and codes alone",
            &["220-no\n220-spam\n220\n", "250-a\n250 starttls\n", "220\n"],
            "EHLO [127.0.0.1]\r\nSTARTTLS\r\n",
            Tls,
        ),
        case(
            "a word of the first line is no keyword",
            &["220 a\r\n", "250 STARTTLS\r\n"],
            EHLO,
            No(StarttlsRefused, "does not offer STARTTLS"),
        ),
        case(
            "a middlebox",
            &["220 a\r\n", "250-a\r\n250 XXXXXXXA\r\n"],
            EHLO,
            No(StarttlsRefused, "does not offer STARTTLS"),
        ),
        case(
            "busy",
            &["421 4.7.0 mx.example too many connections\r\n"],
            "",
            No(
                StarttlsRefused,
                "turned us away before TLS: “421 4.7.0 mx.example too many connections”",
            ),
        ),
        case(
            "not at home",
            &["554-mx.example\r\n554 no SMTP service here\r\n"],
            "",
            No(StarttlsRefused, "“554 mx.example no SMTP service here”"),
        ),
        case(
            "too old",
            &["220 a\r\n", "502 5.5.2 unknown command\r\n"],
            EHLO,
            No(StarttlsRefused, "refuses EHLO, which comes before TLS: “502 5.5.2"),
        ),
        case(
            "out of order",
            &[
                "220 a\r\n",
                "250-a\r\n250 STARTTLS\r\n",
                "454 4.7.0 TLS not available due to local problem\r\n",
            ],
            "EHLO [127.0.0.1]\r\nSTARTTLS\r\n",
            No(
                StarttlsRefused,
                "refuses to start TLS: “454 4.7.0 TLS not available due to local problem”",
            ),
        ),
        case(
            "more than the go-ahead",
            &["220 a\r\n", "250-a\r\n250 STARTTLS\r\n", "220 b\r\n250 c\r\n"],
            "EHLO [127.0.0.1]\r\nSTARTTLS\r\n",
            Injected("250 c\r\n"),
        ),
        case(
            "hostile words",
            &["220 a\r\n", "550 \u{1b}[2J\u{202e}\r\n"],
            EHLO,
            No(StarttlsRefused, "“550 \\u{1b}[2J\\u{202e}”"),
        ),
        case(
            "SSH",
            &["SSH-2.0-OpenSSH_9.2\r\n"],
            "",
            No(ProtocolError, "does not speak SMTP here; it said “SSH-2.0-OpenSSH_9.2”"),
        ),
        case(
            "HTTP",
            &["HTTP/1.1 400 Bad Request\r\n\r\n"],
            "",
            No(ProtocolError, "it said “HTTP/1.1 400 Bad Request”"),
        ),
        case(
            "a TLS alert",
            &["\u{15}\u{3}\u{3}\0\u{2}\u{2}\u{28}"],
            "",
            No(ProtocolError, "its first bytes were 15030300"),
        ),
        case("a NUL in the middle", &["220 a\0"], "", No(ProtocolError, "does not speak SMTP")),
        case("half a line", &["220 a"], "", No(Closed, "")),
        case(
            "LMTP instead",
            &["220 a\r\n", "500 5.5.1 use LHLO\r\n"],
            EHLO,
            No(StarttlsRefused, "use LHLO"),
        ),
        Case {
            name: "LMTP",
            service: Service::Lmtp,
            server: &["220 a\r\n", "250-a\r\n250 STARTTLS\r\n", "220 b\r\n"],
            client: "LHLO [127.0.0.1]\r\nSTARTTLS\r\n",
            want: Tls,
        },
    ]
}

/// RFC 9051 sections 6.2.1 and 7.1, Dovecot, Exchange.
fn imap() -> Vec<Case> {
    let case =
        |name, server, client, want| Case { name, service: Service::Imap, server, client, want };
    const LISTED: &str = "* CAPABILITY IMAP4rev2 STARTTLS LOGINDISABLED\r\na1 OK done\r\n";
    const ASKED: &str = "a1 CAPABILITY\r\na2 STARTTLS\r\n";
    vec![
        case(
            "in order",
            &["* OK ready\r\n", LISTED, "a2 OK Begin TLS negotiation now\r\n"],
            ASKED,
            Tls,
        ),
        case(
            "something between",
            &[
                "* ok ready\r\n",
                "* OK [ALERT] mind the gap\r\n* capability starttls\r\na1 ok\r\n",
                "* OK soon\r\na2 OK\r\n",
            ],
            ASKED,
            Tls,
        ),
        case(
            "not offered",
            &["* OK ready\r\n", "* CAPABILITY IMAP4rev1\r\na1 OK\r\n"],
            "a1 CAPABILITY\r\n",
            No(StarttlsRefused, "does not offer STARTTLS"),
        ),
        case(
            "a longer word",
            &["* OK a\r\n", "* CAPABILITY XSTARTTLS\r\na1 OK\r\n"],
            "a1 CAPABILITY\r\n",
            No(StarttlsRefused, "does not offer"),
        ),
        case(
            "refused",
            &["* OK a\r\n", LISTED, "a2 NO not now\r\n"],
            ASKED,
            No(StarttlsRefused, "“NO not now”"),
        ),
        case(
            "not understood",
            &["* OK a\r\n", LISTED, "a2 BAD what\r\n"],
            ASKED,
            No(StarttlsRefused, "“BAD what”"),
        ),
        case(
            "no capabilities",
            &["* OK a\r\n", "a1 BAD what\r\n"],
            "a1 CAPABILITY\r\n",
            No(StarttlsRefused, "refuses CAPABILITY"),
        ),
        case(
            "full",
            &["* BYE too many connections\r\n"],
            "",
            No(StarttlsRefused, "turned us away before TLS: “BYE too many"),
        ),
        case("logged in", &["* PREAUTH as fred\r\n"], "", No(StarttlsRefused, "“PREAUTH as fred”")),
        case(
            "gone in between",
            &["* OK a\r\n", "* BYE\r\n"],
            "a1 CAPABILITY\r\n",
            No(StarttlsRefused, "“BYE”"),
        ),
        case(
            "injected",
            &["* OK a\r\n", LISTED, "a2 OK\r\n* PREAUTH b\r\n"],
            ASKED,
            Injected("* PREAUTH b\r\n"),
        ),
        case(
            "POP3",
            &["+OK ready\r\n"],
            "",
            No(ProtocolError, "does not speak IMAP here; it said “+OK ready”"),
        ),
        case(
            "somebody else's tag",
            &["* OK a\r\n", "a9 OK\r\n"],
            "a1 CAPABILITY\r\n",
            No(ProtocolError, "“a9 OK”"),
        ),
    ]
}

/// RFC 2595 section 4, RFC 2449 section 5, Dovecot.
fn pop3() -> Vec<Case> {
    let case =
        |name, server, client, want| Case { name, service: Service::Pop3, server, client, want };
    const ASKED: &str = "CAPA\r\nSTLS\r\n";
    vec![
        case(
            "in order",
            &["+OK ready\r\n", "+OK\r\nTOP\r\nSTLS\r\n.\r\n", "+OK Begin TLS negotiation\r\n"],
            ASKED,
            Tls,
        ),
        case("without a list", &["+OK <1@a>\r\n", "-ERR what\r\n", "+OK\r\n"], ASKED, Tls),
        case(
            "not offered",
            &["+OK\r\n", "+OK\r\nTOP\r\n.\r\n"],
            "CAPA\r\n",
            No(StarttlsRefused, "does not offer STLS"),
        ),
        case(
            "refused",
            &["+OK\r\n", "+OK\r\nSTLS\r\n.\r\n", "-ERR [SYS/TEMP] no\r\n"],
            ASKED,
            No(StarttlsRefused, "“-ERR [SYS/TEMP] no”"),
        ),
        case(
            "turned away",
            &["-ERR [IN-USE] later\r\n"],
            "",
            No(StarttlsRefused, "turned us away before TLS: “-ERR [IN-USE] later”"),
        ),
        case("a list without an end", &["+OK\r\n", "+OK\r\nSTLS\r\n"], "CAPA\r\n", No(Closed, "")),
        case(
            "injected",
            &["+OK\r\n", "+OK\r\nSTLS\r\n.\r\n", "+OK\r\n+OK\r\n"],
            ASKED,
            Injected("+OK\r\n"),
        ),
        case("IMAP", &["* OK\r\n"], "", No(ProtocolError, "does not speak POP3")),
    ]
}

/// RFC 5804 sections 1.7, 2.2 and 4, Dovecot's Pigeonhole.
fn sieve() -> Vec<Case> {
    let case =
        |name, server, client, want| Case { name, service: Service::Sieve, server, client, want };
    const ASKED: &str = "STARTTLS\r\n";
    vec![
        case(
            "in order",
            &[
                "\"IMPLEMENTATION\" \"Example1 ManageSieved v001\"\r\n\"STARTTLS\"\r\nOK\r\n",
                "OK \"Begin TLS negotiation now.\"\r\n",
            ],
            ASKED,
            Tls,
        ),
        case(
            "strings as literals",
            &[
                "{14}\r\nIMPLEMENTATION {3+}\r\n\"\r\n\r\n{8}\r\nSTARTTLS\r\nOK (TAG {1}\r\nx) \"a\"\r\n",
                "OK\r\n",
            ],
            ASKED,
            Tls,
        ),
        case(
            "not offered",
            &["\"SASL\" \"STARTTLS\"\r\nOK\r\n"],
            "",
            No(StarttlsRefused, "does not offer STARTTLS"),
        ),
        case(
            "refused in a literal",
            &["\"STARTTLS\"\r\nOK\r\n", "NO {7}\r\nnot now\r\n"],
            ASKED,
            No(StarttlsRefused, "“NO \"not now\"”"),
        ),
        case(
            "turned away",
            &["BYE (REFERRAL \"sieve://b\") \"go there\"\r\n"],
            "",
            No(StarttlsRefused, "go there"),
        ),
        case(
            "a literal longer than anything",
            &["{99999999999999999999}\r\n"],
            "",
            No(ProtocolError, "does not speak SIEVE"),
        ),
        case("a literal longer than what comes", &["{65536}\r\n", "abc"], "", No(Closed, "")),
        case(
            "injected",
            &["\"STARTTLS\"\r\nOK\r\n", "OK\r\n\"SASL\"\r\n"],
            ASKED,
            Injected("\"SASL\"\r\n"),
        ),
        case("SMTP", &["220 a\r\n"], "", No(ProtocolError, "it said “220 a”")),
    ]
}

/// RFC 4642 section 2.2.3, RFC 3977 section 5.1, INN.
fn nntp() -> Vec<Case> {
    let case =
        |name, server, client, want| Case { name, service: Service::Nntp, server, client, want };
    const LISTED: &str = "101 Capability list:\r\nVERSION 2\r\nSTARTTLS\r\n.\r\n";
    const ASKED: &str = "CAPABILITIES\r\nSTARTTLS\r\n";
    vec![
        case(
            "in order",
            &["200 ready\r\n", LISTED, "382 Continue with TLS negotiation\r\n"],
            ASKED,
            Tls,
        ),
        case("without a list", &["201 a\r\n", "500 What?\r\n", "382 a\r\n"], ASKED, Tls),
        case(
            "not offered",
            &["200 a\r\n", "101 a\r\nVERSION 2\r\n.\r\n"],
            "CAPABILITIES\r\n",
            No(StarttlsRefused, "does not offer STARTTLS"),
        ),
        case(
            "refused",
            &["200 a\r\n", LISTED, "580 Can not initiate TLS negotiation\r\n"],
            ASKED,
            No(StarttlsRefused, "“580 Can not initiate"),
        ),
        case(
            "turned away",
            &["502 Permission denied\r\n"],
            "",
            No(StarttlsRefused, "“502 Permission denied”"),
        ),
        case(
            "injected",
            &["200 a\r\n", LISTED, "382 a\r\n281 b\r\n"],
            ASKED,
            Injected("281 b\r\n"),
        ),
        case(
            "FTP over several lines",
            &["220-a\r\n220 b\r\n"],
            "",
            No(ProtocolError, "does not speak NNTP"),
        ),
    ]
}

#[test]
fn nothing_goes_on_for_ever() {
    let lines = "220-a\r\n".repeat(1000);
    let line = format!("220 {}", "a".repeat(100_000));
    let long_lines = format!("220-{}\r\n", "a".repeat(8000)).repeat(100);
    for (words, want) in
        [(&lines, "500 lines"), (&line, "a line of more than 8 KiB"), (&long_lines, "64 KiB")]
    {
        let pieces: Vec<&[u8]> = words.as_bytes().chunks(1000).collect();
        let ended = rehearse(Service::Smtp, &pieces).ended.unwrap_err();
        assert_eq!(ended.outcome, OverBudget);
        assert!(ended.reason.as_ref().unwrap().contains(want), "{ended:?}");
    }
    let literal = rehearse(Service::Sieve, &[b"{100000}\r\n", &[b'a'; 100_000]]);
    assert_eq!(literal.ended.unwrap_err().outcome, OverBudget);
}
