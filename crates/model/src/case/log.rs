//! Where faults are told while a case is read, so that all of them come out together.

use crate::fault::{Fault, Faults};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Most faults that are listed; a last line says how many more there are.
pub(super) const MOST_FAULTS: usize = 1000;
/// Most further rows that are named with an unknown name.
const MOST_ROWS: usize = 8;

/// Collects the faults of a case. The reading goes on behind it and leaves out what depends on the faulty value.
#[derive(Default)]
pub(super) struct FaultLog {
    files: RefCell<BTreeMap<String, Told>>,
}

#[derive(Default)]
struct Told {
    faults: Vec<Fault>,
    names: BTreeMap<(String, String), UnknownName>,
    more: usize,
}

/// A name that nobody knows is one fault, however many rows use it.
struct UnknownName {
    fault: Fault,
    rows: Vec<u64>,
    more: usize,
}

impl FaultLog {
    /// Takes a fault.
    pub(super) fn tell(&self, fault: Fault) {
        let mut files = self.files.borrow_mut();
        let told = files.entry(fault.file.clone()).or_default();
        if told.faults.len() < MOST_FAULTS {
            told.faults.push(fault);
        } else {
            told.more += 1;
        }
    }

    /// Takes a fault about an unknown name or an instant off the grid; further rows of the file with the same join
    /// the first. What is expected is asked for only once, as looking for the nearest name takes time.
    pub(super) fn tell_name(&self, mut fault: Fault, expected: impl FnOnce() -> String) {
        let mut files = self.files.borrow_mut();
        let told = files.entry(fault.file.clone()).or_default();
        let key = (fault.column.clone().unwrap_or_default(), fault.found.clone());
        if let Some(name) = told.names.get_mut(&key) {
            name.join(fault.row);
        } else if told.names.len() < MOST_FAULTS {
            fault.expected = expected();
            told.names.insert(key, UnknownName { fault, rows: Vec::new(), more: 0 });
        } else {
            told.more += 1;
        }
    }

    /// Takes the faults of another reader.
    pub(super) fn tell_all(&self, faults: Faults) {
        faults.0.into_iter().for_each(|fault| self.tell(fault));
    }

    /// Whether anything was told.
    pub(super) fn is_empty(&self) -> bool {
        self.files.borrow().is_empty()
    }

    /// All faults in the order of files and rows, bounded.
    pub(super) fn into_faults(self) -> Faults {
        let mut more = 0;
        let mut faults = Vec::new();
        for told in self.files.into_inner().into_values() {
            more += told.more;
            faults.extend(told.faults);
            faults.extend(told.names.into_values().map(UnknownName::into_fault));
        }
        faults.sort();
        faults.dedup();
        more += faults.len().saturating_sub(MOST_FAULTS);
        faults.truncate(MOST_FAULTS);
        if more > 0 {
            faults.push(remainder(more));
        }
        Faults(faults)
    }
}

impl UnknownName {
    fn join(&mut self, row: Option<u64>) {
        match row {
            Some(row) if self.rows.len() < MOST_ROWS => self.rows.push(row),
            _ => self.more += 1,
        }
    }

    fn into_fault(self) -> Fault {
        let mut fault = self.fault;
        if self.rows.is_empty() {
            return fault;
        }
        let rows: Vec<String> = self.rows.iter().map(u64::to_string).collect();
        let more = if self.more > 0 { format!(" and {} more", self.more) } else { String::new() };
        fault.found = format!("{} (also in rows {}{more})", fault.found, rows.join(", "));
        fault
    }
}

fn remainder(more: usize) -> Fault {
    Fault {
        file: "the case".into(),
        row: None,
        column: None,
        found: format!("{more} more faults"),
        expected: format!("none; only the first {MOST_FAULTS} are listed, mend them and read the case again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(file: &str, row: u64, found: &str) -> Fault {
        let column = Some("zone".into());
        Fault { file: file.into(), row: Some(row), column, found: found.into(), expected: "a zone".into() }
    }

    #[test]
    fn faults_come_out_by_file_and_row() {
        let log = FaultLog::default();
        for (file, row) in [("b.csv", 2), ("a.csv", 10), ("a.csv", 9)] {
            log.tell(fault(file, row, "x"));
        }
        let order: Vec<_> = log.into_faults().0.into_iter().map(|f| (f.file, f.row)).collect();
        assert_eq!(order, [("a.csv".into(), Some(9)), ("a.csv".into(), Some(10)), ("b.csv".into(), Some(2))]);
    }

    #[test]
    fn an_unknown_name_is_one_fault_with_its_rows() {
        let log = FaultLog::default();
        (2..14).for_each(|row| log.tell_name(fault("a.csv", row, "\"nrth\""), || "a zone".into()));
        let faults = log.into_faults().0;
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].found, "\"nrth\" (also in rows 3, 4, 5, 6, 7, 8, 9, 10 and 3 more)");
    }

    #[test]
    fn beyond_a_thousand_only_the_number_is_told() {
        let log = FaultLog::default();
        (0..1500).for_each(|row| log.tell(fault("a.csv", row, "x")));
        (0..20).for_each(|row| log.tell(fault("b.csv", row, "x")));
        let faults = log.into_faults().0;
        assert_eq!(faults.len(), MOST_FAULTS + 1);
        assert_eq!(faults[MOST_FAULTS].found, "520 more faults");
    }
}
