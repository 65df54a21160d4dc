//! What holds of any study, on a small one that is made.

use super::change::World;
use super::future::Future;
use super::gather::{GatherError, gather};
use super::outcome::{DayFigures, ZONE_FIGURES};
use super::replay::{Kept, Replay, ReplayError, replay};
use super::results::{Results, Shard};
use super::run::{Progress, RunError, Running, alone, run};
use super::season::live;
use super::{Study, compare};
use crate::draw::Draw;
use crate::made::{Goal, Horizon};
use chrono::TimeDelta;
use kezek_planner::check::check;
use kezek_planner::solve::Bench;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

const STUDY: &str = r#"
name = "small study"
case = "case"
draws = 3
seed = 5
[planning]
toil = 30000
window_days = 2
[money]
income_per_mwh = 100.0
[weather]
spread_kelvin = 2.0
persistence = 0.5
mw_per_kelvin = { north = 1.0, south = 1.0 }
[[errors]]
name = "load"
file = "errors.csv"
of = "demand"
base_mw = { north = 100.0, south = 100.0 }
model = "blocks"
[[unit]]
name = "a plant"
zone = "south"
mw = 15.0
mean_up_hours = 40.0
mean_down_hours = 20.0
[[scenario]]
name = "cold"
colder_kelvin = 5.0
[[scenario]]
name = "silence"
silence = [{ from = "2026-01-25T12:00:00", to = "2026-01-26T18:00:00" }]
[[scenario]]
name = "moved"
facilities = [{ nominate_percent = 50.0 }]
"#;

/// What a replay has to carry along: changed ties, licences and policy, and a standing order on top.
const ORDERED: &str = r#"
[[scenario]]
name = "ordered"
policy = "rotation"
lookahead_hours = 6
schedules = ["order.toml"]
tie = [{ tie = "north-south", add_mw = -5.0 }]
facilities = [{ zones = ["north"], suspended = true, from = "2026-01-25", to = "2026-01-26" }]
"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    std::fs::create_dir(&case).unwrap();
    for (name, bytes) in &Goal::new(2, 6, Horizon::days(4, 60)).files().files {
        std::fs::write(case.join(name), bytes).unwrap();
    }
    let mut errors = String::from("time,forecast_mw,actual_mw\n");
    let (mut draw, start) =
        (Draw(1), "2025-01-01T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap());
    for hour in 0..24 * 20 {
        let at = kezek_model::plan::utc_text(start + TimeDelta::hours(hour));
        let _ = writeln!(errors, "{at},1000,{:.1}", 1000.0 * (1.0 + draw.between(-0.1, 0.1)));
    }
    std::fs::write(folder.path().join("errors.csv"), errors).unwrap();
    std::fs::write(folder.path().join("study.toml"), STUDY).unwrap();
    folder
}

fn study(folder: &Path) -> Study {
    Study::read(&folder.join("study.toml")).unwrap()
}

/// Runs a part with a signal to stop after some seasons.
fn ran(study: &Study, out: &Path, threads: usize, shard: Shard, until: usize) -> Option<(Results, PathBuf)> {
    let stop = AtomicBool::new(false);
    let mut progress = |told: Progress| stop.store(told.done >= until, Ordering::Relaxed);
    let mut running = Running { shard, threads, folder: out, stop: &stop, progress: &mut progress };
    run(study, &mut running).unwrap()
}

const NEVER: usize = usize::MAX;

fn whole(study: &Study, out: &Path) -> (Results, Vec<u8>) {
    let (results, path) = ran(study, out, 2, Shard::WHOLE, NEVER).unwrap();
    (results, std::fs::read(path).unwrap())
}

