//! Where a provider may be: any public host by https, and what whoever runs the vault has allowed by name. Users name these addresses,
//! so nothing else of the vault's own network is ever asked (SEC-NET-01 to SEC-NET-05).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::config::AllowedHosts;

const MAX_ADDRESS_CHARS: usize = 500;

/// What is wrong with an address that a user named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressFault {
    /// It is none, or has more in it than a host and a path.
    Malformed,
    /// It is inside, or not reached by https, and nobody has allowed it.
    NotAllowed,
}

/// The base address of a provider, and which addresses its name may stand for.
#[derive(Debug, Clone)]
pub struct BaseAddress {
    /// With a slash at its end.
    pub url: Url,
    is_allowed_by_name: bool,
}

impl BaseAddress {
    /// Checks what can be checked without asking anyone; what the name stands for is checked at every connection.
    pub fn parse(text: &str, allowed: &AllowedHosts) -> Result<Self, AddressFault> {
        let text = text.trim();
        let mut url = Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .filter(|_| text.chars().count() <= MAX_ADDRESS_CHARS)
            .ok_or(AddressFault::Malformed)?;
        let has_more = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some();
        if has_more {
            return Err(AddressFault::Malformed);
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        let is_allowed_by_name = allowed.allow(&url);
        let is_usual = url.scheme() == "https" && url.port_or_known_default() == Some(443);
        if !is_allowed_by_name && !is_usual {
            return Err(AddressFault::NotAllowed);
        }
        let address = Self {
            url,
            is_allowed_by_name,
        };
        // A numeric host is not looked up by the client, so it is looked at here.
        let may_be_asked = match address.url.host() {
            Some(Host::Ipv4(ip)) => address.rule().permits(ip.into()),
            Some(Host::Ipv6(ip)) => address.rule().permits(ip.into()),
            Some(Host::Domain(name)) => is_allowed_by_name || !is_inside_name(name),
            None => false,
        };
        if may_be_asked {
            Ok(address)
        } else {
            Err(AddressFault::NotAllowed)
        }
    }

    /// Host, and port where it is not the usual one, as the ledger has it.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    pub fn rule(&self) -> AddressRule {
        AddressRule {
            is_allowed_by_name: self.is_allowed_by_name,
        }
    }
}

/// Names that only ever stand for something inside.
fn is_inside_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or_default();
    !name.contains('.')
        || matches!(
            last,
            "localhost" | "local" | "internal" | "lan" | "home" | "intranet" | "corp"
        )
}

/// Looks names up for the client, and answers nothing at all where any of the addresses may not be asked. The client connects to what
/// is answered here, so a name that changes its address gains nothing.
#[derive(Debug, Clone, Copy)]
pub struct AddressRule {
    is_allowed_by_name: bool,
}

impl AddressRule {
    fn permits(self, ip: IpAddr) -> bool {
        !is_never_asked(ip) && (self.is_allowed_by_name || is_public(ip))
    }
}

impl Resolve for AddressRule {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = *self;
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if !found.iter().all(|address| rule.permits(address.ip())) {
                return Err("an address that is not to be asked".into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// An IPv4 address that an IPv6 one only carries.
fn carried(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let parts = ip.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    let last = v4(parts[6], parts[7]);
    match (parts[0], parts[1]) {
        (0, 0)
            if parts[2..5] == [0; 3] && matches!(parts[5], 0 | 0xffff) && u32::from(last) > 1 =>
        {
            Some(last)
        }
        // NAT64 and its local kind, 6to4, Teredo.
        (0x64, 0xff9b) => Some(last),
        (0x2002, high) => Some(v4(high, parts[2])),
        (0x2001, 0) => Some(v4(!parts[6], !parts[7])),
        _ => None,
    }
}

/// Not even by permission: the addresses by which clouds tell a machine its secrets, and those of nobody or of many.
fn is_never_asked(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_broadcast()
                || ip == Ipv4Addr::new(100, 100, 100, 200)
        }
        IpAddr::V6(ip) => {
            ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_unicast_link_local()
                || ip == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)
                || carried(ip).is_some_and(|inner| is_never_asked(inner.into()))
        }
    }
}

