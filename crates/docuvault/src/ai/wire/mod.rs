//! What is said to a provider and what it answers, in the language it speaks. Nothing is sent from here.

mod anthropic;
mod gemini;
mod openai;

use reqwest::{
    Method,
    header::{HeaderMap, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::provider::{Dialect, Provider};

/// A request, ready to be sent.
pub struct Request {
    pub method: Method,
    /// Below the provider's base address.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// What a model is asked.
pub struct Prompt<'a> {
    pub provider: Provider,
    pub model: &'a str,
    pub api_key: Option<&'a SecretString>,
    pub system: &'a str,
    pub user: &'a str,
    /// Name and JSON Schema of the wanted answer; `None`: plain text.
    pub schema: Option<(&'a str, &'a Value)>,
    pub max_output_tokens: u32,
}

/// What a model answered.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub text: String,
    pub input_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
}

/// `None` when the key cannot be sent in a header.
pub fn ask(prompt: &Prompt<'_>) -> Option<Request> {
    match prompt.provider.dialect() {
        Dialect::OpenAi => openai::ask(prompt),
        Dialect::Anthropic => anthropic::ask(prompt),
        Dialect::Gemini => gemini::ask(prompt),
    }
}

/// `None` for an answer that is none.
pub fn read_answer(provider: Provider, body: &[u8]) -> Option<Said> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let said = match provider.dialect() {
        Dialect::OpenAi => openai::read_answer(&answer),
        Dialect::Anthropic => anthropic::read_answer(&answer),
        Dialect::Gemini => gemini::read_answer(&answer),
    }?;
    (!said.text.trim().is_empty()).then_some(said)
}

/// Asks which models there are.
pub fn list_models(provider: Provider, api_key: Option<&SecretString>) -> Option<Request> {
    let headers = match provider.dialect() {
        Dialect::OpenAi => openai::headers(api_key),
        Dialect::Anthropic => anthropic::headers(api_key),
        Dialect::Gemini => gemini::headers(api_key),
    }?;
    let path = match provider.dialect() {
        Dialect::OpenAi => "models",
        Dialect::Anthropic => "models?limit=1000",
        Dialect::Gemini => "models?pageSize=1000",
    };
    Some(Request {
        method: Method::GET,
        path: path.to_owned(),
        headers,
        body: Vec::new(),
    })
}

/// Names of models, in the provider's order.
pub fn read_models(provider: Provider, body: &[u8]) -> Option<Vec<String>> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let (list, name) = match provider.dialect() {
        Dialect::OpenAi | Dialect::Anthropic => (answer.get("data")?, "id"),
        Dialect::Gemini => (answer.get("models")?, "name"),
    };
    let names = list
        .as_array()?
        .iter()
        .filter_map(|model| model.get(name)?.as_str());
    let names = names.map(|name| name.strip_prefix("models/").unwrap_or(name).to_owned());
    Some(
        names
            .filter(|name| super::is_model_name(name))
            .take(1000)
            .collect(),
    )
}

fn post(path: impl Into<String>, headers: HeaderMap, body: &Value) -> Option<Request> {
    Some(Request {
        method: Method::POST,
        path: path.into(),
        headers,
        body: serde_json::to_vec(body).ok()?,
    })
}

/// The key as a header's value, which is never shown.
fn secret_header(api_key: &SecretString, prefix: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("{prefix}{}", api_key.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(provider: Provider) -> (String, HeaderMap, Value) {
        let schema = json!({"type": "object"});
        let key = SecretString::from("k");
        let request = ask(&Prompt {
            provider,
            model: "m/1",
            api_key: Some(&key),
            system: "be",
            user: "do",
            schema: Some(("filing", &schema)),
            max_output_tokens: 7,
        })
        .unwrap();
        (
            request.path,
            request.headers,
            serde_json::from_slice(&request.body).unwrap(),
        )
    }

    #[test]
    fn each_is_spoken_to_in_its_own_language() {
        let (path, headers, body) = asked(Provider::OpenaiCompatible);
        assert_eq!(
            (path.as_str(), &headers["authorization"]),
            ("chat/completions", &HeaderValue::from_static("Bearer k"))
        );
        assert_eq!(body["response_format"]["json_schema"]["strict"], true);
        assert_eq!(
            (&body["messages"][1]["content"], &body["max_tokens"]),
            (&json!("do"), &json!(7))
        );
        assert_eq!(asked(Provider::Openai).2["max_completion_tokens"], 7);
        let (path, headers, body) = asked(Provider::Anthropic);
        assert_eq!(
            (path.as_str(), &headers["x-api-key"]),
            ("messages", &HeaderValue::from_static("k"))
        );
        assert_eq!(
            (&body["system"], &body["output_config"]["format"]["type"]),
            (&json!("be"), &json!("json_schema"))
        );
        let (path, headers, body) = asked(Provider::Gemini);
        assert_eq!(
            (path.as_str(), &headers["x-goog-api-key"]),
            (
                "models/m%2F1:generateContent",
                &HeaderValue::from_static("k")
            )
        );
        assert_eq!(
            body["generationConfig"]["responseJsonSchema"],
            json!({"type": "object"})
        );
    }

    #[test]
    fn answers_are_read_and_what_is_none_is_refused() {
        let read = |provider, answer: Value| read_answer(provider, answer.to_string().as_bytes());
        let said = |text: &str| Said {
            text: text.to_owned(),
            input_tokens: Some(1),
            output_tokens: Some(2),
        };
        assert_eq!(
            read(
                Provider::Openai,
                json!({"choices": [{"message": {"content": "a"}}], "usage": {"prompt_tokens": 1, "completion_tokens": 2}})
            ),
            Some(said("a"))
        );
        assert_eq!(
            read(
                Provider::Anthropic,
                json!({"content": [{"type": "thinking", "thinking": "x"}, {"type": "text", "text": "a"}], "usage": {"input_tokens": 1, "output_tokens": 2}})
            ),
            Some(said("a"))
        );
        assert_eq!(
            read(
                Provider::Gemini,
                json!({"candidates": [{"content": {"parts": [{"text": "x", "thought": true}, {"text": "a"}]}}], "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2}})
            ),
            Some(said("a"))
        );
        for provider in Provider::REMOTE {
            for body in [
                "",
                "{",
                "[]",
                "{}",
                "null",
                r#"{"choices": [{"message": {"content": null}}]}"#,
                r#"{"content": "a"}"#,
                r#"{"choices": [{"message": {"content": " "}}]}"#,
            ] {
                assert_eq!(
                    read_answer(provider, body.as_bytes()),
                    None,
                    "{provider:?} {body}"
                );
            }
        }
        assert_eq!(
            read_models(
                Provider::Gemini,
                br#"{"models": [{"name": "models/g"}, {"name": 1}]}"#
            ),
            Some(vec!["g".to_owned()])
        );
        assert_eq!(
            read_models(
                Provider::Ollama,
                br#"{"data": [{"id": "a"}, {"id": "b\n"}]}"#
            ),
            Some(vec!["a".to_owned()])
        );
        assert_eq!(read_models(Provider::Ollama, b"<html>"), None);
    }
}
