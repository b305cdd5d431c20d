//! Signing in and staying signed in: short access tokens in the browser's memory, a rotating refresh token in a cookie that
//! only the two routes here read, a second factor, personal API tokens for scripts, and how often all of it may be tried.

mod access_token;
mod admin_caller;
mod api_tokens;
mod caller;
mod cookie;
mod device_cookie;
mod end_sessions;
mod limits;
mod list_sessions;
mod login;
mod logout;
mod origin;
mod password;
mod pending_login;
mod refresh;
mod session;
mod store;
mod totp;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use access_token::AccessTokens;
pub use admin_caller::AdminCaller;
pub use caller::{Caller, SessionCaller, require_recent_password, wants_totp};
pub use cookie::RefreshCookie;
pub use limits::{
    count_code_within, count_failure, count_letter_asked_for, count_letter_caused, count_network,
};
pub use password::{require_password, verify_password};
pub use session::{SessionAnswer, SignedIn, end_others, start_session};
pub use store::{FoundLogin, find_login, set_password};
pub use totp::{Proof, require as require_totp};

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(login::login))
        .routes(routes!(pending_login::second_factor))
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::logout))
        .routes(routes!(list_sessions::list_sessions))
        .routes(routes!(end_sessions::end_session))
        .routes(routes!(end_sessions::logout_all))
        .routes(routes!(password::reauthenticate))
        .routes(routes!(password::change_password))
        .merge(totp::routes())
        .merge(api_tokens::routes())
}
