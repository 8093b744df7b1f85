//! subjectPublicKeyInfo (RFC 5280 section 4.1.2.7).

use certvigil_model::Fingerprint;

use crate::algorithm::{AlgorithmIdentifier, Parameters, oid_malformed};
use crate::defect::DefectId;
use crate::der::{Cursor, Tlv, tag};
use crate::facts::{Field, KeyKind, PublicKey};
use crate::oid;
use crate::primitive;
use crate::site::Site;

/// Reads `tlv` as a SubjectPublicKeyInfo. A key whose own bits are broken is still of its kind.
pub(crate) fn read(tlv: &Tlv<'_>, site: &mut Site<'_>) -> Field<PublicKey> {
    tlv.note_tag(tag::SEQUENCE, site);
    let mut inside = tlv.inside();
    let Some(algorithm) = inside.next_tagged(tag::SEQUENCE, site) else {
        let message = "it does not begin with an algorithm";
        return Err(site.malformed(DefectId::PublicKeyInfoMalformed, tlv.offset, message));
    };
    let algorithm = AlgorithmIdentifier::read(&algorithm, &mut site.under("algorithm"))?;
    let Some(key) = inside.next_tagged(tag::BIT_STRING, site) else {
        let message = "no key follows the algorithm";
        return Err(site.malformed(DefectId::PublicKeyInfoMalformed, inside.offset(), message));
    };
    if !inside.is_empty() {
        site.note(DefectId::TrailingData, inside.offset(), "something follows the key");
    }
    Ok(PublicKey {
        kind: kind(&algorithm, &key, site)?,
        spki_sha256: Fingerprint::of(tlv.whole),
        spki_der: tlv.whole.to_vec(),
    })
}

fn kind(algorithm: &AlgorithmIdentifier<'_>, key: &Tlv<'_>, site: &mut Site<'_>) -> Field<KeyKind> {
    let Ok((bits, unused)) = primitive::bit_string(key, &mut site.under("subjectPublicKey")) else {
        return other(algorithm, site);
    };
    let key = Key { bits, unused, at: key.inner_offset() + 1 };
    match algorithm.oid {
        RSA => Ok(rsa(algorithm, &key, site)),
        EC => ec(algorithm, &key, site),
        ED25519 => Ok(edwards("ed25519", 32, algorithm, &key, site)),
        ED448 => Ok(edwards("ed448", 57, algorithm, &key, site)),
        DSA => Ok(dsa(algorithm, site)),
        _ => other(algorithm, site),
    }
}

/// The contents of subjectPublicKey.
struct Key<'a> {
    bits: &'a [u8],
    unused: u8,
    at: usize,
}

/// RSAPublicKey: modulus and exponent (RFC 3279 section 2.3.1).
fn rsa(algorithm: &AlgorithmIdentifier<'_>, key: &Key<'_>, site: &mut Site<'_>) -> KeyKind {
    algorithm.expect(Parameters::Null, &mut site.under("algorithm"));
    let site = &mut site.under("subjectPublicKey");
    match rsa_numbers(key, site) {
        Some((modulus, exponent)) => {
            KeyKind::Rsa { bits: primitive::bits(modulus), exponent: primitive::fold(exponent) }
        }
        None => {
            let message = "it is not the modulus and exponent of an RSA key";
            site.note(DefectId::PublicKeyMalformed, key.at, message);
            KeyKind::Other { algorithm: "rsa".to_owned() }
        }
    }
}

fn rsa_numbers<'a>(key: &Key<'a>, site: &mut Site<'_>) -> Option<(&'a [u8], &'a [u8])> {
    let mut cursor = Cursor::new(key.bits, key.at);
    let mut inside = cursor.next_tagged(tag::SEQUENCE, site)?.inside();
    let mut number = || {
        let tlv = inside.next(site)?;
        primitive::magnitude(primitive::octets(&tlv, site).ok()?)
    };
    let (modulus, exponent) = (number()?, number()?);
    let whole = inside.is_empty() && cursor.is_empty() && key.unused == 0;
    (whole && !modulus.is_empty() && !exponent.is_empty()).then_some((modulus, exponent))
}

