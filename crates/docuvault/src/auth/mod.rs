//! Signing in and staying signed in: short access tokens in the browser's memory, a rotating refresh token in a cookie that
//! only the two routes here read.

mod access_token;
mod admin_caller;
mod caller;
mod cookie;
mod login;
mod logout;
mod origin;
mod refresh;
mod session;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use access_token::AccessTokens;
pub use admin_caller::AdminCaller;
pub use caller::Caller;
pub use cookie::RefreshCookie;
pub use session::{SessionAnswer, SignedIn, start_session};

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(login::login))
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::logout))
}
