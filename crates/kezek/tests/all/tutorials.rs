//! The tutorials of `docs`: what they tell people to type is typed, and what they say is printed must be printed.
//!
//! A block of `sh` is typed into the one shell of its tutorial. A block of `text` after it holds lines that must stand in
//! what that block printed, one below the other: `...` within a line stands for anything, a line of `...` alone for any
//! lines. Every port on loopback that a tutorial names is replaced by a free one.

use crate::control::{ControlRoom, free_port};
use crate::run::{home, root};
use kezek_courier::{AddressRules, GuardedClient, Timeouts};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// For a whole tutorial on a busy machine.
const MOST: Duration = Duration::from_secs(300);
/// Stands before what a command prints.
const MARK: &str = "\n@@@ command ";
const LOOPBACK: &str = "127.0.0.1:";

/// A fenced block.
struct Block {
    is_shell: bool,
    /// Line of the file on which its first line stands.
    line: usize,
    lines: Vec<String>,
}

/// A command, over as many lines as it takes.
struct Step {
    block: usize,
    line: usize,
    text: String,
}

/// A shell and everything that it started; all of it is killed when this is dropped.
struct Session {
    child: Child,
}

impl Drop for Session {
    fn drop(&mut self) {
        // Nothing may be left of it.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

impl Session {
    /// Types a script into a shell of its own group, where `kezek` and the examples are at hand.
    fn start(script: &str, home: &Path) -> Self {
        let (programs, here) = (home.join("programs"), home.join("here"));
        std::fs::create_dir(&programs).unwrap();
        std::fs::create_dir(&here).unwrap();
        symlink(env!("CARGO_BIN_EXE_kezek"), programs.join("kezek")).unwrap();
        let copied = Command::new("cp").arg("-R").arg(root().join("examples")).arg(&here).status().unwrap();
        assert!(copied.success());
        let printed = File::create(home.join("printed")).unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-euc", script]).current_dir(&here).process_group(0);
        shell.env_clear().env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
        shell.stdin(Stdio::null()).stdout(printed.try_clone().unwrap()).stderr(printed);
        Self { child: shell.spawn().unwrap() }
    }

    /// What it ends with; none where it was killed or takes too long.
    fn end(mut self) -> Option<i32> {
        let start = Instant::now();
        while start.elapsed() < MOST {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        None
    }
}

fn with_free_ports(text: &str) -> String {
    let mut parts = text.split(LOOPBACK);
    let mut told = parts.next().unwrap().to_owned();
    let mut ports = BTreeMap::new();
    for part in parts {
        let end = part.find(|character: char| !character.is_ascii_digit()).unwrap_or(part.len());
        let (port, rest) = part.split_at(end);
        let free: u16 = *ports.entry(port).or_insert_with(free_port);
        write!(told, "{LOOPBACK}{free}{rest}").unwrap();
    }
    told
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (place, line) in text.lines().enumerate() {
        match open.take() {
            None if line == "```sh" || line == "```text" => {
                open = Some(Block { is_shell: line == "```sh", line: place + 2, lines: Vec::new() });
            }
            None => {}
            Some(block) if line == "```" => blocks.push(block),
            Some(mut block) => {
                block.lines.push(line.to_owned());
                open = Some(block);
            }
        }
    }
    assert!(open.is_none(), "the last block has no end");
    blocks
}

/// Whether a shell would set to work on these lines, or wait for more.
fn is_whole(text: &str) -> bool {
    let here = text.split_once("<<'").and_then(|(_, rest)| rest.split_once('\''));
    let is_open = here.is_some_and(|(word, rest)| !rest.lines().any(|line| line == word));
    let reads = || Command::new("sh").args(["-nc", text]).stderr(Stdio::null()).status().unwrap().success();
    !is_open && !text.ends_with('\\') && reads()
}

fn steps(blocks: &[Block]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (block, found) in blocks.iter().enumerate().filter(|(_, block)| block.is_shell) {
        let (mut text, mut line) = (String::new(), found.line);
        for (place, more) in found.lines.iter().enumerate() {
            text.push_str(more);
            if is_whole(&text) {
                steps.push(Step { block, line, text: std::mem::take(&mut text) });
                line = found.line + place + 1;
            } else {
                text.push('\n');
            }
        }
        assert!(text.is_empty(), "line {line}: this command has no end:\n{text}");
    }
    steps
}

/// Whether a line is as expected.
fn is_like(expected: &str, line: &str) -> bool {
    let mut parts = expected.trim_end().split("...");
    let Some(mut rest) = line.trim_end().strip_prefix(parts.next().unwrap()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// The first expected lines that were not printed where they should stand.
fn missing(expected: &[String], printed: &[&str]) -> Option<Range<usize>> {
    let (mut first, mut from) = (0, 0);
    for stretch in expected.split(|line| line == "...") {
        if !stretch.is_empty() {
            let fits = |lines: &[&str]| stretch.iter().zip(lines).all(|(line, found)| is_like(line, found));
            let Some(at) = printed[from..].windows(stretch.len()).position(fits) else {
                return Some(first..first + stretch.len());
            };
            from += at + stretch.len();
        }
        first += stretch.len() + 1;
    }
    None
}

/// Types a tutorial, and says what it promises and does not keep.
fn play(name: &str, text: &str) -> Result<(), String> {
    let blocks = blocks(&with_free_ports(text));
    let (steps, home) = (steps(&blocks), home());
    let mut script = String::new();
    for step in &steps {
        writeln!(script, "printf '{}{}\\n'\n{}", MARK.replace('\n', "\\n"), step.line, step.text).unwrap();
    }
    let code = Session::start(&script, home.path()).end();
    let printed = String::from_utf8_lossy(&std::fs::read(home.path().join("printed")).unwrap()).into_owned();
    let answers: Vec<&str> =
        printed.split(MARK).skip(1).map(|part| part.split_once('\n').unwrap().1).collect();
    if code != Some(0) {
        let (Some(step), Some(answer)) = (steps.get(answers.len().wrapping_sub(1)), answers.last()) else {
            return Err(format!("{name}: the shell did nothing:\n{printed}"));
        };
        let end = code.map_or_else(|| "did not end".to_owned(), |code| format!("ended with {code}"));
        return Err(format!("{name}:{}: this {end}:\n{}\nIt printed:\n{answer}", step.line, step.text));
    }
    compare(name, &blocks, &steps, &answers)
}

fn compare(name: &str, blocks: &[Block], steps: &[Step], answers: &[&str]) -> Result<(), String> {
    let mut typed: Option<usize> = None;
    for (place, block) in blocks.iter().enumerate() {
        if block.is_shell {
            typed = Some(place);
            continue;
        }
        let shell = typed.unwrap_or_else(|| panic!("{name}:{}: nothing was typed before", block.line));
        let answered = steps.iter().zip(answers).filter(|(step, _)| step.block == shell);
        let printed: Vec<&str> = answered.flat_map(|(_, answer)| answer.lines()).collect();
        if let Some(lines) = missing(&block.lines, &printed) {
            return Err(format!(
                "{name}:{}: after\n{}\nthese lines should be printed:\n{}\nbut it printed:\n{}",
                block.line + lines.start,
                blocks[shell].lines.join("\n"),
                block.lines[lines].join("\n"),
                printed.join("\n")
            ));
        }
    }
    Ok(())
}

fn tutorial(name: &str) -> String {
    std::fs::read_to_string(root().join("docs").join(name)).unwrap()
}

#[track_caller]
fn holds(name: &str) {
    if let Err(fault) = play(&format!("docs/{name}"), &tutorial(name)) {
        panic!("{fault}");
    }
}

#[test]
fn the_tutorial_of_the_planner_holds() {
    holds("planner.md");
}

#[test]
fn the_tutorial_of_the_dispatcher_holds() {
    holds("dispatcher.md");
}

#[test]
fn the_tutorial_of_the_miner_holds() {
    holds("miner.md");
}

#[test]
fn what_is_not_printed_is_told_with_file_line_and_command() {
    let shown = |expected: &str| {
        let text = format!(
            "Words.\n\n```sh\nsleep 600 &\nprintf 'one\\ntwo 2\\nthree\\n'\n```\n```text\n{expected}\n```\n"
        );
        play("wrong.md", &text)
    };
    for right in ["one\ntwo 2\nthree", "two ...", "...\nthree", "one\n...\nthree", "t... 2\nth...ee"] {
        assert_eq!(shown(right), Ok(()), "{right}");
    }
    for wrong in ["one\nthree", "two", "three\n...\none", "two ... 3", "...\nfour", "one\n...\none"] {
        assert!(shown(wrong).is_err(), "{wrong}");
    }
    let fault = shown("one\n...\ntwo 3").unwrap_err();
    assert!(fault.starts_with("wrong.md:10: after\nsleep 600 &\nprintf"), "{fault}");
    assert!(fault.contains("should be printed:\ntwo 3\nbut it printed:\none\ntwo 2"), "{fault}");
}

#[test]
fn a_command_that_fails_ends_a_tutorial() {
    let fault =
        play("wrong.md", "```sh\nfor word in one two; do\n    echo $word\ndone\nfalse\n```\n").unwrap_err();
    assert!(fault.starts_with("wrong.md:5: this ended with 1:\nfalse\n"), "{fault}");
}

/// What stands between two marks, wherever it does.
fn between<'a>(text: &'a str, open: &'static str, close: char) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).map(move |rest| rest.split(close).next().unwrap())
}

#[tokio::test]
async fn the_pages_that_tutorials_name_are_there() {
    let control = ControlRoom::new();
    let process = control.start();
    let rules = AddressRules { allow_loopback: true, allow: Vec::new() };
    let client = GuardedClient::new(rules, Timeouts::default()).unwrap();
    let texts = [tutorial("dispatcher.md"), tutorial("miner.md")];
    let mut paths: Vec<&str> = texts.iter().flat_map(|text| between(text, "`/", '`')).collect();
    paths.retain(|path| *path != "sign-in");
    assert!(paths.len() > 10, "{paths:?}");
    for path in paths {
        let answer = client.get(&format!("{}/{path}", process.address), &[]).await.unwrap();
        // Whoever has not signed in is sent to the door, and only from what there is.
        let location = answer.headers.get("location").and_then(|header| header.to_str().ok());
        assert!(location.is_some_and(|location| location.starts_with("/sign-in?next=")), "/{path}");
    }
}

#[test]
fn the_russian_words_of_the_tutorial_stand_on_the_miners_page() {
    let words = std::fs::read_to_string(root().join("crates/pages/src/my/vocabulary.rs")).unwrap();
    let text = tutorial("miner.md");
    let quoted: Vec<&str> = between(&text, "«", '»').collect();
    assert!(quoted.len() > 10, "{quoted:?}");
    for word in quoted {
        assert!(words.contains(&format!("\"{word}")), "{word}");
    }
}
