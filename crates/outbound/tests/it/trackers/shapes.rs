//! Requests held against tables of what a tracker's documentation has.

use crate::trackers::standin::Asked;

/// One kind of request.
pub(crate) struct Shape {
    pub(crate) method: &'static str,
    /// A part that begins with `:` is any.
    pub(crate) path: &'static str,
    pub(crate) query: &'static [&'static str],
    /// Fields of the body; what has to be there begins with `!`.
    pub(crate) body: &'static [&'static str],
}

/// What in a request is none of what the documentation describes.
pub(crate) fn objection(shapes: &[Shape], asked: &Asked) -> Option<String> {
    let parts = asked.parts();
    let fits = |shape: &&Shape| {
        let want: Vec<&str> = shape.path.split('/').collect();
        let same = |(part, want): (&&str, &&str)| want.starts_with(':') || part == want;
        shape.method == asked.method
            && want.len() == parts.len()
            && parts.iter().zip(&want).all(same)
    };
    let Some(shape) = shapes.iter().find(fits) else {
        return Some(format!("{} {} is not described", asked.method, asked.path));
    };
    let unknown = asked.query.iter().find(|(name, _)| !shape.query.contains(&name.as_str()));
    if let Some((name, _)) = unknown {
        return Some(format!("there is no parameter {name}"));
    }
    let Some(body) = asked.body.as_object() else {
        return (!asked.body.is_null() || shape.body.iter().any(|one| one.starts_with('!')))
            .then(|| "a body is missing, or is no object".to_owned());
    };
    let known =
        |name: &&String| shape.body.iter().any(|one| one.trim_start_matches('!') == name.as_str());
    if let Some(name) = body.keys().find(|name| !known(name)) {
        return Some(format!("there is no field {name}"));
    }
    let missing = shape
        .body
        .iter()
        .filter_map(|one| one.strip_prefix('!'))
        .find(|one| !body.contains_key(*one));
    missing.map(|name| format!("{name} is missing"))
}
