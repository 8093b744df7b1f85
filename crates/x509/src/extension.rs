//! The extensions that are known, each with the reader of its value (RFC 5280 section 4.2).

mod access;
mod identity;
mod name_constraints;
mod usage;

use crate::defect::DefectId;
use crate::der::{Cursor, Tlv, tag};
use crate::facts::{Extensions, Field};
use crate::site::Site;

/// An extension that this reader knows.
pub(crate) struct Known {
    /// The contents octets of its OID.
    pub(crate) oid: &'static [u8],
    /// The same in dotted form.
    pub(crate) dotted: &'static str,
    /// Its name in ASN.1.
    pub(crate) name: &'static str,
    /// What RFC 5280 demands of `critical`, where it demands something.
    pub(crate) critical: Option<bool>,
    /// Puts the value, an OCTET STRING, where it belongs.
    pub(crate) read: fn(Field<Tlv<'_>>, &mut Extensions, &mut Site<'_>),
}

/// The usual first.
pub(crate) const KNOWN: &[Known] = &[
    known(b"\x55\x1d\x0f", "2.5.29.15", "keyUsage", None, |value, all, site| {
        all.key_usage = value.and_then(|value| usage::key_usage(&value, site)).map(Some);
    }),
    known(b"\x55\x1d\x25", "2.5.29.37", "extKeyUsage", None, |value, all, site| {
        all.extended_key_usage = value.and_then(|value| usage::oids(&value, site)).map(Some);
    }),
    known(b"\x55\x1d\x13", "2.5.29.19", "basicConstraints", None, |value, all, site| {
        all.basic_constraints =
            value.and_then(|value| usage::basic_constraints(&value, site)).map(Some);
    }),
    known(b"\x55\x1d\x0e", "2.5.29.14", "subjectKeyIdentifier", NEVER, |value, all, site| {
        all.subject_key_identifier =
            value.and_then(|value| identity::key_identifier(&value, site)).map(Some);
    }),
    known(b"\x55\x1d\x23", "2.5.29.35", "authorityKeyIdentifier", NEVER, |value, all, site| {
        all.authority_key_identifier = value.and_then(|value| identity::authority(&value, site));
    }),
    known(
        b"\x2b\x06\x01\x05\x05\x07\x01\x01",
        "1.3.6.1.5.5.7.1.1",
        "authorityInfoAccess",
        NEVER,
        |value, all, site| {
            if let Ok(value) = value {
                access::information_access(&value, all, site);
            }
        },
    ),
    known(b"\x55\x1d\x11", "2.5.29.17", "subjectAltName", None, |value, all, site| {
        all.subject_alt_name =
            value.and_then(|value| identity::general_names(&value, site)).map(Some);
    }),
    known(b"\x55\x1d\x20", "2.5.29.32", "certificatePolicies", None, |value, all, site| {
        if let Ok(value) = value {
            usage::policies(&value, all, site);
        }
    }),
    known(
        b"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02",
        "1.3.6.1.4.1.11129.2.4.2",
        "signedCertificateTimestamps",
        None,
        |value, all, site| {
            all.sct_count = value.and_then(|value| access::timestamps(&value, site));
        },
    ),
    known(b"\x55\x1d\x1f", "2.5.29.31", "cRLDistributionPoints", None, |value, all, site| {
        if let Ok(value) = value {
            access::distribution_points(&value, all, site);
        }
    }),
    known(
        b"\x2b\x06\x01\x05\x05\x07\x01\x18",
        "1.3.6.1.5.5.7.1.24",
        "tlsFeature",
        None,
        |value, all, site| {
            all.tls_features = value.and_then(|value| usage::tls_features(&value, site)).map(Some);
        },
    ),
    known(b"\x55\x1d\x1e", "2.5.29.30", "nameConstraints", ALWAYS, |value, all, site| {
        all.has_name_constraints = true;
        if let Ok(value) = value {
            name_constraints::check(&value, site);
        }
    }),
    known(b"\x55\x1d\x12", "2.5.29.18", "issuerAltName", None, |value, _, site| {
        let _ = value.and_then(|value| identity::general_names(&value, site));
    }),
    known(
        b"\x2b\x06\x01\x05\x05\x07\x01\x0b",
        "1.3.6.1.5.5.7.1.11",
        "subjectInfoAccess",
        NEVER,
        unexamined,
    ),
    known(b"\x55\x1d\x09", "2.5.29.9", "subjectDirectoryAttributes", NEVER, unexamined),
    known(b"\x55\x1d\x21", "2.5.29.33", "policyMappings", None, unexamined),
    known(b"\x55\x1d\x24", "2.5.29.36", "policyConstraints", ALWAYS, unexamined),
    known(b"\x55\x1d\x36", "2.5.29.54", "inhibitAnyPolicy", ALWAYS, unexamined),
    known(b"\x55\x1d\x2e", "2.5.29.46", "freshestCRL", NEVER, unexamined),
    // The poison of a precertificate, RFC 6962 section 3.1
    known(
        b"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x03",
        "1.3.6.1.4.1.11129.2.4.3",
        "precertificatePoison",
        ALWAYS,
        unexamined,
    ),
];

const ALWAYS: Option<bool> = Some(true);
const NEVER: Option<bool> = Some(false);

const fn known(
    oid: &'static [u8],
    dotted: &'static str,
    name: &'static str,
    critical: Option<bool>,
    read: fn(Field<Tlv<'_>>, &mut Extensions, &mut Site<'_>),
) -> Known {
    Known { oid, dotted, name, critical, read }
}

/// Known by its name and criticality alone.
fn unexamined(_: Field<Tlv<'_>>, _: &mut Extensions, _: &mut Site<'_>) {}

/// The one `tag` that an extension's value is; what follows it is noted.
fn single<'a>(value: &Tlv<'a>, tag: u8, site: &mut Site<'_>) -> Field<Tlv<'a>> {
    let mut inside = value.inside();
    let Some(single) = inside.next_tagged(tag, site).filter(|single| !single.cut) else {
        let message = "the value is not of the type that this extension has";
        return Err(site.malformed(DefectId::ExtensionMalformed, value.inner_offset(), message));
    };
    if !inside.is_empty() {
        site.note(
            DefectId::TrailingData,
            inside.offset(),
            "something follows the extension's value",
        );
    }
    Ok(single)
}

/// The entries of a SEQUENCE SIZE (1..MAX).
fn entries<'a>(value: &Tlv<'a>, site: &mut Site<'_>) -> Field<Cursor<'a>> {
    let list = single(value, tag::SEQUENCE, site)?;
    if list.content.is_empty() {
        site.note(DefectId::ListEmpty, list.offset, "the list is empty");
    }
    Ok(list.inside())
}

/// An error where a list lost its end, so that a part never passes for the whole.
fn complete(entries: &Cursor<'_>, site: &mut Site<'_>) -> Field<()> {
    if entries.is_cut() {
        let message = "the list goes on beyond the end of its bytes";
        return Err(site.malformed(DefectId::ExtensionMalformed, entries.offset(), message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X.690 section 8.19.
    #[test]
    fn both_forms_of_every_identifier_say_the_same() {
        for known in KNOWN {
            assert_eq!(crate::oid::dotted(known.oid).as_deref(), Some(known.dotted));
        }
    }
}
