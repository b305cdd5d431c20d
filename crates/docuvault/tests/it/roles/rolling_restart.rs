//! Processes are told to stop one after the other while people work, and nobody notices.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::{
    balancer::Balancer,
    nginx::Nginx,
    processes::{Ground, Process, SETUP_TOKEN},
};
use crate::support::{TestDatabase, http_client};

const CLIENTS: usize = 6;
/// Long beside the time from one check of the balancer to the next, on a busy machine too.
const DRAIN: &[(&str, &str)] = &[
    ("DOCUVAULT_DRAIN_SECONDS", "3"),
    ("DOCUVAULT_SETUP_TOKEN", SETUP_TOKEN),
];

/// Makes the first account; answers its access token.
pub async fn set_up(base_url: &str) -> String {
    let account = json!({"setup_token": SETUP_TOKEN, "email": "a@example.org", "password": "a good password", "display_name": "A"});
    let answer = http_client()
        .build()
        .unwrap()
        .post(format!("{base_url}/api/v1/setup"))
        .json(&account)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
    let session: Value = answer.json().await.unwrap();
    session["access_token"].as_str().unwrap().to_owned()
}

/// What a client does over and over: reserve, send, complete, list; or only reserve and list, which takes no gateway. Answers what went
/// wrong.
async fn work(
    balancer: &Balancer,
    token: &str,
    word: &str,
    with_bytes: bool,
) -> Result<(), String> {
    let file = json!({"filename": format!("{word}.txt"), "size_bytes": word.len(), "content_type": "text/plain"});
    let token = Some(token);
    let started = balancer
        .send(Method::POST, "/api/v1/documents", token, Some(&file))
        .await;
    let started: Value = read(started, 201).await?;
    let id = started["document"]["id"].as_str().unwrap();
    let url = started["upload"]["single"]["url"].as_str().unwrap();
    if with_bytes {
        send_bytes(balancer, token, id, url, word).await?;
    }
    let list = balancer
        .send(Method::GET, "/api/v1/documents?limit=5", token, None)
        .await;
    read(list, 200).await.map(drop)
}

async fn send_bytes(
    balancer: &Balancer,
    token: Option<&str>,
    id: &str,
    url: &str,
    word: &str,
) -> Result<(), String> {
    let sent = balancer.put(url, word.as_bytes().to_vec()).await;
    if let Some(wrong) = failure(&sent) {
        return Err(format!("PUT: {wrong}"));
    }
    let complete = format!("/api/v1/documents/{id}/complete");
    let completed = balancer
        .send(Method::POST, &complete, token, Some(&json!({})))
        .await;
    read(completed, 200).await.map(drop)
}

fn failure(answer: &reqwest::Result<reqwest::Response>) -> Option<String> {
    match answer {
        Ok(answer) if answer.status().is_success() => None,
        Ok(answer) => Some(answer.status().to_string()),
        Err(error) => Some(format!("{error:?}")),
    }
}

async fn read(answer: reqwest::Result<reqwest::Response>, status: u16) -> Result<Value, String> {
    let answer = answer.map_err(|error| format!("{error:?}"))?;
    let (found, path) = (answer.status(), answer.url().path().to_owned());
    let text = answer.text().await.map_err(|error| error.to_string())?;
    if found == status {
        serde_json::from_str(&text).map_err(|error| error.to_string())
    } else {
        Err(format!("{path}: {found} {text}"))
    }
}

