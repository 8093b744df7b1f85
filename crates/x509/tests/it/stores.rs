//! Key stores and bundles that OpenSSL and Java make.

use std::path::{Path, PathBuf};
use std::time::Duration;

use certvigil_doors::command::{Limits, Program, run};
use certvigil_x509::{DefectId, Found, find};
use proptest::prelude::*;
use tempfile::TempDir;

/// A folder with two certificates and the first one's key, for other programs to pack.
struct Workshop {
    folder: TempDir,
    one: Vec<u8>,
    two: Vec<u8>,
}

impl Workshop {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let key = rcgen::KeyPair::generate().unwrap();
            let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
            (params.self_signed(&key).unwrap(), key)
        };
        let ((one, key), (two, _)) = (make("one.example.org"), make("two.example.org"));
        let files =
            [("one.pem", one.pem()), ("two.pem", two.pem()), ("key.pem", key.serialize_pem())];
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        std::fs::write(folder.path().join("both.pem"), one.pem() + &two.pem()).unwrap();
        Self { one: one.der().to_vec(), two: two.der().to_vec(), folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Runs OpenSSL; a word that is a file's name here becomes its path.
    fn openssl(&self, arguments: &str) {
        self.run(Path::new("/usr/bin/openssl"), arguments);
    }

    fn run(&self, program: &Path, arguments: &str) {
        let is_file =
            |word: &str| word.ends_with(".pem") || word.ends_with(".out") || word.ends_with(".in");
        let word = |word: &str| {
            if is_file(word) { self.path(word) } else { word.replace('~', " ") }
        };
        let program = Program::new(program, arguments.split_whitespace().map(word));
        let limits = Limits { deadline: Some(Duration::from_secs(60)), output_bytes: 10_000 };
        let output = run(&program, limits).unwrap();
        assert!(
            output.status.success(),
            "{arguments}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Packs both certificates, and the key unless told otherwise, with OpenSSL.
    fn pkcs12(&self, options: &str) -> Vec<u8> {
        let key = if options.contains("-nokeys") { "" } else { "-inkey key.pem -certfile two.pem" };
        let input = if options.contains("-nokeys") { "both.pem" } else { "one.pem" };
        self.openssl(&format!("pkcs12 -export -in {input} {key} -out store.out {options}"));
        self.read("store.out")
    }

    fn assert_both(&self, name: &str, found: &[Found]) {
        let ders: Vec<_> = found.iter().map(|found| found.item.as_deref()).collect();
        assert_eq!(ders, [Ok(self.one.as_slice()), Ok(&self.two)], "{name}: {found:?}");
        assert!(found.iter().all(|found| found.flaws.is_empty()), "{name}");
    }
}

fn ids(found: &[Found]) -> Vec<Option<DefectId>> {
    found.iter().map(|found| found.item.as_ref().err().map(|defect| defect.id)).collect()
}

#[test]
fn what_openssl_packs_is_read() {
    let workshop = Workshop::new();
    for options in [
        "-passout pass:secret",
        "-passout pass:secret -nokeys",
        "-passout pass:secret -legacy",
        "-passout pass:secret -legacy -nokeys",
        "-passout pass:secret -descert",
        "-passout pass:secret -certpbe PBE-SHA1-2DES",
        "-passout pass:secret -legacy -certpbe PBE-SHA1-RC2-128",
        "-passout pass:secret -certpbe AES-128-CBC -macalg sha512",
        "-passout pass:secret -certpbe AES-192-CBC",
        "-passout pass:secret -certpbe DES-EDE3-CBC",
        "-passout pass:secret -nomac",
        "-passout pass:secret -nomac -certpbe NONE",
        "-passout pass:secret -iter 1",
        "-passout pass:secret -name web",
    ] {
        let store = workshop.pkcs12(options);
        workshop.assert_both(options, &find(&store, Some("secret")));
    }
}

#[test]
fn odd_passwords_open_what_they_closed() {
    let workshop = Workshop::new();
    for options in ["", "-legacy"] {
        let empty = workshop.pkcs12(&format!("-passout pass: {options}"));
        for password in [None, Some(""), Some("another")] {
            workshop.assert_both(options, &find(&empty, password));
        }
        let odd = workshop.pkcs12(&format!("-passout pass:pässwörd€ {options}"));
        workshop.assert_both(options, &find(&odd, Some("pässwörd€")));
    }
}

#[test]
fn a_closed_store_says_why() {
    let workshop = Workshop::new();
    for options in ["", "-legacy", "-descert"] {
        let store = workshop.pkcs12(&format!("-passout pass:secret {options}"));
        for (password, message) in [
            (None, "it is locked, and no password was given"),
            (Some("Secret"), "neither the password nor the empty one opens it"),
        ] {
            let found = find(&store, password);
            assert_eq!(ids(&found), [Some(DefectId::PasswordWrong)], "{options}");
            assert_eq!(found[0].item.as_ref().unwrap_err().message, message);
        }
    }
    let dear = workshop.pkcs12("-keypbe NONE -passout pass:secret -iter 5000001");
    assert_eq!(ids(&find(&dear, Some("secret"))), [Some(DefectId::EncryptionUnknown)]);
    let unknown = workshop.pkcs12("-legacy -passout pass:secret -certpbe PBE-SHA1-RC4-128");
    assert_eq!(ids(&find(&unknown, Some("secret"))), [Some(DefectId::EncryptionUnknown)]);
}

/// Certificates that are not locked need no password, whatever locks the key.
#[test]
fn what_is_not_locked_needs_no_password() {
    let workshop = Workshop::new();
    let store = workshop.pkcs12("-passout pass:secret -certpbe NONE -name web~server");
    let found = find(&store, None);
    workshop.assert_both("open", &found);
    assert_eq!(found[0].at, "certificate 1 (web server)");
    assert_eq!(found[1].at, "certificate 2");
}

#[test]
fn an_ill_formed_certificate_in_a_store_drops_no_other() {
    let workshop = Workshop::new();
    let mut store = workshop.pkcs12("-passout pass:secret -certpbe NONE -nomac");
    let at = position(&store, &workshop.one);
    // The tag of tbsCertificate.
    store[at + 4] = 0x31;
    let found = find(&store, None);
    let mut broken = workshop.one.clone();
    broken[4] = 0x31;
    assert_eq!(found[0].item, Ok(broken));
    assert_eq!(found[1].item.as_ref(), Ok(&workshop.two));
}

#[test]
fn a_store_without_certificates_says_so() {
    let workshop = Workshop::new();
    workshop.openssl("pkcs12 -export -nocerts -inkey key.pem -out store.out -passout pass:x");
    assert_eq!(
        ids(&find(&workshop.read("store.out"), Some("x"))),
        [Some(DefectId::NotACertificate)]
    );
}

#[test]
fn a_cut_store_gives_what_is_left_and_says_so() {
    let workshop = Workshop::new();
    let store = workshop.pkcs12("-passout pass:secret -certpbe NONE -nomac");
    let second = position(&store, &workshop.two);
    let found = find(&store[..second + 10], None);
    assert_eq!(found[0].item.as_ref(), Ok(&workshop.one));
    assert_eq!(found[1].item.as_deref(), Ok(&workshop.two[..10]));
    assert_eq!(ids(&found[2..]), [Some(DefectId::Truncated)]);
}

#[test]
fn bundles_are_read() {
    let workshop = Workshop::new();
    for (form, at) in [("DER", "certificate 1"), ("PEM", "line 1, certificate 1")] {
        workshop.openssl(&format!(
            "crl2pkcs7 -nocrl -certfile both.pem -outform {form} -out bundle.out"
        ));
        let bundle = workshop.read("bundle.out");
        let found = find(&bundle, None);
        workshop.assert_both(form, &found);
        assert_eq!(found[0].at, at);
        // In one file with others, and under a label that it does not deserve.
        if form == "PEM" {
            let text = String::from_utf8(bundle).unwrap().replace("PKCS7", "CERTIFICATE");
            workshop.assert_both("another label", &find(text.as_bytes(), None));
        }
    }
    workshop.openssl("crl2pkcs7 -nocrl -outform DER -out bundle.out");
    assert_eq!(ids(&find(&workshop.read("bundle.out"), None)), [Some(DefectId::NotACertificate)]);
}

/// OpenSSL streams with lengths left open and strings in pieces, which only BER allows.
#[test]
fn a_bundle_in_ber_is_read() {
    let workshop = Workshop::new();
    for form in ["DER", "PEM"] {
        workshop.openssl(&format!(
            "cms -sign -binary -nodetach -stream -indef -in key.pem -signer one.pem -inkey key.pem \
             -certfile two.pem -outform {form} -out bundle.out"
        ));
        let found = find(&workshop.read("bundle.out"), None);
        let mut ders: Vec<_> = found.iter().map(|found| found.item.as_deref().unwrap()).collect();
        // A SET has no order of its own.
        ders.sort_by_key(|der| *der != workshop.one);
        assert_eq!(ders, [&workshop.one, &workshop.two], "{form}");
    }
}

#[test]
fn what_openssl_trusts_is_cut_off() {
    let workshop = Workshop::new();
    workshop
        .openssl("x509 -in one.pem -trustout -addtrust serverAuth -setalias mine -out trusted.out");
    let text = workshop.read("trusted.out");
    assert!(text.starts_with(b"-----BEGIN TRUSTED CERTIFICATE-----"));
    let found = find(&text, None);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].item.as_ref(), Ok(&workshop.one));
    workshop.openssl("x509 -in one.pem -text -out text.out");
    assert_eq!(find(&workshop.read("text.out"), None)[0].item.as_ref(), Ok(&workshop.one));
}

