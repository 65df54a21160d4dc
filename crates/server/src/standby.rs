//! Several control rooms on one journal: one leads, the others read along and take over when its lease runs out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Router, routing};
use kezek_courier::error::describe;
use kezek_journal::{JournalError, PostgresReader, PostgresStore, RENEW_EVERY, Server, Store};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_service::Service as _;

use crate::api::{ErrorBody, HealthBody};
use crate::book::Book;
use crate::clocks::Clocks;
use crate::config::Config;
use crate::error::ServerError;
use crate::limits::{CLOSE_WITHIN, LOOK_AFTER_LEADER};
use crate::replay::{holder, read_on};
use crate::room::ControlRoom;
use crate::routes::router;
use crate::serve::{keep_time, serve_router, told};

/// A turn in the life of a control room among several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Another leads, or nobody does yet; this one reads along.
    StandsBy {
        /// Who leads.
        leader: String,
    },
    /// This one leads from now on.
    Leads {
        /// The epoch that began.
        epoch: u64,
    },
    /// This one led until now.
    Deposed {
        /// What ended it.
        why: String,
    },
}

/// Leads the journal that the configuration names whenever no other control room does, and otherwise stands by: then only
/// `/api/v1/healthz` says more than who leads. Until `shutdown`, which gives the lease back.
///
/// # Errors
/// When the configuration, the key or the journal cannot be used, when the chain is broken, when the listener fails. A
/// database that fails later is waited for.
pub async fn serve_shared(
    config: Config,
    server: Server,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
    tell: impl Fn(Turn) + Send + Sync,
) -> Result<(), ServerError> {
    config.check()?;
    let door = Door::default();
    let (stop, stopped) = watch::channel(false);
    let (tls, bounds) = (config.tls.server()?, config.limits.bounds());
    let listening = tokio::spawn(serve_router(door.router(), listener, tls, bounds, told(stopped.clone())));
    let life = Life { config, server, door: door.clone(), tell: &tell };
    let ended = tokio::select! {
        ended = life.lived() => ended,
        () = shutdown => Ok(()),
    };
    let room = door.close("nobody: it is ending");
    // The loops may have ended on their own.
    let _ = stop.send(true);
    door.send_away();
    listening.await.map_err(|_| ServerError::BrokeOff { what: "the server" })?;
    if let Some(room) = room {
        // What is not over by then is sent again by whoever leads next.
        let _ = tokio::time::timeout(CLOSE_WITHIN, room.settle()).await;
    }
    ended
}

struct Life<'a, T> {
    config: Config,
    server: Server,
    door: Door,
    tell: &'a T,
}

impl<T: Fn(Turn) + Send + Sync> Life<'_, T> {
    /// Standing by and leading in turns, without end.
    async fn lived(&self) -> Result<(), ServerError> {
        let mut follower = Follower::new(self.server.clone());
        loop {
            let (store, book) = self.stand_by(&mut follower).await?;
            let clocks = Arc::new(Clocks::system());
            let room = match ControlRoom::open_on(self.config.clone(), store, book, clocks).await {
                Ok(room) => room,
                Err(error @ (ServerError::JournalDown { .. } | ServerError::Journal(_)))
                    if !is_spoilt(&error) =>
                {
                    tracing::error!(why = %describe(&error), "could not begin to lead");
                    continue;
                }
                Err(error) => return Err(error),
            };
            (self.tell)(Turn::Leads { epoch: room.look(|book| book.state.epoch()) });
            self.door.open(&room);
            let why = lead(&room).await;
            tracing::error!(%why, "no longer leads: nothing more is issued or sent from here");
            self.door.close("another control room");
            (self.tell)(Turn::Deposed { why });
        }
    }

    /// Reads along until nobody leads, and takes the lease.
    async fn stand_by(&self, follower: &mut Follower) -> Result<(Box<dyn Store>, Book), ServerError> {
        let mut before = None;
        loop {
            let leader = match self.looked(follower).await {
                Ok(None) => match self.taken().await {
                    Ok(store) => return Ok((store, std::mem::replace(&mut follower.book, Book::new()))),
                    Err(JournalError::Led { by, .. }) => by,
                    Err(error) if before.is_none() => return Err(error.into()),
                    Err(error) => format!("unknown ({})", describe(&error)),
                },
                Ok(Some(leader)) => leader,
                Err(error) if before.is_none() || is_spoilt(&error) => return Err(error),
                Err(error) => format!("unknown ({})", describe(&error)),
            };
            self.door.close(&leader);
            if before.as_ref() != Some(&leader) {
                (self.tell)(Turn::StandsBy { leader: leader.clone() });
                before = Some(leader);
            }
            tokio::time::sleep(LOOK_AFTER_LEADER).await;
        }
    }

    async fn looked(&self, follower: &mut Follower) -> Result<Option<String>, ServerError> {
        let mut own = std::mem::replace(follower, Follower::new(self.server.clone()));
        let looking = tokio::task::spawn_blocking(move || (own.look(), own));
        let (found, own) = looking.await.map_err(|_| ServerError::BrokeOff { what: "reading along" })?;
        *follower = own;
        found
    }

    async fn taken(&self) -> Result<Box<dyn Store>, JournalError> {
        let (server, holder) = (self.server.clone(), holder(&self.config.listen));
        let taking = tokio::task::spawn_blocking(move || PostgresStore::open(&server, &holder));
        let broke_off = || JournalError::NoAnswer {
            place: self.config.database.to_string(),
            doing: "taking the lease",
            within: Duration::ZERO,
        };
        Ok(Box::new(taking.await.map_err(|_| broke_off())??))
    }
}

