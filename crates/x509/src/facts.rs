//! What the bytes of a certificate say, field by field (RFC 5280 section 4.1).

use std::net::IpAddr;
use std::sync::Arc;

use certvigil_model::{Fingerprint, Foreign, Time};
use serde::{Deserialize, Serialize};

use crate::defect::{Defect, DefectId};

/// One field: its value, or why it could not be told. The cause stands in [`Facts::defects`].
pub type Field<T> = Result<T, Malformed>;

/// The field could not be told; a [`Defect`] with this id and offset says why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Malformed {
    /// The id of the defect.
    pub defect: DefectId,
    /// Where, in bytes from the certificate's start.
    pub offset: usize,
}

/// What the bytes of one certificate say. Trust is no part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// How the fields were got.
    pub recovered: Recovered,
    /// Every deviation from RFC 5280 and DER that was met, in the order of their offsets.
    pub defects: Vec<Defect>,
    /// 1, 2 or 3: the version as people count it.
    pub version: Field<u8>,
    /// The contents octets of the serial number's INTEGER.
    pub serial_number: Field<Vec<u8>>,
    /// What the issuer signed with, e.g. `ecdsa-with-sha256`; an unknown OID in dotted form.
    pub signature_algorithm: Field<String>,
    /// Who signed it.
    pub issuer: Field<Name>,
    /// Valid from this moment, inclusive.
    pub not_before: Field<Time>,
    /// Valid to this moment, inclusive.
    pub not_after: Field<Time>,
    /// Whom it is about.
    pub subject: Field<Name>,
    /// The key it certifies.
    pub public_key: Field<PublicKey>,
    /// The extensions that rules ask for.
    pub extensions: Extensions,
}

impl Facts {
    /// Written exactly as RFC 5280 and DER ask.
    pub fn well_formed(&self) -> bool {
        self.recovered == Recovered::Strict && self.defects.is_empty()
    }
}

/// How the fields of a certificate were got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recovered {
    /// The strict reader took all of it.
    Strict,
    /// The strict reader refused; the fields were found at their place by structure.
    Tolerant,
    /// A date was found elsewhere than at its place: never to be trusted silently.
    Guess,
    /// Neither dates nor names could be told.
    None,
}

/// A distinguished name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// RFC 4514 text; bytes that are not UTF-8 as `\XX`.
    pub text: Foreign,
    /// The DER of the whole Name, for comparing issuer with subject.
    pub der: Vec<u8>,
    /// The values of every commonName attribute.
    pub common_names: Vec<Foreign>,
}

/// A subjectPublicKeyInfo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// What kind of key it is.
    pub kind: KeyKind,
    /// SHA-256 over the DER of subjectPublicKeyInfo.
    pub spki_sha256: Fingerprint,
    /// The DER of subjectPublicKeyInfo, for checking a signature where others refuse to parse.
    pub spki_der: Vec<u8>,
}

/// The kinds of key that rules tell apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyKind {
    /// RSA with this modulus length in bits and this exponent (none when above 64 bits).
    Rsa {
        /// Length of the modulus in bits, leading zeros not counted.
        bits: u32,
        /// The public exponent.
        exponent: Option<u64>,
    },
    /// An elliptic curve, by its usual name (`p256`, `p384`, `p521`, `brainpoolp256r1`, …).
    Ec {
        /// The curve.
        curve: String,
    },
    /// Ed25519, Ed448 (RFC 8410).
    Edwards {
        /// `ed25519` or `ed448`.
        curve: String,
    },
    /// DSA with this modulus length in bits.
    Dsa {
        /// Length of p in bits.
        bits: u32,
    },
    /// Anything else, by its OID or its well-known name (`ml-dsa-65`, `1.2.3`).
    Other {
        /// The name or dotted OID.
        algorithm: String,
    },
}

/// The word of the JSON contract: `rsa-2048`, `ec-p256`, `ed25519`.
impl std::fmt::Display for KeyKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rsa { bits, .. } => write!(f, "rsa-{bits}"),
            Self::Ec { curve } => write!(f, "ec-{curve}"),
            Self::Edwards { curve } => f.write_str(curve),
            Self::Dsa { bits } => write!(f, "dsa-{bits}"),
            Self::Other { algorithm } => f.write_str(algorithm),
        }
    }
}

/// The extensions that rules ask for (RFC 5280 section 4.2). `Ok(None)`: not there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extensions {
    /// subjectAltName.
    pub subject_alt_name: Field<Option<Vec<GeneralName>>>,
    /// basicConstraints.
    pub basic_constraints: Field<Option<BasicConstraints>>,
    /// keyUsage, bit 0 (digitalSignature) as the lowest bit.
    pub key_usage: Field<Option<u16>>,
    /// extendedKeyUsage: dotted OIDs.
    pub extended_key_usage: Field<Option<Vec<String>>>,
    /// authorityKeyIdentifier's keyIdentifier, where it has one.
    pub authority_key_identifier: Field<Option<Vec<u8>>>,
    /// subjectKeyIdentifier.
    pub subject_key_identifier: Field<Option<Vec<u8>>>,
    /// The features of the TLS feature extension (RFC 7633); 5 is "must staple".
    pub tls_features: Field<Option<Vec<u16>>>,
    /// How many embedded signed certificate timestamps there are (RFC 6962 section 3.3).
    pub sct_count: Field<usize>,
    /// caIssuers URLs of authorityInfoAccess.
    pub ca_issuers: Vec<Foreign>,
    /// OCSP URLs of authorityInfoAccess.
    pub ocsp: Vec<Foreign>,
    /// URLs of cRLDistributionPoints.
    pub crl_distribution_points: Vec<Foreign>,
    /// certificatePolicies: dotted OIDs.
    pub policies: Vec<String>,
    /// Whether nameConstraints is there.
    pub has_name_constraints: bool,
    /// Every extension met: dotted OID and whether it is critical, in order.
    pub all: Vec<(String, bool)>,
}

/// A subjectAltName entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GeneralName {
    /// A DNS name as written.
    Dns(Foreign),
    /// An address.
    Ip(IpAddr),
    /// An address whose length is neither 4 nor 16 bytes.
    BadIp(Vec<u8>),
    /// A mail address.
    Email(Foreign),
    /// A URI.
    Uri(Foreign),
    /// Anything else: the context tag's number.
    Other(u8),
}

/// basicConstraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasicConstraints {
    /// Whether it may sign certificates.
    pub ca: bool,
    /// How many intermediates may follow.
    pub path_len: Option<u32>,
}

/// What came of reading one certificate.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// The facts, however few.
    Facts(Arc<Facts>),
    /// Reading did not end and was stopped: the reason in plain words.
    Stalled(String),
    /// Reading crashed: the reason in plain words.
    Crashed(String),
    /// It was our own side that failed to read: the reason in plain words.
    Local(String),
}

/// One certificate: its bytes, their identity, what they say.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The bytes as they came.
    pub der: Arc<[u8]>,
    /// SHA-256 of the bytes.
    pub fingerprint: Fingerprint,
    /// What the bytes say.
    pub reading: Reading,
}

impl Certificate {
    /// The facts, where there are any.
    pub fn facts(&self) -> Option<&Facts> {
        match &self.reading {
            Reading::Facts(facts) => Some(facts),
            Reading::Stalled(_) | Reading::Crashed(_) | Reading::Local(_) => None,
        }
    }
}