#[test]
fn a_revocation_list_is_no_certificate() {
    let workshop = Workshop::new();
    std::fs::write(workshop.path("index.in"), "").unwrap();
    let settings = format!(
        "[ca]\ndefault_ca=x\n[x]\ndatabase={}\ndefault_md=sha256\ndefault_crl_days=9\n",
        workshop.path("index.in")
    );
    std::fs::write(workshop.path("settings.in"), settings).unwrap();
    workshop.openssl("ca -gencrl -config settings.in -cert one.pem -keyfile key.pem -out list.out");
    workshop.openssl("crl -in list.out -outform DER -out der.out");
    for name in ["list.out", "der.out"] {
        let found = find(&workshop.read(name), None);
        assert_eq!(ids(&found), [Some(DefectId::NotACertificate)], "{name}");
    }
}

/// Whatever happens to a store, something is told of it, and nothing panics.
#[test]
fn mutated_stores_give_something() {
    let workshop = Workshop::new();
    workshop.openssl("crl2pkcs7 -nocrl -certfile both.pem -outform DER -out bundle.out");
    let stores = [
        workshop.read("bundle.out"),
        workshop.pkcs12("-passout pass:x -certpbe NONE"),
        workshop.pkcs12("-passout pass:x -iter 1"),
        workshop.pkcs12("-passout pass:x -iter 1 -legacy"),
        java_store(&workshop.one, &workshop.two),
    ];
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let mutation = (any::<prop::sample::Index>(), any::<u8>());
    proptest!(config, |(mutations in prop::collection::vec(mutation, 1..4), cut in 0..3_usize)| {
        for store in &stores {
            let mut bytes = store.clone();
            for (index, byte) in &mutations {
                *index.get_mut(&mut bytes) = *byte;
            }
            bytes.truncate(bytes.len() >> cut);
            prop_assert!(!find(&bytes, Some("x")).is_empty());
        }
    });
}

