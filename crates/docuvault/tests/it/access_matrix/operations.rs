//! The table: every operation of the API, what it is about, and how it is asked for.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::Client;

/// What an operation is about decides who may call it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum About {
    /// Anyone may.
    Nobody,
    /// The refresh cookie counts here, a token does not.
    Cookie,
    /// The caller's own things as a whole: others get theirs.
    Caller,
    /// A stored document of the owner.
    Document,
    /// An upload of the owner that waits for bytes.
    Reservation,
    /// An upload of the owner whose bytes are there.
    Arrived,
    Topic,
    Notification,
}

pub struct Operation {
    pub method: Method,
    pub path: &'static str,
    pub about: About,
    /// Answered to its owner, or to anyone where it is about nobody.
    pub success: u16,
    query: &'static str,
    body: Option<Value>,
}

fn operation(method: Method, path: &'static str, about: About, success: u16) -> Operation {
    Operation {
        method,
        path,
        about,
        success,
        query: "",
        body: None,
    }
}

impl Operation {
    fn query(mut self, query: &'static str) -> Self {
        self.query = query;
        self
    }

    fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn request(&self, client: &Client, id: Uuid) -> RequestBuilder {
        let path = format!(
            "{}{}",
            self.path.replace("{id}", &id.to_string()),
            self.query
        );
        let request = client.request(self.method.clone(), &path);
        match &self.body {
            Some(body) => request.json(body),
            None => request,
        }
    }
}

pub fn table() -> Vec<Operation> {
    use About::{Arrived, Caller, Cookie, Document, Nobody, Notification, Reservation, Topic};
    let (get, post, patch, delete) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
    vec![
        operation(get.clone(), "/api/openapi.json", Nobody, 200),
        operation(get.clone(), "/api/docs", Nobody, 200),
        operation(get.clone(), "/api/v1/setup", Nobody, 200),
        operation(post.clone(), "/api/v1/setup", Nobody, 409)
            .body(json!({"setup_token": "x", "email": "eve@example.org", "password": "eve's password", "display_name": "Eve"})),
        operation(post.clone(), "/api/v1/auth/login", Nobody, 200).body(json!({"email": "owner@example.org", "password": "owner's password"})),
        operation(post.clone(), "/api/v1/auth/refresh", Cookie, 200),
        operation(post.clone(), "/api/v1/auth/logout", Cookie, 204),
        operation(get.clone(), "/api/v1/me", Caller, 200),
        operation(get.clone(), "/api/v1/me/quota", Caller, 200),
        operation(get.clone(), "/api/v1/me/notification-preferences", Caller, 200),
        operation(Method::PUT, "/api/v1/me/notification-preferences", Caller, 200).body(json!({"items": []})),
        operation(get.clone(), "/api/v1/notifications", Caller, 200),
        operation(post.clone(), "/api/v1/notifications/read-all", Caller, 204),
        operation(post.clone(), "/api/v1/notifications/{id}/read", Notification, 204),
        operation(get.clone(), "/api/v1/events", Caller, 200),
        operation(get.clone(), "/api/v1/search", Caller, 200).query("?q=umbrella"),
        operation(get.clone(), "/api/v1/documents", Caller, 200),
        operation(post.clone(), "/api/v1/documents", Caller, 201).body(json!({"filename": "a.txt", "size_bytes": 1, "content_type": "text/plain"})),
        operation(get.clone(), "/api/v1/documents/{id}", Document, 200),
        operation(patch.clone(), "/api/v1/documents/{id}", Document, 200).body(json!({"title": "Mine"})),
        operation(delete.clone(), "/api/v1/documents/{id}", Document, 204),
        operation(post.clone(), "/api/v1/documents/{id}/restore", Document, 200),
        operation(delete.clone(), "/api/v1/documents/{id}/permanently", Document, 204),
        operation(get.clone(), "/api/v1/documents/{id}/download", Document, 200),
        operation(get.clone(), "/api/v1/documents/{id}/text", Document, 200),
        operation(post.clone(), "/api/v1/documents/{id}/complete", Arrived, 200),
        operation(delete.clone(), "/api/v1/documents/{id}/upload", Reservation, 204),
        operation(get, "/api/v1/topics", Caller, 200),
        operation(post, "/api/v1/topics", Caller, 201).body(json!({"name": "Sailing"})),
        operation(patch, "/api/v1/topics/{id}", Topic, 200).body(json!({"name": "Rowing"})),
        operation(delete, "/api/v1/topics/{id}", Topic, 204),
    ]
}
