//! What stands between everyone and the store: while it is told to, it cuts, delays and refuses connections at random.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

/// Of a hundred connections so many meet a fault.
const FAULTS_PER_HUNDRED: u32 = 12;

/// What becomes of one connection.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Passes,
    /// Closed before a byte.
    Refused,
    /// Nothing moves for a while.
    Late(Duration),
    /// Cut after so many bytes of the request.
    CutAsking(usize),
    /// The request arrives whole; its answer is cut after so many bytes, often before the first.
    CutAnswering(usize),
}

pub struct FaultProxy {
    pub addr: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    random: Mutex<StdRng>,
    is_wild: AtomicBool,
    faults: AtomicUsize,
}

impl FaultProxy {
    /// Listens, and passes everything on to `store`.
    pub async fn start(store: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            random: Mutex::new(StdRng::seed_from_u64(seed)),
            is_wild: AtomicBool::new(false),
            faults: AtomicUsize::new(0),
        });
        let of_connections = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let fate = of_connections.fate();
                tokio::spawn(carry(client, store, fate));
            }
        });
        Self { addr, shared }
    }

    /// From now on, or no longer.
    pub fn be_wild(&self, wild: bool) {
        self.shared.is_wild.store(wild, Ordering::Relaxed);
    }

    /// How many connections met one.
    pub fn faults(&self) -> usize {
        self.shared.faults.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn fate(&self) -> Fate {
        let mut random = self.random.lock().unwrap();
        if !self.is_wild.load(Ordering::Relaxed)
            || random.random_range(0..100) >= FAULTS_PER_HUNDRED
        {
            return Fate::Passes;
        }
        self.faults.fetch_add(1, Ordering::Relaxed);
        match random.random_range(0..5) {
            0 => Fate::Refused,
            1 => Fate::Late(Duration::from_millis(random.random_range(50..1500))),
            2 => Fate::CutAsking(random.random_range(1..60_000)),
            3 => Fate::CutAnswering(0),
            _ => Fate::CutAnswering(random.random_range(1..20_000)),
        }
    }
}

/// Whatever goes wrong ends the connection, which is what this is for.
async fn carry(mut client: TcpStream, store: SocketAddr, fate: Fate) {
    match fate {
        Fate::Refused => return,
        Fate::Late(pause) => tokio::time::sleep(pause).await,
        Fate::Passes | Fate::CutAsking(_) | Fate::CutAnswering(_) => {}
    }
    let Ok(mut store) = TcpStream::connect(store).await else {
        return;
    };
    match fate {
        Fate::CutAsking(bytes) => {
            let (mut from_client, _to_client) = client.split();
            let (_from_store, mut to_store) = store.split();
            pass(&mut from_client, &mut to_store, bytes).await;
        }
        Fate::CutAnswering(bytes) => {
            let (mut from_client, mut to_client) = client.split();
            let (mut from_store, mut to_store) = store.split();
            tokio::select! {
                () = pass(&mut from_client, &mut to_store, usize::MAX) => {}
                () = pass(&mut from_store, &mut to_client, bytes) => {}
            }
        }
        Fate::Passes | Fate::Late(_) | Fate::Refused => {
            let _ = copy_bidirectional(&mut client, &mut store).await;
        }
    }
}

/// Up to `bytes` of them. With none at all it waits for the first, which shows that the other side had everything.
async fn pass(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    bytes: usize,
) {
    let mut left = bytes;
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let most = buffer.len().min(left.max(1));
        match from.read(&mut buffer[..most]).await {
            Ok(read) if read > 0 && left > 0 => {
                if to.write_all(&buffer[..read]).await.is_err() {
                    return;
                }
                left = left.saturating_sub(read);
            }
            _ => return,
        }
    }
}
