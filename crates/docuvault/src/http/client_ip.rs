//! The address a request came from: the peer's, or what a trusted proxy says of it.
//!
//! Only `X-Forwarded-For` is read, never `Forwarded` or `X-Real-IP`: one header that the proxy is known to write, so that no other can
//! contradict it. From a peer that is not trusted it counts for nothing.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{HeaderMap, request::Parts};

/// A chain of proxies is short; what goes on for longer is nonsense.
const MOST_HOPS: usize = 32;
static FORWARDED_FOR: http::HeaderName = http::HeaderName::from_static("x-forwarded-for");

/// Whom the vault answers, for sessions, limits and the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientIp(pub Option<IpAddr>);

impl ClientIp {
    /// The client of a request: its peer, unless that is a trusted proxy.
    pub fn of(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &TrustedProxies) -> Self {
        Self(peer.map(|peer| trusted.client_of(peer.ip(), headers)))
    }

    pub fn text(&self) -> Option<String> {
        self.0.map(|ip| ip.to_canonical().to_string())
    }

    /// What limits are counted by: an IPv4 address, or the /64 that one household or host has of IPv6.
    pub fn network(&self) -> Option<String> {
        self.0.map(|ip| match network_of(ip) {
            IpAddr::V4(ip) => format!("{ip}/32"),
            IpAddr::V6(ip) => format!("{ip}/64"),
        })
    }
}

/// An IPv4 address as it is, an IPv6 address without its lower half.
pub(super) fn network_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
        ip @ IpAddr::V4(_) => ip,
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientIp {
    type Rejection = std::convert::Infallible;

    /// As the outermost layer found it; without that layer, the peer.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let found = parts.extensions.get::<Self>().copied();
        Ok(found.unwrap_or_else(|| Self(peer_of(&parts.extensions).map(|peer| peer.ip()))))
    }
}

pub(super) fn peer_of(extensions: &http::Extensions) -> Option<SocketAddr> {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0)
}

/// The proxies whose `X-Forwarded-For` is believed: addresses and networks. None unless configured.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    pub fn contains(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.iter().any(|network| network.contains(ip))
    }

    /// From the right, each hop was written by the one before it; the first that is no proxy of ours is the client. What stands
    /// further to the left is its own word, and so is everything beyond what cannot be read.
    fn client_of(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all(&FORWARDED_FOR).into_iter().rev();
        let hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        for hop in hops.take(MOST_HOPS) {
            if !self.contains(client) {
                break;
            }
            let Some(before) = read_hop(hop) else { break };
            client = before;
        }
        client
    }
}

/// `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:443`.
fn read_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    let ip = bare
        .parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|addr| addr.ip()));
    ip.ok().map(|ip| ip.to_canonical())
}

#[derive(Debug, Clone, Copy)]
struct Network {
    ip: IpAddr,
    prefix_bits: u32,
}

impl Network {
    fn contains(&self, ip: IpAddr) -> bool {
        match (self.ip, ip) {
            (IpAddr::V4(own), IpAddr::V4(ip)) => {
                let mask = u32::MAX.checked_shl(32 - self.prefix_bits).unwrap_or(0);
                (own.to_bits() ^ ip.to_bits()) & mask == 0
            }
            (IpAddr::V6(own), IpAddr::V6(ip)) => {
                let mask = u128::MAX.checked_shl(128 - self.prefix_bits).unwrap_or(0);
                (own.to_bits() ^ ip.to_bits()) & mask == 0
            }
            _ => false,
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0:?} is neither an address nor a network such as 10.0.0.0/8")]
pub struct BadNetwork(String);

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let bad = || BadNetwork(text.to_owned());
        let (ip, prefix) = match text.split_once('/') {
            Some((ip, prefix)) => (ip, Some(prefix.parse::<u32>().map_err(|_| bad())?)),
            None => (text, None),
        };
        let written: IpAddr = ip.parse().map_err(|_| bad())?;
        let ip = written.to_canonical();
        let bits = |ip: IpAddr| if ip.is_ipv4() { 32 } else { 128 };
        // Of an IPv4 network that was written as IPv6, the first 96 bits say only that.
        let prefix_bits = match prefix {
            Some(prefix) if prefix <= bits(written) => prefix
                .checked_sub(bits(written) - bits(ip))
                .ok_or_else(bad)?,
            Some(_) => return Err(bad()),
            None => bits(ip),
        };
        Ok(Self { ip, prefix_bits })
    }
}

impl FromStr for TrustedProxies {
    type Err = BadNetwork;

