//! The application, tested from outside: real HTTP, real PostgreSQL, real files. One binary, so that it links once; a folder for
//! each feature, `support` for what all tests stand on.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a set-up that fails is a test that fails"
)]

mod support;

mod access_matrix;
mod accounts;
mod admin;
mod ai;
mod architecture;
mod attachments;
mod audit;
mod auth;
mod chaos;
mod dependencies;
mod doctor;
mod documents;
mod events;
mod explain;
mod fuzz;
mod gateway;
mod http;
mod isolation;
mod keys;
mod likeness;
mod logs;
mod mail;
mod me;
mod migrations;
mod notifications;
mod openapi;
mod processing;
mod reconcile;
mod review;
mod roles;
mod saved_searches;
mod search;
mod searchable_copies;
mod store_at_start;
mod stories;
mod topics;
mod uploads;
