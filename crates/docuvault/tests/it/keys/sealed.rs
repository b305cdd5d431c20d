//! Things to be sealed: letters and seeds of users, and a look at what became of them.

use docuvault::{
    crypto::{Keys, SealedColumn, seal},
    keys::key_status,
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::support::{TestApp, TestUser};

async fn salt_of(connection: &mut PgConnection, user: Uuid) -> Vec<u8> {
    sqlx::query_scalar("SELECT kdf_salt FROM users WHERE id = $1")
        .bind(user)
        .fetch_one(connection)
        .await
        .unwrap()
}

/// Letters that wait, each with its number for a text.
pub async fn letters(app: &TestApp, user: &TestUser, many: usize) -> Vec<Uuid> {
    let (mut connection, mut ids) = (app.database.superuser().await, Vec::new());
    for number in 0..many {
        let made = add_letter(&mut connection, app.state.keys(), user, number).await;
        ids.push(made.unwrap());
    }
    ids
}

/// A letter as a process with these keys would seal it.
pub async fn letter_with(
    app: &TestApp,
    keys: &Keys,
    user: &TestUser,
    number: usize,
) -> Result<Uuid, sqlx::Error> {
    add_letter(&mut app.database.superuser().await, keys, user, number).await
}

async fn add_letter(
    connection: &mut PgConnection,
    keys: &Keys,
    user: &TestUser,
    number: usize,
) -> Result<Uuid, sqlx::Error> {
    let (id, salt) = (Uuid::now_v7(), salt_of(connection, user.id.0).await);
    let place = SealedColumn::MailLetter.place(user.id.0, &salt, id, 1);
    let sealed = seal::seal(keys, &place, number.to_string().as_bytes()).unwrap();
    sqlx::query(
        "INSERT INTO mails (id, user_id, recipient, letter_sealed) VALUES ($1, $2, 'x', $3)",
    )
    .bind(id)
    .bind(user.id)
    .bind(sealed)
    .execute(connection)
    .await?;
    Ok(id)
}

/// A second factor's seed for the user.
pub async fn seed(app: &TestApp, user: &TestUser) {
    let mut connection = app.database.superuser().await;
    let salt = salt_of(&mut connection, user.id.0).await;
    let place = SealedColumn::TotpSeed.place(user.id.0, &salt, user.id.0, 1);
    let sealed = seal::seal(app.state.keys(), &place, b"seed").unwrap();
    sqlx::query("INSERT INTO totp_secrets (user_id, seed_sealed) VALUES ($1, $2)")
        .bind(user.id)
        .bind(sealed)
        .execute(&mut connection)
        .await
        .unwrap();
}

/// What the letters say, opened by the running vault's keys.
pub async fn read_letters(app: &TestApp, user: &TestUser, ids: &[Uuid]) -> Vec<String> {
    let (mut connection, mut texts) = (app.database.superuser().await, Vec::new());
    let salt = salt_of(&mut connection, user.id.0).await;
    for id in ids {
        let sealed: Vec<u8> = sqlx::query_scalar("SELECT letter_sealed FROM mails WHERE id = $1")
            .bind(id)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let place = SealedColumn::MailLetter.place(user.id.0, &salt, *id, 1);
        let text = seal::open(app.state.keys(), &place, &sealed).unwrap();
        texts.push(String::from_utf8(text.to_vec()).unwrap());
    }
    texts
}

/// Keys with something sealed.
pub async fn keys_in_use(app: &TestApp) -> Vec<u16> {
    let uses = key_status(app.state.db(), app.state.keys()).await.unwrap();
    uses.iter()
        .filter(|key| key.rows() > 0)
        .map(|key| key.id)
        .collect()
}

/// The keys as another process has them: its own reading of the same files.
pub fn other_process(app: &TestApp) -> Keys {
    Keys::open(&app.secrets_dir(), None).unwrap()
}

/// The ids in the master key file.
pub fn ids_in_file(app: &TestApp) -> Vec<u16> {
    other_process(app).master().ids()
}
