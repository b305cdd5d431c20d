//! How often one may try, and that strangers who try keep nobody out.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::support::{Client, Response, SendIt, TestApp};

/// Seconds in which a network regains one try.
const REGAINED_EVERY_SECONDS: u64 = 2;

/// A try from another address, as a trusted proxy reports it.
async fn login_from(anon: &Client, ip: &str, email: &str, password: &str) -> Response {
    anon.request(Method::POST, "/api/v1/auth/login")
        .header("x-forwarded-for", ip)
        .json(&json!({"email": email, "password": password}))
        .send_it()
        .await
}

async fn behind_a_proxy() -> TestApp {
    TestApp::with()
        .setting("DOCUVAULT_TRUSTED_PROXIES", "127.0.0.1")
        .start()
        .await
}

#[tokio::test]
async fn sec_aut_01_tries_at_one_account_are_few_from_however_many_addresses() {
    let app = behind_a_proxy().await;
    let alice = app.user("alice").await;
    for email in [alice.email.as_str(), "nobody@example.org"] {
        let mut evaluated = 0;
        for turn in 0..50 {
            let ip = format!("203.0.113.{turn}");
            let answer = login_from(&app.anon(), &ip, email, "wrong").await;
            match answer.status.as_u16() {
                401 => evaluated += 1,
                429 => {
                    assert_eq!(answer.problem_code(), "too_many_attempts");
                    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
                    assert!((1..=31).contains(&wait), "{wait}");
                }
                other => panic!("{other}"),
            }
        }
        assert_eq!(evaluated, 10, "{email}: known or not, the same");
    }
    app.clock.advance(Duration::from_secs(31));
    login_from(&app.anon(), "203.0.113.99", &alice.email, "wrong")
        .await
        .expect(401);
    login_from(&app.anon(), "203.0.113.99", &alice.email, "wrong")
        .await
        .expect(429);
}

#[tokio::test]
async fn sec_aut_01_tries_at_several_processes_add_up_and_a_restart_forgets_none() {
    let app = behind_a_proxy().await;
    let alice = app.user("alice").await;
    let (other, ip) = (app.replica().await, |turn| format!("203.0.113.{turn}"));
    let mut racing = tokio::task::JoinSet::new();
    for turn in 0..40 {
        let process = if turn % 2 == 0 {
            app.anon()
        } else {
            other.anon()
        };
        let (ip, email) = (ip(turn), alice.email.clone());
        racing.spawn(async move { login_from(&process, &ip, &email, "wrong").await.status });
    }
    let statuses = racing.join_all().await;
    let evaluated = statuses.iter().filter(|status| **status == 401).count();
    assert_eq!(evaluated, 10, "{statuses:?}");
    assert!(
        statuses
            .iter()
            .all(|status| [401, 429].contains(&status.as_u16())),
        "{statuses:?}"
    );

    other.stop().await;
    let other = app.replica().await;
    for process in [other.anon(), app.anon()] {
        // Not even with the right password, from a device that nobody knows.
        login_from(&process, &ip(50), &alice.email, &alice.password)
            .await
            .expect_problem(429, "too_many_attempts");
    }
    // One more, at whichever process it is tried.
    app.clock.advance(Duration::from_secs(31));
    login_from(&other.anon(), &ip(51), &alice.email, "wrong")
        .await
        .expect(401);
    for process in [app.anon(), other.anon()] {
        login_from(&process, &ip(52), &alice.email, "wrong")
            .await
            .expect(429);
    }
}

#[tokio::test]
async fn sec_aut_01_tries_from_one_network_are_few_at_however_many_accounts() {
    let app = TestApp::with()
        .setting("DOCUVAULT_TRUSTED_PROXIES", "127.0.0.1")
        .setting("DOCUVAULT_TRIES_PER_NETWORK", "20")
        .start()
        .await;
    app.user("alice").await;
    let mut evaluated = 0;
    let began = Instant::now();
    for turn in 0..40 {
        // The /64 is one network, whatever its lower half.
        let ip = format!("2001:db8:1:2::{turn:x}");
        let email = format!("user{turn}@example.org");
        let answer = login_from(&app.anon(), &ip, &email, "wrong").await;
        evaluated += u64::from(answer.status == 401);
    }
    // One more for every few seconds that this took.
    let regained = began.elapsed().as_secs() / REGAINED_EVERY_SECONDS;
    assert!((20..=20 + regained).contains(&evaluated), "{evaluated}");
    login_from(&app.anon(), "2001:db8:1:3::1", "x@example.org", "wrong")
        .await
        .expect(401);
}

