//! PKCS#12 stores (RFC 7292): the certificates, and neither keys nor the store's own seal, which
//! says who packed it and not what is in it.

use std::borrow::Cow;

use certvigil_model::Foreign;

use super::password::{Closed, Keyring};
use super::pkcs7::place;
use super::shape::{octets, step, step_tagged};
use super::{Finds, Found, defect, no_certificate};
use crate::defect::{Defect, DefectId};
use crate::der::{Cursor, Tlv, tag};

pub(super) fn find(bytes: &[u8], password: Option<&str>, within: &str, finds: &mut Finds) {
    let mut store = Store { within, keyring: Keyring::new(password), count: 0, finds };
    let told = store.finds.list.len();
    match authenticated_safe(bytes) {
        Some(safes) => store.safes(&safes),
        None => store.bad(defect(DefectId::StoreMalformed, 0, "its safes cannot be found")),
    }
    if store.finds.list.len() == told {
        no_certificate(within, "the PKCS#12 store holds no certificate", store.finds);
    }
}

/// `PFX ::= SEQUENCE { version, authSafe ContentInfo, macData OPTIONAL }`; the authSafe is data that
/// holds a SEQUENCE OF ContentInfo.
fn authenticated_safe(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let mut pfx = step(&mut Cursor::new(bytes, 0))?.inside();
    step_tagged(&mut pfx, tag::INTEGER)?;
    match Content::of(&step_tagged(&mut pfx, tag::SEQUENCE)?)? {
        Content::Plain(data) => Some(data),
        Content::Encrypted { .. } | Content::Other => None,
    }
}

/// A ContentInfo (RFC 5652 section 3) as far as PKCS#12 uses it.
enum Content<'a> {
    Plain(Cow<'a, [u8]>),
    Encrypted { algorithm: Tlv<'a>, data: Cow<'a, [u8]> },
    Other,
}

impl<'a> Content<'a> {
    fn of(content_info: &Tlv<'a>) -> Option<Self> {
        let mut inside = content_info.inside();
        let kind = step_tagged(&mut inside, tag::OID)?.content;
        let mut content = step_tagged(&mut inside, tag::constructed(0))?.inside();
        match kind {
            DATA => Some(Self::Plain(octets(&step(&mut content)?)?)),
            ENCRYPTED_DATA => Self::encrypted(&step_tagged(&mut content, tag::SEQUENCE)?),
            _ => Some(Self::Other),
        }
    }

    /// `EncryptedData ::= SEQUENCE { version, EncryptedContentInfo }` (RFC 5652 section 8).
    fn encrypted(encrypted_data: &Tlv<'a>) -> Option<Self> {
        let mut inside = encrypted_data.inside();
        step_tagged(&mut inside, tag::INTEGER)?;
        let mut info = step_tagged(&mut inside, tag::SEQUENCE)?.inside();
        step_tagged(&mut info, tag::OID)?;
        let algorithm = step_tagged(&mut info, tag::SEQUENCE)?;
        let data = octets(&step(&mut info)?)?;
        Some(Self::Encrypted { algorithm, data })
    }
}

struct Store<'a> {
    within: &'a str,
    keyring: Keyring<'a>,
    /// Certificates met.
    count: usize,
    finds: &'a mut Finds,
}

