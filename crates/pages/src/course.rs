//! The course of one order in a row of the board: the band it allows, and what the meter says, drawn small and in words.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use kezek_model::units::Kw;

use crate::chart::escape;
use crate::figures::fill;
use crate::frame::Frame;
use crate::words;

words! {
    /// Words of the course of an order.
    CourseWords {
        allowed: "Allowed at most {0} MW, {1}", "Разрешено не более {0} МВт, {1}", "Ең көбі {0} МВт-қа рұқсат, {1}";
        metered: "last metered {0} MW until {1}", "последнее по счётчику: {0} МВт до {1}", "есептеуіштің соңғысы: {1} дейін {0} МВт";
        unmetered: "no reading in this time", "показаний за это время нет", "бұл уақытта көрсеткіш жоқ";
        above: "readings above it: {0}", "показаний выше: {0}", "одан асқан көрсеткіштер: {0}";
        read: "read {0} ago", "показание {0} назад", "көрсеткіш {0} бұрын";
        unread: "never read", "показаний ещё не было", "көрсеткіш әлі болған жоқ";
    }
}

/// A stretch in which one limit holds, tolerance included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// First instant.
    pub from: DateTime<Utc>,
    /// First instant after it.
    pub to: DateTime<Utc>,
    /// What may be drawn.
    pub limit: Kw,
    /// From where the load comes down.
    pub full: Kw,
    /// Until then it may still be on its way.
    pub grace_until: DateTime<Utc>,
}

/// How the load may return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Return {
    /// To this.
    pub to: Kw,
    /// At most so much in an hour; at once where nothing is said.
    pub ramp_per_h: Option<Kw>,
}

/// One reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mean {
    /// Where it begins.
    pub from: DateTime<Utc>,
    /// Where it ends.
    pub to: DateTime<Utc>,
    /// What was drawn.
    pub power: Kw,
    /// Whether that is judged a breach.
    pub is_above: bool,
}

/// What an order allows, and what was metered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// In order of time; at least one.
    pub stretches: Vec<Stretch>,
    /// After the last of them.
    pub restore: Option<Return>,
    /// Readings around them, in order of time.
    pub metered: Vec<Mean>,
    /// When the newest reading of the facility ended.
    pub last: Option<DateTime<Utc>>,
}

const WIDTH: i64 = 400;
const HEIGHT: i64 = 60;
/// Of the time of the limits so much is shown before and after: a sixth.
const MARGIN: i32 = 6;
/// More strokes are not told apart.
const MAX_STROKES: usize = 100;

/// What is shown of the time around limits.
#[must_use]
pub fn window(from: DateTime<Utc>, to: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let margin = (to - from) / MARGIN;
    (from - margin, to + margin)
}

struct Scale {
    from: DateTime<Utc>,
    seconds: i64,
    top: i64,
}

impl Scale {
    fn x(&self, at: DateTime<Utc>) -> i64 {
        (WIDTH * (at - self.from).num_seconds() / self.seconds).clamp(0, WIDTH)
    }

    fn y(&self, power: Kw) -> i64 {
        HEIGHT - HEIGHT * power.0.clamp(0, self.top) / self.top
    }
}

impl Course {
    fn ends(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        Some((self.stretches.first()?.from, self.stretches.last()?.to))
    }

    fn scale(&self) -> Option<Scale> {
        let (first, last) = self.ends()?;
        let (from, to) = window(first, last);
        let full = self.stretches.iter().map(|one| one.full.max(one.limit));
        let powers = full.chain(self.metered.iter().map(|one| one.power));
        let top = powers.chain(self.restore.map(|restore| restore.to)).max()?.0;
        // A little room above the highest line.
        Some(Scale { from, seconds: (to - from).num_seconds().max(1), top: (top + top / 12).max(1) })
    }