/// Tells a process to stop and starts another in its place. Before it ends, it must say that it does, on every listener.
async fn replace(process: &mut Process) {
    process.terminate();
    let told = Instant::now();
    let http = http_client().build().unwrap();
    let mut said_so = false;
    while process.runs() {
        let of = |path: &str| {
            http.get(format!("http://{}{path}", process.management))
                .send()
        };
        if let (Ok(ready), Ok(live)) = (of("/health/ready").await, of("/health/live").await) {
            said_so |= ready.status() == 503 && live.status() == 200;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let took = told.elapsed();
    // A worker has nobody to tell: it ends as soon as its jobs do.
    assert!(
        said_so || process.role == "worker",
        "the {} never said that it stops",
        process.role
    );
    assert!(
        process.ended_well().await && took < Duration::from_secs(10),
        "the {} took {took:?}\n{}",
        process.role,
        process.log()
    );
    process.spawn();
    process.ready().await;
}

/// Clients at work.
struct Load {
    over: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    fn start(balancer: &Balancer, token: &str, with_bytes: bool) -> Self {
        let (over, done) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let clients = (0..CLIENTS).map(|client| {
            let (balancer, token) = (balancer.clone(), token.to_owned());
            let (over, done): (_, Arc<AtomicUsize>) = (Arc::clone(&over), Arc::clone(&done));
            tokio::spawn(async move {
                let mut wrong = Vec::new();
                let mut round = 0;
                while !over.load(Ordering::Relaxed) {
                    round += 1;
                    let word = format!("word {client} {round}");
                    match work(&balancer, &token, &word, with_bytes).await {
                        Ok(()) => drop(done.fetch_add(1, Ordering::Relaxed)),
                        Err(error) => wrong.push(error),
                    }
                }
                wrong
            })
        });
        Self {
            clients: clients.collect(),
            over,
            done,
        }
    }

    /// `log` is shown otherwise.
    async fn end_without_failure(self, log: impl FnOnce() -> String) {
        self.over.store(true, Ordering::Relaxed);
        let mut wrong = Vec::new();
        for client in self.clients {
            wrong.extend(client.await.unwrap());
        }
        let done = self.done.load(Ordering::Relaxed);
        assert!(done > 20, "hardly anything was asked for: {done}");
        assert!(
            wrong.is_empty(),
            "{} failed: {wrong:#?}\n{}",
            wrong.len(),
            log()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_ops_01_nor_does_one_behind_the_proxy_of_deploy() {
    let database = TestDatabase::create().await;
    let ground = Ground::new(database.app_url());
    let mut apis: Vec<_> = (0..2)
        .map(|number| ground.start("api", number, DRAIN))
        .collect();
    for api in &mut apis {
        api.ready().await;
    }
    let nginx = Nginx::before([&apis[0].addr, &apis[1].addr]);
    let balancer = Balancer::at([nginx.base_url()]);
    while balancer.ready() < 1 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let token = set_up(&nginx.base_url()).await;
    let load = Load::start(&balancer, &token, false);
    for _ in 0..2 {
        for api in &mut apis {
            replace(api).await;
            // As long as nginx leaves out who has refused it.
            tokio::time::sleep(Duration::from_millis(2500)).await;
        }
    }
    load.end_without_failure(|| nginx.log()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_ops_01_a_rolling_restart_fails_no_request() {
    let database = TestDatabase::create().await;
    let ground = Ground::new(database.app_url());
    // `serve` is api, gateway and worker: every process takes every request.
    let mut processes: Vec<_> = (0..2)
        .map(|number| ground.start("serve", number, DRAIN))
        .chain([ground.start("worker", 9, DRAIN)])
        .collect();
    for process in &mut processes {
        process.ready().await;
    }
    let token = set_up(&processes[0].base_url()).await;
    let balancer = Balancer::before(&processes[..2]);
    while balancer.ready() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    let load = Load::start(&balancer, &token, true);
    for _ in 0..2 {
        for process in &mut processes {
            replace(process).await;
            while balancer.ready() < 2 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    load.end_without_failure(String::new).await;
    let mut connection = database.superuser().await;
    let sql = "SELECT count(*) FROM jobs WHERE state = 'dead' OR attempts > 1";
    let repeated: i64 = sqlx::query_scalar(sql)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(repeated, 0, "a job was not given back but cut off");
}

#[tokio::test]
async fn rel_ops_01_whoever_connects_while_a_process_drains_is_answered_and_told_to_leave() {
    let database = TestDatabase::create().await;
    let ground = Ground::new(database.app_url());
    let mut process = ground.start("serve", 0, DRAIN);
    process.ready().await;
    let token = set_up(&process.base_url()).await;
    let http = http_client().build().unwrap();
    let get = |path: &str| {
        http.get(format!("{}{path}", process.base_url()))
            .bearer_auth(&token)
            .send()
    };
    let events = get("/api/v1/events").await.unwrap();
    assert!(
        get("/health")
            .await
            .unwrap()
            .headers()
            .get("connection")
            .is_none()
    );
    process.terminate();
    // The stream of events ends of itself, without an error.
    let ended = tokio::time::timeout(Duration::from_millis(2500), events.text()).await;
    assert!(ended.expect("the stream goes on").is_ok());
    let health = get("/health").await.unwrap();
    assert_eq!(health.status(), 503);
    assert_eq!(health.headers()["connection"], "close");
    let health: Value = health.json().await.unwrap();
    assert_eq!(health["status"], "draining");
    let list = get("/api/v1/documents").await.unwrap();
    assert_eq!(
        (list.status().as_u16(), &list.headers()["connection"]),
        (200, &"close".parse().unwrap())
    );
    assert_eq!(get("/health/live").await.unwrap().status(), 200);
    assert!(process.ended_well().await, "{}", process.log());
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let database = TestDatabase::create().await;
    let ground = Ground::new(database.app_url());
    let mut process = ground.start("serve", 0, &[("DOCUVAULT_DRAIN_SECONDS", "60")]);
    process.ready().await;
    process.terminate();
    let http = http_client().build().unwrap();
    let ready = || {
        http.get(format!("{}/health/ready", process.base_url()))
            .send()
    };
    while ready().await.unwrap().status() == 200 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    process.terminate();
    let ended = tokio::time::timeout(Duration::from_secs(2), process.ended_well()).await;
    assert_eq!(ended, Ok(false));
}