#[test]
fn threads_stops_and_parts_change_no_byte() {
    let folder = folder();
    let study = study(folder.path());
    let (results, bytes) = whole(&study, &folder.path().join("two"));
    assert_eq!(results.lived.len(), 12);

    let one = folder.path().join("one");
    assert!(ran(&study, &one, 1, Shard::WHOLE, 5).is_none());
    let mut told = Vec::new();
    let stop = AtomicBool::new(false);
    let mut progress = |own: Progress| told.push(own);
    let mut running =
        Running { shard: Shard::WHOLE, threads: 1, folder: &one, stop: &stop, progress: &mut progress };
    let (_, path) = run(&study, &mut running).unwrap().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "stopped and carried on, on one thread");
    assert_eq!(told[0], Progress { done: 5, kept: 5, all: 12 });
    assert_eq!(std::fs::read_dir(&one).unwrap().count(), 1, "nothing is left beside the results");

    let parts = [1, 2].map(|index| ran(&study, &one, 2, Shard { index, count: 2 }, NEVER).unwrap().1);
    let joined = gather(&parts).unwrap();
    assert_eq!(joined.text().unwrap().into_bytes(), bytes, "joined");
    assert_eq!(joined.write(&one).unwrap(), path);
    assert_eq!(Results::read(&path).unwrap(), results);
}

#[test]
fn a_draw_is_the_same_alone_and_others_do_not_disturb_it() {
    let folder = folder();
    let own = study(folder.path());
    let (results, _) = whole(&own, &folder.path().join("out"));
    for key in [(0, 0), (2, 1), (1, 2)] {
        assert_eq!(alone(&own, key.0, key.1).unwrap().as_ref(), Some(&results.lived[&key]), "{key:?}");
    }
    let fewer = STUDY.split("[[scenario]]").next().unwrap().to_owned() + "[[scenario]]\nname = \"none\"\n";
    std::fs::write(folder.path().join("study.toml"), fewer).unwrap();
    let fewer = study(folder.path());
    assert_eq!(alone(&fewer, 1, 0).unwrap().as_ref(), Some(&results.lived[&(1, 0)]));
    assert_eq!(alone(&fewer, 1, 1).unwrap().as_ref(), Some(&results.lived[&(1, 0)]), "changes nothing");
}

#[test]
fn days_add_up_and_every_plan_passes_the_check() {
    let folder = folder();
    let study = study(folder.path());
    let bench = Bench::new().unwrap();
    for scenario in 0..4 {
        let world = World::new(&study, scenario);
        let (mut cut_kwh, mut days) = (0, 0);
        let outcome = live(&study, &world, &Future::of(&study, 0), &bench, &mut |day| {
            assert!(
                check(day.case, day.plan, Some(0.01)).passed(),
                "{} {}",
                study.scenarios()[scenario],
                day.date
            );
            let figures = day.figures;
            assert!(figures.uncovered_kwh <= figures.need_kwh && figures.cut_kwh <= figures.nominated_kwh);
            cut_kwh += figures.cut_kwh;
            days += 1;
            true
        });
        let outcome = outcome.unwrap().unwrap();
        assert_eq!((days, outcome.days.len()), (4, 4));
        let by_facility: i64 = outcome.cut_kwh.iter().sum();
        let by_span: i64 = outcome.cut_by_span_kwh.iter().flatten().sum();
        assert!((by_facility - cut_kwh).abs() <= 24 && (by_span - cut_kwh).abs() <= 24);
        for (figure, of_days) in [(0, 3), (1, 4), (2, 6)] {
            let by_zone: i64 = outcome.zones.iter().map(|zone| zone[figure]).sum();
            assert!((by_zone - outcome.sum(of_days)).abs() <= 24, "{}", ZONE_FIGURES[figure]);
        }
        assert!(cut_kwh > 0, "nobody was cut in {}", study.scenarios()[scenario]);
    }
}

