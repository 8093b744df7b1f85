//! Long texts that lie beside the journal.

use certvigil_doors::Secret;
use certvigil_model::Fingerprint;

/// Bytes kept of one text beside the journal.
pub const BODY_LIMIT: usize = 64 * 1024;

/// What stands where a secret stood.
const MASK: &str = "[masked]";

/// A text that may be kept: without the secrets that its writer knows, and bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body(String);

impl Body {
    /// `text` without `secrets`, as they are and as addresses and JSON write them, cut at [`BODY_LIMIT`] bytes.
    pub fn masked(text: &str, secrets: &[Secret]) -> Self {
        let mut forms: Vec<String> = secrets.iter().flat_map(forms).collect();
        // The longest first: one secret may be a part of another.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        let masked = forms.iter().fold(text.to_owned(), |text, form| text.replace(form, MASK));
        Self(cut(masked))
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The hash that it is found by.
    pub fn sha256(&self) -> Fingerprint {
        Fingerprint::of(self.0.as_bytes())
    }
}

/// How a secret may stand in a text: as it is, percent-encoded (RFC 3986 section 2.1), in a JSON string (RFC 8259
/// section 7). An empty one stands nowhere.
fn forms(secret: &Secret) -> Vec<String> {
    let plain = secret.reveal();
    if plain.is_empty() {
        return Vec::new();
    }
    let encoded = percent_encoded(plain);
    let json = serde_json::Value::from(plain).to_string();
    let quoted = json.trim_start_matches('"').strip_suffix('"').unwrap_or(&json).to_owned();
    vec![plain.to_owned(), encoded.to_lowercase(), encoded, quoted]
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn cut(mut text: String) -> String {
    let whole = text.floor_char_boundary(BODY_LIMIT);
    text.truncate(whole);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str, secrets: &[&str]) -> String {
        let secrets: Vec<Secret> = secrets.iter().copied().map(Secret::new).collect();
        Body::masked(text, &secrets).text().to_owned()
    }

    #[test]
    fn no_form_of_a_secret_is_kept() {
        for (text, secret, want) in [
            ("key: s3cret!", "s3cret!", "key: [masked]"),
            ("/issues?key=a%2Fb%2B", "a/b+", "/issues?key=[masked]"),
            ("/issues?key=a%2fb%2b", "a/b+", "/issues?key=[masked]"),
            (r#"{"key":"a\"b\\c"}"#, r#"a"b\c"#, r#"{"key":"[masked]"}"#),
            ("nothing", "", "nothing"),
        ] {
            assert_eq!(masked(text, &[secret]), want);
        }
    }

    #[test]
    fn a_secret_within_a_secret_leaves_no_rest() {
        assert_eq!(masked("abcdef", &["abc", "abcdef"]), "[masked]");
    }

    #[test]
    fn a_text_is_cut_between_two_characters() {
        let long = "ü".repeat(BODY_LIMIT);
        let kept = masked(&format!("x{long}"), &[]);
        assert_eq!(kept.len(), BODY_LIMIT - 1);
        assert!(kept.ends_with('ü'));
    }
}
