//! Requests and answers held against a published document, OpenAPI 3.0 or Swagger 2.0.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::trackers::standin::{Asked, Reply};

/// Such a document.
pub(crate) struct Published {
    document: Value,
    /// What answers are held against, by their schema: each is made once.
    answers: Mutex<BTreeMap<String, Arc<Validator>>>,
}

impl Published {
    pub(crate) fn read(path: &Path) -> Self {
        let document = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        Self { document, answers: Mutex::default() }
    }

    /// A copy of one of its examples.
    pub(crate) fn example(&self, name: &str) -> Value {
        let value = self.document["components"]["examples"][name]["value"].clone();
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
            // A parameter of Swagger 2.0 is its own schema.
            let schema = match &known["schema"] {
                Value::Null => json!({"type": known["type"], "enum": known["enum"]}),
                schema => self.whole(schema, 0),
            };
            let schema = without_nulls(schema);
            let number = value.parse::<u64>().map_or_else(|_| json!(value), |number| json!(number));
            let fits = |value: &Value| jsonschema::is_valid(&schema, value);
            if !fits(&json!(value)) && !fits(&number) {
                return Some(format!("{name}={value} does not fit {schema}"));
            }
        }
        let body = parameters.iter().find(|one| one["in"] == "body").map(|one| &one["schema"]);
        let body = body
            .unwrap_or_else(|| &operation["requestBody"]["content"]["application/json"]["schema"]);
        let schema = self.whole(body, 0);
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

    /// What in an answer with a body is none of what Swagger 2.0 describes. Servers in Go write null for what is absent,
    /// which it cannot say.
    pub(crate) fn objection_to_answer(&self, asked: &Asked, reply: &Reply) -> Option<String> {
        let operation = self.operation(asked)?;
        let answer = self.followed(&operation["responses"][reply.status.to_string()]);
        if answer.is_null() {
            return Some(format!("{} {} never answers {}", asked.method, asked.path, reply.status));
        }
        let validator = self.validator(&answer["schema"]);
        let body = without_nulls(reply.body.clone());
        validator
            .iter_errors(&body)
            .next()
            .map(|error| format!("{error} at {}", error.instance_path()))
    }

    /// Of a schema in which nothing stands that is not described.
    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let make = || {
            let mut definitions = self.document["definitions"].clone();
            for one in definitions.as_object_mut().unwrap().values_mut() {
                if one["properties"].is_object() && one["additionalProperties"].is_null() {
                    one["additionalProperties"] = json!(false);
                }
            }
            let whole = but(json!({"definitions": definitions}), schema.clone());
            Arc::new(jsonschema::validator_for(&whole).unwrap())
        };
        let mut known = self.answers.lock().unwrap();
        Arc::clone(known.entry(schema.to_string()).or_insert_with(make))
    }

    /// Everything that a definition of Swagger 2.0 has, each empty: objects null, as servers in Go write what is absent.
    pub(crate) fn empty(&self, name: &str) -> Value {
        let properties = self.document["definitions"][name]["properties"].as_object().unwrap();
        let value = |schema: &Value| match schema["type"].as_str() {
            Some("string") if schema["format"] == "date-time" => json!("0001-01-01T00:00:00Z"),
            Some("string") => json!(""),
            Some("integer") => json!(0),
            Some("boolean") => json!(false),
            _ => Value::Null,
        };
        properties.iter().map(|(name, schema)| (name.clone(), value(schema))).collect()
    }

    fn operation(&self, asked: &Asked) -> Option<&Value> {
        let method = asked.method.to_lowercase();
        let paths = self.document["paths"].as_object().unwrap();
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
            Some(at) => self.document.pointer(at.trim_start_matches('#')).unwrap(),
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

/// The value with other fields.
pub(crate) fn but(mut value: Value, other: Value) -> Value {
    let Value::Object(fields) = other else { return value };
    value.as_object_mut().unwrap().extend(fields);
    value
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            kept.map(|(name, value)| (name, without_nulls(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// A file of a package that `cargo fetch` brought here; none, and said so, where it is not.
#[expect(clippy::print_stdout, reason = "a skip is told")]
#[expect(clippy::disallowed_methods, reason = "a test asks where packages are")]
pub(crate) fn packaged(path: &str) -> Option<PathBuf> {
    let own = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = own.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let registries = home.and_then(|home| std::fs::read_dir(home.join("registry/src")).ok());
    let mut files = registries.into_iter().flatten().flatten().map(|one| one.path().join(path));
    let found = files.find(|file| file.exists());
    if found.is_none() {
        println!("SKIPPED: {path} is not there (scripts/test fetches it)");
    }
    found
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
