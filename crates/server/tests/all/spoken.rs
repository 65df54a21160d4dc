//! What the server refuses with stands in its sources; the pages say all of it in every language.

use std::fs;
use std::path::{Path, PathBuf};

use kezek_pages::Language;
use kezek_pages::said::known;

/// Where a refusal is written, whole or the words of it.
const BEGINNINGS: [&str; 5] =
    ["ApiError::new(", "ApiError::bad(", "let error = ", "let hint = ", "let said = "];

/// What may stand in a place of a refusal.
const PARTS: [&str; 4] = ["7", "2026-01-24 12:00:00 UTC", "comment", "dispatcher"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

/// The texts of a source's refusals, as they are written there.
fn refusals(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap();
    let statements = BEGINNINGS.iter().flat_map(|beginning| code.split(beginning).skip(1));
    let texts = statements.flat_map(literals);
    texts
        .filter(|text| text.starts_with(char::is_alphabetic) && text.contains(' '))
        .map(str::to_owned)
        .collect()
}

/// What a source's refusals say of what is not there.
fn absences(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap();
    let named = code.split("absent(\"").skip(1).filter_map(|rest| rest.split_once('"'));
    named.map(|(what, _)| format!("there is no {what} {{name}}")).collect()
}

/// What stands between quotes until the statement is over.
fn literals(statement: &str) -> Vec<&str> {
    let is_over = |code: &str| code.contains(';') || code.contains("\n}\n");
    let pieces: Vec<&str> = statement.split('"').collect();
    pieces.chunks(2).take_while(|pair| !is_over(pair[0])).filter_map(|pair| pair.get(1).copied()).collect()
}

/// A text with a part in its places, and a number where a bound of the server stands.
fn filled(text: &str, part: &str) -> String {
    let is_bound = |place: &str| place.starts_with(char::is_uppercase);
    kezek_model::phrase::fill(text, |place| if is_bound(place) { "7" } else { part })
}

/// What shows how JSON looks; patterns have other uses for its braces.
fn shows_json(text: &str) -> bool {
    text.contains("{{") || text.contains("{environment,")
}

#[test]
fn every_refusal_of_the_server_is_said_in_every_language() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![folder.join("porter.rs")];
    ["routes", "pages"].iter().for_each(|name| sources(&folder.join(name), &mut files));
    let sources: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let absent: Vec<String> = sources.iter().flat_map(|source| absences(source)).collect();
    let texts: Vec<String> = sources.iter().flat_map(|source| refusals(source)).collect();
    assert!(absent.len() > 20 && texts.len() > 60, "{absent:?} {texts:?}");
    let texts = [texts, absent].concat();
    let is_known = |text: &str| {
        let said = |language| known(text, language, chrono_tz::UTC);
        said(Language::Ru).is_some() && said(Language::Kk).is_some()
    };
    let is_missing =
        |text: &&String| !shows_json(text) && !PARTS.iter().any(|part| is_known(&filled(text, part)));
    let missing: Vec<&String> = texts.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
