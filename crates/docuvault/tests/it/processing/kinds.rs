//! Every kind of document is read and found by its words; what cannot be read says why and stays a file.

use serde_json::json;

use crate::{
    gateway::download_url,
    search::search,
    support::{TestApp, fixture},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_is_read_and_found() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let kinds = [
        ("three-pages.pdf", "application/pdf", "starlings"),
        ("invoice-de.pdf", "application/pdf", "nachzahlung"),
        ("print-only.pdf", "application/pdf", "plumbing"),
        (
            "rental-contract.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "\"cellar compartment\"",
        ),
        (
            "household-budget.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "sundholm",
        ),
        (
            "garden-plan.pptx",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "waterlilies",
        ),
        (
            "recipe.odt",
            "application/vnd.oasis.opendocument.text",
            "elderflower",
        ),
        ("booking.html", "text/html", "albatross"),
        (
            "order-confirmation.eml",
            "message/rfc822",
            "\"dahlia bulbs\"",
        ),
        ("note.txt", "text/plain", "pedal"),
        ("note-latin1.txt", "text/plain", "gartenhutte"),
        ("note-utf16.txt", "text/plain", "castaneda"),
        ("packing-list.md", "text/markdown", "mosquito"),
        ("mileage.csv", "text/csv", "oxhanger"),
        ("photo.jpg", "image/jpeg", "photo"),
    ];
    let mut ids = Vec::new();
    for (name, ..) in kinds {
        let started = alice.start_upload(name, fixture(name).len() as u64).await;
        alice.put(&started.url, fixture(name)).await.expect(201);
        // The same invoice as another fixture, but not the same bytes.
        alice.complete(started.document).await.expect(200);
        ids.push(started.document);
    }
    app.run_jobs().await;
    for ((name, content_type, q), id) in kinds.into_iter().zip(ids) {
        let document = alice.document(id).await;
        assert_eq!(
            (&document["status"], &document["processing_error"]),
            (&json!("ready"), &json!(null)),
            "{name}"
        );
        assert_eq!(document["content_type"], content_type, "{name}");
        let results = search(&alice, q).await.expect(200).json();
        let hits: Vec<_> = results["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["document"]["id"].clone())
            .collect();
        assert!(
            hits.contains(&json!(id)),
            "{name} is not found by {q}: {results}"
        );
        // Of office files only some bring a picture of themselves; plain text is nothing to draw.
        let pictured = document["thumbnail_url"].is_string();
        if ["application/pdf", "image/jpeg"].contains(&content_type) {
            assert!(pictured, "{name}");
        } else if content_type.starts_with("text/") {
            assert!(!pictured, "{name}");
        }
        if let Some(url) = document["thumbnail_url"].as_str() {
            let thumbnail = app.anon().get(url).await.expect(200);
            assert!(
                thumbnail
                    .header("content-type")
                    .unwrap()
                    .starts_with("image/"),
                "{name}"
            );
        }
    }
    assert_eq!(
        search(&alice, "\"invisible-script-word\"")
            .await
            .expect(200)
            .json()["items"],
        json!([]),
        "a page's script is no text"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scans_and_pictures_are_read_where_ocr_is_installed() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let ids = [
        alice.upload_fixture("screenshot.png").await,
        alice.upload_fixture("typed-and-scanned.pdf").await,
    ];
    app.run_jobs().await;
    let has_ocr = app.state.reader().unwrap().ocr().is_some();
    for id in ids {
        let document = alice.document(id).await;
        assert_eq!(
            (&document["status"], &document["ocr_missing"]),
            (&json!("ready"), &json!(!has_ocr)),
            "{document}"
        );
    }
    let found = search(&alice, "kestrel").await.expect(200).json();
    assert_eq!(
        found["items"].as_array().unwrap().len(),
        usize::from(has_ocr)
    );
    if has_ocr {
        let text = alice
            .get(&format!("/api/v1/documents/{}/text", ids[1]))
            .await
            .expect(200)
            .json();
        let sources: Vec<&str> = text["pages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|page| page["source"].as_str().unwrap())
            .collect();
        assert!(
            sources.contains(&"text") && sources.contains(&"ocr"),
            "{sources:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_and_unreadable_files_end_with_a_reason_and_stay_files() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for (name, reason) in [
        ("encrypted.pdf", "password_needed"),
        ("truncated.pdf", "damaged"),
        ("hostile/zip-bomb.docx", "limit_exceeded"),
        ("hostile/huge-picture.png", "limit_exceeded"),
    ] {
        let id = alice.upload_fixture(name).await;
        app.run_jobs().await;
        let document = alice.document(id).await;
        assert_eq!(
            (&document["status"], &document["processing_error"]),
            (&json!("failed"), &json!(reason)),
            "{name}"
        );
        assert!(
            alice
                .get(&download_url(&alice, id).await)
                .await
                .expect(200)
                .bytes
                == fixture(name),
            "{name}"
        );
        let title = document["title"].as_str().unwrap();
        let found = search(&alice, title).await.expect(200).json();
        assert_eq!(
            found["items"][0]["document"]["id"],
            json!(id),
            "it is found by its name: {name}"
        );
    }
    let noise: Vec<u8> = (0..5000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let id = alice.upload("noise.bin", &noise).await;
    app.run_jobs().await;
    assert_eq!(alice.document(id).await["processing_error"], "unsupported");
}

#[tokio::test]
async fn without_the_reading_program_documents_wait() {
    let app = TestApp::with().without_reader().start().await;
    let alice = app.user("alice").await;
    let id = alice.upload_fixture("note.txt").await;
    app.start_worker();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(alice.document(id).await["status"], "processing");
    assert!(
        alice
            .get(&download_url(&alice, id).await)
            .await
            .expect(200)
            .bytes
            == fixture("note.txt")
    );
}
