//! What people type in forms, read.

use chrono::{DateTime, NaiveDateTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use kezek_model::units::Kw;

/// A time as browsers send it, on the clock of the page; of an hour that comes twice the first is meant.
pub(super) fn instant(text: &str, zone: Tz) -> Result<DateTime<Utc>, String> {
    let text = text.trim();
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M");
    let local = local.map_err(|_| format!("the time is {text:?}, expected for instance 2026-01-24T17:00"))?;
    let at = zone.from_local_datetime(&local).earliest();
    at.map(|at| at.to_utc()).ok_or_else(|| format!("{text} is no time on the clock of {zone}"))
}

/// A power in MW, with a point or a comma; `what` is how a refusal calls it.
pub(super) fn power(what: &str, text: &str) -> Result<Kw, String> {
    let text = text.trim();
    let read = text.replace(',', ".").parse().ok().and_then(Kw::from_mw);
    read.ok_or_else(|| {
        format!("the {what} is {text:?}, expected MW with at most three decimals, for instance 12.5")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_on_the_clock_of_the_page() {
        let at = instant("2026-01-24T17:00", chrono_tz::Asia::Almaty).unwrap();
        assert_eq!(at.to_rfc3339(), "2026-01-24T12:00:00+00:00");
        assert!(instant("17:00", chrono_tz::Asia::Almaty).is_err());
        let read = |text| power("power", text);
        assert_eq!((read("12,5").unwrap(), read(" 12.5 ").unwrap()), (Kw(12_500), Kw(12_500)));
        assert!(read("12.3456").is_err() && read("much").is_err());
    }
}
