//! Temporary.
#![allow(dead_code, unused_imports)]
#[path = "../it/support/mod.rs"]
mod support;
#[path = "../it/gateway/mod.rs"]
mod gateway;
#[path = "../it/stories/mod.rs"]
mod stories;
#[path = "../it/uploads/mod.rs"]
mod uploads;
#[path = "../it/documents/mod.rs"]
mod documents;
#[path = "../it/search/mod.rs"]
mod search;
#[path = "../it/processing/mod.rs"]
mod processing;
#[path = "../it/chaos/mod.rs"]
mod chaos;
