//! The page of studies: what planners have laid with the control room, and reports on demand.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use kezek_server::access::Role;
use kezek_study::lab::Study;
use kezek_study::lab::replay::replay;
use kezek_study::lab::results::Shard;
use kezek_study::lab::run::{Running, run};
use serde_json::json;

use crate::browser::{Browser, accounts};
use crate::world::World;

/// A study of one day, two draws and one facility.
fn results() -> String {
    let header = json!({
        "kezek_study": 2, "study": "a <short> winter", "study_digest": "9c1e", "engine": "0.1.0", "seed": 7,
        "draws": 2, "shard": {"index": 1, "count": 1}, "gap": 0.01, "scenarios": [["base", ""]],
        "zones": ["north"], "ties": [], "facilities": [{"id": "F1", "zone": "north"}], "first_day": "2027-01-11", "days": 1, "span_days": 1,
        "interval_hours": 1.0, "time_zone": "Asia/Almaty", "currency": "KZT", "income_per_mwh": 30.0,
    });
    let lived = |draw: u32| {
        json!({"draw": draw, "scenario": 0, "outcome": {
            "days": [[9000, 3000, 20000, 480_000, 8000, 0, 1000 + draw, 500, 180, 1, 1, 40_000, 5000, 0]],
            "nominated_kwh": [480_000], "cut_kwh": [8000], "events": [1], "cut_by_span_kwh": [[8000]],
            "need_curve_kw": vec![1000; 101], "uncovered_curve_kw": vec![10; 101], "zones": [[480_000, 8000, 1000 + draw, 120]],
        }})
    };
    [header, lived(0), lived(1)].map(|line| line.to_string() + "\n").concat()
}

