//! A request with blanks.

use std::time::Instant;

use certvigil_fetch::Method;
use serde_json::Value;
use url::Url;

use super::super::Trouble;
use super::super::http::{Answer, Site};
use super::super::settings::{Keys, Unusable};

/// `POST /projects/{project}/issues?label={key}` and a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    method: Method,
    path: Vec<String>,
    query: Vec<(String, String)>,
    body: Option<Value>,
    /// What has to be made before, whose id is the blank `{first}`.
    pub(super) first: Option<Box<Self>>,
}

/// Blanks that a template may have.
const BLANKS: &[&str] = &[
    "project",
    "key",
    "id",
    "title",
    "body",
    "text",
    "block",
    "since",
    "since_date",
    "since_time",
    "first",
];

impl Ask {
    /// The request of `key`, and its body of `body`, where they are written.
    pub(super) fn of(
        keys: &mut Keys,
        key: &'static str,
        body: Option<&'static str>,
    ) -> Result<Option<Self>, Unusable> {
        let text = keys.take(key);
        let body_text = body.and_then(|body| keys.take(body));
        let Some(text) = text else { return Ok(None) };
        let mut ask = parse(&text).map_err(|why| keys.wrong(key, &why))?;
        if let (Some(body), Some(text)) = (body, body_text) {
            let value = parse_body(&text).map_err(|why| keys.wrong(body, &why))?;
            ask.body = Some(value);
        }
        Ok(Some(ask))
    }

    /// The same, where it has to be written.
    pub(super) fn needed(
        keys: &mut Keys,
        key: &'static str,
        body: Option<&'static str>,
    ) -> Result<Self, Unusable> {
        Self::of(keys, key, body)?
            .ok_or_else(|| keys.wrong(key, "is needed: write METHOD /path, with blanks like {id}"))
    }

    /// The same, with what has to be made before it, where something has.
    pub(super) fn behind(
        keys: &mut Keys,
        key: &'static str,
        body: &'static str,
        first: &'static str,
        first_body: &'static str,
    ) -> Result<Self, Unusable> {
        let first = Self::of(keys, first, Some(first_body))?.map(Box::new);
        Ok(Self { first, ..Self::needed(keys, key, Some(body))? })
    }

    /// The address, with the blanks filled in.
    pub(super) fn url(&self, site: &Site, blanks: &[(&str, &str)]) -> Url {
        let path: Vec<String> = self.path.iter().map(|part| fill(part, blanks)).collect();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let query: Vec<(&str, String)> =
            self.query.iter().map(|(name, value)| (name.as_str(), fill(value, blanks))).collect();
        let query: Vec<(&str, &str)> =
            query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        site.url(&path, &query)
    }

    pub(super) fn send(
        &self,
        site: &Site,
        blanks: &[(&str, &str)],
        by: Instant,
    ) -> Result<Answer, Trouble> {
        let body = self.body.as_ref().map(|body| filled(body, blanks));
        site.send(self.method, self.url(site, blanks), body.as_ref(), by)
    }
}

fn parse(text: &str) -> Result<Ask, String> {
    let (method, target) = text.trim().split_once(' ').ok_or("is written METHOD /path")?;
    let method = match method {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => return Err("begins with GET, POST, PUT, PATCH or DELETE".to_owned()),
    };
    know_blanks(target)?;
    let target = target.trim().strip_prefix('/').ok_or("has a path that begins with /")?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |text: &str| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        (name.to_owned(), value.to_owned())
    };
    Ok(Ask {
        method,
        path: path.split('/').map(str::to_owned).collect(),
        query: query.split('&').filter(|text| !text.is_empty()).map(pair).collect(),
        body: None,
        first: None,
    })
}

fn parse_body(text: &str) -> Result<Value, String> {
    let value = serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
    strings(&value).into_iter().try_for_each(know_blanks)?;
    Ok(value)
}

fn know_blanks(text: &str) -> Result<(), String> {
    let names = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    match names.map(|(name, _)| name).find(|name| !BLANKS.contains(name)) {
        None => Ok(()),
        Some(name) => {
            Err(format!("has a blank {{{name}}}; those that are known are {}", BLANKS.join(", ")))
        }
    }
}

fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn filled(value: &Value, blanks: &[(&str, &str)]) -> Value {
    match value {
        Value::String(text) => Value::String(fill(text, blanks)),
        Value::Array(items) => items.iter().map(|item| filled(item, blanks)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !is_left_out(value, blanks));
            fields.map(|(name, value)| (name.clone(), filled(value, blanks))).collect()
        }
        other => other.clone(),
    }
}

/// A field that is nothing but a block of state that there is none of: some take no empty text.
fn is_left_out(value: &Value, blanks: &[(&str, &str)]) -> bool {
    value.as_str() == Some("{block}") && blanks.contains(&("block", ""))
}

/// Fills blanks in, once: what is filled in is not looked at again.
pub(super) fn fill(text: &str, blanks: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let value = rest[1..].split_once('}').and_then(|(name, after)| {
            let (_, value) = blanks.iter().find(|(known, _)| *known == name)?;
            Some((*value, after))
        });
        match value {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = &rest[1..];
            }
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_not_looked_at_again() {
        let blanks = [("title", "{key} \"}, \"x\": \""), ("key", "abc")];
        assert_eq!(fill("{title}/{key}/{other}/{", &blanks), "{key} \"}, \"x\": \"/abc/{other}/{");
        let body = parse_body(r#"{"a": ["{title}", 1, {"b": "x{key}"}]}"#).unwrap_or_default();
        let body = filled(&body, &blanks);
        assert_eq!(body.pointer("/a/0"), Some(&Value::from("{key} \"}, \"x\": \"")));
        assert_eq!(body.pointer("/a/2/b"), Some(&Value::from("xabc")));
        let body = parse_body(r#"{"state": "{block}", "title": "{title}"}"#).unwrap_or_default();
        assert_eq!(
            filled(&body, &[("block", ""), ("title", "")]),
            serde_json::json!({"title": ""})
        );
    }

    #[test]
    fn what_is_no_request_is_told() {
        for (text, word) in [
            ("", "METHOD"),
            ("/issues", "METHOD"),
            ("HEAD /issues", "GET"),
            ("GET issues", "begins with /"),
            ("GET /issues/{ident}", "{ident}"),
        ] {
            let why = parse(text).err().unwrap_or_default();
            assert!(why.contains(word), "{text}: {why}");
        }
        assert!(parse_body("{\"a\": {title}}").is_err_and(|why| why.contains("JSON")));
        assert!(parse_body("{\"a\": \"{titel}\"}").is_err_and(|why| why.contains("{titel}")));
    }
}
