//! Before serving: the login must not be able to look past row-level security, and every table must have it.

use super::Database;

/// Tables that hold nothing of any user.
const TABLES_WITHOUT_USER_DATA: [&str; 1] = ["_sqlx_migrations"];

/// What is wrong, in words for whoever runs the server. Empty: safe to serve.
pub async fn isolation_findings(database: &Database) -> Result<Vec<String>, sqlx::Error> {
    let mut findings = Vec::new();
    let role = sqlx::query!(
        r#"SELECT r.rolname AS "name!", r.rolsuper AS "superuser!", r.rolbypassrls AS "bypasses!",
                  EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relnamespace = 'public'::regnamespace) AS "owns!",
                  EXISTS (SELECT FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner
                           WHERE c.relnamespace = 'public'::regnamespace AND o.oid <> r.oid AND pg_has_role(r.oid, o.oid, 'MEMBER')) AS "member_of_owner!",
                  EXISTS (SELECT FROM pg_roles s WHERE s.rolname IN ('docuvault_search', 'docuvault_system', 'docuvault_backup')
                             AND pg_has_role(r.oid, s.oid, 'MEMBER')) AS "member_of_definer!",
                  has_schema_privilege(r.oid, 'public', 'CREATE') AS "creates!"
             FROM pg_roles r WHERE r.rolname = current_user"#
    )
    .fetch_one(database.anonymous())
    .await?;
    let refusals = [
        (role.superuser, "is a superuser"),
        (role.bypasses, "has BYPASSRLS"),
        (role.owns, "owns tables"),
        (
            role.member_of_owner,
            "is a member of the role that owns the tables",
        ),
        (
            role.member_of_definer,
            "is a member of a role that sees every row",
        ),
        (role.creates, "may create objects in the schema"),
    ];
    findings.extend(refusals.iter().filter(|(found, _)| *found).map(|(_, what)| {
        format!("the login role {:?} {what}, so row-level security would not hold; give DATABASE_URL the role docuvault_app", role.name)
    }));

    let open_tables = sqlx::query_scalar!(
        r#"SELECT c.relname::text AS "name!" FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT (c.relname::text = ANY ($1))
              AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
            ORDER BY 1"#,
        &TABLES_WITHOUT_USER_DATA.map(str::to_owned)[..],
    )
    .fetch_all(database.anonymous())
    .await?;
    findings.extend(
        open_tables
            .iter()
            .map(|table| format!("table {table} lacks forced row-level security or a policy")),
    );
    Ok(findings)
}