    /// Separated by commas.
    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        parts.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The client that is found for a peer, the header lines it sends, and the proxies that are trusted.
    fn client(peer: &str, lines: &[&'static str], trusted: &str) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(&FORWARDED_FOR, http::HeaderValue::from_static(line));
        }
        // Never read.
        headers.insert("forwarded", http::HeaderValue::from_static("for=6.6.6.6"));
        headers.insert("x-real-ip", http::HeaderValue::from_static("6.6.6.6"));
        let peer = SocketAddr::new(peer.parse().unwrap(), 50_000);
        ClientIp::of(Some(peer), &headers, &trusted.parse().unwrap())
            .text()
            .unwrap()
    }

    #[test]
    fn sec_aut_03_a_forged_forwarding_header_moves_nobody() {
        let proxies = "10.0.0.0/8, 127.0.0.1, fd00::/8";
        let cases: [(&str, &[&'static str], &str, &str); 19] = [
            // From whom it does not count.
            ("203.0.113.5", &["1.1.1.1"], "", "203.0.113.5"),
            ("203.0.113.5", &["1.1.1.1"], proxies, "203.0.113.5"),
            ("127.0.0.1", &["1.1.1.1"], "", "127.0.0.1"),
            ("2001:db8::5", &["1.1.1.1"], proxies, "2001:db8::5"),
            // From whom it does.
            ("127.0.0.1", &["1.1.1.1"], proxies, "1.1.1.1"),
            ("::ffff:127.0.0.1", &["1.1.1.1"], proxies, "1.1.1.1"),
            ("fd00::1", &["2001:db8::9"], proxies, "2001:db8::9"),
            ("10.1.2.3", &[], proxies, "10.1.2.3"),
            // Only as far as proxies of ours wrote it.
            ("127.0.0.1", &["6.6.6.6, 1.1.1.1"], proxies, "1.1.1.1"),
            ("127.0.0.1", &["6.6.6.6", "1.1.1.1"], proxies, "1.1.1.1"),
            (
                "127.0.0.1",
                &["6.6.6.6, 1.1.1.1, 10.0.0.2"],
                proxies,
                "1.1.1.1",
            ),
            (
                "127.0.0.1",
                &["6.6.6.6,1.1.1.1", "10.0.0.2"],
                proxies,
                "1.1.1.1",
            ),
            ("127.0.0.1", &["10.0.0.9, 10.0.0.2"], proxies, "10.0.0.9"),
            // However it is written.
            ("127.0.0.1", &["1.1.1.1:4711"], proxies, "1.1.1.1"),
            ("127.0.0.1", &["[2001:db8::9]:4711"], proxies, "2001:db8::9"),
            ("127.0.0.1", &["::ffff:1.1.1.1"], proxies, "1.1.1.1"),
            // What cannot be read ends the walk: all beyond it is hearsay.
            ("127.0.0.1", &["unknown"], proxies, "127.0.0.1"),
            (
                "127.0.0.1",
                &["6.6.6.6, junk, 10.0.0.2"],
                proxies,
                "10.0.0.2",
            ),
            ("127.0.0.1", &["6.6.6.6,"], proxies, "127.0.0.1"),
        ];
        for (peer, lines, trusted, wanted) in cases {
            assert_eq!(
                client(peer, lines, trusted),
                wanted,
                "{peer} {lines:?} behind {trusted:?}"
            );
        }
    }

    #[test]
    fn sec_aut_03_limits_count_a_whole_ipv6_network_as_one() {
        let network = |ip: &str| ClientIp(Some(ip.parse().unwrap())).network().unwrap();
        assert_eq!(network("192.0.2.7"), "192.0.2.7/32");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7/32");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(ClientIp(None).network(), None);
    }

    #[test]
    fn a_list_of_proxies_is_understood_or_refused() {
        let trusts = |list: &str, ip: &str| {
            list.parse::<TrustedProxies>()
                .unwrap()
                .contains(ip.parse().unwrap())
        };
        assert!(trusts("10.0.0.0/8", "10.255.0.1") && !trusts("10.0.0.0/8", "11.0.0.1"));
        assert!(trusts("0.0.0.0/0", "11.0.0.1") && !trusts("0.0.0.0/0", "::1"));
        assert!(trusts("::/0", "::1") && !trusts("192.0.2.1", "192.0.2.2"));
        assert!(trusts("::ffff:10.0.0.0/104", "10.9.9.9") && trusts("10.0.0.1", "::ffff:10.0.0.1"));
        for bad in [
            "x",
            "10.0.0.0/33",
            "10.0.0.0/x",
            "::/129",
            "::ffff:10.0.0.0/8",
            "10.0.0.0/8/8",
            "a.example",
        ] {
            assert!(bad.parse::<TrustedProxies>().is_err(), "{bad}");
        }
    }
}
