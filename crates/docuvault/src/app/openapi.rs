//! The API's own description, and a page that shows it without loading anything from elsewhere.

use axum::{Json, response::Html};
use http::{HeaderName, header};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{
        ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;

#[derive(OpenApi)]
#[openapi(
    info(title = "DocuVault", description = "A self-hosted, privacy-first, multi-user document vault. Errors are RFC 9457 problem+json with a stable `code`."),
    components(schemas(crate::http::problem::ProblemBody, crate::http::problem::FieldError, crate::documents::ListSort)),
    modifiers(&Security),
)]
struct Description;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme(
            "access_token",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("JWT")
                    .build(),
            ),
        );
        components.add_security_scheme(
            "refresh_cookie",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("docuvault_refresh"))),
        );
        openapi.security = Some(vec![SecurityRequirement::new(
            "access_token",
            Vec::<String>::new(),
        )]);
    }
}

pub(super) fn description() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// The whole document, with all routes.
pub fn document() -> utoipa::openapi::OpenApi {
    super::router::api_routes().split_for_parts().1
}

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(openapi_json))
        .routes(routes!(docs))
}

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "meta", security(()), responses((status = OK, content_type = "application/json", body = serde_json::Value)))]
async fn openapi_json() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}

/// This document, to read.
#[utoipa::path(get, path = "/api/docs", tag = "meta", security(()), responses((status = OK, content_type = "text/html", body = String)))]
async fn docs() -> ([(HeaderName, &'static str); 1], Html<String>) {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    (
        [(header::CONTENT_SECURITY_POLICY, policy)],
        Html(super::api_page::render(&document())),
    )
}
