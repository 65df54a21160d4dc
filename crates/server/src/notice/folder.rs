//! The texts of notices: built in, and those of a folder in their place, read again whenever they change.
//!
//! Nine files, one for each use and language: `sms.kk.txt`, `email.ru.txt`, `legal.en.txt`. Where one is missing the text
//! that is built in stands, and where one has faults too; the status says why.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use chrono_tz::Tz;
use kezek_model::order::{Order, OrderKind};
use kezek_model::registry::Language;
use serde::{Deserialize, Serialize};

use super::template::{About, Fault, Template};
use super::{MOST_PARTS, Notice, parts};

/// Longest file, in bytes.
const MOST_BYTES: u64 = 64 << 10;
/// Kinds of orders that limit.
const LIMITING: [About; 3] = [About::Cut, About::Emergency, About::Drill];

/// `[notices]` of the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoticeSettings {
    /// The folder of the texts; without it those that are built in stand.
    pub folder: Option<PathBuf>,
}

/// Names and texts that are built in: uses by languages.
const BUILT_IN: [[(&str, &str); 3]; 3] = [
    [
        ("sms.kk.txt", include_str!("texts/sms.kk.txt")),
        ("sms.ru.txt", include_str!("texts/sms.ru.txt")),
        ("sms.en.txt", include_str!("texts/sms.en.txt")),
    ],
    [
        ("email.kk.txt", include_str!("texts/email.kk.txt")),
        ("email.ru.txt", include_str!("texts/email.ru.txt")),
        ("email.en.txt", include_str!("texts/email.en.txt")),
    ],
    [
        ("legal.kk.txt", include_str!("texts/legal.kk.txt")),
        ("legal.ru.txt", include_str!("texts/legal.ru.txt")),
        ("legal.en.txt", include_str!("texts/legal.en.txt")),
    ],
];
/// Places in [`BUILT_IN`].
const SMS: usize = 0;
const EMAIL: usize = 1;
const LEGAL: usize = 2;

/// Every file there may be, with the text that is built in.
pub fn built_in() -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILT_IN.into_iter().flatten()
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextFault {
    /// Name of the file.
    pub file: &'static str,
    /// Its line, counted from 1; 0 where it is about the whole.
    pub line: usize,
    /// What.
    pub what: String,
}

impl fmt::Display for TextFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.what),
            line => write!(f, "{}, line {line}: {}", self.file, self.what),
        }
    }
}

/// The texts that stand, by use and language.
#[derive(Clone, Debug)]
pub struct Texts {
    templates: [[Template; 3]; 3],
}

impl Default for Texts {
    fn default() -> Self {
        // A test reads them all.
        let built_in = |text: &str| Template::read(text).unwrap_or_else(|_| Template::none());
        Self { templates: BUILT_IN.map(|uses| uses.map(|(_, text)| built_in(text))) }
    }
}

fn place(language: Language) -> usize {
    match language {
        Language::Kk => 0,
        Language::Ru => 1,
        Language::En => 2,
    }
}

impl Texts {
    pub(super) fn sms(&self, language: Language) -> &Template {
        &self.templates[SMS][place(language)]
    }

    pub(super) fn email(&self, language: Language) -> &Template {
        &self.templates[EMAIL][place(language)]
    }

    pub(super) fn legal(&self, language: Language) -> &Template {
        &self.templates[LEGAL][place(language)]
    }

    /// The texts of a folder, those that are built in for the rest, and every fault.
    #[must_use]
    pub fn of(folder: &Path) -> (Self, Vec<TextFault>) {
        let (mut texts, mut faults) = (Self::default(), Vec::new());
        if !folder.is_dir() {
            let what = format!("the folder {} is not there", folder.display());
            return (texts, vec![TextFault { file: "notices", line: 0, what }]);
        }
        for (usage, files) in BUILT_IN.into_iter().enumerate() {
            for (language, (file, _)) in files.into_iter().enumerate() {
                match read(&folder.join(file), usage) {
                    Ok(Some(template)) => texts.templates[usage][language] = template,
                    Ok(None) => {}
                    Err(wrong) => {
                        let fault = |Fault { line, what }| TextFault { file, line, what };
                        faults.extend(wrong.into_iter().map(fault));
                    }
                }
            }
        }
        faults.extend(texts.too_long());
        (texts, faults)
    }

