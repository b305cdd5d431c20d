//! The table: every operation of the API, what it is about, and how it is asked for.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, TestUser};

/// What an operation is about decides who may call it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum About {
    /// Anyone may.
    Nobody,
    /// The refresh cookie counts here, a token does not.
    Cookie,
    /// The caller's own things as a whole: others get theirs.
    Caller,
    /// The caller's account and its security: for sessions only, and asked by a user of its own each time.
    Account,
    /// A stored document of the owner.
    Document,
    /// A document of the owner that was read, and has a picture.
    ReadDocument,
    /// Something that is never sent to a provider. For sessions only.
    NeverSendRule,
    /// A run through all documents of the owner, which is over.
    FilingRun,
    /// An upload of the owner that waits for bytes.
    Reservation,
    /// An upload of the owner whose bytes are there.
    Arrived,
    Topic,
    SavedSearch,
    Notification,
    /// Another session of the owner. For sessions only.
    Session,
    /// For sessions only.
    ApiToken,
    /// The vault as a whole: administrators only.
    Admin,
    /// Another's account: administrators only.
    User,
    /// An open invitation: administrators only.
    Invite,
    /// A job that was given up: administrators only. Its number stands in the id.
    DeadJob,
}

impl About {
    /// Whether a personal API token is refused, whatever its scope.
    pub fn wants_session(self) -> bool {
        self.is_administration()
            || matches!(
                self,
                Self::Account | Self::Session | Self::ApiToken | Self::NeverSendRule
            )
    }

    /// Whether anyone without a token may ask.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Nobody | Self::Cookie)
    }

    pub fn is_administration(self) -> bool {
        matches!(
            self,
            Self::Admin | Self::User | Self::Invite | Self::DeadJob
        )
    }
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
        let id = if self.about == About::DeadJob {
            id.as_u128().to_string()
        } else {
            id.to_string()
        };
        let path = format!("{}{}", self.path.replace("{id}", &id), self.query);
        let request = client.request(self.method.clone(), &path);
        match &self.body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// As the account's own user asks: PASSWORD in the body is theirs.
    pub fn request_of(&self, user: &TestUser) -> RequestBuilder {
        let request = user.request(self.method.clone(), self.path);
        match &self.body {
            Some(body) => {
                let text = body.to_string().replace("PASSWORD", &user.password);
                let body: Value = serde_json::from_str(&text).unwrap();
                request.json(&body)
            }
            None => request,
        }
    }
}

pub fn table() -> Vec<Operation> {
    let mut all = of_documents();
    all.extend(of_accounts());
    all
}

fn of_documents() -> Vec<Operation> {
    use About::{Arrived, Caller, Document, Nobody, Reservation, Topic};
    let (get, post, patch, delete) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
    let mut table = vec![
        operation(get.clone(), "/api/openapi.json", Nobody, 200),
        operation(get.clone(), "/api/docs", Nobody, 200),
        operation(get.clone(), "/api/v1/me/quota", Caller, 200),
        operation(get.clone(), "/api/v1/me/audit", Caller, 200),
        operation(get.clone(), "/api/v1/events", Caller, 200),
        operation(get.clone(), "/api/v1/search", Caller, 200).query("?q=umbrella"),
        operation(get.clone(), "/api/v1/searches", Caller, 200),
        operation(post.clone(), "/api/v1/searches", Caller, 201)
            .body(json!({"name": "Bills", "query": "q=bill"})),
        operation(
            get.clone(),
            "/api/v1/searches/{id}",
            About::SavedSearch,
            200,
        ),
        operation(
            patch.clone(),
            "/api/v1/searches/{id}",
            About::SavedSearch,
            200,
        )
        .body(json!({"name": "Old bills"})),
        operation(
            delete.clone(),
            "/api/v1/searches/{id}",
            About::SavedSearch,
            204,
        ),
        operation(get.clone(), "/api/v1/documents", Caller, 200),
        operation(post.clone(), "/api/v1/documents", Caller, 201)
            .body(json!({"filename": "a.txt", "size_bytes": 1, "content_type": "text/plain"})),
        operation(get.clone(), "/api/v1/documents/{id}", Document, 200),
        operation(patch.clone(), "/api/v1/documents/{id}", Document, 200)
            .body(json!({"title": "Mine"})),
        operation(delete.clone(), "/api/v1/documents/{id}", Document, 204),
        operation(
            post.clone(),
            "/api/v1/documents/{id}/restore",
            Document,
            200,
        ),
        operation(
            delete.clone(),
            "/api/v1/documents/{id}/permanently",
            Document,
            204,
        ),
        operation(
            get.clone(),
            "/api/v1/documents/{id}/download",
            Document,
            200,
        ),
        operation(get.clone(), "/api/v1/documents/{id}/text", Document, 200),
        operation(
            post.clone(),
            "/api/v1/documents/{id}/complete",
            Arrived,
            200,
        ),
        operation(
            get.clone(),
            "/api/v1/documents/{id}/upload",
            Reservation,
            200,
        ),
        // The local disk takes no parts.
        operation(
            post.clone(),
            "/api/v1/documents/{id}/upload/parts",
            Reservation,
            409,
        )
        .body(json!({"part_numbers": [1]})),
        operation(
            delete.clone(),
            "/api/v1/documents/{id}/upload",
            Reservation,
            204,
        ),
        operation(get, "/api/v1/topics", Caller, 200),
        operation(post, "/api/v1/topics", Caller, 201).body(json!({"name": "Sailing"})),
        operation(patch, "/api/v1/topics/{id}", Topic, 200).body(json!({"name": "Rowing"})),
        operation(delete, "/api/v1/topics/{id}", Topic, 204),
    ];
    table.extend(filing());
    table.extend(ai());
    table.extend(administration());
    table
}

