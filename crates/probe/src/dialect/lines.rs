//! What several dialects of lines have in common.

use certvigil_model::Ended;

use super::Talk;

/// Whether a line's first word is `keyword`, in whatever case.
pub(super) fn begins_with(line: &[u8], keyword: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == b' ');
    words.next().is_some_and(|word| word.eq_ignore_ascii_case(keyword))
}

/// The number that a reply begins with (RFC 5321 section 4.2, RFC 3977 section 3.2) and what follows.
pub(super) fn code(line: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, rest) = line.split_first_chunk::<3>()?;
    let is_code = matches!(digits, [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9']);
    let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit & 0xf));
    is_code.then_some((code, rest))
}

/// Whether a list that ends with a dot alone on its line holds `keyword` (RFC 1939 section 3, RFC
/// 3977 section 3.1.1). Reads all of it.
pub(super) async fn list_holds(talk: &mut Talk<'_, '_>, keyword: &[u8]) -> Result<bool, Ended> {
    let mut holds = false;
    loop {
        let line = talk.line().await?;
        if line == b"." {
            return Ok(holds);
        }
        holds |= begins_with(&line, keyword);
    }
}
