//! Writes DER (X.690), also of values that DER forbids: what is inside is the caller's business.

/// The tags that certificates are made of.
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
    pub(crate) const ENUMERATED: u8 = 0x0a;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const BMP_STRING: u8 = 0x1e;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;

    /// `[number]`, primitive.
    pub(crate) const fn context(number: u8) -> u8 {
        0x80 | number
    }

    /// `[number]`, constructed.
    pub(crate) const fn within(number: u8) -> u8 {
        0xa0 | number
    }
}

/// One value: tag, definite length of the fewest octets, contents.
pub(crate) fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = contents.len().to_be_bytes();
    let digits = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    match digits {
        [] => out.push(0),
        [short @ 0..=0x7f] => out.push(*short),
        long => {
            out.push(0x80 | long.len() as u8);
            out.extend_from_slice(long);
        }
    }
    out.extend_from_slice(contents);
    out
}

/// SEQUENCE of `parts`, each DER already.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(tag::SEQUENCE, &parts.concat())
}

/// INTEGER from the big-endian octets of a number that is not negative.
pub(crate) fn unsigned(number: &[u8]) -> Vec<u8> {
    let start = number.iter().take_while(|byte| **byte == 0).count();
    let mut contents = number[start..].to_vec();
    if contents.first().is_none_or(|byte| *byte >= 0x80) {
        contents.insert(0, 0);
    }
    tlv(tag::INTEGER, &contents)
}

/// OBJECT IDENTIFIER from its dotted form.
pub(crate) fn oid(dotted: &str) -> Vec<u8> {
    let mut arcs = dotted.split('.').filter_map(|arc| arc.parse::<u64>().ok());
    let (first, second) = (arcs.next().unwrap_or(0), arcs.next().unwrap_or(0));
    let mut contents = base_128(first * 40 + second);
    arcs.for_each(|arc| contents.extend(base_128(arc)));
    tlv(tag::OBJECT_IDENTIFIER, &contents)
}

/// BIT STRING of whole octets.
pub(crate) fn bit_string(contents: &[u8]) -> Vec<u8> {
    tlv(tag::BIT_STRING, &[&[0], contents].concat())
}

/// BOOLEAN TRUE.
pub(crate) fn yes() -> Vec<u8> {
    tlv(tag::BOOLEAN, &[0xff])
}

fn base_128(mut arc: u64) -> Vec<u8> {
    let mut digits = vec![(arc & 0x7f) as u8];
    while arc >= 0x80 {
        arc >>= 7;
        digits.insert(0, 0x80 | (arc & 0x7f) as u8);
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X.690 sections 8.1.3 and 8.19.5, and the OIDs of RFC 5480 and PKCS #1 as everybody writes them.
    #[test]
    fn values_are_written_as_x690_says() {
        assert_eq!(tlv(0x04, &[]), [4, 0]);
        assert_eq!(tlv(0x04, &[7; 127])[..2], [4, 127]);
        assert_eq!(tlv(0x04, &[7; 128])[..3], [4, 0x81, 128]);
        assert_eq!(tlv(0x04, &[7; 300])[..4], [4, 0x82, 1, 44]);
        assert_eq!(oid("2.999.3"), [6, 3, 0x88, 0x37, 3]);
        assert_eq!(oid("1.2.840.113549.1.1.11"), [6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 11]);
        assert_eq!(unsigned(&[0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(unsigned(&[0, 0]), [2, 1, 0]);
    }
}
