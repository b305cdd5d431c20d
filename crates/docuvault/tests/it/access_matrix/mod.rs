//! Who may do what: every operation of the API, asked by nobody, by a stranger, by an admin, with the wrong kinds of token, and by
//! its owner. An operation that is missing from the table fails the test.

pub mod cast;
pub mod operations;

use std::collections::BTreeSet;

use docuvault::app::openapi;
use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

use self::{
    cast::Cast,
    operations::{About, table},
};
use crate::support::{Response, SendIt};

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

#[tokio::test]
async fn sec_ses_11_without_an_access_token_nothing_of_a_users_can_be_reached() {
    let cast = Cast::assemble().await;
    let false_tokens = cast.false_tokens().await;
    for operation in table()
        .iter()
        .filter(|operation| !operation.about.is_open())
    {
        let id = cast.thing(operation.about).await;
        let refused = operation.request(&cast.app.anon(), id).send_it().await;
        assert_eq!(
            (refused.status.as_u16(), refused.problem_code().as_str()),
            (401, "unauthenticated"),
            "{}",
            operation.name()
        );
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));

        let cookie = format!("docuvault_refresh={}", cast.owner.refresh_cookie);
        let refused = operation
            .request(&cast.app.anon(), id)
            .header("cookie", cookie)
            .header("origin", &cast.app.base_url)
            .send_it()
            .await;
        assert_eq!(
            refused.status,
            401,
            "{} with only the cookie",
            operation.name()
        );
        for (what, client) in &false_tokens {
            let refused = operation.request(client, id).send_it().await;
            assert_eq!(
                (refused.status.as_u16(), refused.problem_code().as_str()),
                (401, "unauthenticated"),
                "{} with {what}",
                operation.name()
            );
        }
        let basic = operation
            .request(&cast.app.anon(), id)
            .basic_auth("owner@example.org", Some("owner's password"))
            .send_it()
            .await;
        assert_eq!(basic.status, 401, "{} with a password", operation.name());
    }
}

#[tokio::test]
async fn sec_az_01_sec_adm_01_what_is_anothers_answers_like_what_does_not_exist() {
    let cast = Cast::assemble().await;
    let things = [
        About::Document,
        About::ReadDocument,
        About::NeverSendRule,
        About::FilingRun,
        About::Reservation,
        About::Arrived,
        About::Topic,
        About::SavedSearch,
        About::Notification,
        About::Session,
        About::ApiToken,
    ];
    for operation in table()
        .iter()
        .filter(|operation| things.contains(&operation.about))
    {
        let id = cast.thing(operation.about).await;
        for (who, client) in [("a stranger", &cast.stranger), ("the admin", &cast.admin)] {
            let hidden = operation
                .request(client, id)
                .send_it()
                .await
                .expect_problem(404, "not_found");
            let unknown = operation
                .request(client, Uuid::now_v7())
                .send_it()
                .await
                .expect(404);
            assert_eq!(
                tellable(&hidden),
                tellable(&unknown),
                "{who} can tell by {}",
                operation.name()
            );
        }
        // Nothing of that changed it.
        let status = operation
            .request(&cast.owner, id)
            .send()
            .await
            .unwrap()
            .status();
        assert_eq!(
            status.as_u16(),
            operation.success,
            "{} by its owner",
            operation.name()
        );
    }
}

#[tokio::test]
async fn administration_is_for_administrators_only() {
    let cast = Cast::assemble().await;
    for operation in table()
        .iter()
        .filter(|operation| operation.about.is_administration())
    {
        let id = cast.thing(operation.about).await;
        for user in [&cast.owner, &cast.stranger] {
            for asked in [id, Uuid::now_v7()] {
                operation
                    .request(user, asked)
                    .send_it()
                    .await
                    .expect_problem(403, "admin_only");
            }
        }
        let answer = operation.request(&cast.admin, id).send_it().await;
        assert_eq!(
            answer.status.as_u16(),
            operation.success,
            "{} by the admin: {}",
            operation.name(),
            answer.text()
        );
    }
}

/// All of an answer that could tell one refusal from another.
fn tellable(response: &Response) -> (u16, Value, Vec<(String, String)>) {
    let mut body = response.json();
    body.as_object_mut()
        .unwrap()
        .remove("request_id")
        .expect("a problem names its request");
    let headers = response
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (
        response.status.as_u16(),
        body,
        headers
            .filter(|(name, _)| name != "x-request-id" && name != "date")
            .collect(),
    )
}