    /// Short messages that no longer fit even with one limit; the text that is built in takes their place.
    fn too_long(&mut self) -> Vec<TextFault> {
        let (order, built_in) = (sample(), Self::default());
        let mut faults = Vec::new();
        for (language, (file, _)) in [Language::Kk, Language::Ru, Language::En].into_iter().zip(BUILT_IN[SMS])
        {
            let count = short(&order, self, language).1;
            if count > MOST_PARTS {
                let what =
                    format!("an order of one limit takes {count} short messages, at most {MOST_PARTS} leave");
                faults.push(TextFault { file, line: 0, what });
                self.templates[SMS][place(language)] = built_in.sms(language).clone();
            }
        }
        faults
    }

    /// The short message of a made-up order, and how many parts it takes.
    #[must_use]
    pub fn shown(&self, language: Language) -> (String, usize) {
        short(&sample(), self, language)
    }
}

fn short(order: &Order, texts: &Texts, language: Language) -> (String, usize) {
    let notice = Notice::new(order, Tz::Asia__Almaty, texts, language);
    let text = notice.map(|notice| notice.short()).unwrap_or_default();
    let count = parts(&text);
    (text, count)
}

/// A file that is there, or what is wrong with it.
fn read(path: &Path, usage: usize) -> Result<Option<Template>, Vec<Fault>> {
    let whole = |what: String| vec![Fault { line: 0, what }];
    let Ok(metadata) = fs::metadata(path) else { return Ok(None) };
    if metadata.len() > MOST_BYTES {
        return Err(whole(format!("has more than {MOST_BYTES} bytes")));
    }
    let text = fs::read_to_string(path).map_err(|error| whole(format!("cannot be read: {error}")))?;
    let template = Template::read(&text)?;
    let missing = if usage == LEGAL { Vec::new() } else { missing(&template) };
    if missing.is_empty() { Ok(Some(template)) } else { Err(missing.into_iter().flat_map(whole).collect()) }
}

/// What a message cannot do without.
fn missing(template: &Template) -> Vec<String> {
    let mut missing = Vec::new();
    for (name, about) in About::ALL.into_iter().filter(|(_, about)| *about != About::Step) {
        let limits: &[&str] = if LIMITING.contains(&about) { &["limit_mw", "from", "to"] } else { &[] };
        let withdraws: &[&str] = if about == About::Recall { &["withdraws"] } else { &[] };
        let needed = ["order_no", "facility", "check"].iter().chain(limits).chain(withdraws);
        let lacking = needed.filter(|place| !template.has(about, place));
        missing.extend(lacking.map(|place| format!("no line for [{name}] holds {{{place}}}")));
    }
    missing
}

/// An order nobody is meant by.
fn sample() -> Order {
    use chrono::{TimeZone as _, Utc};
    use kezek_model::order::{Contact, Head, Notice, Priority, Segment};
    use kezek_model::units::Kw;
    let at = |hour: u32| Utc.with_ymd_and_hms(2026, 1, 24, hour, 0, 0).single().unwrap_or_default();
    let contact = Contact { name: "-".into(), phone: "+7 700 000 00 00".into() };
    Order {
        order_no: "2026-0124-S022-v5".into(),
        kind: OrderKind::Limit,
        priority: Priority::Normal,
        environment: "sample".into(),
        facility: "S022".into(),
        sequence: 5,
        epoch: 1,
        supersedes: None,
        plan_digest: String::new(),
        notice: Notice { contact, ..Notice::default() },
        issued_at: at(7),
        not_before: at(7),
        expires: at(17),
        ack_by: at(8),
        deliver_by: at(8),
        window_from: at(12),
        window_to: at(17),
        segments: vec![Segment { from: at(12), to: at(17), limit: Kw(2_000), cut: Kw(18_000) }],
        depth_base: "nominated".into(),
        floor: Kw::ZERO,
        ramp_up: None,
        restore: None,
        journal_head: Head::empty(),
    }
}

/// Length and time of each file: what tells that one was changed.
type Stamp = Vec<Option<(u64, SystemTime)>>;

struct Known {
    stamp: Stamp,
    texts: Arc<Texts>,
    faults: Vec<String>,
}

