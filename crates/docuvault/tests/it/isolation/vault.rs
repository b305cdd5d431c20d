//! Two users with rows in every table, and what a query as the application's role sees and changes of them.

use std::collections::BTreeMap;

use docuvault::db::{SessionId, UserId};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres, Transaction};
use uuid::Uuid;

use crate::support::{TestApp, TestUser};

/// Tables that hold nothing of any user.
pub const TABLES_WITHOUT_USER_DATA: [&str; 4] =
    ["_sqlx_migrations", "invites", "key_checks", "rate_limits"];

/// A table with user data.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    /// The column that says whose a row is; `None` where only the system's own roles may look.
    pub owner_column: Option<String>,
    /// All columns that can be written.
    pub columns: Vec<String>,
}

/// A vault in which two users have rows in every table.
pub struct TwoVaults {
    pub app: TestApp,
    pub alice: TestUser,
    pub bob: TestUser,
    pub tables: Vec<Table>,
}

impl TwoVaults {
    pub async fn fill() -> Self {
        let app = TestApp::start().await;
        let (alice, bob) = (app.user("alice").await, app.user("bob").await);
        let mut admin = app.database.superuser().await;
        for user in [&alice, &bob] {
            fill(&app, user, &mut admin).await;
        }
        app.run_jobs().await;
        for user in [&alice, &bob] {
            // After the worker, which would have run them.
            sqlx::query("INSERT INTO jobs (kind, payload, user_id, max_attempts) VALUES ('learn_filing', '{}', $1, 1)")
                .bind(user.id.0)
                .execute(&mut admin)
                .await
                .unwrap();
            sqlx::query("INSERT INTO storage_findings (id, kind, object_key, user_id, document_id, size_bytes, first_seen_at, last_seen_at)
                         SELECT gen_random_uuid(), 'damaged', object_key, user_id, id, 1, now(), now() FROM documents WHERE user_id = $1 LIMIT 1")
                .bind(user.id.0)
                .execute(&mut admin)
                .await
                .unwrap();
            sqlx::query("INSERT INTO filing_runs (id, user_id, kind, state, total) VALUES (gen_random_uuid(), $1, 'refile', 'finished', 0)")
                .bind(user.id.0)
                .execute(&mut admin)
                .await
                .unwrap();
            sqlx::query("INSERT INTO document_passwords (document_id, user_id, password_sealed)
                         SELECT id, user_id, '\\x01010001' FROM documents WHERE user_id = $1 LIMIT 1")
                .bind(user.id.0)
                .execute(&mut admin)
                .await
                .unwrap();
            sqlx::query("INSERT INTO ai_settings (user_id, provider, model, base_url, auto_classify) VALUES ($1, 'ollama', 'm', 'http://localhost/', true)")
                .bind(user.id.0)
                .execute(&mut admin)
                .await
                .unwrap();
            sqlx::query("INSERT INTO ai_ledger (id, user_id, sent_at, purpose, provider, host, model, sent_bytes) VALUES (gen_random_uuid(), $1, now(), 'test', 'ollama', 'localhost', 'm', 1)")
                .bind(user.id.0)
                .execute(&mut admin)
                .await
                .unwrap();
            sqlx::query("INSERT INTO ai_never_send (id, user_id, document_id) SELECT gen_random_uuid(), user_id, id FROM documents WHERE user_id = $1 LIMIT 1")
                .bind(user.id.0)
                .execute(&mut admin)
                .await
                .unwrap();
            sqlx::query("INSERT INTO mails (id, user_id, recipient, letter_sealed) VALUES (gen_random_uuid(), $1, 'someone@example.org', '\\x01010001')")
                .bind(user.id.0)
                .execute(&mut admin)
                .await
                .unwrap();
        }
        sqlx::query("INSERT INTO storage_runs (id, started_at, finished_at, held_until) VALUES (gen_random_uuid(), now(), now(), now())")
            .execute(&mut admin)
            .await
            .unwrap();
        let tables = tables(&mut admin).await;
        Self {
            app,
            alice,
            bob,
            tables,
        }
    }

    /// A transaction as the application's role, for this user or for none.
    pub async fn begin<'c>(
        &self,
        connection: &'c mut PgConnection,
        user: Option<UserId>,
    ) -> Transaction<'c, Postgres> {
        let mut tx = connection.begin().await.unwrap();
        if let Some(user) = user {
            sqlx::query("SELECT set_config('docuvault.user_id', $1, true)")
                .bind(user.to_string())
                .execute(&mut *tx)
                .await
                .unwrap();
        }
        tx
    }

