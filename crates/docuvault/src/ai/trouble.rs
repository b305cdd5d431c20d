//! Why a provider gave no answer that is of use. The words of the provider itself are neither kept nor shown: they may hold the paper.

use reqwest::StatusCode;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    AddressNotAllowed,
    /// Nobody there; also where the address is not to be asked, so that nobody can feel about in the vault's network.
    Unreachable,
    Timeout,
    WrongKey,
    RateLimited,
    ModelMissing,
    /// It said no, or broke.
    Refused,
    BadAnswer,
}

impl Trouble {
    /// Stored and shown: keeps its name.
    pub fn code(self) -> &'static str {
        match self {
            Self::AddressNotAllowed => "address_not_allowed",
            Self::Unreachable => "provider_unreachable",
            Self::Timeout => "timeout",
            Self::WrongKey => "wrong_key",
            Self::RateLimited => "rate_limited",
            Self::ModelMissing => "model_missing",
            Self::Refused => "provider_refused",
            Self::BadAnswer => "bad_answer",
        }
    }

    pub fn of_status(status: StatusCode) -> Option<Self> {
        match status {
            status if status.is_success() => None,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Some(Self::WrongKey),
            StatusCode::TOO_MANY_REQUESTS => Some(Self::RateLimited),
            StatusCode::NOT_FOUND => Some(Self::ModelMissing),
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Some(Self::Timeout),
            // Nothing is followed: where a redirect leads, nobody has agreed to.
            _ => Some(Self::Refused),
        }
    }

    pub fn of_error(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::Timeout
        } else if error.is_connect() || error.is_request() {
            Self::Unreachable
        } else {
            Self::BadAnswer
        }
    }

    /// How the ledger has it: whether the provider said no, or nothing of use came back.
    pub fn ledger_status(self) -> &'static str {
        match self {
            Self::WrongKey | Self::RateLimited | Self::ModelMissing | Self::Refused => "refused",
            Self::AddressNotAllowed | Self::Unreachable | Self::Timeout | Self::BadAnswer => {
                "failed"
            }
        }
    }
}
