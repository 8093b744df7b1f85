//! `profile-access`: where to ask about a certificate, RFC 5280 section 4.2.1.13, BR section 7.1.2.7.7.

use super::member::{Member, Value, oid};
use super::profile::{Breaches, Clauses, form};
use crate::rule::Meta;

pub(super) const RULE: Clauses = Clauses { meta: &META, check };

const META: Meta =
    form("profile-access", "RFC 5280 section 4.2.1.13; CA/B BR sections 7.1.2.7.7, 7.1.2.11.2");

fn check(member: &Member<'_>, breaches: &mut Breaches) {
    if let Some(points) = member.extension(oid::CRL_DISTRIBUTION_POINTS) {
        check_points(&points, breaches);
    }
    if let Some(access) = member.extension(oid::AUTHORITY_INFORMATION_ACCESS)
        && member.is_subscriber()
    {
        check_authority(&access, breaches);
    }
}

fn check_points(points: &Value<'_>, breaches: &mut Breaches) {
    for (_, point) in points.sequence().unwrap_or_default() {
        let somewhere = |(tag, _): (u8, _)| tag == DISTRIBUTION_POINT || tag == CRL_ISSUER;
        let nowhere = !point.elements().any(somewhere);
        let what = "has a distribution point that names no place";
        breaches.add_if(nowhere, "RFC 5280 section 4.2.1.13", what);
    }
}

fn check_authority(access: &Value<'_>, breaches: &mut Breaches) {
    for (_, description) in access.sequence().unwrap_or_default() {
        let parts: Vec<_> = description.elements().collect();
        let [(_, method), (kind, location)] = parts.as_slice() else { continue };
        let known = [OCSP, CA_ISSUERS].contains(&method.bytes());
        let http = *kind == URI && location.bytes().starts_with(b"http://");
        let what = "has an access description other than an http URI of OCSP or caIssuers";
        breaches.add_if(!known || !http, "BR section 7.1.2.7.7", what);
    }
}

const URI: u8 = 0x86;
const DISTRIBUTION_POINT: u8 = 0xa0;
const CRL_ISSUER: u8 = 0xa2;
/// id-ad-ocsp.
const OCSP: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1];
/// id-ad-caIssuers.
const CA_ISSUERS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 2];
