//! Distinguished names as text: RFC 4514's own examples, and every string type.

use certvigil_x509::{DefectId, read};

use crate::der::{COMMON_NAME, Parts, attribute, name, sequence, set, tlv};

const UTF8: u8 = 0x0c;
const PRINTABLE: u8 = 0x13;
const TELETEX: u8 = 0x14;
const IA5: u8 = 0x16;
const UNIVERSAL: u8 = 0x1c;
const BMP: u8 = 0x1e;

const COUNTRY: &[u8] = b"\x55\x04\x06";
const ORGANIZATION: &[u8] = b"\x55\x04\x0a";
const ORGANIZATIONAL_UNIT: &[u8] = b"\x55\x04\x0b";
const DOMAIN_COMPONENT: &[u8] = b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19";
const USER_ID: &[u8] = b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01";

struct Case {
    name: &'static str,
    der: Vec<u8>,
    want: &'static str,
    defects: &'static [DefectId],
}

fn good(name: &'static str, der: Vec<u8>, want: &'static str) -> Case {
    Case { name, der, want, defects: &[] }
}

fn bad(name: &'static str, der: Vec<u8>, want: &'static str, defects: &'static [DefectId]) -> Case {
    Case { name, der, want, defects }
}

fn cases() -> Vec<Case> {
    let domain = |label: &str| set(&[&attribute(DOMAIN_COMPONENT, IA5, label.as_bytes())]);
    let cn = |tag: u8, value: &[u8]| name(COMMON_NAME, tag, value);
    let sales = attribute(ORGANIZATIONAL_UNIT, UTF8, b"Sales");
    let smith = attribute(COMMON_NAME, UTF8, b"J.  Smith");
    vec![
        // RFC 4514 section 4
        good(
            "reversed order",
            sequence(&[
                &domain("net"),
                &domain("example"),
                &set(&[&attribute(USER_ID, UTF8, b"jsmith")]),
            ]),
            "UID=jsmith,DC=example,DC=net",
        ),
        good(
            "two attributes in one part",
            sequence(&[&domain("net"), &domain("example"), &set(&[&sales, &smith])]),
            "OU=Sales+CN=J.  Smith,DC=example,DC=net",
        ),
        good(
            "quotes and a comma",
            sequence(&[
                &domain("net"),
                &domain("example"),
                &set(&[&attribute(COMMON_NAME, UTF8, b"James \"Jim\" Smith, III")]),
            ]),
            "CN=James \\\"Jim\\\" Smith\\, III,DC=example,DC=net",
        ),
        good("a carriage return", cn(UTF8, b"Before\rAfter"), "CN=Before\\0DAfter"),
        good(
            "an unknown type",
            name(b"\x2b\x06\x01\x04\x01\x8b\x3a\x00", 0x04, b"Hi"),
            "1.3.6.1.4.1.1466.0=#04024869",
        ),
        good("letters beyond ASCII", cn(UTF8, b"Lu\xc4\x8di\xc4\x87"), "CN=Lučić"),
        // RFC 4514 section 2.4
        good("space and hash at the ends", cn(UTF8, b" a "), "CN=\\ a\\ "),
        good("one space", cn(UTF8, b" "), "CN=\\ "),
        good("a hash first", cn(UTF8, b"#a#"), "CN=\\#a#"),
        good("all that is special", cn(UTF8, b"+;<>\\=\0"), "CN=\\+\\;\\<\\>\\\\=\\00"),
        good("no name", sequence(&[]), ""),
        // X.680 section 41
        good("PrintableString", cn(PRINTABLE, b"a '()+,-./:=?"), "CN=a '()\\+\\,-./:=?"),
        good("TeletexString", cn(TELETEX, b"Caf\xe9"), "CN=Café"),
        good("BMPString", cn(BMP, b"\0B\0\xfc\x26\x03"), "CN=Bü☃"),
        good("UniversalString", cn(UNIVERSAL, b"\0\0\0B\0\x01\xf6\0"), "CN=B😀"),
        bad("no UTF-8", cn(UTF8, b"a\xffb"), "CN=a\\FFb", &[DefectId::StringMalformed]),
        bad(
            "an underscore in PrintableString",
            cn(PRINTABLE, b"a_b"),
            "CN=a_b",
            &[DefectId::StringMalformed],
        ),
        bad("half a character", cn(BMP, b"\0B\0"), "CN=\\00B\\00", &[DefectId::StringMalformed]),
        bad("a surrogate", cn(BMP, b"\xd8\0"), "CN=\\D8\\00", &[DefectId::StringMalformed]),
        bad(
            "beyond Unicode",
            cn(UNIVERSAL, b"\0\x11\0\0"),
            "CN=\\00\\11\\00\\00",
            &[DefectId::StringMalformed],
        ),
        bad("IA5String as a common name", cn(IA5, b"a"), "CN=a", &[DefectId::StringType]),
        bad("UTF8String as a country", name(COUNTRY, UTF8, b"DE"), "C=DE", &[DefectId::StringType]),
        bad("no string at all", cn(0x02, b"\x05"), "CN=#020105", &[DefectId::WrongTag]),
        bad("an empty value", name(ORGANIZATION, UTF8, b""), "O=", &[DefectId::StringEmpty]),
        bad(
            "out of order",
            sequence(&[&set(&[&smith, &sales])]),
            "CN=J.  Smith+OU=Sales",
            &[DefectId::SetNotSorted],
        ),
        bad(
            "a part that is empty",
            sequence(&[&set(&[]), &set(&[&sales])]),
            "OU=Sales",
            &[DefectId::NameMalformed],
        ),
        bad(
            "a value too many",
            sequence(&[&set(&[&sequence(&[
                &tlv(0x06, COMMON_NAME),
                &tlv(UTF8, b"a"),
                &tlv(UTF8, b"b"),
            ])])]),
            "CN=a",
            &[DefectId::TrailingData],
        ),
    ]
}

