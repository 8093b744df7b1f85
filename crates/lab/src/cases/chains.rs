//! Who signed what, and what is sent along.

use super::NAMED;
use crate::case::{Case, How, critical};
use crate::mint::Chain;
use crate::time::DAY;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "expired",
        does: "presents a certificate that ended a day ago",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.valid(-91 * DAY, -DAY))),
        expect: critical(&["expired"], "RFC 5280 4.1.2.5: valid through notAfter").without(&[
            "untrusted",
            "expires-soon",
            "malformed",
        ]),
    },
    Case {
        name: "self-signed",
        does: "presents a certificate signed by its own key, which nobody trusts",
        at: NAMED,
        how: How::Chain(|mint| {
            let der = mint.leaf()?.self_signed()?;
            Ok(Chain::new(vec![der], mint.key.clone()))
        }),
        expect: critical(&["untrusted"], "RFC 5280 6.1: no path from a trust anchor"),
    },
    Case {
        name: "wrong-host",
        does: "presents a good certificate for another name",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.named(&["other.lab.example"]))),
        expect: critical(&["name-mismatch"], "RFC 9525 6.3; SharePoint Online, 24 July 2023")
            .without(&["untrusted"]),
    },
];
