//! Tells a browser that something has happened, so that it asks for its page again: server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};

use super::session::Visitor;
use crate::limits::MAX_LOOKERS;
use crate::routes::Room;
use crate::routes::refusal::ApiError;
use crate::writer::Happened;

/// A page is asked for at most so often, whatever happens.
const BREATH: Duration = Duration::from_secs(1);
/// A page is asked for at least so often: what is due in so many minutes changes by itself.
const AT_LEAST: Duration = Duration::from_secs(20);

/// Those who look on.
pub(crate) struct Lookers {
    places: Arc<Semaphore>,
    closing: watch::Sender<bool>,
}

impl Lookers {
    pub(crate) fn new() -> Self {
        Self { places: Arc::new(Semaphore::new(MAX_LOOKERS)), closing: watch::Sender::new(false) }
    }

    /// Ends all streams: a server waits for open answers when it stops.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }
}

struct Stream {
    feed: broadcast::Receiver<Arc<Happened>>,
    closing: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

/// The stream of a browser.
pub(super) async fn live(State(room): State<Room>, _visitor: Visitor) -> Response {
    let Ok(place) = Arc::clone(&room.lookers.places).try_acquire_owned() else {
        let hint = "the page still says everything when it is loaded again";
        return ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "too many pages are open", hint)
            .into_response();
    };
    let stream = Stream { feed: room.follow(), closing: room.lookers.closing.subscribe(), _place: place };
    let events = futures_util::stream::unfold(stream, |mut stream| async move {
        let goes_on = changed(&mut stream).await;
        goes_on.then(|| (Ok::<_, Infallible>(Event::default().data("changed")), stream))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

/// Waits for a change, or for time to go on; false once the server stops.
async fn changed(stream: &mut Stream) -> bool {
    if *stream.closing.borrow_and_update() {
        return false;
    }
    let Stream { feed, closing, .. } = stream;
    tokio::select! {
        () = gathered(feed) => true,
        () = tokio::time::sleep(AT_LEAST) => true,
        _ = closing.changed() => false,
    }
}

/// What happens within a breath is one change.
async fn gathered(feed: &mut broadcast::Receiver<Arc<Happened>>) {
    match feed.recv().await {
        // Whoever has missed something looks again as well.
        Ok(_) | Err(RecvError::Lagged(_)) => {}
        Err(RecvError::Closed) => std::future::pending().await,
    }
    tokio::time::sleep(BREATH).await;
    while !matches!(
        feed.try_recv(),
        Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed)
    ) {}
}
