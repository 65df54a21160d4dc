//! The journal moves, is backed up, comes back, and goes on.

use crate::cluster::Cluster;
use crate::control::ControlRoom;
use crate::kill::{FACILITIES, Facility, prepared};
use crate::run::{arg, kezek};
use crate::snapshot;
use kezek_model::case::CaseFiles;
use kezek_server::api::ProposeBody;
use std::time::{Duration, Instant};

/// Sizes and seconds of the moment.
fn settings() -> insta::Settings {
    let mut settings = crate::run::settings();
    settings.add_filter(r"\d+\.\d\d s", "[seconds]");
    settings.add_filter(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? UTC", "[instant]");
    settings.add_filter(r"epoch above \d+", "epoch above [epoch]");
    settings.add_filter(r"journal_\d+", "[database]");
    settings.add_filter(r"/tmp/kezek-pg-[A-Za-z0-9]+", "[socket]");
    settings
}

#[test]
fn a_journal_moves_to_postgresql_and_back_with_its_chain() {
    let room = ControlRoom::new();
    assert_eq!(room.start().terminate(), Some(0));
    let (file, back, url) =
        (room.folder().join("kezek.db"), room.folder().join("back.db"), Cluster::get().fresh());
    let there = kezek(&["journal", "copy", arg(&file), &url]).ends_with(0);
    settings().bind(|| insta::assert_snapshot!("journal-copy", format!("{}{}", there.stdout, there.stderr)));
    let again = kezek(&["journal", "copy", arg(&file), &url]).ends_with(3);
    assert!(again.stderr.contains("is not empty"), "{}", again.stderr);
    kezek(&["journal", "copy", &url, arg(&back)]).ends_with(0);
    let found = [arg(&file), &url, arg(&back)]
        .map(|journal| kezek(&["journal", "verify", journal]).ends_with(0).stdout);
    assert!(found.iter().all(|text| *text == found[0] && text.contains("is sound")), "{found:?}");
    kezek(&["journal", "copy", "no-such.db", &Cluster::get().fresh()]).ends_with(3);
    kezek(&["journal", "verify", &Cluster::get().fresh()]).ends_with(3);
    assert!(!crate::run::root().join("no-such.db").exists());
}

#[test]
fn a_journal_in_use_is_not_moved_but_backed_up() {
    let room = ControlRoom::new();
    let server = room.start();
    let file = room.folder().join("kezek.db");
    let copy = kezek(&["journal", "copy", arg(&file), &Cluster::get().fresh()]);
    assert!(copy.code != Some(0) && copy.stderr.contains("written by another process"), "{}", copy.stderr);
    let backup = room.folder().join("backup.db");
    let made = kezek(&["db", "backup", arg(&file), arg(&backup)]).ends_with(0);
    let drill = kezek(&["db", "drill", arg(&backup)]).ends_with(0);
    settings().bind(|| {
        insta::assert_snapshot!("db-backup", format!("{}{}", made.stdout, made.stderr));
        insta::assert_snapshot!("db-drill", drill.stdout);
    });
    assert!(kezek(&["db", "backup", arg(&file), arg(&backup)]).stderr.contains("making the backup"));
    assert_eq!(server.terminate(), Some(0));
    let mut bytes = std::fs::read(&backup).unwrap();
    let place = bytes.windows(6).position(|window| window == b"opened").unwrap();
    bytes[place] ^= 1;
    let spoilt = room.folder().join("spoilt.db");
    std::fs::write(&spoilt, bytes).unwrap();
    for args in [&["db", "drill", arg(&spoilt)][..], &["db", "restore", arg(&spoilt), "new.db"][..]] {
        let ran = kezek(args).ends_with(9);
        assert!(ran.stderr.contains("does not fit the chain"), "{}", ran.stderr);
    }
    kezek(&["db", "drill", "no-such.db"]).ends_with(3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_a_restore_facilities_take_what_comes_for_newer_than_what_was_lost() {
    let room = ControlRoom::new();
    let server = room.start();
    let admin = room.client("Administrator");
    let (case, plan) = prepared(room.home.path());
    let mut fleet = Vec::new();
    for place in 0..FACILITIES {
        fleet.push(Facility::open(place, room.home.path(), &room.base(), &admin).await);
    }
    let round = tempfile::tempdir_in(room.home.path()).unwrap().keep();
    fleet.iter().for_each(|facility| facility.begin(&round));
    let (file, backup) = (room.folder().join("kezek.db"), room.folder().join("backup.db"));
    kezek(&["db", "backup", arg(&file), arg(&backup)]).ends_with(0);
    let case = CaseFiles::from_folder(&case).unwrap();
    let body = ProposeBody { case, plan, comment: String::new(), asked_gap: None, priority: None };
    let received = async |expected: usize| {
        let start = Instant::now();
        while room.client("Auditor").status().await.unwrap().counts.received < expected as u64 {
            assert!(start.elapsed() < Duration::from_secs(60), "an order does not arrive");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let digest = room.client("Author").propose(&body).await.unwrap().plan_digest;
    room.client("Chief").approve(&digest, "").await.unwrap();
    received(FACILITIES).await;
    server.kill();
    // The disk is gone: the journal comes back without these orders.
    for name in ["kezek.db", "kezek.db-wal", "kezek.db-shm"] {
        let _ = std::fs::remove_file(room.folder().join(name));
    }
    let restored = kezek(&["db", "restore", arg(&backup), arg(&file)]).ends_with(0);
    settings()
        .bind(|| insta::assert_snapshot!("db-restore", format!("{}{}", restored.stdout, restored.stderr)));
    let server = room.start();
    let status = room.client("Auditor").status().await.unwrap();
    assert!(status.epoch > 1_000_000_000 && status.counts.orders == 0, "{status:?}");
    assert!(status.stopped.is_some_and(|why| why.contains("restored from a backup")));
    room.client("Author").propose(&body).await.unwrap();
    let refused = room.client("Chief").approve(&digest, "").await.unwrap_err().to_string();
    assert!(refused.contains("restored from a backup"), "{refused}");
    let second = room.token("Chief").to_owned();
    room.client("Administrator").resume("asked all of them", &second).await.unwrap();
    room.client("Chief").approve(&digest, "").await.unwrap();
    received(FACILITIES).await;
    for facility in &fleet {
        let holdings = facility.agent().standing().holdings;
        let [lost, new] = &holdings[..] else { panic!("{}: {holdings:?}", facility.config.facility) };
        assert!(new.order.epoch > lost.order.epoch && new.order.order_no != lost.order.order_no);
        assert_eq!(new.order.sequence, lost.order.sequence, "the restored journal does not know the other");
    }
    assert_eq!(server.terminate(), Some(0));
    kezek(&["journal", "verify", arg(&file)]).ends_with(0);
    snapshot!(
        "journal-verify-missing",
        kezek(&["journal", "verify", "/nowhere/no-such.db"]).ends_with(3).stderr
    );
}