    /// Every row that names `user`, by table, with the transaction that last wrote it.
    pub async fn rows_of(&self, user: &TestUser) -> BTreeMap<String, Vec<String>> {
        let mut admin = self.app.database.superuser().await;
        let mut rows = BTreeMap::new();
        for table in &self.tables {
            let Some(owner) = &table.owner_column else {
                continue;
            };
            let name = &table.name;
            let sql = format!(
                "SELECT t.xmin::text || ' ' || to_jsonb(t)::text FROM {name} t WHERE t.{owner} = $1 ORDER BY 1"
            );
            rows.insert(
                name.clone(),
                sqlx::query_scalar(AssertSqlSafe(sql))
                    .bind(user.id.0)
                    .fetch_all(&mut admin)
                    .await
                    .unwrap(),
            );
        }
        rows
    }
}

/// All tables but those of the migrations themselves, as the database knows them.
async fn tables(admin: &mut PgConnection) -> Vec<Table> {
    let columns: Vec<(String, Vec<String>)> = sqlx::query_as(
        "SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
          WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            AND NOT c.relname::text = ANY ($1)
          GROUP BY c.relname ORDER BY c.relname",
    )
    .bind(&TABLES_WITHOUT_USER_DATA.map(str::to_owned)[..])
    .fetch_all(admin)
    .await
    .unwrap();
    let owner_of = |name: &str, columns: &[String]| {
        let candidates: &[&str] = if name == "users" {
            &["id"]
        } else {
            &["owner_id", "user_id"]
        };
        candidates
            .iter()
            .find(|&&candidate| columns.iter().any(|column| column == candidate))
            .map(|&column| column.to_owned())
    };
    columns
        .into_iter()
        .map(|(name, columns)| Table {
            owner_column: owner_of(&name, &columns),
            name,
            columns,
        })
        .collect()
}

/// Uses the vault as a user does, then writes by hand what has no route yet.
async fn fill(app: &TestApp, user: &TestUser, admin: &mut PgConnection) {
    let topic: Uuid = user
        .post("/api/v1/topics", json!({"name": "Secrets"}))
        .await
        .expect(201)
        .id();
    let other: Uuid = user
        .post("/api/v1/topics", json!({"name": "More secrets"}))
        .await
        .expect(201)
        .id();
    let document = user
        .upload("secret.txt", format!("the umbrella of {}", user.email))
        .await;
    app.run_jobs().await;
    let topics = |topics: &[Uuid]| json!({"topic_ids": topics});
    user.patch(
        &format!("/api/v1/documents/{document}"),
        topics(&[topic, other]),
    )
    .await
    .expect(200);
    user.patch(&format!("/api/v1/documents/{document}"), topics(&[topic]))
        .await
        .expect(200);
    user.put_json(
        "/api/v1/me/filing",
        json!({"apply_threshold": 0.8, "suggest_threshold": 0.4}),
    )
    .await
    .expect(200);
    user.start_upload("waiting.txt", 5).await;
    let keyed = user
        .request(reqwest::Method::POST, "/api/v1/topics")
        .header("idempotency-key", "k")
        .json(&json!({"name": "Keyed"}));
    crate::support::SendIt::send_it(keyed).await.expect(201);

    let (folder, group) = (Uuid::now_v7(), Uuid::now_v7());
    sqlx::query("INSERT INTO folders (id, user_id, name) VALUES ($1, $2, 'Papers')")
        .bind(folder)
        .bind(user.id.0)
        .execute(&mut *admin)
        .await
        .unwrap();
    sqlx::query("INSERT INTO groups (id, owner_id, name) VALUES ($1, $2, 'Family')")
        .bind(group)
        .bind(user.id.0)
        .execute(&mut *admin)
        .await
        .unwrap();
    sqlx::query("INSERT INTO group_members (group_id, user_id, owner_id) VALUES ($1, $2, $2)")
        .bind(group)
        .bind(user.id.0)
        .execute(&mut *admin)
        .await
        .unwrap();
    fill_account(user, admin).await;
    let slot = "INSERT INTO job_schedule (name, slot) VALUES ($1, now())";
    sqlx::query(slot)
        .bind(SessionId::new().to_string())
        .execute(admin)
        .await
        .unwrap();
}

