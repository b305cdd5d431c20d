//! Which request is being served, for whatever it leads to: the audit trail names it without every function passing it on. Jobs
//! have none, and what is spawned does not inherit it.

use http::{HeaderMap, header};

use super::client_ip::ClientIp;

const MAX_USER_AGENT_CHARS: usize = 300;

/// The request in whose service the present task runs.
#[derive(Debug, Clone)]
pub struct RequestContext {
    pub request_id: String,
    pub client_ip: ClientIp,
    /// As the client calls itself: shortened, without control characters.
    pub user_agent: Option<String>,
}

tokio::task_local! {
    static CURRENT: RequestContext;
}

impl RequestContext {
    /// Runs `work` in this context.
    pub async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// `None` outside of requests.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }
}

/// What the client calls itself, fit for rows and pages.
pub fn user_agent(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::USER_AGENT)?;
    let text = String::from_utf8_lossy(value.as_bytes());
    let clean: String = text
        .chars()
        .filter(|char| !is_unprintable(*char))
        .take(MAX_USER_AGENT_CHARS)
        .collect();
    Some(clean).filter(|text| !text.trim().is_empty())
}

/// Control characters, and those that turn the direction of writing or break lines without being seen.
fn is_unprintable(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_shortened_and_harmless() {
        let of = |bytes: &[u8]| {
            let value = http::HeaderValue::from_bytes(bytes).unwrap();
            user_agent(&HeaderMap::from_iter([(header::USER_AGENT, value)]))
        };
        assert_eq!(of(b"Firefox/1\t2").as_deref(), Some("Firefox/12"));
        assert_eq!(
            of("a\u{202e}b\u{85}c\u{2028}d".as_bytes()).as_deref(),
            Some("abcd")
        );
        assert_eq!(of(&[b'x'; 5000]).map(|text| text.len()), Some(300));
        assert_eq!(of(b" \t "), None);
        assert_eq!(user_agent(&HeaderMap::new()), None);
        assert!(of(b"Opera \xe9").unwrap().starts_with("Opera "));
    }
}
