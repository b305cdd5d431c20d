//! Those who ask: the owner of things, others, and tokens that are none.

use std::time::Duration;

use docuvault::notifications::Kind;
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use super::operations::About;
use crate::{
    notifications::tell,
    support::{Client, TestApp, TestUser},
};

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
            About::Nobody | About::Cookie | About::Caller => Uuid::nil(),
            About::Document => self.owner.upload("a.txt", &unique).await,
            About::Reservation => self.owner.start_upload("a.txt", 1).await.document,
            About::Arrived => {
                let started = self.owner.start_upload("a.txt", unique.len() as u64).await;
                self.owner.put(&started.url, unique).await.expect(201);
                started.document
            }
            About::Notification => {
                tell(&self.app, &self.owner, Kind::RoleChanged).await;
                let list = self.owner.get("/api/v1/notifications").await.expect(200);
                list.json()["items"][0]["id"]
                    .as_str()
                    .unwrap()
                    .parse()
                    .unwrap()
            }
            About::Topic => self
                .owner
                .post("/api/v1/topics", json!({"name": unique}))
                .await
                .expect(201)
                .id(),
        }
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
        vec![
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
        ]
    }
}
