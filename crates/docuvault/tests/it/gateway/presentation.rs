//! How a file presents itself: under its name, as what it is, and never as a page that could do anything.

use percent_encoding::percent_decode_str;
use serde_json::json;

use super::download_link;
use crate::support::{Response, TestApp};

async fn shown(
    app: &TestApp,
    user: &crate::support::TestUser,
    id: uuid::Uuid,
    disposition: &str,
) -> Response {
    app.anon()
        .get(
            download_link(user, id, disposition).await["url"]
                .as_str()
                .unwrap(),
        )
        .await
        .expect(200)
}

#[tokio::test]
async fn a_name_cannot_break_out_of_its_header() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for (number, (name, offered)) in [
        ("Invoice 7.pdf", "Invoice 7.pdf"),
        ("Überweisung €.pdf", "Überweisung €.pdf"),
        ("a\"; filename=\"evil.exe", "a\"; filename=\"evil.exe"),
        ("back\\slash.pdf", "back_slash.pdf"),
        ("100%41.pdf", "100%41.pdf"),
        ("gpj\u{202e}fdp.exe", "gpjfdp.exe"),
        (".htaccess", "htaccess"),
        ("trailing. . .", "trailing"),
        ("\u{200b}", "document"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = alice.upload(name, format!("{number}")).await;
        assert_eq!(
            download_link(&alice, id, "attachment").await["filename"],
            json!(name.trim())
        );
        let answer = shown(&app, &alice, id, "attachment").await;
        let header = answer.header("content-disposition").unwrap();
        let said = header.split_once("; filename*=UTF-8''").map_or_else(
            || {
                header
                    .strip_prefix("attachment; filename=\"")
                    .unwrap()
                    .strip_suffix('"')
                    .unwrap()
                    .to_owned()
            },
            |(_, encoded)| {
                percent_decode_str(encoded)
                    .decode_utf8()
                    .unwrap()
                    .into_owned()
            },
        );
        assert_eq!(said, offered, "{header}");
        assert_eq!(header.matches('"').count(), 2, "{header}");
    }
}

#[tokio::test]
async fn what_could_run_is_saved_and_never_shown() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let page = "<!doctype html><script>alert(1)</script>";
    let drawing =
        r#"<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>"#;
    let mut ids = Vec::new();
    for (name, content_type, bytes) in [
        ("page.html", "text/html", page),
        ("drawing.svg", "image/svg+xml", drawing),
        ("invoice.pdf", "application/pdf", &format!("{page} ")),
        ("photo.png", "image/png", &format!("{drawing} ")),
    ] {
        let body =
            json!({"filename": name, "size_bytes": bytes.len(), "content_type": content_type});
        let started = crate::support::Started::of(
            &alice
                .post("/api/v1/documents", body)
                .await
                .expect(201)
                .json(),
        );
        alice.put(&started.url, bytes).await.expect(201);
        alice.complete(started.document).await.expect(200);
        ids.push(started.document);
    }
    app.run_jobs().await;
    for id in ids {
        let answer = shown(&app, &alice, id, "inline").await;
        let kind = answer.header("content-type").unwrap();
        assert!(
            !["html", "svg", "xml"]
                .iter()
                .any(|word| kind.contains(word)),
            "{kind}"
        );
        assert!(
            !kind.contains("pdf") && !kind.contains("png"),
            "the content decides, not the name: {kind}"
        );
        if kind != "text/plain;charset=utf-8" {
            assert!(
                answer
                    .header("content-disposition")
                    .unwrap()
                    .starts_with("attachment"),
                "{kind}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_safe_is_shown_on_demand_in_a_sandbox() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let (pdf, note) = (
        alice.upload_fixture("invoice-en.pdf").await,
        alice.upload_fixture("note.txt").await,
    );
    app.run_jobs().await;
    for (id, content_type) in [(pdf, "application/pdf"), (note, "text/plain;charset=utf-8")] {
        for disposition in ["inline", "attachment"] {
            let answer = shown(&app, &alice, id, disposition).await;
            assert_eq!(answer.header("content-type"), Some(content_type));
            assert!(
                answer
                    .header("content-disposition")
                    .unwrap()
                    .starts_with(disposition)
            );
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            let policy = answer.header("content-security-policy").unwrap();
            assert!(
                policy.contains("sandbox")
                    && policy.contains("default-src 'none'")
                    && !policy.contains("allow-scripts"),
                "{policy}"
            );
            assert!(
                answer
                    .header("cache-control")
                    .unwrap()
                    .starts_with("private")
            );
            assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
            assert!(answer.header("set-cookie").is_none());
        }
    }
    alice
        .get(&format!(
            "/api/v1/documents/{pdf}/download?disposition=embed"
        ))
        .await
        .expect_problem(422, "validation_failed");
}
