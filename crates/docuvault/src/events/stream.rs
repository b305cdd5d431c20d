//! The stream of events for one open page. It ends with the access token that opened it, or with its session.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{Stream, stream};
use serde_json::json;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{SESSION_ENDED, hub::Heard};
use crate::{app::AppState, auth::Caller, db::SessionError, http::Problem};

/// How often it is asked whether the session still stands.
const SESSION_CHECK: Duration = Duration::from_secs(15);
const KEEP_ALIVE: Duration = Duration::from_secs(20);

struct Listening {
    state: AppState,
    caller: Caller,
    heard: Receiver<Heard>,
    closing: CancellationToken,
    ends_at: Instant,
    next_check: Instant,
}

/// What changes in the vault, as it happens.
///
/// Server-sent events of the signed-in user: `document.updated`, `document.progress` with `page` and `pages`, `topic.updated`,
/// `filing_run.updated`, `quota.updated`, `notification.created` with ids,
/// `session.updated` when another session ended, and `resync` when some may have been missed. The stream ends when the access token
/// does; open it again with a fresh one. It also ends with its session, after `session.ended`.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", responses((status = OK, content_type = "text/event-stream", body = String)))]
pub async fn events(State(state): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    caller.begin(&state).await?.commit().await?;
    let now = Instant::now();
    let listening = Listening {
        heard: state.events().subscribe(),
        closing: state.events().closing(),
        ends_at: now + Duration::from_secs(state.access_tokens().ttl_seconds()),
        next_check: now + SESSION_CHECK,
        state,
        caller,
    };
    let mut response = Sse::new(stream_of(listening))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response();
    response
        .headers_mut()
        .insert("x-accel-buffering", http::HeaderValue::from_static("no"));
    Ok(response)
}

fn stream_of(listening: Listening) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(listening, |mut listening| async move {
        loop {
            tokio::select! {
                // In this order, so that what has ended says nothing more.
                biased;
                () = listening.closing.cancelled() => return None,
                () = tokio::time::sleep_until(listening.ends_at) => return None,
                () = tokio::time::sleep_until(listening.next_check) => {
                    listening.next_check = Instant::now() + SESSION_CHECK;
                    if has_ended(&listening).await {
                        return Some(last_word(listening));
                    }
                }
                heard = listening.heard.recv() => match heard {
                    Ok(Heard::Change { user, name, .. }) if user == listening.caller.user() && name == SESSION_ENDED => {
                        if has_ended(&listening).await {
                            return Some(last_word(listening));
                        }
                        return Some((Ok(Event::default().event("session.updated").data("{}")), listening));
                    }
                    Ok(Heard::Change { user, name, id, progress }) if user == listening.caller.user() => {
                        let key = match name.split_once('.') {
                            Some((about, _)) => format!("{about}_id"),
                            None => "id".to_owned(),
                        };
                        let mut data = id.map_or_else(|| json!({}), |id| json!({ key: id }));
                        if let Some((page, pages)) = progress {
                            data["page"] = page.into();
                            data["pages"] = pages.into();
                        }
                        return Some((Ok(Event::default().event(name).data(data.to_string())), listening));
                    }
                    Ok(Heard::Change { .. }) => {}
                    Ok(Heard::Gap) | Err(RecvError::Lagged(_)) => {
                        return Some((Ok(Event::default().event("resync").data("{}")), listening));
                    }
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    })
}

/// Whether the session or token that opened the stream was ended. A database that is away ends nothing.
async fn has_ended(listening: &Listening) -> bool {
    matches!(
        listening.caller.open(&listening.state).await,
        Err(SessionError::Ended)
    )
}

/// Tells the page that its session is over, and lets the stream end.
fn last_word(mut listening: Listening) -> (Result<Event, Infallible>, Listening) {
    listening.ends_at = Instant::now();
    let event = Event::default().event(SESSION_ENDED).data("{}");
    (Ok(event), listening)
}
