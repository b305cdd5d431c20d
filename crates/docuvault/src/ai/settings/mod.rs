//! Which provider a user has chosen. Nothing is chosen until they say so, and their key is never shown again.

mod choose;
mod show;
mod store;
mod try_out;

use secrecy::SecretString;
use time::OffsetDateTime;

pub use choose::{__path_choose, choose};
pub use show::{__path_providers, __path_show, providers, show};
pub use store::{note_failure, note_success, pause_until};
pub use try_out::{__path_models, __path_test, models, test};

use super::provider::Provider;
use crate::{
    app::AppState,
    crypto::{SealedColumn, seal},
    db::UserTx,
    http::Problem,
};

/// What a user has chosen, with the key opened.
pub struct Choice {
    pub provider: Provider,
    pub model: String,
    /// With a slash at its end.
    pub base_url: String,
    pub api_key: Option<SecretString>,
    pub auto_classify: bool,
    pub monthly_token_limit: Option<i64>,
    /// For a million tokens, in the user's currency.
    pub input_price: Option<f64>,
    pub output_price: Option<f64>,
    pub paused_until: Option<OffsetDateTime>,
}

/// `None` while papers are filed on the device only.
pub async fn choice(state: &AppState, tx: &mut UserTx) -> Result<Option<Choice>, Problem> {
    let user = tx.user().0;
    let Some(row) = store::chosen(tx).await? else {
        return Ok(None);
    };
    let api_key = match &row.api_key_sealed {
        Some(sealed) => {
            let place = SealedColumn::AiApiKey.place(user, &row.user_salt, user, 1);
            let opened = seal::open(state.keys(), &place, sealed).map_err(Problem::internal)?;
            let text = std::str::from_utf8(&opened).map_err(Problem::internal)?;
            Some(SecretString::from(text))
        }
        None => None,
    };
    Ok(Some(Choice {
        provider: Provider::from_name(&row.provider),
        model: row.model,
        base_url: row.base_url,
        api_key,
        auto_classify: row.auto_classify,
        monthly_token_limit: row.monthly_token_limit,
        input_price: row.input_price,
        output_price: row.output_price,
        paused_until: row.paused_until,
    }))
}
