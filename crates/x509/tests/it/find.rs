//! Certificates in text and in plain DER.

use certvigil_x509::{DefectId, Found, find};
use proptest::prelude::*;

/// What one place gave.
#[derive(Debug, PartialEq)]
enum Gave<'a> {
    /// These bytes, with nothing amiss.
    Good(&'a [u8]),
    /// These bytes, though something around them is wrong.
    Flawed(&'a [u8]),
    Bad(DefectId),
}

fn gave(found: &Found) -> (&str, Gave<'_>) {
    let gave = match &found.item {
        Ok(der) if found.flaws.is_empty() => Gave::Good(der),
        Ok(der) => Gave::Flawed(der),
        Err(defect) => Gave::Bad(defect.id),
    };
    (&found.at, gave)
}

fn assert_found(name: &str, bytes: &[u8], want: &[(&str, Gave<'_>)]) {
    let found = find(bytes, None);
    let all: Vec<_> = found.iter().map(gave).collect();
    assert_eq!(all, want, "{name}: {found:#?}");
}

/// Two certificates as DER.
fn two() -> [Vec<u8>; 2] {
    ["one.example.org", "two.example.org"].map(|name| {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    })
}

/// The base64 of `der` in lines of `width`.
fn base64(der: &[u8], width: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in der.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let value = ALPHABET[(bits >> (18 - 6 * index) & 63) as usize];
            text.push(if index <= chunk.len() { value as char } else { '=' });
        }
    }
    let lines: Vec<&str> =
        text.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join("\n")
}

fn block(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", base64(der, 64))
}

fn pem(der: &[u8]) -> String {
    block("CERTIFICATE", der)
}

#[test]
fn text_around_a_block_does_not_matter() {
    let [one, two] = two();
    let (a, b) = (pem(&one), pem(&two));
    let mail = format!("From: x\r\nSubject: -- BEGIN --\r\n\r\nHi,\r\n{}\r\n-- \r\nBye", a);
    let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{a}").encode_utf16().flat_map(order).collect()
    };
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("alone", a.clone().into(), "line 1"),
        ("mail", mail.into(), "line 5"),
        ("line ends of Windows", a.replace('\n', "\r\n").into(), "line 1"),
        ("line ends of old", format!("x\n{a}").replace('\n', "\r").into(), "line 2"),
        ("byte order mark", format!("\u{feff}{a}").into(), "line 1"),
        ("two-byte characters", utf16(u16::to_le_bytes), "line 1"),
        ("two-byte characters, the other way", utf16(u16::to_be_bytes), "line 1"),
        ("indented", format!("x:\n  {}", a.replace('\n', "\n  ")).into(), "line 2"),
        ("quoted", format!("> {}", a.replace('\n', "\n> ")).into(), "line 1"),
        ("no last line end", a.trim_end().into(), "line 1"),
        ("blank lines", a.replace('\n', "\n\n").into(), "line 1"),
        ("white space at line ends", a.replace('\n', " \t\n").into(), "line 1"),
        ("bytes that are no text", [b"\xff\0\xfe\n", a.as_bytes()].concat(), "line 2"),
        ("an older label", block("X509 CERTIFICATE", &one).into(), "line 1"),
        ("headers", a.replacen("-----\n", "-----\nProc-Type: 4\nX: y\n\n", 1).into(), "line 1"),
        ("a key before", format!("{}{a}", block("PRIVATE KEY", &two)).into(), ""),
        ("a key behind", format!("{a}{}", block("EC PRIVATE KEY", &two)).into(), "line 1"),
    ];
    for (name, bytes, at) in cases {
        let found = find(&bytes, None);
        let [found] = found.as_slice() else { panic!("{name}: {found:#?}") };
        assert_eq!(gave(found).1, Gave::Good(&one), "{name}: {found:#?}");
        assert!(at.is_empty() || found.at == at, "{name}: {}", found.at);
    }
    for width in [1, 3, 63, 64, 76, 254, 1023, 1025, 100_000] {
        let text = format!("-----BEGIN CERTIFICATE-----\n{}\n", base64(&one, width))
            + "-----END CERTIFICATE-----";
        assert_found("lines of another length", text.as_bytes(), &[("line 1", Gave::Good(&one))]);
    }
    let third = format!("line {}", 2 + a.lines().count() + b.lines().count());
    let want = [
        ("line 1", Gave::Good(&one)),
        (&format!("line {}", 1 + a.lines().count()), Gave::Good(&two)),
        (&third, Gave::Good(&one)),
    ];
    assert_found("a bundle", format!("{a}{b}\n{a}").as_bytes(), &want);
}

