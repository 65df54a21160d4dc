//! The agent's door for the facility's own people: a loopback address that only this machine can reach.

use crate::clock::Clock;
use crate::exit::Refusal;
use crate::figures;
use crate::output::{Format, Output};
use crate::remote::runtime;
use crate::table::Columns;
use anyhow::Context as _;
use kezek_agent::AgentConfig;
use kezek_agent::admin::PersonsAnswer;
use kezek_courier::{AddressRules, Answer as HttpAnswer, CourierError, GuardedClient, Timeouts};
use kezek_model::ids::OrderNo;
use kezek_model::order::{Order, OrderKind};
use kezek_model::receipt::{Answer, Response};
use kezek_model::units::Kw;
use serde::Deserialize;
use serde_json::Value;

/// What the door shows.
#[derive(Deserialize)]
struct Page {
    #[serde(rename = "limit_mw")]
    limit: Option<Kw>,
    order_no: Option<OrderNo>,
    unsent: usize,
    orders: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    order: Order,
    answer: Option<Answer>,
}

/// Lists what the agent has stored.
pub(super) fn orders(config: &AgentConfig, format: Format, output: &Output) -> anyhow::Result<()> {
    let url = format!("{}/orders", door(config)?);
    let said = ask(|client| async move { client.get(&url, &[]).await })?;
    if format == Format::Json {
        let page: Value = serde_json::from_slice(&said.body).context("the agent's answer is no JSON")?;
        output.data(&(serde_json::to_string_pretty(&page)? + "\n"))?;
        return Ok(());
    }
    let page: Page = serde_json::from_slice(&said.body).context("the agent's answer is not understood")?;
    Ok(output.data(&shown(&page))?)
}

/// Hands a person's answer to the agent.
pub(super) fn answer(
    config: &AgentConfig,
    order_no: &str,
    answer: Response,
    by: &str,
    output: &Output,
) -> anyhow::Result<()> {
    let named = order_no.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !named || order_no.is_empty() {
        return Err(Refusal::rejected(format!("{order_no:?} is no number of an order")));
    }
    let url = format!("{}/orders/{order_no}/answer", door(config)?);
    let body = serde_json::to_vec(&PersonsAnswer { by: by.to_owned(), answer })?;
    ask(|client| async move { client.post(&url, &[], body).await })?;
    output.data(&format!("the answer to {order_no} is stored, and sent until the control room has it\n"))?;
    Ok(())
}

fn door(config: &AgentConfig) -> anyhow::Result<String> {
    let address = config.admin_listen.ok_or_else(|| {
        Refusal::rejected(
            "the settings open no door for people: set admin_listen, for instance \"127.0.0.1:7071\"",
        )
    })?;
    Ok(format!("http://{address}"))
}

fn ask<F>(question: impl FnOnce(GuardedClient) -> F) -> anyhow::Result<HttpAnswer>
where
    F: Future<Output = Result<HttpAnswer, CourierError>>,
{
    let rules = AddressRules { allow_loopback: true, allow: Vec::new() };
    let client = GuardedClient::new(rules, Timeouts::default())?;
    let said = runtime()?.block_on(question(client)).context("is `kezek agent` running here?")?;
    match (said.status, said.whole) {
        (200, true) => Ok(said),
        (200, false) => Err(Refusal::remote("the agent's answer is too long, or broke off")),
        (404, _) => Err(Refusal::rejected(words(&said))),
        _ => Err(Refusal::remote(format!("the agent answered {}: {}", said.status, words(&said)))),
    }
}

fn words(said: &HttpAnswer) -> String {
    let error = serde_json::from_slice::<Value>(&said.body)
        .ok()
        .and_then(|body| body["error"].as_str().map(str::to_owned));
    error.unwrap_or_else(|| String::from_utf8_lossy(&said.body).chars().take(200).collect())
}

fn shown(page: &Page) -> String {
    let held = match (page.limit, &page.order_no) {
        (Some(limit), Some(order_no)) => format!("held at {limit} MW by {order_no}"),
        (Some(limit), None) => format!("held at {limit} MW"),
        (None, _) => "no limit at this moment".to_owned(),
    };
    let unsent = figures::count(page.unsent, "message", "messages");
    let mut text = format!("{held}; {unsent} not yet with the control room\n");
    if page.orders.is_empty() {
        return text + "no order is stored\n";
    }
    let mut table = Columns::new(4, &["order", "", "cut (UTC)", "answer", "to MW", "cut MW"]);
    for row in &page.orders {
        table.row(cells(row));
    }
    text += &table.text();
    text
}

fn cells(row: &Row) -> [String; 6] {
    let (order, segments) = (&row.order, &row.order.segments);
    let kind = match order.kind {
        OrderKind::Limit => "limit".to_owned(),
        OrderKind::Recall => "recall".to_owned(),
    };
    let window = match (segments.first(), segments.last()) {
        (Some(first), Some(last)) => Clock::utc().window(first.from, last.to),
        _ => "no cut".to_owned(),
    };
    let answer = match row.answer.as_ref().map(|answer| &answer.answer) {
        None => "none yet".to_owned(),
        Some(Response::Accepted) => "accepted".to_owned(),
        Some(Response::Refused { reason }) => format!("refused: {reason}"),
    };
    let limit = segments.iter().map(|segment| segment.limit).min();
    let cut = segments.iter().map(|segment| segment.cut).max();
    let shown = |power: Option<Kw>| power.map(|power| power.to_string()).unwrap_or_default();
    [order.order_no.to_string(), kind, window, answer, shown(limit), shown(cut)]
}
