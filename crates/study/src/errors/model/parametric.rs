//! Normal errors that remember.
//!
//! The error of hour `h` of day `d` is `mean[h] + spread[h] * z(d, h)`, with
//!
//! ```text
//! z(d, h) = sqrt(1 - v) * x(24 d + h) + sqrt(v) * y(d)
//! x(t)    = a * x(t - 1) + sqrt(1 - a^2) * normal,   through midnight
//! y(d)    = b * y(d - 1) + sqrt(1 - b^2) * normal
//! ```
//!
//! `a` the memory of the hour, `v` the share of the variance that a level of the day has and `b` its memory, all within 0
//! to 1. `x` alone (`v = 0`) is the usual autoregression of forecast errors (Box and Jenkins, *Time Series Analysis*,
//! chapter 3; for wind Soeder, *Simulation of wind speed forecast errors*, PMAPS 2004). All is fitted by moments (Yule and
//! Walker): with `r(k)` the mean of `z(t) z(t + k)`, within a day `r(k) = v + (1 - v) a^k`, hence
//!
//! ```text
//! v = 0:  a = r(1)
//! else    v = (r(12) - r(6)^2) / (1 - 2 r(6) + r(12)),  a = (r(1) - v) / (1 - v),  b = (r(24) - (1 - v) a^24) / v
//! ```

use crate::draw::Draw;
use crate::errors::{Day, HOURS, Hours};
use serde::Serialize;

/// Parameters of normal errors.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parametric {
    /// Mean error of every hour of the clock.
    pub mean: Hours,
    /// Standard deviation of every hour of the clock.
    pub spread: Hours,
    /// Correlation with the hour before, the level of the day set aside.
    pub hour_memory: f64,
    /// Share of the variance that all hours of a day have in common; may be 0.
    pub day_variance: f64,
    /// Correlation of that level with that of the day before.
    pub day_memory: f64,
}

/// A memory of all, or a level that is all of the variance, would never let go of what was first drawn.
const MOST: f64 = 0.995;

impl Parametric {
    pub(super) fn hourly(days: &[Day]) -> Option<Self> {
        let (mean, spread) = moments(days)?;
        let r1 = Standard::of(days, &mean, &spread).correlation(1, true);
        Some(Self { mean, spread, hour_memory: r1.clamp(0.0, MOST), day_variance: 0.0, day_memory: 0.0 })
    }

    pub(super) fn hourly_and_daily(days: &[Day]) -> Option<Self> {
        let (mean, spread) = moments(days)?;
        let z = Standard::of(days, &mean, &spread);
        let [r1, r6, r12] = [1, 6, 12].map(|lag| z.correlation(lag, false));
        let bend = 1.0 - 2.0 * r6 + r12;
        let day_variance = if bend > 0.0 { ((r12 - r6 * r6) / bend).clamp(0.0, MOST) } else { 0.0 };
        if day_variance == 0.0 {
            return Self::hourly(days);
        }
        let hour_memory = ((r1 - day_variance) / (1.0 - day_variance)).clamp(0.0, MOST);
        // Multiplied out: `powi` may differ from machine to machine.
        let left = (0..HOURS).fold(1.0 - day_variance, |left, _| left * hour_memory);
        let day_memory = ((z.correlation(24, true) - left) / day_variance).clamp(0.0, MOST);
        Some(Self { mean, spread, hour_memory, day_variance, day_memory })
    }

    pub(super) fn draw(&self, draw: &mut Draw, days: usize) -> Vec<Hours> {
        let step = |draw: &mut Draw, before: f64, memory: f64| {
            memory * before + (1.0 - memory * memory).sqrt() * draw.normal()
        };
        let (own, common) = ((1.0 - self.day_variance).sqrt(), self.day_variance.sqrt());
        let (mut hour, mut level) = (draw.normal(), draw.normal());
        let mut day = || {
            let share = std::array::from_fn(|h| {
                let z = own * hour + common * level;
                hour = step(draw, hour, self.hour_memory);
                self.mean[h] + self.spread[h] * z
            });
            level = step(draw, level, self.day_memory);
            share
        };
        (0..days).map(|_| day()).collect()
    }
}

