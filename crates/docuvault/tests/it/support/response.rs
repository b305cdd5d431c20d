//! An answer, read whole.

use bytes::Bytes;
use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;
use uuid::Uuid;

#[derive(Debug, Clone)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Response {
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self {
            status,
            headers,
            bytes: response
                .bytes()
                .await
                .expect("the answer did not arrive whole"),
        }
    }

    /// Fails the test, showing the body, unless this is the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    /// Fails the test unless this is a problem of this status and code.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        assert_eq!(
            (self.status.as_u16(), self.problem_code().as_str()),
            (status, code),
            "{}",
            self.text()
        );
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The `code` of a problem; fails for any other answer.
    #[track_caller]
    pub fn problem_code(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{} {}",
            self.status,
            self.text()
        );
        self.json()["code"]
            .as_str()
            .expect("a problem has a code")
            .to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The `id` of the JSON object answered.
    #[track_caller]
    pub fn id(&self) -> Uuid {
        self.json()["id"]
            .as_str()
            .and_then(|id| id.parse().ok())
            .unwrap_or_else(|| panic!("no id: {}", self.text()))
    }

    /// The value of the refresh cookie that this answer sets; empty when it removes it.
    pub fn refresh_cookie(&self) -> Option<String> {
        self.cookie("docuvault_refresh")
    }

    /// The value of the cookie by which a device is known at the next sign-in.
    pub fn device_cookie(&self) -> Option<String> {
        self.cookie("docuvault_device")
    }

    fn cookie(&self, ending: &str) -> Option<String> {
        let cookies = self
            .headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|value| value.to_str().ok());
        let pair = cookies.filter_map(|cookie| cookie.split(';').next()?.split_once('='));
        pair.filter(|(name, _)| name.ends_with(ending))
            .map(|(_, token)| token.to_owned())
            .next()
    }
}
