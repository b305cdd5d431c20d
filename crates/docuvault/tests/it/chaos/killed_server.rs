//! The server is killed at random points while uploads of every kind are under way, started again, swept; then everything is counted.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use docuvault::{
    app::{AppState, state::Parts},
    config::{Config, Source},
    crypto::Keys,
    db::Database,
    uploads::sweep_uploads,
};
use docuvault_storage::{LocalDisk, LocalDiskConfig};
use futures::{StreamExt, stream};
use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use sqlx::PgConnection;

use super::{
    invariants,
    program::{Program, SETUP_TOKEN},
    uploader::{Plan, Uploader},
};
use crate::support::{TestClock, fixture};

const UPLOADS: usize = 20;
const AT_ONCE: usize = 8;
/// So many uploads to each kill.
const UPLOADS_PER_KILL: usize = 4;
const SETTLE_DEADLINE: Duration = Duration::from_mins(3);
pub const PLANS: [Plan; 6] = [
    Plan::Reserve,
    Plan::SendHalf,
    Plan::Send,
    Plan::Abort,
    Plan::Keep,
    Plan::Erase,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_at_random_points_lose_nothing_and_leave_nothing() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|value| value.parse::<u64>().ok())
    };
    let uploads = number("DOCUVAULT_CHAOS_UPLOADS").map_or(UPLOADS, |uploads| uploads as usize);
    let seed = number("DOCUVAULT_CHAOS_SEED").unwrap_or_else(rand::random);
    // Shown when the test fails.
    println!("DOCUVAULT_CHAOS_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let files: Vec<(Plan, Vec<u8>)> = (0..uploads)
        .map(|number| (PLANS[number % PLANS.len()], file(&mut random, number)))
        .collect();

    let mut program = Program::start().await;
    let uploader = Uploader::set_up(vec![program.base_url.clone()], SETUP_TOKEN).await;
    let uploading = stream::iter(files)
        .map(|(plan, bytes)| uploader.upload(plan, bytes))
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>();
    let killing = async {
        for _ in 0..uploads.div_ceil(UPLOADS_PER_KILL) {
            tokio::time::sleep(Duration::from_millis(random.random_range(20..600))).await;
            program.kill();
            let_leases_run_out(&mut program.superuser().await).await;
            program.start_again().await;
        }
    };
    let (uploaded, ()) = futures::join!(uploading, killing);
    assert!(
        uploader.setbacks.load(Ordering::Relaxed) > 0,
        "no kill was felt"
    );

    let mut database = program.superuser().await;
    settle(&mut database).await;
    let store = LocalDisk::open(LocalDiskConfig {
        root: program.data_dir().join("objects"),
        free_space_floor_bytes: 0,
    })
    .await
    .unwrap();
    let swept = sweep_days_later(&program, &store).await;
    assert_eq!(
        swept,
        uploaded
            .iter()
            .filter(|upload| matches!(upload.plan, Plan::Reserve | Plan::SendHalf | Plan::Send))
            .count()
    );
    settle(&mut database).await;
    invariants::assert_hold(&mut database, &store, &uploaded).await;
    drop(database);
    assert!(program.stop(), "{}", program.log());
}

/// No two alike, and of each plan both kinds. Every other one is text, large enough for a kill to fall into its sending, every other one a PDF, which has a thumbnail.
pub fn file(random: &mut StdRng, number: usize) -> Vec<u8> {
    let words = random.random_range(1..40_000);
    let words: Vec<String> = (0..words)
        .map(|_| format!("{:04x}", random.next_u32() & 0xffff))
        .collect();
    let text = words.join(" ");
    if (number + number / PLANS.len()).is_multiple_of(2) {
        return format!("file {number} {text}").into_bytes();
    }
    [
        fixture("three-pages.pdf"),
        format!("\n% file {number} {text}\n%%EOF\n").into_bytes(),
    ]
    .concat()
}

/// As if the minute that a killed worker's jobs are held for it had passed. Nor are they given up for our killing it so often.
pub async fn let_leases_run_out(database: &mut PgConnection) {
    let sql = "UPDATE jobs SET lease_until = now() - interval '1 second', max_attempts = 1000 WHERE state = 'running'";
    sqlx::query(sql).execute(database).await.unwrap();
}

/// Waits until every job is done.
pub async fn settle(database: &mut PgConnection) {
    let deadline = Instant::now() + SETTLE_DEADLINE;
    loop {
        sqlx::query("UPDATE jobs SET run_at = now() WHERE state = 'ready' AND run_at > now()")
            .execute(&mut *database)
            .await
            .unwrap();
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM jobs WHERE state <> 'dead' AND kind <> 'sweep'",
        )
        .fetch_one(&mut *database)
        .await
        .unwrap();
        if open == 0 {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{open} jobs do not come to an end"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The sweep as a second process would make it days later: same database, same store, a later clock.
async fn sweep_days_later(program: &Program, store: &LocalDisk) -> usize {
    let config =
        Config::from_source(&Source::from_pairs(std::iter::empty(), None).unwrap()).unwrap();
    let clock = Arc::new(TestClock::default());
    clock.advance(Duration::from_hours(48));
    let state = AppState::new(Parts {
        database: Database::connect(&program.app_url(), 4).unwrap(),
        storage: Arc::new(store.clone()),
        reader: None,
        keys: Keys::from_bytes([1; 32], [2; 32]),
        setup_token: SETUP_TOKEN.to_owned().into(),
        mailer: docuvault::mail::mailer(&config).unwrap(),
        clock,
        config,
    })
    .unwrap();
    let mut swept = 0;
    loop {
        match sweep_uploads(&state).await.unwrap() {
            0 => break,
            some => swept += some,
        }
    }
    state.db().close().await;
    swept
}
