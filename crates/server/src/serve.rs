//! The loops around the room: requests come in, time goes on, and both end when they are told to.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use kezek_courier::{Bounds, ServerTls};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::error::ServerError;
use crate::limits::{BREATHS, CLOSE_WITHIN, LOOK_AT_REGISTRY_EVERY, LOOK_EVERY};
use crate::room::ControlRoom;
use crate::routes::router;

/// Answers requests and does what is due, until `shutdown`: then it takes no more requests, lets those and the
/// deliveries under way end, and closes the journal.
///
/// # Errors
/// When the server broke off.
pub async fn serve(
    room: Arc<ControlRoom>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServerError> {
    let (stop, stopped) = watch::channel(false);
    let listening = tokio::spawn(serve_api(Arc::clone(&room), listener, told(stopped.clone())));
    let time = keep_time(&room, stopped);
    let end = async {
        shutdown.await;
        // The loops may have ended on their own.
        let _ = stop.send(true);
        room.hatch.close();
    };
    tokio::join!(time, end);
    listening.await.map_err(|_| ServerError::BrokeOff { what: "the server" })?;
    // What is not over by then is sent again after the next start.
    let _ = tokio::time::timeout(CLOSE_WITHIN, room.settle()).await;
    room.porter.close();
    Ok(())
}

pub(crate) async fn told(mut stopped: watch::Receiver<bool>) {
    // An error means that whoever tells has gone.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Answers requests until `shutdown`, without making time go on: whoever drives the room does that.
pub async fn serve_api(
    room: Arc<ControlRoom>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let (tls, bounds) = (room.tls.clone(), room.config().limits.bounds());
    let closing = Arc::clone(&room);
    let shutdown = async move {
        shutdown.await;
        closing.lookers.close();
    };
    serve_router(router(room), listener, tls, bounds, shutdown).await;
}

pub(crate) async fn serve_router(
    router: Router,
    listener: TcpListener,
    tls: Option<Arc<ServerTls>>,
    bounds: Bounds,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let (closing, mut closed) = watch::channel(false);
    let shutdown = async move {
        shutdown.await;
        // Nobody may be listening any more.
        let _ = closing.send(true);
    };
    let serving = kezek_courier::serve(listener, tls, bounds, router, shutdown);
    let overtime = async {
        let was_told = closed.wait_for(|closed| *closed).await.is_ok();
        match was_told {
            true => tokio::time::sleep(CLOSE_WITHIN).await,
            false => std::future::pending().await,
        }
    };
    tokio::select! {
        () = serving => {}
        () = overtime => {}
    }
}

/// Does what is due, when something has happened and at short intervals, until it is told to stop.
pub async fn keep_time(room: &ControlRoom, mut stopped: watch::Receiver<bool>) {
    let mut looked = None::<Instant>;
    while !*stopped.borrow_and_update() {
        if looked.is_none_or(|at| at.elapsed() >= LOOK_AT_REGISTRY_EVERY) {
            // The writer has told why; it is read again at the next look.
            let _ = room.look_at_registry().await;
            looked = Some(Instant::now());
        }
        let began = Instant::now();
        let pause = match room.advance().await {
            // There may be more than one look brings.
            Ok(1..) => continue,
            Ok(0) => LOOK_EVERY,
            // The writer has told why; what is due stays due.
            Err(_) => LOOK_EVERY * 10,
        };
        // Each outcome of a large fleet is a hint: looking at all orders for each would leave no time for anything else.
        let breath = (began.elapsed() * BREATHS).min(LOOK_EVERY);
        tokio::select! {
            () = tokio::time::sleep(breath) => {}
            _ = stopped.changed() => continue,
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = room.hint.notified() => {}
            _ = stopped.changed() => {}
        }
    }
}
