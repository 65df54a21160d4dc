//! A table as an answer of a web service: a JSON array of flat objects.

use super::ImportError;
use super::table::{Record, Table};
use crate::fault::{Fault, Faults};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Whether a text is such an array and not a table of cells.
pub(super) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('[')
}

/// Reads the array: the header is every key that occurs, a row the number of its object.
pub(super) fn read(file: &str, text: &str) -> Result<Table, ImportError> {
    let objects: Vec<Map<String, Value>> =
        serde_json::from_str(text).map_err(|error| refused(file, &error))?;
    let header: Vec<String> =
        objects.iter().flat_map(Map::keys).collect::<BTreeSet<_>>().into_iter().cloned().collect();
    let record = |(row, object): (u64, &Map<String, Value>)| Record {
        row,
        cells: header.iter().map(|key| object.get(key).map_or_else(String::new, cell)).collect(),
    };
    let records = (1..).zip(&objects).map(record).collect();
    Ok(Table { header, records })
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn refused(file: &str, error: &serde_json::Error) -> ImportError {
    ImportError::Table(Faults(vec![Fault {
        file: file.to_owned(),
        row: Some(error.line() as u64),
        column: None,
        found: error.to_string(),
        expected: "an array of objects, one for each interval".to_owned(),
    }]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_rows_and_keys_are_columns() {
        let table =
            read("a.json", r#"[{"dt":"2026-09-01T00:00:00","mw":1.50},{"mw":null,"note":{"x":1}}]"#).unwrap();
        assert_eq!(table.header, ["dt", "mw", "note"]);
        assert_eq!(table.records[0].cells, ["2026-09-01T00:00:00", "1.5", ""]);
        assert_eq!(
            (table.records[1].row, &table.records[1].cells[..]),
            (2, &["", "", "{\"x\":1}"].map(String::from)[..])
        );
    }

    #[test]
    fn what_is_no_array_of_objects_is_refused_with_its_line() {
        let Err(ImportError::Table(faults)) = read("a.json", "[\n1]") else { panic!("taken") };
        assert_eq!((faults.0[0].file.as_str(), faults.0[0].row), ("a.json", Some(2)));
    }
}
