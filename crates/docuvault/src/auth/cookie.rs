//! The refresh cookie. Over https it carries the `__Host-` prefix; over plain http (a vault on localhost) it cannot.

use http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};

const HOST_NAME: &str = "__Host-docuvault_refresh";
const PLAIN_NAME: &str = "docuvault_refresh";

/// Where the vault is reached decides the cookie's name and reach.
#[derive(Debug, Clone, Copy)]
pub struct RefreshCookie {
    https: bool,
}

impl RefreshCookie {
    pub fn for_public_url(public_url: &str) -> Self {
        Self {
            https: public_url.starts_with("https://"),
        }
    }

    fn name(self) -> &'static str {
        if self.https { HOST_NAME } else { PLAIN_NAME }
    }

    fn attributes(self) -> &'static str {
        if self.https {
            "Path=/; Secure; HttpOnly; SameSite=Strict"
        } else {
            "Path=/api/v1/auth; HttpOnly; SameSite=Strict"
        }
    }

    /// `Set-Cookie` that stores the token for as long as the session may sleep.
    pub fn set(
        self,
        token: &SecretString,
        max_age_seconds: u64,
    ) -> Result<HeaderValue, http::Error> {
        let mut value = HeaderValue::try_from(format!(
            "{}={}; Max-Age={max_age_seconds}; {}",
            self.name(),
            token.expose_secret(),
            self.attributes()
        ))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// `Set-Cookie` that removes it.
    pub fn clear(self) -> HeaderValue {
        HeaderValue::try_from(format!(
            "{}=; Max-Age=0; {}",
            self.name(),
            self.attributes()
        ))
        .unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// The token of this request, if it brought one.
    pub fn read(self, headers: &HeaderMap) -> Option<SecretString> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.name())
            .map(|(_, token)| SecretString::from(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_as_narrow_as_its_scheme_allows() {
        let token = SecretString::from("t");
        let https = RefreshCookie::for_public_url("https://vault.example")
            .set(&token, 60)
            .unwrap();
        assert_eq!(
            https,
            "__Host-docuvault_refresh=t; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Strict"
        );
        let http = RefreshCookie::for_public_url("http://localhost:8080")
            .set(&token, 60)
            .unwrap();
        assert_eq!(
            http,
            "docuvault_refresh=t; Max-Age=60; Path=/api/v1/auth; HttpOnly; SameSite=Strict"
        );
    }

    #[test]
    fn it_is_found_among_others_by_its_exact_name() {
        let cookie = RefreshCookie::for_public_url("http://localhost");
        let headers = HeaderMap::from_iter([(
            header::COOKIE,
            HeaderValue::from_static("a=1; xdocuvault_refresh=no; docuvault_refresh=yes"),
        )]);
        assert_eq!(cookie.read(&headers).unwrap().expose_secret(), "yes");
        assert!(
            RefreshCookie::for_public_url("https://x")
                .read(&headers)
                .is_none()
        );
    }
}