/// Whether an address is one of the open internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            !(ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || ip.is_documentation()
                || a == 0
                || a >= 224
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 192 && b == 88 && c == 99)
                || (a == 198 && (b == 18 || b == 19)))
        }
        IpAddr::V6(ip) => {
            // Only 2000::/3 is given out, and of that not what is for examples or carries another address.
            let [a, b, ..] = ip.segments();
            a & 0xe000 == 0x2000
                && !(a == 0x2001 && b == 0xdb8)
                && !(a == 0x2001 && b < 0x200)
                && a != 0x2002
                && a != 0x3fff
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, allowed: &str) -> Result<BaseAddress, AddressFault> {
        BaseAddress::parse(text, &allowed.parse().unwrap())
    }

    #[test]
    fn public_hosts_are_asked_by_https_only() {
        let address = check("https://api.example.com/v1", "").unwrap();
        assert_eq!(address.url.as_str(), "https://api.example.com/v1/");
        assert_eq!(address.host(), "api.example.com");
        for text in ["http://api.example.com/", "https://api.example.com:8443/"] {
            assert_eq!(check(text, "").unwrap_err(), AddressFault::NotAllowed);
        }
        for text in [
            "",
            "api.example.com",
            "ftp://api.example.com/",
            "https://user@api.example.com/",
            "https://api.example.com/?a=b",
            "https://api.example.com/#a",
            "file:///etc/passwd",
        ] {
            assert_eq!(
                check(text, "").unwrap_err(),
                AddressFault::Malformed,
                "{text}"
            );
        }
    }

    #[test]
    fn sec_net_01_inside_addresses_are_refused_however_they_are_written() {
        let inside = [
            "127.0.0.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.192",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::1]",
            "[::127.0.0.1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[fe80::1]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::7f00:1]",
            "[2002:7f00:1::]",
            "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
            "[2001:db8::1]",
            "[ff02::1]",
            "[5f00::1]",
            "localhost",
            "localhost.",
            "vault.localhost",
            "printer.local",
            "metadata.google.internal",
            "db",
            "１２７.0.0.1",
        ];
        for host in inside {
            for scheme in ["http", "https"] {
                let text = format!("{scheme}://{host}/");
                assert_eq!(
                    check(&text, "").err(),
                    Some(AddressFault::NotAllowed),
                    "{text}"
                );
            }
        }
        assert!(
            check("https://8.8.8.8/", "").is_ok()
                && check("https://[2606:4700::1111]/", "").is_ok()
        );
    }

    #[test]
    fn sec_net_04_only_the_vault_s_own_list_opens_inside_addresses_and_never_those_of_the_cloud() {
        let allowed = "localhost:11434, 10.0.0.5, [fd00::7]:8000";
        for text in [
            "http://localhost:11434/v1",
            "http://10.0.0.5:9/",
            "https://10.0.0.5/",
            "http://[fd00::7]:8000/",
        ] {
            assert!(check(text, allowed).is_ok(), "{text}");
        }
        for text in [
            "http://localhost:11435/",
            "http://localhost/",
            "http://10.0.0.6/",
            "http://[fd00::7]/",
        ] {
            assert_eq!(
                check(text, allowed).err(),
                Some(AddressFault::NotAllowed),
                "{text}"
            );
        }
        for host in [
            "169.254.169.254",
            "[fd00:ec2::254]",
            "[::ffff:169.254.169.254]",
            "0.0.0.0",
            "100.100.100.200",
        ] {
            assert_eq!(
                check(&format!("http://{host}/"), host).err(),
                Some(AddressFault::NotAllowed),
                "{host}"
            );
        }
        for bad in ["http://localhost", "a/b", "user@host", ":80"] {
            assert!(bad.parse::<AllowedHosts>().is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn sec_net_02_what_a_name_stands_for_is_checked_when_it_is_looked_up() {
        let looked_up = async |is_allowed_by_name: bool| {
            let rule = AddressRule { is_allowed_by_name };
            rule.resolve("localhost".parse().unwrap()).await.is_ok()
        };
        assert!(!looked_up(false).await && looked_up(true).await);
    }
}
