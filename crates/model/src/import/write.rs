//! What an import leaves behind: the forecast of a case, and the list of what was not taken as it stood.

use std::io;

use chrono::{DateTime, Utc};

use super::{Amount, ForecastRow, ImportError, Reject};
use crate::units::Kw;

/// Writes a `forecast.csv`: the four parts where every row has them, else the headroom. The rows of several imports
/// (one for each grid zone of a case) may be written together.
///
/// # Errors
/// [`ImportError::Write`] when `out` does not take the bytes.
pub fn write_forecast_csv(rows: &[ForecastRow], out: impl io::Write) -> Result<(), ImportError> {
    let mut sorted: Vec<&ForecastRow> = rows.iter().collect();
    sorted.sort_by_key(|row| (row.interval_start, &row.zone));
    let in_parts = rows.iter().all(|row| matches!(row.amount, Amount::Parts { .. }));
    let names: &[&str] =
        if in_parts { &["supply_mw", "import_mw", "demand_mw", "reserve_mw"] } else { &["headroom_mw"] };
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["interval_start", "zone"].iter().chain(names))?;
    for row in sorted {
        let figures = match row.amount {
            Amount::Parts { supply, import, demand, reserve } if in_parts => {
                vec![supply, import, demand, reserve]
            }
            _ => vec![row.headroom()],
        };
        let key = [rfc3339(row.interval_start), row.zone.to_string()];
        writer.write_record(key.into_iter().chain(figures.iter().map(Kw::to_string)))?;
    }
    Ok(writer.flush()?)
}

/// Writes the reject file: `file,row,column,interval_start,kind,found,reason`, in the order given.
///
/// # Errors
/// [`ImportError::Write`] when `out` does not take the bytes.
pub fn write_reject_csv(rejected: &[Reject], out: impl io::Write) -> Result<(), ImportError> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["file", "row", "column", "interval_start", "kind", "found", "reason"])?;
    for reject in rejected {
        let row = reject.row.map(|row| row.to_string()).unwrap_or_default();
        let start = reject.interval_start.map(rfc3339).unwrap_or_default();
        let kind = reject.kind.as_str();
        writer.write_record([
            &reject.file,
            &row,
            &reject.column,
            &start,
            kind,
            &reject.found,
            &reject.reason,
        ])?;
    }
    Ok(writer.flush()?)
}

pub(super) fn rfc3339(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_with_headroom_alone_makes_the_file_one_of_headroom() {
        let at = "2024-02-29T19:00:00Z".parse().unwrap();
        let rows = [
            ForecastRow {
                interval_start: at,
                zone: "west".into(),
                amount: Amount::Headroom { headroom: Kw(-500) },
            },
            ForecastRow {
                interval_start: at,
                zone: "north".into(),
                amount: Amount::Parts {
                    supply: Kw(9_000),
                    import: Kw(-1_000),
                    demand: Kw(3_000),
                    reserve: Kw(500),
                },
            },
        ];
        let mut out = Vec::new();
        write_forecast_csv(&rows, &mut out).unwrap();
        let expected = "interval_start,zone,headroom_mw\n2024-02-29T19:00:00Z,north,4.5\n2024-02-29T19:00:00Z,west,-0.5\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
