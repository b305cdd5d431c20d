//! `docuvault health`: asks the process that runs here how it is, for containers without another program that could.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Args;

use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(4);

#[derive(Args)]
pub struct HealthCommand {
    /// Whether it lives at all, not whether it should be sent requests
    #[arg(long)]
    live: bool,
}

/// Ends well when the answer is 200; prints it in any case.
pub fn ask(command: &HealthCommand) -> anyhow::Result<()> {
    let addr = Config::load()?
        .management
        .addr
        .context("there is no management listener (DOCUVAULT_MANAGEMENT_ADDR is off)")?;
    let path = if command.live {
        "/health/live"
    } else {
        "/health/ready"
    };
    let answer = get(on_this_machine(addr), path)
        .with_context(|| format!("no answer at {addr} (DOCUVAULT_MANAGEMENT_ADDR)"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    writeln!(std::io::stdout(), "{}", body.trim())?;
    match head.split_ascii_whitespace().nth(1) {
        Some("200") => Ok(()),
        status => bail!("answered {}", status.unwrap_or("nothing")),
    }
}

/// What listens everywhere is also here.
fn on_this_machine(addr: SocketAddr) -> SocketAddr {
    let here: IpAddr = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(here, addr.port())
}

fn get(addr: SocketAddr, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect_timeout(&addr, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(
        format!("GET {path} HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    Ok(answer)
}
