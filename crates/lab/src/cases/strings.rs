//! Text that does something to whoever prints it. The certificates themselves are good: what is
//! judged is that nobody falls over, and what is shown is escaped.

use super::NAMED;
use crate::asn1::tag;
use crate::case::{Case, Expect, How, critical, ok, warning};
use crate::draft::{COMMON_NAME, Draft, ORGANIZATION, name};
use crate::mint::HOST;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "nul-in-dns-name",
        does: "has a DNS name with a NUL in it, the right name before it",
        at: NAMED,
        how: How::Chain(|mint| {
            mint.issued(mint.leaf()?.named(&["www.lab.example\0.evil.example"]))
        }),
        expect: critical(&["name-mismatch"], "CVE-2009-2408: a NUL ends no name"),
    },
    Case {
        name: "nul-in-subject",
        does: "has a NUL in its subject",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(about(mint.leaf()?, "before\0after"))),
        expect: shown("nmap's ssl-cert script ends at a NUL in the common name"),
    },
    Case {
        name: "escapes-in-subject",
        does: "has terminal escapes in its subject",
        at: NAMED,
        how: How::Chain(|mint| {
            mint.issued(about(mint.leaf()?, "\x1b[2J\x1b]0;owned\x07\x1b[31mred\u{9b}2K\x08\x08"))
        }),
        expect: shown("ECMA-48: a control sequence moves the cursor, clears, sets the title"),
    },
    Case {
        name: "lines-in-subject",
        does: "has line ends in its subject, as if it were several lines of a report",
        at: NAMED,
        how: How::Chain(|mint| {
            mint.issued(about(mint.leaf()?, "x\r\nok www.lab.example\nSubject: all well\n\n.\n"))
        }),
        expect: shown("CWE-93, CWE-117: forged lines in reports, logs and mail headers"),
    },
    Case {
        name: "markup-in-subject",
        does: "has HTML in its subject",
        at: NAMED,
        how: How::Chain(|mint| {
            mint.issued(about(
                mint.leaf()?,
                "<script>alert(1)</script><img src=x onerror='a()'>&\"",
            ))
        }),
        expect: shown("CWE-79: markup in a page"),
    },
    Case {
        name: "direction-marks-in-subject",
        does: "has right-to-left marks in its subject",
        at: NAMED,
        how: How::Chain(|mint| {
            mint.issued(about(mint.leaf()?, "\u{202e}elpmaxe.bal.www\u{2066}\u{200f}\u{feff}"))
        }),
        expect: shown("CVE-2021-42574: text that reads otherwise than it is"),
    },
    Case {
        name: "mentions-in-subject",
        does: "has mentions, links and formulas of chats and trackers in its subject",
        at: NAMED,
        how: How::Chain(|mint| {
            let text = "@everyone <!channel> [ok](http://lab.example) {html} =1+1|'x'!A0 `a` *b*";
            mint.issued(about(mint.leaf()?, text))
        }),
        expect: shown("CWE-1236, CWE-150: commands to whoever carries the message"),
    },
    Case {
        name: "no-utf-8-in-subject",
        does: "has bytes in a UTF8String that are no UTF-8",
        at: NAMED,
        how: How::Chain(|mint| {
            let organization = (ORGANIZATION, tag::UTF8_STRING, &b"caf\xe9 \xff\xfe\xc0\x80"[..]);
            let common_name = (COMMON_NAME, tag::UTF8_STRING, HOST.as_bytes());
            let subject = name(&[organization, common_name]);
            mint.issued(mint.leaf()?.but(|draft| draft.subject = subject))
        }),
        expect: warning(&["malformed"], "RFC 5280 4.1.2.4 with RFC 3629 3: invalid sequences")
            .without(&["untrusted", "name-mismatch"]),
    },
    Case {
        name: "two-byte-subject",
        does: "has its subject in a BMPString",
        at: NAMED,
        how: How::Chain(|mint| {
            let wide: Vec<u8> = "Größe Ω".encode_utf16().flat_map(u16::to_be_bytes).collect();
            let subject = name(&[(ORGANIZATION, tag::BMP_STRING, &wide)]);
            mint.issued(mint.leaf()?.but(|draft| draft.subject = subject))
        }),
        expect: ok("RFC 5280 4.1.2.4: bmpString is one of the choices").without(&["malformed"]),
    },
];

/// The organization is `text`, the common name is good.
fn about(draft: Draft, text: &str) -> Draft {
    let organization = (ORGANIZATION, tag::UTF8_STRING, text.as_bytes());
    let common_name = (COMMON_NAME, tag::UTF8_STRING, HOST.as_bytes());
    draft.but(|draft| draft.subject = name(&[organization, common_name]))
}

/// Good, whatever its text.
const fn shown(source: &'static str) -> Expect {
    ok(source).without(&["malformed", "untrusted", "name-mismatch"])
}
