//! A token for one purpose is good for no other.

use std::time::Duration;

use reqwest::Method;

use super::{
    cast::Cast,
    operations::{About, table},
};
use crate::support::SendIt;

#[tokio::test]
async fn sec_jwt_04_an_access_token_is_no_refresh_cookie() {
    let cast = Cast::assemble().await;
    let anon = cast.app.anon();
    for token in ["", cast.owner.token(), &cast.owner.refresh_cookie] {
        let bearer = anon.with_token(token);
        let request = bearer
            .request(Method::POST, "/api/v1/auth/refresh")
            .header("origin", &cast.app.base_url);
        request
            .send_it()
            .await
            .expect_problem(401, "refresh_invalid");
        let request = bearer
            .request(Method::POST, "/api/v1/auth/logout")
            .header("origin", &cast.app.base_url);
        request.send_it().await.expect(204);
    }
    anon.refresh(cast.owner.token())
        .await
        .expect_problem(401, "refresh_invalid");
    cast.owner.get("/api/v1/me").await.expect(200);
    for operation in table()
        .iter()
        .filter(|operation| operation.about == About::Cookie)
    {
        let answer = anon
            .with_cookie(
                operation.method.clone(),
                operation.path,
                &cast.owner.refresh_cookie,
            )
            .send_it()
            .await;
        assert_eq!(
            answer.status.as_u16(),
            operation.success,
            "{}",
            operation.name()
        );
    }
}

#[tokio::test]
async fn sec_jwt_04_only_a_ticket_of_the_right_kind_opens_the_gateway() {
    let cast = Cast::assemble().await;
    let started = cast.owner.start_upload("a.txt", 3).await;
    let upload_ticket = started.url.rsplit('/').next().unwrap().to_owned();
    let document = cast.owner.upload("b.txt", b"stored").await;
    let download = cast
        .owner
        .get(&format!("/api/v1/documents/{document}/download"))
        .await
        .expect(200)
        .json();
    let download_url = download["url"].as_str().unwrap().to_owned();
    let download_ticket = download_url.rsplit('/').next().unwrap();

    let owner = &cast.owner;
    for ticket in [
        "x",
        "a.b",
        cast.owner.token(),
        &cast.owner.refresh_cookie,
        &upload_ticket,
        &download_ticket[1..],
    ] {
        owner
            .get(&format!("/gateway/v1/{ticket}"))
            .await
            .expect_problem(403, "invalid_ticket");
    }
    for ticket in [
        "x",
        "a.b",
        cast.owner.token(),
        &cast.owner.refresh_cookie,
        download_ticket,
        &upload_ticket[1..],
    ] {
        owner
            .put(&format!("/gateway/v1/{ticket}"), b"abc".to_vec())
            .await
            .expect_problem(403, "invalid_ticket");
    }
    // The ticket is the permission: whoever has it needs nothing else.
    let anon = cast.app.anon();
    assert_eq!(anon.get(&download_url).await.expect(200).bytes, "stored");
    anon.put(&started.url, b"abc".to_vec()).await.expect(201);
    cast.app.clock.advance(Duration::from_hours(1));
    anon.get(&download_url)
        .await
        .expect_problem(403, "ticket_expired");
    anon.put(&started.url, b"abc".to_vec())
        .await
        .expect_problem(403, "ticket_expired");
}
