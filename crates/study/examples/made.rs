//! Writes a case of the table of goals into a folder:
//! `cargo run -p kezek-study --example made -- --facilities 45 --steps 24 --seed 3 DIR`.

use kezek_study::made::{Goal, Horizon};
use std::path::PathBuf;

const USAGE: &str = "made --facilities N --steps N [--minutes 60|30|15] [--seed N] \
    [--policy least-cost|equal-share|rotation] DIR";

fn main() {
    if let Err(error) = write() {
        eprintln!("made: {error}\nusage: {USAGE}");
        std::process::exit(2);
    }
}

fn write() -> Result<(), String> {
    let (goal, folder) = read_arguments(std::env::args().skip(1))?;
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for (name, bytes) in goal.files().files {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    println!("{} {}", folder.display(), goal.family.name());
    Ok(())
}

fn read_arguments(mut words: impl Iterator<Item = String>) -> Result<(Goal, PathBuf), String> {
    let (mut goal, mut folder) = (Goal::new(1, 45, Horizon::of_steps(24)), None);
    while let Some(word) = words.next() {
        if !word.starts_with("--") {
            folder = Some(PathBuf::from(word));
            continue;
        }
        let value = words.next().ok_or(format!("{word} needs a value"))?;
        match word.as_str() {
            "--facilities" => goal.facilities = number(&value)?,
            "--steps" => goal.horizon = Horizon::of_steps(number(&value)?),
            "--minutes" => goal.horizon.step_minutes = number(&value)?,
            "--seed" => {
                goal =
                    Goal { policy: goal.policy, ..Goal::new(number(&value)?, goal.facilities, goal.horizon) }
            }
            "--policy" => goal.policy = policy(&value)?,
            _ => return Err(format!("{word} is no option")),
        }
    }
    Ok((goal, folder.ok_or("no folder is named")?))
}

fn policy(word: &str) -> Result<&'static str, String> {
    let known = ["least-cost", "equal-share", "rotation"];
    known.into_iter().find(|name| *name == word).ok_or(format!("{word} is no policy"))
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("{word} is no number"))
}
