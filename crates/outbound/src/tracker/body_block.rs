//! The block of state at the end of an issue's body, where a tracker has no field for it: an HTML comment, which
//! Markdown shows to nobody.

const BEGIN: &str = "<!-- certvigil state, do not edit\n";
const END: &str = "\n-->";

/// `body` with `block` at its end, in place of the one that stood there.
pub(crate) fn with(body: &str, block: &str) -> String {
    let text = without(body);
    if block.is_empty() {
        return text.to_owned();
    }
    // Nothing in it may end the comment.
    let block = block.replace('%', "%25").replace('>', "%3E");
    format!("{text}\n\n{BEGIN}{block}{END}")
}

/// The block at the end of `body`, as it stands there.
pub(crate) fn of(body: &str) -> Option<String> {
    let body = body.replace("\r\n", "\n");
    let (_, block) = body.rsplit_once(BEGIN)?;
    let block = block.rsplit_once(END).map_or(block, |(block, _)| block);
    let block = block.replace("%3E", ">").replace("%25", "%");
    (!block.trim().is_empty()).then(|| block.trim().to_owned())
}

fn without(body: &str) -> &str {
    let begin = BEGIN.trim_end();
    body.rfind(begin).and_then(|at| body.get(..at)).unwrap_or(body).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_is_replaced_and_the_text_stays() {
        let body = with("What breaks.\n", "a=1 --> <b>\nc=100%");
        assert_eq!(of(&body).as_deref(), Some("a=1 --> <b>\nc=100%"));
        assert!(body.starts_with("What breaks.\n\n<!--") && body.matches("-->").count() == 1);
        let body = with(&body, "a=2");
        assert_eq!(of(&body).as_deref(), Some("a=2"));
        assert_eq!(body.matches("<!--").count(), 1);
        assert_eq!(with(&body, ""), "What breaks.");
    }

    #[test]
    fn without_a_block_there_is_none() {
        for body in ["", "text", "text\n\n<!-- other -->"] {
            assert_eq!(of(body), None);
        }
        assert_eq!(of(&with("text", "a=1").replace('\n', "\r\n")).as_deref(), Some("a=1"));
    }
}
