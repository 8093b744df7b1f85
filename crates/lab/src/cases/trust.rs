//! Certificates that a path leads to, or would but for what stands in them.

use super::{NAMED, TLS_1_2, rsa_exchange, wants_rsa_exchange};
use crate::asn1::{oid, sequence, tag, tlv, yes};
use crate::case::{Case, How, critical, ok, warning};
use crate::draft::{
    Authority, BASIC_CONSTRAINTS, CLIENT_AUTH, Draft, EXTENDED_KEY_USAGE, KEY_USAGE, SERVER_AUTH,
    TLS_FEATURE,
};
use crate::key::{Key, random};
use crate::mint::{Chain, HOST, YEAR};
use crate::ocsp;
use crate::textbook::signed_with_sha1;
use crate::time::DAY;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "bad-signature",
        does: "presents a certificate whose signature is wrong by one bit",
        at: NAMED,
        how: How::Chain(|mint| {
            Ok(mint.issued(mint.leaf()?)?.damaged(|der| flip_the_last_bit(der)))
        }),
        expect: critical(&["untrusted"], "RFC 5280 6.1.3 (a) (1)"),
    },
    Case {
        name: "sha-1-signature",
        does: "presents a certificate signed with SHA-1",
        at: NAMED,
        how: How::Chain(|mint| signed_with_sha1(mint, mint.leaf()?)),
        expect: critical(
            &["weak-signature", "untrusted"],
            "RFC 9155; every TLS library of today refuses it, so no path is usable; badssl",
        ),
    },
    Case {
        name: "rsa-1024",
        does: "presents an RSA key of 1,024 bits, by RSA key exchange",
        at: NAMED,
        how: How::Script(|mint| {
            let mut modulus = random::<128>()?;
            modulus[0] |= 0x80;
            modulus[127] |= 1;
            let key = Key::rsa_public(&modulus, &[1, 0, 1], "1.2.840.113549.1.1.11");
            let chain = mint.issued(mint.leaf_with(&key)?)?;
            Ok(rsa_exchange(&chain, TLS_1_2, wants_rsa_exchange))
        }),
        expect: ok("NIST SP 800-131A: not since 2013; worth knowing, not an outage; badssl")
            .with(&["weak-key"]),
    },
    Case {
        name: "client-auth-only",
        does: "presents a certificate that is for clients only",
        at: NAMED,
        how: How::Chain(|mint| {
            let usage = sequence(&[&oid(CLIENT_AUTH)]);
            mint.issued(mint.leaf()?.extension(EXTENDED_KEY_USAGE, false, &usage))
        }),
        expect: critical(&["client-auth-only"], "RFC 5280 4.2.1.12: serverAuth is asked for"),
    },
    Case {
        name: "no-extended-key-usage",
        does: "presents a certificate that does not say what it is for",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.without(EXTENDED_KEY_USAGE))),
        expect: ok("RFC 5280 4.2.1.12: without the extension any use is fine")
            .without(&["client-auth-only"]),
    },
    Case {
        name: "authority-as-end-entity",
        does: "presents a certification authority's certificate as its own",
        at: NAMED,
        how: How::Chain(|mint| {
            let usage = sequence(&[&oid(SERVER_AUTH)]);
            let draft = Draft::authority(mint.now, HOST, mint.key.clone())?
                .valid(-30 * DAY, 2 * YEAR)
                .named(&[HOST])
                .extension(KEY_USAGE, true, &tlv(tag::BIT_STRING, &[1, 0x86]))
                .extension(EXTENDED_KEY_USAGE, false, &usage);
            mint.issued(draft)
        }),
        expect: ok("OpenSSL and Go accept it, webpki does not: worth knowing")
            .with(&["ca-as-end-entity"])
            .without(&["untrusted"]),
    },
    Case {
        name: "issuer-is-no-authority",
        does: "presents a certificate signed by another server's certificate",
        at: NAMED,
        how: How::Chain(|mint| {
            let server = Draft::server(mint.now, &["other.lab.example"], Key::p256()?)?;
            let server = Authority::under(&mint.issuer, server.valid(-30 * DAY, 60 * DAY))?;
            Ok(Chain::issued(mint.leaf()?, &server)?.and(&mint.issuer.der))
        }),
        expect: critical(&["untrusted"], "RFC 5280 6.1.4 (k): cA must be TRUE; CVE-2002-0862"),
    },
    Case {
        name: "path-too-long",
        does: "has an intermediate under one that allows none",
        at: NAMED,
        how: How::Chain(|mint| {
            let none_below = sequence(&[&yes(), &tlv(tag::INTEGER, &[0])]);
            let upper = mint.authority("Lab Last Issuer")?;
            let upper = upper.extension(BASIC_CONSTRAINTS, true, &none_below);
            let upper = Authority::under(&mint.root, upper)?;
            let lower = mint.issuer_under(&upper, "Lab Issuer Too Many", -YEAR, 4 * YEAR)?;
            Ok(Chain::issued(mint.leaf()?, &lower)?.and(&upper.der))
        }),
        expect: critical(&["untrusted"], "RFC 5280 6.1.4 (l): pathLenConstraint"),
    },
    Case {
        name: "outside-name-constraints",
        does: "has a name that its intermediate may not vouch for",
        at: NAMED,
        how: How::Chain(|mint| {
            let tree = sequence(&[&tlv(tag::context(2), b"other.example")]);
            let permitted = sequence(&[&tlv(tag::within(0), &tree)]);
            let draft = mint.authority("Lab Constrained Issuer")?;
            let draft = draft.extension(NAME_CONSTRAINTS, true, &permitted);
            Chain::issued(mint.leaf()?, &Authority::under(&mint.root, draft)?)
        }),
        expect: critical(&["untrusted"], "RFC 5280 6.1.3 (b): permitted_subtrees"),
    },
    Case {
        name: "unknown-critical-extension",
        does: "has a critical extension that nobody knows",
        at: NAMED,
        how: How::Chain(|mint| {
            mint.issued(mint.leaf()?.extension("1.3.6.1.4.1.99999.1", true, &tlv(tag::NULL, &[])))
        }),
        expect: critical(&["untrusted"], "RFC 5280 4.2: must be refused"),
    },
    Case {
        name: "four-years-of-ones-own",
        does: "presents a certificate of four years under an authority of one's own",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.valid(-30 * DAY, 4 * YEAR))),
        expect: ok("CA/B Forum BR 6.3.2 binds public authorities only")
            .without(&["lifetime-too-long", "child-outlives-parent"]),
    },
    Case {
        name: "must-staple-unstapled",
        does: "promises an OCSP response and staples none",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(must_staple(mint.leaf()?))),
        expect: warning(
            &["must-staple-unstapled"],
            "RFC 7633 4.2.2: clients may refuse; Firefox does",
        ),
    },
    Case {
        name: "must-staple-stapled",
        does: "promises an OCSP response and staples a fresh one",
        at: NAMED,
        how: How::Chain(|mint| {
            let draft = must_staple(mint.leaf()?);
            let (from, to) = (mint.now - DAY, mint.now + 6 * DAY);
            let staple = ocsp::good(&mint.issuer, &draft.serial_number, from, to)?;
            Ok(mint.issued(draft)?.stapled(staple))
        }),
        expect: ok("RFC 7633 4.2.2, RFC 6960 2.2")
            .without(&["must-staple-unstapled", "stale-staple"]),
    },
    Case {
        name: "stale-staple",
        does: "staples an OCSP response that ended ten days ago",
        at: NAMED,
        how: How::Chain(|mint| {
            let draft = mint.leaf()?;
            let (from, to) = (mint.now - 17 * DAY, mint.now - 10 * DAY);
            let staple = ocsp::good(&mint.issuer, &draft.serial_number, from, to)?;
            Ok(mint.issued(draft)?.stapled(staple))
        }),
        expect: warning(&["stale-staple"], "RFC 6960 3.2 (6): nextUpdate must not be past"),
    },
];

/// RFC 7633: status_request (5).
fn must_staple(draft: Draft) -> Draft {
    draft.extension(TLS_FEATURE, false, &sequence(&[&tlv(tag::INTEGER, &[5])]))
}

fn flip_the_last_bit(der: &mut [u8]) {
    if let Some(last) = der.last_mut() {
        *last ^= 1;
    }
}

const NAME_CONSTRAINTS: &str = "2.5.29.30";
