//! How often passwords, codes and links may be tried. Counted before any hash is computed; a right password or code is taken back.
//!
//! A stranger cannot lock an owner out: tries from unknown devices share one bucket per account, but a device that has signed
//! in before (it holds a cookie that says so), and a network that has, have buckets of their own.

use std::time::Duration;

use crate::{
    app::AppState,
    db::{Session, UserId},
    http::{
        Problem,
        client_ip::ClientIp,
        rate_limit::{Limit, count_try, take_back_try},
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

/// The buckets that one try falls into. What was right is taken back from each.
pub struct Counted<'a> {
    state: &'a AppState,
    buckets: Vec<(Limit, String)>,
}

impl<'a> Counted<'a> {
    /// 429 `too_many_attempts` by the first bucket that is full.
    async fn in_each(state: &'a AppState, buckets: Vec<(Limit, String)>) -> Result<Self, Problem> {
        for (limit, what) in &buckets {
            count_try(state, *limit, what).await?;
        }
        Ok(Self { state, buckets })
    }

    /// The try was a right one. What it proved stands, whether that can be written down or not.
    pub async fn was_right(self) {
        for (limit, what) in &self.buckets {
            if let Err(problem) = take_back_try(self.state, *limit, what).await {
                tracing::warn!(code = problem.code, "a right try stays counted");
            }
        }
    }
}

/// One try at an account's password by someone who is not signed in.
pub async fn count_login<'a>(
    state: &'a AppState,
    ip: &ClientIp,
    email_key: &str,
    device: &Device,
) -> Result<Counted<'a>, Problem> {
    let own = Limit {
        name: "login:device",
        burst: state.config().accounts.tries_per_account,
        pause: SECONDS_PER_TRY_AT_AN_ACCOUNT,
    };
    let from_here = (per_network(state, "login:network"), network(ip));
    let buckets = match device {
        Device::Known(id) => vec![(own, id.clone())],
        Device::KnownNetwork => {
            let what = format!("{email_key} {}", network(ip));
            vec![from_here, (own, what)]
        }
        Device::Unknown { .. } => {
            let account = (per_account(state, "login:account"), email_key.to_owned());
            vec![from_here, account]
        }
    };
    Counted::in_each(state, buckets).await
}

fn per_account(state: &AppState, name: &'static str) -> Limit {
    Limit {
        name,
        burst: state.config().accounts.tries_per_account,
        pause: SECONDS_PER_TRY_AT_AN_ACCOUNT,
    }
}

fn per_network(state: &AppState, name: &'static str) -> Limit {
    Limit {
        name,
        burst: state.config().accounts.tries_per_network,
        pause: SECONDS_PER_TRY_FROM_A_NETWORK,
    }
}

/// One letter that anyone may have sent to an account by naming it.
pub async fn count_letter_asked_for(state: &AppState, email_key: &str) -> Result<(), Problem> {
    let limit = Limit {
        name: "letter:account",
        burst: 5,
        pause: Duration::from_mins(10),
    };
    count_try(state, limit, email_key).await
}

/// One thing a signed-in user does that sends letters.
pub async fn count_letter_caused(state: &AppState, user: UserId) -> Result<(), Problem> {
    let limit = Limit {
        name: "letter:user",
        burst: 30,
        pause: Duration::from_mins(2),
    };
    count_try(state, limit, &user.to_string()).await
}

pub async fn count_network(
    state: &AppState,
    name: &'static str,
    ip: &ClientIp,
) -> Result<(), Problem> {
    count_try(state, per_network(state, name), &network(ip)).await
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

/// One code of the second factor, over all sessions and processes; a device that is known is counted apart.
pub async fn count_code<'a>(
    state: &'a AppState,
    user: UserId,
    device: &Device,
) -> Result<Counted<'a>, Problem> {
    let limit = Limit {
        name: "totp:user",
        burst: 5,
        pause: SECONDS_PER_TRY_AT_AN_ACCOUNT,
    };
    let what = match device {
        Device::Known(id) => format!("{user} {id}"),
        Device::KnownNetwork | Device::Unknown { .. } => user.to_string(),
    };
    Counted::in_each(state, vec![(limit, what)]).await
}

/// The same by someone who is signed in.
pub async fn count_code_within(state: &AppState, session: Session) -> Result<Counted<'_>, Problem> {
    let device = Device::Known(session.id.to_string());
    count_code(state, session.user, &device).await
}

/// One password given by someone who is signed in already.
pub async fn count_password(state: &AppState, user: UserId) -> Result<Counted<'_>, Problem> {
    let limit = Limit {
        name: "password:user",
        burst: 10,
        pause: SECONDS_PER_TRY_AT_AN_ACCOUNT,
    };
    Counted::in_each(state, vec![(limit, user.to_string())]).await
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
