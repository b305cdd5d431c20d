//! Where the letters of the program arrive: a folder, or a mail server that at first takes none.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use super::canaries::Canaries;
use crate::{
    chaos::program::Program,
    mail::server::{Manner, Server},
    support::Mailed,
};

/// No letter takes so long.
const DEADLINE: Duration = Duration::from_mins(1);

pub enum Letterbox {
    Folder,
    Server(Server),
}

impl Letterbox {
    /// A server that refuses the first letter, with its address in the refusal.
    pub async fn at_a_server() -> Self {
        Self::Server(Server::start(&[Manner::Refuses, Manner::Takes]).await)
    }

    /// What the program has to be told of it.
    pub fn setting(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Folder => None,
            Self::Server(server) => Some(("DOCUVAULT_SMTP_URL", &server.url)),
        }
    }

    /// Waits until a letter was refused, if one is going to be.
    pub async fn first_is_refused(&self, program: &Program) {
        if let Self::Server(_) = self {
            let said = || {
                program
                    .log()
                    .contains("the mail server did not take a letter")
            };
            until(said, "no letter was refused").await;
        }
    }

    /// Waits for the letter with this subject to this address.
    pub async fn letter(&self, program: &Program, address: &str, subject: &str) -> Mailed {
        let find = || {
            let mut all = match self {
                Self::Folder => letters_in(program.data_dir().join("mail")),
                Self::Server(server) => server.letters(),
            };
            all.retain(|letter| letter.to == address && letter.subject == subject);
            all.pop()
        };
        until(|| find().is_some(), subject).await;
        find().unwrap()
    }

    /// The token of the link in such a letter. Neither may be said.
    pub async fn token(
        &self,
        program: &Program,
        canaries: &mut Canaries,
        address: &str,
        subject: &str,
    ) -> String {
        let letter = self.letter(program, address, subject).await;
        canaries.add("a mailed link", letter.link());
        canaries.add("the token of a mailed link", letter.token());
        letter.token()
    }
}

async fn until(happened: impl Fn() -> bool, what: &str) {
    let deadline = Instant::now() + DEADLINE;
    while !happened() {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn letters_in(folder: PathBuf) -> Vec<Mailed> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .map(|path| Mailed::parse(&std::fs::read(path).unwrap()))
        .collect()
}
