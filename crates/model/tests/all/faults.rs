//! Every fault of a case gives one clear message: those of `case.toml`.

use crate::sample::{edit, faults, files};
use kezek_model::fault::Fault;

/// A change of a file and the one fault it makes.
pub(crate) type Change = (&'static str, &'static str, &'static str, Place, &'static [&'static str]);
/// Row and column.
pub(crate) type Place = (Option<u64>, Option<&'static str>);

pub(crate) fn at(row: u64, column: &'static str) -> Place {
    (Some(row), Some(column))
}

pub(crate) fn judge(what: &str, found: &[Fault], file: &str, place: Place, fragments: &[&str]) {
    assert_eq!(found.len(), 1, "{what}: {found:#?}");
    let fault = &found[0];
    assert_eq!(
        (fault.file.as_str(), fault.row, fault.column.as_deref()),
        (file, place.0, place.1),
        "{what}: {fault}"
    );
    let said = format!("{} / {}", fault.found, fault.expected);
    for fragment in fragments {
        assert!(said.contains(fragment), "{what}: {said:?} lacks {fragment:?}");
    }
}

pub(crate) fn expect(changes: &[Change]) {
    for (file, old, new, place, fragments) in changes {
        let mut case = files();
        edit(&mut case, file, old, new);
        judge(&format!("{file}: {old:?} -> {new:?}"), &faults(&case), file, *place, fragments);
    }
}

#[test]
fn of_case_toml() {
    expect(&[
        ("case.toml", "name = \"sample\"", "", (None, Some("name")), &["no such key"]),
        ("case.toml", "name = \"sample\"", "name = \" \"", at(1, "name"), &["not blank"]),
        (
            "case.toml",
            "name = \"sample\"",
            "nmae = \"sample\"",
            at(1, "nmae"),
            &["unknown key", "mean `name`"],
        ),
        ("case.toml", "name = \"sample\"", "name = sample", (Some(1), None), &["TOML"]),
        (
            "case.toml",
            "currency = \"USD\"",
            "currency = \"USD\"\nhurry = 1",
            at(15, "objective.hurry"),
            &["unknown key", "policy"],
        ),
        ("case.toml", "2022-01-23T12:00:00Z", "2022-01-23T12:00:00", at(2, "issued_at"), &["offset"]),
        (
            "case.toml",
            "2022-01-23T12:00:00Z",
            "\"2022-01-23T12:00:00Z\"",
            at(2, "issued_at"),
            &["quotation marks"],
        ),
        ("case.toml", "2022-01-24T04:00", "2022-01-24T00:00", at(7, "horizon.end"), &["after the start"]),
        (
            "case.toml",
            "2022-01-24T04:00",
            "2022-01-24T03:30",
            at(7, "horizon.end"),
            &["210 minutes", "steps of 60"],
        ),
        ("case.toml", "2022-01-24T04:00", "2024-01-24T04:00", at(7, "horizon.end"), &["730 days", "400"]),
        (
            "case.toml",
            "2022-01-24T04:00",
            "2022-01-24T04:00+06:00",
            at(7, "horizon.end"),
            &["without offset"],
        ),
        ("case.toml", "2022-01-24T00:00", "24.01.2022 00:00", at(6, "horizon.start"), &["civil time"]),
        (
            "case.toml",
            "Asia/Almaty",
            "Asia/Almati",
            at(8, "horizon.time_zone"),
            &["IANA", "mean `Asia/Almaty`"],
        ),
        (
            "case.toml",
            "step_minutes = 60",
            "step_minutes = 20",
            at(9, "horizon.step_minutes"),
            &["20", "60, 30 or 15"],
        ),
        ("case.toml", "step_minutes = 60", "", at(5, "horizon.step_minutes"), &["no such key"]),
        (
            "case.toml",
            "least-cost",
            "least-costs",
            at(12, "objective.policy"),
            &["rotation", "mean `least-cost`"],
        ),
        (
            "case.toml",
            "= 5000.0",
            "= -1",
            at(13, "objective.uncovered_cost_per_mwh"),
            &["-1", "zero or more"],
        ),
        ("case.toml", "= 5000.0", "= nan", at(13, "objective.uncovered_cost_per_mwh"), &["finite"]),
        (
            "case.toml",
            "= 5000.0",
            "= \"5000,5\"",
            at(13, "objective.uncovered_cost_per_mwh"),
            &["decimal comma", "5000.5"],
        ),
        (
            "case.toml",
            "= 5000.0",
            "= \"5000\"",
            at(13, "objective.uncovered_cost_per_mwh"),
            &["without quotation marks"],
        ),
        ("case.toml", "gap = 0.001", "gap = 1.5", at(17, "solver.gap"), &["1.5", "0 to 1"]),
        ("case.toml", "time_limit_s = 30", "time_limit_s = 0", at(18, "solver.time_limit_s"), &["above 0"]),
        ("case.toml", "threads = 2", "threads = 0", at(19, "solver.threads"), &["from 1"]),
        ("case.toml", "threads = 2", "threads = 1.5", at(19, "solver.threads"), &["whole"]),
        ("case.toml", "seed = 1", "seed = -1", at(20, "solver.seed"), &["whole number from 0"]),
        (
            "case.toml",
            "restore_limit_mw = 150.0",
            "restore_limit_mw = -5",
            at(24, "zone.restore_limit_mw"),
            &["MW from 0"],
        ),
        (
            "case.toml",
            "id = \"south\"",
            "id = \"south\"\n[[zone]]\nid = \"north\"",
            at(29, "zone.id"),
            &["second time", "row 22"],
        ),
        (
            "case.toml",
            "from = \"north\"",
            "from = \"nrth\"",
            at(31, "tie.from"),
            &["[[zone]]", "mean `north`"],
        ),
        ("case.toml", "to = \"south\"", "to = \"north\"", at(32, "tie.to"), &["another zone"]),
        ("case.toml", "limit_mw = 2100.0", "limit_mw = -1.0", at(33, "tie.limit_mw"), &["MW from 0"]),
        ("case.toml", "reverse_limit_mw = 1500.0", "", at(29, "tie.reverse_limit_mw"), &["no such key"]),
        (
            "case.toml",
            "[risk]",
            "[[tier]]\nid = 2\nadder_per_mwh = 1\n[risk]",
            at(41, "tier.id"),
            &["second time", "row 36"],
        ),
        ("case.toml", "alpha = 0.95", "alpha = 1", at(41, "risk.alpha"), &["0.95"]),
        ("case.toml", "2022-01-23T18:00:00Z", "2022-01-23", at(43, "risk.known_at"), &["RFC 3339"]),
        ("case.toml", "lot_mwh = 1.0", "lot_mwh = 0", at(46, "auction.lot_mwh"), &["above 0"]),
        (
            "case.toml",
            "price_per_mwh = 0.0",
            "price_per_mwh = inf",
            at(47, "auction.start_price_per_mwh"),
            &["finite"],
        ),
        (
            "case.toml",
            "evening.toml\"]",
            "evening.toml\", \"gone.toml\"]",
            at(3, "schedules"),
            &["gone.toml", "relative to the folder"],
        ),
        (
            "case.toml",
            "evening.toml\"]",
            "evening.toml\", \"../orders/evening.toml\"]",
            at(3, "schedules"),
            &["twice"],
        ),
        (
            "case.toml",
            "[\"../orders/evening.toml\"]",
            "\"evening.toml\"",
            at(3, "schedules"),
            &["list of texts"],
        ),
        ("case.toml", "[auction]", "[[auction]]", at(45, "auction"), &["a table"]),
    ]);
}

#[test]
fn of_the_horizon_at_a_change_of_the_clocks() {
    let berlin = |start: &str| {
        let mut case = files();
        edit(&mut case, "case.toml", "Asia/Almaty", "Europe/Berlin");
        edit(&mut case, "case.toml", "2022-01-24T00:00", start);
        edit(&mut case, "case.toml", "2022-01-24T04:00", "2022-11-01T00:00");
        faults(&case)
    };
    judge(
        "twice",
        &berlin("2022-10-30T02:30"),
        "case.toml",
        at(6, "horizon.start"),
        &["twice", "2022-10-30 00:30:00 UTC", "2022-10-30 01:30:00 UTC"],
    );
    judge("never", &berlin("2022-03-27T02:30"), "case.toml", at(6, "horizon.start"), &["leave out"]);
}
