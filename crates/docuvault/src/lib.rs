//! A self-hosted, privacy-first, multi-user document vault.
