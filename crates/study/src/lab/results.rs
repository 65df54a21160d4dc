//! The file of results: a line that says what was asked, then a line for every draw and scenario, in their order. Whoever
//! ran it, on however many threads and machines: the same study makes the same bytes.

use super::Study;
use super::outcome::{Outcome, span_days};
use chrono::NaiveDate;
use kezek_model::canonical::sha256_hex;
use kezek_model::ids::{FacilityId, TieId, ZoneId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// The version of the file's form.
const FORM: u32 = 2;
/// A first line is not longer, however many facilities it names.
const MOST_HEADER_BYTES: u64 = 16 << 20;

/// A part of a study: the draws whose number leaves `index - 1` when divided by `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// From 1 to `count`.
    pub index: u32,
    /// How many parts there are.
    pub count: u32,
}

impl Shard {
    /// The whole.
    pub const WHOLE: Self = Self { index: 1, count: 1 };

    /// The draws of this part.
    pub fn draws(self, of: u32) -> impl Iterator<Item = u32> {
        (0..of).filter(move |draw| draw % self.count == self.index - 1)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-of-{}", self.index, self.count)
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = text
            .split_once('/')
            .and_then(|(index, count)| Some(Self { index: index.parse().ok()?, count: count.parse().ok()? }));
        let expected = || "a part and how many there are, for instance 3/8".to_owned();
        read.filter(|own| own.index >= 1 && own.index <= own.count).ok_or_else(expected)
    }
}

/// A facility as results name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Its name in all files.
    pub id: FacilityId,
    /// Its zone.
    pub zone: ZoneId,
}

/// A tie as results name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its name in all files.
    pub id: TieId,
    /// The zone that a positive flow leaves.
    pub from: ZoneId,
    /// The zone that it enters.
    pub to: ZoneId,
}

/// The first line: all that is needed to read the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the form.
    pub kezek_study: u32,
    /// What people call the study.
    pub study: String,
    /// [`Study::digest`].
    pub study_digest: String,
    /// The version of the engine.
    pub engine: String,
    /// Seed of all that is drawn.
    pub seed: u64,
    /// Draws of the whole study.
    pub draws: u32,
    /// Which part this is.
    pub shard: Shard,
    /// Gap at which a day's plan ends.
    pub gap: f64,
    /// The scenarios, the base first, with what they are about.
    pub scenarios: Vec<(String, String)>,
    /// The zones.
    pub zones: Vec<ZoneId>,
    /// The ties between them.
    pub ties: Vec<Link>,
    /// The facilities.
    pub facilities: Vec<Named>,
    /// The first civil day.
    pub first_day: NaiveDate,
    /// How many civil days.
    pub days: usize,
    /// How many days a column of cuts by facility holds.
    pub span_days: usize,
    /// Hours of an interval.
    pub interval_hours: f64,
    /// The civil clock.
    pub time_zone: String,
    /// The currency.
    pub currency: String,
    /// See [`super::spec::Money`].
    pub income_per_mwh: f64,
}

impl Header {
    /// The header of a part of a study.
    #[must_use]
    pub fn of(study: &Study, shard: Shard) -> Self {
        let (spec, case, days) = (&study.spec, &study.case, study.days().len());
        let about = spec.scenario.iter().map(|own| (own.name.clone(), own.about.clone()));
        let base = (super::spec::BASE.to_owned(), String::new());
        Self {
            kezek_study: FORM,
            study: spec.name.clone(),
            study_digest: study.digest.clone(),
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            seed: spec.seed,
            draws: spec.draws,
            shard,
            gap: spec.planning.gap,
            scenarios: std::iter::once(base).chain(about).collect(),
            zones: case.zones.iter().map(|own| own.id.clone()).collect(),
            ties: case
                .ties
                .iter()
                .map(|own| Link { id: own.id.clone(), from: own.from.clone(), to: own.to.clone() })
                .collect(),
            facilities: case
                .facilities
                .iter()
                .map(|own| Named { id: own.id.clone(), zone: own.zone.clone() })
                .collect(),
            first_day: case.grid.civil_date(0, case.grid.time_zone),
            days,
            span_days: span_days(days),
            interval_hours: case.grid.hours(),
            time_zone: case.grid.time_zone.name().to_owned(),
            currency: case.objective.currency.clone(),
            income_per_mwh: spec.money.income_per_mwh,
        }
    }
}

/// One season.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lived {
    /// The draw.
    pub draw: u32,
    /// The scenario's position.
    pub scenario: usize,
    /// What it came to.
    pub outcome: Outcome,
}

/// A whole file of results.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// What was asked.
    pub header: Header,
    /// By draw, then scenario.
    pub lived: BTreeMap<(u32, usize), Outcome>,
}

/// Why results can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// The disk refused.
    #[error("{}: {error}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A line is none of such a file.
    #[error("{}, line {line}: {found}; expected a file that `kezek study run` or `kezek study gather` wrote", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        found: String,
    },
}

pub(super) fn disk(path: &Path) -> impl Fn(std::io::Error) -> ResultsError {
    move |error| ResultsError::Disk { path: path.to_owned(), error }
}

