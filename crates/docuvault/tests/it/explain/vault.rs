//! A vault with enough in it for plans to differ.

use std::time::Duration;

use docuvault::app::job_registry;
use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::plans::{Plans, REPORTING};
use crate::support::{TestApp, TestUser};

pub const SORTS: [&str; 8] = [
    "-created_at",
    "created_at",
    "title",
    "-title",
    "-document_date",
    "document_date",
    "-size_bytes",
    "size_bytes",
];

/// One user with documents of every sort, among many who have as many.
pub struct LargeVault {
    pub app: TestApp,
    pub alice: TestUser,
    pub document: Uuid,
    pub topic: Uuid,
    pub folder: Uuid,
}

/// Users other than alice.
const CROWD: usize = 20;

/// `{user}` owns `{topic}` and `{folder}`.
const FILL: &str = "
    WITH made AS (
        INSERT INTO documents (id, user_id, state, title, filename, content_type, size_bytes, object_key, folder_id, document_date, created_at)
        SELECT id, '{user}', CASE n % 50 WHEN 0 THEN 'failed' ELSE 'ready' END, 'Title ' || md5(n::text), n || '.pdf',
               CASE n % 10 WHEN 0 THEN 'image/png' ELSE 'application/pdf' END, n, concat_ws('/', '{user}', id, gen_random_uuid()), CASE n % 20 WHEN 0 THEN '{folder}'::uuid END,
               CASE WHEN n % 3 > 0 THEN date '2020-01-01' + n END, timestamptz '2020-01-01' + n * interval '1 day'
          FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, 500) AS n) AS numbered
        RETURNING id, user_id, size_bytes AS n),
    pages AS (
        INSERT INTO document_pages (document_id, user_id, number, text, source, tsv)
        SELECT id, user_id, 1, text, 'text', to_tsvector('docuvault', text)
          FROM made, LATERAL (SELECT CASE n % 100 WHEN 0 THEN 'the umbrella of everyone ' ELSE 'paper ' END || n) AS page (text)
        RETURNING document_id, user_id, tsv),
    search AS (INSERT INTO document_search (document_id, user_id, window_no, tsv) SELECT document_id, user_id, 0, tsv || array_to_tsvector(ARRAY[search_shelf(user_id, 0)]) FROM pages RETURNING document_id),
    uploads AS (
        INSERT INTO uploads (id, document_id, user_id, state, object_key, declared_bytes, strategy, expires_at)
        SELECT gen_random_uuid(), id, user_id, CASE n % 10 WHEN 0 THEN 'reserved' ELSE 'completed' END, 'key', n, 'single', now() + interval '1 year' FROM made),
    topics AS (INSERT INTO document_topics (document_id, topic_id, user_id, source) SELECT id, '{topic}', user_id, 'user' FROM made WHERE n % 30 = 0)
    SELECT count(*) FROM search";

const MAKE_USER: &str = "
    INSERT INTO users (id, email, email_key, display_name, role, password_hash, kdf_salt)
    VALUES ('{user}', '{name}', '{name}', '{name}', 'user', '', decode(repeat('00', 32), 'hex'));
    INSERT INTO quotas (user_id, limit_bytes) VALUES ('{user}', 1000000);
    INSERT INTO topics (id, user_id, name, color) VALUES ('{topic}', '{user}', 'Umbrellas', 'sky')";

async fn fill(admin: &mut PgConnection, user: Uuid, topic: Uuid, folder: Uuid) {
    sqlx::query("INSERT INTO folders (id, user_id, name) VALUES ($1, $2, 'Papers')")
        .bind(folder)
        .bind(user)
        .execute(&mut *admin)
        .await
        .unwrap();
    let sql = FILL
        .replace("{user}", &user.to_string())
        .replace("{topic}", &topic.to_string())
        .replace("{folder}", &folder.to_string());
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut *admin)
        .await
        .unwrap();
    let words = "INSERT INTO search_words (user_id, word, documents) SELECT $1, CASE n WHEN 1 THEN E'\\x03en' WHEN 2 THEN 'umbrella' WHEN 3 THEN 'paper' WHEN 4 THEN search_shelf($1, 0) ELSE left(md5(n::text), 8) END, CASE n WHEN 3 THEN 100000 ELSE 1 END FROM generate_series(1, 3000) AS n";
    sqlx::query(words)
        .bind(user)
        .execute(&mut *admin)
        .await
        .unwrap();
    let trashed = "UPDATE documents SET trashed_at = now() - random() * interval '29 days' WHERE user_id = $1 AND size_bytes % 40 = 0";
    sqlx::query(trashed)
        .bind(user)
        .execute(&mut *admin)
        .await
        .unwrap();
    let used = "UPDATE quotas SET used_bytes = (SELECT sum(size_bytes) FROM documents d WHERE d.user_id = $1) WHERE user_id = $1";
    sqlx::query(used).bind(user).execute(admin).await.unwrap();
}

async fn compare_on_schedule(app: &TestApp, admin: &mut PgConnection) {
    let stop = CancellationToken::new();
    let working = tokio::spawn(job_registry::worker(&app.state).unwrap().run(stop.clone()));
    let all_ran =
        "SELECT count(DISTINCT name) = 3 AND NOT EXISTS (SELECT FROM jobs) FROM job_schedule";
    while !sqlx::query_scalar::<_, bool>(all_ran)
        .fetch_one(&mut *admin)
        .await
        .unwrap()
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    working.await.unwrap();
}

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
        let alice = app.user("alice").await;
        // What falls due by the clock does so now: most of the documents below have no objects, and a comparison would tell of each.
        compare_on_schedule(&app, &mut admin).await;
        for stranger in 0..CROWD {
            let (user, topic, folder) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
            let sql = MAKE_USER
                .replace("{name}", &format!("stranger {stranger}"))
                .replace("{user}", &user.to_string())
                .replace("{topic}", &topic.to_string());
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut admin)
                .await
                .unwrap();
            fill(&mut admin, user, topic, folder).await;
        }
        let topic = alice
            .post("/api/v1/topics", json!({"name": "Umbrellas"}))
            .await
            .expect(201)
            .id();
        let folder = Uuid::now_v7();
        fill(&mut admin, alice.id.0, topic, folder).await;
        let document = alice.upload("a.txt", b"umbrella").await;
        app.run_jobs().await;
        sqlx::raw_sql("ANALYZE").execute(&mut admin).await.unwrap();
        plans.taken();
        (
            Self {
                app,
                alice,
                document,
                topic,
                folder,
            },
            plans,
        )
    }
}
