//! Seasons of the laboratory: how many draws a second, and how many with linopy, or PyPSA, and HiGHS in a loop
//! over the same days.
//!
//! `./dev bench study` prepares the Python side and runs all of it; `./dev bench study --help` says what can be chosen.
//! `./dev bench --bench study` measures Kezek alone. Both print the tables for `benches/README.md`.

mod days;
#[path = "../peers/export.rs"]
mod export;
mod looped;
mod season;
mod table;
mod words;

use days::{Model, Sample};
use season::Season;
use words::{USAGE, Words};

/// What `kezek` itself allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let done = match words.split_first() {
        None => measure(&Words::default()),
        Some((verb, rest)) if verb == "compare" => match Words::read(rest) {
            Ok(Some(words)) => measure(&words),
            Ok(None) => {
                println!("{USAGE}");
                Ok(())
            }
            Err(error) => Err(error),
        },
        // A filter meant for another benchmark of the workspace.
        Some(_) => Ok(()),
    };
    if let Err(error) = done {
        eprintln!("study: {error}");
        std::process::exit(1);
    }
}

fn measure(words: &Words) -> Result<(), String> {
    let mut days = Vec::new();
    table::begin_seasons(words);
    for &seed in &words.seeds {
        let season = Season::new(seed, words)?;
        let lived = season.live()?;
        let draws_per_s = season.draws_per_s(words)?;
        table::season(&season, &lived, draws_per_s);
        days.push((season, lived.cases));
    }
    let Some(python) = &words.python else { return Ok(()) };
    table::begin_models();
    for model in Model::ALL {
        let mut samples = Vec::new();
        for (season, cases) in &days {
            let mut own = Sample::of(model, cases, words)?;
            looped::plan(&mut own, model, &season.folder, python, words)?;
            samples.append(&mut own);
        }
        table::model(model, &samples, words);
    }
    Ok(())
}