#[test]
fn scenarios_do_what_they_say() {
    let folder = folder();
    let study = study(folder.path());
    let (results, _) = whole(&study, &folder.path().join("out"));
    let mean = |scenario: usize, key: &str| {
        let metric = compare::Metric::named(key).unwrap();
        compare::summary(&results, scenario, metric).unwrap()
    };
    let from_base = |scenario, key| mean(scenario, key).from_base.unwrap().0;
    assert!(from_base(1, "need_mwh") > 0.0, "colder");
    assert!(from_base(2, "need_mwh").abs() < 1e-9, "a silence changes no need");
    assert!(from_base(2, "uncovered_mwh") > 0.0, "but orders arrive late");
    assert!(from_base(3, "need_mwh") < 0.0, "half of the equipment is gone");
    let income = mean(0, "income_lost").mean;
    assert!((income - 100.0 * mean(0, "cut_mwh").mean).abs() < 1e-6);
}

/// Nothing that is ordered in a silence is obeyed before it ends and notice has passed.
#[test]
fn late_orders_are_obeyed_late() {
    let folder = folder();
    let study = study(folder.path());
    let world = World::new(&study, 2);
    let ends = world.silence[0].end;
    let mut late = 0;
    live(&study, &world, &Future::of(&study, 1), &Bench::new().unwrap(), &mut |day| {
        if world.silence[0].contains(&day.case.issued_at) {
            for (f, (facility, cuts)) in day.case.facilities.iter().zip(day.cuts_kw).enumerate() {
                let from = ends + TimeDelta::minutes(facility.notice_minutes);
                for (t, kw) in cuts.iter().enumerate() {
                    let planned = day.plan.allocations[f * day.case.grid.len + t].cut.0;
                    let is_late = day.case.grid.instant(t) < from;
                    assert_eq!(*kw, if is_late { 0 } else { planned });
                    late += usize::from(is_late && planned > 0);
                }
            }
        }
        true
    })
    .unwrap();
    assert!(late > 0, "no order was late");
}

/// Hours after the day are planned by what is known of them, and decided anew by the plan of their own day.
#[test]
fn a_plan_looks_ahead_and_the_next_one_goes_on_from_the_day() {
    let folder = folder();
    let ahead = "[[scenario]]\nname = \"ahead\"\nlookahead_hours = 6\n\
        facilities = [{ names = [\"F00000\"], suspended = true, from = \"2026-01-25\", to = \"2026-01-26\" }]\n";
    std::fs::write(folder.path().join("study.toml"), format!("{STUDY}{ahead}")).unwrap();
    let study = study(folder.path());
    let (world, future) = (World::new(&study, 4), Future::of(&study, 1));
    let north = world.case.zones.iter().position(|zone| zone.id.as_str() == "north").unwrap();
    let (mut ended, mut licensed): (Vec<Option<Vec<i64>>>, _) = (vec![None], Vec::new());
    live(&study, &world, &future, &Bench::new().unwrap(), &mut |day| {
        let (at, grid) = (ended.len() - 1, &day.case.grid);
        assert_eq!(grid.len, if at == 3 { 24 } else { 30 }, "the season is over after four days");
        assert!(check(day.case, day.plan, Some(0.01)).passed(), "{}", day.date);
        assert!(day.cuts_kw.iter().all(|own| own.len() == 24));
        let running: Vec<i64> = day.case.facilities.iter().map(|own| own.state.cut_kw.0).collect();
        assert!(ended[at].as_ref().is_none_or(|cuts| *cuts == running), "{}", day.date);
        ended.push(Some(day.cuts_kw.iter().map(|own| own[23]).collect()));
        for t in [0, 23, grid.len - 1] {
            let forecast = study.case.scenarios[0].headroom_mw[north][24 * at + t];
            let warmer = day.case.scenarios[0].headroom_mw[north][t] - forecast;
            let kept = if t < 24 { 1.0 } else { 0.5 };
            assert!((warmer - kept * future.warmer_kelvin[at]).abs() < 0.001, "{} {t}", day.date);
        }
        let foreseen = day.plan.zones.iter().filter(|row| row.interval_start < grid.instant(24));
        let foreseen_kwh = foreseen.map(|row| row.uncovered_mw * 1000.0).sum::<f64>().round() as i64;
        assert_eq!(day.figures.foreseen_kwh, foreseen_kwh);
        licensed.extend([0, grid.len - 1].map(|t| day.case.facilities[0].is_licensed_at(grid.instant(t))));
        true
    })
    .unwrap();
    assert!(ended.iter().flatten().flatten().any(|kw| *kw > 0), "nothing ran over midnight");
    assert_eq!(licensed, [true, false, false, true, true, true, true, true]);
}

