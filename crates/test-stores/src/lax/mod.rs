//! A store that believes everything: it speaks S3 well enough to be used, and checks no signature, no length, no date. For tests of
//! whoever should notice.

mod objects;
mod requests;

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use self::{
    objects::Objects,
    requests::{Reply, Request},
};

/// How it misbehaves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manners {
    /// How far its clock is ahead.
    pub clock_ahead_seconds: i64,
    /// Answers everything with 403.
    pub refuses_all: bool,
    /// Lets no page in.
    pub without_cors: bool,
    /// Refuses a wrong checksum only after having stored the object.
    pub stores_before_checking: bool,
    /// Honours `If-None-Match: *`, and this header's signature, as a good store would.
    pub writes_once: bool,
    /// Lets anyone delete one object, and from then on nobody, as a store that lost one when it was restarted seems to.
    pub loses_one: bool,
}

/// Runs until dropped.
pub struct LaxStore {
    address: SocketAddr,
    objects: Arc<Mutex<Objects>>,
    stopped: Arc<AtomicBool>,
}

impl LaxStore {
    /// On a port of its own.
    pub fn start(manners: Manners) -> anyhow::Result<Self> {
        Self::start_at(0, manners)
    }

    /// On that port.
    pub fn start_at(port: u16, manners: Manners) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let store = Self {
            address: listener.local_addr()?,
            objects: Arc::default(),
            stopped: Arc::default(),
        };
        let (objects, stopped) = (Arc::clone(&store.objects), Arc::clone(&store.stopped));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let objects = Arc::clone(&objects);
                if let Ok(stream) = stream {
                    thread::spawn(move || answer(&stream, &objects, manners));
                }
            }
        });
        Ok(store)
    }

    /// `http://127.0.0.1:port`
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The keys of all that is stored, unfinished uploads left out.
    pub fn keys(&self) -> Vec<String> {
        self.objects
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .keys()
    }
}

impl Drop for LaxStore {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Wakes the listener.
        let _ = TcpStream::connect(self.address);
    }
}

/// One request on each connection. A client that goes away is no concern of a test's.
fn answer(stream: &TcpStream, objects: &Mutex<Objects>, manners: Manners) {
    let Ok(request) = Request::read(stream) else {
        return;
    };
    let mut reply = if manners.refuses_all {
        Reply::status(403)
    } else if request.method == "OPTIONS" {
        Reply::status(200)
    } else {
        objects
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .serve(&request, manners)
    };
    if !manners.without_cors {
        reply = reply
            .with("access-control-allow-origin", "*")
            .with("access-control-allow-methods", "GET, PUT, HEAD")
            .with("access-control-allow-headers", "*")
            .with("access-control-expose-headers", "ETag");
    }
    let _ = reply.write(stream, &request.method, manners.clock_ahead_seconds);
}
