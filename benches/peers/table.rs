//! The tables for `benches/README.md`: the whole spread, least, median and greatest.

use crate::compare::{Key, limit_s};
use crate::results::{Outcome, Results};
use crate::row::Row;
use crate::words::Words;

/// What Kezek's objective may be worse by, and what an objective is reached within.
const TOLERANCE: f64 = 5e-4;

/// Prints what is known of some cases.
pub(crate) fn print(words: &Words, results: &Results, cases: &[Key]) {
    let find =
        |key: &Key, peer: &str| results.of(&key.case_digest, peer, limit_s(&key.row, peer, words)).cloned();
    let of_row = |row: &Row| cases.iter().filter(|key| key.row.name() == row.name()).collect::<Vec<_>>();
    println!("{}\n", machine(words, cases.iter().filter_map(|key| find(key, "kezek"))));
    println!("| row | goal | reached | gap % then | s to that gap | MiB |\n|---|---|---|---|---|---|");
    for row in &words.rows {
        let kezek: Vec<Outcome> = of_row(row).into_iter().filter_map(|key| find(key, "kezek")).collect();
        row.goals.iter().for_each(|&goal| goal_line(row, goal, &kezek));
    }
    println!(
        "\n| row | who | plans | objective over Kezek's | Kezek no worse | own gap % | s to the goal's gap | \
         s to its objective | Kezek's s to it | times faster | modelling s | MiB |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|"
    );
    for row in &words.rows {
        for peer in words.peers.iter().filter(|peer| *peer != "kezek") {
            let pairs =
                of_row(row).into_iter().filter_map(|key| Some((find(key, peer)?, find(key, "kezek")?)));
            peer_line(row, peer, &pairs.collect::<Vec<_>>());
        }
    }
    if words.each {
        each(words, cases, &find);
    }
}

fn goal_line(row: &Row, (gap, seconds): (f64, f64), kezek: &[Outcome]) {
    if kezek.is_empty() {
        return;
    }
    let gaps: Vec<f64> = kezek.iter().map(|own| own.gap_after(seconds)).collect();
    let reached = gaps.iter().filter(|&&own| own <= gap).count();
    println!(
        "| {} | {} % in {seconds} s | {reached} of {} | {} | {} | {} |",
        row.name(),
        gap * 100.0,
        kezek.len(),
        spread(gaps.iter().map(|own| own * 100.0), 3),
        spread(kezek.iter().map(|own| own.seconds_to_gap(gap)), 2),
        spread(kezek.iter().map(|own| own.peak_mib), 0),
    );
}

fn peer_line(row: &Row, peer: &str, pairs: &[(Outcome, Outcome)]) {
    if pairs.is_empty() {
        return;
    }
    let planned: Vec<&(Outcome, Outcome)> = pairs.iter().filter(|(own, _)| own.objective.is_some()).collect();
    let target = |own: &Outcome| own.objective.unwrap_or(f64::INFINITY) * (1.0 + TOLERANCE);
    let no_worse = |(own, kezek): &&&(Outcome, Outcome)| kezek.objective.is_some_and(|it| it <= target(own));
    let theirs = |(own, _): &&(Outcome, Outcome)| own.seconds_to_objective(target(own));
    let ours = |(own, kezek): &&(Outcome, Outcome)| kezek.seconds_to_objective(target(own));
    println!(
        "| {} | {peer} | {} of {} | {} | {} of {} | {} | {} | {} | {} | {} | {} | {} |",
        row.name(),
        planned.len(),
        pairs.len(),
        spread(planned.iter().filter_map(|(own, kezek)| Some(own.objective? / kezek.objective?)), 4),
        planned.iter().filter(no_worse).count(),
        planned.len(),
        spread(planned.iter().map(|(own, _)| own.gap() * 100.0), 2),
        spread(planned.iter().map(|(own, _)| own.seconds_to_gap(row.last_goal().0)), 1),
        spread(planned.iter().map(theirs), 1),
        spread(planned.iter().map(ours), 2),
        spread(planned.iter().map(|pair| theirs(pair) / ours(pair)), 0),
        spread(planned.iter().map(|(own, _)| own.modelled_s), 2),
        spread(planned.iter().map(|(own, _)| own.peak_mib), 0),
    );
}

fn each(words: &Words, cases: &[Key], find: &dyn Fn(&Key, &str) -> Option<Outcome>) {
    println!(
        "\n| row | seed | family | who | objective | bound | gap % | s | checked |\n|---|---|---|---|---|---|---|---|---|"
    );
    for key in cases {
        for own in words.peers.iter().filter_map(|peer| find(key, peer)) {
            let figure = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
            let checked = if own.objective.is_none() {
                own.failed.as_deref().unwrap_or("no plan")
            } else if own.broken.is_empty() {
                "holds"
            } else {
                "broken"
            };
            println!(
                "| {} | {} | {} | {} | {} | {} | {} | {:.1} | {checked} |",
                key.row.name(),
                key.seed,
                key.family,
                own.peer,
                figure(own.objective),
                figure(own.bound),
                number(own.gap() * 100.0, 3),
                own.seconds,
            );
        }
    }
}

/// Least / median / greatest; of an even number the greater middle.
fn spread(values: impl Iterator<Item = f64>, decimals: usize) -> String {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let (Some(least), Some(most)) = (values.first(), values.last()) else { return "-".to_owned() };
    let shown = [*least, values[values.len() / 2], *most].map(|value| number(value, decimals));
    shown.join(" / ")
}

/// A figure; a dash where it was not reached.
fn number(value: f64, decimals: usize) -> String {
    if value.is_finite() { format!("{value:.decimals$}") } else { "-".to_owned() }
}

fn machine(words: &Words, kezek: impl Iterator<Item = Outcome>) -> String {
    let (mut dates, mut commits): (Vec<_>, Vec<_>) = kezek.map(|own| (own.date, own.commit)).unzip();
    for list in [&mut dates, &mut commits] {
        list.sort();
        list.dedup();
    }
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!(
        "{}, {cores} cores; {}; commit {}; {} threads each, the others {} s. Least / median / greatest.",
        model.trim_start_matches([' ', '\t', ':']),
        dates.join(", "),
        commits.join(", "),
        words.threads,
        words.peer_seconds,
    )
}
