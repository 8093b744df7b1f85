//! What the dates say, and how they are written (RFC 5280 section 4.1.2.5).

use std::io;

use super::NAMED;
use crate::asn1::{tag, tlv};
use crate::case::{Case, Expect, How, critical, ok, unknown, warning};
use crate::mint::{Chain, Mint, YEAR};
use crate::time::{DAY, HOUR, generalized, generalized_time, utc_time};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "expired",
        does: "presents a certificate that ended a day ago",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.valid(-91 * DAY, -DAY))),
        expect: critical(&["expired"], "RFC 5280 4.1.2.5: valid through notAfter; badssl")
            .without(&["untrusted", "expires-soon", "malformed"]),
    },
    Case {
        name: "expired-years-ago",
        does: "presents a certificate that ended three years ago",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.valid(-4 * YEAR, -3 * YEAR))),
        expect: critical(&["expired"], "RFC 5280 4.1.2.5; Equifax, 2017: 19 months")
            .without(&["expires-soon", "malformed"]),
    },
    Case {
        name: "not-yet-valid",
        does: "presents a certificate that begins in two days",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.valid(2 * DAY, 92 * DAY))),
        expect: critical(&["not-yet-valid"], "RFC 5280 4.1.2.5: valid from notBefore")
            .without(&["expired", "untrusted"]),
    },
    Case {
        name: "ten-of-ninety-days-left",
        does: "presents a certificate of 90 days with 10 left",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.valid(-80 * DAY, 10 * DAY))),
        expect: warning(&["expires-soon"], "a warning from min(30 d, 0.3 L) = 27 d"),
    },
    Case {
        name: "three-of-ninety-days-left",
        does: "presents a certificate of 90 days with 3 left",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.valid(-87 * DAY, 3 * DAY))),
        expect: critical(&["expires-soon"], "critical from L / 12, at most 7 d: here 7 d")
            .without(&["expired"]),
    },
    Case {
        name: "twenty-nine-of-398-days-left",
        does: "presents a certificate of 398 days with 29 left",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.valid(-369 * DAY, 29 * DAY))),
        expect: warning(&["expires-soon"], "a warning from 30 d"),
    },
    Case {
        name: "thirty-one-of-398-days-left",
        does: "presents a certificate of 398 days with 31 left",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.valid(-367 * DAY, 31 * DAY))),
        expect: ok("a warning from 30 d").without(&["expires-soon"]),
    },
    Case {
        name: "twelve-of-47-days-left",
        does: "presents a certificate of 47 days with 12 left",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.valid(-35 * DAY, 12 * DAY))),
        expect: warning(&["expires-soon"], "a warning from 0.3 L = 14.1 d; CA/B Forum SC-081v3"),
    },
    Case {
        name: "six-days-five-left",
        does: "presents a certificate of 160 hours with 5 days left",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.valid(-40 * HOUR, 5 * DAY))),
        expect: ok("a warning from 0.3 L = 48 h; Let's Encrypt's shortlived profile")
            .without(&["expires-soon"]),
    },
    Case {
        name: "six-days-one-left",
        does: "presents a certificate of 160 hours with 24 left",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.valid(-136 * HOUR, DAY))),
        expect: critical(&["expires-soon"], "critical from 36 h where L is below 10 d"),
    },
    Case {
        name: "one-day-half-left",
        does: "presents a certificate of 24 hours with 12 left",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.valid(-12 * HOUR, 12 * HOUR))),
        expect: ok("a warning from 0.3 L = 7.2 h").without(&["expires-soon"]),
    },
    Case {
        name: "no-set-expiry",
        does: "presents a certificate that ends on 9999-12-31",
        at: NAMED,
        how: How::Chain(|mint| ending(mint, generalized_time("99991231235959Z"))),
        expect: ok("RFC 5280 4.1.2.5: no well-defined expiration date")
            .with(&["no-set-expiry"])
            .without(&["expired", "expires-soon", "malformed"]),
    },
    Case {
        name: "ends-in-2049",
        does: "presents a certificate that ends in the last second of UTCTime",
        at: NAMED,
        how: How::Chain(|mint| ending(mint, utc_time("491231235959Z"))),
        expect: ok("RFC 5280 4.1.2.5: UTCTime through 2049").without(&["expired", "odd-date"]),
    },
    Case {
        name: "ends-in-2050",
        does: "presents a certificate that ends in the first second of GeneralizedTime",
        at: NAMED,
        how: How::Chain(|mint| ending(mint, generalized_time("20500101000000Z"))),
        expect: ok("RFC 5280 4.1.2.5: GeneralizedTime from 2050").without(&["expired", "odd-date"]),
    },
    Case {
        name: "ends-in-2050-as-utc-time",
        does: "writes an end in 2050 as UTCTime, which reads as 1950",
        at: NAMED,
        how: How::Chain(|mint| ending(mint, utc_time("500101000000Z"))),
        expect: critical(&["expired", "odd-date"], "RFC 5280 4.1.2.5.1; OpenSSL issue 4915"),
    },
    Case {
        name: "generalized-time-before-2050",
        does: "writes a good end as GeneralizedTime where UTCTime is asked for",
        at: NAMED,
        how: How::Chain(|mint| ending(mint, generalized_time(&generalized(mint.now + 60 * DAY)))),
        expect: warning(&["odd-date"], "RFC 5280 4.1.2.5: through 2049 as UTCTime")
            .without(&["expired"]),
    },
    Case {
        name: "begins-after-its-end",
        does: "has its dates the wrong way round",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?.valid(60 * DAY, -30 * DAY))),
        expect: critical(&["expired", "odd-date"], "RFC 5280 4.1.2.5: a period has a length"),
    },
    Case {
        name: "month-13",
        does: "ends in month 13",
        at: NAMED,
        how: How::Chain(|mint| ending(mint, utc_time("271301000000Z"))),
        expect: untold("X.680 47: MM is 01 to 12; check_http says OK until 2039"),
    },
    Case {
        name: "february-30",
        does: "ends on 30 February",
        at: NAMED,
        how: How::Chain(|mint| ending(mint, utc_time("280230000000Z"))),
        expect: untold("X.680 47: a day that the month has"),
    },
    Case {
        name: "hour-24",
        does: "ends at 24 o'clock",
        at: NAMED,
        how: How::Chain(|mint| ending(mint, utc_time("280101240000Z"))),
        expect: untold("X.690 11.7.3, 11.8: midnight is 000000"),
    },
    Case {
        name: "without-seconds",
        does: "leaves the seconds of its end out",
        at: NAMED,
        how: How::Chain(|mint| ending(mint, utc_time(&format!("{}Z", &in_60_days(mint)[2..12])))),
        expect: refused("RFC 5280 4.1.2.5.1: seconds must be there"),
    },
    Case {
        name: "fraction-of-a-second",
        does: "ends at a fraction of a second",
        at: NAMED,
        how: How::Chain(|mint| {
            ending(mint, generalized_time(&format!("{}.5Z", &in_60_days(mint)[..14])))
        }),
        expect: refused("RFC 5280 4.1.2.5.2: no fractions"),
    },
    Case {
        name: "expired-fraction-of-a-second",
        does: "ended long ago, at a fraction of a second",
        at: NAMED,
        how: How::Chain(|mint| ending(mint, generalized_time("20200101000000.5Z"))),
        expect: critical(
            &["expired", "odd-date"],
            "RFC 5280 4.1.2.5.2; openssl x509 -checkend says that it will not expire",
        ),
    },
    Case {
        name: "offset-from-utc",
        does: "writes its end with an offset instead of Z",
        at: NAMED,
        how: How::Chain(|mint| {
            ending(mint, utc_time(&format!("{}+0100", &in_60_days(mint)[2..14])))
        }),
        expect: refused("RFC 5280 4.1.2.5.1: must be Z"),
    },
    Case {
        name: "local-time",
        does: "writes its end without a time zone",
        at: NAMED,
        how: How::Chain(|mint| ending(mint, generalized_time(&in_60_days(mint)[..14]))),
        expect: refused("RFC 5280 4.1.2.5.2: must be Z"),
    },
    Case {
        name: "end-in-words",
        does: "ends at \"hello, world!\"",
        at: NAMED,
        how: How::Chain(|mint| ending(mint, utc_time("hello, world!"))),
        expect: untold("X.680 47; check_http says OK until 2569"),
    },
    Case {
        name: "no-end",
        does: "has an end without a single digit",
        at: NAMED,
        how: How::Chain(|mint| ending(mint, utc_time(""))),
        expect: untold("X.680 47: UTCTime has eleven characters at least"),
    },
    Case {
        name: "end-as-a-number",
        does: "has its end as an INTEGER of seconds",
        at: NAMED,
        how: How::Chain(|mint| {
            let seconds = (mint.now + 60 * DAY).to_be_bytes();
            ending(mint, tlv(tag::INTEGER, &seconds[3..]))
        }),
        expect: untold("RFC 5280 4.1: Time is UTCTime or GeneralizedTime"),
    },
    Case {
        name: "year-0000",
        does: "begins in the year 0000",
        at: NAMED,
        how: How::Chain(|mint| beginning(mint, generalized_time("00000101000000Z"))),
        expect: untold("RFC 5280 4.1.2.5: no such year in the calendar of RFC 3339"),
    },
    Case {
        name: "odd-begin",
        does: "begins in month 00, with a good end",
        at: NAMED,
        how: How::Chain(|mint| beginning(mint, utc_time("260001000000Z"))),
        expect: untold("X.680 47: MM is 01 to 12"),
    },
];

/// A date that clients cannot read: they refuse the certificate, whatever we can tell of it.
const fn refused(source: &'static str) -> Expect {
    critical(&["odd-date", "untrusted"], source)
}

/// A date that nobody can tell: there is nothing to judge by, and that is never good.
const fn untold(source: &'static str) -> Expect {
    unknown(&["unreadable"], "read", source).with(&["unreadable", "odd-date"])
}

fn ending(mint: &Mint, not_after: Vec<u8>) -> io::Result<Chain> {
    mint.issued(mint.leaf()?.but(|draft| draft.not_after = not_after))
}

fn beginning(mint: &Mint, not_before: Vec<u8>) -> io::Result<Chain> {
    mint.issued(mint.leaf()?.but(|draft| draft.not_before = not_before))
}

fn in_60_days(mint: &Mint) -> String {
    generalized(mint.now + 60 * DAY)
}
