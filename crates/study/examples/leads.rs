//! How often a planted thief is found, and how often nobody is: `cargo run --release -p kezek-study --example leads`.
//!
//! Prints the rows of `benches/README.md`. A lead counts as found when it is within two weeks of the day and within half of
//! the size; where there is a thief another lead is mostly the thief at another date, where there is none a false alarm.

use kezek_study::leads::{Day, LEAST_DAYS, Search, leads};
use kezek_study::made::zone::MadeZone;

const SEEDS: u64 = 40;
const SURE: [f64; 2] = [0.9, 0.95];

fn main() {
    println!(
        "| zone, mean MW | days | thief MW | found, confidence 0.90 | 0.95 | its size over the true one, median | other leads, 0.90 | 0.95 |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (mean_mw, days) in [(1_500.0, 400), (1_500.0, 120), (4_500.0, 400)] {
        for thief_mw in [0.0, 5.0, 10.0, 20.0, 30.0, 50.0, 70.0, 100.0] {
            let tries = (1..=SEEDS).map(|seed| tried(seed, mean_mw, days, thief_mw)).collect();
            row(&format!("{mean_mw}"), days, thief_mw, tries);
        }
    }
    if let Some(days) = greece() {
        real(&days);
    }
}

/// Of each lead: whether it is the thief, its size over the thief's, its confidence.
type Tried = Vec<(bool, f64, f64)>;

fn tried(seed: u64, mean_mw: f64, days: usize, thief_mw: f64) -> Tried {
    let thief_from = days / 2;
    let made = MadeZone { seed, days, mean_mw, thief_mw, thief_from };
    found(&made.days(), seed, thief_mw, thief_from)
}

fn found(days: &[Day], seed: u64, thief_mw: f64, thief_from: usize) -> Tried {
    let search = Search { seed, least_confidence: SURE[0], ..Search::default() };
    let began = days[thief_from].date;
    let leads = leads(&"zone".into(), days, &search).into_iter();
    let is_it = |near: bool, size: f64| thief_mw > 0.0 && near && (0.5..=1.5).contains(&size);
    leads
        .map(|lead| {
            let (near, size) = ((lead.since - began).num_days().abs() <= 14, lead.power.mw() / thief_mw);
            (is_it(near, size), size, lead.confidence)
        })
        .collect()
}

fn row(zone: &str, days: usize, thief_mw: f64, tries: Vec<Tried>) {
    let sure = |tried: &Tried, level: f64, wanted: bool| {
        tried.iter().filter(|(is_it, _, confidence)| *is_it == wanted && *confidence >= level).count()
    };
    let found = SURE.map(|level| tries.iter().filter(|tried| sure(tried, level, true) > 0).count());
    let alarms = SURE.map(|level| tries.iter().map(|tried| sure(tried, level, false)).sum::<usize>());
    let mut sizes: Vec<f64> =
        tries.iter().flatten().filter(|(is_it, ..)| *is_it).map(|(_, size, _)| *size).collect();
    sizes.sort_by(f64::total_cmp);
    let size = sizes.get(sizes.len() / 2).map_or("-".to_owned(), |size| format!("{size:.2}"));
    let of = tries.len();
    let told = |count: usize| if thief_mw > 0.0 { format!("{count} of {of}") } else { "-".into() };
    println!(
        "| {zone} | {days} | {thief_mw} | {} | {} | {size} | {} | {} |",
        told(found[0]),
        told(found[1]),
        alarms[0],
        alarms[1]
    );
}

/// A real series with a planted thief: Greece, hourly, with the forecast of the day before as what was expected.
fn real(days: &[Day]) {
    for thief_mw in [0.0, 50.0, 100.0, 200.0, 400.0] {
        let places = (LEAST_DAYS / 2..days.len() - LEAST_DAYS / 2).step_by(12);
        let tries = places.map(|from| {
            let mut days = days.to_vec();
            days[from..].iter_mut().for_each(|day| day.quarters.iter_mut().for_each(|mw| *mw += thief_mw));
            found(&days, 1, thief_mw, from)
        });
        row("Greece, real", days.len(), thief_mw, tries.collect());
    }
}

fn greece() -> Option<Vec<Day>> {
    let Some(folder) = std::env::var_os("KEZEK_TEST_DATA") else {
        println!("skipped: KEZEK_TEST_DATA does not name the folder with opsd/");
        return None;
    };
    let table = "opsd/opsd_greece_load_forecast_actual_2019-10_2020-09.csv";
    let text = std::fs::read_to_string(std::path::Path::new(&folder).join(table)).ok()?;
    let total = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        Some(kezek_study::leads::Total {
            at: cells.first()?.parse().ok()?,
            total_mw: cells.get(2)?.parse().ok()?,
            temperature_c: None,
            expected_mw: Some(cells.get(3)?.parse().ok()?),
        })
    };
    let totals: Vec<_> = text.lines().skip(1).filter_map(total).collect();
    Some(kezek_study::leads::prepare(&totals, &[], &[], chrono_tz::Europe::Athens).days)
}
