//! The API's description: kept as a snapshot that clients are generated from, and sound in itself.
//! `make gen` writes it anew, and so does this test with `UPDATE_SNAPSHOTS=1`.

use std::{collections::BTreeMap, path::Path};

use docuvault::app::openapi;
use serde_json::Value;

use crate::support::TestApp;

fn document() -> Value {
    serde_json::to_value(openapi::document()).unwrap()
}

/// Every operation as `METHOD path`.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, operations): (&String, &'static str)| {
        format!("{} {path}", operations.to_uppercase())
    };
    let mut all = Vec::new();
    for (path, methods) in paths {
        for method in ["get", "post", "put", "patch", "delete"] {
            if let Some(operation) = methods.get(method) {
                all.push((of_path((path, method)), operation));
            }
        }
    }
    all
}

#[test]
fn the_snapshot_is_what_the_program_describes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json");
    let present = serde_json::to_string_pretty(&openapi::document()).unwrap() + "\n";
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &present).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let advice = "openapi.json is out of date: `make gen`, then look at the difference";
    assert!(kept == present, "{advice}");
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_what_it_does() {
    let document = document();
    let mut by_id: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, operation) in operations(&document) {
        by_id
            .entry(operation["operationId"].as_str().unwrap_or_default())
            .or_default()
            .push(name.clone());
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(
            summary.ends_with('.') && summary.len() < 120,
            "{name} has no summary of one line: {summary:?}"
        );
        assert!(
            operation["tags"]
                .as_array()
                .is_some_and(|tags| tags.len() == 1),
            "{name} has no tag"
        );
        let responses = operation["responses"].as_object().unwrap();
        assert!(
            responses.keys().any(|status| status.starts_with('2')),
            "{name} does not say what success is"
        );
    }
    assert!(!by_id.contains_key(""));
    by_id.retain(|_, names| names.len() > 1);
    assert!(
        by_id.is_empty(),
        "one operationId for several operations: {by_id:?}"
    );
}

#[test]
fn every_error_is_described_as_a_problem() {
    let document = document();
    let problem = &document["components"]["schemas"]["Problem"];
    let required: Vec<&str> = problem["required"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    for member in ["type", "title", "status", "code", "detail", "request_id"] {
        assert!(
            required.contains(&member) && problem["properties"].get(member).is_some(),
            "a problem's {member}"
        );
    }
    for member in ["field", "code", "detail"] {
        assert!(
            document["components"]["schemas"]["FieldError"]["properties"]
                .get(member)
                .is_some(),
            "a field error's {member}"
        );
    }
    for (name, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            if status.starts_with(['4', '5']) {
                let schema = response["content"]
                    .as_object()
                    .and_then(|content| content.values().next())
                    .map(|content| &content["schema"]["$ref"]);
                assert_eq!(
                    schema,
                    Some(&Value::from("#/components/schemas/Problem")),
                    "{name} {status}"
                );
            }
        }
        let names_a_thing = name.contains("{id}");
        assert!(
            !names_a_thing || operation["responses"].get("404").is_some(),
            "{name} does not describe its 404"
        );
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let text = document.to_string();
    for reference in text
        .split("\"$ref\":\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        let target = document.pointer(reference.trim_start_matches('#'));
        assert!(target.is_some(), "{reference}");
    }
}

#[tokio::test]
async fn it_is_served_with_a_page_that_loads_nothing() {
    let app = TestApp::start().await;
    assert_eq!(
        app.anon().get("/api/openapi.json").await.expect(200).json(),
        document()
    );
    let page = app.anon().get("/api/docs").await.expect(200);
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .starts_with("default-src 'none'")
    );
    let text = page.text();
    for (name, _) in operations(&document()) {
        let path = name.split(' ').nth(1).unwrap();
        assert!(text.contains(path), "{path} is missing from the page");
    }
    for loading in ["<script", "<img", "<link", "@import", "url("] {
        assert!(
            !text.contains(loading),
            "the page loads something: {loading}"
        );
    }
}
