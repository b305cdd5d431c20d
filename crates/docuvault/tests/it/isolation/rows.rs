//! Queries that forget their predicate, as the application's own role.

use serde_json::Value;
use sqlx::AssertSqlSafe;

use super::vault::{Table, TwoVaults, code, visible};

#[tokio::test]
async fn every_table_has_rows_to_be_kept_apart() {
    let vaults = TwoVaults::fill().await;
    let rows = vaults.rows_of(&vaults.alice).await;
    let empty: Vec<_> = rows
        .iter()
        .filter(|(_, rows)| rows.is_empty())
        .map(|(table, _)| table)
        .collect();
    assert!(
        empty.is_empty(),
        "fill these in isolation/vault.rs: {empty:?}"
    );
    let ownerless: Vec<_> = vaults
        .tables
        .iter()
        .filter(|table| table.owner_column.is_none())
        .map(|table| table.name.as_str())
        .collect();
    assert_eq!(
        ownerless,
        ["job_schedule", "storage_runs"],
        "a table without an owner column needs a good reason"
    );
}

#[tokio::test]
async fn sec_db_02_a_select_without_a_predicate_sees_only_ones_own() {
    let vaults = TwoVaults::fill().await;
    let mut connection = vaults.app.database.app_role().await;
    let (alice, bob) = (vaults.alice.id.to_string(), vaults.bob.id.to_string());
    for (user, own) in [(Some(vaults.bob.id), bob.as_str()), (None, "nobody")] {
        let mut tx = vaults.begin(&mut connection, user).await;
        for table in &vaults.tables {
            let Some(rows) = visible(&mut tx, &table.name).await else {
                assert_eq!(
                    table.name, "audit_heads",
                    "the application cannot read its own table"
                );
                continue;
            };
            for row in &rows {
                let text = row.to_string();
                assert!(
                    !text.contains(&alice) && text.contains(own),
                    "{user:?} sees in {}: {text}",
                    table.name
                );
            }
            let shows_own = user.is_some() && table.owner_column.is_some();
            assert_eq!(
                !rows.is_empty(),
                shows_own,
                "{user:?} sees {} rows of {}",
                rows.len(),
                table.name
            );
        }
    }
}

#[tokio::test]
async fn sec_db_02_an_update_or_delete_without_a_predicate_changes_only_ones_own() {
    let vaults = TwoVaults::fill().await;
    let before = vaults.rows_of(&vaults.alice).await;
    let mut connection = vaults.app.database.app_role().await;
    for user in [Some(vaults.bob.id), None] {
        for table in &vaults.tables {
            let name = &table.name;
            let column = table.owner_column.as_ref().unwrap_or(&table.columns[0]);
            for sql in [
                format!("UPDATE {name} SET {column} = {column}"),
                format!("DELETE FROM {name}"),
            ] {
                let mut tx = vaults.begin(&mut connection, user).await;
                match sqlx::query(AssertSqlSafe(sql.clone()))
                    .execute(&mut *tx)
                    .await
                {
                    Ok(done) if user.is_none() => {
                        assert_eq!(done.rows_affected(), 0, "{sql} for no user");
                    }
                    Ok(_) => tx.commit().await.unwrap(),
                    Err(error) => assert_eq!(code(&error), "42501", "{sql}: {error}"),
                }
            }
        }
    }
    assert_eq!(vaults.rows_of(&vaults.alice).await, before);
    let left = vaults.rows_of(&vaults.bob).await;
    assert!(
        left["documents"].is_empty() && left["users"].is_empty(),
        "the deletes did take bob's own rows"
    );
}

#[tokio::test]
async fn sec_db_04_no_row_can_be_handed_to_another() {
    let vaults = TwoVaults::fill().await;
    let before = vaults.rows_of(&vaults.alice).await;
    let mut connection = vaults.app.database.app_role().await;
    for table in &vaults.tables {
        let Some(owner) = &table.owner_column else {
            continue;
        };
        for sql in [
            format!("UPDATE {} SET {owner} = $1", table.name),
            insert_for_another(table, owner),
        ] {
            let mut tx = vaults.begin(&mut connection, Some(vaults.bob.id)).await;
            match sqlx::query(AssertSqlSafe(sql.clone()))
                .bind(vaults.alice.id.0)
                .execute(&mut *tx)
                .await
            {
                // Members are added and removed, never changed: no policy for UPDATE, so no row either.
                Ok(done) => assert!(
                    table.name == "group_members"
                        && sql.starts_with("UPDATE")
                        && done.rows_affected() == 0,
                    "{sql}"
                ),
                Err(error) => assert_eq!(code(&error), "42501", "{sql}: {error}"),
            }
        }
    }
    assert_eq!(vaults.rows_of(&vaults.alice).await, before);
}

/// A copy of one of bob's rows, said to be of user `$1`.
fn insert_for_another(table: &Table, owner: &str) -> String {
    let (name, columns) = (&table.name, table.columns.join(", "));
    let values = table
        .columns
        .iter()
        .map(|column| {
            if column == owner {
                "$1".to_owned()
            } else {
                format!("t.{column}")
            }
        })
        .collect::<Vec<_>>()
        .join(", ");
    format!(
        "INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {name} t LIMIT 1"
    )
}

#[tokio::test]
async fn sec_db_05_the_search_function_finds_only_for_the_user_it_is_called_for() {
    let vaults = TwoVaults::fill().await;
    let sql = "SELECT to_jsonb(d) FROM search_documents(to_tsquery('docuvault', 'umbrella'), NULL, NULL, $1, 1000, '{}') h
                 LEFT JOIN documents d ON d.id = h.document_id";
    let mut connection = vaults.app.database.app_role().await;
    for (user, hits) in [
        (Some(vaults.alice.id), 1),
        (Some(vaults.bob.id), 1),
        (None, 0),
    ] {
        for newest_only in [false, true] {
            let mut tx = vaults.begin(&mut connection, user).await;
            let found: Vec<Value> = sqlx::query_scalar(sql)
                .bind(newest_only)
                .fetch_all(&mut *tx)
                .await
                .unwrap();
            assert_eq!(found.len(), hits, "{user:?}: {found:?}");
            for document in found {
                assert_eq!(document["user_id"], user.unwrap().to_string());
            }
        }
    }
}

#[tokio::test]
async fn sec_db_01_the_owner_of_the_schema_sees_no_rows() {
    let vaults = TwoVaults::fill().await;
    let mut connection = vaults.app.database.migrate_role().await;
    for user in [None, Some(vaults.alice.id)] {
        let mut tx = vaults.begin(&mut connection, user).await;
        for table in &vaults.tables {
            let rows = visible(&mut tx, &table.name).await.unwrap_or_default();
            assert!(
                rows.is_empty(),
                "docuvault_migrate sees in {}: {rows:?}",
                table.name
            );
        }
    }
}