/// A named curve and a point on it (RFC 5480 section 2.1.1, 2.2).
fn ec(algorithm: &AlgorithmIdentifier<'_>, key: &Key<'_>, site: &mut Site<'_>) -> Field<KeyKind> {
    let named = algorithm.parameters.filter(|parameters| parameters.tag == tag::OID);
    let Some(named) = named else {
        let message = "an elliptic curve must be named, and this one is not";
        site.under("algorithm").note(DefectId::AlgorithmParameters, algorithm.offset, message);
        return Ok(KeyKind::Ec { curve: "unnamed".to_owned() });
    };
    let Some(known) = CURVES.iter().find(|known| known.oid == named.content) else {
        let curve = oid::dotted(named.content);
        let curve = curve.ok_or_else(|| oid_malformed(named.inner_offset(), site))?;
        return Ok(KeyKind::Ec { curve });
    };
    if !is_point(key, known.octets) {
        let message = format_args!("it is no point of the length that {} has", known.name);
        site.under("subjectPublicKey").note(DefectId::PublicKeyMalformed, key.at, message);
    }
    Ok(KeyKind::Ec { curve: known.name.to_owned() })
}

/// Uncompressed or compressed (SEC 1 section 2.3.3); the hybrid form is forbidden (RFC 5480 2.2).
fn is_point(key: &Key<'_>, octets: usize) -> bool {
    key.unused == 0
        && match key.bits.split_first() {
            Some((4, point)) => point.len() == 2 * octets,
            Some((2 | 3, point)) => point.len() == octets,
            _ => false,
        }
}

/// RFC 8410 section 3, 4.
fn edwards(
    curve: &str,
    octets: usize,
    algorithm: &AlgorithmIdentifier<'_>,
    key: &Key<'_>,
    site: &mut Site<'_>,
) -> KeyKind {
    algorithm.expect(Parameters::Absent, &mut site.under("algorithm"));
    if key.bits.len() != octets || key.unused != 0 {
        let message = format_args!("an {curve} key has {octets} octets");
        site.under("subjectPublicKey").note(DefectId::PublicKeyMalformed, key.at, message);
    }
    KeyKind::Edwards { curve: curve.to_owned() }
}

/// Dss-Parms p, q, g; absent where they are inherited from the issuer (RFC 3279 section 2.3.2).
fn dsa(algorithm: &AlgorithmIdentifier<'_>, site: &mut Site<'_>) -> KeyKind {
    let Some(parameters) = algorithm.parameters else {
        return KeyKind::Other { algorithm: "dsa".to_owned() };
    };
    let site = &mut site.under("algorithm");
    let prime = parameters
        .inside()
        .next_tagged(tag::INTEGER, site)
        .and_then(|prime| primitive::octets(&prime, site).ok())
        .and_then(primitive::magnitude);
    match prime {
        Some(prime) => KeyKind::Dsa { bits: primitive::bits(prime) },
        None => {
            site.note(
                DefectId::AlgorithmParameters,
                parameters.offset,
                "they are not p, q and g of DSA",
            );
            KeyKind::Other { algorithm: "dsa".to_owned() }
        }
    }
}

/// By its well-known name or its dotted OID.
fn other(algorithm: &AlgorithmIdentifier<'_>, site: &mut Site<'_>) -> Field<KeyKind> {
    let known = NAMES.iter().find(|(oid, _)| *oid == algorithm.oid);
    let name = known.map(|(_, name)| (*name).to_owned()).or_else(|| oid::dotted(algorithm.oid));
    let algorithm = name.ok_or_else(|| oid_malformed(algorithm.offset, site))?;
    Ok(KeyKind::Other { algorithm })
}

const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
const ED25519: &[u8] = b"\x2b\x65\x70";
const ED448: &[u8] = b"\x2b\x65\x71";
const DSA: &[u8] = b"\x2a\x86\x48\xce\x38\x04\x01";

