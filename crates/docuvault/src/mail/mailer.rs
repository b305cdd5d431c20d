//! Whoever carries the letters: a mail server, or a folder.

use std::{net::IpAddr, sync::Arc};

use anyhow::Context;
use async_trait::async_trait;
use lettre::message::Mailbox;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{file_sink::FileSink, smtp::Smtp};
use crate::config::Config;

/// A letter with its address on.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The same in every attempt; goes into the Message-ID, so that a repeat can be told from a second letter.
    pub id: Uuid,
    pub recipient: String,
    pub subject: String,
    pub text: String,
    pub written_at: OffsetDateTime,
}

/// Why a letter is not gone. The codes are fixed words: what a mail server says may hold the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    #[error("mail cannot be sent just now: {0}")]
    Later(&'static str),
    #[error("mail cannot be sent: {0}")]
    Never(&'static str),
}

#[async_trait]
pub trait Mailer: Send + Sync {
    /// Answers when the letter is out of our hands. May be asked again with the same letter.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;

    /// As far as sending goes without a letter.
    async fn try_out(&self) -> Result<(), MailError> {
        Ok(())
    }
}

/// The one that the settings ask for.
pub fn mailer(config: &Config) -> anyhow::Result<Arc<dyn Mailer>> {
    let from = sender(config)?;
    Ok(match &config.mail.smtp_url {
        Some(url) => Arc::new(Smtp::new(url, from)?),
        None => Arc::new(FileSink::new(config.mail.dir.clone(), from)),
    })
}

/// As set, else DocuVault at the host of the public address.
fn sender(config: &Config) -> anyhow::Result<Mailbox> {
    if let Some(from) = &config.mail.from {
        return from.parse().context(
            "DOCUVAULT_MAIL_FROM is not an address such as DocuVault <docuvault@example.org>",
        );
    }
    let host = config
        .public_url()
        .parse::<http::Uri>()
        .ok()
        .and_then(|url| url.host().map(str::to_owned))
        // An IP address is no mail domain.
        .filter(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().is_err());
    host.and_then(|host| format!("DocuVault <docuvault@{host}>").parse().ok())
        .map_or_else(
            || {
                "DocuVault <docuvault@localhost>"
                    .parse()
                    .context("the usual sender of mail")
            },
            Ok,
        )
}
