//! What every test stands on: a real vault on a real database of its own.
//!
//! ```ignore
//! use crate::support::TestApp;
//!
//! #[tokio::test]
//! async fn a_note_can_be_found() {
//!     let app = TestApp::start().await;                          // own database, own folder, real listener on a random port
//!     let alice = app.user("alice").await;                       // the first user is the admin; asked for again, signs in again
//!     let id = alice.upload("note.txt", b"umbrella").await;      // start, PUT, complete
//!     app.run_jobs().await;                                      // the worker, until the queue is empty
//!     let found = alice.get("/api/v1/search?q=umbrella").await.expect(200).json();
//!     assert_eq!(found["items"][0]["document"]["id"], id.to_string());
//! }
//! ```
//!
//! A new file needs its `mod` line in `main.rs`.
//!
//! - **Settings**: `TestApp::with().quota_bytes(100).setting("DOCUVAULT_TRASH_DAYS", "1").start().await`; every name of the
//!   settings page works. `without_reader()` leaves `docuvault-extract` out.
//! - **Clients**: `app.anon()`, `app.user(..)`; `get`, `post`, `patch`, `delete` take a path (or a whole URL, to which no token
//!   is sent), `put` a URL and bytes. Whatever needs other headers: `alice.request(Method::POST, path).header(..)`, then
//!   `.send_it().await`. Each answers a [`Response`]: `status`, `headers`, `expect(status)` (fails with the body), `json()`,
//!   `text()`, `problem_code()`.
//! - **Uploads**: `upload(name, bytes)`, `upload_fixture("invoice-en.pdf")`, or step by step `start_upload(name, size)` →
//!   [`Started`] `{document, upload_id, url}`, `put(&url, bytes)`, `complete(document)`. `document(id)` is its JSON.
//! - **Stores**: a folder, unless `TestApp::with().s3(Kind::Rclone)` asks for a real server, or `.store(store)` brings a [`ScriptedStore`], which
//!   behaves as S3 does, can be told to fail and to lie, and is sent to by its own `put_part(url, ..)` and `put_object(url, ..)`.
//! - **Time**: `app.clock.advance(Duration)` for what goes by the vault's clock (tokens, tickets, sweeps); what the database
//!   stamps itself (`now()`) stays in the present.
//! - **Jobs**: `run_jobs()` skips back-offs, so retries are run too. `start_worker()` works in the background until the end.
//! - **Mail**: `app.mails()`, `app.mail_to(address)`, `app.token_mailed_to(address)`. **Second factor**: `alice.enrol_totp(&app)`.
//! - **More processes**: `app.replica().await` is another one on the same database, with `anon()` and `stop()`.
//! - **Below HTTP**: `app.state`, `app.objects_dir()`, `app.secrets_dir()`, and logins to the test's database: `app.database.superuser().await`,
//!   `.app_role()`, `.migrate_role()`.

mod app;
mod authenticator;
mod client;
mod clock;
mod cluster;
mod database;
mod mails;
mod replica;
mod response;
mod scripted_store;
mod store;
mod uploading;

pub use app::{Builder, SETUP_TOKEN, TestApp};
pub use authenticator::code_of;
pub use client::{Client, SendIt, TestUser, http_client};
pub use clock::TestClock;
pub use database::TestDatabase;
pub use mails::Mailed;
pub use replica::Replica;
pub use response::Response;
pub use scripted_store::{Lie, ScriptedStore};
pub use store::{PART_BYTES, s3_config};
pub use uploading::{Started, fixture};
