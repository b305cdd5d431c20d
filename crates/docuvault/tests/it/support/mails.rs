//! What the vault has mailed, as the file sink keeps it.

use mail_parser::MessageParser;

use super::TestApp;

/// One mail.
#[derive(Debug, Clone)]
pub struct Mailed {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// As it was sent.
    pub raw: String,
}

impl Mailed {
    /// Reads a mail as a mail program would.
    pub fn parse(bytes: &[u8]) -> Self {
        let message = MessageParser::default().parse(bytes).unwrap();
        Self {
            to: message
                .to()
                .and_then(|to| to.first())
                .and_then(|to| to.address())
                .unwrap()
                .to_owned(),
            subject: message.subject().unwrap().to_owned(),
            text: message.body_text(0).unwrap().replace("\r\n", "\n"),
            raw: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// Its first link.
    pub fn link(&self) -> &str {
        self.text
            .split_whitespace()
            .find(|word| word.contains("://"))
            .unwrap_or_else(|| panic!("no link in: {}", self.text))
    }

    /// The token of its link.
    pub fn token(&self) -> String {
        let (_, rest) = self
            .text
            .split_once("#token=")
            .or_else(|| self.text.split_once("#invite="))
            .unwrap_or_else(|| panic!("no link in: {}", self.text));
        rest.split_whitespace().next().unwrap().to_owned()
    }
}

impl TestApp {
    /// All mail that was sent, the oldest first. Runs the jobs that send it.
    pub async fn mails(&self) -> Vec<Mailed> {
        self.run_jobs().await;
        let Ok(entries) = std::fs::read_dir(&self.state.config().mail.dir) else {
            return Vec::new();
        };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        // The names are made in the order of time.
        paths.sort();
        paths
            .iter()
            .map(|path| Mailed::parse(&std::fs::read(path).unwrap()))
            .collect()
    }

    /// All mail to this address, the oldest first.
    pub async fn mails_to(&self, address: &str) -> Vec<Mailed> {
        let mut mails = self.mails().await;
        mails.retain(|mail| mail.to == address);
        mails
    }

    /// The newest mail to this address.
    pub async fn mail_to(&self, address: &str) -> Mailed {
        let all = self.mails().await;
        let found = all.iter().rev().find(|mail| mail.to == address);
        found
            .unwrap_or_else(|| panic!("no mail to {address} among {all:?}"))
            .clone()
    }

    /// The token of the newest mail to this address that has a link.
    pub async fn token_mailed_to(&self, address: &str) -> String {
        let all = self.mails().await;
        let found = all
            .iter()
            .rev()
            .find(|mail| mail.to == address && mail.text.contains("#token="));
        found
            .unwrap_or_else(|| panic!("no link to {address} among {all:?}"))
            .token()
    }
}