    /// The band filled, the meter a line, what is above it in red, a line for now.
    #[must_use]
    pub fn drawn(&self, frame: &Frame) -> String {
        let Some(scale) = self.scale() else { return String::new() };
        let strokes = self.strokes();
        let above: Vec<Mean> = strokes.iter().copied().filter(|one| one.is_above).collect();
        let mut svg = format!(
            "<svg class=\"course\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\"><path class=\"band\" d=\"{}\"/>",
            escape(&self.sentence(frame)),
            self.band(&scale)
        );
        // Writing to a text does not fail.
        for (class, means) in [("line", &strokes), ("above", &above)] {
            if !means.is_empty() {
                let _ = write!(svg, "<path class=\"{class}\" d=\"{}\"/>", line(means, &scale));
            }
        }
        let now = (frame.now - scale.from).num_seconds();
        if (0..=scale.seconds).contains(&now) {
            let _ = write!(svg, "<path class=\"now\" d=\"M{} 0V{HEIGHT}\"/>", scale.x(frame.now));
        }
        svg + "</svg>"
    }

    /// Down within the minutes of grace, level, up by the ramp; open where no limit holds.
    fn band(&self, scale: &Scale) -> String {
        let mut path = String::new();
        let mut before: Option<&Stretch> = None;
        for one in &self.stretches {
            let follows = before.filter(|before| before.to == one.from);
            let (x, start) = (scale.x(one.from), follows.map_or(one.full, |before| before.limit));
            let _ = match follows {
                Some(_) => write!(path, "V{}", scale.y(start)),
                None => write!(path, "M{x} {HEIGHT}V{}", scale.y(start)),
            };
            let (y, end) = (scale.y(one.limit), scale.x(one.to));
            let _ = write!(path, "L{} {y}H{end}", scale.x(one.grace_until));
            let goes_on = self.stretches.iter().any(|next| next.from == one.to);
            let is_last = self.stretches.last() == Some(one);
            match self.restore.filter(|_| is_last) {
                Some(restore) => path += &rise(one, restore, scale),
                None if goes_on => {}
                None => path += &format!("V{HEIGHT}Z"),
            }
            before = Some(one);
        }
        path
    }

    /// Readings, drawn together where there are too many: of several the highest.
    fn strokes(&self) -> Vec<Mean> {
        let together = self.metered.len().div_ceil(MAX_STROKES).max(1);
        let unbroken = self.metered.chunk_by(|one, next| one.to == next.from);
        let strokes = unbroken.flat_map(|run| run.chunks(together)).map(|part| Mean {
            from: part[0].from,
            to: part[part.len() - 1].to,
            power: part.iter().map(|one| one.power).max().unwrap_or(Kw::ZERO),
            is_above: part.iter().any(|one| one.is_above),
        });
        strokes.collect()
    }

    /// What is drawn, in a sentence.
    #[must_use]
    pub fn sentence(&self, frame: &Frame) -> String {
        let w = CourseWords::of(frame.language);
        let Some((from, to)) = self.ends() else { return String::new() };
        let limit = self.stretches.iter().map(|one| one.limit).min().unwrap_or(Kw::ZERO);
        let mut said = vec![fill(w.allowed, &[&frame.mw(&limit), &frame.span(&from, &to)])];
        said.push(match self.metered.last() {
            Some(last) => fill(w.metered, &[&frame.mw(&last.power), &frame.hour(&last.to)]),
            None => w.unmetered.into(),
        });
        let above = self.metered.iter().filter(|one| one.is_above).count();
        said.extend((above > 0).then(|| fill(w.above, &[&above.to_string()])));
        said.join("; ")
    }

    /// How old the newest reading is.
    #[must_use]
    pub fn age(&self, frame: &Frame) -> String {
        let w = CourseWords::of(frame.language);
        self.last.map_or_else(|| w.unread.into(), |last| fill(w.read, &[&frame.age(&last)]))
    }
}

/// The load comes back as fast as it may.
fn rise(last: &Stretch, restore: Return, scale: &Scale) -> String {
    let rise = (restore.to.0 - last.limit.0).max(0);
    let hourly = restore.ramp_per_h.map_or(0, |ramp| ramp.0);
    let seconds = if hourly > 0 { rise * 3600 / hourly } else { 0 };
    let top = scale.x(last.to + chrono::TimeDelta::seconds(seconds));
    format!("L{top} {}H{WIDTH}V{HEIGHT}Z", scale.y(restore.to))
}

