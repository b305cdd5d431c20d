//! Hands letters to a mail server. The connection is encrypted, unless the server is on this machine.

use std::{net::IpAddr, time::Duration};

use anyhow::{Context, ensure};
use async_trait::async_trait;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{self, extension::ClientId},
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    mailer::{Mail, MailError, Mailer},
    message::compose,
};

/// For each step of the dialogue.
const PATIENCE: Duration = Duration::from_secs(30);
/// Answers that are about us, not about the letter: authentication asked for, refused, too weak, encryption wanted.
const OUR_FAULT: [u16; 4] = [530, 534, 535, 538];

pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    pub fn new(url: &SecretString, from: Mailbox) -> anyhow::Result<Self> {
        let url = url.expose_secret();
        // Not with the cause: that may repeat the URL.
        let parsed: http::Uri = url.parse().ok().context(
            "DOCUVAULT_SMTP_URL is not an address such as smtps://user:password@mail.example.org",
        )?;
        let host = parsed
            .host()
            .context("DOCUVAULT_SMTP_URL names no host")?
            .trim_matches(['[', ']']);
        ensure!(
            parsed.query().is_none(),
            "DOCUVAULT_SMTP_URL takes nothing after a question mark"
        );
        let url = match parsed.scheme_str() {
            Some("smtp") if is_this_machine(host) => url.to_owned(),
            // STARTTLS, or nothing.
            Some("smtp") => format!("{url}?tls=required"),
            Some("smtps") => url.to_owned(),
            _ => anyhow::bail!("DOCUVAULT_SMTP_URL begins with smtp:// or smtps://"),
        };
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url)
            .ok()
            .context("DOCUVAULT_SMTP_URL cannot be used")?
            .timeout(Some(PATIENCE))
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .build();
        Ok(Self { transport, from })
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = compose(&self.from, mail)?;
        self.transport
            .send(message)
            .await
            .map(drop)
            .map_err(|error| refusal(&error))
    }

    /// Connects and signs in.
    async fn try_out(&self) -> Result<(), MailError> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(MailError::Later("mail_put_off")),
            Err(error) => Err(refusal(&error)),
        }
    }
}

fn refusal(error: &smtp::Error) -> MailError {
    let status = error.status().map(u16::from);
    // Without what the server said: it may repeat the address.
    tracing::warn!(
        status,
        timeout = error.is_timeout(),
        tls = error.is_tls(),
        "the mail server did not take a letter"
    );
    match status {
        Some(status) if OUR_FAULT.contains(&status) => {
            MailError::Later("mail_server_wants_other_credentials")
        }
        Some(500..) => MailError::Never("mail_refused"),
        Some(_) => MailError::Later("mail_put_off"),
        None if error.is_tls() => MailError::Later("mail_server_not_trusted"),
        None => MailError::Later("mail_server_unreachable"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(url: &str) -> Result<Smtp, String> {
        let from = "docuvault@example.org".parse().unwrap();
        Smtp::new(&url.into(), from).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn a_server_is_named_with_or_without_credentials_and_never_told() {
        for good in [
            "smtp://mail.example.org",
            "smtp://mail.example.org:25",
            "smtps://user%40example.org:p%2Fw@mail.example.org:465",
            "smtp://127.0.0.1:2525",
            "smtp://[::1]:2525",
            "smtp://localhost",
        ] {
            assert!(open(good).is_ok(), "{good}: {:?}", open(good).err());
        }
        for bad in [
            "",
            "mail.example.org",
            "http://mail.example.org",
            "smtp://user:secret@mail.example.org?tls=opportunistic",
            "smtp://user:sec ret@mail.example.org",
            "smtp://",
        ] {
            let error = open(bad).err().unwrap();
            assert!(
                error.contains("DOCUVAULT_SMTP_URL") && !error.contains("sec"),
                "{bad}: {error}"
            );
        }
    }

    #[test]
    fn only_this_machine_is_talked_to_in_the_clear() {
        let is_plain =
            |url: &str| format!("{:?}", open(url).unwrap().transport).contains("tls: None");
        assert!(is_plain("smtp://127.0.0.1:25") && is_plain("smtp://localhost"));
        assert!(!is_plain("smtp://mail.example.org") && !is_plain("smtps://127.0.0.1"));
    }
}
