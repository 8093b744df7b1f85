//! Whom the certificate is for (RFC 9525).

use std::net::{IpAddr, Ipv4Addr};

use super::NAMED;
use crate::case::{At, Case, How, critical, ok};
use crate::draft::{SUBJECT_ALT_NAME, ip_name};
use crate::mint::HOST;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "wrong-host",
        does: "presents a good certificate for another name",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.named(&["other.lab.example"]))),
        expect: critical(&["name-mismatch"], "RFC 9525 6.3; SharePoint Online, 24 July 2023")
            .without(&["untrusted"]),
    },
    Case {
        name: "common-name-only",
        does: "has its name in the subject's common name and nowhere else",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.without(SUBJECT_ALT_NAME))),
        expect: critical(
            &["name-mismatch"],
            "RFC 9525 2: the common name is not looked at; badssl",
        ),
    },
    Case {
        name: "wildcard",
        does: "presents *.apps.lab.example to who asks for a.apps.lab.example",
        at: At::Name("a.apps.lab.example"),
        how: How::Chain(|mint| mint.issued(mint.leaf()?.named(&["*.apps.lab.example"]))),
        expect: ok("RFC 9525 6.3: * matches one label").without(&["name-mismatch"]),
    },
    Case {
        name: "wildcard-two-labels-deep",
        does: "presents *.apps.lab.example to who asks for a.b.apps.lab.example",
        at: At::Name("a.b.apps.lab.example"),
        how: How::Chain(|mint| mint.issued(mint.leaf()?.named(&["*.apps.lab.example"]))),
        expect: critical(&["name-mismatch"], "RFC 9525 6.3: * matches one label only; badssl")
            .without(&["untrusted"]),
    },
    Case {
        name: "wildcard-without-a-label",
        does: "presents *.apps.lab.example to who asks for apps.lab.example",
        at: At::Name("apps.lab.example"),
        how: How::Chain(|mint| mint.issued(mint.leaf()?.named(&["*.apps.lab.example"]))),
        expect: critical(&["name-mismatch"], "RFC 9525 6.3: * matches one label, not none")
            .without(&["untrusted"]),
    },
    Case {
        name: "wildcard-in-a-label",
        does: "presents w*.lab.example to who asks for www.lab.example",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.named(&["w*.lab.example"]))),
        expect: critical(&["name-mismatch"], "RFC 9525 6.3: * must be the whole label"),
    },
    Case {
        name: "two-wildcards",
        does: "presents *.*.lab.example to who asks for a.apps.lab.example",
        at: At::Name("a.apps.lab.example"),
        how: How::Chain(|mint| mint.issued(mint.leaf()?.named(&["*.*.lab.example"]))),
        expect: critical(&["name-mismatch"], "RFC 9525 6.3: only one *, only the first label"),
    },
    Case {
        name: "upper-case-name",
        does: "has its name in capitals",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.named(&["WWW.LAB.EXAMPLE"]))),
        expect: ok("RFC 9525 6.3: letters match whatever their case").without(&["name-mismatch"]),
    },
    Case {
        name: "address",
        does: "is for the address that it is asked by",
        at: At::Ip,
        how: How::Chain(|mint| {
            let names = ip_name(IpAddr::V4(Ipv4Addr::LOCALHOST));
            mint.issued(mint.leaf()?.extension(SUBJECT_ALT_NAME, false, &names))
        }),
        expect: ok("RFC 9525 6.4: iPAddress").without(&["name-mismatch"]),
    },
    Case {
        name: "wrong-address",
        does: "is for another address than it is asked by",
        at: At::Ip,
        how: How::Chain(|mint| {
            let names = ip_name(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 9)));
            mint.issued(mint.leaf()?.extension(SUBJECT_ALT_NAME, false, &names))
        }),
        expect: critical(&["name-mismatch"], "RFC 9525 6.4: all octets must match")
            .without(&["untrusted"]),
    },
    Case {
        name: "address-as-dns-name",
        does: "has the address that it is asked by as a DNS name",
        at: At::Ip,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.named(&["127.0.0.1"]))),
        expect: critical(&["name-mismatch"], "RFC 9525 6.4: an address matches only iPAddress"),
    },
    Case {
        name: "international-name",
        does: "has the A-label of the name that it is asked by",
        at: At::Name("bücher.lab.example"),
        how: How::Chain(|mint| mint.issued(mint.leaf()?.named(&["xn--bcher-kva.lab.example"]))),
        expect: ok("RFC 9525 6.3 with RFC 5891: compared as A-labels").without(&["name-mismatch"]),
    },
    Case {
        name: "international-name-in-unicode",
        does: "has the name that it is asked by in UTF-8 instead of as an A-label",
        at: At::Name("bücher.lab.example"),
        how: How::Chain(|mint| mint.issued(mint.leaf()?.named(&["bücher.lab.example"]))),
        expect: critical(&["name-mismatch"], "RFC 5280 7.2: an A-label is asked for"),
    },
    Case {
        name: "five-thousand-names",
        does: "has five thousand names, the right one last",
        at: NAMED,
        how: How::Chain(|mint| {
            let many: Vec<String> = (0..4999).map(|n| format!("n{n}.test")).collect();
            let names: Vec<&str> = many.iter().map(String::as_str).chain([HOST]).collect();
            mint.issued(mint.leaf()?.named(&names))
        }),
        expect: ok("RFC 5280 4.2.1.6 sets no limit; here a certificate of 60 kB")
            .without(&["name-mismatch"]),
    },
];
