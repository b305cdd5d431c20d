//! Chat completions: OpenAI, and the many that speak like it.

use reqwest::header::{AUTHORIZATION, HeaderMap};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{Prompt, Request, Said, post, secret_header};
use crate::ai::provider::Provider;

pub fn headers(api_key: Option<&SecretString>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    if let Some(key) = api_key {
        headers.insert(AUTHORIZATION, secret_header(key, "Bearer ")?);
    }
    Some(headers)
}

pub fn ask(prompt: &Prompt<'_>) -> Option<Request> {
    let mut body = json!({
        "model": prompt.model,
        "messages": [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ],
    });
    // OpenAI's newer models refuse the name that all others know.
    let limit = if prompt.provider == Provider::Openai {
        "max_completion_tokens"
    } else {
        "max_tokens"
    };
    body[limit] = prompt.max_output_tokens.into();
    if let Some((name, schema)) = prompt.schema {
        body["response_format"] = json!({
            "type": "json_schema",
            "json_schema": {"name": name, "strict": true, "schema": schema},
        });
    }
    post("chat/completions", headers(prompt.api_key)?, &body)
}

pub fn read_answer(answer: &Value) -> Option<Said> {
    Some(Said {
        text: answer
            .pointer("/choices/0/message/content")?
            .as_str()?
            .to_owned(),
        input_tokens: answer
            .pointer("/usage/prompt_tokens")
            .and_then(Value::as_i64),
        output_tokens: answer
            .pointer("/usage/completion_tokens")
            .and_then(Value::as_i64),
    })
}
