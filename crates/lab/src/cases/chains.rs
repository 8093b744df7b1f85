//! Who signed what, and what is sent along.

use super::NAMED;
use crate::case::{Case, How, critical, ok, warning};
use crate::draft::{Authority, Draft};
use crate::mint::{Chain, YEAR};
use crate::time::DAY;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "self-signed",
        does: "presents a certificate signed by its own key, which nobody trusts",
        at: NAMED,
        how: How::Chain(|mint| Ok(Chain::new(vec![mint.leaf()?.self_signed()?], mint.key.clone()))),
        expect: critical(&["untrusted"], "RFC 5280 6.1: no path from a trust anchor; badssl"),
    },
    Case {
        name: "self-signed-trusted",
        does: "presents a self-signed certificate that is itself in the trust store",
        at: NAMED,
        how: How::Chain(|mint| Ok(mint.pinned.clone())),
        expect: ok("RFC 5280 6.1.1: what is trusted needs no path; GnuTLS and OpenSSL accept it")
            .with(&["self-signed"])
            .without(&["untrusted"]),
    },
    Case {
        name: "untrusted-root",
        does: "presents a whole chain up to a root that nobody trusts",
        at: NAMED,
        how: How::Chain(|mint| Chain::issued(mint.leaf()?, &mint.stranger)),
        expect: critical(&["untrusted"], "RFC 5280 6.1: no path from a trust anchor; badssl")
            .without(&["expired"]),
    },
    Case {
        name: "incomplete-chain",
        does: "leaves out the intermediate",
        at: NAMED,
        how: How::Chain(|mint| Ok(mint.issued(mint.leaf()?)?.alone())),
        expect: critical(
            &["chain-incomplete", "untrusted"],
            "RFC 9846 4.4.2 asks for the whole path but the root; with roots alone there is none: \
             OpenSSL, Go and rustls refuse, browsers fetch what is missing",
        ),
    },
    Case {
        name: "wrong-order",
        does: "sends the upper intermediate before the lower one",
        at: NAMED,
        how: How::Chain(|mint| {
            let lower = mint.issuer_under(&mint.issuer, "Lab Lower Issuer", -YEAR, 4 * YEAR)?;
            let chain = Chain::issued(mint.leaf()?, &lower)?.alone();
            Ok(chain.and(&mint.issuer.der).and(&lower.der))
        }),
        expect: ok("RFC 9846 4.4.2: clients should be ready for any order")
            .with(&["chain-out-of-order"])
            .without(&["untrusted", "chain-incomplete"]),
    },
    Case {
        name: "root-sent-along",
        does: "sends its root too, which nobody needs",
        at: NAMED,
        how: How::Chain(|mint| Ok(mint.issued(mint.leaf()?)?.and(&mint.root.der))),
        expect: ok("RFC 9846 4.4.2: the root may be left out, so it need not")
            .without(&["chain-out-of-order", "untrusted"]),
    },
    Case {
        name: "five-intermediates",
        does: "presents a path with five intermediates",
        at: NAMED,
        how: How::Chain(|mint| {
            let mut above = vec![mint.issuer.clone()];
            for level in 2..=5 {
                let name = format!("Lab Issuer of Level {level}");
                let parent = above.last().unwrap_or(&mint.issuer);
                above.push(mint.issuer_under(parent, &name, -YEAR, 4 * YEAR)?);
            }
            let lowest = above.last().unwrap_or(&mint.issuer);
            let chain = Chain::issued(mint.leaf()?, lowest)?.alone();
            Ok(above.iter().rev().fold(chain, |chain, issuer| chain.and(&issuer.der)))
        }),
        expect: ok("RFC 5280 6.1 sets no limit; clients go to 6 (rustls) or 100 (OpenSSL)"),
    },
    Case {
        name: "expired-extra",
        does: "sends along a certificate that has ended and that nobody needs",
        at: NAMED,
        how: How::Chain(|mint| {
            let old = mint.issuer_under(&mint.root, "Lab Old Issuer", -2 * YEAR, -DAY)?;
            Ok(mint.issued(mint.leaf()?)?.and(&old.der))
        }),
        expect: ok("AddTrust, 30 May 2020: an extra that ends is a note where a path goes without")
            .with(&["superfluous-expired"])
            .without(&["expired", "untrusted"]),
    },
    Case {
        name: "expired-cross-sign",
        does: "sends an expired cross-certificate first, and a good one for the same issuer behind",
        at: NAMED,
        how: How::Chain(|mint| {
            let again = Draft::authority(mint.now, "Lab Issuer", mint.issuer.key.clone())?;
            let cross = again.valid(-2 * YEAR, -11 * DAY).signed_by(&mint.lapsed_root)?;
            let chain = mint.issued(mint.leaf()?)?.alone();
            Ok(chain.and(&cross).and(&mint.issuer.der))
        }),
        expect: ok(
            "DST Root CA X3, 30 September 2021: clients that look for a second path are fine",
        )
        .with(&["superfluous-expired"])
        .without(&["expired", "untrusted"]),
    },
    Case {
        name: "expired-intermediate",
        does: "presents a good certificate under an intermediate that ended a day ago",
        at: NAMED,
        how: How::Chain(|mint| {
            let old = mint.issuer_under(&mint.root, "Lab Old Issuer", -2 * YEAR, -DAY)?;
            Chain::issued(mint.leaf()?, &old)
        }),
        expect: critical(&["expired"], "RFC 5280 6.1.3 (a) (2); Gmail SMTP, 4 April 2015")
            .without(&["untrusted"]),
    },
    Case {
        name: "expired-root",
        does: "presents a good certificate under a trusted root that ended ten days ago",
        at: NAMED,
        how: How::Chain(|mint| Ok(Chain::issued(mint.leaf()?, &mint.lapsed_root)?.alone())),
        expect: critical(
            &["expired"],
            "RFC 5280 6.1 leaves an anchor's dates open; OpenSSL and GnuTLS refuse it",
        )
        .without(&["untrusted"]),
    },
    Case {
        name: "intermediate-ends-first",
        does: "presents a certificate with 300 days left under an intermediate with 200",
        at: NAMED,
        how: How::Chain(|mint| {
            let sooner =
                mint.issuer_under(&mint.root, "Lab Sooner Issuer", -4 * YEAR, 200 * DAY)?;
            Chain::issued(mint.leaf()?.valid(-98 * DAY, 300 * DAY), &sooner)
        }),
        expect: warning(
            &["path-expires-first", "child-outlives-parent", "expires-soon"],
            "authorities of one's own are a warning from a year ahead; the path alone, which ends \
             outside of the end entity's window, would be no more than worth knowing",
        ),
    },
    Case {
        name: "root-ends-first",
        does: "presents a certificate with 60 days left under a trusted root with 20",
        at: NAMED,
        how: How::Chain(|mint| Ok(Chain::issued(mint.leaf()?, &mint.lapsing_root)?.alone())),
        expect: critical(
            &["path-expires-first", "child-outlives-parent", "expires-soon"],
            "the path ends inside the window, a warning; authorities of one's own are critical \
             from 90 days ahead; Chromecast, 9 March 2025",
        ),
    },
    Case {
        name: "circle",
        does: "sends two intermediates that vouch for each other, and no more",
        at: NAMED,
        how: How::Chain(|mint| {
            let there = mint.authority("Lab There")?;
            let here = Authority::root(mint.authority("Lab Here")?)?;
            let there = Authority::under(&here, there)?;
            let again = Draft::authority(mint.now, "Lab Here", here.key.clone())?;
            let here_by_there = again.valid(-DAY, 4 * YEAR).signed_by(&there)?;
            Ok(Chain::issued(mint.leaf()?, &there)?.and(&here_by_there))
        }),
        expect: critical(&["untrusted"], "RFC 5280 6.1: a path has an end"),
    },
    Case {
        name: "maze",
        does: "sends fifteen intermediates of one name that sign each other round and round",
        at: NAMED,
        how: How::Chain(|mint| {
            let mut turns = vec![Authority::root(mint.authority("Lab Maze")?)?];
            for _ in 1..15 {
                let last = turns.last().unwrap_or(&mint.stranger);
                turns.push(Authority::under(last, mint.authority("Lab Maze")?)?);
            }
            let lowest = turns.last().unwrap_or(&mint.stranger);
            let chain = Chain::issued(mint.leaf()?, lowest)?.alone();
            Ok(turns.iter().fold(chain, |chain, turn| chain.and(&turn.der)))
        }),
        expect: critical(
            &["untrusted"],
            "RUSTSEC-2023-0053: path building must end soon where names fit and keys do not",
        ),
    },
];
