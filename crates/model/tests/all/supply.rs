//! What the house is built of: where every package comes from, under which licence, and which of them come twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The only place packages come from, beside this workspace.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Licences that ask for no more than a notice.
const LICENCES: [&str; 9] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
];

/// Packages with a licence that only they may have, and why.
const EXCEPTIONS: [(&str, &str, &str); 5] = [
    ("ar_archive_writer", "Apache-2.0+LLVM-exception", "the exception asks for less than the licence"),
    ("foldhash", "Zlib", "asks for no more than a notice"),
    ("slotmap", "Zlib", "asks for no more than a notice"),
    (
        "tiny-keccak",
        "CC0-1.0",
        "given to the public; only a macro that ahash, of parquet, is built with uses it",
    ),
    ("zlib-rs", "Zlib", "asks for no more than a notice"),
];

/// Packages in two versions, and who is behind. A row goes when its package comes once.
const DOUBLED: [(&str, &str); 27] = [
    ("base64", "postgres-protocol has not gone on to 0.23"),
    ("bit-set", "fancy-regex, of typst, has not gone on to 0.11"),
    ("fallible-iterator", "postgres-protocol has not gone on to 0.3"),
    ("fearless_simd", "vello_cpu, of typst-html, has not gone on to 1"),
    ("hayro-ccitt", "hayro-syntax, of typst, has not gone on to 0.4"),
    ("miniz_oxide", "png, of typst, has not gone on to 0.9"),
    ("nom", "bindgen has not gone on to 8"),
    ("num-bigint", "chinese-number, of typst, has not gone on to 0.5"),
    ("phf", "chrono-tz has not gone on to 0.13"),
    ("phf_shared", "comes with phf"),
    ("quick-error", "rusty-fork, of the property tests, has not gone on to 2"),
    ("quick-xml", "citationberg, of typst, has not gone on to 0.42"),
    ("r-efi", "comes with getrandom; only UEFI builds it"),
    ("rand", "lipsum, of typst, has not gone on to 0.10"),
    ("rand_core", "comes with rand"),
    ("roxmltree", "fontconfig-parser, of typst, has not gone on to 0.21"),
    ("serde_spanned", "comes with toml"),
    ("shlex", "bindgen has not gone on to 2"),
    ("syn", "bindgen, curve25519-dalek and others have not gone on to 3"),
    ("synstructure", "comes with syn"),
    ("toml", "typst has not gone on to 1"),
    ("toml_datetime", "comes with toml"),
    ("toml_edit", "comes with toml"),
    ("vello_common", "vello_cpu, of typst-html, has not gone on to 0.0.9"),
    ("wasi", "mio and getrandom have not gone on; only WebAssembly builds them"),
    ("windows-sys", "ring has not gone on; only Windows builds them"),
    ("winnow", "comes with toml"),
];

/// Packages in three versions.
const TRIPLED: [(&str, &str); 2] = [
    ("bit-vec", "comes with bit-set, and yasna, of the certificates that tests make, has not gone on either"),
    ("getrandom", "ring has not gone on to 0.3, nor ahash, of parquet, to 0.4"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Name, version and source of every package, those of other systems too.
fn locked() -> Vec<(String, String, Option<String>)> {
    let text = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let lock: toml::Table = text.parse().unwrap();
    let field = |package: &toml::Value, name: &str| package.get(name)?.as_str().map(str::to_owned);
    let packages = lock["package"].as_array().unwrap().iter();
    packages
        .map(|package| {
            (field(package, "name").unwrap(), field(package, "version").unwrap(), field(package, "source"))
        })
        .collect()
}

/// Name and licence of every package that is built on this system. Nothing is downloaded.
fn licences() -> BTreeMap<String, Option<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let said = String::from_utf8(rustc.stdout).unwrap();
    let system = said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(cargo)
        .current_dir(root())
        .args(["metadata", "--offline", "--locked", "--format-version", "1", "--filter-platform", system])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let used: BTreeSet<_> =
        found["resolve"]["nodes"].as_array().unwrap().iter().map(|node| text(&node["id"])).collect();
    let packages = found["packages"].as_array().unwrap().iter();
    let built = packages.filter(|package| used.contains(&text(&package["id"])));
    built.map(|package| (text(&package["name"]).unwrap(), text(&package["license"]))).collect()
}

/// Whether an SPDX expression can be met with some licences; `/` is the older spelling of `OR`.
fn is_met(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced =
        expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ").replace(" WITH ", "+");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (mut at, mut reader) = (0, Reader { words: &words, allowed });
    let met = reader.any(&mut at);
    met && at == words.len()
}

struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a dyn Fn(&str) -> bool,
}

