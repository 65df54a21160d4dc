//! What stands around every page of this room.

use axum::http::header;
use axum::response::{Html, IntoResponse as _, Response};
use chrono_tz::Tz;
use kezek_engine::query::proposals;
use kezek_model::registry::Language;
use kezek_pages::frame::Feed;
use kezek_pages::{Frame, Place, Template, Theme, Who};

use super::session::Visitor;
use crate::access::Role;
use crate::routes::Room;

/// Nothing is loaded from elsewhere, nothing inline runs, nobody frames a page.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page as an answer.
pub(super) fn html(page: &impl Template) -> Response {
    let Ok(text) = page.render() else {
        return (axum::http::StatusCode::INTERNAL_SERVER_ERROR, "the page cannot be drawn\n").into_response();
    };
    let safe = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (safe, Html(text)).into_response()
}

/// The frame for somebody who is not signed in.
pub(super) fn bare(room: &Room, language: Language, theme: Theme, path: &str) -> Frame {
    Frame {
        language,
        theme,
        environment: room.config().environment.clone(),
        is_training: false,
        now: room.now(),
        zone: Tz::UTC,
        feeds: Vec::new(),
        alarms: Vec::new(),
        who: None,
        place: None,
        path: path.to_owned(),
    }
}

/// The frame for somebody who is.
pub(super) async fn frame(room: &Room, visitor: &Visitor, place: Option<Place>) -> Frame {
    let mut frame = bare(room, visitor.language, visitor.theme, &visitor.path);
    frame.zone = zone(room).await;
    frame.alarms = alarms(room, &frame, visitor);
    if !visitor.may(Role::Facility) {
        frame.feeds = feeds(room, &frame);
    }
    frame.place = place;
    frame.who = Some(Who {
        name: visitor.caller.name.clone(),
        roles: visitor.caller.roles.iter().map(|role| role.as_str().to_owned()).collect(),
        seal: visitor.seal.clone(),
        menu: menu(visitor),
    });
    frame
}

fn menu(visitor: &Visitor) -> Vec<Place> {
    let is_miner = visitor.may(Role::Facility);
    Place::ALL.into_iter().filter(|place| (*place == Place::Mine) == is_miner).collect()
}

/// The zone of time of the newest plan: the one people speak of.
pub(super) async fn zone(room: &Room) -> Tz {
    let document = room.look(|book| {
        let views = proposals(&book.state, book.clock);
        let newest = views.last()?;
        book.papers.get(&newest.proposal.proposed.plan_digest).map(|papers| papers.case.clone())
    });
    match document {
        Some(document) => room.kept_case(&document).await.map_or(Tz::UTC, |case| case.grid.time_zone),
        None => Tz::UTC,
    }
}

fn alarms(room: &Room, frame: &Frame, visitor: &Visitor) -> Vec<String> {
    let words = frame.words();
    let is_staff = !visitor.may(Role::Facility);
    let trouble = room.trouble().map(|_| words.journal.to_owned());
    let (stopped, frozen) = room.look(|book| {
        let said =
            |text: &str, why: String| if is_staff { format!("{text} ({why})") } else { text.to_owned() };
        let stopped =
            book.state.stopped().map(|promise| said(words.stopped, frame.told(&promise.to_string())));
        let frozen = book.state.frozen();
        (stopped, frozen.map(|frozen| said(words.frozen, format!("{}: {}", frozen.person, frozen.reason))))
    });
    let registry = room.registry_trouble();
    let registry = (is_staff && !registry.is_empty()).then(|| words.registry.to_owned());
    let (_, texts) = room.texts.current();
    let texts = (is_staff && !texts.is_empty()).then(|| words.notices.to_owned());
    let (_, accounts) = room.accounts.current(room.config());
    let accounts = accounts.filter(|_| is_staff).map(|_| words.accounts.to_owned());
    [trouble, stopped, frozen, registry, texts, accounts].into_iter().flatten().collect()
}

/// Answers come when there are orders: none are too old.
const ANSWER_LIMIT_MINUTES: i64 = i64::MAX;
/// A forecast of more than a day ago is another day's, in minutes.
const FORECAST_LIMIT_MINUTES: i64 = 24 * 60;

fn feeds(room: &Room, frame: &Frame) -> Vec<Feed> {
    let words = frame.words();
    let limit = i64::from(room.config().tolerance.stale_minutes);
    room.look(|book| {
        let views = proposals(&book.state, frame.now);
        let forecast = views.iter().map(|view| view.proposal.at).max();
        let records = book.state.records();
        let answer = records.filter_map(|record| record.answers.last().map(|answer| answer.at)).max();
        vec![
            Feed { name: words.forecast, last: forecast, limit_minutes: FORECAST_LIMIT_MINUTES },
            Feed { name: words.meters, last: book.state.last_reading(), limit_minutes: limit },
            Feed { name: words.answers, last: answer, limit_minutes: ANSWER_LIMIT_MINUTES },
        ]
    })
}
