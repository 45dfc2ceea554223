//! Binds a loopback address and serves a router behind the guard.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::{HeaderValue, header};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::body;
use super::check::check;
use super::policy::{Bounds, Policy, Refusal};
use super::stream::Answering;

/// Pause after a failed accept, so that a machine out of file handles is not also out of time.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Why a listener could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The address is not one of this machine's own.
    #[error("{address} is not a loopback address")]
    NotLoopback {
        /// What was asked for.
        address: SocketAddr,
    },
    /// Somebody else listens there.
    #[error("{address} is already in use")]
    InUse {
        /// What was asked for.
        address: SocketAddr,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// The system refused.
    #[error("cannot listen on {address}")]
    Failed {
        /// What was asked for.
        address: SocketAddr,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
}

impl BindError {
    /// What happened.
    pub fn summary(&self) -> String {
        match self {
            Self::NotLoopback { .. } => "This listener serves only this machine".into(),
            Self::InUse { .. } => "Another program listens there".into(),
            Self::Failed { source, .. } => format!("The system refused to listen: {}", source.kind()),
        }
    }

    /// Where.
    pub fn place(&self) -> String {
        match self {
            Self::NotLoopback { address } | Self::InUse { address, .. } | Self::Failed { address, .. } => {
                format!("listen address {address}")
            }
        }
    }

    /// What to do next.
    pub fn fix(&self) -> String {
        match self {
            Self::NotLoopback { address } => format!("Listen on 127.0.0.1:{0} or [::1]:{0}", address.port()),
            Self::InUse { address, .. } => {
                format!("Choose another port, or 0 for a free one, instead of {}", address.port())
            }
            Self::Failed { .. } => "Listen on 127.0.0.1:0 to let the system choose a port".into(),
        }
    }
}

/// A bound listener that does not answer yet, so that its address can be told to the router.
#[derive(Debug)]
pub struct Guarded {
    listener: TcpListener,
    address: SocketAddr,
    policy: Policy,
}

impl Guarded {
    /// Opens a listener on a loopback address; port 0 is a free one of the system's choice.
    ///
    /// *Errors*: [`BindError::NotLoopback`] before anything is opened, else what the system said.
    pub async fn bind(address: SocketAddr, policy: Policy) -> Result<Self, BindError> {
        if !address.ip().is_loopback() {
            return Err(BindError::NotLoopback { address });
        }
        let bound = match TcpListener::bind(address).await {
            Ok(listener) => listener.local_addr().map(|own| (listener, own)),
            Err(source) => Err(source),
        };
        match bound {
            Ok((listener, own)) => Ok(Self { listener, address: own, policy }),
            Err(source) if source.kind() == io::ErrorKind::AddrInUse => Err(BindError::InUse { address, source }),
            Err(source) => Err(BindError::Failed { address, source }),
        }
    }

    /// The address with its real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves a router on the current tokio runtime until the handle is dropped.
    pub fn serve(self, router: Router) -> Running {
        let policy = self.policy.clone();
        let address = self.address;
        let guard = Arc::new(Guard { own: self.address, policy: self.policy });
        let app = router.layer(from_fn_with_state(guard, guarded));
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(accept(self.listener, app, policy, stopped));
        Running { address, stop, task }
    }
}

/// A served listener; dropping it stops it.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// The address with its real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, lets answers under way finish within the grace time, and waits for the end.
    pub async fn stop(self) {
        // The receiver is gone only if the task has ended already.
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

/// What the guard needs to know of its listener.
struct Guard {
    own: SocketAddr,
    policy: Policy,
}

/// Accepts connections, as many at a time as the bounds allow, until told to stop.
async fn accept(listener: TcpListener, app: Router, policy: Policy, mut stopped: watch::Receiver<bool>) {
    let bounds = policy.bounds;
    let places = Arc::new(Semaphore::new(bounds.connections));
    let mut connections = JoinSet::new();
    loop {
        let place = tokio::select! {
            _ = stopped.wait_for(|is_stopped| *is_stopped) => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let Ok(place) = place else { break };
        let stream = tokio::select! {
            _ = stopped.wait_for(|is_stopped| *is_stopped) => break,
            accepted = listener.accept() => accepted,
        };
        while connections.try_join_next().is_some() {}
        match stream {
            Ok((stream, _)) => {
                // Without it a small answer may wait for the client's delayed acknowledgement.
                let _ = stream.set_nodelay(true);
                let (stream, app) = (Answering::new(stream, policy.clone()), app.clone());
                let stopped = stopped.clone();
                connections.spawn(async move {
                    serve_connection(stream, app, bounds, stopped).await;
                    drop(place);
                });
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
    drop(listener);
    // What is not done after the grace time is cut off when the set is dropped.
    let _ = timeout(bounds.grace + ACCEPT_PAUSE, async { while connections.join_next().await.is_some() {} }).await;
}

/// Serves one connection to its end, its age limit or the listener's stop.
async fn serve_connection(stream: Answering, app: Router, bounds: Bounds, mut stopped: watch::Receiver<bool>) {
    // A head above twice our bound never becomes a request; between the two the guard measures and refuses it.
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_time)
        .max_headers(100)
        .max_buf_size(bounds.head_bytes.saturating_mul(2).max(8192))
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    let mut connection = pin!(connection);
    tokio::select! {
        // A broken connection is the client's affair: there is nobody left to tell.
        _ = connection.as_mut() => return,
        _ = stopped.wait_for(|is_stopped| *is_stopped) => {},
        () = sleep(bounds.connection_time) => {},
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(bounds.grace, connection).await;
}

/// Lets a request through to its handler, with its body whole, or refuses it.
async fn guarded(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let mut response = match admit(&guard, request).await {
        Ok(request) => match timeout(guard.policy.bounds.handler_time, next.run(request)).await {
            Ok(response) => response,
            Err(_) => (guard.policy.refuse)(Refusal::HandlerTooSlow),
        },
        Err(refusal) => {
            let mut response = (guard.policy.refuse)(refusal);
            // The rest of the request may still be under way; nothing more is read from it.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
    };
    let headers = response.headers_mut();
    for name in [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        header::ACCESS_CONTROL_ALLOW_METHODS,
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
    ] {
        headers.remove(name);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

/// The request with its body read, or why it is refused.
async fn admit(guard: &Guard, request: Request) -> Result<Request, Refusal> {
    let (head, body) = request.into_parts();
    check(&head, guard.own, &guard.policy)?;
    let bounds = &guard.policy.bounds;
    match timeout(bounds.body_time, body::read(body, bounds.body_bytes)).await {
        Ok(whole) => Ok(Request::from_parts(head, Body::from(whole?))),
        Err(_) => Err(Refusal::BodyTooSlow),
    }
}
