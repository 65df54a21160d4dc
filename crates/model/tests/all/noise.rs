//! Whatever lies in the files: a case or faults, never a panic.

use crate::sample::{files, stochastic};
use kezek_model::case::CaseFiles;
use kezek_model::noise;
use proptest::prelude::*;

pub(crate) const SPITE: [&str; 32] = [
    "",
    " ",
    "NaN",
    "-inf",
    "1e999",
    "-0",
    "1e-400",
    "999999999999999999999",
    "0.0005",
    "1,5",
    "\"",
    "\"\"",
    "\n",
    "\r",
    ",",
    ";",
    "\u{feff}",
    "\0",
    "é",
    "true",
    "F1",
    "north",
    "2022-01-24T00:00:00",
    "2022-01-24T23:59:60Z",
    "9999-12-31T23:59:59Z",
    "0000-01-01T00:00:00Z",
    "+262142-12-31",
    "Asia/Almaty",
    "[[zone]]\n",
    "id = 1\n",
    "#",
    "=",
];

fn nth_name(files: &CaseFiles, n: usize) -> String {
    files.files.keys().nth(n % files.files.len()).unwrap().clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_bytes_in_any_file(which: usize, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut case = files();
        let name = nth_name(&case, which);
        case.files.insert(name, bytes);
        noise::case(&case);
    }

    #[test]
    fn spiteful_edits_anywhere(many: bool, edits in prop::collection::vec((any::<usize>(), any::<usize>(), 0..12_usize, 0..SPITE.len()), 1..4)) {
        let mut case = if many { stochastic() } else { files() };
        for (which, at, cut, spite) in edits {
            let name = nth_name(&case, which);
            let bytes = case.files.get_mut(&name).unwrap();
            let start = at % (bytes.len() + 1);
            let end = (start + cut).min(bytes.len());
            bytes.splice(start..end, SPITE[spite].bytes());
        }
        noise::case(&case);
    }

    #[test]
    fn cells_replaced(which: usize, at: usize, spite in 0..SPITE.len()) {
        let mut case = files();
        let name = nth_name(&case, which);
        let text = String::from_utf8(case.files[&name].clone()).unwrap();
        let cells = text.split_inclusive([',', '\n', '=']).collect::<Vec<_>>();
        let place = at % cells.len();
        let end = cells[place].chars().last().filter(|c| [',', '\n', '='].contains(c)).map(String::from);
        let cell = format!("{}{}", SPITE[spite], end.unwrap_or_default());
        let changed = [&cells[..place].concat(), &cell, &cells[place + 1..].concat()].map(String::as_str).concat();
        case.files.insert(name, changed.into_bytes());
        noise::case(&case);
    }
}

#[test]
fn every_truncation_of_every_file() {
    let whole = files();
    for (name, bytes) in &whole.files {
        for length in 0..bytes.len() {
            let mut case = whole.clone();
            case.files.insert(name.clone(), bytes[..length].to_vec());
            noise::case(&case);
        }
    }
}
