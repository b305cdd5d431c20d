//! Signing in and staying signed in.

mod cookies;
mod login;
mod logout;
mod password_rules;
mod refresh;
mod setup;
