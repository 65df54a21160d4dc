//! A curve of a few points in characters.

/// Characters between the axes.
const WIDE: usize = 64;
const HIGH: usize = 12;

/// Points with their axes; the labels are the extremes, each written by its `x` or `y`.
pub(super) fn curve(
    points: &[(f64, f64)],
    x: &dyn Fn(f64) -> String,
    y: &dyn Fn(f64) -> String,
) -> Vec<String> {
    let (left, right) = range(points.iter().map(|point| point.0));
    let (low, high) = range(points.iter().map(|point| point.1));
    let mut rows = vec![vec![' '; WIDE]; HIGH];
    for &(at, value) in points {
        rows[HIGH - 1 - place(value, low, high, HIGH)][place(at, left, right, WIDE)] = '*';
    }
    let (top, bottom) = (y(high), y(low));
    let margin = top.chars().count().max(bottom.chars().count());
    let label = |row: usize| match row {
        0 => top.as_str(),
        row if row == HIGH - 1 => bottom.as_str(),
        _ => "",
    };
    let line = |(row, cells): (usize, &Vec<char>)| {
        let cells: String = cells.iter().collect();
        format!("{:>margin$} |{}", label(row), cells.trim_end())
    };
    let mut lines: Vec<String> = rows.iter().enumerate().map(line).collect();
    lines.push(format!("{:margin$} +{}", "", "-".repeat(WIDE)));
    let (from, to) = (x(left), x(right));
    let between = WIDE.saturating_sub(from.chars().count() + to.chars().count());
    lines.push(format!("{:margin$}  {from}{}{to}", "", " ".repeat(between)));
    lines
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// The cell of a value between two others.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
fn place(value: f64, low: f64, high: f64, cells: usize) -> usize {
    if high <= low {
        return 0;
    }
    (((value - low) / (high - low) * (cells - 1) as f64).round() as usize).min(cells - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_stand_in_the_corners() {
        let lines = curve(&[(0.1, 20.0), (0.2, 10.0)], &|x| format!("{x}"), &|y| format!("{y}"));
        assert_eq!(lines.len(), HIGH + 2);
        assert_eq!(lines[0], "20 |*");
        assert_eq!(lines[HIGH - 1], format!("10 |{}*", " ".repeat(WIDE - 1)));
        assert!(lines[HIGH + 1].starts_with("    0.1") && lines[HIGH + 1].ends_with("0.2"));
    }

    #[test]
    fn a_single_point_has_a_place() {
        let lines = curve(&[(0.1, 20.0)], &|x| format!("{x}"), &|y| format!("{y}"));
        assert_eq!(lines[HIGH - 1], "20 |*");
    }
}
