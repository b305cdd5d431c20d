//! How much of the listener one client, or all of them together, may take up. Fixed: a vault needs no tuning of these, and tests
//! bring shorter times.

use std::time::Duration;

#[derive(Debug, Clone)]
pub struct HttpLimits {
    /// From the first byte, or the end of the request before, until the end of the headers. So it is also how long an idle
    /// connection is kept.
    pub header_time: Duration,
    /// How long a reader of an answer may take nothing of it.
    pub unread_answer_time: Duration,
    pub connections: usize,
    /// Of one client's network; trusted proxies may have as many as there are.
    pub connections_of_a_peer: usize,
    /// Of the request line and headers together, before hyper gives up reading them.
    pub header_buffer_bytes: usize,
    pub header_bytes: usize,
    pub headers: usize,
    pub uri_bytes: usize,
    /// Until the body of an API request is here.
    pub body_time: Duration,
    /// How long its sender may be silent.
    pub body_silence: Duration,
    /// Of all bodies that are in memory together.
    pub bodies_bytes: usize,
    /// API requests that are worked on at once; more are turned away, not queued.
    pub running: usize,
    /// Until an API request is answered, from when its body is here.
    pub deadline: Duration,
    /// How long running requests may take to end once the vault is told to stop.
    pub drain_time: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            header_time: Duration::from_secs(10),
            unread_answer_time: Duration::from_mins(1),
            connections: 4096,
            connections_of_a_peer: 1024,
            header_buffer_bytes: 64 * 1024,
            header_bytes: 32 * 1024,
            headers: 100,
            uri_bytes: 16 * 1024,
            body_time: Duration::from_secs(30),
            body_silence: Duration::from_secs(10),
            bodies_bytes: 128 * 1024 * 1024,
            running: 256,
            deadline: Duration::from_secs(30),
            drain_time: Duration::from_secs(30),
        }
    }
}
