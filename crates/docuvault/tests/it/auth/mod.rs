//! Signing in and staying signed in.

mod api_tokens;
mod cookies;
mod dump;
mod limits;
mod login;
mod logout;
mod password_rules;
mod refresh;
mod sessions;
mod setup;
mod totp;
mod under_way;
