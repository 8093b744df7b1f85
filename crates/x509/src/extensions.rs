//! The extensions of a certificate (RFC 5280 section 4.2): the list itself, each value by its own
//! reader in `extension.rs`.

use std::collections::BTreeSet;

use crate::defect::DefectId;
use crate::der::{Tlv, tag};
use crate::extension::{self, Known};
use crate::facts::{Extensions, Field, Malformed};
use crate::oid;
use crate::primitive;
use crate::site::Site;

/// Of a certificate that has none.
pub(crate) fn none() -> Extensions {
    Extensions {
        subject_alt_name: Ok(None),
        basic_constraints: Ok(None),
        key_usage: Ok(None),
        extended_key_usage: Ok(None),
        authority_key_identifier: Ok(None),
        subject_key_identifier: Ok(None),
        tls_features: Ok(None),
        sct_count: Ok(0),
        ca_issuers: Vec::new(),
        ocsp: Vec::new(),
        crl_distribution_points: Vec::new(),
        policies: Vec::new(),
        has_name_constraints: false,
        all: Vec::new(),
    }
}

/// Of a certificate whose extensions cannot be told: none of them may pass for absent.
pub(crate) fn unread(why: &Malformed) -> Extensions {
    let mut extensions = none();
    doubt_absent(&mut extensions, why);
    extensions
}

/// Reads the SEQUENCE OF Extension in `tlv`.
pub(crate) fn read(tlv: &Tlv<'_>, site: &mut Site<'_>) -> Extensions {
    if tlv.tag != tag::SEQUENCE {
        let message = format_args!("the tag {:#04x} is not that of a list of extensions", tlv.tag);
        return unread(&site.malformed(DefectId::WrongTag, tlv.offset, message));
    }
    let mut list = List { extensions: none(), seen: BTreeSet::new(), lost: None };
    let mut inside = tlv.inside();
    let mut index = 0;
    while let Some(item) = inside.next(site) {
        list.add(&item, index, site);
        index += 1;
    }
    if index == 0 {
        site.note(DefectId::ExtensionsEmpty, tlv.offset, "the list of extensions is empty");
    }
    list.lost = list.lost.or_else(|| inside.lost().map(Malformed::from));
    list.finish()
}

struct List<'a> {
    extensions: Extensions,
    seen: BTreeSet<&'a [u8]>,
    /// An entry of which not even the kind can be told.
    lost: Option<Malformed>,
}

impl<'a> List<'a> {
    fn add(&mut self, tlv: &Tlv<'a>, index: usize, site: &mut Site<'_>) {
        let item = match Item::read(tlv, &mut site.entry(index)) {
            Ok(item) => item,
            Err(why) => {
                self.lost.get_or_insert(why);
                return;
            }
        };
        let known = extension::KNOWN.iter().find(|known| known.oid == item.oid);
        match known {
            Some(known) => self.add_item(&item, Some(known), &mut site.under(known.name)),
            None => self.add_item(&item, None, &mut site.entry(index)),
        }
    }

    fn add_item(&mut self, item: &Item<'a>, known: Option<&Known>, site: &mut Site<'_>) {
        let dotted = known.map(|known| known.dotted.to_owned());
        let Some(dotted) = dotted.or_else(|| oid::dotted(item.oid)) else {
            let message = "the extension's kind is no object identifier";
            let why = site.malformed(DefectId::OidMalformed, item.offset, message);
            self.lost.get_or_insert(why);
            return;
        };
        let critical = item.critical(site);
        self.extensions.all.push((dotted, critical));
        note_criticality(known, critical, item, site);
        if !self.seen.insert(item.oid) {
            site.note(DefectId::ExtensionDuplicate, item.offset, "this extension is there already");
            return;
        }
        let value = item.value(site);
        if let Some(known) = known {
            (known.read)(value, &mut self.extensions, site);
        }
    }

    /// What may have been lost must not pass for absent.
    fn finish(mut self) -> Extensions {
        if let Some(why) = &self.lost {
            doubt_absent(&mut self.extensions, why);
        }
        self.extensions
    }
}

fn note_criticality(known: Option<&Known>, critical: bool, item: &Item<'_>, site: &mut Site<'_>) {
    let Some(known) = known else {
        if critical {
            let message = "it is critical and not one that this reader knows";
            site.note(DefectId::ExtensionUnknownCritical, item.offset, message);
        }
        return;
    };
    if known.critical.is_some_and(|must| must != critical) {
        let message = if critical { "it must not be critical" } else { "it must be critical" };
        site.note(DefectId::ExtensionCriticality, item.offset, message);
    }
}

/// SEQUENCE { extnID, critical DEFAULT FALSE, extnValue OCTET STRING }.
struct Item<'a> {
    oid: &'a [u8],
    offset: usize,
    flag: Option<Tlv<'a>>,
    value: Option<Tlv<'a>>,
}

impl<'a> Item<'a> {
    fn read(tlv: &Tlv<'a>, site: &mut Site<'_>) -> Field<Self> {
        let mut inside = tlv.inside();
        let kind = (tlv.tag == tag::SEQUENCE).then(|| inside.next_tagged(tag::OID, site)).flatten();
        let Some(kind) = kind else {
            let message = "it does not begin with the kind of an extension";
            return Err(site.malformed(DefectId::ExtensionMalformed, tlv.offset, message));
        };
        let flag = inside.next_tagged(tag::BOOLEAN, site);
        let value = inside.next_tagged(tag::OCTET_STRING, site);
        if !inside.is_empty() {
            let message = "something else than the parts of an extension is in it";
            site.note(DefectId::TrailingData, inside.offset(), message);
        }
        Ok(Self { oid: kind.content, offset: tlv.offset, flag, value })
    }

    fn value(&self, site: &mut Site<'_>) -> Field<Tlv<'a>> {
        let message = "it has no OCTET STRING as its value";
        self.value.ok_or_else(|| site.malformed(DefectId::ExtensionMalformed, self.offset, message))
    }

    /// A flag that cannot be read counts as set: it is the safe side.
    fn critical(&self, site: &mut Site<'_>) -> bool {
        let Some(flag) = &self.flag else { return false };
        let site = &mut site.under("critical");
        let critical = primitive::boolean(flag, site).unwrap_or(true);
        if !critical {
            site.note(
                DefectId::DefaultEncoded,
                flag.offset,
                "FALSE is the default and must be left out",
            );
        }
        critical
    }
}

fn doubt_absent(extensions: &mut Extensions, why: &Malformed) {
    doubt(&mut extensions.subject_alt_name, why);
    doubt(&mut extensions.basic_constraints, why);
    doubt(&mut extensions.key_usage, why);
    doubt(&mut extensions.extended_key_usage, why);
    doubt(&mut extensions.authority_key_identifier, why);
    doubt(&mut extensions.subject_key_identifier, why);
    doubt(&mut extensions.tls_features, why);
    if extensions.sct_count == Ok(0) {
        extensions.sct_count = Err(why.clone());
    }
}

fn doubt<T>(field: &mut Field<Option<T>>, why: &Malformed) {
    if matches!(field, Ok(None)) {
        *field = Err(why.clone());
    }
}
