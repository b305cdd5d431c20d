//! An administrator's token over the whole API, with the ids of what is a user's.

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;

use crate::{
    access_matrix::{
        cast::Cast,
        operations::{About, table},
    },
    support::SendIt,
};

/// What the owner's documents and topics are made of.
const WORDS: [&str; 4] = ["umbrella", "zeppelin", "quicksilver", "marmalade"];

#[tokio::test]
async fn sec_adm_01_no_operation_shows_an_administrator_anything_of_a_users_vault() {
    let cast = Cast::assemble().await;
    let document = cast
        .owner
        .upload("zeppelin.txt", b"the umbrella policy")
        .await;
    cast.app.run_jobs().await;
    let topic = cast
        .owner
        .post("/api/v1/topics", json!({"name": "Quicksilver"}))
        .await
        .expect(201)
        .id();
    let change = json!({"title": "Marmalade", "topic_ids": [topic]});
    cast.owner
        .patch(&format!("/api/v1/documents/{document}"), change)
        .await
        .expect(200);
    let reserved = cast.owner.start_upload("zeppelin.txt", 4).await.document;
    let own = cast.owner.get("/api/v1/documents").await.expect(200).text();
    assert!(own.contains("Marmalade"), "there is something to be seen");

    let session = cast
        .app
        .state
        .access_tokens()
        .read(cast.owner.token(), cast.app.state.now())
        .unwrap()
        .id
        .0;
    let ids = BTreeMap::from([
        ("document", document),
        ("topic", topic),
        ("upload", reserved),
        ("user", cast.owner.id.0),
        ("session", session),
    ]);
    for operation in table() {
        let streams = operation.path == "/api/v1/events";
        let with_cookie = operation.about == About::Cookie;
        // What is about the caller's own account would end the administrator's session.
        if streams || with_cookie || operation.about == About::Account {
            continue;
        }
        for (what, &id) in &ids {
            let answer = operation.request(&cast.admin, id).send_it().await;
            let name = format!("{} with the {what}'s id", operation.name());
            // A search says back which words it looked for: the asker's own.
            let text = answer.text().to_lowercase();
            let text = text.replace(r#""words":["umbrella"]"#, "");
            for word in WORDS {
                assert!(!text.contains(word), "{name} shows {word}: {text}");
            }
            let ones_own = [About::Nobody, About::Caller, About::Admin];
            let administered = operation.about == About::User && *what == "user";
            if !ones_own.contains(&operation.about) && !administered {
                assert!(
                    [403, 404].contains(&answer.status.as_u16()),
                    "{name}: {} {text}",
                    answer.status
                );
            }
        }
    }
    // The account was erased by one of these, but its documents were not touched by any other.
    let left: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM documents WHERE user_id = $1 AND title = 'Marmalade' AND trashed_at IS NULL")
        .bind(cast.owner.id.0)
        .fetch_all(&mut cast.app.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(left, [document]);
}