#[tokio::test]
async fn studies_are_listed_and_reported_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("winter.jsonl"), results()).unwrap();
    std::fs::write(folder.path().join("other.jsonl"), "no study\n").unwrap();
    std::fs::write(folder.path().join("secret.txt"), "no study either").unwrap();
    let mut passwords = std::collections::BTreeMap::new();
    let people: [(&str, &[Role], Option<&str>); 2] =
        [("planner", &[Role::Planner], None), ("miner-n1", &[Role::Facility], Some("N1"))];
    let world = World::with(|config| {
        config.studies.folder = Some(folder.path().to_owned());
        (_, passwords) = accounts(config, &people);
    });
    let world = world.await;
    let planner = Browser::enter(&world, "planner", &passwords["planner"]).await.in_("ru");
    let page = planner.page("/studies").await;
    assert!(page.contains("a &#60;short&#62; winter") && page.contains("other.jsonl"), "{page}");
    assert!(page.contains("/studies/winter.jsonl/report.html") && !page.contains("secret"), "{page}");

    let report = planner.get("/studies/winter.jsonl/report.html").await;
    assert_eq!(report.status, 200);
    assert!(report.body.contains("lang=\"ru\"") && report.body.contains("<svg"), "{}", report.body);
    assert!(!report.body.contains("<short>") && !report.body.contains("<script"));
    let plain = planner.page("/studies/winter.jsonl/results.jsonl").await;
    assert_eq!(plain, results());
    for (file, part, status) in [
        ("winter.jsonl", "results.xlsx", 200),
        ("winter.jsonl", "draws.parquet", 200),
        ("winter.jsonl", "facilities.parquet", 200),
        ("winter.jsonl", "zones.parquet", 200),
        ("winter.jsonl", "else", 404),
        ("secret.txt", "results.jsonl", 404),
        ("..%2Fkezek.toml", "results.jsonl", 404),
        ("other.jsonl", "report.html", 400),
    ] {
        let answer = planner.get(&format!("/studies/{file}/{part}")).await;
        assert_eq!(answer.status, status, "{file} {part}");
    }
    let miner = Browser::enter(&world, "miner-n1", &passwords["miner-n1"]).await;
    for path in ["/studies", "/studies/winter.jsonl/report.html", "/studies/winter.jsonl/results.jsonl"] {
        assert_eq!(miner.get(path).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn without_a_folder_the_page_says_how_to_set_one() {
    let mut passwords = std::collections::BTreeMap::new();
    let people: [(&str, &[Role], Option<&str>); 1] = [("planner", &[Role::Planner], None)];
    let world = World::with(|config| (_, passwords) = accounts(config, &people)).await;
    let planner = Browser::enter(&world, "planner", &passwords["planner"]).await.in_("en");
    assert!(planner.page("/studies").await.contains("[studies] folder"));
}

/// Runs the example for two draws, and lives the first draw of a scenario again beside the results.
fn example(folder: &Path) {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/winter-study/study.toml");
    let mut study = Study::read(&example).unwrap();
    study.spec.draws = 2;
    study.spec.scenario.truncate(2);
    let stop = &AtomicBool::new(false);
    run(&study, &mut Running { shard: Shard::WHOLE, threads: 2, folder, stop, progress: &mut |_| {} })
        .unwrap();
    for draw in 0..2 {
        replay(&study, (draw, 1), Some(&folder.join(format!("cold #{draw}"))), stop).unwrap().unwrap();
    }
}

#[tokio::test]
async fn scenarios_stand_side_by_side_and_the_worst_draw_is_watched_as_training() {
    let folder = tempfile::tempdir().unwrap();
    example(folder.path());
    let mut passwords = std::collections::BTreeMap::new();
    let people: [(&str, &[Role], Option<&str>); 2] =
        [("planner", &[Role::Planner], None), ("miner-n1", &[Role::Facility], Some("N1"))];
    let world = World::with(|config| {
        config.studies.folder = Some(folder.path().to_owned());
        (_, passwords) = accounts(config, &people);
    });
    let world = world.await;
    let planner = Browser::enter(&world, "planner", &passwords["planner"]).await.in_("en");
    let listed = planner.page("/studies").await;
    assert!(
        listed.contains("/studies/compare?of=") && listed.contains("/studies/replays/cold%20%231"),
        "{listed}"
    );

    let both = planner.page("/studies/compare").await;
    for part in
        [">base</th>", ">cold</th>", ">weak-tie</th>", " leaves most uncovered: ", "day by day", "view=map"]
    {
        assert!(both.contains(part), "{part}: {both}");
    }
    assert!(!both.contains("<svg"), "the figures come first, and alone");
    let plots = planner.page("/studies/compare?view=plots").await;
    assert!(plots.matches("<svg").count() > 5 && !plots.contains("day by day"), "{plots}");
    let map = planner.page("/studies/compare?view=map&s=cold").await;
    assert!(map.matches("<svg").count() == 1 && map.contains("<circle"), "{map}");
    assert!(map.contains(">cold</text>") && !map.contains(">weak-tie</text>"), "{map}");
    // Of the two other scenarios nobody has lived a draw again.
    assert!(both.contains("--scenario weak-tie --out weak-tie-"), "{both}");
    let one = planner.page("/studies/compare?s=cold").await;
    assert!(one.contains(">cold</th>") && !one.contains(">weak-tie</th>"), "{one}");
    for unknown in ["of=none.jsonl", "s=cold,warm", "view=globe"] {
        assert_eq!(planner.get(&format!("/studies/compare?{unknown}")).await.status, 404, "{unknown}");
    }

    let board = planner.page("/studies/replays/cold%20%231").await;
    for part in
        ["environment drill\">TRAINING<", "scenario cold, draw 1: this never happened.", "<svg", "breach"]
    {
        assert!(board.contains(part), "{part}: {board}");
    }
    assert!(!board.contains("data-live") && !board.contains("class=\"feed\""), "{board}");
    let matrix = planner.page("/studies/replays/cold%20%231?by=facility").await;
    assert!(
        matrix.contains("<th scope=\"row\">N1</th>") && !matrix.contains("href=\"/facilities/"),
        "{matrix}"
    );
    assert!(matrix.contains("north → south"), "{matrix}");
    let first = planner.page("/studies/replays/cold%20%231?date=2027-01-11").await;
    assert!(first.contains("rel=\"next\"") && !first.contains("rel=\"prev\""), "{first}");
    for (path, status) in [
        ("/studies/replays/cold%20%231?date=2028-01-11", 404),
        ("/studies/replays/none", 404),
        ("/studies/replays/..%2F", 404),
    ] {
        assert_eq!(planner.get(path).await.status, status, "{path}");
    }
    std::fs::remove_file(folder.path().join("cold #1/2027-01-12/plan.json")).unwrap();
    let told = planner.get("/studies/replays/cold%20%231?date=2027-01-12").await;
    assert!(told.status == 400 && told.body.contains("plan.json"), "{}", told.body);
    let miner = Browser::enter(&world, "miner-n1", &passwords["miner-n1"]).await;
    for path in ["/studies/compare", "/studies/replays/cold%20%231"] {
        assert_eq!(miner.get(path).await.status, 403, "{path}");
    }
}