/// Mean and standard deviation of every hour.
fn moments(days: &[Day]) -> Option<(Hours, Hours)> {
    let count = days.len() as f64;
    let mean: Hours = std::array::from_fn(|h| days.iter().map(|day| day.share[h]).sum::<f64>() / count);
    let spread = std::array::from_fn(|h| {
        let squares: f64 = days.iter().map(|day| (day.share[h] - mean[h]).powi(2)).sum();
        (squares / (count - 1.0)).sqrt()
    });
    (days.len() > 1).then_some((mean, spread))
}

/// Days of errors less their mean, over their spread, each with the day after it where the table has it.
struct Standard(Vec<(Hours, Option<Hours>)>);

impl Standard {
    fn of(days: &[Day], mean: &Hours, spread: &Hours) -> Self {
        let z = |day: &Day| {
            let over = |h: usize| if spread[h] > 0.0 { (day.share[h] - mean[h]) / spread[h] } else { 0.0 };
            std::array::from_fn(over)
        };
        let next = |at: usize| days.get(at + 1).filter(|next| days[at].date.succ_opt() == Some(next.date));
        Self((0..days.len()).map(|at| (z(&days[at]), next(at).map(z))).collect())
    }

    /// The mean product of hours so far apart, at most a day; pairs on both sides of midnight only where asked.
    fn correlation(&self, lag: usize, through_midnight: bool) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for (day, next) in &self.0 {
            for h in 0..HOURS {
                let later = match (h + lag).checked_sub(HOURS) {
                    None => Some(day[h + lag]),
                    Some(hour) => next.filter(|_| through_midnight).map(|next| next[hour]),
                };
                if let Some(later) = later {
                    sum += day[h] * later;
                    count += 1.0;
                }
            }
        }
        if count > 0.0 { sum / count } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors::model::tests::days;

    fn known(day_variance: f64) -> Parametric {
        Parametric {
            mean: std::array::from_fn(|h| 0.001 * h as f64 - 0.01),
            spread: std::array::from_fn(|h| 0.02 + 0.001 * h as f64),
            hour_memory: 0.8,
            day_variance,
            day_memory: if day_variance > 0.0 { 0.6 } else { 0.0 },
        }
    }

    fn near(found: &Parametric, known: &Parametric, count: f64) {
        for h in 0..HOURS {
            let error = known.spread[h] / count.sqrt();
            assert!((found.mean[h] - known.mean[h]).abs() < 6.0 * error, "mean of hour {h}: {found:?}");
            assert!((found.spread[h] - known.spread[h]).abs() < 6.0 * error, "spread of hour {h}: {found:?}");
        }
        for (found, known) in [
            (found.hour_memory, known.hour_memory),
            (found.day_variance, known.day_variance),
            (found.day_memory, known.day_memory),
        ] {
            assert!((found - known).abs() < 0.06, "{found} for {known}");
        }
    }

    #[test]
    fn the_fit_finds_what_the_errors_were_drawn_from() {
        for seed in 1..=5 {
            let hourly = known(0.0);
            let past = days(hourly.draw(&mut Draw(seed), 2000));
            near(&Parametric::hourly(&past).unwrap(), &hourly, 2000.0);
            let daily = known(0.4);
            let past = days(daily.draw(&mut Draw(seed), 2000));
            near(&Parametric::hourly_and_daily(&past).unwrap(), &daily, 2000.0);
        }
    }

    #[test]
    fn memory_goes_through_midnight_but_not_over_a_missing_day() {
        let past = days(known(0.0).draw(&mut Draw(1), 2000));
        let (mean, spread) = moments(&past).unwrap();
        let z = Standard::of(&past, &mean, &spread);
        let midnight: f64 = z.0.iter().filter_map(|(day, next)| Some(day[23] * (*next)?[0])).sum();
        assert!((midnight / 1999.0 - 0.8).abs() < 0.06);
        let odd: Vec<Day> = past.iter().step_by(2).cloned().collect();
        assert!(Standard::of(&odd, &mean, &spread).0.iter().all(|(_, next)| next.is_none()));
    }

    #[test]
    fn an_hour_that_never_errs_never_will() {
        let mut past = days(known(0.0).draw(&mut Draw(1), 50));
        past.iter_mut().for_each(|day| day.share[3] = 0.01);
        let drawn = Parametric::hourly(&past).unwrap().draw(&mut Draw(2), 20);
        assert!(drawn.iter().all(|share| (share[3] - 0.01).abs() < 1e-12 && share[4] != 0.01));
    }
}
