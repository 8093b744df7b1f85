//! Freshly minted certificates, then broken at random.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use certvigil_model::Time;
use certvigil_x509::{DefectId, Facts, Malformed, Recovered, read, subject_public_key_info};
use proptest::prelude::*;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::minted;

/// One wound; places are parts of 65,536 of the certificate's length.
#[derive(Clone, Debug)]
enum Wound {
    Flip { at: u16, mask: u8 },
    Cut { at: u16 },
    Insert { at: u16, bytes: Vec<u8> },
    Remove { at: u16, count: u8 },
    Repeat { at: u16, count: u8 },
}

impl Wound {
    fn inflict(&self, der: &mut Vec<u8>) {
        let place = |at: u16| der.len() * usize::from(at) / 65_536;
        match self {
            Self::Flip { at, mask } => {
                let at = place(*at);
                if let Some(octet) = der.get_mut(at) {
                    *octet ^= mask;
                }
            }
            Self::Cut { at } => der.truncate(place(*at)),
            Self::Insert { at, bytes } => {
                let at = place(*at);
                der.splice(at..at, bytes.iter().copied());
            }
            Self::Remove { at, count } => {
                let at = place(*at);
                der.drain(at..(at + usize::from(*count)).min(der.len()));
            }
            Self::Repeat { at, count } => {
                let at = place(*at);
                let range = at..(at + usize::from(*count)).min(der.len());
                let copy = der[range].to_vec();
                der.splice(at..at, copy);
            }
        }
    }
}

fn wound() -> impl Strategy<Value = Wound> {
    prop_oneof![
        4 => (any::<u16>(), 1..=u8::MAX).prop_map(|(at, mask)| Wound::Flip { at, mask }),
        1 => any::<u16>().prop_map(|at| Wound::Cut { at }),
        2 => (any::<u16>(), prop::collection::vec(any::<u8>(), 1..20))
            .prop_map(|(at, bytes)| Wound::Insert { at, bytes }),
        2 => (any::<u16>(), 1..40_u8).prop_map(|(at, count)| Wound::Remove { at, count }),
        2 => (any::<u16>(), 1..40_u8).prop_map(|(at, count)| Wound::Repeat { at, count }),
    ]
}

/// A leaf of every usual kind of key, and an authority.
static MINTED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let (root, leaf) = minted::pair(&rcgen::PKCS_ECDSA_P256_SHA256);
    vec![root, leaf, minted::pair(&rcgen::PKCS_RSA_SHA256).1, minted::pair(&rcgen::PKCS_ED25519).1]
});

fn is_flagged(facts: &Facts) -> bool {
    !facts.well_formed()
}

/// `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let given = ProptestConfig::default();
    ProptestConfig { cases: given.cases.max(2_000), failure_persistence: None, ..given }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_wounded_certificate_never_lies(
        which in 0..4_usize,
        wounds in prop::collection::vec(wound(), 1..4),
    ) {
        let mut der = MINTED[which].clone();
        for wound in &wounds {
            wound.inflict(&mut der);
        }
        let facts = read(&der);
        prop_assert!(facts.defects.len() <= 129);
        prop_assert!(facts.defects.iter().all(|defect| defect.offset <= der.len()));
        prop_assert!(facts.defects.is_sorted_by_key(|defect| defect.offset));
        prop_assert_eq!(&read(&der), &facts);
        prop_assert!(facts.recovered == Recovered::Strict || !facts.defects.is_empty());
        for why in causes(&facts) {
            prop_assert!(is_told(&facts, &why), "{why:?} {:?}", facts.defects);
        }
        if let Some(key) = subject_public_key_info(&der) {
            prop_assert!(der.windows(key.len()).any(|window| window == key));
        }
        if !is_flagged(&facts) {
            agrees_with_x509_parser(&der, &facts)?;
        }
    }

    #[test]
    fn dates_change_only_with_their_own_bytes(
        which in 0..4_usize,
        at in any::<u16>(),
        mask in 1..=u8::MAX,
    ) {
        let whole = &MINTED[which];
        let at = whole.len() * usize::from(at) / 65_536;
        let validity = validity_range(whole);
        let mut der = whole.clone();
        der[at] ^= mask;
        let (before, after) = (read(whole), read(&der));
        let same = before.not_before == after.not_before && before.not_after == after.not_after;
        prop_assert!(same || validity.contains(&at) || is_flagged(&after));
    }

    #[test]
    fn noise_never_passes_for_a_certificate(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(is_flagged(&read(&bytes)));
    }
}

