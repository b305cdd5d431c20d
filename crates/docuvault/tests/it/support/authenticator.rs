//! An authenticator app, and signing in with it.

use serde_json::json;
use totp_rs::{Builder, Secret};

use super::{Client, Response, SendIt, TestApp, TestUser};

/// What an authenticator app holds of one account.
pub struct Authenticator {
    pub secret: String,
    pub recovery_codes: Vec<String>,
}

impl Authenticator {
    /// The code it shows at the vault's time, moved by so many steps of 30 seconds.
    pub fn code(&self, app: &TestApp, steps: i64) -> String {
        code_of(&self.secret, app.state.now().unix_timestamp() + steps * 30)
    }
}

/// The six digits of a base32 seed at a time.
pub fn code_of(secret: &str, unix_seconds: i64) -> String {
    let generator = Builder::new()
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .with_account_name("test")
        .with_issuer(Some("test"))
        .build()
        .unwrap();
    generator.generate(unix_seconds as u64).to_string()
}

impl TestUser {
    /// Sets up a second factor. The code that confirmed it is used up, so the clock is moved to the next.
    pub async fn enrol_totp(&self, app: &TestApp) -> Authenticator {
        let enrolment = self
            .post("/api/v1/auth/totp", json!({"password": self.password}))
            .await
            .expect(201)
            .json();
        let mut authenticator = Authenticator {
            secret: enrolment["secret"].as_str().unwrap().to_owned(),
            recovery_codes: Vec::new(),
        };
        let confirmed = self
            .post(
                "/api/v1/auth/totp/confirm",
                json!({"code": authenticator.code(app, 0)}),
            )
            .await
            .expect(200)
            .json();
        let codes = confirmed["recovery_codes"].as_array().unwrap().iter();
        authenticator.recovery_codes = codes
            .map(|code| code.as_str().unwrap().to_owned())
            .collect();
        app.clock.advance(std::time::Duration::from_secs(30));
        authenticator
    }
}

impl Client {
    pub async fn login_with_code(&self, user: &TestUser, code: &str) -> Response {
        let body = json!({"email": user.email, "password": user.password, "totp_code": code});
        self.post("/api/v1/auth/login", body).await
    }

    pub async fn login_with_recovery_code(&self, user: &TestUser, code: &str) -> Response {
        let body = json!({"email": user.email, "password": user.password, "recovery_code": code});
        self.post("/api/v1/auth/login", body).await
    }

    /// The token of a login that waits for its second factor.
    pub async fn pending_login(&self, user: &TestUser) -> String {
        let answer = self
            .login(&user.email, &user.password)
            .await
            .expect_problem(401, "totp_required");
        answer.json()["mfa_token"].as_str().unwrap().to_owned()
    }

    pub async fn second_factor(&self, mfa_token: &str, code: &str) -> Response {
        let body = json!({"mfa_token": mfa_token, "totp_code": code});
        self.post("/api/v1/auth/login/second-factor", body).await
    }

    /// A DELETE with a body.
    pub async fn delete_with(&self, path: &str, body: serde_json::Value) -> Response {
        self.request(reqwest::Method::DELETE, path)
            .json(&body)
            .send_it()
            .await
    }
}
