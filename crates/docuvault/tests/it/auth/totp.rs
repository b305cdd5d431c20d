//! The second factor: set up, asked for, used once, lost, taken away.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{TestApp, code_of};

const STEP: Duration = Duration::from_secs(30);

#[tokio::test]
async fn setting_it_up_shows_the_seed_once_and_ends_the_other_sessions() {
    let app = TestApp::start().await;
    let (here, elsewhere) = (app.user("alice").await, app.user("alice").await);
    here.post("/api/v1/auth/totp", json!({"password": "wrong"}))
        .await
        .expect_problem(403, "wrong_password");
    here.post("/api/v1/auth/totp/confirm", json!({"code": "123456"}))
        .await
        .expect_problem(409, "totp_not_started");
    let body = json!({"password": here.password});
    let enrolment = here
        .post("/api/v1/auth/totp", &body)
        .await
        .expect(201)
        .json();
    let secret = enrolment["secret"].as_str().unwrap();
    let uri = enrolment["otpauth_uri"].as_str().unwrap();
    assert!(
        uri.starts_with("otpauth://totp/DocuVault:alice%40example.org?secret="),
        "{uri}"
    );
    assert!(
        uri.contains(secret) && uri.contains("issuer=DocuVault"),
        "{uri}"
    );
    assert!(enrolment["qr_svg"].as_str().unwrap().contains("<svg"));
    assert_eq!(secret.len(), 32, "160 bits in base32");
    // Not active yet.
    app.anon()
        .login(&here.email, &here.password)
        .await
        .expect(200);
    here.post("/api/v1/auth/totp/confirm", json!({"code": "000000"}))
        .await
        .expect_problem(422, "invalid_totp");

    let code = code_of(secret, app.state.now().unix_timestamp());
    let confirmed = here
        .post("/api/v1/auth/totp/confirm", json!({"code": code}))
        .await
        .expect(200)
        .json();
    assert_eq!(confirmed["recovery_codes"].as_array().unwrap().len(), 10);
    let state = here.get("/api/v1/auth/totp").await.expect(200).json();
    assert_eq!(
        state,
        json!({"enabled": true, "enforced": false, "recovery_codes_left": 10})
    );
    elsewhere.get("/api/v1/me").await.expect(401);
    here.get("/api/v1/me").await.expect(200);
    here.post("/api/v1/auth/totp", &body)
        .await
        .expect_problem(409, "totp_already_enabled");
}

#[tokio::test]
async fn sec_mfa_01_the_steps_before_now_and_next_count_and_no_others() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let authenticator = alice.enrol_totp(&app).await;
    app.clock.advance(10 * STEP);
    for (steps, status) in [(-2, 401), (2, 401), (-1, 200), (0, 200), (1, 200)] {
        let answer = app
            .anon()
            .login_with_code(&alice, &authenticator.code(&app, steps))
            .await;
        assert_eq!(
            answer.status,
            status,
            "{steps} steps away: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn sec_mfa_02_a_code_works_once_and_so_does_every_older_one() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let authenticator = alice.enrol_totp(&app).await;
    app.clock.advance(STEP);
    let (older, code) = (authenticator.code(&app, -1), authenticator.code(&app, 0));
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (anon, alice, code) = (app.anon(), alice.clone(), code.clone());
        racing.spawn(async move { anon.login_with_code(&alice, &code).await.status.as_u16() });
    }
    let statuses = racing.join_all().await;
    let won = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(won, 1, "{statuses:?}");
    app.clock.advance(Duration::from_mins(10));
    // Two more tries at the same and the older code; by then neither is near, so the clock goes back in thought only.
    for used in [code, older] {
        app.anon()
            .login_with_code(&alice, &used)
            .await
            .expect_problem(401, "invalid_totp");
    }
}

#[tokio::test]
async fn sec_mfa_02_the_step_before_the_last_one_used_is_void() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let authenticator = alice.enrol_totp(&app).await;
    app.clock.advance(STEP);
    let older = authenticator.code(&app, -1);
    let anon = app.anon();
    anon.login_with_code(&alice, &authenticator.code(&app, 0))
        .await
        .expect(200);
    anon.login_with_code(&alice, &older)
        .await
        .expect_problem(401, "invalid_totp");
}

