//! How the certificate is written (X.690, RFC 5280 section 4.1).

use std::io;

use super::NAMED;
use crate::asn1::{oid, sequence, tag, tlv, yes};
use crate::case::{Case, Expect, How, critical, unknown, warning};
use crate::draft::{
    BASIC_CONSTRAINTS, COMMON_NAME, Draft, SUBJECT_ALT_NAME, finished, name, version,
};
use crate::mint::{Chain, HOST, Mint, pem};
use crate::time::DAY;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "outer-tag",
        does: "is a SET instead of a SEQUENCE",
        at: NAMED,
        how: How::Chain(|mint| damaged(mint, |der| der[0] = tag::SET)),
        expect: broken("RFC 5280 4.1: Certificate is a SEQUENCE"),
    },
    Case {
        name: "cut-in-half",
        does: "ends in the middle",
        at: NAMED,
        how: How::Chain(|mint| damaged(mint, |der| der.truncate(der.len() / 2))),
        expect: unreadable("X.690 8.1.3: a length says how much there is"),
    },
    Case {
        name: "cut-at-the-end",
        does: "lacks the last ten bytes of its signature",
        at: NAMED,
        how: How::Chain(|mint| damaged(mint, |der| der.truncate(der.len() - 10))),
        expect: broken("X.690 8.1.3: a length says how much there is"),
    },
    Case {
        name: "byte-after-the-end",
        does: "has one byte more than it says",
        at: NAMED,
        how: How::Chain(|mint| damaged(mint, |der| der.push(0))),
        expect: broken("RFC 9846 4.4.2: an entry holds one certificate and nothing else"),
    },
    Case {
        name: "indefinite-length",
        does: "is written in BER, its length left open",
        at: NAMED,
        how: How::Chain(|mint| {
            damaged(mint, |der| {
                der.splice(..4, [tag::SEQUENCE, 0x80]);
                der.extend_from_slice(&[0, 0]);
            })
        }),
        expect: broken("X.690 10.1: DER has definite lengths"),
    },
    Case {
        name: "padded-length",
        does: "has its length with a zero in front",
        at: NAMED,
        how: How::Chain(|mint| {
            damaged(mint, |der| {
                der.splice(1..2, [0x83, 0]);
            })
        }),
        expect: broken("X.690 10.1: the fewest octets"),
    },
    Case {
        name: "length-of-two-gigabytes",
        does: "says that it is two gigabytes long",
        at: NAMED,
        how: How::Chain(|mint| {
            damaged(mint, |der| {
                der.splice(1..4, [0x84, 0x7f, 0xff, 0xff, 0xff]);
            })
        }),
        expect: broken("X.690 8.1.3; CWE-789: memory by an untrusted length"),
    },
    Case {
        name: "no-der-at-all",
        does: "presents 64 bytes that are nothing",
        at: NAMED,
        how: How::Chain(|mint| {
            damaged(mint, |der| *der = (0..64_u8).map(|n| n.wrapping_mul(37) | 0x80).collect())
        }),
        expect: unreadable("RFC 9846 4.4.2: an entry is a DER certificate"),
    },
    Case {
        name: "empty-entry",
        does: "presents a certificate of no bytes",
        at: NAMED,
        how: How::Chain(|mint| damaged(mint, Vec::clear)),
        expect: unreadable("RFC 9846 4.4.2: cert_data has one byte at least"),
    },
    Case {
        name: "empty-sequence",
        does: "presents an empty SEQUENCE",
        at: NAMED,
        how: How::Chain(|mint| damaged(mint, |der| *der = sequence(&[]))),
        expect: unreadable("RFC 5280 4.1: a certificate has three parts"),
    },
    Case {
        name: "pem-instead-of-der",
        does: "presents its certificate as PEM text",
        at: NAMED,
        how: How::Chain(|mint| damaged(mint, |der| *der = pem("CERTIFICATE", der).into_bytes())),
        expect: unreadable("RFC 9846 4.4.2: an entry is a DER certificate"),
    },
    Case {
        name: "version-1",
        does: "is of version 1, which has no place for names",
        at: NAMED,
        how: How::Chain(|mint| {
            let subject = name(&[(COMMON_NAME, tag::UTF8_STRING, HOST.as_bytes())]);
            let draft = Draft::new(mint.now, subject, mint.key.clone())?;
            let draft = draft.valid(-30 * DAY, 60 * DAY).but(|draft| draft.version.clear());
            signed_as_it_is(mint, &draft, &mint.issuer.key.algorithm)
        }),
        expect: critical(&["name-mismatch"], "RFC 5280 4.1.2.1; RFC 9525 2"),
    },
    Case {
        name: "version-4",
        does: "is of a version that does not exist",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.but(|draft| draft.version = version(3)))),
        expect: broken("RFC 5280 4.1: versions 1, 2 and 3"),
    },
    Case {
        name: "version-1-with-extensions",
        does: "says that it is of version 1, but has extensions",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.but(|draft| draft.version.clear()))),
        expect: broken("RFC 5280 4.1.2.1: with extensions the version must be 3"),
    },
    Case {
        name: "negative-serial",
        does: "has a serial number below zero",
        at: NAMED,
        how: How::Chain(|mint| serial(mint, vec![0xff, 0x01, 0x02])),
        expect: odd("RFC 5280 4.1.2.2: a positive integer"),
    },
    Case {
        name: "long-serial",
        does: "has a serial number of 30 bytes",
        at: NAMED,
        how: How::Chain(|mint| serial(mint, vec![0x41; 30])),
        expect: odd("RFC 5280 4.1.2.2: no longer than 20 octets"),
    },
    Case {
        name: "padded-serial",
        does: "has a serial number with a zero too many in front",
        at: NAMED,
        how: How::Chain(|mint| serial(mint, vec![0, 0, 0x41])),
        expect: odd("X.690 8.3.2: the fewest octets; OpenSSL gives up, rustls does not"),
    },
    Case {
        name: "empty-serial",
        does: "has a serial number of no bytes",
        at: NAMED,
        how: How::Chain(|mint| serial(mint, Vec::new())),
        expect: odd("X.690 8.3.1: one octet at least; OpenSSL gives up, rustls does not"),
    },
    Case {
        name: "extension-twice",
        does: "has its names extension twice",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.doubled(SUBJECT_ALT_NAME))),
        expect: broken("RFC 5280 4.2: not more than one of a kind"),
    },
    Case {
        name: "broken-names",
        does: "has a names extension that is no sequence of names",
        at: NAMED,
        how: How::Chain(|mint| names(mint, &[tag::SEQUENCE, 0x20, 0x82, 0xff])),
        expect: unreadable("RFC 5280 4.2.1.6: GeneralNames"),
    },
    Case {
        name: "no-names",
        does: "has a names extension without names",
        at: NAMED,
        how: How::Chain(|mint| names(mint, &sequence(&[]))),
        expect: critical(&["malformed", "name-mismatch"], "RFC 5280 4.2.1.6: SIZE (1..MAX)"),
    },
    Case {
        name: "address-of-five-bytes",
        does: "has an address of five bytes beside the right name",
        at: NAMED,
        how: How::Chain(|mint| {
            let right = tlv(tag::context(2), HOST.as_bytes());
            names(mint, &sequence(&[&right, &tlv(tag::context(7), &[127, 0, 0, 1, 1])]))
        }),
        expect: odd("RFC 5280 4.2.1.6: four octets or sixteen"),
    },
    Case {
        name: "true-as-one",
        does: "writes TRUE as 1, as BER allows",
        at: NAMED,
        how: How::Chain(|mint| {
            let draft = mint.leaf()?.extension(BASIC_CONSTRAINTS, true, &sequence(&[]));
            let one = sequence(&[&oid("2.5.29.19"), &[1, 1, 1], &tlv(4, &sequence(&[]))]);
            mint.issued(draft.but(|draft| draft.rewrite(BASIC_CONSTRAINTS, one)))
        }),
        expect: broken("X.690 11.1: TRUE is FF"),
    },
    Case {
        name: "two-algorithms",
        does: "names another signature algorithm outside than inside",
        at: NAMED,
        how: How::Chain(|mint| {
            let draft = mint.leaf()?.identified(&mint.issuer.name);
            signed_as_it_is(mint, &draft, &sequence(&[&oid(ECDSA_WITH_SHA384)]))
        }),
        expect: broken("RFC 5280 4.1.1.2: must be the same"),
    },
    Case {
        name: "deep-nesting",
        does: "has two thousand SEQUENCEs, each in the one before, as its common name",
        at: NAMED,
        how: How::Chain(|mint| {
            let deep = (0..2000).fold(yes(), |inner, _| tlv(tag::SEQUENCE, &inner));
            let subject = name(&[(COMMON_NAME, tag::SEQUENCE, &deep)]);
            mint.issued(mint.leaf()?.but(|draft| draft.subject = subject))
        }),
        expect: odd("RFC 5280 A.1: DirectoryString; CWE-674: recursion without end"),
    },
];

