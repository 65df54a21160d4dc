//! Files that a person names on the command line, and what is wrong with them.

use kezek_model::fault::{Fault, Faults};
use kezek_model::plan::Plan;
use std::path::Path;

/// The bytes of a file. `expected` says what it should be, for whoever named another one.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn bytes(path: &Path, expected: &str) -> Result<Vec<u8>, Faults> {
    std::fs::read(path).map_err(|error| {
        let found = match error.kind() {
            std::io::ErrorKind::NotFound => "no such file".to_owned(),
            std::io::ErrorKind::IsADirectory => "a folder".to_owned(),
            _ => error.to_string(),
        };
        fault(path, None, None, found, expected)
    })
}

/// The text of a file.
///
/// # Errors
/// When it cannot be read or is not UTF-8; names the line.
pub(crate) fn text(path: &Path, expected: &str) -> Result<String, Faults> {
    String::from_utf8(bytes(path, expected)?).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + good.iter().filter(|&&byte| byte == b'\n').count() as u64;
        fault(path, Some(line), None, "bytes that are not UTF-8".into(), "text in UTF-8")
    })
}

/// A plan from its JSON.
///
/// # Errors
/// When it cannot be read or is no plan; names line and column.
pub(crate) fn plan(path: &Path) -> Result<Plan, Faults> {
    const A_PLAN: &str = "a plan.json, as `kezek plan --out` writes it";
    let text = text(path, A_PLAN)?;
    Plan::from_json(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let message = error.to_string();
        let message = message.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&message);
        let (found, expected) = match message.split_once(", expected ") {
            Some(both) => both,
            None if message.starts_with("expected ") => ("text that is no JSON", A_PLAN),
            None => (message, A_PLAN),
        };
        fault(path, Some(line as u64), Some(format!("column {column}")), found.to_owned(), expected)
    })
}

fn fault(path: &Path, row: Option<u64>, column: Option<String>, found: String, expected: &str) -> Faults {
    let file = path.display().to_string();
    Faults(vec![Fault { file, row, column, found, expected: expected.to_owned() }])
}

/// Two inputs, or the faults of both together.
///
/// # Errors
/// When one or both have faults.
pub(crate) fn both<A, B>(one: Result<A, Faults>, two: Result<B, Faults>) -> Result<(A, B), Faults> {
    match (one, two) {
        (Ok(one), Ok(two)) => Ok((one, two)),
        (Err(mut one), Err(two)) => {
            one.0.extend(two.0);
            Err(one)
        }
        (Err(faults), _) | (_, Err(faults)) => Err(faults),
    }
}
