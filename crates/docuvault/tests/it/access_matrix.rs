//! Who may do what: every operation of the API, asked by nobody, by a stranger, by an admin, with the wrong kinds of token, and by
//! its owner. An operation that is missing from the table fails the test.

use std::{collections::BTreeSet, time::Duration};

use docuvault::app::openapi;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, Response, SendIt, TestApp, TestUser};

/// What an operation is about decides who may call it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum About {
    /// Anyone may.
    Nobody,
    /// The refresh cookie counts here, a token does not.
    Cookie,
    /// The caller's own things as a whole: others get theirs.
    Caller,
    /// A stored document of the owner.
    Document,
    /// An upload of the owner that waits for bytes.
    Reservation,
    /// An upload of the owner whose bytes are there.
    Arrived,
    Topic,
}

struct Operation {
    method: Method,
    path: &'static str,
    about: About,
    /// Answered to its owner, or to anyone where it is about nobody.
    success: u16,
    query: &'static str,
    body: Option<Value>,
}

fn operation(method: Method, path: &'static str, about: About, success: u16) -> Operation {
    Operation { method, path, about, success, query: "", body: None }
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

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn request(&self, client: &Client, id: Uuid) -> RequestBuilder {
        let path = format!("{}{}", self.path.replace("{id}", &id.to_string()), self.query);
        let request = client.request(self.method.clone(), &path);
        match &self.body {
            Some(body) => request.json(body),
            None => request,
        }
    }
}

fn table() -> Vec<Operation> {
    use About::{Arrived, Caller, Cookie, Document, Nobody, Reservation, Topic};
    let (get, post, patch, delete) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
    vec![
        operation(get.clone(), "/api/openapi.json", Nobody, 200),
        operation(get.clone(), "/api/docs", Nobody, 200),
        operation(get.clone(), "/api/v1/setup", Nobody, 200),
        operation(post.clone(), "/api/v1/setup", Nobody, 409)
            .body(json!({"setup_token": "x", "email": "eve@example.org", "password": "eve's password", "display_name": "Eve"})),
        operation(post.clone(), "/api/v1/auth/login", Nobody, 200).body(json!({"email": "owner@example.org", "password": "owner's password"})),
        operation(post.clone(), "/api/v1/auth/refresh", Cookie, 200),
        operation(post.clone(), "/api/v1/auth/logout", Cookie, 204),
        operation(get.clone(), "/api/v1/me", Caller, 200),
        operation(get.clone(), "/api/v1/me/quota", Caller, 200),
        operation(get.clone(), "/api/v1/events", Caller, 200),
        operation(get.clone(), "/api/v1/search", Caller, 200).query("?q=umbrella"),
        operation(get.clone(), "/api/v1/documents", Caller, 200),
        operation(post.clone(), "/api/v1/documents", Caller, 201).body(json!({"filename": "a.txt", "size_bytes": 1, "content_type": "text/plain"})),
        operation(get.clone(), "/api/v1/documents/{id}", Document, 200),
        operation(patch.clone(), "/api/v1/documents/{id}", Document, 200).body(json!({"title": "Mine"})),
        operation(delete.clone(), "/api/v1/documents/{id}", Document, 204),
        operation(post.clone(), "/api/v1/documents/{id}/restore", Document, 200),
        operation(delete.clone(), "/api/v1/documents/{id}/permanently", Document, 204),
        operation(get.clone(), "/api/v1/documents/{id}/download", Document, 200),
        operation(get.clone(), "/api/v1/documents/{id}/text", Document, 200),
        operation(post.clone(), "/api/v1/documents/{id}/complete", Arrived, 200),
        operation(delete.clone(), "/api/v1/documents/{id}/upload", Reservation, 204),
        operation(get, "/api/v1/topics", Caller, 200),
        operation(post, "/api/v1/topics", Caller, 201).body(json!({"name": "Sailing"})),
        operation(patch, "/api/v1/topics/{id}", Topic, 200).body(json!({"name": "Rowing"})),
        operation(delete, "/api/v1/topics/{id}", Topic, 204),
    ]
}

#[test]
fn every_operation_stands_in_the_table_as_the_description_says_it() {
    let document = serde_json::to_value(openapi::document()).unwrap();
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let asks = match &operation["security"] {
                Value::Null => "token",
                security if security[0].get("refresh_cookie").is_some() => "cookie",
                _ => "nothing",
            };
            described.insert((format!("{} {path}", method.to_uppercase()), asks));
        }
    }
    let asked = table().into_iter().map(|operation| {
        let asks = match operation.about {
            About::Nobody => "nothing",
            About::Cookie => "cookie",
            _ => "token",
        };
        (operation.name(), asks)
    });
    assert_eq!(described, asked.collect::<BTreeSet<_>>());
}

