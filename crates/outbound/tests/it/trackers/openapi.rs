//! Requests held against a published OpenAPI 3.0 document.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::trackers::standin::Asked;

/// Such a document.
pub(crate) struct Published(Value);

impl Published {
    pub(crate) fn read(path: &Path) -> Self {
        Self(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    }

    /// A copy of one of its examples.
    pub(crate) fn example(&self, name: &str) -> Value {
        let value = self.0["components"]["examples"][name]["value"].clone();
        assert!(!value.is_null(), "the document has no example {name}");
        value
    }

    /// What in a request is none of what the document describes.
    pub(crate) fn objection(&self, asked: &Asked) -> Option<String> {
        let Some(operation) = self.operation(asked) else {
            return Some(format!("{} {} is not described", asked.method, asked.path));
        };
        let parameters: Vec<&Value> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| self.followed(one))
            .collect();
        for (name, value) in &asked.query {
            let known = parameters.iter().find(|one| one["in"] == "query" && one["name"] == **name);
            let Some(known) = known else { return Some(format!("there is no parameter {name}")) };
            let schema = self.whole(&known["schema"], 0);
            let number = value.parse::<u64>().map_or_else(|_| json!(value), |number| json!(number));
            let fits = |value: &Value| jsonschema::is_valid(&schema, value);
            if !fits(&json!(value)) && !fits(&number) {
                return Some(format!("{name}={value} does not fit {schema}"));
            }
        }
        let schema =
            self.whole(&operation["requestBody"]["content"]["application/json"]["schema"], 0);
        if schema.is_null() {
            return (!asked.body.is_null()).then(|| "a body is not described".to_owned());
        }
        let unknown = asked.body.as_object().into_iter().flat_map(|body| body.keys());
        let unknown =
            unknown.into_iter().find(|name| schema["properties"][name.as_str()].is_null());
        if let Some(name) = unknown {
            return Some(format!("there is no field {name}"));
        }
        let validator = jsonschema::validator_for(&schema).unwrap();
        validator.iter_errors(&asked.body).next().map(|error| error.to_string())
    }

    fn operation(&self, asked: &Asked) -> Option<&Value> {
        let method = asked.method.to_lowercase();
        let paths = self.0["paths"].as_object().unwrap();
        let parts = asked.parts();
        let fits = |template: &str| {
            let template: Vec<&str> = template.trim_matches('/').split('/').collect();
            let same = |(part, want): (&&str, &&str)| want.starts_with('{') || part == want;
            template.len() == parts.len() && parts.iter().zip(&template).all(same)
        };
        let found = paths.iter().filter(|(template, _)| fits(template));
        // `/repos/{owner}/{repo}` would also fit a path of other words.
        let found = found.min_by_key(|(template, _)| template.matches('{').count());
        found.map(|(_, path)| &path[&method]).filter(|operation| !operation.is_null())
    }

    fn followed<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(at) => self.0.pointer(at.trim_start_matches('#')).unwrap(),
            None => value,
        }
    }

    /// A schema with all that it refers to, and without the `nullable` that only OpenAPI 3.0 knows.
    fn whole(&self, schema: &Value, depth: usize) -> Value {
        assert!(depth < 30, "schemas refer to each other in a circle");
        match self.followed(schema) {
            Value::Object(fields) => {
                let is_kept = |name: &String| name != "nullable" && name != "example";
                let fields = fields.iter().filter(|(name, _)| is_kept(name));
                fields.map(|(name, value)| (name.clone(), self.whole(value, depth + 1))).collect()
            }
            Value::Array(items) => items.iter().map(|item| self.whole(item, depth + 1)).collect(),
            other => other.clone(),
        }
    }
}

/// Where `scripts/test` puts what it fetches; none, and said so, where it is not there.
#[expect(clippy::print_stdout, reason = "a skip is told")]
pub(crate) fn published(path: &str) -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/published").join(path);
    if !file.exists() {
        println!("SKIPPED: {path} is not there (scripts/test fetches it)");
        return None;
    }
    Some(file)
}