/// A line in steps, broken off where there is no reading.
fn line(means: &[Mean], scale: &Scale) -> String {
    let (mut path, mut pen) = (String::new(), None);
    for one in means {
        let (from, to, y) = (scale.x(one.from), scale.x(one.to), scale.y(one.power));
        let _ = match pen {
            Some((at, level)) if at == one.from && level == y => write!(path, "H{to}"),
            Some((at, _)) if at == one.from => write!(path, "V{y}H{to}"),
            _ => write!(path, "M{from} {y}H{to}"),
        };
        pen = Some((one.to, y));
    }
    path
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use chrono::TimeDelta;
    use kezek_model::registry::Language;

    /// Two MW from an hour ago for six hours; a quarter of an hour each, of which the third is above.
    pub(crate) fn course(frame: &Frame) -> Course {
        let begun = frame.now - TimeDelta::hours(1);
        let at = |minutes| begun + TimeDelta::minutes(minutes);
        let stretch =
            Stretch { from: begun, to: at(360), limit: Kw(2_000), full: Kw(20_000), grace_until: at(10) };
        let mean =
            |n: i64, kw| Mean { from: at(15 * n), to: at(15 * n + 15), power: Kw(kw), is_above: kw == 5_000 };
        Course {
            stretches: vec![stretch],
            restore: Some(Return { to: Kw(20_000), ramp_per_h: Some(Kw(36_000)) }),
            metered: vec![mean(0, 9_000), mean(1, 1_900), mean(2, 5_000), mean(3, 1_900)],
            last: Some(at(60)),
        }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(CourseWords::TABLE, &[]);
    }

    #[test]
    fn the_band_comes_down_by_the_grace_and_goes_up_by_the_ramp() {
        let frame = frame(Language::En);
        let svg = course(&frame).drawn(&frame);
        // Eight hours over 400: the limit from 50 to 350, ten minutes are 8, half an hour of ramp is 25.
        assert!(svg.contains("class=\"band\" d=\"M50 60V5L58 55H350L375 5H400V60Z\""), "{svg}");
        assert!(svg.contains("class=\"now\" d=\"M100 0V60\""), "{svg}");
        assert_eq!(svg.matches("class=\"above\"").count(), 1);
    }

    #[test]
    fn limits_that_follow_make_one_band_and_a_free_hour_makes_two() {
        let frame = frame(Language::En);
        let mut course = course(&frame);
        let first = course.stretches[0].clone();
        let next =
            |from| Stretch { from, to: from + TimeDelta::hours(1), grace_until: from, ..first.clone() };
        course.restore = None;
        course.stretches.push(next(first.to));
        assert_eq!(course.band(&course.scale().unwrap()).matches('M').count(), 1);
        course.stretches[1] = next(first.to + TimeDelta::hours(1));
        let band = course.band(&course.scale().unwrap());
        assert_eq!((band.matches('M').count(), band.matches('Z').count()), (2, 2), "{band}");
    }

    #[test]
    fn a_missing_reading_is_a_gap_and_many_are_drawn_together_by_the_highest() {
        let frame = frame(Language::En);
        let mut course = course(&frame);
        course.metered.remove(1);
        let scale = course.scale().unwrap();
        assert_eq!(line(&course.strokes(), &scale).matches('M').count(), 2);
        let minute = |n: i64| Mean {
            from: frame.now + TimeDelta::minutes(n),
            to: frame.now + TimeDelta::minutes(n + 1),
            power: Kw(if n == 7 { 9_000 } else { 1_000 }),
            is_above: n == 7,
        };
        course.metered = (0..250).map(minute).collect();
        let strokes = course.strokes();
        assert_eq!(strokes.len(), 84);
        assert_eq!((strokes[2].power, strokes[2].is_above), (Kw(9_000), true));
    }

    #[test]
    fn the_sentence_says_limit_last_reading_and_what_was_above() {
        let frame = frame(Language::En);
        let mut course = course(&frame);
        assert_eq!(
            course.sentence(&frame),
            "Allowed at most 2.0 MW, Sat 24 Jan 11:41–17:41; last metered 1.9 MW until 12:41; readings above it: 1"
        );
        assert_eq!(course.age(&frame), "read 0 min ago");
        (course.metered, course.last) = (Vec::new(), None);
        assert!(course.sentence(&frame).ends_with("no reading in this time"));
        assert_eq!(course.age(&frame), "never read");
    }
}
