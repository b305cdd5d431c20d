//! The web UI, embedded and precompressed.

/// Temporary.
pub fn respond(_path: &str, _accept: Option<&str>, _accept_encoding: Option<&str>, _if_none_match: Option<&str>) -> http::Response<Vec<u8>> {
    http::Response::new(b"web ui".to_vec())
}
