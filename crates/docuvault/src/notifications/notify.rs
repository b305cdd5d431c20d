//! Tells a user of something, in the transaction in which it happens: row, event and letter exist if and only if that commits.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Kind, store};
use crate::{
    app::AppState,
    db::UserTx,
    events::{Change, announce},
    http::{Problem, request_context::RequestContext},
    mail::{Letter, queue_letter},
};

/// Tells the transaction's user. `data` holds ids and times, never a document's name. Where it came from is added as `ip` and
/// `user_agent`, unless it says so itself, and the letter shows them too. A letter goes to the address that the user has at this
/// point of the transaction.
pub async fn notify(
    state: &AppState,
    tx: &mut UserTx,
    kind: Kind,
    mut data: Map<String, Value>,
) -> Result<(), Problem> {
    if let Some(request) = RequestContext::current() {
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                data.entry(name).or_insert(value.into());
            }
        };
        add("ip", request.client_ip.text());
        add("user_agent", request.user_agent);
    }
    let choice = store::choice(tx, kind).await?;
    let text = |name: &str| data.get(name).and_then(Value::as_str).map(str::to_owned);
    let (ip, user_agent) = (text("ip"), text("user_agent"));
    if choice.in_app || kind.is_locked() {
        let id = Uuid::now_v7();
        store::insert(tx, id, kind, data, state.now()).await?;
        announce(tx, Change::Notification(id)).await?;
    }
    if choice.mail {
        let recipient = store::recipient(tx).await?;
        let letter = Letter::Notice {
            kind: kind.name().to_owned(),
            at: state.now(),
            ip,
            user_agent,
        };
        queue_letter(state, tx, &recipient.email, &recipient.locale, &letter).await?;
    }
    Ok(())
}
