//! Letters as they arrive: those that a vault without a mail server writes to its folder.

use mail_parser::MessageParser;

use super::TestApp;

/// A letter, read as a mail program would.
#[derive(Debug, Clone)]
pub struct Letter {
    pub recipient: String,
    pub subject: String,
    pub text: String,
    /// As it was sent.
    pub raw: String,
}

impl Letter {
    #[track_caller]
    pub fn parse(raw: &[u8]) -> Self {
        let message = MessageParser::default().parse(raw).expect("no mail");
        let address = message.to().and_then(|to| to.first()).unwrap().address();
        Self {
            recipient: address.unwrap().to_owned(),
            subject: message.subject().unwrap().to_owned(),
            text: message.body_text(0).unwrap().replace("\r\n", "\n"),
            raw: String::from_utf8(raw.to_vec()).unwrap(),
        }
    }

    /// The first link in it.
    #[track_caller]
    pub fn link(&self) -> &str {
        self.text
            .split_whitespace()
            .find(|word| word.contains("://"))
            .unwrap_or_else(|| panic!("no link: {}", self.text))
    }

    /// The secret of its link: what follows `token=` or `invite=`.
    #[track_caller]
    pub fn token(&self) -> &str {
        let (_, token) = self.link().rsplit_once('=').expect("a link with a token");
        token
    }
}

impl TestApp {
    /// Everything that has been written to the mail folder, the oldest first. Letters are sent by the worker: `run_jobs()` before.
    pub fn letters(&self) -> Vec<Letter> {
        let Ok(files) = std::fs::read_dir(&self.state.config().mail.dir) else {
            return Vec::new();
        };
        let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        paths.sort();
        paths
            .iter()
            .map(|path| Letter::parse(&std::fs::read(path).unwrap()))
            .collect()
    }

    pub fn letters_to(&self, email: &str) -> Vec<Letter> {
        let mut letters = self.letters();
        letters.retain(|letter| letter.recipient == email);
        letters
    }
}
