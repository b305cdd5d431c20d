//! Administration: accounts, invitations, the queue, the store and the trail of accounts. An administrator reaches others' accounts only by the
//! schema's `admin_*` functions, which ask once more who is asking; none of them shows a document, a title or a text.

mod audit;
mod change_user;
mod create_user;
mod end_sessions;
mod erase_user;
mod invites;
mod jobs;
mod model;
mod operator;
mod password_reset_link;
mod reset_totp;
mod show_users;
mod stats;
mod storage;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use operator::{HandedOver, invite_as_operator, reset_link_as_operator, set_quota_as_operator};

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(show_users::list_users, create_user::create_user))
        .routes(routes!(
            show_users::show_user,
            change_user::change_user,
            erase_user::erase_user
        ))
        .routes(routes!(end_sessions::end_sessions))
        .routes(routes!(reset_totp::reset_totp))
        .routes(routes!(password_reset_link::password_reset_link))
        .routes(routes!(stats::stats))
        .routes(routes!(jobs::list_jobs))
        .routes(routes!(jobs::retry_job))
        .routes(routes!(audit::accounts_trail))
        .routes(routes!(storage::show_storage))
        .routes(routes!(storage::list_findings))
        .routes(routes!(storage::reconcile))
        .merge(invites::routes())
}
