//! Uploads in any order of events, with a store that fails now and then: after each of them every byte is accounted for, and in the end
//! nothing is left over.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use docuvault::uploads::sweep_uploads;
use futures::future::{join, join_all};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use sqlx::{PgConnection, Row};

use super::{
    in_parts::{InParts, PART_BYTES, piece, urls, vault_with},
    new_file, sha256_hex,
};
use crate::support::{Lie, Response, ScriptedStore, TestApp, TestUser};

const TTL: Duration = Duration::from_mins(10);
const GRACE: Duration = Duration::from_mins(30);
const STEPS: usize = 120;
const SEEDS: u64 = 6;

struct Upload {
    parts: InParts,
    bytes: Vec<u8>,
}

struct Run {
    app: TestApp,
    store: Arc<ScriptedStore>,
    alice: TestUser,
    random: StdRng,
    uploads: Vec<Upload>,
    database: PgConnection,
}

#[tokio::test]
async fn sec_quo_03_rel_upl_01_whatever_happens_every_byte_is_accounted_for() {
    for seed in 0..SEEDS {
        let mut run = Run::begin(seed).await;
        for step in 0..STEPS {
            let what = run.step().await;
            run.check_promises(&format!("seed {seed}, step {step}: {what}"))
                .await;
        }
        run.end(seed).await;
    }
}

impl Run {
    async fn begin(seed: u64) -> Self {
        let settings = TestApp::with()
            .setting("DOCUVAULT_UPLOAD_TTL_SECONDS", TTL.as_secs())
            .setting("DOCUVAULT_SWEEP_GRACE_SECONDS", GRACE.as_secs())
            .setting("DOCUVAULT_ACCESS_TOKEN_SECONDS", 100_000)
            .quota_bytes(120)
            .without_reader();
        let (app, store) = vault_with(settings).await;
        Self {
            alice: app.user("alice").await,
            database: app.database.superuser().await,
            app,
            store,
            random: StdRng::seed_from_u64(seed),
            uploads: Vec::new(),
        }
    }

