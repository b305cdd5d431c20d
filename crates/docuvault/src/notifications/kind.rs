//! The kinds of notification.

/// What happened. The words are the client's; letters have theirs in `mail/notice.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    RefreshReused,
    NewSignIn,
    PasswordChanged,
    PasswordReset,
    ResetLinkMade,
    TotpEnabled,
    TotpDisabled,
    TotpResetByAdmin,
    RecoveryCodeUsed,
    RecoveryCodesMade,
    EmailChangeStarted,
    EmailChanged,
    ApiTokenMade,
    AiProviderChosen,
    SessionsEndedByAdmin,
    RoleChanged,
    QuotaChanged,
    ReadingFailed,
    StorageProblem,
    AiPaused,
}

impl Kind {
    /// In the order of the settings page.
    pub const ALL: [Self; 20] = [
        Self::RefreshReused,
        Self::NewSignIn,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::ResetLinkMade,
        Self::TotpEnabled,
        Self::TotpDisabled,
        Self::TotpResetByAdmin,
        Self::RecoveryCodeUsed,
        Self::RecoveryCodesMade,
        Self::EmailChangeStarted,
        Self::EmailChanged,
        Self::ApiTokenMade,
        Self::AiProviderChosen,
        Self::SessionsEndedByAdmin,
        Self::RoleChanged,
        Self::QuotaChanged,
        Self::ReadingFailed,
        Self::StorageProblem,
        Self::AiPaused,
    ];

    /// Stored and shown: a kind keeps its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::RefreshReused => "security.refresh_reused",
            Self::NewSignIn => "security.new_sign_in",
            Self::PasswordChanged => "security.password_changed",
            Self::PasswordReset => "security.password_reset",
            Self::ResetLinkMade => "security.reset_link_made",
            Self::TotpEnabled => "security.totp_enabled",
            Self::TotpDisabled => "security.totp_disabled",
            Self::TotpResetByAdmin => "security.totp_reset_by_admin",
            Self::RecoveryCodeUsed => "security.recovery_code_used",
            Self::RecoveryCodesMade => "security.recovery_codes_made",
            Self::EmailChangeStarted => "security.email_change_started",
            Self::EmailChanged => "security.email_changed",
            Self::ApiTokenMade => "security.api_token_made",
            Self::AiProviderChosen => "security.ai_provider_chosen",
            Self::SessionsEndedByAdmin => "security.sessions_ended_by_admin",
            Self::RoleChanged => "account.role_changed",
            Self::QuotaChanged => "account.quota_changed",
            Self::ReadingFailed => "documents.reading_failed",
            Self::StorageProblem => "documents.storage_problem",
            Self::AiPaused => "documents.ai_paused",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it tells of something that a thief of the account would rather hide: it is always shown.
    pub fn is_locked(self) -> bool {
        self.name().starts_with("security.")
    }

    /// Where it is told unless the user has chosen otherwise.
    pub fn default_choice(self) -> Choice {
        Choice {
            in_app: true,
            mail: !matches!(self, Self::ReadingFailed | Self::AiPaused),
        }
    }
}

/// Where a kind is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub in_app: bool,
    pub mail: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own_and_words_for_a_letter() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
            assert!(crate::mail::has_words_for_notice(kind.name()), "{kind:?}");
        }
        assert_eq!(Kind::from_name("security.nothing"), None);
    }
}
