//! Each text of the corpus in each place of each route.

use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    corpus::{INJECTIONS, INSIDES},
    routes::{self, Route},
};
use crate::support::{Response, TestApp, TestUser};

/// Far below the five seconds that some of the texts would sleep.
const LATEST: Duration = Duration::from_secs(4);
/// Their answer goes on for ever.
const STREAMS: [&str; 1] = ["/api/v1/events"];

/// Every request to make for one route and one text.
fn requests(user: &TestUser, route: &Route, text: &str) -> Vec<RequestBuilder> {
    let id = Uuid::now_v7().to_string();
    let path = |value: &str| {
        let mut path = route.path.clone();
        while let Some((before, rest)) = path.clone().split_once('{') {
            let after = rest.split_once('}').map_or("", |(_, after)| after);
            path = format!("{before}{}{after}", encoded(value));
        }
        path
    };
    let request = |path: &str| {
        let request = user.request(route.method.clone(), path);
        match &route.body {
            Some(body) => request.json(body),
            None => request,
        }
    };
    let mut requests = Vec::new();
    if route.path.contains('{') {
        requests.push(request(&path(text)));
    }
    for name in route.query.iter().map(String::as_str).chain(["unknown"]) {
        let query = format!("{}?{name}={}", path(&id), encoded(text));
        requests.push(request(&query));
    }
    for (name, sample) in route.body.iter().flatten() {
        let instead = if sample.is_array() {
            json!([text])
        } else {
            json!(text)
        };
        let mut body = route.body.clone().unwrap_or_default();
        body.insert(name.clone(), instead);
        requests.push(user.request(route.method.clone(), &path(&id)).json(&body));
    }
    if route.method == Method::POST {
        requests.push(request(&path(&id)).header("idempotency-key", visible(text)));
    }
    if route.method != Method::GET {
        requests.push(request(&path(&id)).header("if-match", visible(text)));
    }
    requests
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| format!("%{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}

fn visible(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).collect()
}

/// The answer, of which a stream's body is not waited for.
async fn answer(request: RequestBuilder) -> Option<Response> {
    let response = request.send().await.expect("the vault did not answer");
    let is_problem = !response.status().is_success();
    if is_problem {
        Some(Response::read(response).await)
    } else {
        None
    }
}

fn assert_says_nothing(what: &str, answer: &Response, sent: &str) {
    assert!(answer.status.as_u16() < 500, "{what}: {}", answer.text());
    if answer.bytes.is_empty() {
        return;
    }
    let mut body = answer.json();
    assert!(body["request_id"].is_string(), "{what}: {body}");
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{what}"
    );
    // What was sent may be repeated, and ids are ours.
    body.as_object_mut().unwrap().remove("request_id");
    let said = strings(&body).replace(sent, "").to_lowercase();
    for inside in INSIDES {
        assert!(!said.contains(inside), "{what} tells of {inside:?}: {body}");
    }
}

fn strings(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text}\n"),
        Value::Array(items) => items.iter().map(strings).collect::<Vec<_>>().concat(),
        Value::Object(members) => members.values().map(strings).collect::<Vec<_>>().concat(),
        _ => String::new(),
    }
}

#[tokio::test]
async fn sec_db_06_sec_web_05_no_text_in_any_place_of_any_route_is_more_than_a_text() {
    let app = TestApp::start().await;
    let mut alice = app.user("alice").await;
    let document = alice.upload("a.txt", b"umbrella").await;
    app.run_jobs().await;
    let (mut asked, mut let_in) = (0, 0);
    for route in routes::all()
        .iter()
        .filter(|route| !STREAMS.contains(&route.path.as_str()))
    {
        for text in INJECTIONS {
            for request in requests(&alice, route, text) {
                let began = Instant::now();
                let what = format!("{} {} with {text:?}", route.method, route.path);
                let told = answer(request).await;
                assert!(
                    began.elapsed() < LATEST,
                    "{what} took {:?}",
                    began.elapsed()
                );
                asked += 1;
                let is_out = told.as_ref().is_some_and(|answer| answer.status == 401);
                let_in += usize::from(!is_out);
                if let Some(answer) = &told {
                    assert_says_nothing(&what, answer, text);
                }
                // Some routes end the session that asks.
                if is_out && alice.get("/api/v1/me").await.status == 401 {
                    alice = app.user("alice").await;
                }
            }
        }
    }
    assert!(
        let_in * 10 > asked * 7,
        "{let_in} of {asked} got past the door"
    );
    alice.document(document).await;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM documents")
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert!(tables >= 1);
}

#[tokio::test]
async fn sec_web_05_what_fails_inside_stays_inside() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut superuser = app.database.superuser().await;
    sqlx::raw_sql("ALTER TABLE topics RENAME TO topics_away")
        .execute(&mut superuser)
        .await
        .unwrap();
    let answer = alice.get("/api/v1/topics").await;
    let problem = answer.clone().expect_problem(500, "internal").json();
    let mut members: Vec<_> = problem.as_object().unwrap().keys().cloned().collect();
    members.sort_unstable();
    assert_eq!(
        members,
        ["code", "detail", "request_id", "status", "title", "type"]
    );
    assert!(!answer.text().contains("topics") && !answer.text().contains("42P01"));
}
