//! What a new password must be.

use secrecy::SecretString;

use super::password_rules::check_password;
use crate::http::Problem;

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
