//! How a certificate can deviate from DER (X.690) and RFC 5280, each kind with its clause.

use serde::{Deserialize, Serialize};

/// One deviation from RFC 5280 or DER.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defect {
    /// What kind, a stable kebab-case noun.
    pub id: DefectId,
    /// Where, in bytes from the certificate's start.
    pub offset: usize,
    /// The ASN.1 path, e.g. `tbsCertificate.validity.notAfter`.
    pub field: String,
    /// What is wrong, in plain words, the foreign bytes in it escaped.
    pub message: String,
}

/// A defect's stable name: part of the contract, in kebab case.
///
/// The first group breaks the encoding itself; the second writes a date as RFC 5280 does not; the
/// third is well encoded and says what the profile of RFC 5280 forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DefectId {
    // The encoding.
    /// Neither a certificate nor anything that holds one was found (RFC 5280 4.1).
    NotACertificate,
    /// A length points beyond the end of what holds it, or the bytes end early (X.690 8.1.3).
    Truncated,
    /// A length left open and closed by end-of-contents octets (X.690 10.1).
    IndefiniteLength,
    /// A length in more octets than it needs (X.690 10.1).
    NonMinimalLength,
    /// A length octet that X.690 8.1.3.5 reserves, or a length beyond all memory.
    InvalidLength,
    /// Another tag than the one that stands there in RFC 5280's ASN.1 (4.1).
    WrongTag,
    /// Something after the end of a value that should fill its place (RFC 5280 4.1, X.690 8.1).
    TrailingData,
    /// A field that RFC 5280 4.1 asks for is not there.
    MissingField,
    /// A field too many, or one at a place where RFC 5280 4.1 has another.
    UnexpectedField,
    /// A BOOLEAN that is neither 00 nor FF, or not one octet long (X.690 8.2, 11.1).
    BooleanNotDer,
    /// A DEFAULT value written out (X.690 11.5).
    DefaultEncoded,
    /// An INTEGER without contents (X.690 8.3.1).
    IntegerEmpty,
    /// An INTEGER with needless leading octets (X.690 8.3.2).
    IntegerNotMinimal,
    /// A BIT STRING whose count of unused bits is wrong, whose unused bits are set, or a named one
    /// with zeros at its end (X.690 8.6.2, 11.2).
    BitStringPadding,
    /// An OBJECT IDENTIFIER that is none (X.690 8.19).
    OidMalformed,
    /// The values of a SET OF out of order (X.690 11.6).
    SetNotSorted,
    /// A string whose bytes are none of its type's characters (X.680 41, RFC 5280 4.1.2.4).
    StringMalformed,
    /// A name that cannot be read as RDNSequence (RFC 5280 4.1.2.4).
    NameMalformed,
    /// A subjectPublicKeyInfo that cannot be read (RFC 5280 4.1.2.7).
    PublicKeyInfoMalformed,
    /// A key that does not fit its algorithm (RFC 3279 2.3, RFC 5480 2.2, RFC 8410 4).
    PublicKeyMalformed,
    /// An extension whose value is not what its own definition says (RFC 5280 4.2).
    ExtensionMalformed,
    /// A GeneralName whose form or characters are wrong (RFC 5280 4.2.1.6).
    GeneralNameMalformed,
    /// More defects than are listed.
    TooManyDefects,

    // The dates.
    /// A date found elsewhere than at its place: a guess.
    DateGuessed,
    /// A time that no rule makes a moment of (RFC 5280 4.1.2.5).
    TimeMalformed,
    /// A time in something that is neither UTCTime nor GeneralizedTime (RFC 5280 4.1).
    TimeWrongTag,
    /// Fractions of a second (RFC 5280 4.1.2.5.2).
    TimeFraction,
    /// An offset from UTC instead of `Z` (RFC 5280 4.1.2.5.1, 4.1.2.5.2).
    TimeOffset,
    /// Neither `Z` nor an offset, so the zone is unknown (RFC 5280 4.1.2.5.1, 4.1.2.5.2).
    TimeWithoutZone,
    /// No seconds (RFC 5280 4.1.2.5.1, 4.1.2.5.2).
    TimeWithoutSeconds,
    /// Second 60, which clocks without leap seconds do not have (RFC 5280 4.1.2.5).
    TimeLeapSecond,
    /// The year 0000, which no calendar has (RFC 5280 4.1.2.5.2).
    YearZero,
    // The profile.
    /// GeneralizedTime for a date before 2050 (RFC 5280 4.1.2.5).
    #[serde(rename = "generalized-time-before-2050")]
    GeneralizedTimeBefore2050,
    /// A notAfter in UTCTime that reads as a year of the 1950s or 1960s before its notBefore: most
    /// likely 2050 or later written in the wrong type (RFC 5280 4.1.2.5).
    UtcTimeReadsAsPast,
    /// notBefore comes after notAfter (RFC 5280 4.1.2.5).
    ValidityInverted,
    /// A version number other than 0, 1 or 2 (RFC 5280 4.1.2.1).
    VersionUnknown,
    /// Extensions in a certificate that does not say version 3 (RFC 5280 4.1.2.1, 4.1.2.9).
    ExtensionsWithoutV3,
    /// A unique identifier, which conforming CAs do not write (RFC 5280 4.1.2.8).
    UniqueIdentifier,
    /// A serial number of zero (RFC 5280 4.1.2.2).
    SerialZero,
    /// A negative serial number (RFC 5280 4.1.2.2).
    SerialNegative,
    /// A serial number of more than 20 octets (RFC 5280 4.1.2.2).
    SerialTooLong,
    /// The algorithm inside and the one outside of what is signed differ (RFC 5280 4.1.1.2).
    SignatureAlgorithmMismatch,
    /// Parameters that the algorithm does not have, or lack of those that it has (RFC 4055 2.1,
    /// RFC 5480 2.1, RFC 5758 3.2, RFC 8410 3).
    AlgorithmParameters,
    /// An issuer without a name (RFC 5280 4.1.2.4).
    IssuerEmpty,
    /// No subject, and no critical subjectAltName in its stead, or of a CA (RFC 5280 4.1.2.6).
    SubjectEmpty,
    /// A name's value in a string type that its attribute does not have (RFC 5280 appendix A.1).
    StringType,
    /// A name's value that is empty (RFC 5280 appendix A.1).
    StringEmpty,
    /// An extensions field without an extension (RFC 5280 4.1.2.9).
    ExtensionsEmpty,
    /// An extension twice (RFC 5280 4.2).
    ExtensionDuplicate,
    /// Critical where it must not be, or not critical where it must be (RFC 5280 4.2).
    ExtensionCriticality,
    /// A critical extension that this reader does not know (RFC 5280 4.2).
    ExtensionUnknownCritical,
    /// A list that must hold something is empty: subjectAltName, extendedKeyUsage, certificatePolicies
    /// and the like (RFC 5280 4.2.1).
    ListEmpty,
    /// An iPAddress of neither 4 nor 16 octets (RFC 5280 4.2.1.6).
    IpAddressLength,
    /// A dNSName that is no host name, a mail address without both sides, a relative URI (RFC 5280
    /// 4.2.1.6, RFC 1034 3.5, RFC 1123 2.1).
    GeneralNameSyntax,
    /// A path length in a certificate that may not sign others (RFC 5280 4.2.1.9).
    PathLengthWithoutCa,
    /// keyCertSign without cA (RFC 5280 4.2.1.3, 4.2.1.9).
    CertSignWithoutCa,
    /// nameConstraints in a certificate of no CA (RFC 5280 4.2.1.10).
    NameConstraintsWithoutCa,
    /// A keyUsage without a bit set (RFC 5280 4.2.1.3).
    KeyUsageZero,
    /// A certificate policy twice (RFC 5280 4.2.1.4).
    PolicyDuplicate,

    // The container that it stands in.
    /// A PEM block that is broken or not as RFC 7468 section 3 has it.
    PemMalformed,
    /// A key store that cannot be read (RFC 7292; the OpenJDK's `JavaKeyStore`).
    StoreMalformed,
    /// A part of a key store that no password that was tried opens.
    PasswordWrong,
    /// A part of a key store locked by a scheme that is not known, or that takes too much effort.
    EncryptionUnknown,
    /// More places in one file than are listed.
    TooMany,
}

impl DefectId {
    /// Whether it is the encoding or a date that is broken, rather than a rule of RFC 5280's profile
    /// that a well encoded certificate breaks.
    pub fn breaks_the_form(self) -> bool {
        self < Self::GeneralizedTimeBefore2050
    }
}
