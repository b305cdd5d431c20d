//! How often passwords, codes and links may be tried. Counted before any hash is computed.
//!
//! A stranger cannot lock an owner out: tries from unknown devices share one bucket per account, but a device that has signed
//! in before (it holds a cookie that says so), and a network that has, have buckets of their own.

use std::time::Duration;

use crate::{
    app::AppState,
    db::UserId,
    http::{
        Problem,
        client_ip::ClientIp,
        rate_limit::{Limit, count_try},
    },
};

const SECONDS_PER_TRY_AT_AN_ACCOUNT: Duration = Duration::from_secs(30);
const SECONDS_PER_TRY_FROM_A_NETWORK: Duration = Duration::from_secs(2);

/// How a sign-in presents itself before its password is looked at.
pub enum Device {
    /// Holds the cookie of an earlier sign-in of this user; its id.
    Known(String),
    /// Comes from a network this user has signed in from before.
    KnownNetwork,
    Unknown {
        /// Whether the user has signed in anywhere before.
        signed_in_before: bool,
    },
}

/// One try at an account's password by someone who is not signed in.
pub async fn count_login(
    state: &AppState,
    ip: &ClientIp,
    email_key: &str,
    device: &Device,
) -> Result<(), Problem> {
    let own = Limit {
        name: "login:device",
        burst: 10,
        pause: SECONDS_PER_TRY_AT_AN_ACCOUNT,
    };
    match device {
        Device::Known(id) => count_try(state, own, id).await,
        Device::KnownNetwork => {
            count_network(state, "login:network", ip).await?;
            let what = format!("{email_key} {}", network(ip));
            count_try(state, own, &what).await
        }
        Device::Unknown { .. } => {
            count_network(state, "login:network", ip).await?;
            count_account(state, "login:account", email_key).await
        }
    }
}

/// A try about an account that anyone may name, such as a reset mail.
pub async fn count_account(
    state: &AppState,
    name: &'static str,
    email_key: &str,
) -> Result<(), Problem> {
    let limit = Limit {
        name,
        burst: state.config().accounts.tries_per_account,
        pause: SECONDS_PER_TRY_AT_AN_ACCOUNT,
    };
    count_try(state, limit, email_key).await
}

pub async fn count_network(
    state: &AppState,
    name: &'static str,
    ip: &ClientIp,
) -> Result<(), Problem> {
    let limit = Limit {
        name,
        burst: state.config().accounts.tries_per_network,
        pause: SECONDS_PER_TRY_FROM_A_NETWORK,
    };
    count_try(state, limit, &network(ip)).await
}

/// One wrong token from this network; 429 once there were too many.
pub async fn count_failure(state: &AppState, ip: &ClientIp) -> Result<(), Problem> {
    let limit = Limit {
        name: "token:network",
        burst: state.config().accounts.tries_per_network * 50,
        pause: Duration::from_millis(100),
    };
    count_try(state, limit, &network(ip)).await
}

/// One code of the second factor, over all sessions and processes.
pub async fn count_code(state: &AppState, user: UserId) -> Result<(), Problem> {
    let limit = Limit {
        name: "totp:user",
        burst: 5,
        pause: SECONDS_PER_TRY_AT_AN_ACCOUNT,
    };
    count_try(state, limit, &user.to_string()).await
}

/// One password given by someone who is signed in already.
pub async fn count_password(state: &AppState, user: UserId) -> Result<(), Problem> {
    let limit = Limit {
        name: "password:user",
        burst: 10,
        pause: SECONDS_PER_TRY_AT_AN_ACCOUNT,
    };
    count_try(state, limit, &user.to_string()).await
}

/// One renewal of a session: far above what any page needs.
pub async fn count_renewal(state: &AppState, session: crate::db::SessionId) -> Result<(), Problem> {
    let limit = Limit {
        name: "refresh:session",
        burst: 120,
        pause: Duration::from_secs(1),
    };
    count_try(state, limit, &session.to_string()).await
}

/// Where no address is known there is one bucket for all.
fn network(ip: &ClientIp) -> String {
    ip.network().unwrap_or_default()
}