impl Store<'_> {
    fn safes(&mut self, bytes: &[u8]) {
        let Some(list) = step_tagged(&mut Cursor::new(bytes, 0), tag::SEQUENCE) else {
            return self.bad(malformed("its list of safes cannot be read"));
        };
        let mut inside = list.inside();
        while let Some(safe) = step(&mut inside) {
            match Content::of(&safe) {
                Some(Content::Plain(bags)) => self.bags(&bags),
                Some(Content::Encrypted { algorithm, data }) => self.locked(&algorithm, &data),
                Some(Content::Other) => self.bad(closed(Closed::Scheme, true)),
                None => self.bad(malformed("one of its safes cannot be read")),
            }
        }
        if inside.is_cut() {
            let message = "the store ends before its end: more may have been in it";
            self.bad(defect(DefectId::Truncated, 0, message));
        }
    }

    fn locked(&mut self, algorithm: &Tlv<'_>, data: &[u8]) {
        match self.keyring.open(algorithm, data, is_safe_contents) {
            Ok(bags) => self.bags(&bags),
            Err(why) => {
                let has_password = self.keyring.has_password();
                self.bad(closed(why, has_password));
            }
        }
    }

    /// `SafeContents ::= SEQUENCE OF SafeBag` (RFC 7292 section 4.2); bags in bags to a small depth.
    fn bags(&mut self, bytes: &[u8]) {
        let mut lists: Vec<(Cursor<'_>, usize)> = vec![(Cursor::new(bytes, 0), 0)];
        while let Some((mut list, depth)) = lists.pop() {
            let Some(list) = step_tagged(&mut list, tag::SEQUENCE) else {
                self.bad(malformed("one of its safes cannot be read"));
                continue;
            };
            let mut inside = list.inside();
            while let Some(bag) = step(&mut inside) {
                if let Some(inner) = self.bag(&bag)
                    && depth < DEEPEST
                {
                    lists.push((inner, depth + 1));
                }
            }
        }
    }

    /// Takes a certificate; gives back what is a safe itself.
    fn bag<'b>(&mut self, bag: &Tlv<'b>) -> Option<Cursor<'b>> {
        let mut inside = bag.inside();
        let kind = step_tagged(&mut inside, tag::OID)?.content.strip_prefix(BAG_TYPES)?;
        let value = step_tagged(&mut inside, tag::constructed(0))?.inside();
        match kind {
            CERT_BAG => {
                self.count += 1;
                let name = step_tagged(&mut inside, tag::SET).and_then(|set| friendly_name(&set));
                let mut at = place(self.within, self.count);
                if let Some(name) = name {
                    at = format!("{at} ({name})");
                }
                self.certificate(at, value);
                None
            }
            SAFE_CONTENTS_BAG => Some(value),
            // Keys, revocation lists and secrets.
            _ => None,
        }
    }

    /// `CertBag ::= SEQUENCE { certId, certValue [0] EXPLICIT OCTET STRING }`.
    fn certificate(&mut self, at: String, mut value: Cursor<'_>) {
        let mut contents = || {
            let mut bag = step_tagged(&mut value, tag::SEQUENCE)?.inside();
            step_tagged(&mut bag, tag::OID)?;
            octets(&step(&mut step_tagged(&mut bag, tag::constructed(0))?.inside())?)
        };
        let found = match contents() {
            Some(der) => Found::good(at, &der),
            None => Found::bad(at, malformed("the bag of a certificate cannot be read")),
        };
        self.finds.push(found);
    }

    fn bad(&mut self, why: Defect) {
        let at = if self.within.is_empty() { "byte 0" } else { self.within };
        self.finds.push(Found::bad(at.to_owned(), why));
    }
}

/// What decrypting with the right password gives.
fn is_safe_contents(plain: &[u8]) -> bool {
    let mut cursor = Cursor::new(plain, 0);
    let list = step_tagged(&mut cursor, tag::SEQUENCE).filter(|list| !list.cut);
    list.is_some_and(|list| {
        cursor.is_empty() && (list.content.is_empty() || list.first_inside() == Some(tag::SEQUENCE))
    })
}

/// The attribute friendlyName (PKCS#9, RFC 2985 section 5.5.1), fit to be shown.
fn friendly_name(attributes: &Tlv<'_>) -> Option<String> {
    let mut inside = attributes.inside();
    while let Some(attribute) = step(&mut inside) {
        let mut inside = attribute.inside();
        if step_tagged(&mut inside, tag::OID).is_some_and(|oid| oid.content == FRIENDLY_NAME) {
            let value = step_tagged(&mut step(&mut inside)?.inside(), tag::BMP_STRING)?;
            let units =
                value.content.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            let name: String = char::decode_utf16(units)
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                .take(NAME + 1)
                .collect();
            return Some(Foreign::new(name).shown_within(NAME).to_string());
        }
    }
    None
}

fn malformed(message: &str) -> Defect {
    defect(DefectId::StoreMalformed, 0, message)
}

fn closed(why: Closed, has_password: bool) -> Defect {
    let (id, message) = match why {
        Closed::Password if has_password => {
            (DefectId::PasswordWrong, "neither the password nor the empty one opens it")
        }
        Closed::Password => (DefectId::PasswordWrong, "it is locked, and no password was given"),
        Closed::Effort => {
            (DefectId::EncryptionUnknown, "opening it would take more hashing than is done for one")
        }
        Closed::Scheme => {
            (DefectId::EncryptionUnknown, "it is locked by a scheme that is not known here")
        }
    };
    defect(id, 0, message)
}

/// How deep bags may stand in bags; programs use none.
const DEEPEST: usize = 4;
/// Characters of a name that are shown.
const NAME: usize = 80;
/// The contents octets of 1.2.840.113549.1.7.1.
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
/// The contents octets of 1.2.840.113549.1.7.6.
const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];
/// The contents octets of 1.2.840.113549.1.9.20.
const FRIENDLY_NAME: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x14];
/// The contents octets of 1.2.840.113549.1.12.10.1, and the last one of two kinds of bag.
const BAG_TYPES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01];
const CERT_BAG: &[u8] = &[3];
const SAFE_CONTENTS_BAG: &[u8] = &[6];