#[tokio::test]
async fn sec_mfa_03_a_half_way_login_opens_nothing_and_dies_soon() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let authenticator = alice.enrol_totp(&app).await;
    let anon = app.anon();
    let pending = anon.pending_login(&alice).await;
    let half_way = anon.with_token(&pending);
    for path in ["/api/v1/me", "/api/v1/documents", "/api/v1/auth/sessions"] {
        half_way
            .get(path)
            .await
            .expect_problem(401, "unauthenticated");
    }
    anon.refresh(&pending)
        .await
        .expect_problem(401, "refresh_invalid");

    // Five wrong codes end it, though the sixth is right.
    for _ in 0..5 {
        anon.second_factor(&pending, "000000")
            .await
            .expect_problem(401, "invalid_totp");
        app.clock.advance(STEP);
    }
    anon.second_factor(&pending, &authenticator.code(&app, 0))
        .await
        .expect_problem(401, "mfa_expired");

    // So do five minutes.
    let late = anon.pending_login(&alice).await;
    app.clock.advance(Duration::from_mins(5));
    anon.second_factor(&late, &authenticator.code(&app, 0))
        .await
        .expect_problem(401, "mfa_expired");

    let good = anon.pending_login(&alice).await;
    let answer = anon
        .second_factor(&good, &authenticator.code(&app, 0))
        .await
        .expect(200);
    anon.with_token(answer.json()["access_token"].as_str().unwrap())
        .get("/api/v1/me")
        .await
        .expect(200);
    app.clock.advance(STEP);
    anon.second_factor(&good, &authenticator.code(&app, 0))
        .await
        .expect_problem(401, "mfa_expired");
    for garbage in ["", "dvm1_", alice.token(), &pending[..pending.len() - 1]] {
        anon.second_factor(garbage, "000000")
            .await
            .expect_problem(401, "mfa_expired");
    }
}

#[tokio::test]
async fn sec_mfa_04_a_recovery_code_works_once_and_new_ones_void_the_old() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let authenticator = alice.enrol_totp(&app).await;
    let code = authenticator.recovery_codes[0].clone();
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (anon, alice, code) = (app.anon(), alice.clone(), code.clone());
        racing.spawn(async move {
            anon.login_with_recovery_code(&alice, &code)
                .await
                .status
                .as_u16()
        });
    }
    let statuses = racing.join_all().await;
    let won = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(won, 1, "{statuses:?}");
    assert_eq!(
        alice.get("/api/v1/auth/totp").await.json()["recovery_codes_left"],
        9
    );

    app.clock.advance(Duration::from_mins(3));
    // They are a second factor, so they cannot be had without one.
    for body in [
        json!({"password": alice.password}),
        json!({"password": alice.password, "totp_code": "000000"}),
        json!({"password": alice.password, "recovery_code": code}),
    ] {
        alice
            .post("/api/v1/auth/totp/recovery-codes", body)
            .await
            .expect_problem(422, "invalid_totp");
    }
    let renewed = alice
        .post(
            "/api/v1/auth/totp/recovery-codes",
            json!({"password": alice.password, "totp_code": authenticator.code(&app, 0)}),
        )
        .await
        .expect(200)
        .json();
    app.anon()
        .login_with_recovery_code(&alice, &authenticator.recovery_codes[1])
        .await
        .expect_problem(401, "invalid_totp");
    // However it is typed.
    let typed = renewed["recovery_codes"][0]
        .as_str()
        .unwrap()
        .to_uppercase()
        .replace('-', " ");
    app.anon()
        .login_with_recovery_code(&alice, &typed)
        .await
        .expect(200);
    let hashes: Vec<Vec<u8>> = sqlx::query_scalar("SELECT code_hash FROM recovery_codes")
        .fetch_all(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert!(hashes.len() == 9 && hashes.iter().all(|hash| hash.len() == 32));
}