#[test]
fn every_name_is_written_as_rfc_4514_has_it() {
    for case in cases() {
        let extensions = vec![];
        let version = vec![];
        let facts = read(
            &Parts { issuer: case.der.clone(), version, extensions, ..Parts::default() }.der(),
        );
        let issuer = facts.issuer.as_ref().unwrap();
        assert_eq!(issuer.text.raw(), case.want, "{}", case.name);
        assert_eq!(issuer.der, case.der, "{}", case.name);
        let other = |id: &DefectId| *id != DefectId::IssuerEmpty;
        let ids: Vec<DefectId> =
            facts.defects.iter().map(|defect| defect.id).filter(other).collect();
        assert_eq!(ids, case.defects, "{}: {:?}", case.name, facts.defects);
    }
}

#[test]
fn common_names_are_told_apart_and_unescaped() {
    let [one, two] =
        [b"a, b", b"c\xff\xff\xff"].map(|name| set(&[&attribute(COMMON_NAME, UTF8, name)]));
    let facts = read(&Parts { subject: sequence(&[&one, &two]), ..Parts::default() }.der());
    let names = facts.subject.unwrap().common_names;
    let names: Vec<&str> = names.iter().map(|name| name.raw()).collect();
    assert_eq!(names, ["a, b", "c\\FF\\FF\\FF"]);
}

#[test]
fn a_name_of_nothing_readable_has_no_value() {
    for broken in
        [sequence(&[&tlv(0x02, b"\x01")]), tlv(0x31, b""), sequence(&[&set(&[&tlv(0x05, b"")])])]
    {
        let facts = read(&Parts { subject: broken, ..Parts::default() }.der());
        assert!(facts.subject.is_err());
        assert!(facts.issuer.is_ok() && facts.not_after.is_ok());
        assert!(!facts.well_formed());
    }
}