/// Keys that are told by name alone; the first five for when their bits are broken.
const NAMES: &[(&[u8], &str)] = &[
    (RSA, "rsa"),
    (EC, "ec"),
    (ED25519, "ed25519"),
    (ED448, "ed448"),
    (DSA, "dsa"),
    // RFC 4055 section 1.2
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "rsassa-pss"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07", "rsaes-oaep"),
    // RFC 8410 section 3
    (b"\x2b\x65\x6e", "x25519"),
    (b"\x2b\x65\x6f", "x448"),
    // RFC 3279 section 2.3.3
    (b"\x2a\x86\x48\xce\x3e\x02\x01", "dh"),
    // RFC 9881 section 4
    (b"\x60\x86\x48\x01\x65\x03\x04\x03\x11", "ml-dsa-44"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x03\x12", "ml-dsa-65"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x03\x13", "ml-dsa-87"),
    // NIST's computer security objects register: ML-KEM (FIPS 203)
    (b"\x60\x86\x48\x01\x65\x03\x04\x04\x01", "ml-kem-512"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x04\x02", "ml-kem-768"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x04\x03", "ml-kem-1024"),
];

struct Curve {
    oid: &'static [u8],
    name: &'static str,
    /// Of one coordinate.
    octets: usize,
}

const fn curve(oid: &'static [u8], name: &'static str, octets: usize) -> Curve {
    Curve { oid, name, octets }
}

/// RFC 5480 section 2.1.1.1, SEC 2, RFC 5639 section 4.1, RFC 8998.
const CURVES: &[Curve] = &[
    curve(b"\x2a\x86\x48\xce\x3d\x03\x01\x07", "p256", 32),
    curve(b"\x2b\x81\x04\x00\x22", "p384", 48),
    curve(b"\x2b\x81\x04\x00\x23", "p521", 66),
    curve(b"\x2b\x81\x04\x00\x0a", "secp256k1", 32),
    curve(b"\x2b\x81\x04\x00\x21", "p224", 28),
    curve(b"\x2a\x86\x48\xce\x3d\x03\x01\x01", "p192", 24),
    curve(b"\x2b\x81\x04\x00\x1f", "secp192k1", 24),
    curve(b"\x2b\x81\x04\x00\x20", "secp224k1", 28),
    curve(b"\x2b\x81\x04\x00\x01", "sect163k1", 21),
    curve(b"\x2b\x81\x04\x00\x0f", "sect163r2", 21),
    curve(b"\x2b\x81\x04\x00\x1a", "sect233k1", 30),
    curve(b"\x2b\x81\x04\x00\x1b", "sect233r1", 30),
    curve(b"\x2b\x81\x04\x00\x10", "sect283k1", 36),
    curve(b"\x2b\x81\x04\x00\x11", "sect283r1", 36),
    curve(b"\x2b\x81\x04\x00\x24", "sect409k1", 52),
    curve(b"\x2b\x81\x04\x00\x25", "sect409r1", 52),
    curve(b"\x2b\x81\x04\x00\x26", "sect571k1", 72),
    curve(b"\x2b\x81\x04\x00\x27", "sect571r1", 72),
    curve(b"\x2b\x24\x03\x03\x02\x08\x01\x01\x01", "brainpoolp160r1", 20),
    curve(b"\x2b\x24\x03\x03\x02\x08\x01\x01\x03", "brainpoolp192r1", 24),
    curve(b"\x2b\x24\x03\x03\x02\x08\x01\x01\x05", "brainpoolp224r1", 28),
    curve(b"\x2b\x24\x03\x03\x02\x08\x01\x01\x07", "brainpoolp256r1", 32),
    curve(b"\x2b\x24\x03\x03\x02\x08\x01\x01\x09", "brainpoolp320r1", 40),
    curve(b"\x2b\x24\x03\x03\x02\x08\x01\x01\x0b", "brainpoolp384r1", 48),
    curve(b"\x2b\x24\x03\x03\x02\x08\x01\x01\x0d", "brainpoolp512r1", 64),
    curve(b"\x2a\x81\x1c\xcf\x55\x01\x82\x2d", "sm2", 32),
];
