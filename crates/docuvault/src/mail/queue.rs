//! Queues a letter in the transaction of what it tells of: it goes out if and only if that commits.

use docuvault_jobs::{EnqueueOptions, enqueue};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Letter, SendMail, store};
use crate::{
    app::AppState,
    crypto::{SealedColumn, seal},
    db::UserTx,
    http::Problem,
};

/// What is sealed: a letter may hold a link that opens the account.
#[derive(Serialize, Deserialize)]
pub(super) struct Envelope {
    pub locale: String,
    pub letter: Letter,
}

/// Queues a letter to `recipient`, in the language of `locale`, as the business of the transaction's user.
pub async fn queue_letter(
    state: &AppState,
    tx: &mut UserTx,
    recipient: &str,
    locale: &str,
    letter: &Letter,
) -> Result<(), Problem> {
    let id = Uuid::now_v7();
    let envelope = Envelope {
        locale: locale.to_owned(),
        letter: letter.clone(),
    };
    let plain = Zeroizing::new(serde_json::to_vec(&envelope).map_err(Problem::internal)?);
    let salt = store::user_salt(tx).await?;
    let sealed = seal::seal(state.keys(), &place(tx.user().0, &salt, id), &plain)
        .map_err(Problem::internal)?;
    store::insert(tx, id, recipient, &sealed, state.now()).await?;
    let options = EnqueueOptions {
        user_id: Some(tx.user().0),
        dedupe_key: Some(id.to_string()),
        ..EnqueueOptions::default()
    };
    enqueue(tx.conn(), &SendMail { mail_id: id }, options)
        .await
        .map_err(Problem::internal)?;
    Ok(())
}

pub(super) fn place(user_id: Uuid, user_salt: &[u8], mail_id: Uuid) -> seal::Place<'_> {
    SealedColumn::MailLetter.place(user_id, user_salt, mail_id, 1)
}