#[test]
fn a_broken_block_drops_none_beside_it() {
    let [one, two] = two();
    let (a, b) = (pem(&one), pem(&two));
    let cut = |text: &str, part: &str| text.replacen(part, "", 1);
    let begin = "-----BEGIN CERTIFICATE-----\n";
    let end = "-----END CERTIFICATE-----\n";
    let body = cut(&cut(&b, begin), end);
    let replaced = format!("{}*{}", &body[..100], &body[101..]);
    let middle = body.len() / 2;
    let cases: Vec<(&str, String, Gave<'_>)> = vec![
        // The bytes that are left are told; their reader says that they are cut.
        ("lines lost", format!("{begin}{}\n{end}", &body[..64]), Gave::Good(&two[..48])),
        ("nothing in it", format!("{begin}{end}"), Gave::Bad(DefectId::PemMalformed)),
        (
            "a character replaced",
            format!("{begin}{replaced}{end}"),
            Gave::Bad(DefectId::PemMalformed),
        ),
        ("words", format!("{begin}none yet!\n{end}"), Gave::Bad(DefectId::PemMalformed)),
        ("no end", format!("{begin}{body}"), Gave::Flawed(&two)),
        ("no end, then text", format!("{begin}{body}s:/CN=x\nAAAA\n"), Gave::Flawed(&two)),
        ("no end, cut", format!("{begin}{}\n", &body[..64]), Gave::Bad(DefectId::PemMalformed)),
        ("no beginning", format!("{body}{end}"), Gave::Bad(DefectId::PemMalformed)),
        ("another end", b.replacen("END CERT", "END X509 CERT", 1), Gave::Flawed(&two)),
        ("four dashes", b.replace("-----B", "----B"), Gave::Flawed(&two)),
        ("a comment in it", format!("{begin}# my own\n{body}{end}"), Gave::Flawed(&two)),
        (
            "a mark in it",
            format!("{begin}{}*{}{end}", &body[..99], &body[99..]),
            Gave::Flawed(&two),
        ),
        (
            "padding in it",
            format!("{begin}{}=\n={}{end}", &body[..middle], &body[middle..]),
            Gave::Flawed(&two),
        ),
        ("too much padding", format!("{begin}{}=={end}", body.trim_end()), Gave::Flawed(&two)),
    ];
    for (name, broken, want) in cases {
        let text = format!("{a}{broken}{a}");
        let found = find(text.as_bytes(), None);
        let all: Vec<Gave<'_>> = found.iter().map(|found| gave(found).1).collect();
        assert_eq!(all, [Gave::Good(&one), want, Gave::Good(&one)], "{name}: {found:#?}");
        let line = 1 + a.lines().count() + broken.lines().count();
        assert_eq!(found[2].at, format!("line {line}"), "{name}");
        if name != "no beginning" {
            assert_eq!(found[1].at, format!("line {}", 1 + a.lines().count()), "{name}");
        }
    }
    // `cat` behind a file whose last line has no end: OpenSSL finds neither END nor second BEGIN.
    let joined = format!("{}{a}", b.trim_end());
    let last = format!("line {}", b.lines().count());
    let want = [("line 1", Gave::Flawed(&two)), (&last, Gave::Good(&one))];
    assert_found("joined", joined.as_bytes(), &want);
}

#[test]
fn the_place_of_a_wrong_character_is_told() {
    let [one, _] = two();
    let mut lines: Vec<String> = pem(&one).lines().map(str::to_owned).collect();
    lines[3].replace_range(7..8, "\u{7}");
    let text = lines.join("\n");
    let found = find(text.as_bytes(), None);
    let Err(defect) = &found[0].item else { panic!("{found:?}") };
    assert_eq!(defect.message, "\"\\u{7}\" in line 4 is not base64");
    assert_eq!(defect.offset, text.find('\u{7}').unwrap());
}

#[test]
fn what_holds_no_certificate_says_so() {
    let [one, _] = two();
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["x.example.org".to_owned()]).unwrap();
    let request = params.serialize_request(&key).unwrap();
    let not = || Gave::Bad(DefectId::NotACertificate);
    let cases: Vec<(&str, Vec<u8>, &str, &str)> = vec![
        ("nothing", Vec::new(), "byte 0", "it is empty"),
        ("zeros", vec![0; 100], "byte 0", "no certificate is found in its 100 bytes"),
        ("words", "hello".into(), "byte 0", "no certificate is found in its 5 bytes"),
        (
            "a key",
            block("PRIVATE KEY", &one).into(),
            "line 1",
            "it holds PRIVATE KEY and no certificate",
        ),
        ("a key's DER", key.serialize_der(), "byte 0", "it is a private key"),
        ("a request", request.pem().unwrap().into(), "line 1", ""),
        ("a request's DER", request.der().to_vec(), "byte 0", "it is a certification request"),
        ("PEM without a block", b"-----BEGIN -----\n".to_vec(), "byte 0", ""),
    ];
    for (name, bytes, at, message) in cases {
        assert_found(name, &bytes, &[(at, not())]);
        let Err(defect) = &find(&bytes, None)[0].item else { panic!() };
        assert!(defect.message.starts_with(message), "{name}: {}", defect.message);
    }
}

