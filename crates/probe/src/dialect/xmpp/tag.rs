//! Tags of the XML that RFC 6120 section 11.1 leaves to XMPP: no comments, no document type, no
//! processing instructions, no entities but the five known ones, which stay as they are.

use certvigil_model::Ended;

use crate::dialect::Talk;

/// What stands between `<` and `>`.
pub(super) enum Tag {
    /// `<?xml …?>`.
    Declaration,
    /// `</name>`. Whose end it is does not matter here: it is that of the last one open.
    End,
    /// `<prefix:name …>` or, empty, `<prefix:name …/>`. The prefix is anybody's choice.
    Start { name: Vec<u8>, is_empty: bool },
}

impl Tag {
    /// The next tag where nothing but white space may stand before it.
    pub(super) async fn hear_between(talk: &mut Talk<'_, '_>) -> Result<Self, Ended> {
        loop {
            match talk.byte().await? {
                b'<' => return Self::hear(talk).await,
                byte if byte.is_ascii_whitespace() => {}
                _ => return Err(talk.strange()),
            }
        }
    }

    /// The next tag; the text before it is added to `text`.
    pub(super) async fn hear_behind(
        text: &mut Vec<u8>,
        talk: &mut Talk<'_, '_>,
    ) -> Result<Self, Ended> {
        loop {
            match talk.byte().await? {
                b'<' => return Self::hear(talk).await,
                0 => return Err(talk.strange()),
                byte => text.push(byte),
            }
        }
    }

    /// The rest of a tag. Values may hold a `>`.
    async fn hear(talk: &mut Talk<'_, '_>) -> Result<Self, Ended> {
        let mut inside = Vec::new();
        let mut quote = None;
        loop {
            let byte = talk.byte().await?;
            match (quote, byte) {
                (None, b'>') => break,
                (None, b'\'' | b'"') => quote = Some(byte),
                (None, b'!') if inside.is_empty() => return Err(talk.strange()),
                (_, b'<' | 0) => return Err(talk.strange()),
                (Some(open), _) if open == byte => quote = None,
                _ => {}
            }
            inside.push(byte);
        }
        Self::read(&inside).ok_or_else(|| talk.strange())
    }

    fn read(inside: &[u8]) -> Option<Self> {
        match inside {
            [b'?', b'x', b'm', b'l', .., b'?'] => Some(Self::Declaration),
            [b'?', ..] => None,
            [b'/', ..] => Some(Self::End),
            _ => {
                let is_empty = inside.ends_with(b"/");
                let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'/';
                let name = inside.split(ends).next()?;
                let local = name.rsplit(|byte| *byte == b':').next()?;
                let is_name = !local.is_empty() && !local.iter().any(u8::is_ascii_control);
                is_name.then(|| Self::Start { name: local.to_vec(), is_empty })
            }
        }
    }
}