/// Why each field without a value has none.
fn causes(facts: &Facts) -> Vec<Malformed> {
    let own = [
        facts.version.as_ref().err(),
        facts.serial_number.as_ref().err(),
        facts.signature_algorithm.as_ref().err(),
        facts.issuer.as_ref().err(),
        facts.not_before.as_ref().err(),
        facts.not_after.as_ref().err(),
        facts.subject.as_ref().err(),
        facts.public_key.as_ref().err(),
        facts.extensions.subject_alt_name.as_ref().err(),
        facts.extensions.basic_constraints.as_ref().err(),
        facts.extensions.key_usage.as_ref().err(),
        facts.extensions.extended_key_usage.as_ref().err(),
        facts.extensions.authority_key_identifier.as_ref().err(),
        facts.extensions.subject_key_identifier.as_ref().err(),
        facts.extensions.tls_features.as_ref().err(),
        facts.extensions.sct_count.as_ref().err(),
    ];
    own.into_iter().flatten().cloned().collect()
}

/// Whether the list of defects says so, or says that it is not complete.
fn is_told(facts: &Facts, why: &Malformed) -> bool {
    facts.defects.iter().any(|defect| {
        (defect.id, defect.offset) == (why.defect, why.offset)
            || defect.id == DefectId::TooManyDefects
    })
}

/// A program that nobody here wrote takes it too, and tells the same dates, serial and names' bytes.
fn agrees_with_x509_parser(der: &[u8], facts: &Facts) -> Result<(), TestCaseError> {
    let (rest, theirs) =
        X509Certificate::from_der(der).map_err(|why| TestCaseError::fail(why.to_string()))?;
    prop_assert!(rest.is_empty());
    let validity = theirs.validity();
    prop_assert_eq!(
        facts.not_before.clone(),
        Ok(Time::from_seconds(validity.not_before.timestamp()))
    );
    prop_assert_eq!(
        facts.not_after.clone(),
        Ok(Time::from_seconds(validity.not_after.timestamp()))
    );
    prop_assert_eq!(facts.serial_number.as_deref(), Ok(theirs.raw_serial()));
    prop_assert_eq!(
        facts.subject.as_ref().map(|name| &name.der[..]),
        Ok(theirs.subject().as_raw())
    );
    prop_assert_eq!(facts.issuer.as_ref().map(|name| &name.der[..]), Ok(theirs.issuer().as_raw()));
    prop_assert_eq!(
        facts.public_key.as_ref().map(|key| &key.spki_der[..]),
        Ok(theirs.public_key().raw)
    );
    Ok(())
}

/// Where the two times of a minted certificate stand.
fn validity_range(der: &[u8]) -> std::ops::Range<usize> {
    let at = der.windows(15).position(|window| window.starts_with(b"\x17\x0d")).unwrap();
    at..at + 15 + 17
}

/// Quadratic work on any of them would take minutes.
#[test]
fn two_megabytes_of_anything_end_soon() {
    const SIZE: usize = 2 << 20;
    let patterns: [&[u8]; 12] = [
        &[0],
        &[0xff],
        &[0x30],
        &[0x30, 0x80],
        &[0x30, 0x80, 0, 0],
        &[0x30, 0x00],
        &[0x31, 0x80, 0x30, 0x80],
        &[0x1f, 0xff],
        b"\x17\x0d260101000000Z",
        &[0x30, 0x82, 0x7f, 0xff],
        &[0x82, 0x00],
        &[0x30, 0x06, 0x06, 0x01, 0x2a, 0x04, 0x01, 0x00],
    ];
    for pattern in patterns {
        let rows: Vec<u8> = pattern.iter().copied().cycle().take(SIZE).collect();
        let length = [(SIZE >> 16) as u8, (SIZE >> 8) as u8, SIZE as u8];
        for head in [vec![], [&[0x30, 0x83][..], &length].concat(), whole_until_extensions(&length)]
        {
            let bytes = [&head[..], &rows].concat();
            let took = timed(|| read(&bytes));
            assert!(took < Duration::from_secs(5), "{pattern:x?} after {head:x?}: {took:?}");
        }
    }
}

/// The beginning of a certificate whose extensions are as long as the three octets say.
fn whole_until_extensions(length: &[u8; 3]) -> Vec<u8> {
    let parts = crate::der::Parts { extensions: vec![], ..crate::der::Parts::default() };
    let signed = parts.signed();
    let long = |tag: u8| [&[tag, 0x83][..], length].concat();
    [long(0x30), long(0x30), signed[3..].to_vec(), long(0xa3), long(0x30)].concat()
}

#[expect(clippy::disallowed_methods, reason = "a cap on stalls")]
fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let began = Instant::now();
    drop(work());
    began.elapsed()
}
