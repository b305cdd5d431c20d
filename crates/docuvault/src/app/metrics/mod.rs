//! `/metrics` for Prometheus: figures of this process, and of what all processes share. No label has anything of a user's in it.

mod process;
mod store;
mod text;

use axum::{Router, extract::State, response::IntoResponse, routing::get};
use docuvault_jobs::JobState;
use http::header;

use self::text::{Kind, Page};
use super::{AppState, health};
use crate::{
    http::request_figures::{BOUNDS, Counted},
    keys::key_status,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/metrics", get(metrics))
}

async fn metrics(State(state): State<AppState>) -> impl IntoResponse {
    let mut page = Page::default();
    of_this_process(&mut page, &state);
    requests(&mut page, &state.figures().so_far());
    parts(&mut page, &state).await;
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        page.into_text(),
    )
}

fn of_this_process(page: &mut Page, state: &AppState) {
    page.family("docuvault_info", Kind::Gauge, "The program that runs.");
    page.sample("", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    let is_draining = f64::from(u8::from(state.draining().is_cancelled()));
    page.gauge(
        "docuvault_draining",
        "1 once the process was told to stop.",
        is_draining,
    );
    if let Some(bytes) = process::resident_bytes() {
        page.gauge("process_resident_memory_bytes", "Memory in use.", bytes);
    }
    if let Some(files) = process::open_files() {
        page.gauge(
            "process_open_fds",
            "Open files, connections included.",
            files,
        );
    }
    let connections = state.db().connections();
    page.family(
        "docuvault_database_connections",
        Kind::Gauge,
        "Connections of this process to the database, but for those of the worker and of listeners.",
    );
    for (what, number) in [
        ("busy", connections.busy),
        ("idle", connections.idle),
        ("most", connections.most),
    ] {
        page.sample("", &[("state", what)], f64::from(number));
    }
}

fn requests(page: &mut Page, counted: &Counted) {
    page.family(
        "docuvault_http_requests_total",
        Kind::Counter,
        "Answers by method, route and status.",
    );
    for (answer, number) in &counted.answers {
        let status = answer.status.to_string();
        let labels = [
            ("method", answer.method),
            ("route", answer.route.as_str()),
            ("status", status.as_str()),
        ];
        page.sample("", &labels, *number as f64);
    }
    page.family(
        "docuvault_http_request_seconds",
        Kind::Histogram,
        "Time until an answer began.",
    );
    for (route, times) in &counted.times {
        let mut within = 0;
        for (bound, number) in BOUNDS.iter().zip(times.within) {
            within += number;
            let labels = [("route", route.as_str()), ("le", &bound.to_string())];
            page.sample("_bucket", &labels, within as f64);
        }
        let route = ("route", route.as_str());
        page.sample("_bucket", &[route, ("le", "+Inf")], times.count as f64);
        page.sample("_sum", &[route], times.sum_seconds);
        page.sample("_count", &[route], times.count as f64);
    }
    page.family(
        "docuvault_problems_total",
        Kind::Counter,
        "Error answers by code; storage_unavailable and database_unavailable are the ones to watch.",
    );
    for (code, number) in &counted.problems {
        page.sample("", &[("code", code)], *number as f64);
    }
}

/// What needs the database is left out while it is away.
async fn parts(page: &mut Page, state: &AppState) {
    let (database, storage) = tokio::join!(
        health::database_answers(state),
        health::storage_answers(state)
    );
    page.family(
        "docuvault_up",
        Kind::Gauge,
        "1 when the part can be reached.",
    );
    page.sample("", &[("part", "database")], f64::from(u8::from(database)));
    page.sample("", &[("part", "storage")], f64::from(u8::from(storage)));
    if !database {
        return;
    }
    if let Err(error) = of_all_processes(page, state).await {
        tracing::warn!(%error, "some metrics are left out");
    }
}

async fn of_all_processes(page: &mut Page, state: &AppState) -> Result<(), anyhow::Error> {
    let depths = store::queue(state.db()).await?;
    page.family("docuvault_jobs", Kind::Gauge, "Jobs by kind and state.");
    for depth in &depths {
        let labels = [
            ("kind", depth.kind.as_str()),
            ("state", state_name(depth.state)),
        ];
        page.sample("", &labels, depth.jobs as f64);
    }
    page.family(
        "docuvault_job_overdue_seconds",
        Kind::Gauge,
        "How long the oldest waiting job of the kind has been due.",
    );
    let now = time::OffsetDateTime::now_utc();
    for depth in depths.iter().filter(|depth| depth.state == JobState::Ready) {
        let overdue = (now - depth.oldest_run_at).as_seconds_f64().max(0.0);
        page.sample("", &[("kind", &depth.kind)], overdue);
    }
    let open = store::open_uploads(state.db(), state.now()).await?;
    page.gauge(
        "docuvault_uploads_open",
        "Uploads begun and not completed.",
        open as f64,
    );
    page.family(
        "docuvault_sealed_values",
        Kind::Gauge,
        "Values sealed with each master key.",
    );
    for key in key_status(state.db(), state.keys()).await? {
        page.sample("", &[("key", &key.id.to_string())], key.rows() as f64);
    }
    Ok(())
}

fn state_name(state: JobState) -> &'static str {
    match state {
        JobState::Ready => "ready",
        JobState::Running => "running",
        JobState::Dead => "dead",
    }
}
