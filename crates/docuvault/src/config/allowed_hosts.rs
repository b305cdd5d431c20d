//! Hosts that users may have their papers sent to, beyond the public ones.

use std::str::FromStr;

use url::Url;

/// Hosts that users may name although they are not public, or not reached by https.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedHosts(Vec<AllowedHost>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct AllowedHost {
    /// As an address has it: in lower case, IPv6 in brackets.
    host: String,
    /// `None`: any.
    port: Option<u16>,
}

#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a host such as localhost:11434")]
pub struct BadHost(String);

impl FromStr for AllowedHosts {
    type Err = BadHost;

    /// Separated by commas.
    fn from_str(text: &str) -> Result<Self, BadHost> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        parts.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for AllowedHost {
    type Err = BadHost;

    fn from_str(text: &str) -> Result<Self, BadHost> {
        let bad = || BadHost(text.to_owned());
        // Reading it as an address writes it as the addresses of users are written.
        let url = Url::parse(&format!("http://{text}/")).map_err(|_| bad())?;
        let is_host_only = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let host = url.host_str().filter(|_| is_host_only).ok_or_else(bad)?;
        let port =
            (text.ends_with(":80") || url.port().is_some()).then(|| url.port().unwrap_or(80));
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

impl AllowedHosts {
    /// As they were written.
    pub fn names(&self) -> Vec<String> {
        let name = |allowed: &AllowedHost| match allowed.port {
            Some(port) => format!("{}:{port}", allowed.host),
            None => allowed.host.clone(),
        };
        self.0.iter().map(name).collect()
    }

    /// Whether an address is at one of them.
    pub fn allow(&self, url: &Url) -> bool {
        self.0.iter().any(|allowed| {
            url.host_str() == Some(&allowed.host)
                && allowed
                    .port
                    .is_none_or(|port| url.port_or_known_default() == Some(port))
        })
    }
}
