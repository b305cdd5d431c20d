//! Writes letters to a folder, one `.eml` file each, for vaults without a mail server.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use lettre::message::Mailbox;

use super::{
    mailer::{Mail, MailError, Mailer},
    message::compose,
};

pub struct FileSink {
    dir: PathBuf,
    from: Mailbox,
}

impl FileSink {
    pub fn new(dir: PathBuf, from: Mailbox) -> Self {
        Self { dir, from }
    }
}

#[async_trait]
impl Mailer for FileSink {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let bytes = compose(&self.from, mail)?.formatted();
        // Ids are made in the order of time, so the files sort by it.
        let (dir, name) = (self.dir.clone(), format!("{}.eml", mail.id));
        tokio::task::spawn_blocking(move || write_whole(&dir, &name, &bytes))
            .await
            .map_err(|_| MailError::Later("mail_not_written"))?
            .map_err(|error| {
                tracing::warn!(kind = ?error.kind(), "a letter could not be written to DOCUVAULT_MAIL_DIR");
                MailError::Later("mail_not_written")
            })
    }
}

/// Written aside and renamed: whoever watches the folder sees whole letters only.
fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let aside = dir.join(format!(".{name}.part"));
    let mut file: File = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&aside, dir.join(name))
}
