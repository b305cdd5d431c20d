//! Everything that is sealed in the database. Who seals takes its place from here, and the re-sealing knows all there is.

use uuid::Uuid;

use super::seal::Place;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedColumn {
    /// The next refresh token; the row is the session, the version its generation.
    RefreshSuccessor,
    /// The second factor's seed; the row is the user, the version 1.
    TotpSeed,
    /// A letter that waits to be sent; the row is the mail, the version 1.
    MailLetter,
    /// The key of the AI provider that a user chose; the row is the user, the version 1.
    AiApiKey,
    /// What opens an encrypted document; the row is the document, the version 1.
    DocumentPassword,
}

impl SealedColumn {
    pub const ALL: [Self; 5] = [
        Self::RefreshSuccessor,
        Self::TotpSeed,
        Self::MailLetter,
        Self::AiApiKey,
        Self::DocumentPassword,
    ];

    /// `table.column`
    pub fn name(self) -> &'static str {
        match self {
            Self::RefreshSuccessor => "sessions.successor_sealed",
            Self::TotpSeed => "totp_secrets.seed_sealed",
            Self::MailLetter => "mails.letter_sealed",
            Self::AiApiKey => "ai_settings.api_key_sealed",
            Self::DocumentPassword => "document_passwords.password_sealed",
        }
    }

    /// What its keys are for.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::RefreshSuccessor => "refresh-successor",
            Self::TotpSeed => "totp-seed",
            Self::MailLetter => "mail-letter",
            Self::AiApiKey => "ai-api-key",
            Self::DocumentPassword => "document-password",
        }
    }

    /// The only place where the value of this row opens.
    pub fn place(self, user_id: Uuid, user_salt: &[u8], row_id: Uuid, version: u32) -> Place<'_> {
        Place {
            user_id,
            user_salt,
            purpose: self.purpose(),
            column: self.name(),
            row_id,
            version,
        }
    }
}