fn filing() -> Vec<Operation> {
    use About::{Caller, Document, FilingRun, ReadDocument};
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let thumbnail = "/api/v1/documents/{id}/thumbnail";
    let classify = "/api/v1/documents/{id}/classify";
    let reprocess = "/api/v1/documents/{id}/reprocess";
    let suggestions = "/api/v1/documents/{id}/suggestions";
    let attachments = "/api/v1/documents/{id}/attachments";
    let searchable_copy = "/api/v1/documents/{id}/searchable-copy";
    vec![
        operation(get.clone(), thumbnail, ReadDocument, 200),
        operation(post.clone(), classify, ReadDocument, 202),
        operation(post.clone(), reprocess, ReadDocument, 202),
        operation(get.clone(), "/api/v1/documents/{id}/similar", Document, 200),
        operation(get.clone(), attachments, Document, 200),
        // Reached: only there is it seen to be no message.
        operation(post.clone(), attachments, ReadDocument, 409),
        operation(get.clone(), searchable_copy, Document, 200),
        // Reached: only there is it seen to be no scan.
        operation(post.clone(), searchable_copy, ReadDocument, 409),
        operation(get.clone(), suggestions, Document, 200),
        operation(post.clone(), suggestions, Document, 200).body(json!({})),
        operation(Method::DELETE, suggestions, Document, 202),
        operation(get.clone(), "/api/v1/review", Caller, 200),
        operation(get.clone(), "/api/v1/me/filing/runs", Caller, 200),
        operation(post.clone(), "/api/v1/me/filing/runs", Caller, 201)
            .body(json!({"kind": "refile"})),
        operation(get.clone(), "/api/v1/me/filing/runs/{id}", FilingRun, 200),
        operation(Method::PATCH, "/api/v1/me/filing/runs/{id}", FilingRun, 409)
            .body(json!({"paused": true})),
        operation(
            Method::DELETE,
            "/api/v1/me/filing/runs/{id}",
            FilingRun,
            204,
        ),
        operation(get, "/api/v1/me/filing", Caller, 200),
        operation(put, "/api/v1/me/filing", Caller, 200)
            .body(json!({"apply_threshold": 0.9, "suggest_threshold": 0.4})),
    ]
}

fn ai() -> Vec<Operation> {
    use About::{Account, NeverSendRule, ReadDocument};
    let (get, post) = (Method::GET, Method::POST);
    vec![
        operation(get.clone(), "/api/v1/me/ai", Account, 200),
        operation(Method::PUT, "/api/v1/me/ai", Account, 200).body(json!({"provider": "device"})),
        operation(get.clone(), "/api/v1/me/ai/providers", Account, 200),
        // Nobody is asked for them.
        operation(post.clone(), "/api/v1/me/ai/models", Account, 422)
            .body(json!({"provider": "openai_compatible"})),
        operation(post.clone(), "/api/v1/me/ai/test", Account, 409),
        operation(get.clone(), "/api/v1/me/ai/never-send", Account, 200),
        operation(post.clone(), "/api/v1/me/ai/never-send", Account, 422)
            .body(json!({"kind": "topic", "target_id": Uuid::nil()})),
        operation(
            Method::DELETE,
            "/api/v1/me/ai/never-send/{id}",
            NeverSendRule,
            204,
        ),
        operation(get, "/api/v1/me/ai/ledger", Account, 200),
        // Without a provider.
        operation(post, "/api/v1/documents/{id}/summary", ReadDocument, 409),
    ]
}

