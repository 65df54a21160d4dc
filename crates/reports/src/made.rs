//! Results as a study might leave them, for tests: a dark winter of 45 days, some of it colder.

use kezek_study::lab::outcome::{CURVE, DAY_FIGURES, Outcome, span_days};
use kezek_study::lab::results::{Header, Results, Shard};
use serde_json::json;
use std::collections::BTreeMap;

const DAYS: usize = 45;
const DRAWS: u32 = 20;
const FACILITIES: usize = 14;
/// Name, about, and how much more power is short.
const SCENARIOS: [(&str, &str, f64); 7] = [
    ("base", "", 1.0),
    ("cold", "two kelvin colder", 1.45),
    ("tight", "the tie carries 300 MW less", 1.15),
    ("mild", "two kelvin warmer", 0.6),
    ("unit-4-out", "unit 4 is not there", 1.7),
    ("more-quota", "a tenth more is nominated", 0.9),
    ("second-circuit", "the second circuit is there", 0.4),
];

/// A base and two scenarios.
pub(crate) fn results() -> Results {
    with_scenarios(3)
}

/// A base and some scenarios, at most seven together.
pub(crate) fn with_scenarios(count: usize) -> Results {
    let mut lived = BTreeMap::new();
    for draw in 0..DRAWS {
        for (scenario, (_, _, factor)) in SCENARIOS.iter().enumerate().take(count) {
            lived.insert((draw, scenario), outcome(draw, *factor));
        }
    }
    Results { header: header(count), lived }
}

fn header(count: usize) -> Header {
    let zones = ["north", "south", "west"];
    let facility = |at: usize| json!({ "id": format!("F-{at:02}"), "zone": zones[at % zones.len()] });
    let scenarios: Vec<_> = SCENARIOS.iter().take(count).map(|own| (own.0, own.1)).collect();
    let header = json!({
        "kezek_study": 2,
        "study": "Winter 2026",
        "study_digest": "sha256:3f1c9a0b5d7e2468aceebdf013579bdf02468ace13579bdf02468ace13579bdf",
        "engine": "0.1.0",
        "seed": 7,
        "draws": DRAWS,
        "shard": Shard::WHOLE,
        "gap": 0.01,
        "scenarios": scenarios,
        "zones": zones,
        "ties": [
            { "id": "north-south", "from": "north", "to": "south" },
            { "id": "west-north", "from": "west", "to": "north" },
        ],
        "facilities": (0..FACILITIES).map(facility).collect::<Vec<_>>(),
        "first_day": "2026-01-05",
        "days": DAYS,
        "span_days": span_days(DAYS),
        "interval_hours": 1.0,
        "time_zone": "Asia/Almaty",
        "currency": "KZT",
        "income_per_mwh": 31_000.0,
    });
    serde_json::from_value(header).unwrap()
}

/// From 0 to 1, the same for the same places.
fn chance(draw: u32, place: usize) -> f64 {
    let mixed = (u64::from(draw) * 1009 + place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f64 / (1_u64 << 24) as f64
}

fn outcome(draw: u32, factor: f64) -> Outcome {
    let room_mw = 320.0;
    let (mut days, mut spans) = (Vec::new(), vec![vec![0; DAYS.div_ceil(span_days(DAYS))]; FACILITIES]);
    for day in 0..DAYS {
        let season = (std::f64::consts::PI * (day as f64 + 4.0) / 53.0).sin();
        let peak = (factor * (season * 260.0 + 280.0 * (chance(draw, day) - 0.5)) - 60.0).max(0.0);
        let (cut_peak, need) = (peak.min(room_mw), peak * 4.2);
        let (cut, uncovered) = (cut_peak * 4.2, (peak - cut_peak) * 3.1);
        let kwh = |mwh: f64| (mwh * 1000.0).round() as i64;
        for (facility, spans) in spans.iter_mut().enumerate() {
            let is_cut = chance(draw, 1000 + day * FACILITIES + facility) < 0.55;
            spans[day / span_days(DAYS)] += if is_cut { kwh(cut / FACILITIES as f64 / 0.55) } else { 0 };
        }
        let figures: [i64; DAY_FIGURES.len()] = [
            kwh(need),
            kwh(peak),
            kwh(room_mw + 20.0 * chance(draw, 500 + day)),
            kwh(9_000.0),
            kwh(cut),
            kwh(uncovered * 0.8),
            kwh(uncovered),
            kwh(peak - cut_peak),
            if peak > 0.0 { 300 } else { 0 },
            i64::from(peak > 0.0) * 8,
            i64::from(peak > 0.0) * 8,
            kwh(cut * (3.5 + factor)),
            4_000,
            i64::from(day == 9),
        ];
        days.push(figures);
    }
    let sum =
        |figure: usize| days.iter().map(|day: &[i64; DAY_FIGURES.len()]| day[figure]).sum::<i64>() as f64;
    let curve = |most: f64, until: f64| -> Vec<i64> {
        let at = |percent: usize| most * (1.0 - percent as f64 / until).max(0.0).powf(1.6) * 1000.0;
        (0..CURVE).map(|percent| at(percent) as i64).collect()
    };
    let highest = days.iter().map(|day| day[1]).max().unwrap_or(0) as f64 / 1000.0;
    let uncovered = days.iter().map(|day| day[7]).max().unwrap_or(0) as f64 / 1000.0;
    let cut: Vec<i64> = spans.iter().map(|own| own.iter().sum()).collect();
    let nominated: Vec<i64> =
        (0..FACILITIES).map(|at| (sum(3) / 14.0 * (0.6 + 0.06 * at as f64)) as i64).collect();
    let zones = [0.3, 0.6, 0.1].map(|share: f64| [3, 4, 6, 8].map(|figure| (sum(figure) * share) as i64));
    let outcome = json!({
        "days": days,
        "nominated_kwh": nominated,
        "cut_kwh": cut,
        "events": vec![12; FACILITIES],
        "cut_by_span_kwh": spans,
        "need_curve_kw": curve(highest, 16.0 * factor + 4.0 * chance(draw, 77)),
        "uncovered_curve_kw": curve(uncovered, 4.0 * factor),
        "zones": zones,
    });
    serde_json::from_value(outcome).unwrap()
}