impl Reader<'_> {
    fn any(&mut self, at: &mut usize) -> bool {
        let mut met = self.all(at);
        while self.words.get(*at) == Some(&"OR") {
            *at += 1;
            met |= self.all(at);
        }
        met
    }

    fn all(&mut self, at: &mut usize) -> bool {
        let mut met = self.one(at);
        while self.words.get(*at) == Some(&"AND") {
            *at += 1;
            met &= self.one(at);
        }
        met
    }

    fn one(&mut self, at: &mut usize) -> bool {
        let word = self.words.get(*at).copied().unwrap_or_default();
        *at += 1;
        if word != "(" {
            return (self.allowed)(word);
        }
        let met = self.any(at);
        let is_closed = self.words.get(*at) == Some(&")");
        *at += 1;
        met && is_closed
    }
}

#[test]
fn every_package_comes_from_the_registry_or_this_house() {
    for (name, version, source) in locked() {
        match source {
            None => assert!(
                name.starts_with("kezek"),
                "{name} {version} is a folder that is no room of this house; take it from the registry"
            ),
            Some(source) => {
                assert_eq!(
                    source, REGISTRY,
                    "{name} {version} comes from elsewhere; take it from the registry"
                );
            }
        }
    }
}

#[test]
fn every_licence_is_one_of_the_list() {
    let found = licences();
    assert!(found.len() > 100, "only {} packages were seen", found.len());
    for (name, licence) in &found {
        let own: Vec<&str> = EXCEPTIONS
            .iter()
            .filter(|(package, ..)| package == name)
            .map(|(_, licence, _)| *licence)
            .collect();
        let allowed = |licence: &str| LICENCES.contains(&licence) || own.contains(&licence);
        let licence = licence.as_deref().unwrap_or("none that is named");
        assert!(
            is_met(licence, &allowed),
            "{name} has the licence {licence}, which is not in LICENCES: take another package, or add it with a reason"
        );
    }
    for (name, ..) in EXCEPTIONS {
        assert!(found.contains_key(name), "{name} is not used any more: take it out of EXCEPTIONS");
    }
}

#[test]
fn no_package_comes_twice_without_a_reason() {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, version, _) in locked() {
        versions.entry(name).or_default().push(version);
    }
    let known = |times: usize, rows: &[(&'static str, &'static str)]| -> Vec<_> {
        rows.iter().map(|(name, _)| (*name, times)).collect()
    };
    let reasons: BTreeMap<&str, usize> =
        [known(2, &DOUBLED), known(3, &TRIPLED)].concat().into_iter().collect();
    for (name, found) in versions.iter().filter(|(_, found)| found.len() > 1) {
        let versions = found.join(" and ");
        assert!(
            reasons.get(name.as_str()) == Some(&found.len()),
            "{name} comes as {versions}: bring them together (`cargo tree -i {name}`), or add it to DOUBLED with a reason"
        );
    }
    for (name, times) in reasons {
        let comes = versions.get(name).map_or(0, Vec::len);
        assert_eq!(comes, times, "{name} comes {comes} times: take it out of its list");
    }
}

#[test]
fn expressions_are_read_with_their_brackets() {
    let allowed = |licence: &str| ["MIT", "ISC"].contains(&licence);
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("MIT OR GPL-3.0 AND ISC", true),
        ("(MIT OR GPL-3.0) AND (GPL-3.0)", false),
        ("MIT WITH some-exception", false),
        ("MIT MIT", false),
        ("(MIT", false),
        ("", false),
    ] {
        assert_eq!(is_met(expression, &allowed), met, "{expression}");
    }
}
