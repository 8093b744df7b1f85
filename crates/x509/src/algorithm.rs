//! AlgorithmIdentifier: what a signature was made with, and what a key is for (RFC 5280 section
//! 4.1.1.2).

use crate::defect::DefectId;
use crate::der::{Tlv, tag};
use crate::facts::{Field, Malformed};
use crate::oid;
use crate::site::Site;

/// An AlgorithmIdentifier, taken apart.
pub(crate) struct AlgorithmIdentifier<'a> {
    /// The contents octets of the algorithm's OID.
    pub(crate) oid: &'a [u8],
    /// Where they stand.
    pub(crate) offset: usize,
    /// The parameters, of whatever type.
    pub(crate) parameters: Option<Tlv<'a>>,
}

impl<'a> AlgorithmIdentifier<'a> {
    /// Takes `tlv` apart.
    pub(crate) fn read(tlv: &Tlv<'a>, site: &mut Site<'_>) -> Field<Self> {
        tlv.note_tag(tag::SEQUENCE, site);
        let mut inside = tlv.inside();
        let Some(algorithm) = inside.next_tagged(tag::OID, site) else {
            let message = "it does not begin with the OID of an algorithm";
            return Err(site.malformed(DefectId::WrongTag, tlv.inner_offset(), message));
        };
        let parameters = inside.next(site);
        if !inside.is_empty() {
            site.note(DefectId::TrailingData, inside.offset(), "something follows the parameters");
        }
        let offset = algorithm.inner_offset();
        Ok(Self { oid: algorithm.content, offset, parameters })
    }

    /// Notes parameters that are none of `allowed`.
    pub(crate) fn expect(&self, allowed: Parameters, site: &mut Site<'_>) {
        let given = self.parameters.as_ref();
        let fits = match allowed {
            Parameters::Absent => given.is_none(),
            Parameters::Null => given.is_some_and(is_null),
            Parameters::Any => true,
        };
        if !fits {
            let offset = given.map_or(self.offset, |parameters| parameters.offset);
            site.note(DefectId::AlgorithmParameters, offset, allowed.demand());
        }
    }

    /// The name of a known algorithm's OID or its dotted form.
    fn dotted(&self, site: &mut Site<'_>) -> Field<String> {
        oid::dotted(self.oid).ok_or_else(|| oid_malformed(self.offset, site))
    }
}

/// Notes an OID that is none.
pub(crate) fn oid_malformed(offset: usize, site: &mut Site<'_>) -> Malformed {
    site.malformed(DefectId::OidMalformed, offset, "it is no object identifier")
}

/// The name of the signature algorithm in `tlv`, e.g. `ecdsa-with-sha256`.
pub(crate) fn signature(tlv: &Tlv<'_>, site: &mut Site<'_>) -> Field<String> {
    let identifier = AlgorithmIdentifier::read(tlv, site)?;
    let Some(known) = SIGNATURES.iter().find(|known| known.oid == identifier.oid) else {
        return identifier.dotted(site);
    };
    identifier.expect(known.parameters, site);
    if known.oid == RSASSA_PSS {
        return Ok(pss(&identifier, site));
    }
    Ok(known.name.to_owned())
}

/// RSASSA-PSS with its hash: `rsassa-pss-sha256` (RFC 4055 section 3.1).
fn pss(identifier: &AlgorithmIdentifier<'_>, site: &mut Site<'_>) -> String {
    let Some(parameters) = identifier.parameters.filter(|given| given.tag == tag::SEQUENCE) else {
        let message = "RSASSA-PSS has no parameters";
        site.note(DefectId::AlgorithmParameters, identifier.offset, message);
        return "rsassa-pss".to_owned();
    };
    let site = &mut site.under("parameters");
    let hash = parameters
        .inside()
        .next_tagged(tag::constructed(0), site)
        .and_then(|explicit| explicit.inside().next(site))
        .and_then(|hash| AlgorithmIdentifier::read(&hash, site).ok());
    let Some(hash) = hash else {
        return "rsassa-pss-sha1".to_owned();
    };
    let name = HASHES.iter().find(|(oid, _)| *oid == hash.oid).map(|(_, name)| (*name).to_owned());
    match name.or_else(|| oid::dotted(hash.oid)) {
        Some(name) => format!("rsassa-pss-{name}"),
        None => "rsassa-pss".to_owned(),
    }
}

fn is_null(tlv: &Tlv<'_>) -> bool {
    tlv.tag == tag::NULL && tlv.content.is_empty()
}

/// What an algorithm's parameters must be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameters {
    Absent,
    Null,
    Any,
}

