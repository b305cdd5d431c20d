//! What every driver must do, as a suite that runs against a real store: in the driver's tests, and against a store
//! an operator wants to know about. Each case works under a fresh random user and cleans up behind itself.

mod client;
mod direct;
mod parts;
mod plans;
mod reading;
mod removing;
mod sample;
mod writing;

use std::{error::Error, sync::Arc};

use futures::future::BoxFuture;

use crate::{Capabilities, StorageBackend, StorageError};

/// The store a case runs against.
type Store = Arc<dyn StorageBackend>;
type Outcome = Result<(), Broken>;

/// A promise, which stores it concerns, and how it is checked.
struct Case {
    name: &'static str,
    concerns: fn(&Capabilities) -> bool,
    check: fn(Store) -> BoxFuture<'static, Outcome>,
}

/// How a store broke its promise.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// A call failed that had to work.
    #[error("unexpected error: {}", in_full(.0))]
    Failed(#[from] StorageError),
    /// A call answered something it must not.
    #[error("{0}")]
    Promise(String),
}

/// Names cases and makes them callable through one type.
macro_rules! cases {
    ($concerns:expr; $($module:ident :: $case:ident),* $(,)?) => {
        &[$(Case {
            name: stringify!($case),
            concerns: $concerns,
            check: |store| Box::pin($module::$case(store)),
        }),*]
    };
}

const OF_ALL: &[Case] = cases![
    |_| true;
    writing::what_is_put_is_what_is_got,
    writing::an_empty_object_is_an_object,
    writing::every_valid_key_works,
    writing::a_short_stream_stores_nothing,
    writing::a_long_stream_stores_nothing,
    writing::a_wrong_checksum_stores_nothing,
    writing::a_right_checksum_is_accepted,
    writing::an_object_is_written_once,
    writing::a_derived_object_can_be_replaced,
    writing::a_failed_replacement_keeps_the_old_object,
    writing::a_failing_source_stores_nothing,
    writing::a_dropped_upload_stores_nothing,
    writing::of_parallel_writers_one_wins,
    writing::a_large_object_needs_little_memory,
    reading::ranges_are_exact,
    reading::a_range_behind_the_end_is_refused,
    reading::a_missing_object_is_not_found,
    reading::a_large_object_is_read_in_chunks,
    removing::delete_removes_and_may_be_repeated,
    removing::delete_spares_its_neighbours,
    removing::a_listing_is_complete_and_paged,
    removing::a_foreign_cursor_is_refused,
    plans::plans_follow_from_capabilities,
    plans::a_healthy_store_says_so,
];

const OF_URLS: &[Case] = cases![
    |able| able.presigned_put && able.presigned_get;
    direct::a_url_takes_one_length_only,
    direct::a_url_is_good_for_one_method,
    direct::a_url_is_good_for_one_object,
    direct::an_expired_url_is_refused,
    direct::a_url_used_again_changes_nothing,
    direct::a_download_presents_itself_as_asked,
];

const OF_DIGESTS: &[Case] = cases![
    |able| able.presigned_put && able.if_none_match && able.server_checksum;
    direct::a_url_takes_one_digest_only,
];

const OF_PARTS: &[Case] = cases![
    |able| able.presigned_multipart;
    parts::parts_arrive_in_any_order,
    parts::an_object_of_one_part_can_be_sent,
    parts::a_listing_of_parts_is_the_truth,
    parts::a_missing_part_is_not_made_up,
    parts::a_part_with_another_etag_is_refused,
    parts::completing_twice_answers_the_same,
    parts::completing_at_once_makes_one_object,
    parts::an_aborted_upload_is_gone,
    parts::an_upload_belongs_to_its_key,
    parts::after_completion_part_urls_are_dead,
    parts::an_unfinished_upload_is_found_by_its_key,
    parts::all_unfinished_uploads_are_found,
];

/// One case and how it went.
#[derive(Debug)]
pub struct Finding {
    /// The case's name, which is the promise it checks.
    pub case: &'static str,
    /// False for a promise about what this store does not do at all: it was not checked.
    pub applies: bool,
    /// How the promise was broken, if it was.
    pub outcome: Result<(), Broken>,
}

/// Runs every case that concerns the store, one after the other.
pub async fn run(store: &Arc<dyn StorageBackend>) -> Vec<Finding> {
    let able = store.capabilities();
    let mut findings = Vec::new();
    for case in [OF_ALL, OF_URLS, OF_DIGESTS, OF_PARTS]
        .into_iter()
        .flatten()
    {
        let applies = (case.concerns)(&able);
        let outcome = if applies {
            (case.check)(Arc::clone(store)).await
        } else {
            Ok(())
        };
        findings.push(Finding {
            case: case.name,
            applies,
            outcome,
        });
    }
    findings
}

/// The broken promises, in words, without the cases a store is known to lack. Empty means passed.
pub fn broken_promises(findings: &[Finding], known_gaps: &[&str]) -> Vec<String> {
    findings
        .iter()
        .filter(|finding| !known_gaps.contains(&finding.case))
        .filter_map(|finding| {
            finding
                .outcome
                .as_ref()
                .err()
                .map(|broken| format!("{}: {broken}", finding.case))
        })
        .collect()
}

fn ensure(holds: bool, otherwise: impl Into<String>) -> Outcome {
    if holds {
        Ok(())
    } else {
        Err(Broken::Promise(otherwise.into()))
    }
}

/// Fails unless `result` is the error `wanted` recognises.
fn ensure_refused<T>(
    result: Result<T, StorageError>,
    wanted: fn(&StorageError) -> bool,
    what: &str,
) -> Outcome {
    match result {
        Ok(_) => Err(Broken::Promise(format!("{what} was accepted"))),
        Err(error) if wanted(&error) => Ok(()),
        Err(error) => Err(Broken::Promise(format!(
            "{what} was refused with the wrong error: {}",
            in_full(&error)
        ))),
    }
}

/// An error with its causes; none of them holds a secret.
fn in_full(error: &StorageError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
