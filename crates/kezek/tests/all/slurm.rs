//! A study as an array of Slurm, on a real one: a controller, a node and the server of their key, of the test's own.

use crate::run::{Ran, arg, home, kezek, root};
use crate::season::{only, small};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Runs the daemons until its stdin ends, which it does with the process that holds the other end.
const SCRIPT: &str = include_str!("slurm.sh");

/// Seconds that an array may take, on a machine that does much else.
const PATIENCE_S: &str = "400";

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "Slurm runs on Linux only")]
fn an_array_of_slurm_makes_the_bytes_of_a_single_machine() {
    let home = home();
    let [parts, joined, alone] = ["parts", "joined", "alone"].map(|name| home.path().join(name));
    let study = small(home.path(), 3);
    std::os::unix::fs::symlink(root().join("examples/winter-study/jobs"), home.path().join("jobs")).unwrap();
    let slurm = Slurm::new();
    let ran = Ran::of(
        Command::new("timeout")
            .args([PATIENCE_S, "sbatch", "--wait", "--array=1-3", "jobs/array.sbatch"])
            .current_dir(home.path())
            .env("SLURM_CONF", slurm.home.join("slurm.conf"))
            .env("KEZEK", env!("CARGO_BIN_EXE_kezek"))
            .env("STUDY", &study)
            .env("OUT", &parts),
    );
    let told = || format!("{}{}{}", ran.stderr, texts(home.path(), "out"), texts(&slurm.home, "log"));
    assert_eq!(ran.code, Some(0), "{}", told());

    let found = files(&parts, "jsonl");
    assert_eq!(found.len(), 3, "{found:?}\n{}", told());
    let mut gather = vec!["study", "gather", "--out", arg(&joined)];
    gather.extend(found.iter().map(|path| arg(path)));
    kezek(&gather).ends_with(0);
    kezek(&["study", "run", arg(&study), "--out", arg(&alone)]).ends_with(0);
    let (joined, alone) = (only(&joined), only(&alone));
    assert_eq!(joined.file_name(), alone.file_name());
    assert_eq!(std::fs::read(joined).unwrap(), std::fs::read(alone).unwrap());
}

/// A Slurm of one node.
struct Slurm {
    /// Where its settings and logs are.
    home: PathBuf,
    /// As long as its stdin is open, the daemons run.
    shell: Child,
}

impl Slurm {
    fn new() -> Self {
        let free = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let ports = free.each_ref().map(|socket| socket.local_addr().unwrap().port().to_string());
        drop(free);
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "slurm"]).args(ports).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut shell = command.spawn().unwrap();
        let mut home = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut home).unwrap();
        assert!(!home.is_empty(), "no Slurm could be started; `./dev test` installs one");
        Self { home: home.trim().into(), shell }
    }
}

impl Drop for Slurm {
    /// Waits until the daemons are gone.
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // It says by itself what went wrong.
        drop(self.shell.wait());
    }
}

/// The files of a folder with some ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|own| own == ending)).collect()
}

/// What stands in them.
fn texts(folder: &Path, ending: &str) -> String {
    files(folder, ending).iter().fold(String::new(), |mut told, path| {
        // Writing to a String can't fail.
        let _ = writeln!(told, "\n{}:\n{}", path.display(), std::fs::read_to_string(path).unwrap());
        told
    })
}
