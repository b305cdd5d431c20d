//! The API description as one plain page: no script, nothing loaded.

use std::fmt::Write as _;

use serde_json::Value;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2937;background:#fff}\
    summary{cursor:pointer;padding:.4rem 0}code{font:14px ui-monospace,monospace}.m{display:inline-block;min-width:4.5rem;font-weight:700}\
    details{border-bottom:1px solid #e5e7eb}pre{background:#f3f4f6;padding:.75rem;overflow:auto;border-radius:.5rem}\
    @media(prefers-color-scheme:dark){body{background:#111827;color:#e5e7eb}pre{background:#1f2937}details{border-color:#374151}}";

/// Renders an OpenAPI document.
pub fn render(document: &utoipa::openapi::OpenApi) -> String {
    let value = serde_json::to_value(document).unwrap_or_default();
    let mut page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>DocuVault API</title><style>{STYLE}</style><h1>DocuVault API</h1><p>The same as <a href=\"/api/openapi.json\">openapi.json</a>.</p>"
    );
    let empty = serde_json::Map::new();
    for (path, operations) in value["paths"].as_object().unwrap_or(&empty) {
        for (method, operation) in operations.as_object().unwrap_or(&empty) {
            add_operation(&mut page, path, method, operation);
        }
    }
    page.push_str("<h2>Schemas</h2>");
    for (name, schema) in value["components"]["schemas"].as_object().unwrap_or(&empty) {
        let text = serde_json::to_string_pretty(schema).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(
            page,
            "<details id=\"{0}\"><summary><code>{0}</code></summary><pre>{1}</pre></details>",
            escape(name),
            escape(&text)
        );
    }
    page
}

fn add_operation(page: &mut String, path: &str, method: &str, operation: &Value) {
    let summary = operation["summary"].as_str().unwrap_or_default();
    let mut details = operation.clone();
    if let Some(map) = details.as_object_mut() {
        map.retain(|name, _| ["parameters", "requestBody", "responses"].contains(&name.as_str()));
    }
    let text = serde_json::to_string_pretty(&details).unwrap_or_default();
    let _ = write!(
        page,
        "<details><summary><span class=m>{}</span> <code>{}</code> {}</summary><pre>{}</pre></details>",
        escape(&method.to_uppercase()),
        escape(path),
        escape(summary),
        escape(&text)
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
