//! The shut doors of the house: who may depend on whom. Tests may look further than the rooms themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// For each room: the rooms it may use, and the packages that only some rooms may touch.
const ROOMS: [(&str, &[&str]); 12] = [
    ("model", &[]),
    ("planner", &["model"]),
    ("engine", &["model"]),
    ("journal", &["model"]),
    ("courier", &["model"]),
    ("pages", &["model"]),
    ("papers", &["model", "pages"]),
    ("agent", &["model", "courier"]),
    ("study", &["model", "planner", "engine", "journal", "courier", "agent"]),
    ("reports", &["pages", "study"]),
    (
        "server",
        &["model", "planner", "engine", "journal", "courier", "agent", "study", "pages", "papers", "reports"],
    ),
    ("kezek", &["model", "planner", "engine", "journal", "courier", "agent", "study", "reports", "server"]),
];

/// Packages behind doors of their own, and the rooms that hold a key.
const GUARDED: [(&str, &[&str]); 26] = [
    ("good_lp", &["planner"]),
    ("highs", &["planner"]),
    ("rusqlite", &["journal"]),
    ("tokio-postgres", &["journal"]),
    ("ed25519-dalek", &["courier"]),
    // The client of the control room's own API reads answers that are larger than a receipt.
    ("reqwest", &["courier", "server"]),
    ("hyper", &["courier"]),
    ("tokio-rustls", &["courier"]),
    ("rustls-webpki", &["courier"]),
    // The journal needs its runtime under the driver of PostgreSQL, on a thread of its own.
    ("tokio", &["journal", "courier", "agent", "study", "server", "kezek"]),
    ("axum", &["agent", "study", "server"]),
    ("csv", &["model", "kezek"]),
    ("getrandom", &["courier", "server"]),
    ("askama", &["pages", "reports"]),
    ("qrcode", &["pages"]),
    ("resvg", &["reports"]),
    ("ttf-parser", &["reports"]),
    ("rust_xlsxwriter", &["reports"]),
    ("parquet", &["reports"]),
    ("typst", &["papers"]),
    ("typst-layout", &["papers"]),
    ("typst-pdf", &["papers"]),
    ("argon2", &["server"]),
    ("totp-rs", &["server"]),
    ("clap", &["kezek"]),
    ("anyhow", &["kezek"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The packages that a room depends on when it is built, not when it is tested.
fn dependencies(room: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("crates").join(room).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let table = manifest["dependencies"].as_table().unwrap();
    table.keys().cloned().collect()
}

#[test]
fn every_room_is_in_the_table() {
    let folders = fs::read_dir(root().join("crates")).unwrap();
    let found: BTreeSet<String> =
        folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect();
    let known: BTreeSet<String> = ROOMS.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(found, known);
}

#[test]
fn no_room_uses_another_that_it_may_not_see() {
    let allowed: BTreeMap<_, _> = ROOMS.into();
    for (room, may) in allowed {
        for package in dependencies(room) {
            if let Some(used) = package.strip_prefix("kezek-") {
                assert!(may.contains(&used), "`{room}` may not use `{used}`");
            }
        }
    }
}

#[test]
fn sockets_keys_solvers_and_databases_stay_behind_their_doors() {
    for (room, _) in ROOMS {
        let dependencies = dependencies(room);
        for (package, may) in GUARDED {
            assert!(
                !dependencies.contains(package) || may.contains(&room),
                "`{room}` may not use `{package}`"
            );
        }
    }
}

/// The lint is set once for all; every room has to take it, and none may loosen it.
#[test]
fn unsafe_code_is_forbidden_everywhere() {
    let workspace: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    assert_eq!(workspace["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
    for (room, _) in ROOMS {
        let text = fs::read_to_string(root().join("crates").join(room).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true), "`{room}`");
    }
}

/// `check` is the independent judge: it may not see what it judges.
#[test]
fn the_check_shares_no_code_with_the_formulation() {
    let folder = root().join("crates/planner/src");
    let mut files = vec![folder.join("check.rs")];
    files.extend(fs::read_dir(folder.join("check")).unwrap().map(|file| file.unwrap().path()));
    assert!(files.len() > 5);
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
        for line in fs::read_to_string(file).unwrap().lines().filter(|line| line.contains("crate::")) {
            assert!(line.contains("crate::check"), "{}: {line}", file.display());
        }
    }
}
