//! What the database itself knows: no policy and no function opens a user's documents to an administrator.

use crate::support::TestDatabase;

/// Tables of what is in a vault rather than of whose it is.
const CONTENT: [&str; 11] = [
    "documents",
    "document_pages",
    "document_likeness",
    "document_search",
    "document_topics",
    "topics",
    "topic_suggestions",
    "folders",
    "filing_memories",
    "saved_searches",
    "search_words",
];

#[tokio::test]
async fn sec_adm_01_policies_on_what_is_in_a_vault_ask_only_whose_it_is() {
    let database = TestDatabase::create().await;
    let policies: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT tablename::text, policyname::text, coalesce(qual, '') || ' ' || coalesce(with_check, '') FROM pg_policies
          WHERE schemaname = 'public' AND 'docuvault_app' = ANY (roles::text[]) AND tablename = ANY ($1)",
    )
    .bind(&CONTENT.map(str::to_owned)[..])
    .fetch_all(&mut database.superuser().await)
    .await
    .unwrap();
    assert!(policies.len() >= CONTENT.len());
    for (table, policy, condition) in policies {
        let rest = condition.replace("(user_id = current_user_id())", "");
        assert_eq!(rest.trim(), "", "{policy} on {table}: {condition}");
    }
}

#[tokio::test]
async fn sec_adm_01_functions_for_administrators_belong_to_a_role_that_reads_no_content() {
    let database = TestDatabase::create().await;
    let mut superuser = database.superuser().await;
    let readable: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
          WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
            AND has_column_privilege('docuvault_system', c.oid, a.attnum, 'SELECT') ORDER BY 1",
    )
    .bind(&CONTENT.map(str::to_owned)[..])
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    assert_eq!(
        readable,
        [
            "document_likeness.document_id",
            "document_likeness.is_known",
            "document_likeness.user_id",
            "documents.id",
            "documents.object_key",
            "documents.size_bytes",
            "documents.state",
            "documents.storage_problem",
            "documents.thumbnail_at",
            "documents.thumbnail_key",
            "documents.trashed_at",
            "documents.user_id",
            "documents.verified_at"
        ]
    );
    let sealed: Vec<String> = sqlx::query_scalar(
        "SELECT c FROM unnest(ARRAY['totp_secrets.seed_sealed', 'recovery_codes.code_hash', 'mails.letter_sealed', 'document_passwords.password_sealed', 'jobs.payload', 'notifications.data']) c
          WHERE has_column_privilege('docuvault_system', split_part(c, '.', 1), split_part(c, '.', 2), 'SELECT')",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    assert!(sealed.is_empty(), "{sealed:?}");
    let owners: Vec<(String, String)> = sqlx::query_as(
        "SELECT p.proname::text, r.rolname::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
          WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND has_function_privilege('docuvault_app', p.oid, 'EXECUTE')",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    for (function, owner) in owners {
        let expected = if ["search_documents", "search_words_like", "similar_documents"]
            .contains(&function.as_str())
        {
            "docuvault_search"
        } else {
            "docuvault_system"
        };
        assert_eq!(owner, expected, "{function}");
    }
}

#[tokio::test]
async fn every_function_for_administrators_asks_first_who_asks() {
    let database = TestDatabase::create().await;
    let functions: Vec<(String, String)> = sqlx::query_as(
        "SELECT proname::text, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'admin_')",
    )
    .fetch_all(&mut database.superuser().await)
    .await
    .unwrap();
    assert!(functions.len() >= 14, "{}", functions.len());
    for (name, source) in functions {
        let body = source.split_once("BEGIN").unwrap().1;
        let first: String = body
            .split_whitespace()
            .take(3)
            .collect::<Vec<_>>()
            .join(" ");
        let asks = first.starts_with("PERFORM require_acting_admin();")
            || first.starts_with("PERFORM lock_administration();")
                && body.contains("PERFORM require_acting_admin();")
            || first.starts_with("IF NOT begin_administration_of(p_user)")
            || first.starts_with("IF begin_administration_of(p_user) THEN");
        assert!(asks, "{name} begins with {first}");
    }
    let mut app = database.app_role().await;
    for call in [
        "SELECT * FROM admin_users(NULL, NULL, NULL, 1, now())",
        "SELECT admin_set_role(gen_random_uuid(), 'admin', now())",
        "SELECT * FROM admin_audit(NULL, NULL, NULL, 1)",
        "SELECT * FROM admin_storage()",
        "SELECT * FROM admin_last_storage_run()",
        "SELECT * FROM admin_storage_findings(NULL, NULL, 1)",
        // Parts of others, for no one to call.
        "SELECT tell_user(gen_random_uuid(), 'x', NULL, '{}')",
        "SELECT end_sessions_of(gen_random_uuid(), 'disabled', now())",
        "SELECT make_password_link_of(gen_random_uuid(), gen_random_uuid(), sha256('x'), now())",
        "SELECT operator_record('x', '{}')",
        "SELECT begin_administration_of(gen_random_uuid())",
    ] {
        let error = sqlx::query(call).execute(&mut app).await.expect_err(call);
        let code = error
            .as_database_error()
            .unwrap()
            .code()
            .unwrap()
            .into_owned();
        assert_eq!(code, "42501", "{call}: {error}");
    }
}
