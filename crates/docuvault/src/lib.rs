//! DocuVault: a self-hosted, privacy-first, multi-user document vault.
//!
//! This list is the table of contents. A request goes router → handler → use case → store; each feature is a folder with one
//! file for each thing a user can do, its SQL in `store.rs`.

/// The user's own AI: a provider they chose, what is never sent to it, and a ledger of what was.
pub mod ai;
/// Assembly: state, router, OpenAPI document, job registry.
pub mod app;
/// The command line: `serve`, the roles apart, `migrate`, `openapi`.
pub mod cli;
/// What can be set, and how.
pub mod config;

/// The first account, and one's own profile.
pub mod accounts;
/// What an administrator sees and changes of others' accounts: never a document.
pub mod admin;
/// What is attached to messages, kept as documents.
pub mod attachments;
/// The append-only trail of what happened.
pub mod audit;
/// Signing in and staying signed in.
pub mod auth;
/// Looks at everything a vault needs, and says what to do.
pub mod doctor;
/// Documents: list, show, change, trash, restore, erase, download.
pub mod documents;
/// What changed, told to open pages as it happens.
pub mod events;
/// Reading or filing all of one's documents again.
pub mod filing_runs;
/// How sure filing must be, and the languages of scans.
pub mod filing_settings;
/// Streams bytes for stores that cannot sign URLs.
pub mod gateway;
/// The vault's own keys: checked, followed, changed.
pub mod keys;
/// Documents that are alike.
pub mod likeness;
/// Letters: written, queued, sent.
pub mod mail;
/// What a user should know of.
pub mod notifications;
/// Reads new documents and files them.
pub mod processing;
/// How much a user may store.
pub mod quotas;
/// Is everything there? Store and tables compared, and the bytes read again.
pub mod reconcile;
/// What filing proposes, and what the user says to it.
pub mod review;
/// Searches with a name, to come back to.
pub mod saved_searches;
/// Finds documents by their words.
pub mod search;
pub mod searchable_copies;
/// Where bytes live, and the URLs that lead there.
pub mod storage_backends;
/// A user's own topics.
pub mod topics;
/// Reserve, send, complete; and the sweep of what stopped halfway.
pub mod uploads;

/// Keys, sealing, passwords, tokens.
pub mod crypto;
/// The only way to the database.
pub mod db;
/// What every route shares.
pub mod http;
