//! All routes, grouped by who uses them.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Request, State},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode, header};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

use super::{AppState, openapi};
use crate::{
    accounts, admin, ai, attachments, audit, auth, documents, events, filing_runs, filing_settings,
    gateway,
    http::{
        Problem,
        admission::{Admission, admit},
        request_log::log_requests,
        request_shape::check_request_shape,
        security_headers::add_security_headers,
    },
    likeness, notifications, quotas, review, saved_searches, search, searchable_copies, topics,
    uploads,
};

/// Which of the process's roles answer requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Serves {
    pub api: bool,
    pub gateway: bool,
}

/// The JSON API with its description.
pub fn api_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::description())
        .merge(openapi::routes())
        .merge(accounts::routes())
        .merge(auth::routes())
        .merge(notifications::routes())
        .merge(quotas::routes())
        .merge(uploads::routes())
        .merge(documents::routes())
        .merge(search::routes())
        .merge(saved_searches::routes())
        .merge(likeness::routes())
        .merge(attachments::routes())
        .merge(searchable_copies::routes())
        .merge(topics::routes())
        .merge(ai::routes())
        .merge(review::routes())
        .merge(filing_settings::routes())
        .merge(filing_runs::routes())
        .merge(events::routes())
        .merge(audit::routes())
        .merge(admin::routes())
}

pub fn router(state: AppState, serves: Serves) -> Router {
    let mut router = Router::new().merge(super::health::routes());
    if serves.api {
        let (api, _) = api_routes().split_for_parts();
        let admission = Admission::new(&state.config().http.limits);
        let api = api.layer(middleware::from_fn_with_state(admission, admit));
        router = router.merge(api).route("/", get(page)).fallback(page);
    } else {
        router = router.fallback(|| async { Problem::not_found() });
    }
    if serves.gateway {
        // Files are of any size; their exact length is in the ticket.
        router = router.merge(gateway::routes().layer(DefaultBodyLimit::disable()));
    }
    with_what_all_routes_share(router, state)
}

/// What is for whoever runs the vault, and for nobody else.
pub fn management_router(state: AppState) -> Router {
    let router = Router::new()
        .merge(super::health::routes())
        .merge(super::metrics::routes())
        .fallback(|| async { Problem::not_found() });
    with_what_all_routes_share(router, state)
}

/// The layers around every route, the outermost last.
pub fn with_what_all_routes_share(router: Router<AppState>, state: AppState) -> Router {
    router
        .method_not_allowed_fallback(|| async {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This address does not take this method.",
            )
        })
        .layer(CatchPanicLayer::custom(
            |_: Box<dyn std::any::Any + Send>| {
                Problem::internal(anyhow::anyhow!("a handler panicked"))
                    .into_response()
                    .map(|_| http_body_util::Empty::<Bytes>::new())
            },
        ))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            check_request_shape,
        ))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            add_security_headers,
        ))
        .layer(middleware::from_fn_with_state(state.clone(), log_requests))
        .with_state(state)
}

/// The web UI; its pages are addresses of the app, which the browser sorts out.
async fn page(State(_): State<AppState>, headers: HeaderMap, request: Request) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/")
        || path.starts_with("/gateway/")
        || !matches!(*request.method(), http::Method::GET | http::Method::HEAD)
    {
        return Problem::not_found().into_response();
    }
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    docuvault_web_assets::respond(
        path,
        text(header::ACCEPT),
        text(header::ACCEPT_ENCODING),
        text(header::IF_NONE_MATCH),
    )
    .map(axum::body::Body::from)
    .into_response()
}
