//! Why a document could not be read, in the few kinds a user or the job queue can act on.

use thiserror::Error;

/// The reason a reading failed.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The document asks for a password.
    #[error("the document is encrypted")]
    Encrypted,
    /// It asks for another password than the one that was given.
    #[error("the password does not open the document")]
    WrongPassword,
    /// The bytes are not what their type promises.
    #[error("the document is damaged")]
    Damaged,
    /// No parser for this kind of file.
    #[error("this kind of file cannot be read")]
    Unsupported,
    /// The wall clock or the processor time ran out.
    #[error("reading took too long")]
    TimedOut,
    /// The child needed more memory than it may have.
    #[error("reading needed too much memory")]
    OutOfMemory,
    /// The document is larger, in the named respect, than we are willing to read.
    #[error("the document exceeds the limit on {what}")]
    LimitExceeded {
        /// What was too much, in snake_case: `file_size`, `expanded_size`, `image_pixels`, ...
        what: String,
    },
    /// The child ended without an answer, or with one that makes no sense.
    #[error("the reading program stopped unexpectedly")]
    Crashed,
    /// `docuvault-extract` was not found or cannot be started.
    #[error("the program docuvault-extract was not found")]
    ProgramMissing,
    /// The machine, not the document, is at fault.
    #[error("reading failed: {0}")]
    Io(#[from] std::io::Error),
}

impl ReadError {
    /// A stable snake_case name, shown to users through the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Encrypted => "password_needed",
            Self::WrongPassword => "password_wrong",
            Self::Damaged => "damaged",
            Self::Unsupported => "unsupported",
            Self::TimedOut => "timed_out",
            Self::OutOfMemory => "out_of_memory",
            Self::LimitExceeded { .. } => "limit_exceeded",
            Self::Crashed => "crashed",
            Self::ProgramMissing => "program_missing",
            Self::Io(_) => "io",
        }
    }

    /// Whether trying again cannot help. The others may depend on load, and are worth a few attempts.
    pub fn is_permanent(&self) -> bool {
        matches!(
            self,
            Self::Encrypted
                | Self::WrongPassword
                | Self::Damaged
                | Self::Unsupported
                | Self::LimitExceeded { .. }
        )
    }
}