/// A JKS as the OpenJDK's `JavaKeyStore.engineStore` writes it, its digest left out.
fn java_store(one: &[u8], two: &[u8]) -> Vec<u8> {
    let number = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    let certificate = |der: &[u8]| [b"\0\x05X.509", &number(der.len())[..], der].concat();
    let date = 1_795_478_400_000_u64.to_be_bytes();
    let head = [&[0xfe, 0xed, 0xfe, 0xed][..], &number(2), &number(2)].concat();
    let key = [&number(1)[..], b"\0\x03web", &date, &number(4), &[0x30, 2, 5, 0], &number(1)];
    let trusted = [&number(2)[..], b"\0\x07trusted", &date];
    [head, key.concat(), certificate(one), trusted.concat(), certificate(two)].concat()
}

#[test]
fn self_agrees_a_store_as_java_writes_it_is_read() {
    let workshop = Workshop::new();
    let store = java_store(&workshop.one, &workshop.two);
    workshop.assert_both("made here", &find(&store, None));
    cut_anywhere(&workshop, &store);
}

#[test]
fn what_java_packs_is_read() {
    let Some(keytool) = keytool() else { return };
    let workshop = Workshop::new();
    workshop.pkcs12("-passout pass:secret -name web");
    std::fs::rename(workshop.path("store.out"), workshop.path("store.in")).unwrap();
    for kind in ["JKS", "JCEKS", "PKCS12"] {
        let _ = std::fs::remove_file(workshop.path("java.out"));
        workshop.run(
            &keytool,
            &format!(
                "-importkeystore -srckeystore store.in -srcstoretype PKCS12 -srcstorepass secret \
             -destkeystore java.out -deststoretype {kind} -deststorepass secret"
            ),
        );
        let secrets: &[&str] =
            if kind == "JCEKS" { &["a-secret", "another", "third"] } else { &[] };
        for alias in secrets {
            workshop.run(
                &keytool,
                &format!(
                    "-genseckey -alias {alias} -keyalg AES -keysize 128 -keystore java.out \
                 -storetype {kind} -storepass secret -keypass secret"
                ),
            );
        }
        workshop.run(
            &keytool,
            &format!(
                "-importcert -noprompt -alias trusted -file two.pem -keystore java.out \
             -storetype {kind} -storepass secret"
            ),
        );
        let password = (kind == "PKCS12").then_some("secret");
        let found = find(&workshop.read("java.out"), password);
        let mut ders: Vec<_> = found.iter().map(|found| found.item.as_deref().unwrap()).collect();
        ders.sort_by_key(|der| *der != workshop.one);
        assert_eq!(ders, [&workshop.one, &workshop.two], "{kind}: {found:?}");
        let mut places: Vec<&str> = found.iter().map(|found| found.at.as_str()).collect();
        places.sort_unstable();
        match kind {
            // In the order in which they stand there, which Java leaves to chance.
            "PKCS12" => assert!(places[0].starts_with("certificate 1 ("), "{places:?}"),
            _ => assert_eq!(places, ["entry trusted", "entry web, certificate 1"]),
        }
        let store = workshop.read("java.out");
        if kind != "PKCS12" {
            cut_anywhere(&workshop, &store);
        }
        // Else nothing shows that certificates behind a secret are found.
        let first_secret = store.windows(4).position(|bytes| bytes == [0xac, 0xed, 0, 5]);
        let last = [&workshop.one, &workshop.two].map(|der| position_from_end(&store, der));
        assert!(kind != "JCEKS" || first_secret < last.into_iter().flatten().max(), "{kind}");
    }
}

/// A Java store cut anywhere gives what came whole before the cut and says what is missing.
fn cut_anywhere(workshop: &Workshop, store: &[u8]) {
    let ends: Vec<usize> = [&workshop.one, &workshop.two]
        .map(|der| position(store, der) + der.len())
        .into_iter()
        .collect();
    let complete = *ends.iter().max().unwrap();
    for length in 4..complete {
        let found = find(&store[..length], None);
        let whole = ends.iter().filter(|&&end| end <= length).count();
        let good = found.iter().filter(|found| found.item.is_ok()).count();
        assert_eq!(good, whole, "cut at {length}");
        assert_eq!(found.len(), whole + 1, "cut at {length}");
    }
}

fn position_from_end(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).rposition(|window| window == part)
}

fn position(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).unwrap()
}

fn keytool() -> Option<PathBuf> {
    let keytool = Path::new("/usr/bin/keytool");
    if keytool.exists() {
        return Some(keytool.to_owned());
    }
    skipped("SKIPPED: keytool absent: stores of Java are not tried (install a JRE)");
    None
}

#[expect(clippy::print_stderr, reason = "what is not tried must be seen")]
pub(crate) fn skipped(why: &str) {
    eprintln!("{why}");
}
