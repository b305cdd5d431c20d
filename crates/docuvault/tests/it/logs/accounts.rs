//! The chapters about accounts: someone is invited, takes a second factor, lets a script in, moves to another address, forgets the
//! password, is helped by the administrator, and leaves.

use reqwest::Method;
use serde_json::json;
use time::OffsetDateTime;

use super::{canaries::Canaries, letterbox::Letterbox, story::EMAIL};
use crate::{
    chaos::program::Program,
    support::{Client, Response, SendIt, code_of},
};

const INVITED: &str = "canary.invited@example.org";
const MOVED: &str = "canary.moved@example.org";
const MADE: &str = "canary.made@example.org";
const NOBODY: &str = "canary.never@example.org";
const NAME: &str = "Canary Zeisig";
const DEVICE: &str = "CanaryBrowser/4.17 (Kranich)";
const SCRIPT: &str = "canary script of 8812";
const FIRST_PASSWORD: &str = "canary first words of 4103";
const SECOND_PASSWORD: &str = "canary second words of 9921";
const THIRD_PASSWORD: &str = "canary third words of 1570";
const WRONG_RECOVERY_CODE: &str = "canar-ywron-gcode-32067";

/// What all chapters need.
pub struct Stage<'a> {
    pub program: &'a Program,
    pub letterbox: &'a Letterbox,
    pub anon: &'a Client,
    pub admin: &'a Client,
}

/// Whom they are about.
struct Guest {
    client: Client,
    id: String,
    recovery_codes: Vec<String>,
}

pub async fn play(stage: &Stage<'_>, canaries: &mut Canaries) {
    for (what, text) in [
        ("an invited address", INVITED),
        ("a new address", MOVED),
        ("the address of an account an administrator made", MADE),
        ("an address without an account", NOBODY),
        ("a person's name", NAME),
        ("a device", DEVICE),
        ("an API token's name", SCRIPT),
        ("a first password", FIRST_PASSWORD),
        ("a second password", SECOND_PASSWORD),
        ("a third password", THIRD_PASSWORD),
        ("a wrong recovery code", WRONG_RECOVERY_CODE),
    ] {
        canaries.add(what, text);
    }
    // The first letter of all, which the mail server does not take.
    stage
        .admin
        .post_nothing("/api/v1/me/email/verification")
        .await
        .expect(202);
    stage.letterbox.first_is_refused(stage.program).await;

    let mut guest = being_invited(stage, canaries).await;
    second_factor(stage, &mut guest, canaries).await;
    scripting(stage, &guest, canaries).await;
    moving(stage, &guest, canaries).await;
    forgetting(stage, canaries).await;
    being_helped(stage, &mut guest, canaries).await;
    looking_back(stage, &guest).await;
    leaving(stage, &mut guest).await;
}

/// A session's tokens and the cookie of its device. Without the last letters, so that a part of a token is found too.
fn keep_quiet_of(answer: &Response, canaries: &mut Canaries) -> String {
    for cookie in answer.headers.get_all("set-cookie") {
        let pair = cookie.to_str().unwrap().split(';').next().unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        let what = match name {
            "docuvault_refresh" => "a refresh cookie",
            "docuvault_device" => "a device cookie",
            other => panic!("what is {other}?"),
        };
        canaries.add(what, without_end(value));
    }
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    canaries.add("an access token", without_end(&token));
    token
}

fn without_end(token: &str) -> &str {
    &token[..token.len() - 4]
}

/// An invitation that is handed over and mailed, and the sign-up by it.
async fn being_invited(stage: &Stage<'_>, canaries: &mut Canaries) -> Guest {
    let (anon, invites) = (stage.anon, "/api/v1/admin/invites");
    let made = stage.admin.post(invites, json!({"email": INVITED})).await;
    let made = made.expect(201).json();
    let token = made["token"].as_str().unwrap();
    canaries.add("an invitation", without_end(token));
    canaries.add("an invitation's link", made["url"].as_str().unwrap());
    let letter = stage
        .letterbox
        .letter(stage.program, INVITED, "You are invited")
        .await;
    assert_eq!(letter.token(), token);
    stage.admin.get(invites).await.expect(200);

    anon.post("/api/v1/auth/invite", json!({"invite_token": token}))
        .await
        .expect(200);
    let cut = without_end(token);
    anon.post("/api/v1/auth/invite", json!({"invite_token": cut}))
        .await
        .expect(403);
    let sign_up = |email: &str, token: &str| json!({"email": email, "password": FIRST_PASSWORD, "display_name": NAME, "invite_token": token});
    let register = "/api/v1/auth/register";
    anon.post(register, sign_up(NOBODY, token))
        .await
        .expect_problem(422, "validation_failed");
    let answer = anon
        .post(register, sign_up(INVITED, token))
        .await
        .expect(201);
    // An address that is taken, which PostgreSQL refuses.
    let open = stage.admin.post(invites, json!({})).await.expect(201);
    let open = open.json()["token"].as_str().unwrap().to_owned();
    canaries.add("an open invitation", without_end(&open));
    anon.post(register, sign_up(INVITED, &open))
        .await
        .expect_problem(409, "email_taken");
    Guest {
        client: anon.with_token(&keep_quiet_of(&answer, canaries)),
        id: answer.json()["user"]["id"].as_str().unwrap().to_owned(),
        recovery_codes: Vec::new(),
    }
}

