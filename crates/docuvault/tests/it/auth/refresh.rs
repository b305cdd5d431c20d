//! The rotating refresh token: renewed by the newest, repeated within the grace, ended by a replay, untouched by garbage.

use std::{collections::BTreeSet, time::Duration};

use reqwest::Method;

use crate::support::{Client, Response, SendIt, TestApp};

const DAY: Duration = Duration::from_hours(24);

/// The next cookie of a successful refresh.
fn next(answer: &Response) -> String {
    answer
        .refresh_cookie()
        .expect("a refresh sets the next cookie")
}

fn client_of(anon: &Client, answer: &Response) -> Client {
    anon.with_token(answer.json()["access_token"].as_str().unwrap())
}

#[tokio::test]
async fn sec_ses_01_each_refresh_rotates_the_cookie_and_renews_the_token() {
    let app = TestApp::start().await;
    let (alice, anon) = (app.user("alice").await, app.anon());
    let mut cookie = alice.refresh_cookie.clone();
    let mut seen = BTreeSet::from([cookie.clone()]);
    for _ in 0..4 {
        let answer = anon.refresh(&cookie).await.expect(200);
        assert_eq!(answer.json()["user"]["id"], alice.id.to_string());
        client_of(&anon, &answer)
            .get("/api/v1/me")
            .await
            .expect(200);
        cookie = next(&answer);
        assert!(seen.insert(cookie.clone()), "a new cookie each time");
    }
}

#[tokio::test]
async fn sec_ses_04_twenty_at_once_with_one_cookie_get_one_successor() {
    let app = TestApp::start().await;
    let (alice, anon) = (app.user("alice").await, app.anon());
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (anon, cookie) = (anon.clone(), alice.refresh_cookie.clone());
        asking.spawn(async move { anon.refresh(&cookie).await });
    }
    let mut successors = BTreeSet::new();
    while let Some(answer) = asking.join_next().await {
        let answer = answer.unwrap().expect(200);
        client_of(&anon, &answer)
            .get("/api/v1/me")
            .await
            .expect(200);
        successors.insert(next(&answer));
    }
    assert_eq!(successors.len(), 1);
    anon.refresh(successors.first().unwrap()).await.expect(200);
}

#[tokio::test]
async fn sec_ses_02_a_replay_after_the_grace_ends_the_whole_family() {
    let app = TestApp::start().await;
    let (alice, anon) = (app.user("alice").await, app.anon());
    let elsewhere = app.user("alice").await;
    let stolen = alice.refresh_cookie.clone();
    let renewed = anon.refresh(&stolen).await.expect(200);
    app.clock.advance(Duration::from_secs(11));

    let refused = anon
        .refresh(&stolen)
        .await
        .expect_problem(401, "refresh_reused");
    assert_eq!(
        refused.refresh_cookie().as_deref(),
        Some(""),
        "the cookie goes"
    );
    anon.refresh(&next(&renewed))
        .await
        .expect_problem(401, "refresh_invalid");
    client_of(&anon, &renewed)
        .get("/api/v1/me")
        .await
        .expect_problem(401, "unauthenticated");
    alice
        .get("/api/v1/me")
        .await
        .expect_problem(401, "unauthenticated");
    elsewhere.get("/api/v1/me").await.expect(200);

    let noted: i64 =
        sqlx::query_scalar("SELECT count(*) FROM audit_log WHERE action = 'auth.refresh_reuse'")
            .fetch_one(&mut app.database.superuser().await)
            .await
            .unwrap();
    assert_eq!(noted, 1);
}

#[tokio::test]
async fn sec_ses_05_a_lost_answer_is_repeated_and_a_token_two_rotations_old_is_a_replay() {
    let app = TestApp::start().await;
    let (alice, anon) = (app.user("alice").await, app.anon());
    let second = next(&anon.refresh(&alice.refresh_cookie).await.expect(200));
    let third = next(&anon.refresh(&second).await.expect(200));
    assert_eq!(
        next(&anon.refresh(&second).await.expect(200)),
        third,
        "a lost answer is repeated"
    );
    anon.refresh(&alice.refresh_cookie)
        .await
        .expect_problem(401, "refresh_reused");
    anon.refresh(&third)
        .await
        .expect_problem(401, "refresh_invalid");
}

#[tokio::test]
async fn without_a_grace_every_repeat_is_a_replay() {
    let app = TestApp::with().refresh_grace_seconds(0).start().await;
    let (alice, anon) = (app.user("alice").await, app.anon());
    anon.refresh(&alice.refresh_cookie).await.expect(200);
    app.clock.advance(Duration::from_millis(1));
    anon.refresh(&alice.refresh_cookie)
        .await
        .expect_problem(401, "refresh_reused");
}