/// What belongs to the account itself. What is sealed names master key 1. Hashes are of random ids, so that no two are alike.
async fn fill_account(user: &TestUser, admin: &mut PgConnection) {
    for sql in [
        "INSERT INTO totp_secrets (user_id, seed_sealed) VALUES ($1, '\\x01010001')",
        "INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, sha256(gen_random_uuid()::text::bytea))",
        "INSERT INTO pending_logins (id, user_id, token_hash, expires_at) VALUES (gen_random_uuid(), $1, sha256(gen_random_uuid()::text::bytea), now())",
        "INSERT INTO api_tokens (id, user_id, name, prefix, token_hash, can_write)
         VALUES (gen_random_uuid(), $1, 'script', 'dvp1_x', sha256(gen_random_uuid()::text::bytea), false)",
        "INSERT INTO account_links (id, user_id, purpose, token_hash, expires_at)
         VALUES (gen_random_uuid(), $1, 'verify_email', sha256(gen_random_uuid()::text::bytea), now())",
        "INSERT INTO email_changes (user_id, new_email, expires_at) VALUES ($1, 'new@example.org', now())",
        "INSERT INTO saved_searches (id, user_id, name, query) VALUES (gen_random_uuid(), $1, 'Bills', 'q=bill')",
        "INSERT INTO search_words (user_id, word, documents) VALUES ($1, 'bill', 1)",
        "INSERT INTO search_word_changes (user_id, added, removed) VALUES ($1, '{bill}', '{}')",
        "INSERT INTO notifications (id, user_id, kind) VALUES (gen_random_uuid(), $1, 'security.new_sign_in')",
        "INSERT INTO notification_preferences (user_id, kind, in_app, mail) VALUES ($1, 'security.new_sign_in', true, true)",
        "INSERT INTO mails (id, user_id, recipient, letter_sealed) VALUES (gen_random_uuid(), $1, 'a@example.org', '\\x01010001')",
        "INSERT INTO invites (id, token_hash, role, created_by, expires_at) VALUES (gen_random_uuid(), sha256(gen_random_uuid()::text::bytea), 'user', $1, now())",
    ] {
        sqlx::query(sql)
            .bind(user.id.0)
            .execute(&mut *admin)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// Everything a role sees of a table, as JSON. `None`: it may not look at all.
pub async fn visible(tx: &mut Transaction<'_, Postgres>, table: &str) -> Option<Vec<Value>> {
    let mut savepoint = tx.begin().await.unwrap();
    let sql = AssertSqlSafe(format!("SELECT to_jsonb(t) FROM {table} t"));
    match sqlx::query_scalar(sql).fetch_all(&mut *savepoint).await {
        Ok(rows) => Some(rows),
        Err(error) => {
            assert_eq!(code(&error), "42501", "{table}: {error}");
            None
        }
    }
}

/// The SQLSTATE of a refusal.
pub fn code(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .unwrap_or_default()
        .into_owned()
}
