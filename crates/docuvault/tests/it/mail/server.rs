//! A mail server that takes letters, refuses them, puts them off, or hangs up.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::support::Mailed;

/// How a connection is dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Takes,
    /// 550 for the recipient, naming them.
    Refuses,
    /// 451 for the recipient.
    PutsOff,
    /// 535 as to a client that should have signed in.
    WantsCredentials,
    /// Closes the connection in the middle of the letter.
    HangsUp,
    /// Closes the connection before it says anything.
    SaysNothing,
}

#[derive(Default)]
struct Seen {
    letters: Vec<Mailed>,
    recipients: Vec<String>,
    connections: usize,
}

pub struct Server {
    pub url: String,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    /// The first connection meets the first manner, and so on; the last manner stays.
    pub async fn start(manners: &[Manner]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (noting, manners) = (Arc::clone(&seen), manners.to_vec());
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let at = noting.lock().unwrap().connections;
                noting.lock().unwrap().connections += 1;
                let manner = manners[at.min(manners.len() - 1)];
                let noting = Arc::clone(&noting);
                tokio::spawn(async move {
                    // A client that goes away is no fault.
                    let _ = converse(stream, manner, &noting).await;
                });
            }
        });
        Self { url, seen }
    }

    pub fn letters(&self) -> Vec<Mailed> {
        self.seen.lock().unwrap().letters.clone()
    }

    /// The `RCPT TO` of every letter taken.
    pub fn recipients(&self) -> Vec<String> {
        self.seen.lock().unwrap().recipients.clone()
    }

    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }
}

async fn converse(
    stream: TcpStream,
    manner: Manner,
    seen: &Mutex<Seen>,
) -> Result<(), std::io::Error> {
    if manner == Manner::SaysNothing {
        return Ok(());
    }
    let mut stream = BufReader::new(stream);
    let mut recipient = String::new();
    stream.write_all(b"220 mail.example.org\r\n").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.to_uppercase();
        let answer = match (verb.split([' ', '\r']).next().unwrap(), manner) {
            ("EHLO", _) => "250-mail.example.org\r\n250 8BITMIME".to_owned(),
            ("MAIL", Manner::WantsCredentials) => "535 who are you".to_owned(),
            ("RCPT", Manner::Refuses) => format!("550 no such user: {}", line.trim()),
            ("RCPT", Manner::PutsOff) => "451 later".to_owned(),
            ("RCPT", _) => {
                recipient = line.trim()["RCPT TO:".len()..].to_owned();
                "250 ok".to_owned()
            }
            ("QUIT", _) | ("DATA", Manner::HangsUp) => return Ok(()),
            ("DATA", _) => {
                stream.write_all(b"354 go on\r\n").await?;
                let letter = read_letter(&mut stream).await?;
                let mut seen = seen.lock().unwrap();
                seen.letters.push(Mailed::parse(&letter));
                seen.recipients.push(recipient.clone());
                "250 taken".to_owned()
            }
            _ => "250 ok".to_owned(),
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// Up to the line that is only a dot, without the dots that were doubled.
async fn read_letter(stream: &mut BufReader<TcpStream>) -> Result<Vec<u8>, std::io::Error> {
    let mut letter = Vec::new();
    loop {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line).await?;
        if line == b".\r\n" || line.is_empty() {
            return Ok(letter);
        }
        letter.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