#[tokio::test]
async fn sec_ses_06_what_the_vault_never_made_changes_nothing() {
    let app = TestApp::start().await;
    let (alice, anon) = (app.user("alice").await, app.anon());
    let token = &alice.refresh_cookie;
    let other_generation = token.replacen(".0.", ".1.", 1);
    let swapped = format!("{}A", &token[..token.len() - 1]);
    for garbage in [
        "",
        "x",
        "dvr1_",
        "....",
        &token[..40],
        &other_generation,
        &swapped,
        &format!("{token}x"),
        alice.token(),
    ] {
        if garbage != token {
            anon.refresh(garbage)
                .await
                .expect_problem(401, "refresh_invalid");
        }
    }
    let without_cookie = anon
        .request(Method::POST, "/api/v1/auth/refresh")
        .header("origin", &app.base_url);
    without_cookie
        .send_it()
        .await
        .expect_problem(401, "refresh_invalid");
    alice.get("/api/v1/me").await.expect(200);
    anon.refresh(token).await.expect(200);
}

#[tokio::test]
async fn sec_ses_06_a_thousand_made_up_tokens_sign_nobody_out() {
    let app = TestApp::start().await;
    let (alice, anon) = (app.user("alice").await, app.anon());
    let token = alice.refresh_cookie.clone();
    for turn in 0..1000_usize {
        let mut bytes = token.clone().into_bytes();
        let at = (turn * 7) % bytes.len();
        match turn % 4 {
            0 => bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' },
            1 => bytes.truncate(at),
            2 => bytes.insert(at, b'0'),
            _ => bytes = format!("dvr1_{:032x}.{turn}.{}", turn, "A".repeat(at)).into_bytes(),
        }
        let garbage = String::from_utf8(bytes).unwrap();
        if garbage != token {
            anon.refresh(&garbage)
                .await
                .expect_problem(401, "refresh_invalid");
        }
    }
    alice.get("/api/v1/me").await.expect(200);
    anon.refresh(&token).await.expect(200);
}

#[tokio::test]
async fn sec_ses_10_only_the_vaults_own_page_may_ask() {
    let app = TestApp::start().await;
    let (alice, anon) = (app.user("alice").await, app.anon());
    let cookie = format!("docuvault_refresh={}", alice.refresh_cookie);
    for path in ["/api/v1/auth/refresh", "/api/v1/auth/logout"] {
        let plain = || anon.request(Method::POST, path).header("cookie", &cookie);
        plain().send_it().await.expect_problem(403, "wrong_origin");
        for origin in [
            "http://evil.example",
            "null",
            "",
            &app.base_url.replace("http:", "https:"),
            &format!("{}0", app.base_url),
        ] {
            plain()
                .header("origin", origin)
                .send_it()
                .await
                .expect_problem(403, "wrong_origin");
        }
        let cross_site = plain()
            .header("origin", &app.base_url)
            .header("sec-fetch-site", "cross-site");
        cross_site
            .send_it()
            .await
            .expect_problem(403, "wrong_origin");
        let form = plain()
            .header("origin", &app.base_url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body("a=b");
        form.send_it().await.expect_problem(403, "wrong_origin");
        anon.with_cookie(Method::GET, path, &alice.refresh_cookie)
            .send_it()
            .await
            .expect_problem(405, "method_not_allowed");
    }
    anon.refresh(&alice.refresh_cookie).await.expect(200);
}

#[tokio::test]
async fn sec_ses_15_a_session_that_sleeps_too_long_ends() {
    let app = TestApp::start().await;
    let (alice, anon) = (app.user("alice").await, app.anon());
    app.clock.advance(13 * DAY);
    let renewed = anon.refresh(&alice.refresh_cookie).await.expect(200);
    app.clock.advance(13 * DAY);
    let renewed = anon.refresh(&next(&renewed)).await.expect(200);
    app.clock.advance(14 * DAY + Duration::from_secs(1));
    let refused = anon
        .refresh(&next(&renewed))
        .await
        .expect_problem(401, "refresh_expired");
    assert_eq!(refused.refresh_cookie().as_deref(), Some(""));
}

#[tokio::test]
async fn sec_ses_15_no_session_outlives_ninety_days_however_often_it_is_renewed() {
    let app = TestApp::start().await;
    let (alice, anon) = (app.user("alice").await, app.anon());
    let mut cookie = alice.refresh_cookie.clone();
    for _ in 0..8 {
        app.clock.advance(10 * DAY);
        cookie = next(&anon.refresh(&cookie).await.expect(200));
    }
    app.clock.advance(10 * DAY + Duration::from_secs(1));
    anon.refresh(&cookie)
        .await
        .expect_problem(401, "refresh_expired");
}