/// A vault with an admin, an owner of things, and a stranger.
struct Cast {
    app: TestApp,
    admin: TestUser,
    owner: TestUser,
    stranger: TestUser,
}

impl Cast {
    async fn assemble() -> Self {
        let app = TestApp::start().await;
        let admin = app.user("admin").await;
        let (owner, stranger) = (app.user("owner").await, app.user("stranger").await);
        Self { app, admin, owner, stranger }
    }

    /// A new thing of the owner, of the kind that the operation is about.
    async fn thing(&self, about: About) -> Uuid {
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
            About::Topic => self.owner.post("/api/v1/topics", json!({"name": unique})).await.expect(201).id(),
        }
    }

    /// Everything that is not an access token of a standing session, put where one belongs.
    async fn false_tokens(&self) -> Vec<(&'static str, Client)> {
        let anon = self.app.anon();
        let session = self.app.state.access_tokens().read(self.owner.token(), self.app.state.now()).unwrap();
        let hours_ago = self.app.state.now() - Duration::from_hours(1);
        let expired = self.app.state.access_tokens().make(session, hours_ago).unwrap();
        let upload = self.owner.start_upload("ticket.txt", 1).await;
        let upload_ticket = upload.url.rsplit('/').next().unwrap();
        let document = self.owner.upload("download.txt", Uuid::new_v4().to_string()).await;
        let download = self.owner.get(&format!("/api/v1/documents/{document}/download")).await.expect(200).json();
        let download_ticket = download["url"].as_str().unwrap().rsplit('/').next().unwrap();
        let another = self.app.user("owner").await;
        self.app.anon().logout(&another.refresh_cookie).await.expect(204);
        use secrecy::ExposeSecret;
        vec![
            ("a refresh token", anon.with_token(&self.owner.refresh_cookie)),
            ("an upload ticket", anon.with_token(upload_ticket)),
            ("a download ticket", anon.with_token(download_ticket)),
            ("an expired token", anon.with_token(expired.expose_secret())),
            ("the token of an ended session", anon.with_token(another.token())),
            ("a token cut short", anon.with_token(&self.owner.token()[..self.owner.token().len() - 1])),
            ("no token at all", anon.with_token("")),
        ]
    }
}

#[tokio::test]
async fn without_an_access_token_nothing_of_a_users_can_be_reached() {
    let cast = Cast::assemble().await;
    let false_tokens = cast.false_tokens().await;
    for operation in table().iter().filter(|operation| !matches!(operation.about, About::Nobody | About::Cookie)) {
        let id = cast.thing(operation.about).await;
        let refused = operation.request(&cast.app.anon(), id).send_it().await;
        assert_eq!((refused.status.as_u16(), refused.problem_code().as_str()), (401, "unauthenticated"), "{}", operation.name());
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));

        let cookie = format!("docuvault_refresh={}", cast.owner.refresh_cookie);
        let refused = operation.request(&cast.app.anon(), id).header("cookie", cookie).header("origin", &cast.app.base_url).send_it().await;
        assert_eq!(refused.status, 401, "{} with only the cookie", operation.name());
        for (what, client) in &false_tokens {
            let refused = operation.request(client, id).send_it().await;
            assert_eq!((refused.status.as_u16(), refused.problem_code().as_str()), (401, "unauthenticated"), "{} with {what}", operation.name());
        }
        // An address of the gateway goes without any token; a token does not make the request another one.
        let basic = operation.request(&cast.app.anon(), id).basic_auth("owner@example.org", Some("owner's password")).send_it().await;
        assert_eq!(basic.status, 401, "{} with a password", operation.name());
    }
}

#[tokio::test]
async fn what_is_anothers_answers_like_what_does_not_exist() {
    let cast = Cast::assemble().await;
    let things = [About::Document, About::Reservation, About::Arrived, About::Topic];
    for operation in table().iter().filter(|operation| things.contains(&operation.about)) {
        let id = cast.thing(operation.about).await;
        for (who, client) in [("a stranger", &cast.stranger), ("the admin", &cast.admin)] {
            let hidden = operation.request(client, id).send_it().await.expect_problem(404, "not_found");
            let unknown = operation.request(client, Uuid::now_v7()).send_it().await.expect(404);
            assert_eq!(tellable(&hidden), tellable(&unknown), "{who} can tell by {}", operation.name());
        }
        // Nothing of that changed it.
        let status = operation.request(&cast.owner, id).send().await.unwrap().status();
        assert_eq!(status.as_u16(), operation.success, "{} by its owner", operation.name());
    }
}

/// All of an answer that could tell one refusal from another.
fn tellable(response: &Response) -> (u16, Value, Vec<(String, String)>) {
    let mut body = response.json();
    body.as_object_mut().unwrap().remove("request_id").expect("a problem names its request");
    let headers = response.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (response.status.as_u16(), body, headers.filter(|(name, _)| name != "x-request-id" && name != "date").collect())
}