#[test]
fn der_is_taken_as_it_is_and_cut_apart() {
    let [one, two] = two();
    let both = [one.as_slice(), &two].concat();
    let second = format!("byte {}", one.len());
    assert_found("one", &one, &[("byte 0", Gave::Good(&one))]);
    assert_found("two", &both, &[("byte 0", Gave::Flawed(&one)), (&second, Gave::Good(&two))]);
    let more = [one.as_slice(), b"\n"].concat();
    assert_found("one and a line end", &more, &[("byte 0", Gave::Good(&more))]);
    assert_found("cut", &one[..200], &[("byte 0", Gave::Good(&one[..200]))]);
    let mut tag = one.clone();
    tag[0] = 0x31;
    assert_found("another tag", &tag, &[("byte 0", Gave::Good(&tag))]);
}

/// What five parsers take as one certificate is found as one, as it is.
#[test]
fn certificates_of_others_come_back_byte_for_byte() {
    #[derive(serde::Deserialize)]
    struct Truth {
        file: String,
        form: String,
        class: String,
    }
    let Some(corpus) = crate::conformance::corpus_directory() else {
        return crate::stores::skipped(crate::conformance::ABSENT);
    };
    let mut count = 0;
    for line in std::fs::read_to_string(corpus.join("truth.jsonl")).unwrap().lines() {
        let Truth { file, form, class } = serde_json::from_str(line).unwrap();
        let bytes = std::fs::read(corpus.join(&file)).unwrap();
        let found = find(&bytes, None);
        assert!(!found.is_empty(), "{file}");
        if class == "wellformed" {
            let [Found { item: Ok(der), flaws, .. }] = found.as_slice() else { panic!("{file}") };
            assert!(flaws.is_empty() && (form == "pem" || *der == bytes), "{file}: {flaws:?}");
            count += 1;
        }
    }
    assert!(count > 0);
}

/// A value as Kubernetes secrets and metadata hold it.
#[test]
fn base64_without_a_marker_is_looked_into() {
    let [one, two] = two();
    assert_found("of DER", base64(&one, 76).as_bytes(), &[("byte 0", Gave::Good(&one))]);
    let bundle = pem(&one) + &pem(&two);
    let second = format!("line {}", 1 + pem(&one).lines().count());
    let want = [("line 1", Gave::Good(&one[..])), (&second, Gave::Good(&two[..]))];
    assert_found("of PEM", base64(bundle.as_bytes(), usize::MAX).as_bytes(), &want);
}

/// A gigabyte of hostile text would be no more than a megabyte's time a thousand times over.
#[test]
fn text_made_to_take_long_does_not() {
    let unit = |text: &str| text.repeat(1_000_000 / text.len());
    for text in [
        unit("-"),
        unit("-BEGIN "),
        unit("-----BEGIN CERTIFICATE-----\n"),
        unit("-----END CERTIFICATE-----"),
        unit("-----BEGIN CERTIFICATE-----\n:\n"),
        format!("-----BEGIN CERTIFICATE-----\n{}", unit("a:\n")),
        format!("-----BEGIN CERTIFICATE-----\n{}", unit("A\n")),
        unit("\u{30}\u{7f}"),
        unit("\u{fe}\u{ed}"),
    ] {
        let found = find(text.as_bytes(), None);
        assert!(!found.is_empty() && found.len() <= 100_001);
    }
}

/// Whatever happens to one block, those on both sides are found as they are.
#[test]
fn mutations_of_one_block_leave_the_others_alone() {
    let [one, two] = two();
    let (a, b) = (pem(&one), pem(&two));
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let mutation = (0..b.len(), 0..3_u8, any::<u8>());
    proptest!(config, |(mutations in proptest::collection::vec(mutation, 1..4))| {
        let mut bytes = b.clone().into_bytes();
        for (at, kind, byte) in mutations {
            let at = at.min(bytes.len() - 1);
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        let text = [a.as_bytes(), &bytes, a.as_bytes()].concat();
        let found = find(&text, None);
        let good = found.iter().filter(|found| found.item.as_ref() == Ok(&one)).count();
        prop_assert!(good >= 2, "{found:#?}");
    });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_something(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for start in [&b""[..], &[0xfe, 0xed, 0xfe, 0xed], &[0xce; 4], &[0x30, 0x80], b"-----BEGIN CERTIFICATE-----\n"] {
            prop_assert!(!find(&[start, &bytes].concat(), Some("x")).is_empty());
        }
    }
}
