//! A plan that a person changes on its page: it is checked at once and stands as a new one before the approvers.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono_tz::Tz;
use kezek_pages::clash::Line;
use kezek_pages::plan::EDITS;
use kezek_planner::edit::Hand;

use super::clash::{clash, newer};
use super::frame::zone;
use super::problem::problem;
use super::session::{Visitor, encoded};
use super::typed::{instant, power};
use crate::record::Remark;
use crate::routes::Room;
use crate::routes::gate::words;
use crate::routes::proposals as api;
use crate::routes::refusal::ApiError;

/// What was typed, as pairs: the fields of a line bear its number.
type Typed = Vec<(String, String)>;

/// Makes the new plan and lays it before the approvers.
pub(super) async fn edit(
    State(room): State<Room>,
    visitor: Visitor,
    Path(digest): Path<String>,
    Form(typed): Form<Typed>,
) -> Response {
    let back = format!("/plans/{}", encoded(&digest));
    match made(&room, &visitor, &digest, &typed).await {
        Ok(Made::Laid(new)) => Redirect::to(&format!("/plans/{new}")).into_response(),
        Ok(Made::Overtaken(newer)) => {
            let comment = field(&typed, "comment");
            clash(&room, &visitor, (&digest, &newer), lines(&typed), comment).await
        }
        Err(error) => problem(&room, &visitor, error, &back).await,
    }
}

/// What has become of what was typed.
enum Made {
    /// It lies before the approvers as this plan.
    Laid(String),
    /// Nothing: somebody else has made this newer plan of the same one.
    Overtaken(String),
}

async fn made(room: &Room, visitor: &Visitor, digest: &str, typed: &Typed) -> Result<Made, ApiError> {
    visitor.require_seal(field(typed, "seal"))?;
    visitor.caller.require(&api::PROPOSERS)?;
    // One after the other: the second of two sees what the first has saved.
    let _turn = room.editing.lock().await;
    let (now, person) = (room.now(), visitor.caller.name.clone());
    if let Some(newer) = room.look(|book| newer(book, digest, &person, now)) {
        return Ok(Made::Overtaken(newer));
    }
    let comment = words("comment", field(typed, "comment"))?;
    let hands = hands(typed, zone(room).await)?;
    let body = api::edited(room, digest, hands).await?;
    let (comment, edited_from) = (Some(comment), Some(digest.to_owned()));
    let remark = Remark { comment, edited_from, ..Remark::default() };
    api::lay(room, person, body, remark).await.map(|laid| Made::Laid(laid.plan_digest))
}

/// All lines as they were typed, the empty ones too.
fn lines(typed: &Typed) -> Vec<Line> {
    let line = |number: usize| {
        let of = |name: &str| field(typed, &format!("{name}-{number}")).to_owned();
        Line { facility: of("facility"), from: of("from"), to: of("to"), cut: of("cut") }
    };
    (1..=EDITS).map(line).collect()
}

fn field<'a>(typed: &'a Typed, name: &str) -> &'a str {
    typed.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
}

/// The lines that are filled in; all that is wrong with them is told at once.
fn hands(typed: &Typed, zone: Tz) -> Result<Vec<Hand>, ApiError> {
    let line = |(place, line): (usize, &Line)| {
        let read = || hand(line, zone).map_err(|why| format!("line {}: {why}", place + 1));
        (!line.facility.is_empty()).then(read)
    };
    let lines = lines(typed);
    let (good, bad): (Vec<_>, Vec<_>) = lines.iter().enumerate().filter_map(line).partition(Result::is_ok);
    let faults: Vec<String> = bad.into_iter().filter_map(Result::err).collect();
    if !faults.is_empty() {
        return Err(ApiError::bad("the changes cannot be read", "nothing was kept").with_faults(faults));
    }
    let hands: Vec<Hand> = good.into_iter().filter_map(Result::ok).collect();
    match hands.is_empty() {
        true => Err(ApiError::bad("no change is filled in", "name a facility, its hours and its cut")),
        false => Ok(hands),
    }
}

fn hand(line: &Line, zone: Tz) -> Result<Hand, String> {
    let (cut, facility) = (power("cut", &line.cut)?, line.facility.as_str().into());
    Ok(Hand { facility, from: instant(&line.from, zone)?, to: instant(&line.to, zone)?, cut })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use kezek_model::units::Kw;

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn lines_are_read_on_the_clock_of_the_page_and_empty_ones_passed_over() {
        let form = typed(&[
            ("facility-1", ""),
            ("facility-2", "S1"),
            ("from-2", "2026-01-24T17:00"),
            ("to-2", "2026-01-24T22:00"),
            ("cut-2", "12,5"),
        ]);
        let read = hands(&form, chrono_tz::Asia::Almaty).unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (from, to) = (at("2026-01-24T12:00:00Z"), at("2026-01-24T17:00:00Z"));
        assert_eq!(read, [Hand { facility: "S1".into(), from, to, cut: Kw(12_500) }]);
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let form = typed(&[
            ("facility-1", "S1"),
            ("from-1", "yesterday"),
            ("cut-1", "1"),
            ("facility-3", "S2"),
            ("cut-3", "much"),
        ]);
        let (_, _, faults) = hands(&form, chrono_tz::UTC).unwrap_err().words();
        assert!(faults.len() == 2 && faults[0].contains("line 1: the time is \"yesterday\""), "{faults:?}");
        assert!(faults[1].contains("line 3: the cut is \"much\""), "{faults:?}");
        assert!(hands(&typed(&[]), chrono_tz::UTC).is_err());
    }
}
