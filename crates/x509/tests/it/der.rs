//! Writes DER by hand, so that it can also be written wrong.

/// One tag-length-value.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    match content.len() {
        length @ 0..=0x7f => der.push(length as u8),
        length @ 0x80..=0xff => der.extend([0x81, length as u8]),
        length => der.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    der.extend(content);
    der
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub(crate) fn set(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x31, &parts.concat())
}

/// A name of one attribute, its type in contents octets.
pub(crate) fn name(kind: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
    sequence(&[&set(&[&attribute(kind, tag, value)])])
}

pub(crate) fn attribute(kind: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
    sequence(&[&tlv(0x06, kind), &tlv(tag, value)])
}

pub(crate) fn common_name(text: &str) -> Vec<u8> {
    name(COMMON_NAME, 0x0c, text.as_bytes())
}

/// An extension, its kind in contents octets.
pub(crate) fn extension(kind: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag: &[u8] = if critical { &[0x01, 0x01, 0xff] } else { &[] };
    sequence(&[&tlv(0x06, kind), flag, &tlv(0x04, value)])
}

/// A certificate in its parts, each whole DER; an empty one is left out.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) version: Vec<u8>,
    pub(crate) serial_number: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) validity: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) public_key: Vec<u8>,
    pub(crate) unique_id: Vec<u8>,
    pub(crate) extensions: Vec<u8>,
    pub(crate) signature_algorithm: Vec<u8>,
    pub(crate) signature_value: Vec<u8>,
}

impl Default for Parts {
    /// Legal by RFC 5280 and RFC 8410; the key and the signature are made up.
    fn default() -> Self {
        let ed25519 = sequence(&[&tlv(0x06, ED25519)]);
        Self {
            version: vec![0xa0, 0x03, 0x02, 0x01, 0x02],
            serial_number: vec![0x02, 0x01, 0x2a],
            signature: ed25519.clone(),
            issuer: common_name("Issuer"),
            validity: validity("260101000000Z", "271231235959Z"),
            subject: common_name("Subject"),
            public_key: sequence(&[&ed25519, &tlv(0x03, &[0; 33])]),
            unique_id: vec![],
            extensions: extensions(&[&extension(
                SUBJECT_ALT_NAME,
                false,
                &sequence(&[&tlv(0x82, b"a.example")]),
            )]),
            signature_algorithm: ed25519,
            signature_value: tlv(0x03, &[0; 65]),
        }
    }
}

impl Parts {
    pub(crate) fn with_extensions(list: &[&[u8]]) -> Self {
        Self { extensions: extensions(list), ..Self::default() }
    }

    pub(crate) fn signed(&self) -> Vec<u8> {
        sequence(&[
            &self.version,
            &self.serial_number,
            &self.signature,
            &self.issuer,
            &self.validity,
            &self.subject,
            &self.public_key,
            &self.unique_id,
            &self.extensions,
        ])
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        sequence(&[&self.signed(), &self.signature_algorithm, &self.signature_value])
    }
}

/// `[3]` around a list of extensions.
pub(crate) fn extensions(list: &[&[u8]]) -> Vec<u8> {
    tlv(0xa3, &sequence(list))
}

/// Two UTCTimes.
pub(crate) fn validity(not_before: &str, not_after: &str) -> Vec<u8> {
    sequence(&[&tlv(0x17, not_before.as_bytes()), &tlv(0x17, not_after.as_bytes())])
}

pub(crate) const COMMON_NAME: &[u8] = b"\x55\x04\x03";
pub(crate) const ED25519: &[u8] = b"\x2b\x65\x70";
pub(crate) const SUBJECT_ALT_NAME: &[u8] = b"\x55\x1d\x11";
