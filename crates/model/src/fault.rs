//! What is wrong with an input, said so that a person can mend it.

use std::fmt;

/// One fault of one input: where it stands, what was found, what was expected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, as the person named it or as it is called inside the case.
    pub file: String,
    /// The row as an editor counts it: the header is row 1. `None` for the file as a whole.
    pub row: Option<u64>,
    /// The column or key.
    pub column: Option<String>,
    /// What stands there.
    pub found: String,
    /// What should stand there, or what to do.
    pub expected: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", {column}")?;
        }
        write!(f, ": found {}; expected {}", self.found, self.expected)
    }
}

/// All faults of an input together, in the order of files and rows; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<Fault>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_file_row_column_found_and_expected() {
        let fault = Fault {
            file: "facilities.csv".into(),
            row: Some(4),
            column: Some("floor_mw".into()),
            found: "\"-1\"".into(),
            expected: "MW, zero or more".into(),
        };
        let text = "facilities.csv, row 4, floor_mw: found \"-1\"; expected MW, zero or more";
        assert_eq!(fault.to_string(), text);
    }
}