/// Whoever disobeys does so for a whole day; how many do is drawn, and who may is written down.
#[test]
fn some_disobey_all_day() {
    let folder = folder();
    let defiant = |percent: f64| {
        let own = format!(
            "[[scenario]]\nname = \"defiant\"\nfacilities = [{{ zones = [\"north\"], disobey_percent = {percent} }}]\n"
        );
        std::fs::write(folder.path().join("study.toml"), format!("{STUDY}{own}")).unwrap();
        let study = study(folder.path());
        let (world, mut told) = (World::new(&study, 4), [0, 0]);
        for draw in 0..3 {
            live(&study, &world, &Future::of(&study, draw), &Bench::new().unwrap(), &mut |day| {
                let all = day.case.facilities.iter().zip(day.plan.allocations.chunks(day.case.grid.len));
                for ((facility, rows), cuts) in all.zip(day.cuts_kw) {
                    let planned: Vec<i64> = rows.iter().map(|row| row.cut.0).collect();
                    let disobeys = *cuts != planned;
                    assert!(!disobeys || cuts.iter().all(|kw| *kw == 0), "all or nothing");
                    assert!(!disobeys || facility.zone.as_str() == "north", "{}", facility.id);
                    if facility.zone.as_str() == "north" && planned.iter().any(|kw| *kw > 0) {
                        told[usize::from(disobeys)] += 1;
                    }
                }
                assert!(
                    day.figures.orders as usize
                        >= day.cuts_kw.iter().filter(|own| own.iter().any(|kw| *kw > 0)).count()
                );
                true
            })
            .unwrap();
        }
        told
    };
    let [[obeyed, none], [some, others], [few, all]] = [0.0, 50.0, 100.0].map(defiant);
    assert!(none == 0 && obeyed > 0 && some > 0 && others > 0, "{none} {obeyed} {some} {others}");
    assert!(few == 0 && all > 0, "{few} {all}");
}

#[test]
fn parts_that_make_no_whole_are_refused_with_all_that_is_wrong() {
    let folder = folder();
    let own = study(folder.path());
    let out = folder.path().join("out");
    let part = |study: &Study, index| ran(study, &out, 2, Shard { index, count: 3 }, NEVER).unwrap().1;
    let (first, second) = (part(&own, 1), part(&own, 2));
    let refused = |paths: &[PathBuf]| match gather(paths) {
        Err(GatherError::Mixed(faults)) => faults,
        other => panic!("{other:?}"),
    };
    let faults = refused(&[first.clone(), second.clone()]);
    assert_eq!(faults.len(), 4, "{faults:?}");
    assert_eq!(faults[1], "draw 2 of cold is in no file");
    assert!(
        refused(&[first.clone(), first.clone(), second]).iter().any(|fault| fault.contains("earlier file"))
    );
    let other = STUDY.replace("seed = 5", "seed = 6");
    std::fs::write(folder.path().join("study.toml"), other).unwrap();
    let other = part(&study(folder.path()), 2);
    assert!(refused(&[first.clone(), other]).iter().any(|fault| fault.contains("study digest")));
    assert_eq!(refused(&[]).len(), 1);

    let text = std::fs::read_to_string(&first).unwrap();
    std::fs::write(&first, text.replace("\"draw\":0", "\"draw\":1")).unwrap();
    assert!(matches!(gather(&[first]), Err(GatherError::Results(_))), "the content is not that of the name");
}

