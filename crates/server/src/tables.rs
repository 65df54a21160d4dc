//! Tables with frozen columns, as the command line and the pages write them alike.

use chrono::SecondsFormat::Secs;
use kezek_model::receipt::{Compliance, Verdict};

use crate::api::{Line, LineKind};

/// The name that a judgement has in files.
#[must_use]
pub fn compliance(compliance: Compliance) -> &'static str {
    match compliance {
        Compliance::Complying => "complying",
        Compliance::Unknown => "unknown",
        Compliance::Breach => "breach",
    }
}

/// The name that a line has in files.
#[must_use]
pub fn line_kind(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Penalty => "penalty",
        LineKind::Credit => "credit",
    }
}

const LINE_COLUMNS: [&str; 12] = [
    "order_no",
    "facility",
    "from",
    "to",
    "kind",
    "schedule",
    "energy_mwh",
    "baseline",
    "price_per_mwh",
    "amount",
    "currency",
    "assumed",
];

/// Lines of a settlement.
#[must_use]
pub fn lines(lines: &[Line]) -> String {
    let rows = lines.iter().map(|line| {
        [
            line.order_no.to_string(),
            line.facility.to_string(),
            line.from.to_rfc3339_opts(Secs, true),
            line.to.to_rfc3339_opts(Secs, true),
            line_kind(line.kind).to_owned(),
            line.schedule.clone(),
            line.energy.to_string(),
            line.baseline.map(|baseline| baseline.as_str().to_owned()).unwrap_or_default(),
            line.price_per_mwh.to_string(),
            line.amount.to_string(),
            line.currency.clone(),
            line.assumed.to_string(),
        ]
    });
    table(LINE_COLUMNS, rows)
}

const VERDICT_COLUMNS: [&str; 8] = [
    "order_no",
    "facility",
    "interval_start",
    "interval_end",
    "limit_mw",
    "metered_mw",
    "tolerance_mw",
    "compliance",
];

/// Verdicts, interval by interval.
#[must_use]
pub fn verdicts(verdicts: &[Verdict]) -> String {
    let rows = verdicts.iter().map(|row| {
        [
            row.order_no.to_string(),
            row.facility.to_string(),
            row.interval_start.to_rfc3339_opts(Secs, true),
            row.interval_end.to_rfc3339_opts(Secs, true),
            row.limit.to_string(),
            row.metered.map(|metered| metered.to_string()).unwrap_or_default(),
            row.tolerance.to_string(),
            compliance(row.compliance).to_owned(),
        ]
    });
    table(VERDICT_COLUMNS, rows)
}

/// A table as text: cells between commas, in quotation marks where that is needed.
fn table<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut text = header.join(",") + "\n";
    for row in rows {
        text += &row.map(quoted).join(",");
        text.push('\n');
    }
    text
}

fn quoted(cell: String) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_only_where_that_is_needed() {
        let row = ["a b", "1,5", "say \"no\"", ""].map(str::to_owned);
        let text = table(["one", "two", "three", "four"], std::iter::once(row));
        assert_eq!(text, "one,two,three,four\na b,\"1,5\",\"say \"\"no\"\"\",\n");
    }
}
