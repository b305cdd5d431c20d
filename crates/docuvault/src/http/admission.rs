//! Lets requests of the API in: first their body must arrive, in time and within bounds, then there must be a free place, then the
//! answer must come by its deadline. A slow sender so holds no place, and where there is none the answer is a prompt 503, not a queue.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::BytesMut;
use http::{StatusCode, header};
use http_body_util::BodyExt;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout, timeout_at},
};

use super::{Problem, extract::MAX_BODY_BYTES, limits::HttpLimits};

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct Admission {
    places: Arc<Semaphore>,
    body_bytes: Arc<Semaphore>,
    limits: HttpLimits,
}

impl Admission {
    pub fn new(limits: &HttpLimits) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limits.running)),
            body_bytes: Arc::new(Semaphore::new(limits.bodies_bytes)),
            limits: limits.clone(),
        }
    }
}

/// Layer of the API's routes. The deadline is that of the handler: a stream of events goes on after it.
pub async fn admit(State(admission): State<Admission>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let (body, _room) = match whole_body(body, &admission).await {
        Ok(whole) => whole,
        Err(problem) => return problem.into_response(),
    };
    let Ok(_place) = admission.places.try_acquire() else {
        return overloaded().into_response();
    };
    let request = Request::from_parts(parts, Body::from(body));
    match timeout(admission.limits.deadline, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "deadline_exceeded",
            "This took too long and was given up. Nothing was changed; try again shortly.",
        )
        .with_header(header::RETRY_AFTER, "5")
        .into_response(),
    }
}

/// The body, with the room it takes of what all bodies may take together.
async fn whole_body(
    mut body: Body,
    admission: &Admission,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Problem> {
    let limits = &admission.limits;
    let ends = Instant::now() + limits.body_time;
    let (mut whole, mut room) = (BytesMut::new(), None::<OwnedSemaphorePermit>);
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(too_large());
    }
    while !body.is_end_stream() {
        let until = ends.min(Instant::now() + limits.body_silence);
        let Ok(frame) = timeout_at(until, body.frame()).await else {
            return Err(too_slow());
        };
        let data = match frame {
            None => break,
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            Some(Err(_)) => return Err(incomplete()),
        };
        if whole.len() + data.len() > MAX_BODY_BYTES {
            return Err(too_large());
        }
        // Counted as it arrives: only who has sent something takes up room.
        let more = Arc::clone(&admission.body_bytes)
            .try_acquire_many_owned(u32::try_from(data.len()).unwrap_or(u32::MAX))
            .map_err(|_| overloaded())?;
        match &mut room {
            Some(room) => room.merge(more),
            None => room = Some(more),
        }
        whole.extend_from_slice(&data);
    }
    Ok((whole.freeze(), room))
}

fn overloaded() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "overloaded",
        "Too much is being asked at once. Nothing was done; try again in a moment.",
    )
    .with_header(header::RETRY_AFTER, "1")
}

fn too_slow() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "body_timeout",
        "The request body took too long to arrive.",
    )
    .with_header(header::CONNECTION, "close")
}

pub(super) fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        "A request body may be 1 MiB at most.",
    )
}

pub(super) fn incomplete() -> Problem {
    Problem::bad_request("body_incomplete", "The request body did not arrive whole.")
}
