//! What a request accepts: encodings of the body, and whether a page will do.

/// How a body is encoded on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Plain,
    Gzip,
    Brotli,
}

impl Encoding {
    /// As `Content-Encoding` says it; none for plain bytes.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// What the encoded copy's file name ends with.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gzip => ".gz",
            Self::Brotli => ".br",
        }
    }
}

/// Whether `Accept-Encoding` allows this encoding. A weight of 0 forbids it; `*` stands for all that are not named.
pub fn accepts(accept_encoding: Option<&str>, encoding: Encoding) -> bool {
    let (Some(header), Some(name)) = (accept_encoding, encoding.name()) else {
        return encoding == Encoding::Plain;
    };
    let weight_of = |wanted: &str| {
        weights(header)
            .find(|(coding, _)| coding.eq_ignore_ascii_case(wanted))
            .map(|(_, weight)| weight)
    };
    weight_of(name)
        .or_else(|| weight_of("*"))
        .is_some_and(|weight| weight > 0.0)
}

/// Whether the request is a navigation, that is, asks for HTML by name. `*/*`, as scripts and images send it, does not count.
pub fn wants_page(accept: Option<&str>) -> bool {
    accept.is_some_and(|header| {
        weights(header)
            .any(|(media, weight)| media.eq_ignore_ascii_case("text/html") && weight > 0.0)
    })
}

/// The items of a weighted list with their `q`, 1 when it is not said or not readable.
fn weights(header: &str) -> impl Iterator<Item = (&str, f32)> {
    header.split(',').map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .and_then(|weight| weight.parse().ok())
            .unwrap_or(1.0);
        (name, weight)
    })
}
