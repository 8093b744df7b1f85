//! The tolerant reader: the frame of a certificate that the strict reader refuses.
//!
//! It knows the order of TBSCertificate's fields and what each looks like from outside. It walks the
//! tag-length-values one after another, gives each the place that it and its neighbour fit, and never
//! goes back. What is missing, too much, broken or cut off is noted.

use crate::defect::DefectId;
use crate::der::{Cursor, Loss, Tlv, tag};
use crate::frame::Frame;
use crate::place::{Place, Shape};
use crate::site::Site;

/// The frame of what may be a certificate; nothing where it looks like none.
pub(crate) fn frame<'a>(der: &'a [u8], site: &mut Site<'_>) -> Option<Frame<'a>> {
    let mut file = Cursor::new(der, 0);
    let outer = file.next(site)?;
    let mut walk = Walk { der, frame: Frame::default(), place: Place::Version };
    if looks_signed(&outer) {
        let message = "the signed part stands alone: no certificate is around it";
        site.note(DefectId::MissingField, outer.offset, message);
        walk.signed(&outer, &mut site.under("tbsCertificate"));
        return walk.found();
    }
    outer.note_tag(tag::SEQUENCE, site);
    walk.certificate(&outer, site);
    if !file.is_empty() {
        let message = format_args!("{} octets follow the certificate", file.rest().len());
        site.note(DefectId::TrailingData, file.offset(), message);
    }
    walk.found()
}

/// Whether `tlv` begins like a TBSCertificate: with a version or a serial number.
fn looks_signed(tlv: &Tlv<'_>) -> bool {
    let first = tlv.first_inside().map(|tag| Shape::of(tag, None));
    matches!(first, Some(Shape::Version | Shape::Serial))
}

struct Walk<'a> {
    der: &'a [u8],
    frame: Frame<'a>,
    /// The first place that is not yet passed.
    place: Place,
}

impl<'a> Walk<'a> {
    /// The frame, where something in it makes a certificate of it.
    fn found(self) -> Option<Frame<'a>> {
        let Frame { issuer, not_before, subject, public_key, .. } = &self.frame;
        let any = [issuer, not_before, subject, public_key].iter().any(|field| field.is_some());
        any.then_some(self.frame)
    }

    /// Signed part, algorithm, signature. An inner length that reaches beyond the outer one is
    /// followed: most often it is the outer one that is wrong.
    fn certificate(&mut self, outer: &Tlv<'a>, site: &mut Site<'_>) {
        let mut inside = self.all_from(outer.inner_offset());
        let site_signed = &mut site.under("tbsCertificate");
        if let Some(signed) = inside.next(site_signed) {
            self.signed(&signed, site_signed);
            note_overrun(&signed, outer, site_signed);
        }
        let end = outer.inner_end();
        self.frame.signature_algorithm =
            inside.next_before(end, &mut site.under("signatureAlgorithm"));
        self.frame.signature_value = inside.next_before(end, &mut site.under("signatureValue"));
        if inside.offset() < end {
            site.note(DefectId::TrailingData, inside.offset(), "something follows the signature");
        }
    }

    /// The fields of TBSCertificate.
    fn signed(&mut self, signed: &Tlv<'a>, site: &mut Site<'_>) {
        signed.note_tag(tag::SEQUENCE, site);
        let mut inside = self.all_from(signed.inner_offset());
        while inside.offset() < signed.inner_end() {
            let Some(field) = inside.next(site) else { break };
            self.field(&field, &inside, site);
            note_overrun(&field, signed, site);
        }
        self.frame.doubt = signed.lost().or_else(|| inside.lost()).or(self.frame.doubt);
        self.frame.end = inside.offset();
        for missing in self.frame.missing() {
            let site = &mut site.under(missing);
            site.note(DefectId::MissingField, inside.offset(), "it is not there");
        }
    }

    /// Gives `field` its place; `after` stands behind it.
    fn field(&mut self, field: &Tlv<'a>, after: &Cursor<'a>, site: &mut Site<'_>) {
        let shape = Shape::of(field.tag, field.first_inside());
        let neighbour = after.peek().map(|tag| Shape::of(tag, after.peek_inside()));
        match self.place.choose(shape, neighbour) {
            Some(place) => {
                self.put(place, field, site);
                self.place = place.after();
            }
            None => {
                let message = format_args!("nothing with the tag {:#04x} belongs here", field.tag);
                let (defect, offset) = (DefectId::UnexpectedField, field.offset);
                site.note(defect, offset, message);
                self.frame.doubt = Some(Loss { defect, offset });
            }
        }
    }

    fn put(&mut self, place: Place, field: &Tlv<'a>, site: &mut Site<'_>) {
        let site = &mut site.under(place.name());
        match place {
            Place::Version => self.frame.version = explicit(field, tag::constructed(0), site),
            Place::SerialNumber => self.frame.serial_number = Some(*field),
            Place::Signature => self.frame.signature = Some(*field),
            Place::Issuer => self.frame.issuer = Some(*field),
            Place::Validity => self.validity(field, site),
            Place::Subject => self.frame.subject = Some(*field),
            Place::PublicKey => self.frame.public_key = Some(*field),
            Place::IssuerId | Place::SubjectId => self.frame.unique_id = Some(*field),
            Place::Extensions => self.frame.extensions = explicit(field, tag::constructed(3), site),
            Place::End => {}
        }
    }

    fn validity(&mut self, field: &Tlv<'a>, site: &mut Site<'_>) {
        field.note_tag(tag::SEQUENCE, site);
        let mut inside = field.inside();
        self.frame.not_before = inside.next(site);
        self.frame.not_after = inside.next(site);
        if !inside.is_empty() {
            site.note(DefectId::TrailingData, inside.offset(), "something follows notAfter");
        }
    }

    /// All bytes from `offset` on, whatever lengths say.
    fn all_from(&self, offset: usize) -> Cursor<'a> {
        Cursor::new(&self.der[offset..], offset)
    }
}

/// The first thing inside an EXPLICIT tag.
fn explicit<'a>(field: &Tlv<'a>, tag: u8, site: &mut Site<'_>) -> Option<Tlv<'a>> {
    field.note_tag(tag, site);
    let mut inside = field.inside();
    let value = inside.next(site);
    if value.is_none() {
        site.note(DefectId::MissingField, field.inner_offset(), "nothing is in it");
    }
    if !inside.is_empty() {
        site.note(DefectId::TrailingData, inside.offset(), "something follows its value");
    }
    value
}

fn note_overrun(tlv: &Tlv<'_>, holder: &Tlv<'_>, site: &mut Site<'_>) {
    if tlv.end() > holder.end() {
        let message = "it reaches beyond the end of what holds it";
        site.note(DefectId::Truncated, tlv.offset, message);
    }
}