#[test]
fn two_runs_do_not_share_a_folder_and_a_torn_line_is_lived_again() {
    let folder = folder();
    let study = study(folder.path());
    let (out, whole_out) = (folder.path().join("out"), folder.path().join("whole"));
    let (_, bytes) = whole(&study, &whole_out);
    assert!(ran(&study, &out, 1, Shard::WHOLE, 2).is_none());
    let part = std::fs::read_dir(&out).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&part).unwrap();
    std::fs::write(&part, &text[..text.len() - 40]).unwrap();
    {
        let held = std::fs::File::open(&part).unwrap();
        held.lock().unwrap();
        let stop = AtomicBool::new(false);
        let mut running =
            Running { shard: Shard::WHOLE, threads: 1, folder: &out, stop: &stop, progress: &mut |_| {} };
        assert!(matches!(run(&study, &mut running), Err(RunError::Busy(_))));
    }
    let (_, path) = ran(&study, &out, 2, Shard::WHOLE, NEVER).unwrap();
    assert_eq!(std::fs::read(path).unwrap(), bytes);
}

#[test]
fn all_faults_of_a_study_are_told_together() {
    let folder = folder();
    let faulty = STUDY
        .replace("draws = 3", "draws = 0")
        .replace("toil = 30000", "lookahead_hours = 25")
        .replace("persistence = 0.5", "persistence = 1.0")
        .replace("zone = \"south\"\nmw = 15.0", "zone = \"east\"\nmw = -1.0")
        .replace("errors.csv", "nothing.csv")
        .replace("name = \"moved\"", "name = \"base\"")
        .replace("nominate_percent = 50.0", "disobey_percent = 101.0");
    std::fs::write(folder.path().join("study.toml"), faulty).unwrap();
    let faults = Study::read(&folder.path().join("study.toml")).unwrap_err().0;
    let told: Vec<&str> = faults.iter().filter_map(|fault| fault.column.as_deref()).collect();
    assert_eq!(
        told,
        [
            "draws",
            "planning.lookahead_hours",
            "scenario.name",
            "weather.persistence",
            "unit \"a plant\", mw",
            "scenario \"base\", facilities",
            "unit \"a plant\""
        ]
    );
    assert!(faults.iter().any(|fault| fault.found == "101 percent" && fault.expected == "from 0 to 100"));
    assert!(faults.iter().any(|fault| fault.file.ends_with("nothing.csv")));

    std::fs::write(folder.path().join("study.toml"), STUDY.replace("seed = 5", "seeds = 5")).unwrap();
    let faults = Study::read(&folder.path().join("study.toml")).unwrap_err().0;
    assert_eq!((faults.len(), faults[0].row), (1, Some(5)));
}

/// A day has as many hours as its clock says.
#[test]
fn the_long_day_of_a_season_has_25_hours() {
    let folder = folder();
    let files = crate::made::Recipe::long_day(1, 4).files();
    let case = folder.path().join("case");
    std::fs::remove_dir_all(&case).unwrap();
    std::fs::create_dir(&case).unwrap();
    for (name, bytes) in &files.files {
        std::fs::write(case.join(name), bytes).unwrap();
    }
    let plain = STUDY.split("[[scenario]]").next().unwrap();
    std::fs::write(folder.path().join("study.toml"), plain).unwrap();
    let study = study(folder.path());
    assert_eq!(study.days().iter().map(std::ops::Range::len).collect::<Vec<_>>(), [25]);
    let outcome = alone(&study, 0, 0).unwrap().unwrap();
    assert_eq!(outcome.days.len(), 1);
}