#[tokio::test]
async fn sec_aut_04_ten_thousand_tries_of_strangers_do_not_keep_the_owner_out() {
    let app = behind_a_proxy().await;
    let anon = app.anon();
    let alice = app.user("alice").await;
    let first = login_from(&anon, "198.51.100.7", &alice.email, &alice.password)
        .await
        .expect(200);
    let device = first
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap())
        .find(|cookie| cookie.starts_with("docuvault_device="))
        .unwrap();
    assert!(
        device.contains("HttpOnly; SameSite=Strict") && device.contains("Path=/api/v1/auth/login"),
        "{device}"
    );
    let device = device.split(';').next().unwrap().to_owned();

    let mut attacks = tokio::task::JoinSet::new();
    let began = Instant::now();
    for attacker in 0..8_u32 {
        let (anon, email) = (anon.clone(), alice.email.clone());
        attacks.spawn(async move {
            let mut evaluated = 0;
            for turn in 0..1250_u32 {
                let ip = format!("10.{attacker}.{}.{}", turn / 250, turn % 250);
                let answer = login_from(&anon, &ip, &email, "wrong").await;
                evaluated += u32::from(answer.status == 401);
            }
            evaluated
        });
    }
    let owner = async || {
        // From the network she signed in from before, and with her device from anywhere.
        let home = login_from(&anon, "198.51.100.7", &alice.email, &alice.password).await;
        let abroad = anon
            .request(Method::POST, "/api/v1/auth/login")
            .header("x-forwarded-for", "192.0.2.200")
            .header("cookie", &device)
            .json(&json!({"email": alice.email, "password": alice.password}))
            .send_it()
            .await;
        (home.status.as_u16(), abroad.status.as_u16())
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(owner().await, (200, 200), "in the midst of it");
    let evaluated: u32 = attacks.join_all().await.into_iter().sum();
    assert_eq!(owner().await, (200, 200), "after it");
    // The first sign-in counted too.
    let most = 10 + began.elapsed().as_secs() as u32 / 30 + 1;
    assert!(
        (9..=most).contains(&evaluated),
        "{evaluated} of 10,000 were looked at"
    );
    // The cookie of one user is none for another.
    let bob = app.user("bob").await;
    let mut refused = 0;
    for _ in 0..12 {
        let answer = anon
            .request(Method::POST, "/api/v1/auth/login")
            .header("x-forwarded-for", "192.0.2.201")
            .header("cookie", &device)
            .json(&json!({"email": bob.email, "password": "wrong"}))
            .send_it()
            .await;
        refused += u32::from(answer.status == 429);
    }
    assert!(refused >= 2, "{refused}");
}

#[tokio::test]
async fn sec_aut_02_every_door_that_takes_a_secret_counts() {
    let app = TestApp::with()
        .setting("DOCUVAULT_TRIES_PER_NETWORK", "3")
        .setting("DOCUVAULT_REGISTRATION", "open")
        .start()
        .await;
    let alice = app.user("alice").await;
    let anon = app.anon();
    for (path, body) in [
        (
            "/api/v1/auth/login",
            json!({"email": "x@example.org", "password": "wrong"}),
        ),
        (
            "/api/v1/auth/register",
            json!({"email": "x", "password": "x", "display_name": "x"}),
        ),
        ("/api/v1/auth/invite", json!({"invite_token": "dvi1_x"})),
        (
            "/api/v1/auth/password/forgot",
            json!({"email": "x@example.org"}),
        ),
        (
            "/api/v1/auth/password/reset",
            json!({"token": "dvl1_x", "new_password": "a good password"}),
        ),
        ("/api/v1/auth/email/confirm", json!({"token": "dvl1_x"})),
        // 50 times as many for tokens that cannot be guessed.
        (
            "/api/v1/auth/login/second-factor",
            json!({"mfa_token": "dvm1_x", "totp_code": "000000"}),
        ),
    ] {
        let mut limited = false;
        for _ in 0..200 {
            let answer = anon.post(path, &body).await;
            limited |= answer.status == 429 && answer.problem_code() == "too_many_attempts";
        }
        assert!(limited, "{path}");
    }
    let mut limited = false;
    for _ in 0..200 {
        limited |= anon.refresh("garbage").await.status == 429;
    }
    assert!(limited, "refresh");
    anon.refresh(&alice.refresh_cookie).await.expect(200);
    let mut limited = false;
    for _ in 0..12 {
        let answer = alice
            .post("/api/v1/auth/reauthenticate", json!({"password": "wrong"}))
            .await;
        limited |= answer.status == 429;
    }
    assert!(limited, "reauthenticate");
}