/// Set up, and used in one step, in two, and with codes for when the app is lost.
async fn second_factor(stage: &Stage<'_>, guest: &mut Guest, canaries: &mut Canaries) {
    let (anon, path) = (stage.anon, "/api/v1/auth/totp");
    let enrolment = guest
        .client
        .post(path, json!({"password": FIRST_PASSWORD}))
        .await
        .expect(201)
        .json();
    let seed = enrolment["secret"].as_str().unwrap();
    canaries.add("a seed", seed);
    canaries.add("a seed's link", enrolment["otpauth_uri"].as_str().unwrap());
    let confirm = format!("{path}/confirm");
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let confirmed = guest
        .client
        .post(&confirm, json!({"code": code_of(seed, now)}))
        .await
        .expect(200)
        .json();
    for code in confirmed["recovery_codes"].as_array().unwrap() {
        let code = code.as_str().unwrap();
        canaries.add("a recovery code", code);
        canaries.add("a recovery code, as it is hashed", code.replace('-', ""));
        guest.recovery_codes.push(code.to_owned());
    }

    // The next step counts already, so nobody has to wait for it.
    let code = code_of(seed, now + 30);
    let answer = sign_in(anon, INVITED, FIRST_PASSWORD, "totp_code", &code, "")
        .await
        .expect(200);
    let device = answer.device_cookie().unwrap();
    keep_quiet_of(&answer, canaries);

    let half_way = anon.login(INVITED, FIRST_PASSWORD).await;
    let half_way = half_way.expect_problem(401, "totp_required").json();
    let mfa_token = half_way["mfa_token"].as_str().unwrap();
    canaries.add("a half-way login", without_end(mfa_token));
    for misplaced in [mfa_token, without_end(mfa_token)] {
        let client = anon.with_token(misplaced);
        client.get("/api/v1/me").await.expect(401);
        anon.refresh(misplaced).await.expect(401);
    }
    let second = "/api/v1/auth/login/second-factor";
    for proof in [
        json!({"mfa_token": without_end(mfa_token), "totp_code": "000000"}),
        json!({"mfa_token": mfa_token, "recovery_code": WRONG_RECOVERY_CODE}),
    ] {
        anon.post(second, proof).await.expect(401);
    }
    let code = guest.recovery_codes.pop().unwrap();
    let answer = anon
        .post(
            second,
            json!({"mfa_token": mfa_token, "recovery_code": code}),
        )
        .await
        .expect(200);
    keep_quiet_of(&answer, canaries);

    // The code is used up; the device is known by its cookie.
    for (code, status) in [(code, 401), (guest.recovery_codes.pop().unwrap(), 200)] {
        let answer = sign_in(
            anon,
            INVITED,
            FIRST_PASSWORD,
            "recovery_code",
            &code,
            &device,
        );
        let answer = answer.await.expect(status);
        if status == 200 {
            assert_eq!(answer.device_cookie(), Some(device.clone()));
            guest.client = anon.with_token(&keep_quiet_of(&answer, canaries));
        }
    }
}

/// With a second factor in one step, from a device that says what it is.
async fn sign_in(
    anon: &Client,
    email: &str,
    password: &str,
    kind: &str,
    code: &str,
    device_cookie: &str,
) -> Response {
    anon.request(Method::POST, "/api/v1/auth/login")
        .header("user-agent", DEVICE)
        .header("cookie", format!("docuvault_device={device_cookie}"))
        .json(&json!({"email": email, "password": password, kind: code}))
        .send_it()
        .await
}

/// A personal API token, used rightly and wrongly.
async fn scripting(stage: &Stage<'_>, guest: &Guest, canaries: &mut Canaries) {
    let wanted = json!({"name": SCRIPT, "scopes": ["read"]});
    let made = guest.client.post("/api/v1/auth/tokens", wanted).await;
    let made = made.expect(201).json();
    let token = made["token"].as_str().unwrap();
    canaries.add("an API token", without_end(token));
    let script = stage.anon.with_token(token);
    script.get("/api/v1/documents").await.expect(200);
    script
        .post("/api/v1/topics", json!({"name": "Sailing"}))
        .await
        .expect_problem(403, "insufficient_scope");
    for path in [
        format!("/api/v1/documents?access_token={token}"),
        format!("/api/v1/auth/tokens/{token}"),
        format!("/{token}"),
    ] {
        stage.anon.get(&path).await;
    }
    let cut = stage.anon.with_token(without_end(token));
    cut.get("/api/v1/documents").await.expect(401);
    stage.anon.refresh(token).await.expect(401);
    let path = format!("/api/v1/auth/tokens/{}", made["id"].as_str().unwrap());
    guest.client.delete(&path).await.expect(204);
    script.get("/api/v1/documents").await.expect(401);
}

