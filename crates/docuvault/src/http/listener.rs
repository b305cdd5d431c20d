//! Our own accept loop: unlike `axum::serve` it closes connections that never finish their headers or never read their answer, and
//! turns away at once those that there is no place for.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use http::{HeaderValue, header};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{
    limits::HttpLimits,
    peer_places::{PeerPlace, PeerPlaces},
    stalled_reader::StalledReader,
};
use crate::config::HttpConfig;

/// What a connection without a place is told before it is closed.
const NO_PLACE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\ncache-control: no-store\r\nconnection: close\r\n\r\n";

/// How long whoever has just connected may take to begin their request.
const FIRST_WORDS: Duration = Duration::from_secs(1);

/// Serves until `shutdown`, and then for the time of draining, in which whoever asks is told with every answer to connect elsewhere the
/// next time. Then stops accepting and lets running requests finish for a while.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: HttpConfig,
    shutdown: CancellationToken,
) {
    let connections = Connections {
        builder: connection_builder(&config.limits),
        graceful: GracefulShutdown::new(),
        places: Places::new(&config.limits),
        shutdown: shutdown.clone(),
        router,
        config,
    };
    let drain = connections.config.drain;
    let drained = async move {
        shutdown.cancelled().await;
        tokio::time::sleep(drain).await;
    };
    let mut drained = pin!(drained);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connections.take(stream, peer),
                Err(error) => {
                    // Out of file descriptors, most likely: wait for some to be closed.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            () = &mut drained => break,
        }
    }
    connections.take_those_waiting(listener);
    if !drain.is_zero() {
        // Told to end, hyper closes a connection on which nothing has come yet, and something may be on its way.
        tokio::time::sleep(FIRST_WORDS).await;
    }
    connections.finish().await;
}

/// What every connection is served with.
struct Connections {
    builder: auto::Builder<TokioExecutor>,
    graceful: GracefulShutdown,
    places: Places,
    shutdown: CancellationToken,
    router: Router,
    config: HttpConfig,
}

impl Connections {
    /// Serves a connection in a task of its own, if there is a place for it.
    fn take(&self, stream: TcpStream, peer: SocketAddr) {
        let Some(place) = self.places.take(&self.config, peer) else {
            turn_away(&stream);
            return;
        };
        let _ = stream.set_nodelay(true);
        let shutdown = self.shutdown.clone();
        let service = self
            .router
            .clone()
            .map_request(move |mut request: http::Request<hyper::body::Incoming>| {
                request
                    .extensions_mut()
                    .insert(ConnectInfo::<SocketAddr>(peer));
                request.map(axum::body::Body::new)
            })
            .map_response(move |mut response: axum::response::Response| {
                if shutdown.is_cancelled() {
                    response
                        .headers_mut()
                        .insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                response
            });
        let stream = StalledReader::new(stream, self.config.limits.unread_answer_time);
        let connection = self
            .builder
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
            .into_owned();
        let connection = self.graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended early");
            }
            drop(place);
        });
    }

    /// Who connected before the end, as the system sees it, is served too; then nobody can connect any more. The system is asked itself:
    /// what the runtime has heard of so far may not be all.
    fn take_those_waiting(&self, listener: TcpListener) {
        let Ok(listener) = listener.into_std() else {
            return;
        };
        while let Ok((stream, peer)) = listener.accept() {
            let stream = stream
                .set_nonblocking(true)
                .and_then(|()| TcpStream::from_std(stream));
            if let Ok(stream) = stream {
                self.take(stream, peer);
            }
        }
    }

    /// Closes idle connections, and waits for the others within bounds.
    async fn finish(self) {
        if tokio::time::timeout(self.config.limits.drain_time, self.graceful.shutdown())
            .await
            .is_err()
        {
            tracing::warn!("some requests did not finish in time");
        }
    }
}

/// HTTP/1 only, which no browser without TLS goes beyond: hyper waits without end to learn which version a silent client speaks.
fn connection_builder(limits: &HttpLimits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .max_headers(limits.headers)
        .max_buf_size(limits.header_buffer_bytes);
    builder
}

/// The places that connections take up.
struct Places {
    all: Arc<Semaphore>,
    of_peers: PeerPlaces,
}

/// Free again when dropped.
type Place = (OwnedSemaphorePermit, Option<PeerPlace>);

impl Places {
    fn new(limits: &HttpLimits) -> Self {
        Self {
            all: Arc::new(Semaphore::new(limits.connections)),
            of_peers: PeerPlaces::new(limits.connections_of_a_peer),
        }
    }

    fn take(&self, config: &HttpConfig, peer: SocketAddr) -> Option<Place> {
        let one_of_all = Arc::clone(&self.all).try_acquire_owned().ok()?;
        if config.trusted_proxies.contains(peer.ip()) {
            return Some((one_of_all, None));
        }
        let one_of_peers = self.of_peers.take(peer.ip())?;
        Some((one_of_all, Some(one_of_peers)))
    }
}

/// Best effort, and without waiting: the socket of a new connection has room for so few bytes.
fn turn_away(stream: &TcpStream) {
    let _ = stream.try_write(NO_PLACE);
    tracing::debug!("a connection was turned away: there is no place for it");
}
