//! Creates an account: the user with their key salt, quota and starter topics, in one transaction.

use secrecy::SecretString;

use super::{Role, check_password};
use crate::{
    app::AppState,
    db::{UserId, UserTx, constraint::violated_constraint},
    http::{Problem, problem::FieldError},
    topics,
};

const MAX_EMAIL_CHARS: usize = 254;
const MAX_NAME_CHARS: usize = 200;

/// An account as asked for. [`NewAccount::check`] holds it to the rules.
pub struct NewAccount {
    pub email: String,
    pub password: SecretString,
    pub display_name: String,
    pub role: Role,
    pub locale: String,
    /// The vault's usual quota when left out.
    pub limit_bytes: Option<i64>,
    /// Whether the address is known to be the user's already.
    pub email_verified: bool,
}

impl NewAccount {
    /// All that is wrong with it, at once (422).
    pub fn check(&self) -> Result<(), Problem> {
        let mut faults = profile_faults(&self.email, &self.display_name);
        faults.extend(check_password(&self.password, &[&self.email, &self.display_name]).err());
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Problem::invalid_fields(faults))
        }
    }
}

/// What is wrong with an account apart from its password.
pub fn profile_faults(email: &str, display_name: &str) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if !is_email(email) {
        faults.push(fault(
            "email",
            "invalid_email",
            "This is not an e-mail address.",
        ));
    }
    faults.extend(check_name(display_name.trim()).err());
    faults
}

/// Holds a display name to its rule.
pub(super) fn check_name(name: &str) -> Result<(), FieldError> {
    let chars = name.chars().count();
    if (1..=MAX_NAME_CHARS).contains(&chars) && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(fault(
        "display_name",
        "invalid_length",
        "A name has 1 to 200 characters.",
    ))
}

fn fault(field: &str, code: &str, detail: &str) -> FieldError {
    FieldError {
        field: field.to_owned(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }
}

/// Loosely: what mail could be sent to.
pub fn is_email(email: &str) -> bool {
    let email = email.trim();
    let Some((local, domain)) = email.rsplit_once('@') else {
        return false;
    };
    email.len() <= MAX_EMAIL_CHARS
        && !local.is_empty()
        && !domain.is_empty()
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !email.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// What an e-mail address is looked up by.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Writes the account into `tx`, which must act for its user; without a hash until they choose a password. 409 `email_taken` when the
/// address is in use.
pub async fn create_account(
    state: &AppState,
    tx: &mut UserTx,
    account: &NewAccount,
    password_hash: Option<&str>,
) -> Result<(), Problem> {
    let user: UserId = tx.user();
    let mut salt = [0_u8; 32];
    getrandom::fill(&mut salt)?;
    sqlx::query!(
        "INSERT INTO users (id, email, email_key, display_name, role, locale, password_hash, kdf_salt, email_verified_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        user.0,
        account.email.trim(),
        email_key(&account.email),
        account.display_name.trim(),
        account.role.name(),
        account.locale,
        password_hash,
        &salt[..],
        account.email_verified.then(|| state.now()),
    )
    .execute(tx.conn())
    .await
    .map_err(|error| match violated_constraint(&error) {
        Some("users_email_key_unique") => super::email_taken(),
        _ => error.into(),
    })?;
    sqlx::query!(
        "INSERT INTO quotas (user_id, limit_bytes) VALUES ($1, $2)",
        user.0,
        account
            .limit_bytes
            .unwrap_or(state.config().limits.quota_bytes)
    )
    .execute(tx.conn())
    .await?;
    topics::create_starter_topics(tx, &account.locale).await?;
    crate::audit::record(
        tx,
        crate::audit::Event::new("account.created").with("role", account.role.name()),
    )
    .await?;

    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_loosely_and_compared_without_case() {
        for good in ["a@b", "ann.lee+vault@example.org", "ü@bücher.example"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a b@c.d", "a@b\n.c", "a@.b"] {
            assert!(!is_email(bad), "{bad}");
        }
        assert_eq!(email_key(" Ann@Example.ORG "), "ann@example.org");
    }

    #[test]
    fn all_faults_of_an_account_are_told_at_once() {
        let account = NewAccount {
            email: "x".to_owned(),
            password: "short".into(),
            display_name: " ".to_owned(),
            role: Role::User,
            locale: "en".to_owned(),
            limit_bytes: None,
            email_verified: false,
        };
        let fields: Vec<_> = account
            .check()
            .unwrap_err()
            .fields
            .into_iter()
            .map(|error| error.field)
            .collect();
        assert_eq!(fields, ["email", "display_name", "password"]);
    }
}