/// To another address, which both have to confirm; and to one that someone else has.
async fn moving(stage: &Stage<'_>, guest: &Guest, canaries: &mut Canaries) {
    let (path, confirm) = ("/api/v1/me/email", "/api/v1/auth/email/confirm");
    for (from, to, status) in [(INVITED, MOVED, 200), (MOVED, EMAIL, 409)] {
        let change = json!({"password": FIRST_PASSWORD, "new_email": to});
        guest.client.post(path, change).await.expect(202);
        let mut last = 0;
        for (address, subject) in [
            (from, "Confirm your change of address"),
            (to, "Confirm your new e-mail address"),
        ] {
            let token = stage
                .letterbox
                .token(stage.program, canaries, address, subject)
                .await;
            let answer = stage.anon.post(confirm, json!({"token": token})).await;
            last = answer.status.as_u16();
            let again = without_end(&token);
            stage
                .anon
                .post(confirm, json!({"token": again}))
                .await
                .expect(403);
        }
        assert_eq!(last, status, "from {from} to {to}");
    }
    guest.client.delete(path).await.expect(204);
}

/// A link by mail, and the new password by it.
async fn forgetting(stage: &Stage<'_>, canaries: &mut Canaries) {
    for email in [MOVED, NOBODY] {
        stage
            .anon
            .post("/api/v1/auth/password/forgot", json!({"email": email}))
            .await
            .expect(202);
    }
    let token = stage
        .letterbox
        .token(stage.program, canaries, MOVED, "Choose a new password")
        .await;
    reset(stage, &token, SECOND_PASSWORD).await;
    stage
        .anon
        .login(MOVED, FIRST_PASSWORD)
        .await
        .expect_problem(401, "invalid_credentials");
}

/// By whichever link; a second time and with a part of the link it does not work.
async fn reset(stage: &Stage<'_>, token: &str, password: &str) {
    for (token, status) in [(without_end(token), 403), (token, 204), (token, 403)] {
        let body = json!({"token": token, "new_password": password});
        let path = "/api/v1/auth/password/reset";
        stage.anon.post(path, body).await.expect(status);
    }
}

/// The administrator hands a link over, and makes an account for someone else.
async fn being_helped(stage: &Stage<'_>, guest: &mut Guest, canaries: &mut Canaries) {
    let path = format!("/api/v1/admin/users/{}/password-reset-link", guest.id);
    let link = stage.admin.post_nothing(&path).await.expect(201).json();
    let token = link["token"].as_str().unwrap();
    canaries.add("a link handed over", link["url"].as_str().unwrap());
    canaries.add("the token of a link handed over", without_end(token));
    reset(stage, token, THIRD_PASSWORD).await;
    let code = guest.recovery_codes.pop().unwrap();
    let answer = sign_in(
        stage.anon,
        MOVED,
        THIRD_PASSWORD,
        "recovery_code",
        &code,
        "garbage",
    );
    guest.client = stage
        .anon
        .with_token(&keep_quiet_of(&answer.await.expect(200), canaries));

    let account = json!({"email": MADE, "display_name": NAME});
    for status in [201, 409] {
        let made = stage.admin.post("/api/v1/admin/users", &account).await;
        made.expect(status);
    }
    let token = stage
        .letterbox
        .token(stage.program, canaries, MADE, "Your account is ready")
        .await;
    reset(stage, &token, SECOND_PASSWORD).await;
    let answer = stage.anon.login(MADE, SECOND_PASSWORD).await.expect(200);
    keep_quiet_of(&answer, canaries);
}

/// What is kept of all this is shown, and not logged.
async fn looking_back(stage: &Stage<'_>, guest: &Guest) {
    for path in [
        "/api/v1/me",
        "/api/v1/me/audit",
        "/api/v1/auth/sessions",
        "/api/v1/auth/tokens",
        "/api/v1/notifications",
    ] {
        guest.client.get(path).await.expect(200);
    }
    for path in ["/api/v1/admin/users", "/api/v1/admin/audit"] {
        stage.admin.get(path).await.expect(200);
    }
    let devices = guest.client.get("/api/v1/auth/sessions").await.text();
    assert!(devices.contains(DEVICE), "{devices}");
}

async fn leaving(stage: &Stage<'_>, guest: &mut Guest) {
    let code = guest.recovery_codes.pop().unwrap();
    let farewell = json!({"password": THIRD_PASSWORD, "recovery_code": code});
    guest
        .client
        .delete_with("/api/v1/me", farewell)
        .await
        .expect(202);
    let subject = "Your account has been erased";
    stage.letterbox.letter(stage.program, MOVED, subject).await;
}
