//! Files that are there as a whole or not at all.

use crate::exit::Refusal;
use anyhow::Context as _;
use kezek_model::case::CaseFiles;
use kezek_study::derived::SCHEDULES;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Writes files into a folder, which is made where it is missing: all contents first, under other names, then all names.
///
/// # Errors
/// When the folder or a file cannot be written; a file of that name keeps its old content then.
pub(crate) fn write_all(folder: &Path, contents: &[(&str, &[u8])]) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let drafts = contents.iter().map(|(name, bytes)| Draft::write(folder.join(name), bytes));
    let drafts = drafts.collect::<anyhow::Result<Vec<Draft>>>()?;
    drafts.into_iter().try_for_each(Draft::publish)
}

/// Writes the files of a case, its schedules into a folder inside.
///
/// # Errors
/// As [`write_all`].
pub(crate) fn write_case(folder: &Path, case: &CaseFiles) -> anyhow::Result<()> {
    if case.files.keys().any(|name| name.starts_with(SCHEDULES)) {
        let schedules = folder.join(SCHEDULES);
        fs::create_dir_all(&schedules)
            .with_context(|| format!("cannot make the folder {}", schedules.display()))?;
    }
    let contents: Vec<(&str, &[u8])> =
        case.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    write_all(folder, &contents)
}

/// Writes one file as a whole, or leaves what is there.
///
/// # Errors
/// When the path names no file, or it cannot be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if path.file_name().is_none() {
        return Err(Refusal::rejected(format!("{} is no name of a file", path.display())));
    }
    Draft::write(path.to_owned(), bytes)?.publish()
}

/// Nothing that exists is overwritten by what is made once: a key, or settings that somebody has written.
///
/// # Errors
/// When the file exists.
pub(crate) fn refuse_existing(path: &Path) -> anyhow::Result<()> {
    match path.exists() {
        true => {
            let why = format!("{} exists already and is left as it is; name another folder", path.display());
            Err(Refusal::rejected(why))
        }
        false => Ok(()),
    }
}

/// A file under a name of its own, which vanishes unless it is published.
struct Draft {
    target: PathBuf,
    path: PathBuf,
}

impl Draft {
    fn write(target: PathBuf, bytes: &[u8]) -> anyhow::Result<Self> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let path = target.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let draft = Self { target, path };
        let written = File::create(&draft.path).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        written.with_context(|| format!("cannot write {}", draft.target.display()))?;
        Ok(draft)
    }

    fn publish(self) -> anyhow::Result<()> {
        let target = &self.target;
        fs::rename(&self.path, target).with_context(|| format!("cannot write {}", target.display()))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After `publish` nothing is there any more.
        _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_is_made_and_nothing_else_is_left_in_it() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/b");
        write_all(&folder, &[("one", b"1"), ("two", b"2")]).unwrap();
        assert_eq!(names(&folder), ["one", "two"]);
        assert_eq!(fs::read(folder.join("two")).unwrap(), b"2");
    }

    #[test]
    fn where_one_file_cannot_be_written_the_other_keeps_its_content() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("one"), b"old").unwrap();
        let failed = write_all(home.path(), &[("one", b"new"), ("no/such", b"2")]);
        assert!(format!("{:#}", failed.unwrap_err()).starts_with("cannot write"), "says what failed");
        assert_eq!(names(home.path()), ["one"]);
        assert_eq!(fs::read(home.path().join("one")).unwrap(), b"old");
    }
}