#[tokio::test]
async fn sec_mfa_05_taking_it_away_wants_password_and_code_and_is_told() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let authenticator = alice.enrol_totp(&app).await;
    let try_with = async |body: Value| alice.delete_with("/api/v1/auth/totp", body).await;
    try_with(json!({"password": "wrong", "totp_code": authenticator.code(&app, 0)}))
        .await
        .expect_problem(403, "wrong_password");
    try_with(json!({"password": alice.password}))
        .await
        .expect_problem(422, "invalid_totp");
    try_with(json!({"password": alice.password, "totp_code": "000000"}))
        .await
        .expect_problem(422, "invalid_totp");
    try_with(json!({"password": alice.password, "totp_code": authenticator.code(&app, 0)}))
        .await
        .expect(204);
    app.anon()
        .login(&alice.email, &alice.password)
        .await
        .expect(200);

    let told = alice.get("/api/v1/notifications").await.expect(200).text();
    for kind in ["security.totp_enabled", "security.totp_disabled"] {
        assert!(told.contains(kind), "{kind} in {told}");
    }
    let mails = app.mails().await;
    assert!(
        mails.iter().filter(|mail| mail.to == alice.email).count() >= 2,
        "{mails:?}"
    );
    // The seed is shown when it is made and never again.
    for path in [
        "/api/v1/me",
        "/api/v1/auth/totp",
        "/api/v1/me/audit",
        "/api/v1/notifications",
    ] {
        let text = alice.get(path).await.text();
        assert!(!text.contains(&authenticator.secret), "{path}");
    }
}

#[tokio::test]
async fn sec_mfa_06_codes_are_limited_over_all_sessions() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let authenticator = alice.enrol_totp(&app).await;
    let mut evaluated = 0;
    for turn in 0..40 {
        let answer = if turn % 2 == 0 {
            let pending = app.anon().login(&alice.email, &alice.password).await;
            match pending.status.as_u16() {
                401 => {
                    let token = pending.json()["mfa_token"].as_str().unwrap().to_owned();
                    app.anon().second_factor(&token, "000000").await
                }
                _ => pending,
            }
        } else {
            app.anon()
                .login_with_recovery_code(&alice, "aaaaa-aaaaa")
                .await
        };
        match answer.status.as_u16() {
            401 => evaluated += 1,
            429 => assert!(
                answer
                    .header("retry-after")
                    .unwrap()
                    .parse::<u64>()
                    .unwrap()
                    > 0
            ),
            other => panic!("{other}: {}", answer.text()),
        }
    }
    assert_eq!(evaluated, 5, "the burst");
    // It is the code that is limited: when the time is over, the owner gets in.
    app.clock.advance(Duration::from_mins(5));
    app.anon()
        .login_with_code(&alice, &authenticator.code(&app, 0))
        .await
        .expect(200);
}

#[tokio::test]
async fn where_the_vault_demands_it_nothing_works_before_it_is_set_up() {
    let app = TestApp::with()
        .setting("DOCUVAULT_REQUIRE_TOTP", "admins")
        .start()
        .await;
    let (admin, bob) = (app.user("admin").await, app.user("bob").await);
    bob.get("/api/v1/documents").await.expect(200);
    for path in [
        "/api/v1/documents",
        "/api/v1/auth/tokens",
        "/api/v1/me/quota",
    ] {
        admin
            .get(path)
            .await
            .expect_problem(403, "totp_enrolment_required");
    }
    let me = admin.get("/api/v1/me").await.expect(200).json();
    assert_eq!(
        (&me["totp_enforced"], &me["totp_enabled"]),
        (&json!(true), &json!(false))
    );
    let authenticator = admin.enrol_totp(&app).await;
    admin.get("/api/v1/documents").await.expect(200);
    admin
        .delete_with(
            "/api/v1/auth/totp",
            json!({"password": admin.password, "totp_code": authenticator.code(&app, 0)}),
        )
        .await
        .expect_problem(409, "totp_enforced");
}
