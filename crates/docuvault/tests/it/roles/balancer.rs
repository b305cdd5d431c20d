//! As a load balancer does it: asks every process how it is, and sends each request to the next one that says it is ready. A request
//! that fails is not sent again, so that none is overlooked.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::{Client, Method, Response};
use serde_json::Value;

use super::processes::Process;
use crate::support::http_client;

const CHECK_EVERY: Duration = Duration::from_millis(100);

#[derive(Clone)]
pub struct Balancer {
    /// Keeps connections open, as balancers do.
    http: Client,
    backends: Arc<Vec<Backend>>,
    next: Arc<AtomicUsize>,
}

struct Backend {
    base_url: String,
    is_ready: Mutex<bool>,
}

impl Balancer {
    pub fn before(processes: &[Process]) -> Self {
        Self::at(processes.iter().map(Process::base_url))
    }

    pub fn at(base_urls: impl IntoIterator<Item = String>) -> Self {
        let backends = base_urls.into_iter().map(|base_url| Backend {
            base_url,
            is_ready: Mutex::new(false),
        });
        let balancer = Self {
            http: http_client().build().unwrap(),
            backends: Arc::new(backends.collect()),
            next: Arc::default(),
        };
        // Each for itself: that one process takes its time must not hide that another stops.
        for number in 0..balancer.backends.len() {
            let checking = balancer.clone();
            tokio::spawn(async move { checking.check(number).await });
        }
        balancer
    }

    async fn check(self, number: usize) {
        // Connections of their own: the checks must not keep those of the requests busy.
        let http = http_client()
            .timeout(Duration::from_secs(1))
            .build()
            .unwrap();
        let backend = &self.backends[number];
        let url = format!("{}/health/ready", backend.base_url);
        loop {
            match http.get(&url).send().await {
                Ok(answer) => *backend.is_ready.lock().unwrap() = answer.status() == 200,
                // One slow answer of a busy machine takes nobody out of the rotation.
                Err(error) if error.is_timeout() => {}
                Err(_) => *backend.is_ready.lock().unwrap() = false,
            }
            tokio::time::sleep(CHECK_EVERY).await;
        }
    }

    /// How many processes are asked.
    pub fn ready(&self) -> usize {
        self.backends
            .iter()
            .filter(|backend| *backend.is_ready.lock().unwrap())
            .count()
    }

    /// In turn, and past those that are not ready. One number for the whole look around: with one for each step, two requests at once
    /// could both come past the same process twice.
    fn next(&self) -> &Backend {
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let at = |step: usize| &self.backends[(first + step) % self.backends.len()];
        (0..self.backends.len())
            .map(at)
            .find(|backend| *backend.is_ready.lock().unwrap())
            .unwrap_or(at(0))
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> reqwest::Result<Response> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.next().base_url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await
    }

    /// Bytes to an address that the vault signed; which process made it does not matter.
    pub async fn put(&self, url: &str, bytes: Vec<u8>) -> reqwest::Result<Response> {
        let path = &url[url.find("/gateway/").expect("an address of the gateway")..];
        let url = format!("{}{path}", self.next().base_url);
        self.http.put(url).body(bytes).send().await
    }
}
