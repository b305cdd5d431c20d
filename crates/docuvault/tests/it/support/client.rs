//! Someone who talks to the vault by HTTP: nobody in particular, or a signed-in user.

use std::{ops::Deref, time::Duration};

use docuvault::db::UserId;
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde_json::Value;

use super::Response;

/// A client that goes to no proxy. reqwest wants a TLS provider even where no TLS is spoken.
pub fn http_client() -> reqwest::ClientBuilder {
    // Fails when there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy()
}

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
    access_token: Option<String>,
}

impl Client {
    pub fn new(base_url: &str) -> Self {
        let http = http_client()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_mins(1))
            .build()
            .unwrap();
        Self {
            http,
            base_url: base_url.to_owned(),
            access_token: None,
        }
    }

    /// The same client with another bearer token.
    pub fn with_token(&self, access_token: &str) -> Self {
        Self {
            access_token: Some(access_token.to_owned()),
            ..self.clone()
        }
    }

    /// The access token it sends.
    pub fn token(&self) -> &str {
        self.access_token
            .as_deref()
            .expect("nobody is signed in here")
    }

    /// A request that may be given more headers. The token goes to paths of the API only, never to a whole URL.
    pub fn request(&self, method: Method, path_or_url: &str) -> RequestBuilder {
        if path_or_url.starts_with("http") {
            return self.http.request(method, path_or_url);
        }
        let request = self
            .http
            .request(method, format!("{}{path_or_url}", self.base_url));
        match &self.access_token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send_it().await
    }

    pub async fn post(&self, path: &str, body: impl Serialize) -> Response {
        self.request(Method::POST, path).json(&body).send_it().await
    }

    pub async fn put_json(&self, path: &str, body: impl Serialize) -> Response {
        self.request(Method::PUT, path).json(&body).send_it().await
    }

    /// A POST without a body.
    pub async fn post_nothing(&self, path: &str) -> Response {
        self.request(Method::POST, path).send_it().await
    }

    pub async fn patch(&self, path: &str, body: impl Serialize) -> Response {
        self.request(Method::PATCH, path)
            .json(&body)
            .send_it()
            .await
    }

    pub async fn put(&self, path_or_url: &str, bytes: impl Into<Vec<u8>>) -> Response {
        self.request(Method::PUT, path_or_url)
            .body(bytes.into())
            .send_it()
            .await
    }

    pub async fn delete(&self, path: &str) -> Response {
        self.request(Method::DELETE, path).send_it().await
    }

    /// Exchanges a refresh cookie, as the vault's own page would.
    pub async fn refresh(&self, cookie: &str) -> Response {
        self.with_cookie(Method::POST, "/api/v1/auth/refresh", cookie)
            .send_it()
            .await
    }

    /// Ends the session of a refresh cookie, as the vault's own page would.
    pub async fn logout(&self, cookie: &str) -> Response {
        self.with_cookie(Method::POST, "/api/v1/auth/logout", cookie)
            .send_it()
            .await
    }

    /// A request with the refresh cookie and our own Origin, but without a token.
    pub fn with_cookie(&self, method: Method, path: &str, cookie: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, format!("{}{path}", self.base_url));
        request
            .header("origin", &self.base_url)
            .header("cookie", format!("docuvault_refresh={cookie}"))
    }

    pub async fn login(&self, email: &str, password: &str) -> Response {
        self.post(
            "/api/v1/auth/login",
            serde_json::json!({"email": email, "password": password}),
        )
        .await
    }
}

/// Ends a request that was put together by hand.
pub trait SendIt {
    async fn send_it(self) -> Response;
}

impl SendIt for RequestBuilder {
    async fn send_it(self) -> Response {
        Response::read(self.send().await.expect("the vault did not answer")).await
    }
}

/// A signed-in user. Everything a [`Client`] can do.
#[derive(Clone)]
pub struct TestUser {
    pub id: UserId,
    pub email: String,
    pub password: String,
    /// The refresh token of the session this client began with.
    pub refresh_cookie: String,
    client: Client,
}

impl TestUser {
    /// From a session answer.
    pub(super) fn signed_in(anon: &Client, answer: &Response, email: &str, password: &str) -> Self {
        let body: Value = answer.json();
        Self {
            id: UserId(body["user"]["id"].as_str().unwrap().parse().unwrap()),
            email: email.to_owned(),
            password: password.to_owned(),
            refresh_cookie: answer
                .refresh_cookie()
                .expect("a session answer sets the cookie"),
            client: anon.with_token(body["access_token"].as_str().unwrap()),
        }
    }
}

impl Deref for TestUser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}