fn administration() -> Vec<Operation> {
    use About::{Admin, DeadJob, Invite, User};
    let (get, post, patch, delete) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
    vec![
        operation(get.clone(), "/api/v1/admin/users", Admin, 200),
        operation(post.clone(), "/api/v1/admin/users", Admin, 201)
            .body(json!({"email": "new@example.org", "display_name": "New"})),
        operation(get.clone(), "/api/v1/admin/users/{id}", User, 200),
        operation(patch, "/api/v1/admin/users/{id}", User, 200).body(json!({"limit_bytes": 5})),
        operation(delete.clone(), "/api/v1/admin/users/{id}", User, 202),
        operation(
            delete.clone(),
            "/api/v1/admin/users/{id}/sessions",
            User,
            204,
        ),
        operation(
            post.clone(),
            "/api/v1/admin/users/{id}/reset-totp",
            User,
            204,
        ),
        operation(
            post.clone(),
            "/api/v1/admin/users/{id}/password-reset-link",
            User,
            201,
        ),
        operation(get.clone(), "/api/v1/admin/invites", Admin, 200),
        operation(post.clone(), "/api/v1/admin/invites", Admin, 201).body(json!({})),
        operation(delete, "/api/v1/admin/invites/{id}", Invite, 204),
        operation(get.clone(), "/api/v1/admin/stats", Admin, 200),
        operation(get.clone(), "/api/v1/admin/jobs", Admin, 200),
        operation(post.clone(), "/api/v1/admin/jobs/{id}/retry", DeadJob, 204),
        operation(get.clone(), "/api/v1/admin/storage", Admin, 200),
        operation(get.clone(), "/api/v1/admin/storage/findings", Admin, 200),
        operation(post, "/api/v1/admin/storage/reconcile", Admin, 202),
        operation(get, "/api/v1/admin/audit", Admin, 200),
    ]
}

fn of_accounts() -> Vec<Operation> {
    use About::{Account, ApiToken, Caller, Cookie, Nobody, Notification, Session};
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let (patch, delete) = (Method::PATCH, Method::DELETE);
    let password = json!({"password": "PASSWORD"});
    vec![
        operation(get.clone(), "/api/v1/setup", Nobody, 200),
        operation(post.clone(), "/api/v1/setup", Nobody, 409)
            .body(json!({"setup_token": "x", "email": "eve@example.org", "password": "eve's password", "display_name": "Eve"})),
        operation(get.clone(), "/api/v1/auth/options", Nobody, 200),
        operation(post.clone(), "/api/v1/auth/invite", Nobody, 403).body(json!({"invite_token": "x"})),
        operation(post.clone(), "/api/v1/auth/register", Nobody, 403)
            .body(json!({"email": "eve@example.org", "password": "eve's password", "display_name": "Eve"})),
        operation(post.clone(), "/api/v1/auth/login", Nobody, 200).body(json!({"email": "owner@example.org", "password": "owner's password"})),
        operation(post.clone(), "/api/v1/auth/login/second-factor", Nobody, 401).body(json!({"mfa_token": "x", "totp_code": "000000"})),
        operation(post.clone(), "/api/v1/auth/password/forgot", Nobody, 202).body(json!({"email": "eve@example.org"})),
        operation(post.clone(), "/api/v1/auth/password/reset", Nobody, 403).body(json!({"token": "x", "new_password": "eve's password"})),
        operation(post.clone(), "/api/v1/auth/email/confirm", Nobody, 403).body(json!({"token": "x"})),
        operation(post.clone(), "/api/v1/auth/refresh", Cookie, 200),
        operation(post.clone(), "/api/v1/auth/logout", Cookie, 204),
        operation(get.clone(), "/api/v1/auth/sessions", Account, 200),
        operation(delete.clone(), "/api/v1/auth/sessions/{id}", Session, 204),
        operation(post.clone(), "/api/v1/auth/logout-all", Account, 204),
        operation(post.clone(), "/api/v1/auth/reauthenticate", Account, 204).body(password.clone()),
        operation(get.clone(), "/api/v1/auth/totp", Account, 200),
        operation(post.clone(), "/api/v1/auth/totp", Account, 201).body(password.clone()),
        operation(post.clone(), "/api/v1/auth/totp/confirm", Account, 409).body(json!({"code": "000000"})),
        operation(delete.clone(), "/api/v1/auth/totp", Account, 409).body(password.clone()),
        operation(post.clone(), "/api/v1/auth/totp/recovery-codes", Account, 409).body(password.clone()),
        operation(post.clone(), "/api/v1/auth/password", Account, 204)
            .body(json!({"current_password": "PASSWORD", "new_password": "four other plain words"})),
        operation(get.clone(), "/api/v1/auth/tokens", Account, 200),
        operation(post.clone(), "/api/v1/auth/tokens", Account, 201).body(json!({"name": "script", "scopes": ["read"]})),
        operation(delete.clone(), "/api/v1/auth/tokens/{id}", ApiToken, 204),
        operation(get.clone(), "/api/v1/me", Caller, 200),
        operation(patch, "/api/v1/me", Caller, 200).body(json!({"display_name": "Somebody"})),
        operation(delete.clone(), "/api/v1/me", Account, 202).body(password),
        operation(post.clone(), "/api/v1/me/email", Account, 202).body(json!({"password": "PASSWORD", "new_email": "elsewhere@example.org"})),
        operation(delete, "/api/v1/me/email", Account, 204),
        operation(post.clone(), "/api/v1/me/email/verification", Account, 202),
        operation(get.clone(), "/api/v1/me/notification-preferences", Caller, 200),
        operation(put, "/api/v1/me/notification-preferences", Account, 200).body(json!({"items": []})),
        operation(get, "/api/v1/notifications", Caller, 200),
        operation(post.clone(), "/api/v1/notifications/read-all", Caller, 204),
        operation(post, "/api/v1/notifications/{id}/read", Notification, 204),
    ]
}