/// Clients refuse it; what can be told is told.
const fn broken(source: &'static str) -> Expect {
    critical(&["malformed", "untrusted"], source)
}

/// Clients accept it all the same.
const fn odd(source: &'static str) -> Expect {
    warning(&["malformed"], source).without(&["untrusted", "name-mismatch"])
}

const fn unreadable(source: &'static str) -> Expect {
    unknown(&["unreadable"], "read", source)
}

fn damaged(mint: &Mint, change: impl FnOnce(&mut Vec<u8>)) -> io::Result<Chain> {
    Ok(mint.issued(mint.leaf()?)?.damaged(change))
}

fn serial(mint: &Mint, contents: Vec<u8>) -> io::Result<Chain> {
    mint.issued(mint.leaf()?.but(|draft| draft.serial_number = contents))
}

fn names(mint: &Mint, value: &[u8]) -> io::Result<Chain> {
    mint.issued(mint.leaf()?.extension(SUBJECT_ALT_NAME, false, value))
}

/// Signed by the usual issuer without anything added; `outside` is what names the algorithm there.
fn signed_as_it_is(mint: &Mint, draft: &Draft, outside: &[u8]) -> io::Result<Chain> {
    let key = &mint.issuer.key;
    let tbs = draft.to_be_signed(&mint.issuer.name, &key.algorithm);
    let der = finished(&tbs, outside, &key.sign(&tbs)?);
    Ok(Chain::new(vec![der, mint.issuer.der.clone()], mint.key.clone()))
}

const ECDSA_WITH_SHA384: &str = "1.2.840.10045.4.3.3";
