//! The places of TBSCertificate in their order, and what may stand at each (RFC 5280 section 4.1).

use crate::der::tag;

/// A field of TBSCertificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Version,
    SerialNumber,
    Signature,
    Issuer,
    Validity,
    Subject,
    PublicKey,
    IssuerId,
    SubjectId,
    Extensions,
    End,
}

impl Place {
    /// Where, from here on, something that looks like `shape` and stands before `neighbour` belongs;
    /// nothing for one too many.
    pub(crate) fn choose(self, shape: Shape, neighbour: Option<Shape>) -> Option<Self> {
        if let Some(place) = self.near(shape) {
            return Some(place);
        }
        let needed = self.needed();
        let far = self.row().find(|place| place.takes(shape));
        if let Some(next) = neighbour {
            let goes_on = |place: &Self| place.after().near(next).is_some();
            if let Some(place) = far.filter(goes_on) {
                return Some(place);
            }
            if let Some(place) = self.near(next) {
                return (self == Self::Version && place > self).then_some(self);
            }
            if goes_on(&needed) {
                return Some(needed);
            }
        }
        let forced = (shape == Shape::Unknown && needed != Self::End).then_some(needed);
        far.or(forced)
    }

    /// The next one.
    pub(crate) const fn after(self) -> Self {
        match self {
            Self::Version => Self::SerialNumber,
            Self::SerialNumber => Self::Signature,
            Self::Signature => Self::Issuer,
            Self::Issuer => Self::Validity,
            Self::Validity => Self::Subject,
            Self::Subject => Self::PublicKey,
            Self::PublicKey => Self::IssuerId,
            Self::IssuerId => Self::SubjectId,
            Self::SubjectId => Self::Extensions,
            Self::Extensions | Self::End => Self::End,
        }
    }

    /// Its name in ASN.1.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::SerialNumber => "serialNumber",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Validity => "validity",
            Self::Subject => "subject",
            Self::PublicKey => "subjectPublicKeyInfo",
            Self::IssuerId => "issuerUniqueID",
            Self::SubjectId => "subjectUniqueID",
            Self::Extensions => "extensions",
            Self::End => "",
        }
    }

    /// From here to the end.
    fn row(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |place| Some(place.after()))
            .take_while(|place| *place < Self::End)
    }

    /// The first from here on that no certificate may lack.
    fn needed(self) -> Self {
        self.row().find(|place| !place.is_optional()).unwrap_or(Self::End)
    }

    /// The first from here on that takes `shape`, with nothing but optional ones before it.
    fn near(self, shape: Shape) -> Option<Self> {
        let needed = self.needed();
        self.row().take_while(|place| *place <= needed).find(|place| place.takes(shape))
    }

    const fn is_optional(self) -> bool {
        matches!(self, Self::Version | Self::IssuerId | Self::SubjectId | Self::Extensions)
    }

    fn takes(self, shape: Shape) -> bool {
        match self {
            Self::Version => shape == Shape::Version,
            Self::SerialNumber => shape == Shape::Serial,
            Self::Signature => shape == Shape::Algorithm,
            Self::Issuer | Self::Subject => shape == Shape::Name,
            Self::Validity => shape == Shape::Validity,
            Self::PublicKey => shape == Shape::PublicKey,
            Self::IssuerId => shape == Shape::IssuerId,
            Self::SubjectId => shape == Shape::SubjectId,
            Self::Extensions => shape == Shape::Extensions,
            Self::End => false,
        }
    }
}

/// What a field looks like from outside: by its tag and the first tag in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Algorithm,
    Extensions,
    IssuerId,
    Name,
    PublicKey,
    Serial,
    SubjectId,
    Unknown,
    Validity,
    Version,
}

impl Shape {
    /// Of something with `tag` whose contents begin with `inner`, if it holds anything.
    pub(crate) fn of(tag: u8, inner: Option<u8>) -> Self {
        match (tag, inner) {
            (VERSION | VERSION_PLAIN, _) => Self::Version,
            (tag::INTEGER, _) => Self::Serial,
            (ISSUER_ID | ISSUER_ID_CONSTRUCTED, _) => Self::IssuerId,
            (SUBJECT_ID | SUBJECT_ID_CONSTRUCTED, _) => Self::SubjectId,
            (EXTENSIONS | EXTENSIONS_PLAIN, _) => Self::Extensions,
            (tag::SEQUENCE | tag::SET, Some(tag::OID)) => Self::Algorithm,
            (tag::SEQUENCE | tag::SET, Some(tag::SET)) | (tag::SEQUENCE, None) => Self::Name,
            (tag::SEQUENCE | tag::SET, Some(tag::UTC_TIME | tag::GENERALIZED_TIME)) => {
                Self::Validity
            }
            (tag::SEQUENCE | tag::SET, Some(tag::SEQUENCE)) => Self::PublicKey,
            _ => Self::Unknown,
        }
    }
}

const VERSION: u8 = tag::constructed(0);
const VERSION_PLAIN: u8 = tag::context(0);
const ISSUER_ID: u8 = tag::context(1);
const ISSUER_ID_CONSTRUCTED: u8 = tag::constructed(1);
const SUBJECT_ID: u8 = tag::context(2);
const SUBJECT_ID_CONSTRUCTED: u8 = tag::constructed(2);
const EXTENSIONS: u8 = tag::constructed(3);
const EXTENSIONS_PLAIN: u8 = tag::context(3);
