//! The password of an encrypted document: kept sealed, so that the document can be read again without asking.

mod store;

use secrecy::{ExposeSecret, SecretString};

use crate::{
    app::AppState,
    crypto::{SealedColumn, seal},
    db::{DocumentId, UserId, UserTx},
    http::Problem,
};

/// Bytes that a PDF takes of a password, and some.
const MAX_BYTES: usize = 512;

/// Keeps a password for the next reading. Whether it is the right one shows then.
pub async fn keep_password(
    state: &AppState,
    tx: &mut UserTx,
    id: DocumentId,
    password: &SecretString,
) -> Result<(), Problem> {
    let secret = password.expose_secret();
    // It reaches the reader in its environment, where a zero byte is the end.
    if secret.is_empty() || secret.len() > MAX_BYTES || secret.contains('\0') {
        return Err(Problem::invalid(
            "password",
            "invalid_password",
            "A password has 1 to 512 bytes.",
        ));
    }
    let salt = store::user_salt(tx).await?;
    let place = SealedColumn::DocumentPassword.place(tx.user().0, &salt, id.0, 1);
    let sealed = seal::seal(state.keys(), &place, secret.as_bytes()).map_err(Problem::internal)?;
    store::keep(tx, id, &sealed).await
}

/// The password that was given for a document, if one was.
pub async fn password_of(
    state: &AppState,
    tx: &mut UserTx,
    id: DocumentId,
) -> Result<Option<SecretString>, Problem> {
    let Some(kept) = store::kept(tx, id).await? else {
        return Ok(None);
    };
    let place = SealedColumn::DocumentPassword.place(tx.user().0, &kept.user_salt, id.0, 1);
    let opened =
        seal::open(state.keys(), &place, &kept.password_sealed).map_err(Problem::internal)?;
    let text = std::str::from_utf8(&opened).map_err(Problem::internal)?;
    Ok(Some(SecretString::from(text)))
}

/// Forgets one that did not open the document.
pub async fn forget_password(
    state: &AppState,
    user: UserId,
    id: DocumentId,
) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    store::forget(&mut tx, id).await?;
    Ok(tx.commit().await?)
}
