//! Those who ask: the owner of things, others, and tokens that are none.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use super::operations::About;
use crate::support::{Client, TestApp, TestUser};

/// A vault with an admin, an owner of things, and a stranger.
pub struct Cast {
    pub app: TestApp,
    pub admin: TestUser,
    pub owner: TestUser,
    pub stranger: TestUser,
}

impl Cast {
    pub async fn assemble() -> Self {
        let app = TestApp::start().await;
        let admin = app.user("admin").await;
        let (owner, stranger) = (app.user("owner").await, app.user("stranger").await);
        Self {
            app,
            admin,
            owner,
            stranger,
        }
    }

    /// A new thing of the owner, of the kind that the operation is about.
    pub async fn thing(&self, about: About) -> Uuid {
        let unique = Uuid::new_v4().to_string();
        match about {
            About::Nobody | About::Cookie | About::Caller | About::Account | About::Admin => {
                Uuid::nil()
            }
            About::Notification => {
                let id = Uuid::now_v7();
                sqlx::query("INSERT INTO notifications (id, user_id, kind) VALUES ($1, $2, 'security.new_sign_in')")
                    .bind(id)
                    .bind(self.owner.id.0)
                    .execute(&mut self.app.database.superuser().await)
                    .await
                    .unwrap();
                id
            }
            About::Session => {
                let elsewhere = self.app.user("owner").await;
                self.app
                    .state
                    .access_tokens()
                    .read(elsewhere.token(), self.app.state.now())
                    .unwrap()
                    .id
                    .0
            }
            About::ApiToken => self.api_token(&self.owner, true).await.0,
            About::User => self.app.user(&unique).await.id.0,
            About::Invite => self
                .admin
                .post("/api/v1/admin/invites", json!({}))
                .await
                .expect(201)
                .id(),
            About::DeadJob => self.dead_job().await,
            About::Document => self.owner.upload("a.txt", &unique).await,
            About::ReadDocument => self.read_document(&unique).await,
            About::FilingRun => self.filing_run().await,
            About::NeverSendRule => {
                let document = self.owner.upload("a.txt", &unique).await;
                let rule = json!({"kind": "document", "target_id": document});
                let added = self.owner.post("/api/v1/me/ai/never-send", rule).await;
                added.expect(201).id()
            }
            About::Reservation => self.owner.start_upload("a.txt", 1).await.document,
            About::Arrived => {
                let started = self.owner.start_upload("a.txt", unique.len() as u64).await;
                self.owner.put(&started.url, unique).await.expect(201);
                started.document
            }
            About::SavedSearch => self
                .owner
                .post("/api/v1/searches", json!({"name": unique, "query": "q=x"}))
                .await
                .expect(201)
                .id(),
            About::Topic => self
                .owner
                .post("/api/v1/topics", json!({"name": unique}))
                .await
                .expect(201)
                .id(),
        }
    }

    /// A new API token of this user: its id, and a client that sends it.
    pub async fn api_token(&self, user: &TestUser, can_write: bool) -> (Uuid, Client) {
        let scopes = if can_write {
            json!(["read", "write"])
        } else {
            json!(["read"])
        };
        let made = user
            .post(
                "/api/v1/auth/tokens",
                json!({"name": "script", "scopes": scopes}),
            )
            .await
            .expect(201);
        let token = made.json()["token"].as_str().unwrap().to_owned();
        (made.id(), self.app.anon().with_token(&token))
    }

