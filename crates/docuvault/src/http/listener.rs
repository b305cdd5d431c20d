//! Our own accept loop: unlike `axum::serve` it closes connections that never finish their headers or never read their answer, and
//! turns away at once those that there is no place for.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
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

/// Serves until `shutdown`, then stops accepting and lets running requests finish for a while.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: HttpConfig,
    shutdown: CancellationToken,
) {
    let limits = &config.limits;
    let builder = connection_builder(limits);
    let graceful = GracefulShutdown::new();
    let places = Places::new(limits);

    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: wait for some to be closed.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = shutdown.cancelled() => break,
        };
        let Some(place) = places.take(&config, peer) else {
            turn_away(&stream);
            continue;
        };
        let _ = stream.set_nodelay(true);
        let service =
            router
                .clone()
                .map_request(move |mut request: http::Request<hyper::body::Incoming>| {
                    request
                        .extensions_mut()
                        .insert(ConnectInfo::<SocketAddr>(peer));
                    request.map(axum::body::Body::new)
                });
        let stream = StalledReader::new(stream, limits.unread_answer_time);
        let connection = builder
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
            .into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.drain_time, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in time");
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
