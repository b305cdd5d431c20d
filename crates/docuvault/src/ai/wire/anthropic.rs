//! Anthropic's messages.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{Prompt, Request, Said, post, secret_header};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const VERSION: HeaderName = HeaderName::from_static("anthropic-version");

pub fn headers(api_key: Option<&SecretString>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::from_iter([(VERSION, HeaderValue::from_static("2023-06-01"))]);
    if let Some(key) = api_key {
        headers.insert(API_KEY, secret_header(key, "")?);
    }
    Some(headers)
}

pub fn ask(prompt: &Prompt<'_>) -> Option<Request> {
    let mut body = json!({
        "model": prompt.model,
        "max_tokens": prompt.max_output_tokens,
        "system": prompt.system,
        "messages": [{"role": "user", "content": prompt.user}],
    });
    if let Some((_, schema)) = prompt.schema {
        body["output_config"] = json!({"format": {"type": "json_schema", "schema": schema}});
    }
    post("messages", headers(prompt.api_key)?, &body)
}

pub fn read_answer(answer: &Value) -> Option<Said> {
    let blocks = answer.get("content")?.as_array()?;
    let texts = blocks
        .iter()
        .filter(|block| block.get("type").and_then(Value::as_str) == Some("text"))
        .filter_map(|block| block.get("text")?.as_str());
    Some(Said {
        text: texts.collect(),
        input_tokens: answer
            .pointer("/usage/input_tokens")
            .and_then(Value::as_i64),
        output_tokens: answer
            .pointer("/usage/output_tokens")
            .and_then(Value::as_i64),
    })
}
