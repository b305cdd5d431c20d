//! A provider: a real server that speaks like OpenAI and Anthropic, answers as the test says, and remembers all it was sent.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What the server answers to one request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The model says this.
    Says(String),
    Status(u16),
    /// With `Retry-After`, in seconds.
    Busy(u64),
    Raw(&'static str),
    RedirectTo(String),
    Endless,
    Silent(Duration),
}

/// What the server was sent.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Script {
    next: VecDeque<Reply>,
    usual: Option<Reply>,
    received: Vec<Received>,
}

pub struct Peer {
    pub base_url: String,
    /// As the vault's list of allowed hosts has it.
    pub host: String,
    script: Arc<Mutex<Script>>,
    server: tokio::task::JoinHandle<()>,
}

impl Peer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let script = Arc::new(Mutex::new(Script::default()));
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&script));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            base_url: format!("http://{host}/v1/"),
            host,
            script,
            server,
        }
    }

    /// From now on, when nothing else is due.
    pub fn usually(&self, reply: Reply) {
        self.script.lock().unwrap().usual = Some(reply);
    }

    /// Once, before anything else.
    pub fn next(&self, reply: Reply) {
        self.script.lock().unwrap().next.push_back(reply);
    }

    pub fn received(&self) -> Vec<Received> {
        self.script.lock().unwrap().received.clone()
    }

    /// Nobody answers at this address any more.
    pub fn stop(&self) {
        self.server.abort();
    }
}

/// An answer of the form that filing asks for.
pub fn filing(topic: &str, confidence: f64) -> Reply {
    let answer = json!({
        "topics": [{"name": topic, "confidence": confidence, "reason": "it says so"}],
        "title": "Title by the model", "document_date": "2023-05-06", "correspondent": "Model & Sons", "language": "en",
    });
    Reply::Says(answer.to_string())
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let path = parts.uri.path().to_owned();
    let reply = {
        let mut script = script.lock().unwrap();
        script.received.push(Received {
            path: path.clone(),
            headers: parts.headers,
            body,
        });
        script.next.pop_front().or_else(|| script.usual.clone())
    };
    match reply {
        Some(Reply::Says(text)) => says(&path, &text).into_response(),
        None if path.ends_with("/models") => {
            axum::Json(json!({"data": [{"id": "tiny"}, {"id": "large"}]})).into_response()
        }
        None => says(&path, "ready").into_response(),
        Some(Reply::Status(status)) => (
            StatusCode::from_u16(status).unwrap(),
            "no: THE BODY OF THE PROVIDER",
        )
            .into_response(),
        Some(Reply::Busy(seconds)) => (
            StatusCode::TOO_MANY_REQUESTS,
            [(header::RETRY_AFTER, seconds.to_string())],
        )
            .into_response(),
        Some(Reply::Raw(body)) => body.into_response(),
        Some(Reply::RedirectTo(place)) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, place)]).into_response()
        }
        Some(Reply::Endless) => {
            let blanks = futures::stream::repeat_with(|| {
                Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 8 * 1024]))
            });
            Body::from_stream(blanks).into_response()
        }
        Some(Reply::Silent(time)) => {
            tokio::time::sleep(time).await;
            StatusCode::OK.into_response()
        }
    }
}

fn says(path: &str, text: &str) -> axum::Json<Value> {
    axum::Json(if path.ends_with("/messages") {
        json!({"content": [{"type": "text", "text": text}], "usage": {"input_tokens": 100, "output_tokens": 20}})
    } else {
        json!({"choices": [{"message": {"role": "assistant", "content": text}}], "usage": {"prompt_tokens": 100, "completion_tokens": 20}})
    })
}
