//! The status page: plain HTML, read-only, without scripts. What stays uncovered is always printed.

use std::fmt::Write as _;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use kezek_engine::query::proposals;

use crate::api::{OrderRow, ProposalRow, StatusBody};
use crate::routes::Room;
use crate::routes::gate::STAFF;
use crate::routes::orders::order_rows;
use crate::routes::refusal::{ApiError, Told};
use crate::view;

/// Orders shown; the rest is counted.
const ORDERS_SHOWN: usize = 500;
/// Plans shown.
const PLANS_SHOWN: usize = 10;

const STYLE: &str = "body{font:16px/1.4 sans-serif;margin:1.5em;max-width:100em}table{border-collapse:collapse}\
th,td{border:1px solid #767676;padding:.2em .5em;text-align:left}th{background:#eee}\
caption{text-align:left;font-weight:bold;padding:.5em 0}td.n{text-align:right}";

/// The page. Asks for a token (as password, any name) unless configuration opens it to everybody.
pub(crate) async fn page(State(room): State<Room>, headers: HeaderMap) -> Result<Response, Response> {
    if !room.config().public_page {
        let token = token(&headers);
        let caller = token.as_ref().and_then(|token| room.callers.find(token).cloned());
        // A browser asks once without a token.
        let Some(caller) = caller else { return Err(ask_for_token(token.is_some())) };
        room.porter.count(&caller.name).map_err(IntoResponse::into_response)?;
        caller.require(&STAFF).map_err(IntoResponse::into_response)?;
    }
    let status = room.status().await.map_err(|error| ApiError::from(error).into_response())?;
    let plans: Vec<ProposalRow> = room.look(|book| {
        let views = proposals(&book.state, status.now);
        let row = |seen| view::proposal_row(seen, None);
        views.iter().rev().take(PLANS_SHOWN).map(row).collect()
    });
    let html = render(&status, &plans, &order_rows(&room));
    let safe = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((safe, Html(html)).into_response())
}

fn ask_for_token(is_unproven: bool) -> Response {
    let realm = [(header::WWW_AUTHENTICATE, "Basic realm=\"Kezek: any name, your token as password\"")];
    let error = "a token is needed; send it as the password";
    let told = Extension(Told { error: error.into(), is_unproven });
    (StatusCode::UNAUTHORIZED, told, realm, format!("{error}\n")).into_response()
}

fn token(headers: &HeaderMap) -> Option<String> {
    let (scheme, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

/// A text that is safe inside HTML, attributes included.
fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, letter| {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
        safe
    })
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%MZ").to_string()
}

fn render(status: &StatusBody, plans: &[ProposalRow], orders: &[OrderRow]) -> String {
    let environment = escape(&status.environment);
    let mut html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Kezek: {environment}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>\
         <h1>Kezek: {environment}</h1>"
    );
    write_state(&mut html, status);
    write_counts(&mut html, status);
    write_warnings(&mut html, status);
    write_orders(&mut html, orders);
    write_plans(&mut html, plans);
    html.push_str("</body></html>\n");
    html
}

// Writing into a text cannot fail.
fn write_state(html: &mut String, status: &StatusBody) {
    let alarm = |text: &str| format!("<p role=\"alert\"><strong>{}</strong></p>", escape(text));
    if let Some(trouble) = &status.journal_trouble {
        html.push_str(&alarm(&format!("The journal cannot be written; nothing is issued: {trouble}")));
    }
    if let Some(promise) = &status.stopped {
        html.push_str(&alarm(&format!("Issuing has stopped: {promise}")));
    }
    if let Some(freeze) = &status.frozen {
        let (person, since) = (&freeze.person, time(freeze.since));
        html.push_str(&alarm(&format!(
            "Frozen by {person} since {since}, nothing leaves: {}",
            freeze.reason
        )));
    }
    let head = &status.journal_head;
    let _ = write!(
        html,
        "<p>{} &middot; epoch {} &middot; journal {}:{} &middot; version {} &middot; {} facilities enrolled \
         &middot; {} attempts under way</p>",
        time(status.now),
        status.epoch,
        head.seq,
        escape(&head.hash),
        escape(&status.version),
        status.enrolled,
        status.in_flight
    );
}

fn write_counts(html: &mut String, status: &StatusBody) {
    let counts = &status.counts;
    let uncovered = &status.uncovered;
    let cells = [
        ("orders", counts.orders),
        ("received", counts.received),
        ("accepted", counts.accepted),
        ("refused", counts.refused),
        ("silent", counts.silent),
        ("complying", counts.complying),
        ("breach", counts.breach),
        ("unknown", counts.unknown),
        ("restored", counts.restored),
    ];
    html.push_str("<table><caption>Counts</caption><tr>");
    cells.iter().for_each(|(name, _)| _ = write!(html, "<th scope=\"col\">{name}</th>"));
    html.push_str("<th scope=\"col\">uncovered MWh, by the meters, so far</th></tr><tr>");
    cells.iter().for_each(|(_, count)| _ = write!(html, "<td class=\"n\">{count}</td>"));
    let assumed = match uncovered.assumed_hours > 0.0 {
        true => format!(" ({} facility-hours without a reading taken as nominated)", uncovered.assumed_hours),
        false => String::new(),
    };
    let _ = write!(html, "<td class=\"n\">{}{assumed}</td></tr></table>", uncovered.mwh);
}

