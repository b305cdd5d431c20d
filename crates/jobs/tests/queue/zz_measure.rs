//! tmp
use std::time::{Duration, Instant};
use crate::{database::Database, recorder::{AtWork, Recorder, worker}};
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drain() {
    for (jobs, lanes, sql) in [(5000, 25, "INSERT INTO jobs (kind, payload, max_attempts, user_id) SELECT 'numbered', jsonb_build_object('number', n), 3, md5((n % 25)::text)::uuid FROM generate_series(1, 5000) n; ANALYZE jobs"),
        (5000, 1, "INSERT INTO jobs (kind, payload, max_attempts, user_id) SELECT 'numbered', jsonb_build_object('number', n), 3, md5('a')::uuid FROM generate_series(1, 5000) n; ANALYZE jobs"),
        (5000, 5000, "INSERT INTO jobs (kind, payload, max_attempts, user_id) SELECT 'numbered', jsonb_build_object('number', n), 3, md5(n::text)::uuid FROM generate_series(1, 5000) n; ANALYZE jobs")] {
        let database = Database::create().await;
        database.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET session_preload_libraries = auto_explain', current_database()); EXECUTE format('ALTER DATABASE %I SET auto_explain.log_min_duration = 30', current_database()); EXECUTE format('ALTER DATABASE %I SET auto_explain.log_analyze = on', current_database()); END $$").await;
        database.execute(sql).await;
        let recorder = Recorder::default();
        let started = Instant::now();
        let at_work = AtWork::start(worker(&database).concurrency(20).register(recorder.handler(Duration::ZERO, Ok(()))));
        while database.count("SELECT count(*) FROM jobs").await > 0 { tokio::time::sleep(Duration::from_millis(20)).await; assert!(started.elapsed() < Duration::from_secs(120)); }
        println!("{jobs} jobs, {lanes} lanes: {:?} {}/s", started.elapsed(), jobs as f64 / started.elapsed().as_secs_f64());
        at_work.stop().await;
    }
}
