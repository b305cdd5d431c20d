//! Two processes for the API, two workers, a store behind a network that cuts and delays: everything is killed at random points while
//! uploads of every kind are under way. Then the network heals, the sweep and the reconciliation come, and everything is counted.
//!
//! `DOCUVAULT_CHAOS_SCALED=2000` makes the long run of it (`make test-chaos`), `DOCUVAULT_CHAOS_STORE=garage` runs it on another store.

mod fault_proxy;
mod stack;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use clap::ValueEnum;
use docuvault::{
    app::{AppState, state::Parts},
    config::{Config, Source},
    crypto::Keys,
    db::Database,
    reconcile::reconcile_now,
    uploads::sweep_uploads,
};
use docuvault_storage::{S3, S3Features, StorageBackend};
use docuvault_test_stores::Kind;
use futures::{StreamExt, stream};
use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use stack::Stack;
pub use stack::postgres_settings;

use super::{
    invariants,
    killed_server::{PLANS, file, let_leases_run_out, settle},
    program::SETUP_TOKEN,
    uploader::{Plan, Uploader},
};
use crate::support::TestClock;

const UPLOADS: usize = 120;
const AT_ONCE: usize = 12;
/// One in so many comes in several parts.
const LARGE_EVERY: usize = 50;
const LARGE_BYTES: usize = 11 * 1024 * 1024;
/// Milliseconds from one kill to the next: longer than a process takes to try the store and serve.
const CALM: std::ops::Range<u64> = 2500..6000;
const LEASES_RUN_OUT_EVERY: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_at_every_arrow_lose_nothing_and_leave_nothing() {
    let setting = |name: &str| std::env::var(name).ok();
    let uploads = setting("DOCUVAULT_CHAOS_SCALED").map_or(UPLOADS, |value| value.parse().unwrap());
    let seed =
        setting("DOCUVAULT_CHAOS_SEED").map_or_else(rand::random, |value| value.parse().unwrap());
    let kind = setting("DOCUVAULT_CHAOS_STORE")
        .map_or(Kind::Rclone, |name| Kind::from_str(&name, true).unwrap());
    // Shown when the test fails.
    println!("DOCUVAULT_CHAOS_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let files: Vec<(Plan, Vec<u8>)> = (0..uploads)
        .map(|number| (PLANS[number % PLANS.len()], some_file(&mut random, number)))
        .collect();

    let mut stack = Stack::start(kind, seed).await;
    let uploader = Uploader::set_up(stack.bases(), SETUP_TOKEN).await;
    stack.proxy.be_wild(true);
    let uploaded = {
        let uploading = stream::iter(files)
            .map(|(plan, bytes)| uploader.upload(plan, bytes))
            .buffer_unordered(AT_ONCE)
            .collect::<Vec<_>>();
        tokio::select! {
            uploaded = uploading => uploaded,
            () = kill_for_ever(&mut stack, &mut random) => unreachable!("it goes on for ever"),
        }
    };
    stack.proxy.be_wild(false);
    println!(
        "{} uploads, {} setbacks, {} faults of the network",
        uploaded.len(),
        uploader.setbacks.load(Ordering::Relaxed),
        stack.proxy.faults()
    );
    assert!(stack.proxy.faults() > 0 && uploader.setbacks.load(Ordering::Relaxed) > 0);

    let mut database = stack.superuser().await;
    let_leases_run_out(&mut database).await;
    settle(&mut database).await;
    let store = clean_up_days_later(&stack).await;
    settle(&mut database).await;
    invariants::assert_hold(&mut database, &*store, &uploaded).await;
    let left = store.list_unfinished_uploads().await.unwrap();
    assert!(
        left.is_empty(),
        "parts that belong to nothing: {}",
        left.len()
    );
    drop(database);
    assert!(stack.stop().is_empty(), "{}", stack.log());
}

fn some_file(random: &mut StdRng, number: usize) -> Vec<u8> {
    if !number.is_multiple_of(LARGE_EVERY) {
        return file(random, number);
    }
    let mut bytes = vec![0; LARGE_BYTES];
    random.fill_bytes(&mut bytes);
    bytes
}

async fn kill_for_ever(stack: &mut Stack, random: &mut StdRng) {
    let mut since_leases = Duration::ZERO;
    loop {
        let calm = Duration::from_millis(random.random_range(CALM));
        tokio::time::sleep(calm).await;
        since_leases += calm;
        // Processes die far more often than databases and stores.
        match random.random_range(0..10) {
            0 => stack.crash_postgres().await,
            1 => stack.crash_store(),
            _ => stack.replace_process(random.random_range(0..stack.processes())),
        }
        if since_leases > LEASES_RUN_OUT_EVERY {
            since_leases = Duration::ZERO;
            let_leases_run_out(&mut stack.superuser().await).await;
        }
    }
}

/// Sweep and reconciliation, as another process would make them days later, and once more when the quarantine is over.
async fn clean_up_days_later(stack: &Stack) -> Arc<dyn StorageBackend> {
    let config =
        Config::from_source(&Source::from_pairs(std::iter::empty(), None).unwrap()).unwrap();
    let store = S3::open(stack.s3(true)).unwrap();
    store.accept(S3Features::default());
    let store: Arc<dyn StorageBackend> = Arc::new(store);
    let clock = Arc::new(TestClock::default());
    let state = AppState::new(Parts {
        database: Database::connect(&stack.app_url(), 4).unwrap(),
        storage: Arc::clone(&store),
        reader: None,
        keys: Keys::from_bytes([1; 32], [2; 32]),
        setup_token: SETUP_TOKEN.to_owned().into(),
        mailer: docuvault::mail::mailer(&config).unwrap(),
        clock: Arc::<TestClock>::clone(&clock),
        config,
    })
    .unwrap();
    for _ in 0..2 {
        clock.advance(Duration::from_hours(10 * 24));
        while sweep_uploads(&state).await.unwrap() > 0 {}
        reconcile_now(&state).await.unwrap();
    }
    state.db().close().await;
    store
}
