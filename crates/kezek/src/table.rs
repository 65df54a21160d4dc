//! Tables without lines: two blanks between columns, numbers to the right, at most 100 columns wide.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// The widest line of a table.
pub(crate) const WIDTH: u16 = 100;
const INDENT: &str = "  ";

/// A table with a header row. `texts` columns on the left are text, all others numbers.
pub(crate) struct Columns {
    table: Table,
}

impl Columns {
    /// An empty table.
    pub(crate) fn new(texts: usize, header: &[&str]) -> Self {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).force_no_tty().set_width(WIDTH);
        table.set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
        for (at, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if at >= texts {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        Self { table }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.table.add_row(cells);
    }

    /// The lines of the table, each with its end.
    pub(crate) fn text(&self) -> String {
        let line = |line: String| format!("{}\n", format!("{INDENT}{line}").trim_end());
        self.table.lines().map(line).collect()
    }
}

/// A text cut off at a number of characters.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{}\u{2026}", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right() {
        let mut table = Columns::new(1, &["zone", "MW"]);
        table.row(["north".into(), "1 000.0".into()]);
        table.row(["south".into(), "0.5".into()]);
        assert_eq!(table.text(), "  zone        MW\n  north  1 000.0\n  south      0.5\n");
    }

    #[test]
    fn long_names_are_cut_off_by_characters() {
        assert_eq!(shortened("Экибастуз", 9), "Экибастуз");
        assert_eq!(shortened("Экибастуз 2", 9), "Экибасту\u{2026}");
    }
}
