//! The address people use: encrypted, leading here, and not shared with the store.

use std::time::Duration;

use tokio::{net::TcpStream, time::timeout};
use url::{Host, Url};

use super::Report;
use crate::config::Config;

const PART: &str = "public address";
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn examine(config: &Config, report: &mut Report) {
    let text = config.public_url();
    let Some(url) = Url::parse(&text).ok().filter(Url::has_host) else {
        report.problem(
            PART,
            format!("{text} is not an address"),
            "Set DOCUVAULT_PUBLIC_URL to one such as https://vault.example.org.",
        );
        return;
    };
    if url.scheme() == "https" || is_this_machine(&url) {
        report.ok(PART, text);
    } else {
        report.warn(
            PART,
            format!("passwords and documents go to {text} unencrypted"),
            "Put a proxy with TLS before the vault and set DOCUVAULT_PUBLIC_URL to its https address.",
        );
    }
    reachable(&url, report).await;
    host_of_its_own(config, &url, report);
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

async fn reachable(url: &Url, report: &mut Report) {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return;
    };
    let host = host.trim_matches(['[', ']']);
    match timeout(PATIENCE, TcpStream::connect((host, port))).await {
        Ok(Ok(_)) => report.ok(PART, format!("something listens at {host}, port {port}")),
        _ => report.warn(
            PART,
            format!("nothing answers at {host}, port {port}, as seen from here"),
            "Fine if the vault is stopped; else look at the proxy, the name and the firewall.",
        ),
    }
}

/// Cookies know hosts, not ports: a browser that opens the store's address would send it the vault's.
fn host_of_its_own(config: &Config, url: &Url, report: &mut Report) {
    let Some(s3) = &config.s3 else {
        return;
    };
    if s3.store.public_endpoint.host_str() == url.host_str() && !is_this_machine(url) {
        report.warn(
            PART,
            "the store has the same host name, on another port: browsers send it the vault's cookies",
            "Give the store a host name of its own.",
        );
    }
}
