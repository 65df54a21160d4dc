//! Incumbents and bounds from the log of HiGHS, whose rows end with
//! `... | BestBound BestSol Gap | Cuts InLp Confl. | LpIters Time`.

use crate::answer::Point;

/// The points of a log, `began_s` seconds after the run began.
pub(crate) fn trace(log: &str, began_s: f64) -> Vec<Point> {
    log.lines().filter_map(|line| point(line, began_s)).collect()
}

fn point(line: &str, began_s: f64) -> Option<Point> {
    let words: Vec<&str> = line.split_whitespace().rev().collect();
    let seconds: f64 = words.first()?.strip_suffix('s')?.parse().ok()?;
    let (explored, bound, objective) = (words.get(8)?, words.get(7)?, words.get(6)?);
    if !explored.ends_with('%') {
        return None;
    }
    let finite = |word: &str| word.parse::<f64>().ok().filter(|value| value.is_finite());
    Some(Point { s: began_s + seconds, objective: finite(objective), bound: finite(bound) })
}
