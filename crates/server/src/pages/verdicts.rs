//! Who complied, filled from the settlement; and its files.

use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use kezek_engine::settle::{Line, LineKind};
use kezek_model::receipt::Compliance;
use kezek_model::units::Money;
use kezek_pages::states::StateWords;
use kezek_pages::verdicts::{LineRow, SumRow, VerdictRow, Verdicts, VerdictsWords};
use kezek_pages::{Frame, Place};
use serde::Deserialize;

use super::frame::{frame, html};
use super::order::verdict_word;
use super::problem::problem;
use super::session::{Visitor, encoded};
use crate::api::{OrderTotals, SettlementBody};
use crate::routes::Room;
use crate::routes::gate::{Filter, STAFF};
use crate::routes::orders;
use crate::routes::receipts;
use crate::routes::refusal::ApiError;
use crate::routes::settlement;
use crate::tables;

/// Lines that are shown; the file has all.
const MAX_LINES: usize = 200;

/// Whose verdicts.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    facility: String,
}

impl Which {
    fn facility(&self) -> Option<String> {
        Some(self.facility.trim().to_owned()).filter(|facility| !facility.is_empty())
    }
}

/// The page.
pub(super) async fn verdicts(
    State(room): State<Room>,
    visitor: Visitor,
    Query(which): Query<Which>,
) -> Response {
    let facility = which.facility();
    match settled(&room, &visitor, facility.clone()).await {
        Ok(body) => {
            let frame = frame(&room, &visitor, Some(Place::Verdicts)).await;
            html(&page(&frame, &body, facility.as_deref().unwrap_or_default()))
        }
        Err(error) => problem(&room, &visitor, error, "/day").await,
    }
}

/// As the API settles.
pub(super) async fn settled(
    room: &Room,
    visitor: &Visitor,
    facility: Option<String>,
) -> Result<SettlementBody, ApiError> {
    visitor.caller.require(&STAFF)?;
    let which = Filter(settlement::Which { order: None, facility });
    let body = settlement::settlement(State(room.clone()), visitor.caller.clone(), which).await?;
    Ok(body.0)
}

fn page<'a>(frame: &'a Frame, body: &SettlementBody, facility: &'a str) -> Verdicts<'a> {
    let s = StateWords::of(frame.language);
    let mut rows: Vec<VerdictRow> = body.orders.iter().map(|totals| row(totals, body, s)).collect();
    rows.sort_by_key(|row| !row.is_breach);
    let over = || body.orders.iter().filter(|totals| totals.is_final && totals.verdict.is_some());
    let count = |wanted| over().filter(|totals| totals.verdict == Some(wanted)).count();
    let [complied, broken, unproven] =
        [Compliance::Complying, Compliance::Breach, Compliance::Unknown].map(count);
    Verdicts {
        frame,
        w: VerdictsWords::of(frame.language),
        s,
        facility,
        query: if facility.is_empty() { String::new() } else { format!("?facility={}", encoded(facility)) },
        counts: [complied, broken, unproven, rows.len() - over().count()],
        rows,
        sums: body
            .sums
            .iter()
            .map(|sum| SumRow {
                facility: sum.facility.to_string(),
                currency: sum.currency.clone(),
                amounts: [sum.penalty, sum.credit, sum.amount].map(units),
                assumed: sum.assumed,
            })
            .collect(),
        lines: body.lines.iter().take(MAX_LINES).map(line).collect(),
        all_lines: body.lines.len(),
        settings: body.settings.to_string(),
    }
}

fn row(totals: &OrderTotals, body: &SettlementBody, s: &StateWords) -> VerdictRow {
    let energy = totals.energy.as_ref();
    VerdictRow {
        order_no: totals.order_no.to_string(),
        facility: totals.facility.to_string(),
        word: verdict_word(totals.verdict, s),
        is_breach: totals.verdict == Some(Compliance::Breach),
        so_far: !totals.is_final,
        counts: [
            totals.complying.saturating_sub(totals.drifting),
            totals.drifting,
            totals.breach,
            totals.unknown,
        ],
        energy: energy.map(|energy| [energy.ordered.mwh(), energy.above_limit.mwh()]),
        achieved: energy.and_then(|energy| energy.achieved(body.settings.baseline)).map(|wh| wh.mwh()),
    }
}

fn line(line: &Line) -> LineRow {
    LineRow {
        order_no: line.order_no.to_string(),
        from: line.from,
        to: line.to,
        is_penalty: line.kind == LineKind::Penalty,
        schedule: line.schedule.clone(),
        figures: [line.energy.mwh(), units(line.price_per_mwh), units(line.amount)],
        currency: line.currency.clone(),
        assumed: line.assumed,
    }
}

/// Money in whole units, for eyes.
#[allow(clippy::cast_precision_loss)]
fn units(money: Money) -> f64 {
    money.0 as f64 / 100.0
}

/// The lines as the command line writes them.
pub(super) async fn settlement_file(
    State(room): State<Room>,
    visitor: Visitor,
    Query(which): Query<Which>,
) -> Response {
    let table = settled(&room, &visitor, which.facility()).await.map(|body| tables::lines(&body.lines));
    file(&room, &visitor, "settlement.csv", table).await
}

/// The verdicts as the command line writes them.
pub(super) async fn verdict_file(
    State(room): State<Room>,
    visitor: Visitor,
    Query(which): Query<Which>,
) -> Response {
    let asking = async {
        visitor.caller.require(&STAFF)?;
        let which = Filter(receipts::Which { order: None, facility: which.facility() });
        receipts::verdicts(State(room.clone()), visitor.caller.clone(), which).await
    };
    let table = asking.await.map(|body| tables::verdicts(&body.0.verdicts));
    file(&room, &visitor, "verdicts.csv", table).await
}

async fn file(room: &Room, visitor: &Visitor, name: &str, table: Result<String, ApiError>) -> Response {
    match table {
        Ok(text) => {
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
            ];
            (headers, text).into_response()
        }
        Err(error) => problem(room, visitor, error, "/verdicts").await,
    }
}

/// All that proves an order, as the API gives it.
pub(super) async fn evidence(
    State(room): State<Room>,
    visitor: Visitor,
    Path(order_no): Path<String>,
) -> Response {
    match orders::evidence(State(room.clone()), visitor.caller.clone(), Path(order_no)).await {
        Ok(file) => file,
        Err(error) => problem(&room, &visitor, error, "/verdicts").await,
    }
}
