//! The routes as the description has them: whatever is added there is asked here.

use docuvault::app::openapi;
use reqwest::Method;
use serde_json::{Map, Value, json};

#[derive(Debug)]
pub struct Route {
    pub method: Method,
    pub path: String,
    pub query: Vec<String>,
    /// Fields of the body with a value of their type each; `None` where there is no body.
    pub body: Option<Map<String, Value>>,
}

pub fn all() -> Vec<Route> {
    let document = serde_json::to_value(openapi::document()).unwrap();
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            routes.push(Route {
                method: Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(),
                path: path.clone(),
                query: query_of(operation),
                body: body_of(operation, &document),
            });
        }
    }
    assert!(routes.len() > 20, "the description lists no routes");
    routes
}

fn query_of(operation: &Value) -> Vec<String> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters
        .filter(|parameter| parameter["in"] == "query")
        .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
        .collect()
}

fn body_of(operation: &Value, document: &Value) -> Option<Map<String, Value>> {
    let schema = operation["requestBody"]["content"]
        .as_object()?
        .values()
        .next()?["schema"]
        .clone();
    let fields = resolve(&schema, document)["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    Some(
        fields
            .iter()
            .map(|(name, schema)| (name.clone(), sample(resolve(schema, document))))
            .collect(),
    )
}

/// Follows references and takes the first of several choices that is not `null`.
fn resolve<'d>(schema: &'d Value, document: &'d Value) -> &'d Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let found = document.pointer(reference.trim_start_matches('#')).unwrap();
        return resolve(found, document);
    }
    let choices = ["oneOf", "anyOf", "allOf"]
        .iter()
        .find_map(|word| schema[*word].as_array());
    match choices.and_then(|choices| choices.iter().find(|choice| choice["type"] != "null")) {
        Some(choice) => resolve(choice, document),
        None => schema,
    }
}

fn sample(schema: &Value) -> Value {
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds
            .iter()
            .find(|kind| *kind != "null")
            .unwrap_or(&Value::Null),
        kind => kind,
    };
    match (kind.as_str(), schema["enum"][0].as_str()) {
        (_, Some(first)) => json!(first),
        (Some("integer" | "number"), _) => json!(1),
        (Some("boolean"), _) => json!(true),
        (Some("array"), _) => json!([]),
        (Some("object"), _) => json!({}),
        _ => json!("some text"),
    }
}
