//! Runs the binary in the root of the workspace.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// What a run left behind.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// stdout as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    /// Asserts the exit code and gives the run back.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// The binary, in the root of the workspace, without what the environment could add.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kezek"));
    command.current_dir(root()).env_remove("RUST_LOG").env_remove("NO_COLOR");
    for name in [
        "KEZEK_AUTHORITIES_FILE",
        "KEZEK_DATABASE_PASSWORD",
        "KEZEK_DATABASE_PASSWORD_FILE",
        "KEZEK_SERVER",
        "KEZEK_TOKEN",
        "KEZEK_TOKEN_FILE",
    ] {
        command.env_remove(name);
    }
    command
}

/// Runs the binary.
pub(crate) fn kezek(args: &[&str]) -> Ran {
    Ran::of(command().args(args))
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder of its own for a test.
pub(crate) fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A path as an argument.
pub(crate) fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A copy of an example, to be spoilt.
pub(crate) fn copy_of(example: &str, home: &TempDir) -> PathBuf {
    let folder = home.path().join(example);
    std::fs::create_dir_all(&folder).unwrap();
    for entry in std::fs::read_dir(root().join("examples").join(example)).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    folder
}

/// Replaces text in a file; it has to be there.
pub(crate) fn replace(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{} has no {from:?}", path.display());
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// Plans a case and gives the path of plan.json.
pub(crate) fn planned(case: &str, out: &Path) -> PathBuf {
    let ran = kezek(&["plan", case, "--out", arg(out), "-q"]);
    assert!(matches!(ran.code, Some(0 | 4)), "{}", ran.stderr);
    out.join("plan.json")
}

/// Snapshots of texts that hold digests, seconds and folders of the moment.
pub(crate) fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("[0-9a-f]{64}", "[digest]");
    settings.add_filter(r"seconds    [0-9.]+", "seconds    [seconds]");
    settings.add_filter(r"/[^ ]*/\.tmp[A-Za-z0-9]+", "[home]");
    settings
}

/// Compares a text with its snapshot.
#[macro_export]
macro_rules! snapshot {
    ($name:expr, $text:expr) => {
        $crate::run::settings().bind(|| insta::assert_snapshot!($name, $text))
    };
}