impl Parameters {
    const fn demand(self) -> &'static str {
        match self {
            Self::Absent => "this algorithm must have no parameters",
            Self::Null => "this algorithm's parameters must be NULL",
            Self::Any => "any parameters will do",
        }
    }
}

struct Signature {
    oid: &'static [u8],
    name: &'static str,
    parameters: Parameters,
}

const fn with(oid: &'static [u8], name: &'static str, parameters: Parameters) -> Signature {
    Signature { oid, name, parameters }
}

const RSASSA_PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";

/// The usual first, for they are looked for one by one.
const SIGNATURES: &[Signature] = &[
    // RFC 4055 section 5, RFC 3279 section 2.2.1
    with(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", "sha256-with-rsa-encryption", Parameters::Null),
    // RFC 5758 section 3.2
    with(b"\x2a\x86\x48\xce\x3d\x04\x03\x02", "ecdsa-with-sha256", Parameters::Absent),
    with(b"\x2a\x86\x48\xce\x3d\x04\x03\x03", "ecdsa-with-sha384", Parameters::Absent),
    with(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", "sha384-with-rsa-encryption", Parameters::Null),
    with(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", "sha512-with-rsa-encryption", Parameters::Null),
    with(b"\x2a\x86\x48\xce\x3d\x04\x03\x04", "ecdsa-with-sha512", Parameters::Absent),
    with(RSASSA_PSS, "rsassa-pss", Parameters::Any),
    with(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05", "sha1-with-rsa-encryption", Parameters::Null),
    with(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e", "sha224-with-rsa-encryption", Parameters::Null),
    with(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04", "md5-with-rsa-encryption", Parameters::Null),
    with(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02", "md2-with-rsa-encryption", Parameters::Null),
    with(b"\x2a\x86\x48\xce\x3d\x04\x01", "ecdsa-with-sha1", Parameters::Absent),
    with(b"\x2a\x86\x48\xce\x3d\x04\x03\x01", "ecdsa-with-sha224", Parameters::Absent),
    // RFC 8410 section 3
    with(b"\x2b\x65\x70", "ed25519", Parameters::Absent),
    with(b"\x2b\x65\x71", "ed448", Parameters::Absent),
    // RFC 3279 section 2.2.2, RFC 5758 section 3.1
    with(b"\x2a\x86\x48\xce\x38\x04\x03", "dsa-with-sha1", Parameters::Absent),
    with(b"\x60\x86\x48\x01\x65\x03\x04\x03\x01", "dsa-with-sha224", Parameters::Absent),
    with(b"\x60\x86\x48\x01\x65\x03\x04\x03\x02", "dsa-with-sha256", Parameters::Absent),
    // RFC 9881 section 2
    with(b"\x60\x86\x48\x01\x65\x03\x04\x03\x11", "ml-dsa-44", Parameters::Absent),
    with(b"\x60\x86\x48\x01\x65\x03\x04\x03\x12", "ml-dsa-65", Parameters::Absent),
    with(b"\x60\x86\x48\x01\x65\x03\x04\x03\x13", "ml-dsa-87", Parameters::Absent),
    // RFC 8692 section 3
    with(b"\x2b\x06\x01\x05\x05\x07\x06\x1e", "rsassa-pss-shake128", Parameters::Absent),
    with(b"\x2b\x06\x01\x05\x05\x07\x06\x1f", "rsassa-pss-shake256", Parameters::Absent),
    with(b"\x2b\x06\x01\x05\x05\x07\x06\x20", "ecdsa-with-shake128", Parameters::Absent),
    with(b"\x2b\x06\x01\x05\x05\x07\x06\x21", "ecdsa-with-shake256", Parameters::Absent),
    // GB/T 32918 by way of RFC 8998
    with(b"\x2a\x81\x1c\xcf\x55\x01\x83\x75", "sm2-with-sm3", Parameters::Any),
    // OIW, older than RFC 3279 and still met
    with(b"\x2b\x0e\x03\x02\x1d", "sha1-with-rsa-encryption", Parameters::Any),
    with(b"\x2b\x0e\x03\x02\x03", "md5-with-rsa-encryption", Parameters::Any),
    with(b"\x2b\x0e\x03\x02\x1b", "dsa-with-sha1", Parameters::Any),
];

/// RFC 4055 section 2.1.
const HASHES: &[(&[u8], &str)] = &[
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x01", "sha256"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x02", "sha384"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x03", "sha512"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x04", "sha224"),
    (b"\x2b\x0e\x03\x02\x1a", "sha1"),
];
