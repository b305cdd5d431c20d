//! A whole vault in the test's process: the real router behind the real listener, on a database and a folder of its own.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use docuvault::{
    accounts::{NewAccount, Role, create_account},
    app::{AppState, job_registry},
    config::{Config, Source},
    db::{UserId, UserTx},
    http::limits::HttpLimits,
};
use docuvault_extract::Reader;
use docuvault_storage::StorageBackend;
use docuvault_test_stores::{Kind, TestStore};
use serde_json::json;
use sqlx::Connection;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::Mutex, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    Client, Replica, TestClock, TestDatabase, TestUser,
    replica::{assemble, run},
    store,
};

pub const SETUP_TOKEN: &str = "test-setup-token";
/// No job of a test takes so long.
const JOBS_DEADLINE: Duration = Duration::from_mins(2);

pub struct TestApp {
    pub base_url: String,
    pub state: AppState,
    pub clock: Arc<TestClock>,
    pub database: TestDatabase,
    data: TempDir,
    store: Arc<dyn StorageBackend>,
    /// Its server, where it has one of its own.
    pub store_server: Mutex<Option<TestStore>>,
    /// Who has an account.
    names: Mutex<Vec<String>>,
    stop: CancellationToken,
}

/// How the vault of a test differs from the usual one.
#[derive(Default)]
pub struct Builder {
    settings: Vec<(String, String)>,
    postgres_settings: Vec<(String, String)>,
    without_reader: bool,
    http_limits: Option<HttpLimits>,
    store: Option<Arc<dyn StorageBackend>>,
    store_server: Option<TestStore>,
}

impl Builder {
    /// Any setting by its name in the settings page.
    pub fn setting(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.push((name.to_owned(), value.to_string()));
        self
    }

    pub fn quota_bytes(self, bytes: u64) -> Self {
        self.setting("DOCUVAULT_QUOTA_BYTES", bytes)
    }

    pub fn max_file_bytes(self, bytes: u64) -> Self {
        self.setting("DOCUVAULT_MAX_FILE_BYTES", bytes)
    }

    pub fn refresh_grace_seconds(self, seconds: u64) -> Self {
        self.setting("DOCUVAULT_REFRESH_GRACE_SECONDS", seconds)
    }

    /// A setting of PostgreSQL for every connection of the application, the worker's included.
    pub fn postgres_setting(mut self, name: &str, value: &str) -> Self {
        self.postgres_settings
            .push((name.to_owned(), value.to_owned()));
        self
    }

    /// Other limits than a vault's own, which no setting changes.
    pub fn http_limits(mut self, limits: HttpLimits) -> Self {
        self.http_limits = Some(limits);
        self
    }

    /// As on a machine where `docuvault-extract` is not installed.
    pub fn without_reader(mut self) -> Self {
        self.without_reader = true;
        self
    }

    /// Keeps its bytes in this store.
    pub fn store(mut self, store: Arc<dyn StorageBackend>) -> Self {
        self.store = Some(store);
        self
    }

    /// Keeps its bytes in an S3 server of its own.
    pub fn s3(mut self, kind: Kind) -> Self {
        let (server, store) = store::s3(kind);
        self.store_server = Some(server);
        self.store(store)
    }

    pub async fn start(self) -> TestApp {
        let database = TestDatabase::create().await;
        for (name, value) in &self.postgres_settings {
            database.set_for_app(name, value).await;
        }
        let data = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();

        let usual = [
            ("DOCUVAULT_ADDR", addr.to_string()),
            ("DOCUVAULT_DATA_DIR", data.path().display().to_string()),
            ("DOCUVAULT_PASSWORD_MEMORY_KIB", "64".to_owned()),
            ("DOCUVAULT_DATABASE_CONNECTIONS", "8".to_owned()),
        ];
        let settings = usual
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .chain(self.settings);
        let mut config = Config::from_source(&Source::from_pairs(settings, None).unwrap()).unwrap();
        if let Some(limits) = self.http_limits {
            config.http.limits = limits;
        }
        let clock = Arc::new(TestClock::default());
        let reader = (!self.without_reader).then(|| reader(config.reading.program.as_deref()));
        write_keys(&data.path().join("secrets"));
        let store = match self.store {
            Some(store) => store,
            None => store::local_disk(&config).await,
        };
        let serving = Arc::clone(&store);
        let state = assemble(config, &database, Arc::clone(&clock), reader, serving).await;
        let stop = CancellationToken::new();
        // They end with `stop`, not with this.
        run(&state, listener, &stop).detach_all();
        TestApp {
            base_url: format!("http://{addr}"),
            state,
            clock,
            database,
            data,
            store,
            store_server: Mutex::new(self.store_server),
            names: Mutex::default(),
            stop,
        }
    }
}

