//! What orders brought and what that costs: per order, per facility, by the prices that held in each hour.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use kezek_engine::query::{ProposalView, proposals};
use kezek_engine::settle::{Line, LineKind, lines};
use kezek_engine::state::OrderRecord;
use kezek_model::case::Case;
use kezek_model::ids::FacilityId;
use kezek_model::schedule::{Priced, StandingOrder, priced};
use kezek_model::units::{Money, Wh};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Room;
use super::gate::Filter;
use super::refusal::ApiError;
use crate::access::{Caller, ROLES};
use crate::api::{FacilityCompliance, FacilitySum, OrderTotals, SettlementBody};
use crate::error::ServerError;
use crate::limits::MAX_ROWS;
use crate::room::ControlRoom;
use crate::view;

/// Which orders.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// One order.
    pub(crate) order: Option<String>,
    /// The orders of one facility.
    pub(crate) facility: Option<String>,
}

/// What orders brought by the meter, and what it costs by the standing orders that held in each hour. A facility sees its
/// own.
#[utoipa::path(get, path = "/settlement", params(Which), responses((status = 200, body = SettlementBody)))]
pub(crate) async fn settlement(
    State(room): State<Room>,
    caller: Caller,
    Filter(which): Filter<Which>,
) -> Result<Json<SettlementBody>, ApiError> {
    caller.require(&ROLES)?;
    let (now, papers) = (room.now(), room.tariffs().await?);
    let is_meant = |record: &&OrderRecord| {
        let order = &record.order;
        which.order.as_deref().is_none_or(|wanted| order.order_no.as_str() == wanted)
            && which.facility.as_deref().is_none_or(|wanted| order.facility.as_str() == wanted)
            && caller.may_see(&order.facility)
            && !order.segments.is_empty()
    };
    let body = room.look(|book| {
        let mut body =
            SettlementBody { settings: book.state.config().tolerance.clone(), ..Default::default() };
        for record in book.state.records().filter(is_meant) {
            body.orders.extend(view::totals(&book.state, record));
            let prices = papers.prices(record);
            body.lines.extend(lines(&book.state, &record.order.order_no, &prices, now));
        }
        body
    });
    Ok(Json(summed(body)))
}

/// The standing orders of all issued plans and the facilities of each.
struct Tariffs {
    /// By number; of one number the plan issued last.
    orders: Vec<StandingOrder>,
    cases: BTreeMap<String, Arc<Case>>,
}

impl Tariffs {
    fn prices(&self, record: &OrderRecord) -> Vec<Priced> {
        let order = &record.order;
        let case = self.cases.get(&order.plan_digest);
        let facility = case.and_then(|case| case.facilities.iter().find(|known| known.id == order.facility));
        facility.map_or_else(Vec::new, |facility| {
            priced(&self.orders, facility, order.window_from, order.expires)
        })
    }
}

impl ControlRoom {
    /// The latest valid version decides, so the orders of every issued plan are known to all.
    async fn tariffs(&self) -> Result<Tariffs, ServerError> {
        let now = self.now();
        let mut issued: Vec<_> = self.look(|book| {
            let papers = |seen: &ProposalView<'_>| {
                let digest = &seen.proposal.proposed.plan_digest;
                let papers = book.papers.get(digest)?;
                Some((seen.proposal.issued_at?, digest.clone(), papers.case.clone()))
            };
            proposals(&book.state, now).iter().filter_map(papers).collect()
        });
        issued.sort();
        let (mut orders, mut cases) = (BTreeMap::new(), BTreeMap::new());
        for (_, digest, document) in issued {
            let case = self.kept_case(&document).await?;
            orders.extend(case.schedules.iter().map(|order| (order.number.clone(), order.clone())));
            cases.insert(digest, case);
        }
        Ok(Tariffs { orders: orders.into_values().collect(), cases })
    }
}

fn summed(mut body: SettlementBody) -> SettlementBody {
    let mut sums: BTreeMap<(FacilityId, String), FacilitySum> = BTreeMap::new();
    for line in &body.lines {
        let sum = sums.entry((line.facility.clone(), line.currency.clone())).or_insert_with(|| none(line));
        match line.kind {
            LineKind::Penalty => sum.penalty = Money(sum.penalty.0 + line.amount.0),
            LineKind::Credit => sum.credit = Money(sum.credit.0 + line.amount.0),
        }
        sum.amount = Money(sum.amount.0 + line.amount.0);
        sum.assumed |= line.assumed;
    }
    body.sums = sums.into_values().collect();
    let baseline = body.settings.baseline;
    let mut facilities: BTreeMap<FacilityId, FacilityCompliance> = BTreeMap::new();
    for row in &body.orders {
        let known = facilities.entry(row.facility.clone());
        let known = known.or_insert_with(|| FacilityCompliance::of(row.facility.clone()));
        add(known, row, row.energy.as_ref().and_then(|energy| energy.achieved(baseline)));
    }
    body.facilities = facilities.into_values().collect();
    body.is_cut_off = body.lines.len() > MAX_ROWS;
    body.lines.truncate(MAX_ROWS);
    body
}

fn none(line: &Line) -> FacilitySum {
    FacilitySum {
        facility: line.facility.clone(),
        currency: line.currency.clone(),
        penalty: Money(0),
        credit: Money(0),
        amount: Money(0),
        assumed: false,
    }
}

fn add(sum: &mut FacilityCompliance, row: &OrderTotals, achieved: Option<Wh>) {
    sum.orders += 1;
    sum.within += row.complying.saturating_sub(row.drifting);
    sum.drifting += row.drifting;
    sum.breach += row.breach;
    sum.unknown += row.unknown;
    if let Some(energy) = &row.energy {
        sum.ordered = Wh(sum.ordered.0 + energy.ordered.0);
        sum.above_limit = Wh(sum.above_limit.0 + energy.above_limit.0);
        sum.unknown_minutes += energy.unknown_minutes;
    }
    // Where nothing at all is known the sum is unknown, not zero.
    sum.achieved = match (sum.achieved, achieved) {
        (Some(sum), Some(more)) => Some(Wh(sum.0 + more.0)),
        (known, more) => known.or(more),
    };
}
