//! Google's generateContent.

use reqwest::header::{HeaderMap, HeaderName};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{Prompt, Request, Said, post, secret_header};

const API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

pub fn headers(api_key: Option<&SecretString>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    if let Some(key) = api_key {
        headers.insert(API_KEY, secret_header(key, "")?);
    }
    Some(headers)
}

pub fn ask(prompt: &Prompt<'_>) -> Option<Request> {
    let mut config = json!({"maxOutputTokens": prompt.max_output_tokens});
    if let Some((_, schema)) = prompt.schema {
        config["responseMimeType"] = "application/json".into();
        config["responseJsonSchema"] = schema.clone();
    }
    let body = json!({
        "systemInstruction": {"parts": [{"text": prompt.system}]},
        "contents": [{"role": "user", "parts": [{"text": prompt.user}]}],
        "generationConfig": config,
    });
    // The model stands in the path here, so nothing in its name may lead out of it.
    let model: String = url::form_urlencoded::byte_serialize(prompt.model.as_bytes()).collect();
    post(
        format!("models/{model}:generateContent"),
        headers(prompt.api_key)?,
        &body,
    )
}

pub fn read_answer(answer: &Value) -> Option<Said> {
    let parts = answer.pointer("/candidates/0/content/parts")?.as_array()?;
    let texts = parts
        .iter()
        .filter(|part| part.get("thought").and_then(Value::as_bool) != Some(true))
        .filter_map(|part| part.get("text")?.as_str());
    let count = |name: &str| {
        answer
            .pointer(&format!("/usageMetadata/{name}"))
            .and_then(Value::as_i64)
    };
    Some(Said {
        text: texts.collect(),
        input_tokens: count("promptTokenCount"),
        output_tokens: count("candidatesTokenCount"),
    })
}