#[tokio::test]
async fn sec_az_03_what_is_the_callers_own_shows_nothing_of_anothers() {
    let cast = Cast::assemble().await;
    let document = cast
        .owner
        .upload("umbrella.txt", b"umbrella")
        .await
        .to_string();
    cast.app.run_jobs().await;
    for operation in table()
        .iter()
        .filter(|operation| operation.about == About::Caller)
    {
        let status = operation
            .request(&cast.owner, Uuid::nil())
            .send()
            .await
            .unwrap()
            .status();
        assert_eq!(
            status.as_u16(),
            operation.success,
            "{} by its owner",
            operation.name()
        );
    }
    for path in [
        "/api/v1/documents",
        "/api/v1/documents?trashed=true",
        "/api/v1/search?q=umbrella",
        "/api/v1/topics",
        "/api/v1/me",
        "/api/v1/me/quota",
        "/api/v1/notifications",
        "/api/v1/me/notification-preferences",
        "/api/v1/auth/sessions",
        "/api/v1/auth/tokens",
        "/api/v1/me/audit",
    ] {
        for client in [&cast.stranger, &cast.admin] {
            let text = client.get(path).await.expect(200).text();
            assert!(
                !text.contains(&document) && !text.contains(&cast.owner.id.to_string()),
                "{path}: {text}"
            );
        }
    }
    let found = cast
        .owner
        .get("/api/v1/search?q=umbrella")
        .await
        .expect(200)
        .json();
    assert_eq!(
        found["items"][0]["document"]["id"], document,
        "there was something to be seen"
    );
}

#[tokio::test]
async fn what_is_about_the_account_is_for_its_own_user() {
    let cast = Cast::assemble().await;
    for (turn, operation) in table()
        .iter()
        .filter(|operation| operation.about == About::Account)
        .enumerate()
    {
        let user = cast.app.user(&format!("account-{turn}")).await;
        let answer = operation.request_of(&user).send_it().await;
        assert_eq!(
            answer.status.as_u16(),
            operation.success,
            "{}: {}",
            operation.name(),
            answer.text()
        );
        // Whoever it was asked by, it was about nobody else.
        cast.owner.get("/api/v1/me").await.expect(200);
    }
}

#[tokio::test]
async fn an_api_token_does_what_its_scope_says_and_nothing_about_the_account() {
    let cast = Cast::assemble().await;
    let (_, reader) = cast.api_token(&cast.owner, false).await;
    let (_, writer) = cast.api_token(&cast.owner, true).await;
    for operation in table()
        .iter()
        .filter(|operation| !operation.about.is_open())
    {
        let reads = operation.method == Method::GET;
        let id = cast.thing(operation.about).await;
        let by_reader = operation.request(&reader, id).send().await.unwrap();
        let expected = match (reads, operation.about.wants_session()) {
            (true, false) => operation.success,
            _ => 403,
        };
        assert_eq!(
            by_reader.status(),
            expected,
            "{} by a reader",
            operation.name()
        );
        let by_writer = operation.request(&writer, id).send().await.unwrap();
        let expected = if operation.about.wants_session() {
            403
        } else {
            operation.success
        };
        assert_eq!(
            by_writer.status(),
            expected,
            "{} by a writer",
            operation.name()
        );
    }
    cast.owner.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn what_anyone_may_ask_needs_no_token_and_minds_none() {
    let cast = Cast::assemble().await;
    for operation in table()
        .iter()
        .filter(|operation| operation.about == About::Nobody)
    {
        for client in [
            cast.app.anon(),
            cast.app.anon().with_token("garbage"),
            cast.app.anon().with_token(cast.stranger.token()),
        ] {
            let answer = operation.request(&client, Uuid::nil()).send_it().await;
            assert_eq!(
                answer.status.as_u16(),
                operation.success,
                "{}: {}",
                operation.name(),
                answer.text()
            );
        }
    }
    for path in ["/health", "/health/live", "/", "/documents"] {
        let as_browser = cast
            .app
            .anon()
            .request(Method::GET, path)
            .header("accept", "text/html,*/*;q=0.8");
        as_browser.send_it().await.expect(200);
    }
}