#[test]
fn days_of_a_replay_are_cases_with_plans_that_hold_and_what_came_of_them() {
    let folder = folder();
    let path = folder.path().join("study.toml");
    std::fs::write(&path, STUDY.to_owned() + ORDERED).unwrap();
    let order = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schedules/2022-01-24-suspension.toml");
    std::fs::copy(order, folder.path().join("order.toml")).unwrap();
    let (study, out) = (Study::read(&path).unwrap(), folder.path().join("replay"));
    // What another replay left there is none of this one's.
    std::fs::create_dir_all(out.join("2026-01-24")).unwrap();
    std::fs::write(out.join("2026-01-24/quotas.csv"), "of another day").unwrap();
    for scenario in 0..study.scenarios().len() {
        let days = replay(&study, (2, scenario), Some(&out), &AtomicBool::new(false)).unwrap().unwrap();
        let outcome = alone(&study, 2, scenario).unwrap().unwrap();
        assert_eq!(days.iter().map(|(_, figures)| figures.values()).collect::<Vec<_>>(), outcome.days);
        let about = Replay::read(&out).unwrap();
        assert_eq!((about.scenario.as_str(), about.draw), (study.scenarios()[scenario], 2));
        assert_eq!(about.days, days);
        for (date, figures) in days {
            let kept = Kept::read(&out, date).unwrap();
            assert!(check(&kept.case, &kept.plan, None).passed(), "{date}");
            assert_eq!(kept.case.schedules.len(), usize::from(about.scenario == "ordered"));
            assert_came(&kept, &figures);
        }
    }
}

/// Hours are whole kW, figures of a day whole kWh of all zones.
fn assert_came(kept: &Kept, figures: &DayFigures) {
    let sum = |mw: fn(&kezek_model::came::Hour) -> f64| {
        (kept.hours.iter().flatten().map(mw).sum::<f64>() * kept.case.grid.hours() * 1000.0).round() as i64
    };
    assert_eq!(sum(|hour| hour.cut_mw), figures.cut_kwh);
    assert_eq!(sum(|hour| hour.nominated_mw), figures.nominated_kwh);
    let near = |a: i64, b: i64| (a - b).abs() <= kept.hours.len() as i64 * 24;
    assert!(near(sum(|hour| hour.uncovered_mw), figures.uncovered_kwh));
    assert!(near(sum(|hour| hour.need_mw), figures.need_kwh));
}

#[test]
fn a_folder_that_is_no_replay_is_told() {
    let folder = folder();
    let (study, out) = (study(folder.path()), folder.path().join("replay"));
    assert!(matches!(Replay::read(&out), Err(ReplayError::Disk(_))));
    let stopped = replay(&study, (0, 0), Some(&out), &AtomicBool::new(true)).unwrap();
    assert!(stopped.is_none() && matches!(Replay::read(&out), Err(ReplayError::Disk(_))));
    let (date, _) = replay(&study, (0, 0), Some(&out), &AtomicBool::new(false)).unwrap().unwrap()[0];
    let hours = out.join(date.to_string()).join("hours.csv");
    let text = std::fs::read_to_string(&hours).unwrap();
    let (rest, _) = text.trim_end().rsplit_once('\n').unwrap();
    std::fs::write(&hours, rest).unwrap();
    let told = Kept::read(&out, date).unwrap_err().to_string();
    assert!(told.contains("not every interval of the day"), "{told}");
    std::fs::write(out.join("replay.json"), "{}").unwrap();
    assert!(Replay::read(&out).unwrap_err().to_string().contains("kezek_replay"));
}

#[test]
fn some_scenarios_of_results_are_what_they_were_among_all() {
    let folder = folder();
    let study = study(folder.path());
    let (all, _) = ran(&study, &folder.path().join("out"), 2, Shard::WHOLE, NEVER).unwrap();
    let some = all.clone().only(&[3]);
    let names: Vec<&str> = some.header.scenarios.iter().map(|own| own.0.as_str()).collect();
    assert_eq!(names, ["base", "moved"]);
    for metric in &compare::METRICS {
        for (own, was) in [(0, 0), (1, 3)] {
            assert_eq!(compare::summary(&some, own, metric), compare::summary(&all, was, metric));
        }
    }
}