/// Key files as a vault has them, but without waiting for the disk.
fn write_keys(dir: &Path) {
    fs::create_dir_all(dir).unwrap();
    for (name, byte) in [("master", "01"), ("access-token", "02"), ("signing", "03")] {
        let path = dir.join(format!("{name}.key"));
        fs::write(&path, byte.repeat(32)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

fn reader(program: Option<&Path>) -> Reader {
    Reader::locate(program)
        .expect("docuvault-extract is not built: cargo build -p docuvault-extract-program")
}

impl TestApp {
    /// The usual vault: 10 GiB quota, a reader, no worker until it is asked for.
    pub async fn start() -> Self {
        Builder::default().start().await
    }

    /// A vault with other settings.
    pub fn with() -> Builder {
        Builder::default()
    }

    /// Nobody in particular.
    pub fn anon(&self) -> Client {
        Client::new(&self.base_url)
    }

    /// A signed-in user of this name, whose account is made on first mention. The first of all is the admin.
    pub async fn user(&self, name: &str) -> TestUser {
        let (email, password) = (format!("{name}@example.org"), format!("{name}'s password"));
        let mut names = self.names.lock().await;
        let anon = self.anon();
        let answer = if names.is_empty() {
            let body = json!({"setup_token": SETUP_TOKEN, "email": email, "password": password, "display_name": name});
            anon.post("/api/v1/setup", body).await.expect(201)
        } else {
            if !names.iter().any(|known| known == name) {
                self.create_account(name, &email, &password).await;
            }
            anon.login(&email, &password).await.expect(200)
        };
        names.push(name.to_owned());
        TestUser::signed_in(&anon, &answer, &email, &password)
    }

    async fn create_account(&self, name: &str, email: &str, password: &str) {
        let hash = self.state.passwords().hash(password.into()).await.unwrap();
        let account = NewAccount {
            email: email.to_owned(),
            password: password.into(),
            display_name: name.to_owned(),
            role: Role::User,
            locale: "en".to_owned(),
            limit_bytes: None,
            email_verified: true,
        };
        let mut tx = UserTx::on_behalf_of(self.state.db(), UserId::new())
            .await
            .unwrap();
        create_account(&self.state, &mut tx, &account, Some(&hash))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// One more process of this vault: the same database, keys, store, settings and clock, a listener and a memory of its own.
    pub async fn replica(&self) -> Replica {
        let store = Arc::clone(&self.store);
        Replica::start(self.state.config(), &self.database, &self.clock, store).await
    }

    /// Where the key files are.
    pub fn secrets_dir(&self) -> PathBuf {
        self.data.path().join("secrets")
    }

    /// Where the local disk keeps the objects.
    pub fn objects_dir(&self) -> PathBuf {
        self.data.path().join("objects/objects")
    }

    /// Runs the worker until nothing waits and nothing runs. What failed and waits for its next attempt is not waited for but
    /// run at once, so in the end a job is either done or dead.
    pub async fn run_jobs(&self) {
        let stop = CancellationToken::new();
        let working = tokio::spawn(job_registry::worker(&self.state).unwrap().run(stop.clone()));
        let mut connection = self.database.superuser().await;
        let deadline = Instant::now() + JOBS_DEADLINE;
        loop {
            let waiting = "UPDATE jobs SET run_at = now() WHERE state = 'ready' AND run_at > now() RETURNING pg_notify('docuvault_jobs', '')::text";
            sqlx::query(waiting).execute(&mut connection).await.unwrap();
            let open: Vec<String> =
                sqlx::query_scalar("SELECT kind || ' ' || state FROM jobs WHERE state <> 'dead'")
                    .fetch_all(&mut connection)
                    .await
                    .unwrap();
            if open.is_empty() {
                break;
            }
            assert!(
                Instant::now() < deadline,
                "jobs do not come to an end: {open:?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        stop.cancel();
        working.await.unwrap();
        connection.close().await.unwrap();
    }

    /// Runs the worker in the background until the test ends.
    pub fn start_worker(&self) {
        tokio::spawn(
            job_registry::worker(&self.state)
                .unwrap()
                .run(self.stop.child_token()),
        );
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
