//! Whom a certificate names besides its subject, and which keys: the alternative names and the two
//! key identifiers.

use super::{complete, entries, single};
use crate::defect::DefectId;
use crate::der::{Tlv, tag};
use crate::facts::{Field, GeneralName};
use crate::general_name;
use crate::site::Site;

/// RFC 5280 section 4.2.1.6, 4.2.1.7.
pub(super) fn general_names(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<Vec<GeneralName>> {
    let mut entries = entries(value, site)?;
    let names = general_name::list(&mut entries, site);
    complete(&entries, site)?;
    Ok(names)
}

/// RFC 5280 section 4.2.1.2.
pub(super) fn key_identifier(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<Vec<u8>> {
    single(value, tag::OCTET_STRING, site).map(|identifier| identifier.content.to_vec())
}

/// keyIdentifier, authorityCertIssuer, authorityCertSerialNumber (RFC 5280 section 4.2.1.1).
pub(super) fn authority(value: &Tlv<'_>, site: &mut Site<'_>) -> Field<Option<Vec<u8>>> {
    let authority = single(value, tag::SEQUENCE, site)?;
    let mut inside = authority.inside();
    let identifier = inside.next_tagged(tag::context(0), site);
    let issuer = inside.next_tagged(tag::constructed(1), site);
    let serial = inside.next_tagged(tag::context(2), site);
    if issuer.is_some() != serial.is_some() {
        let message = "issuer and serial number stand together or not at all";
        site.note(DefectId::ExtensionMalformed, authority.offset, message);
    }
    if !inside.is_empty() {
        site.note(
            DefectId::TrailingData,
            inside.offset(),
            "something else than its three parts is in it",
        );
    }
    complete(&inside, site)?;
    Ok(identifier.map(|identifier| identifier.content.to_vec()))
}
