//! A certificate before it is signed: every field as DER, so that a case can state any of them
//! wrongly (RFC 5280 section 4.1).

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};

use crate::asn1::{bit_string, oid, sequence, tag, tlv, yes};
use crate::key::{Key, random};
use crate::time::time;

/// The fields of a certificate to be.
#[derive(Clone)]
pub(crate) struct Draft {
    now: i64,
    /// `[0]` and the number, or nothing for version 1.
    pub(crate) version: Vec<u8>,
    /// The contents octets of the INTEGER.
    pub(crate) serial_number: Vec<u8>,
    pub(crate) not_before: Vec<u8>,
    pub(crate) not_after: Vec<u8>,
    /// The DER of a Name.
    pub(crate) subject: Vec<u8>,
    pub(crate) key: Arc<Key>,
    /// OID and the DER of the whole Extension, in order.
    extensions: Vec<(&'static str, Vec<u8>)>,
}

/// Who signs: a name and a key.
#[derive(Clone)]
pub(crate) struct Authority {
    pub(crate) name: Vec<u8>,
    pub(crate) key: Arc<Key>,
    /// The DER of its own certificate.
    pub(crate) der: Vec<u8>,
}

impl Authority {
    /// An authority that vouches for itself.
    pub(crate) fn root(draft: Draft) -> io::Result<Self> {
        let (name, key) = (draft.subject.clone(), Arc::clone(&draft.key));
        Ok(Self { name, key, der: draft.self_signed()? })
    }

    /// An authority that `parent` vouches for.
    pub(crate) fn under(parent: &Self, draft: Draft) -> io::Result<Self> {
        let (name, key) = (draft.subject.clone(), Arc::clone(&draft.key));
        Ok(Self { name, key, der: draft.signed_by(parent)? })
    }
}

impl Draft {
    /// A draft of version 3 without extensions, its life still to be said.
    pub(crate) fn new(now: i64, subject: Vec<u8>, key: Arc<Key>) -> io::Result<Self> {
        let mut serial_number = random::<16>()?.to_vec();
        // Positive, and no octet to spare (X.690 section 8.3.2).
        serial_number[0] = serial_number[0] & 0x3f | 0x40;
        Ok(Self {
            now,
            version: version(2),
            serial_number,
            not_before: time(now),
            not_after: time(now),
            subject,
            key,
            extensions: Vec::new(),
        })
    }

    /// A TLS server's certificate for `names`.
    pub(crate) fn server(now: i64, names: &[&str], key: Arc<Key>) -> io::Result<Self> {
        let subject = name(&[(COMMON_NAME, tag::UTF8_STRING, names[0].as_bytes())]);
        Ok(Self::new(now, subject, key)?
            .extension(KEY_USAGE, true, &tlv(tag::BIT_STRING, &[7, 0x80]))
            .extension(EXTENDED_KEY_USAGE, false, &sequence(&[&oid(SERVER_AUTH)]))
            .extension(BASIC_CONSTRAINTS, true, &sequence(&[]))
            .extension(SUBJECT_ALT_NAME, false, &dns_names(names)))
    }

    /// A certification authority's certificate.
    pub(crate) fn authority(now: i64, common_name: &str, key: Arc<Key>) -> io::Result<Self> {
        let subject = name(&[(COMMON_NAME, tag::UTF8_STRING, common_name.as_bytes())]);
        Ok(Self::new(now, subject, key)?
            .extension(KEY_USAGE, true, &tlv(tag::BIT_STRING, &[1, 0x06]))
            .extension(BASIC_CONSTRAINTS, true, &sequence(&[&yes()])))
    }

    /// A life that begins and ends so many seconds from now.
    pub(crate) fn valid(mut self, from: i64, to: i64) -> Self {
        self.not_before = time(self.now + from);
        self.not_after = time(self.now + to);
        self
    }

    /// The extension with this value instead of what it had, if it had it.
    pub(crate) fn extension(mut self, dotted: &'static str, critical: bool, value: &[u8]) -> Self {
        let critical = if critical { yes() } else { Vec::new() };
        let der = sequence(&[&oid(dotted), &critical, &tlv(tag::OCTET_STRING, value)]);
        match self.extensions.iter_mut().find(|(known, _)| *known == dotted) {
            Some(known) => known.1 = der,
            None => self.extensions.push((dotted, der)),
        }
        self
    }

    /// Without the extension.
    pub(crate) fn without(mut self, dotted: &str) -> Self {
        self.extensions.retain(|(known, _)| *known != dotted);
        self
    }

    /// With one extension twice.
    pub(crate) fn doubled(mut self, dotted: &str) -> Self {
        let again: Vec<_> =
            self.extensions.iter().filter(|(known, _)| *known == dotted).cloned().collect();
        self.extensions.extend(again);
        self
    }