fn write_warnings(html: &mut String, status: &StatusBody) {
    if status.warnings.is_empty() {
        return;
    }
    html.push_str("<h2>Warnings</h2><ul>");
    for warning in &status.warnings {
        let _ = write!(html, "<li>{} {}</li>", time(warning.at), escape(&warning.text));
    }
    html.push_str("</ul>");
}

fn write_orders(html: &mut String, orders: &[OrderRow]) {
    let names =
        ["order", "facility", "reduce to MW", "cut MW", "from", "until", "confirm by", "state", "attempts"];
    html.push_str("<table><caption>Orders, worst first</caption><tr>");
    names.iter().for_each(|name| _ = write!(html, "<th scope=\"col\">{name}</th>"));
    html.push_str("</tr>");
    for row in orders.iter().take(ORDERS_SHOWN) {
        write_order(html, row);
    }
    html.push_str("</table>");
    if let Some(more @ 1..) = orders.len().checked_sub(ORDERS_SHOWN) {
        let _ = write!(html, "<p>and {more} more</p>");
    }
}

fn write_order(html: &mut String, row: &OrderRow) {
    let instant = |at: Option<DateTime<Utc>>| at.map_or_else(|| "-".to_owned(), time);
    let limit = row.limit_mw.map_or_else(|| "free".to_owned(), |limit| limit.to_string());
    let alarm = row.alarm.as_ref().map(|alarm| format!("; alarm: {alarm}")).unwrap_or_default();
    let refusal = row.refusal.as_ref().map(|reason| format!("; says: {reason}")).unwrap_or_default();
    let state = escape(&format!("{}{refusal}{alarm}", row.words.join(", ")));
    let _ = write!(
        html,
        "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{limit}</td><td class=\"n\">{}</td><td>{}</td>\
         <td>{}</td><td>{}</td><td>{state}</td><td class=\"n\">{}</td></tr>",
        escape(row.order_no.as_str()),
        escape(row.facility.as_str()),
        row.cut_mw,
        instant(row.from),
        instant(row.until),
        time(row.ack_by),
        row.attempts
    );
}

fn write_plans(html: &mut String, plans: &[ProposalRow]) {
    let names =
        ["plan", "author", "status", "from", "until", "cut MWh", "planned uncovered MWh", "approved by"];
    html.push_str("<table><caption>Plans, newest first</caption><tr>");
    names.iter().for_each(|name| _ = write!(html, "<th scope=\"col\">{name}</th>"));
    html.push_str("</tr>");
    for row in plans {
        let people: Vec<&str> = row.approvals.iter().map(|said| said.person.as_str()).collect();
        let instant = |at: Option<DateTime<Utc>>| at.map_or_else(|| "-".to_owned(), time);
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{:.3}</td>\
             <td class=\"n\">{:.3}</td><td>{} ({} of {})</td></tr>",
            escape(row.plan_digest.get(..12).unwrap_or(&row.plan_digest)),
            escape(&row.author),
            escape(&row.status),
            instant(row.window_from),
            instant(row.window_to),
            row.cut_mwh,
            row.uncovered_mwh,
            escape(&people.join(", ")),
            people.len(),
            row.needed
        );
    }
    html.push_str("</table>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_cannot_become_html() {
        assert_eq!(escape("<b a=\"1\" c='2'>&"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
        let mut html = String::new();
        let text = "<script>alert(1)</script>".to_owned();
        let now = DateTime::UNIX_EPOCH;
        let row = ProposalRow {
            plan_digest: text.clone(),
            case_digest: text.clone(),
            parent: None,
            author: text.clone(),
            proposed_at: now,
            status: text.clone(),
            comment: text,
            cut_mwh: 0.0,
            peak_cut_mw: kezek_model::units::Kw(0),
            uncovered_mwh: 0.0,
            facilities: 0,
            window_from: None,
            window_to: Some(now),
            needed: 1,
            approvals: Vec::new(),
            returned: None,
            issued_at: None,
            lone_returns: Vec::new(),
        };
        write_plans(&mut html, &[row]);
        assert!(!html.contains("<script") && html.contains("&lt;script&gt;"), "{html}");
    }

    #[test]
    fn a_token_comes_as_bearer_or_as_password() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            token(&headers)
        };
        assert_eq!(of("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(of(&format!("Basic {}", STANDARD.encode("me:abc"))).as_deref(), Some("abc"));
        assert_eq!((of("Basic !!"), of("abc")), (None, None));
    }
}
