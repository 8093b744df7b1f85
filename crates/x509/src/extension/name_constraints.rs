//! nameConstraints (RFC 5280 section 4.2.1.10): whether its subtrees are written as they must be.

use super::single;
use crate::defect::DefectId;
use crate::der::{Tlv, tag};
use crate::general_name::{DNS, EMAIL, IP, is_host_name, is_mailbox};
use crate::site::Site;

/// Notes what is wrong with the constraints in `value`, an OCTET STRING.
pub(super) fn check(value: &Tlv<'_>, site: &mut Site<'_>) {
    let Ok(constraints) = single(value, tag::SEQUENCE, site) else { return };
    let mut inside = constraints.inside();
    let permitted = inside.next_tagged(tag::constructed(0), site);
    let excluded = inside.next_tagged(tag::constructed(1), site);
    if permitted.is_none() && excluded.is_none() {
        site.note(DefectId::ListEmpty, constraints.offset, "nothing is permitted or excluded");
    }
    if !inside.is_empty() {
        let message = "something else than permitted and excluded subtrees is in it";
        site.note(DefectId::TrailingData, inside.offset(), message);
    }
    for (name, subtrees) in [("permittedSubtrees", permitted), ("excludedSubtrees", excluded)] {
        if let Some(subtrees) = subtrees {
            check_subtrees(&subtrees, &mut site.under(name));
        }
    }
}

fn check_subtrees(subtrees: &Tlv<'_>, site: &mut Site<'_>) {
    let mut inside = subtrees.inside();
    let mut index = 0;
    if inside.is_empty() {
        site.note(DefectId::ListEmpty, subtrees.offset, "the list is empty");
    }
    while let Some(subtree) = inside.next(site) {
        check_subtree(&subtree, &mut site.entry(index));
        index += 1;
    }
}

/// A base; minimum and maximum must be left out.
fn check_subtree(subtree: &Tlv<'_>, site: &mut Site<'_>) {
    let mut inside = subtree.inside();
    let base = (subtree.tag == tag::SEQUENCE).then(|| inside.next(site)).flatten();
    let Some(base) = base else {
        site.note(DefectId::ExtensionMalformed, subtree.offset, "it is not a subtree of names");
        return;
    };
    if !inside.is_empty() {
        let message = "minimum and maximum must be left out";
        site.note(DefectId::ExtensionMalformed, inside.offset(), message);
    }
    if !is_base(&base) {
        let message = "no name can lie in this subtree";
        site.note(DefectId::GeneralNameSyntax, base.inner_offset(), message);
    }
}

fn is_base(base: &Tlv<'_>) -> bool {
    let text = str::from_utf8(base.content).ok();
    match base.tag {
        DNS => text.is_some_and(|name| name.is_empty() || is_plain_host(name)),
        EMAIL => text.is_some_and(|name| {
            is_mailbox(name) || is_plain_host(name.strip_prefix('.').unwrap_or(name))
        }),
        IP => is_network(base.content),
        _ => true,
    }
}

fn is_plain_host(name: &str) -> bool {
    !name.contains('*') && is_host_name(name)
}

/// An address and a mask without holes (RFC 4632 section 3.1).
fn is_network(octets: &[u8]) -> bool {
    if ![8, 32].contains(&octets.len()) {
        return false;
    }
    let mask = &octets[octets.len() / 2..];
    let ones = mask.iter().take_while(|&&octet| octet == 0xff).count();
    let mut rest = mask[ones..].iter();
    let border = rest.next().is_none_or(|octet| octet.leading_ones() == octet.count_ones());
    border && rest.all(|&octet| octet == 0)
}
