//! The providers there are to choose from.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whom a user's papers are sent to. `device`: to nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    Device,
    /// LM Studio, vLLM, llama.cpp and many others.
    OpenaiCompatible,
    Openai,
    Anthropic,
    Gemini,
    Mistral,
    Ollama,
}

/// The language a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    OpenAi,
    Anthropic,
    Gemini,
}

impl Provider {
    /// All that papers can be sent to.
    pub const REMOTE: [Self; 6] = [
        Self::OpenaiCompatible,
        Self::Ollama,
        Self::Openai,
        Self::Anthropic,
        Self::Gemini,
        Self::Mistral,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::OpenaiCompatible => "openai_compatible",
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Mistral => "mistral",
            Self::Ollama => "ollama",
        }
    }

    pub fn from_name(name: &str) -> Self {
        let remote = Self::REMOTE
            .into_iter()
            .find(|provider| provider.name() == name);
        remote.unwrap_or(Self::Device)
    }

    pub fn needs_api_key(self) -> bool {
        matches!(
            self,
            Self::Openai | Self::Anthropic | Self::Gemini | Self::Mistral
        )
    }

    /// Where it is, unless the user says otherwise; `None` where only the user can know.
    pub fn default_base_url(self) -> Option<&'static str> {
        match self {
            Self::Device | Self::OpenaiCompatible => None,
            Self::Openai => Some("https://api.openai.com/v1/"),
            Self::Anthropic => Some("https://api.anthropic.com/v1/"),
            Self::Gemini => Some("https://generativelanguage.googleapis.com/v1beta/"),
            Self::Mistral => Some("https://api.mistral.ai/v1/"),
            // Its own language drops the wanted form of the answer without a word; this one does not.
            Self::Ollama => Some("http://localhost:11434/v1/"),
        }
    }

    pub fn dialect(self) -> Dialect {
        match self {
            Self::Anthropic => Dialect::Anthropic,
            Self::Gemini => Dialect::Gemini,
            Self::Device | Self::OpenaiCompatible | Self::Openai | Self::Mistral | Self::Ollama => {
                Dialect::OpenAi
            }
        }
    }
}
