//! Which model of forecast errors foretells weeks that it has not seen, on public data.
//!
//! Load of Greece and of Great Britain (Open Power System Data, time series) and wind of the RTS-GMLC test system. What is
//! compared and how it is scored stands at `kezek_study::errors::choose`. `KEZEK_TEST_DATA` names the folder with the
//! tables; without it nothing is measured. `./dev bench --bench errors` prints Markdown tables for `benches/README.md`.

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use kezek_study::errors::{Basis, Columns, Series, choose};
use std::path::Path;
use std::time::Instant;

/// The table is that of the first seed; the choice of each is told.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=8;

fn main() {
    let Some(folder) = std::env::var_os("KEZEK_TEST_DATA") else {
        println!("skipped: KEZEK_TEST_DATA does not name the folder with opsd and rts_gmlc");
        return;
    };
    let folder = Path::new(&folder);
    let load = |name: &str, table: &str, zone| {
        println!("\n### {name}\n");
        told(demand(&folder.join("opsd").join(table), zone));
    };
    load("Greece, load", "opsd_greece_load_forecast_actual_2019-10_2020-09.csv", GREECE);
    load("Great Britain, load", "opsd_gb_load_forecast_actual_price_2019-10_2020-09.csv", BRITAIN);
    println!("\n### RTS-GMLC, wind\n");
    told(wind(&folder.join("rts_gmlc")));
}

const GREECE: (&str, Tz) = ("GR", chrono_tz::Europe::Athens);
const BRITAIN: (&str, Tz) = ("GB_GBN", chrono_tz::Europe::London);

/// Demand without implausible rows, which are told.
fn demand(path: &Path, (zone, clock): (&str, Tz)) -> Result<(Series, Tz), String> {
    let columns = Columns {
        time: "utc_timestamp".into(),
        forecast: format!("{zone}_load_forecast_entsoe_transparency"),
        actual: format!("{zone}_load_actual_entsoe_transparency"),
    };
    let series =
        Series::parse(&text(path)?, &columns).map_err(|fault| format!("{}: {fault}", path.display()))?;
    let (series, implausible) = series.sifted();
    println!("{} rows lack a value, {} are implausible", series.lacking, implausible.len());
    implausible.iter().for_each(|row| eprintln!("left out: {row}"));
    Ok((series, clock))
}

/// All wind of the system: forecast by the hour, actual by five minutes. Without the first week of March, which is the week
/// before it again and would be foretold by drawing the past.
fn wind(folder: &Path) -> Result<(Series, Tz), String> {
    let forecast = periods(&text(&folder.join("DAY_AHEAD_wind.csv"))?, TimeDelta::hours(1))?;
    let actual = periods(&text(&folder.join("REAL_TIME_wind.csv"))?, TimeDelta::minutes(5))?;
    let repeated = |time: &DateTime<Utc>| time.month() == 3 && time.day() <= 7;
    let forecast = forecast.into_iter().filter(|(time, _)| !repeated(time));
    let series = Series::join(forecast, actual, Basis::MeanForecast).map_err(|fault| fault.to_string())?;
    println!("{} intervals lack a value", series.lacking);
    Ok((series, Tz::UTC))
}

/// Rows of year, month, day and the number of the period in it, then MW of every plant: their sum. Clocks do not change.
fn periods(table: &str, length: TimeDelta) -> Result<Vec<(DateTime<Utc>, f64)>, String> {
    let row = |line: &str| {
        let cells: Option<Vec<f64>> = line.split(',').map(|cell| cell.trim().parse().ok()).collect();
        let cells = cells.filter(|cells| cells.len() > 4)?;
        let date = NaiveDate::from_ymd_opt(cells[0] as i32, cells[1] as u32, cells[2] as u32)?;
        let start = date.and_hms_opt(0, 0, 0)?.and_utc() + length * (cells[3] as i32 - 1);
        Some((start, cells[4..].iter().sum()))
    };
    let read =
        |line: &str| row(line).ok_or_else(|| format!("found `{line}`, expected a date, a period and MW"));
    table.lines().skip(1).map(read).collect()
}

fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn told(series: Result<(Series, Tz), String>) {
    let (series, clock) = match series {
        Ok(read) => read,
        Err(fault) => return println!("skipped: {fault}"),
    };
    println!("mean forecast {:.0} MW\n", series.mean_forecast_mw());
    let days = series.days(clock);
    for seed in SEEDS {
        let began = Instant::now();
        match choose(&days, seed) {
            Ok(choice) if seed == *SEEDS.start() => {
                println!("{choice}");
                eprintln!("{:.1} s; {:?}", began.elapsed().as_secs_f64(), choice.chosen.parametric());
            }
            Ok(choice) => println!("seed {seed}: {}", choice.chosen.name()),
            Err(few) => return println!("skipped: {few}"),
        }
    }
}