#[tokio::test]
async fn sec_aut_05_known_unknown_and_disabled_accounts_answer_alike() {
    // The real cost of a hash, so that what else is done shows as it would.
    let app = TestApp::with()
        .setting("DOCUVAULT_PASSWORD_MEMORY_KIB", "19456")
        .setting("DOCUVAULT_TRIES_PER_ACCOUNT", "100000")
        .setting("DOCUVAULT_TRIES_PER_NETWORK", "100000")
        .start()
        .await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    sqlx::query("UPDATE users SET disabled_at = now() WHERE id = $1")
        .bind(bob.id.0)
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    let tellable = |answer: &Response| {
        let mut body = answer.json();
        body.as_object_mut().unwrap().remove("request_id");
        let names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        (answer.status, body, names)
    };
    let emails = [
        alice.email.as_str(),
        "nobody@example.org",
        bob.email.as_str(),
    ];
    let mut statements: Vec<i64> = Vec::new();
    let mut expected = None;
    for email in emails {
        let answer = app.anon().login(email, "wrong").await.expect(401);
        let told = tellable(&answer);
        assert_eq!(*expected.get_or_insert(told.clone()), told, "{email}");
        // Time cannot be judged on a machine that does other things; what takes time can: each writes one row of a trail.
        let rows: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM audit_log WHERE action = 'auth.sign_in_refused'",
        )
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
        statements.push(rows);
    }
    assert_eq!(statements, [1, 2, 3]);
}

#[tokio::test]
async fn sec_aut_07_a_hash_of_lower_cost_is_raised_at_the_next_sign_in() {
    let app = TestApp::with()
        .setting("DOCUVAULT_PASSWORD_MEMORY_KIB", "19456")
        .start()
        .await;
    let alice = app.user("alice").await;
    let cheap = docuvault::crypto::PasswordHasher::new(docuvault::crypto::password::PasswordCost {
        memory_kib: 64,
        passes: 1,
    })
    .unwrap();
    let hash = cheap.hash(alice.password.as_str().into()).await.unwrap();
    let mut admin = app.database.superuser().await;
    sqlx::query("UPDATE users SET password_hash = $1")
        .bind(hash)
        .execute(&mut admin)
        .await
        .unwrap();
    app.anon()
        .login(&alice.email, &alice.password)
        .await
        .expect(200);
    let raised: String = sqlx::query_scalar("SELECT password_hash FROM users")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    // ASVS appendix C: 2 passes with 19 MiB or more.
    assert!(
        raised.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{raised}"
    );
    app.anon()
        .login(&alice.email, &alice.password)
        .await
        .expect(200);
}

#[tokio::test]
async fn sec_aut_08_two_hundred_sign_ins_at_once_leave_room_for_others() {
    let app = TestApp::with()
        .setting("DOCUVAULT_PASSWORD_MEMORY_KIB", "19456")
        .setting("DOCUVAULT_TRIES_PER_ACCOUNT", "100000")
        .setting("DOCUVAULT_TRIES_PER_NETWORK", "100000")
        .start()
        .await;
    let alice = app.user("alice").await;
    let before = peak_memory_kib();
    let mut rush = tokio::task::JoinSet::new();
    for turn in 0..200 {
        let anon = app.anon();
        rush.spawn(async move {
            anon.login(&format!("user{turn}@example.org"), "wrong")
                .await
                .status
                .as_u16()
        });
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let began = Instant::now();
    alice.get("/api/v1/me").await.expect(200);
    let waited = began.elapsed();
    let statuses = rush.join_all().await;
    assert!(
        statuses.iter().all(|status| [401, 503].contains(status)),
        "{statuses:?}"
    );
    assert!(
        waited < Duration::from_secs(5),
        "another route waited {waited:?}"
    );
    // 200 hashes at once would take 3.8 GiB.
    let grown = peak_memory_kib() - before;
    assert!(grown < 600 * 1024, "{grown} KiB");
}

/// The largest size this process ever had.
fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or_default()
}
