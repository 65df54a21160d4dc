//! Kezek beside what one would take instead: HiGHS through good_lp, CP-SAT, and linopy with HiGHS, on the same made
//! cases, every plan judged and costed by the same check.
//!
//! `./dev bench peers` prepares the Python side and runs this; `./dev bench peers --help` says what can be chosen.
//! Every run is a process of its own; its result is a line of `target/peers/results.jsonl`, and what is there is not
//! run again, so that a comparison of hours can be left and taken up.

mod answer;
mod compare;
mod export;
mod highs_log;
mod results;
mod row;
mod run;
mod table;
mod words;

use std::path::PathBuf;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let done = match words.split_first() {
        None => {
            println!("the peer comparison takes hours and is asked for by name: ./dev bench peers");
            Ok(())
        }
        Some((verb, rest)) if verb == "run" => run::run(rest),
        Some((verb, rest)) if verb == "compare" => compare::compare(rest),
        // A filter meant for another benchmark of the workspace.
        Some(_) => Ok(()),
    };
    if let Err(error) = done {
        eprintln!("peers: {error}");
        std::process::exit(1);
    }
}

/// Where cases, answers and results are kept.
fn peers_folder() -> PathBuf {
    root().join("target/peers")
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// What went wrong, with the file it went wrong with.
fn said(what: impl std::fmt::Display) -> impl FnOnce(std::io::Error) -> String {
    move |error| format!("{what}: {error}")
}
