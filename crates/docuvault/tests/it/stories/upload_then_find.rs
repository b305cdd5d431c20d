//! The main job in one test: make the first account, send a file, find it by a word of its third page, get it back unchanged.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{SETUP_TOKEN, Started, TestApp, fixture};

#[tokio::test]
async fn a_new_user_uploads_a_file_and_finds_it_by_a_word_of_its_third_page() {
    let app = TestApp::start().await;
    app.start_worker();
    let visitor = app.anon();
    assert_eq!(
        visitor.get("/api/v1/setup").await.expect(200).json(),
        json!({"needs_setup": true})
    );
    let account = json!({"setup_token": SETUP_TOKEN, "email": "Ida@Example.org", "password": "a good password", "display_name": "Ida"});
    visitor.post("/api/v1/setup", account).await.expect(201);
    assert_eq!(
        visitor.get("/api/v1/setup").await.expect(200).json(),
        json!({"needs_setup": false})
    );
    let session = visitor
        .login("ida@example.org", "a good password")
        .await
        .expect(200)
        .json();
    let ida = visitor.with_token(session["access_token"].as_str().unwrap());

    let file = fixture("three-pages.pdf");
    let body = json!({"filename": "three-pages.pdf", "size_bytes": file.len(), "content_type": "application/pdf"});
    let started = Started::of(&ida.post("/api/v1/documents", body).await.expect(201).json());
    ida.put(&started.url, file.clone()).await.expect(201);
    assert_eq!(
        ida.complete(started.document).await.expect(200).json()["status"],
        "processing"
    );
    let document = when_read(&ida, started.document).await;
    assert_eq!(
        (
            &document["status"],
            &document["page_count"],
            &document["content_type"]
        ),
        (&json!("ready"), &json!(3), &json!("application/pdf"))
    );

    let found = ida
        .get("/api/v1/search?q=cardamom")
        .await
        .expect(200)
        .json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(found["items"][0]["document"]["id"], json!(started.document));
    assert!(
        found["items"][0]["snippets"][0]
            .as_str()
            .unwrap()
            .contains("<mark>cardamom</mark>"),
        "{found}"
    );
    assert_eq!(
        ida.get("/api/v1/search?q=zeppelin")
            .await
            .expect(200)
            .json()["items"],
        json!([])
    );

    let link = ida
        .get(&format!("/api/v1/documents/{}/download", started.document))
        .await
        .expect(200)
        .json();
    assert!(
        ida.get(link["url"].as_str().unwrap())
            .await
            .expect(200)
            .bytes
            == file,
        "the download is the file, byte by byte"
    );
    let quota = ida.get("/api/v1/me/quota").await.expect(200).json();
    assert_eq!(
        (
            &quota["used_bytes"],
            &quota["reserved_bytes"],
            &quota["documents"]
        ),
        (&json!(file.len()), &json!(0), &json!(1))
    );
}

async fn when_read(user: &crate::support::Client, id: uuid::Uuid) -> Value {
    for _ in 0..600 {
        let document = user.document(id).await;
        if document["status"] != "processing" {
            return document;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the document was not read");
}