    /// One event; answers its name.
    async fn step(&mut self) -> &'static str {
        let event = self.random.random_range(0..100);
        if self.uploads.is_empty() || event < 22 {
            self.start().await;
            return "start";
        }
        let at = self.random.random_range(0..self.uploads.len());
        match event {
            22..45 => self.send(at),
            45..62 => self.complete(at).await,
            62..68 => self.complete_at_once(at).await,
            68..74 => self.give_up(at).await,
            74..78 => self.complete_and_give_up(at).await,
            78..86 => self.look_and_renew(at).await,
            86..89 => self.sweep().await,
            89..91 => self.store.forget_uploads(),
            91..93 => self.erase(at).await,
            93..96 => self.store.refuse_next(self.random.random_range(1..3)),
            96 => self.store.tell_lie(Lie::CompleteDenies),
            97 => self.store.tell_lie(Lie::CompleteKeepsNothing),
            98 => self.store.tell_lie(Lie::LongerStat),
            _ => self.store.be_honest(),
        }
        [
            "send", "complete", "give up", "look", "sweep", "forget", "erase", "fail",
        ][match event {
            22..45 => 0,
            45..68 => 1,
            68..78 => 2,
            78..86 => 3,
            86..89 => 4,
            89..91 => 5,
            91..93 => 6,
            _ => 7,
        }]
    }

    async fn start(&mut self) {
        let length = self.random.random_range(1..=3 * PART_BYTES as usize + 1);
        // Some files are the same.
        let bytes: Vec<u8> = (0..length)
            .map(|_| self.random.random_range(b'a'..b'd'))
            .collect();
        let mut body = new_file("a.txt", length);
        match self.random.random_range(0..3) {
            0 => body["sha256"] = json!(sha256_hex(&bytes)),
            1 => body["sha256"] = json!(sha256_hex(b"something else")),
            _ => {}
        }
        let answer = self.alice.post("/api/v1/documents", body).await;
        if answer.status == 201 {
            let parts = InParts::of(&answer.json());
            self.uploads.push(Upload { parts, bytes });
        } else {
            expect_one_of(&answer, &[409, 413, 503]);
        }
    }

    /// Each part that is drawn, by whatever address the client has.
    fn send(&mut self, at: usize) {
        let upload = &self.uploads[at];
        for (number, url, _) in &upload.parts.parts {
            if self.random.random_bool(0.8) {
                let _ = self.store.put_part(url, piece(&upload.bytes, *number));
            }
        }
    }

    async fn complete(&self, at: usize) {
        let answer = self.alice.complete(self.uploads[at].parts.document).await;
        expect_one_of(&answer, &[200, 404, 409, 422, 503]);
    }

    async fn complete_at_once(&self, at: usize) {
        let document = self.uploads[at].parts.document;
        for answer in join_all((0..3).map(|_| self.alice.complete(document))).await {
            expect_one_of(&answer, &[200, 404, 409, 422, 503]);
        }
    }

    async fn give_up(&self, at: usize) {
        let path = self.uploads[at].parts.path("/upload");
        expect_one_of(&self.alice.delete(&path).await, &[204, 404, 409, 503]);
    }

    async fn complete_and_give_up(&self, at: usize) {
        join(self.complete(at), self.give_up(at)).await;
    }

    async fn look_and_renew(&mut self, at: usize) {
        let upload = &mut self.uploads[at];
        let shown = self.alice.get(&upload.parts.path("/upload")).await;
        expect_one_of(&shown, &[200, 404, 503]);
        let numbers: Vec<u32> = upload.parts.parts.iter().map(|part| part.0).collect();
        let renewed = self
            .alice
            .post(
                &upload.parts.path("/upload/parts"),
                json!({"part_numbers": numbers}),
            )
            .await;
        expect_one_of(&renewed, &[200, 404, 409, 503]);
        if renewed.status == 200 {
            upload.parts.parts = urls(&renewed.json());
        }
    }

    async fn sweep(&mut self) {
        if self.random.random_bool(0.5) {
            self.app
                .clock
                .advance(TTL + GRACE + Duration::from_secs(10));
        }
        sweep_uploads(&self.app.state).await.unwrap();
    }

    async fn erase(&self, at: usize) {
        let path = self.uploads[at].parts.path("/permanently");
        expect_one_of(&self.alice.delete(&path).await, &[204, 404, 409, 503]);
    }

    /// What is promised is what is open, what is used is what is kept, to the byte.
    async fn check_promises(&mut self, when: &str) {
        let row = sqlx::query(
            "SELECT q.reserved_bytes, q.used_bytes, q.open_uploads::bigint,
                    (SELECT coalesce(sum(declared_bytes), 0)::bigint FROM uploads WHERE state <> 'completed'),
                    (SELECT coalesce(sum(size_bytes), 0)::bigint FROM documents WHERE state <> 'reserved'),
                    (SELECT count(*) FROM uploads WHERE state <> 'completed')
               FROM quotas q",
        )
        .fetch_one(&mut self.database)
        .await
        .unwrap();
        let [reserved, used, open, promised, kept, waiting] =
            [0, 1, 2, 3, 4, 5].map(|column| row.get::<i64, _>(column));
        assert_eq!(
            (reserved, used, open),
            (promised, kept, waiting),
            "I1, {when}"
        );
    }

    /// All calms down; what was left halfway is swept and erased.
    async fn end(&mut self, seed: u64) {
        self.store.be_honest();
        self.store.refuse_next(0);
        self.app
            .clock
            .advance(TTL + GRACE + Duration::from_secs(10));
        while sweep_uploads(&self.app.state).await.unwrap() > 0 {}
        sqlx::query("DELETE FROM jobs WHERE kind = 'read_document'")
            .execute(&mut self.database)
            .await
            .unwrap();
        self.app.run_jobs().await;
        self.check_promises(&format!("seed {seed}, in the end"))
            .await;

        let rows = sqlx::query("SELECT id, object_key, state FROM documents")
            .fetch_all(&mut self.database)
            .await
            .unwrap();
        let mut objects: BTreeMap<String, Vec<u8>> = self
            .store
            .objects()
            .into_iter()
            .map(|key| (key.to_string(), self.store.bytes_of(&key).to_vec()))
            .collect();
        for row in rows {
            let id: uuid::Uuid = row.get(0);
            assert_eq!(row.get::<String, _>(2), "stored", "seed {seed}");
            let upload = self.uploads.iter().find(|known| known.parts.document == id);
            assert_eq!(
                objects.remove(&row.get::<String, _>(1)).as_ref(),
                upload.map(|upload| &upload.bytes),
                "I3, seed {seed}"
            );
        }
        assert!(
            objects.is_empty(),
            "I2, seed {seed}: {:?}",
            objects.keys().collect::<Vec<_>>()
        );
        assert_eq!(self.store.open_uploads(), 0, "seed {seed}");
    }
}

#[track_caller]
fn expect_one_of(answer: &Response, statuses: &[u16]) {
    assert!(
        statuses.contains(&answer.status.as_u16()),
        "{} {}",
        answer.status,
        answer.text()
    );
}