    /// With this in place of the whole Extension, right or wrong.
    pub(crate) fn rewrite(&mut self, dotted: &str, der: Vec<u8>) {
        if let Some(known) = self.extensions.iter_mut().find(|(known, _)| *known == dotted) {
            known.1 = der;
        }
    }

    /// With these DNS names.
    pub(crate) fn named(self, names: &[&str]) -> Self {
        self.extension(SUBJECT_ALT_NAME, false, &dns_names(names))
    }

    /// Any other change.
    pub(crate) fn but(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The certificate, signed by `issuer`, with the key identifiers that RFC 5280 asks for.
    pub(crate) fn signed_by(self, issuer: &Authority) -> io::Result<Vec<u8>> {
        let tbs = self.identified(&issuer.name).to_be_signed(&issuer.name, &issuer.key.algorithm);
        Ok(finished(&tbs, &issuer.key.algorithm, &issuer.key.sign(&tbs)?))
    }

    /// The certificate, signed by its own key.
    pub(crate) fn self_signed(self) -> io::Result<Vec<u8>> {
        let subject = tlv(tag::OCTET_STRING, &key_identifier(&self.subject));
        let draft = self.extension(SUBJECT_KEY_IDENTIFIER, false, &subject);
        let tbs = draft.to_be_signed(&draft.subject, &draft.key.algorithm);
        Ok(finished(&tbs, &draft.key.algorithm, &draft.key.sign(&tbs)?))
    }

    /// With the key identifiers that RFC 5280 asks for.
    pub(crate) fn identified(self, issuer: &[u8]) -> Self {
        let authority = sequence(&[&tlv(tag::context(0), &key_identifier(issuer))]);
        let subject = tlv(tag::OCTET_STRING, &key_identifier(&self.subject));
        self.extension(AUTHORITY_KEY_IDENTIFIER, false, &authority).extension(
            SUBJECT_KEY_IDENTIFIER,
            false,
            &subject,
        )
    }

    /// What is to be signed: TBSCertificate.
    pub(crate) fn to_be_signed(&self, issuer: &[u8], algorithm: &[u8]) -> Vec<u8> {
        let extensions: Vec<u8> = self.extensions.iter().flat_map(|(_, der)| der.clone()).collect();
        let extensions = match extensions.is_empty() {
            true => Vec::new(),
            false => tlv(tag::within(3), &tlv(tag::SEQUENCE, &extensions)),
        };
        sequence(&[
            &self.version,
            &tlv(tag::INTEGER, &self.serial_number),
            algorithm,
            issuer,
            &sequence(&[&self.not_before, &self.not_after]),
            &self.subject,
            &self.key.spki,
            &extensions,
        ])
    }
}

/// A certificate from its three parts.
pub(crate) fn finished(tbs: &[u8], algorithm: &[u8], signature: &[u8]) -> Vec<u8> {
    sequence(&[tbs, algorithm, &bit_string(signature)])
}

/// The DER of the version field: 2 means version 3.
pub(crate) fn version(number: u8) -> Vec<u8> {
    tlv(tag::within(0), &tlv(tag::INTEGER, &[number]))
}

/// A Name with one attribute in each RDN: OID, string tag, bytes.
pub(crate) fn name(attributes: &[(&str, u8, &[u8])]) -> Vec<u8> {
    let rdns: Vec<u8> = attributes
        .iter()
        .flat_map(|(dotted, tag, value)| {
            tlv(tag::SET, &sequence(&[&oid(dotted), &tlv(*tag, value)]))
        })
        .collect();
    tlv(tag::SEQUENCE, &rdns)
}

/// The value of subjectAltName with DNS names, whatever characters they hold.
pub(crate) fn dns_names(names: &[&str]) -> Vec<u8> {
    let entries: Vec<u8> =
        names.iter().flat_map(|name| tlv(tag::context(2), name.as_bytes())).collect();
    tlv(tag::SEQUENCE, &entries)
}

/// The value of subjectAltName with one address.
pub(crate) fn ip_name(ip: IpAddr) -> Vec<u8> {
    let octets = match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    sequence(&[&tlv(tag::context(7), &octets)])
}

/// Made of the holder's name: RFC 5280 section 4.2.1.2 leaves the method open, and an authority
/// here has one name and one key.
fn key_identifier(name: &[u8]) -> Vec<u8> {
    digest(&SHA256, name).as_ref()[..20].to_vec()
}

pub(crate) const COMMON_NAME: &str = "2.5.4.3";
pub(crate) const ORGANIZATION: &str = "2.5.4.10";
pub(crate) const KEY_USAGE: &str = "2.5.29.15";
pub(crate) const SUBJECT_ALT_NAME: &str = "2.5.29.17";
pub(crate) const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub(crate) const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
pub(crate) const TLS_FEATURE: &str = "1.3.6.1.5.5.7.1.24";
pub(crate) const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
pub(crate) const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";
