//! What holds of whatever lies in a file: a sound value, or faults that explain themselves; never a panic. The tests
//! ask it of files that chance has changed, `./dev fuzz` of what libFuzzer thinks up. Each fails by a panic.

use crate::case::{Case, CaseFiles};
use crate::fault::Faults;
use crate::import::{Import, Profile, import, write_forecast_csv, write_reject_csv};
use crate::registry::Registry;
use crate::schedule::StandingOrder;

/// Of the files of a case.
pub fn case(files: &CaseFiles) {
    match Case::parse(files) {
        Ok(case) => assert!(case.digest().is_ok()),
        Err(faults) => explained(&faults),
    }
}

/// Of the files of a registry: nothing in it could carry a command into a mail or into the number of an order.
pub fn registry(files: &CaseFiles) {
    let registry = match Registry::parse(files) {
        Ok(registry) => registry,
        Err(faults) => return explained(&faults),
    };
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    for contact in &registry.contacts {
        assert!(plain(contact.facility.as_str()) && plain(&contact.email) && plain(&contact.sms));
        assert!(!contact.name.chars().any(char::is_control));
        assert!(contact.email.matches('@').count() == usize::from(!contact.email.is_empty()));
    }
    for endpoint in &registry.endpoints {
        assert!(plain(&endpoint.address) && plain(&endpoint.public_key));
    }
}

/// Of the text of a standing order.
pub fn standing_order(text: &str) {
    let rows = text.lines().count() as u64 + 1;
    match StandingOrder::parse("o.toml", text) {
        Ok(order) => assert!(!order.describe(None, None).is_empty()),
        Err(faults) => {
            explained(&faults);
            assert!(faults.0.iter().all(|fault| fault.row.is_none_or(|row| (1..=rows).contains(&row))));
        }
    }
}

/// Of a table that goes in by a profile.
pub fn table(profile: &Profile, bytes: &[u8]) {
    if let Ok(import) = import(profile, "t.csv", bytes) {
        imported(&import);
    }
}

fn imported(import: &Import) {
    assert!(import.rows.is_sorted_by(|a, b| a.interval_start < b.interval_start));
    let is_missing = |start| import.missing.binary_search(&start).is_ok();
    assert!(!import.rows.iter().any(|row| is_missing(row.interval_start)));
    let mut lines = Vec::new();
    assert!(write_forecast_csv(&import.rows, &mut lines).is_ok());
    assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), import.rows.len() + 1);
    assert!(write_reject_csv(&import.rejected, &mut Vec::new()).is_ok());
}

fn explained(faults: &Faults) {
    assert!(!faults.0.is_empty() && faults.0.len() <= 1_001);
    let says = |text: &String| !text.is_empty();
    assert!(faults.0.iter().all(|fault| says(&fault.expected) && says(&fault.found)), "{faults}");
}