#[tokio::test]
async fn what_is_the_callers_own_shows_nothing_of_anothers() {
    let cast = Cast::assemble().await;
    let document = cast.owner.upload("umbrella.txt", b"umbrella").await.to_string();
    cast.app.run_jobs().await;
    for operation in table().iter().filter(|operation| operation.about == About::Caller) {
        let status = operation.request(&cast.owner, Uuid::nil()).send().await.unwrap().status();
        assert_eq!(status.as_u16(), operation.success, "{} by its owner", operation.name());
    }
    for path in ["/api/v1/documents", "/api/v1/documents?trashed=true", "/api/v1/search?q=umbrella", "/api/v1/topics", "/api/v1/me", "/api/v1/me/quota"] {
        for client in [&cast.stranger, &cast.admin] {
            let text = client.get(path).await.expect(200).text();
            assert!(!text.contains(&document) && !text.contains(&cast.owner.id.to_string()), "{path}: {text}");
        }
    }
    let found = cast.owner.get("/api/v1/search?q=umbrella").await.expect(200).json();
    assert_eq!(found["items"][0]["document"]["id"], document, "there was something to be seen");
}

#[tokio::test]
async fn what_anyone_may_ask_needs_no_token_and_minds_none() {
    let cast = Cast::assemble().await;
    for operation in table().iter().filter(|operation| operation.about == About::Nobody) {
        for client in [cast.app.anon(), cast.app.anon().with_token("garbage"), cast.app.anon().with_token(cast.stranger.token())] {
            let answer = operation.request(&client, Uuid::nil()).send_it().await;
            assert_eq!(answer.status.as_u16(), operation.success, "{}: {}", operation.name(), answer.text());
        }
    }
    for path in ["/health", "/health/live", "/", "/documents"] {
        let as_browser = cast.app.anon().request(Method::GET, path).header("accept", "text/html,*/*;q=0.8");
        as_browser.send_it().await.expect(200);
    }
}

#[tokio::test]
async fn an_access_token_is_no_refresh_cookie() {
    let cast = Cast::assemble().await;
    let anon = cast.app.anon();
    for token in ["", cast.owner.token(), &cast.owner.refresh_cookie] {
        let bearer = anon.with_token(token);
        let request = bearer.request(Method::POST, "/api/v1/auth/refresh").header("origin", &cast.app.base_url);
        request.send_it().await.expect_problem(401, "refresh_invalid");
        let request = bearer.request(Method::POST, "/api/v1/auth/logout").header("origin", &cast.app.base_url);
        request.send_it().await.expect(204);
    }
    anon.refresh(cast.owner.token()).await.expect_problem(401, "refresh_invalid");
    cast.owner.get("/api/v1/me").await.expect(200);
    for operation in table().iter().filter(|operation| operation.about == About::Cookie) {
        let answer = anon.with_cookie(operation.method.clone(), operation.path, &cast.owner.refresh_cookie).send_it().await;
        assert_eq!(answer.status.as_u16(), operation.success, "{}", operation.name());
    }
}

#[tokio::test]
async fn only_a_ticket_of_the_right_kind_opens_the_gateway() {
    let cast = Cast::assemble().await;
    let started = cast.owner.start_upload("a.txt", 3).await;
    let upload_ticket = started.url.rsplit('/').next().unwrap().to_owned();
    let document = cast.owner.upload("b.txt", b"stored").await;
    let download = cast.owner.get(&format!("/api/v1/documents/{document}/download")).await.expect(200).json();
    let download_url = download["url"].as_str().unwrap().to_owned();
    let download_ticket = download_url.rsplit('/').next().unwrap();

    let owner = &cast.owner;
    for ticket in ["x", "a.b", cast.owner.token(), &cast.owner.refresh_cookie, &upload_ticket, &download_ticket[1..]] {
        owner.get(&format!("/gateway/v1/{ticket}")).await.expect_problem(403, "invalid_ticket");
    }
    for ticket in ["x", "a.b", cast.owner.token(), &cast.owner.refresh_cookie, download_ticket, &upload_ticket[1..]] {
        owner.put(&format!("/gateway/v1/{ticket}"), b"abc".to_vec()).await.expect_problem(403, "invalid_ticket");
    }
    // The ticket is the permission: whoever has it needs nothing else.
    let anon = cast.app.anon();
    assert_eq!(anon.get(&download_url).await.expect(200).bytes, "stored");
    anon.put(&started.url, b"abc".to_vec()).await.expect(201);
    cast.app.clock.advance(Duration::from_hours(1));
    anon.get(&download_url).await.expect_problem(403, "ticket_expired");
    anon.put(&started.url, b"abc".to_vec()).await.expect_problem(403, "ticket_expired");
}
