//! A vault with enough in it for plans to differ.

use serde_json::json;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::plans::{Plans, REPORTING};
use crate::support::{TestApp, TestUser};

pub const SORTS: [&str; 8] = ["-created_at", "created_at", "title", "-title", "-document_date", "document_date", "-size_bytes", "size_bytes"];

/// One user with a few documents of every sort among 3,000, beside another with as many.
pub struct LargeVault {
    pub app: TestApp,
    pub alice: TestUser,
    pub document: Uuid,
    pub topic: Uuid,
    pub folder: Uuid,
}

/// `$1` is the user, `{topic}` and `{folder}` are theirs.
const FILL: &str = "
    WITH made AS (
        INSERT INTO documents (id, user_id, state, title, filename, content_type, size_bytes, object_key, folder_id, document_date, created_at)
        SELECT gen_random_uuid(), '{user}', CASE n % 50 WHEN 0 THEN 'failed' ELSE 'ready' END, 'Title ' || md5(n::text), n || '.pdf',
               CASE n % 10 WHEN 0 THEN 'image/png' ELSE 'application/pdf' END, n, 'key ' || n, CASE n % 20 WHEN 0 THEN '{folder}'::uuid END,
               CASE WHEN n % 3 > 0 THEN date '2020-01-01' + n END, timestamptz '2020-01-01' + n * interval '1 day'
          FROM generate_series(1, 3000) AS n
        RETURNING id, user_id, size_bytes AS n),
    pages AS (
        INSERT INTO document_pages (document_id, user_id, number, text, source, tsv)
        SELECT id, user_id, 1, text, 'text', to_tsvector('docuvault', text)
          FROM made, LATERAL (SELECT CASE n % 100 WHEN 0 THEN 'the umbrella of everyone ' ELSE 'paper ' END || n) AS page (text)
        RETURNING document_id, user_id, tsv),
    search AS (INSERT INTO document_search (document_id, user_id, window_no, tsv) SELECT document_id, user_id, 0, tsv FROM pages),
    topics AS (INSERT INTO document_topics (document_id, topic_id, user_id, source) SELECT id, '{topic}', user_id, 'user' FROM made WHERE n % 30 = 0)
    UPDATE documents SET trashed_at = NULL WHERE false";

impl LargeVault {
    /// Listen to the plans before anything is asked.
    pub async fn fill() -> (Self, Plans) {
        let plans = Plans::listen();
        let mut builder = TestApp::with();
        for (name, value) in REPORTING {
            builder = builder.postgres_setting(name, value);
        }
        let app = builder.start().await;
        let mut admin = app.database.superuser().await;
        let mut filled = Vec::new();
        for name in ["bob", "alice"] {
            let user = app.user(name).await;
            let topic = user.post("/api/v1/topics", json!({"name": "Umbrellas"})).await.expect(201).id();
            let folder = Uuid::now_v7();
            sqlx::query("INSERT INTO folders (id, user_id, name) VALUES ($1, $2, 'Papers')").bind(folder).bind(user.id.0).execute(&mut admin).await.unwrap();
            let sql = FILL.replace("{user}", &user.id.to_string()).replace("{topic}", &topic.to_string()).replace("{folder}", &folder.to_string());
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
            let trashed = "UPDATE documents SET trashed_at = now() WHERE user_id = $1 AND size_bytes % 40 = 0";
            sqlx::query(trashed).bind(user.id.0).execute(&mut admin).await.unwrap();
            let document = user.upload("a.txt", b"umbrella").await;
            filled.push((user, document, topic, folder));
        }
        app.run_jobs().await;
        sqlx::raw_sql("ANALYZE").execute(&mut admin).await.unwrap();
        plans.taken();
        let (alice, document, topic, folder) = filled.pop().unwrap();
        (Self { app, alice, document, topic, folder }, plans)
    }
}