/// Leads until the lease is lost; says why.
async fn lead(room: &ControlRoom) -> String {
    let (_go_on, stopped) = watch::channel(false);
    tokio::select! {
        why = room.deposed() => why,
        () = keep_time(room, stopped) => "time stood still".into(),
        () = keep_lease(room) => "nobody renewed the lease".into(),
    }
}

async fn keep_lease(room: &ControlRoom) {
    loop {
        // The writer has told why; it is tried again at once where only too many waited.
        let pause = match room.renew().await {
            Err(ServerError::Busy { .. }) => RENEW_EVERY / 10,
            _ => RENEW_EVERY,
        };
        tokio::time::sleep(pause).await;
    }
}

/// Whether waiting cannot help.
fn is_spoilt(error: &ServerError) -> bool {
    matches!(error.exit_code(), 3 | 9)
}

/// Reads the journal along, so that taking over takes no longer than reading what came last.
struct Follower {
    server: Server,
    reader: Option<PostgresReader>,
    book: Book,
}

impl Follower {
    fn new(server: Server) -> Self {
        Self { server, reader: None, book: Book::new() }
    }

    /// Reads what is new and says who leads, if anybody does.
    fn look(&mut self) -> Result<Option<String>, ServerError> {
        let reader = match self.reader.take() {
            Some(reader) => reader,
            None => match PostgresReader::open(&self.server) {
                Err(JournalError::Missing { .. }) => return Ok(None),
                opened => opened?,
            },
        };
        read_on(&reader, &mut self.book)?;
        let leader = reader.leader()?.map(|leader| leader.holder);
        self.reader = Some(reader);
        Ok(leader)
    }
}

/// The one address: behind it the control room while it leads, and else a sign that says who does.
#[derive(Clone, Default)]
struct Door(Arc<Mutex<Behind>>);

#[derive(Default)]
struct Behind {
    room: Option<(Arc<ControlRoom>, Router)>,
    leader: String,
}

impl Door {
    fn open(&self, room: &Arc<ControlRoom>) {
        let router = router(Arc::clone(room));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).room = Some((Arc::clone(room), router));
    }

    /// Whoever waits for an order there asks again elsewhere.
    fn send_away(&self) {
        let behind = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        behind.room.iter().for_each(|(room, _)| room.hatch.close());
    }

    fn close(&self, leader: &str) -> Option<Arc<ControlRoom>> {
        let mut behind = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        leader.clone_into(&mut behind.leader);
        let (room, _) = behind.room.take()?;
        room.lookers.close();
        Some(room)
    }

    /// What answers now. A room whose lease may have run out is not asked: it may have slept.
    fn behind(&self) -> Result<Router, String> {
        let behind = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &behind.room {
            Some((room, router)) if room.leads() => Ok(router.clone()),
            Some(_) => Err("unknown: the lease of this one ran out".into()),
            None if behind.leader.is_empty() => Err("unknown: this one has just started".into()),
            None => Err(behind.leader.clone()),
        }
    }

    fn router(&self) -> Router {
        let door = self.clone();
        Router::new().fallback_service(routing::any(move |request: Request| {
            let behind = door.behind();
            async move {
                match behind {
                    Ok(mut router) => router.call(request).await.unwrap_or_else(|never| match never {}),
                    Err(leader) => standing_by(request.uri().path(), &leader),
                }
            }
        }))
    }
}

fn standing_by(path: &str, leader: &str) -> Response {
    let error = format!("this control room stands by; the leader is {leader}");
    let mut response = match path {
        "/api/v1/healthz" => {
            let body = HealthBody { ok: false, trouble: Some(error), leader: Some(leader.to_owned()) };
            (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
        }
        _ => {
            let hint = "ask the leader, or here again once this one has taken over".to_owned();
            (StatusCode::SERVICE_UNAVAILABLE, Json(ErrorBody { error, hint, faults: Vec::new() }))
                .into_response()
        }
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}
