//! The web UI, embedded and precompressed.