/// The texts of a control room.
pub(crate) struct TextShelf {
    folder: Option<PathBuf>,
    built_in: Arc<Texts>,
    known: Mutex<Option<Known>>,
}

impl TextShelf {
    pub(crate) fn new(settings: &NoticeSettings) -> Self {
        let built_in = Arc::new(Texts::default());
        Self { folder: settings.folder.clone(), built_in, known: Mutex::new(None) }
    }

    /// The texts that stand now, and what is wrong with the files, a fault a line.
    pub(crate) fn current(&self) -> (Arc<Texts>, Vec<String>) {
        let Some(folder) = &self.folder else { return (Arc::clone(&self.built_in), Vec::new()) };
        let stamp = stamp(folder);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let current = match known.take().filter(|known| known.stamp == stamp) {
            Some(known) => known,
            None => look(folder, stamp),
        };
        let answer = (Arc::clone(&current.texts), current.faults.clone());
        *known = Some(current);
        answer
    }
}

fn stamp(folder: &Path) -> Stamp {
    let of = |(file, _): (&str, &str)| {
        let found = fs::metadata(folder.join(file)).ok()?;
        Some((found.len(), found.modified().ok()?))
    };
    std::iter::once(folder.is_dir().then_some((0, SystemTime::UNIX_EPOCH)))
        .chain(built_in().map(of))
        .collect()
}

fn look(folder: &Path, stamp: Stamp) -> Known {
    let (texts, faults) = Texts::of(folder);
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    if let Some(first) = faults.first() {
        tracing::warn!(faults = faults.len(), %first, "texts of notices cannot be used; those built in stand");
    }
    Known { stamp, texts: Arc::new(texts), faults }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_has_no_fault() {
        for (file, text) in built_in() {
            let template = Template::read(text).unwrap();
            assert!(
                file.starts_with("legal") || missing(&template).is_empty(),
                "{file}: {:?}",
                missing(&template)
            );
        }
        assert_eq!(built_in().count(), 9);
    }

    #[test]
    fn a_sample_says_how_many_parts_it_takes() {
        let parts =
            [Language::Kk, Language::Ru, Language::En].map(|language| Texts::default().shown(language).1);
        assert_eq!(parts, [3, 3, 1]);
    }

    #[test]
    fn a_file_takes_the_place_of_what_is_built_in_and_a_faulty_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = TextShelf::new(&NoticeSettings { folder: Some(folder.path().to_owned()) });
        let short = || short(&sample(), &shelf.current().0, Language::En).0;
        assert!(short().starts_with("CUT S022 to 2.0 MW"), "{}", short());
        let own = include_str!("texts/sms.en.txt").replace("CUT {", "SHED {");
        let path = folder.path().join("sms.en.txt");
        fs::write(&path, own).unwrap();
        assert!(short().starts_with("SHED S022 to 2.0 MW"), "{}", short());
        fs::write(&path, "[cut] {facility} {limt_mw}\nwithout a number\n").unwrap();
        assert!(short().starts_with("CUT S022"), "what is built in stands: {}", short());
        let faults = shelf.current().1;
        assert!(faults[0].starts_with("sms.en.txt, line 1: `{limt_mw}` is no place"), "{faults:?}");
        fs::write(&path, "{facility} {order_no} {limit_mw} {from}").unwrap();
        let faults = shelf.current().1;
        assert!(faults.contains(&"sms.en.txt: no line for [cut] holds {to}".to_owned()), "{faults:?}");
        fs::remove_file(&path).unwrap();
        assert_eq!(shelf.current().1, Vec::<String>::new());
    }

    #[test]
    fn a_short_message_that_never_fits_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let long = format!("{}{}\n", include_str!("texts/sms.ru.txt"), "очень длинно ".repeat(40));
        fs::write(folder.path().join("sms.ru.txt"), long).unwrap();
        let (texts, faults) = Texts::of(folder.path());
        assert!(faults.len() == 1 && faults[0].what.contains("at most 5 leave"), "{faults:?}");
        assert_eq!(texts.shown(Language::Ru), Texts::default().shown(Language::Ru));
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_fault() {
        let (_, faults) = Texts::of(Path::new("/no/such/folder"));
        assert_eq!(faults.len(), 1, "{faults:?}");
    }
}