impl Header {
    /// Reads no more than the first line of a file.
    ///
    /// # Errors
    /// When it is none of such a file.
    pub fn read(path: &Path) -> Result<Self, ResultsError> {
        let file = std::fs::File::open(path).map_err(disk(path))?;
        let mut line = String::new();
        BufReader::new(file.take(MOST_HEADER_BYTES)).read_line(&mut line).map_err(disk(path))?;
        Self::parse(path, &line)
    }

    fn parse(path: &Path, line: &str) -> Result<Self, ResultsError> {
        let fault = |found: String| ResultsError::Line { path: path.to_owned(), line: 1, found };
        #[derive(Deserialize)]
        struct Form {
            kezek_study: u32,
        }
        let none = |error: serde_json::Error| fault(format!("no header ({error})"));
        let Form { kezek_study } = serde_json::from_str(line).map_err(none)?;
        if kezek_study != FORM {
            let found = format!("form {kezek_study} where this version reads {FORM}; run the study again");
            return Err(fault(found));
        }
        serde_json::from_str(line).map_err(none)
    }
}

impl Results {
    /// Reads a file.
    ///
    /// # Errors
    /// At the first line that is none of such a file; a name that is not that of the content is told as line 0.
    pub fn read(path: &Path) -> Result<Self, ResultsError> {
        let text = std::fs::read_to_string(path).map_err(disk(path))?;
        let fault = |line: usize, found: String| ResultsError::Line { path: path.to_owned(), line, found };
        let mut lines = text.lines();
        let header = Header::parse(path, lines.next().unwrap_or_default())?;
        let mut lived = BTreeMap::new();
        for (at, line) in lines.enumerate() {
            let own: Lived = serde_json::from_str(line).map_err(|error| fault(at + 2, error.to_string()))?;
            if own.scenario >= header.scenarios.len() || own.draw >= header.draws {
                return Err(fault(at + 2, format!("draw {} of scenario {}", own.draw, own.scenario)));
            }
            if lived.insert((own.draw, own.scenario), own.outcome).is_some() {
                return Err(fault(at + 2, format!("draw {} of scenario {} twice", own.draw, own.scenario)));
            }
        }
        if let Some(named) = digest_in_name(path).filter(|named| *named != short(&text)) {
            return Err(fault(0, format!("the content has digest {}, the name says {named}", short(&text))));
        }
        Ok(Self { header, lived })
    }

    /// The file's text.
    ///
    /// # Errors
    /// When a number can't be written, which none of a study is.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string(&self.header)? + "\n";
        for ((draw, scenario), outcome) in &self.lived {
            text += &serde_json::to_string(&Line { draw: *draw, scenario: *scenario, outcome })?;
            text.push('\n');
        }
        Ok(text)
    }

    /// Writes the file into a folder, named after the study, the part and its content.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, ResultsError> {
        let text = self.text().map_err(|error| disk(folder)(error.into()))?;
        let name = format!("{}-{}-{}.jsonl", plain(&self.header.study), self.header.shard, short(&text));
        let path = folder.join(&name);
        let unfinished = folder.join(format!(".{name}.unfinished"));
        std::fs::write(&unfinished, text).map_err(disk(&unfinished))?;
        std::fs::rename(&unfinished, &path).map_err(disk(&path))?;
        Ok(path)
    }

    /// The same of some scenarios only, by their positions; the base is among them in any case, as differences are from it.
    #[must_use]
    pub fn only(mut self, scenarios: &[usize]) -> Self {
        let kept: Vec<usize> =
            (0..self.header.scenarios.len()).filter(|own| *own == 0 || scenarios.contains(own)).collect();
        let place = |own: usize| kept.binary_search(&own).ok();
        let lived = self.lived.into_iter();
        self.lived = lived.filter_map(|((draw, own), it)| Some(((draw, place(own)?), it))).collect();
        self.header.scenarios = kept.iter().map(|&own| self.header.scenarios[own].clone()).collect();
        self
    }

    /// The seasons of a scenario, by draw.
    pub fn of(&self, scenario: usize) -> impl Iterator<Item = (u32, &Outcome)> {
        let own = self.lived.iter().filter(move |((_, own), _)| *own == scenario);
        own.map(|((draw, _), outcome)| (*draw, outcome))
    }
}

/// [`Lived`] without owning it.
#[derive(Serialize)]
struct Line<'a> {
    draw: u32,
    scenario: usize,
    outcome: &'a Outcome,
}

/// Sixteen digits are enough to name a file.
const SHORT: usize = 16;

fn short(text: &str) -> String {
    sha256_hex(text.as_bytes())[..SHORT].to_owned()
}

/// The digest that a file's name claims, if it has the form of one.
fn digest_in_name(path: &Path) -> Option<String> {
    let (_, last) = path.file_stem()?.to_str()?.rsplit_once('-')?;
    (last.len() == SHORT && last.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| last.to_owned())
}

/// A name that any file system takes.
pub(super) fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect()
}