    /// Tokens that were good for something else, or once.
    async fn spent_tokens(&self) -> Vec<(&'static str, Client)> {
        let anon = self.app.anon();
        let (spent, script) = self.api_token(&self.owner, true).await;
        self.owner
            .delete(&format!("/api/v1/auth/tokens/{spent}"))
            .await
            .expect(204);
        let half_way = self.app.user("half-way").await;
        half_way.enrol_totp(&self.app).await;
        let pending = anon.pending_login(&half_way).await;
        self.owner
            .post_nothing("/api/v1/me/email/verification")
            .await
            .expect(202);
        anon.post(
            "/api/v1/auth/password/forgot",
            json!({"email": self.owner.email}),
        )
        .await
        .expect(202);
        let link = self.app.token_mailed_to(&self.owner.email).await;
        let disabled = self.app.user("disabled").await;
        let (_, of_disabled) = self.api_token(&disabled, true).await;
        sqlx::query("UPDATE users SET disabled_at = now() WHERE id = $1")
            .bind(disabled.id.0)
            .execute(&mut self.app.database.superuser().await)
            .await
            .unwrap();
        vec![
            ("an API token that was taken back", script),
            ("a half-way login", anon.with_token(&pending)),
            ("a mailed link", anon.with_token(&link)),
            (
                "a disabled user's session",
                anon.with_token(disabled.token()),
            ),
            ("a disabled user's API token", of_disabled),
        ]
    }

    async fn filing_run(&self) -> Uuid {
        sqlx::query_scalar("INSERT INTO filing_runs (id, user_id, kind, state, total) VALUES ($1, $2, 'refile', 'finished', 0) RETURNING id")
            .bind(Uuid::now_v7())
            .bind(self.owner.id.0)
            .fetch_one(&mut self.app.database.superuser().await)
            .await
            .unwrap()
    }

    /// A document that counts as read.
    async fn read_document(&self, text: &str) -> Uuid {
        let document = self.owner.upload("a.txt", text).await;
        sqlx::query("UPDATE documents SET state = 'ready', thumbnail_key = object_key, thumbnail_at = now() WHERE id = $1")
            .bind(document)
            .execute(&mut self.app.database.superuser().await)
            .await
            .unwrap();
        document
    }

    /// A job of the owner that was given up; its number as an id.
    async fn dead_job(&self) -> Uuid {
        let job: i64 = sqlx::query_scalar(
            "INSERT INTO jobs (kind, payload, user_id, max_attempts, attempts, state, last_error, died_at)
             VALUES ('learn_filing', '{}', $1, 1, 1, 'dead', 'gave_up', now()) RETURNING id",
        )
        .bind(self.owner.id.0)
        .fetch_one(&mut self.app.database.superuser().await)
        .await
        .unwrap();
        Uuid::from_u128(u128::from(job.unsigned_abs()))
    }

    /// Everything that is not an access token of a standing session, put where one belongs.
    pub async fn false_tokens(&self) -> Vec<(&'static str, Client)> {
        let anon = self.app.anon();
        let session = self
            .app
            .state
            .access_tokens()
            .read(self.owner.token(), self.app.state.now())
            .unwrap();
        let hours_ago = self.app.state.now() - Duration::from_hours(1);
        let expired = self
            .app
            .state
            .access_tokens()
            .make(session, hours_ago)
            .unwrap();
        let upload = self.owner.start_upload("ticket.txt", 1).await;
        let upload_ticket = upload.url.rsplit('/').next().unwrap();
        let document = self
            .owner
            .upload("download.txt", Uuid::new_v4().to_string())
            .await;
        let download = self
            .owner
            .get(&format!("/api/v1/documents/{document}/download"))
            .await
            .expect(200)
            .json();
        let download_ticket = download["url"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap();
        let another = self.app.user("owner").await;
        self.app
            .anon()
            .logout(&another.refresh_cookie)
            .await
            .expect(204);
        let mut all = vec![
            (
                "a refresh token",
                anon.with_token(&self.owner.refresh_cookie),
            ),
            ("an upload ticket", anon.with_token(upload_ticket)),
            ("a download ticket", anon.with_token(download_ticket)),
            ("an expired token", anon.with_token(expired.expose_secret())),
            (
                "the token of an ended session",
                anon.with_token(another.token()),
            ),
            (
                "a token cut short",
                anon.with_token(&self.owner.token()[..self.owner.token().len() - 1]),
            ),
            ("no token at all", anon.with_token("")),
        ];
        all.extend(self.spent_tokens().await);
        all
    }
}
