//! What a new password must be, and what it ends.

use secrecy::SecretString;

use super::{links::store as link_store, password_rules::check_password, store};
use crate::{db::UserTx, http::Problem};

/// 422 naming `field` unless the password is long enough, known to no list of broken ones, and more than the user's own name.
pub fn check_new_password(
    field: &str,
    password: &SecretString,
    email: &str,
    display_name: &str,
) -> Result<(), Problem> {
    check_password(password, &[email, display_name])
        .map_err(|error| Problem::invalid(field, &error.code, error.detail))
}

/// Links, half-way logins and a change of address that someone with the old password may have set in motion.
pub async fn end_what_the_old_password_began(tx: &mut UserTx) -> Result<(), Problem> {
    link_store::void_links_and_logins(tx).await?;
    store::drop_email_change(tx).await?;
    Ok(())
}
