//! Signing in and staying signed in.

mod cookies;
mod login;
mod logout;
mod refresh;
mod setup;
