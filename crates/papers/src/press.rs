//! The press: a template that is built in and the facts as JSON make pages, and pages make a PDF.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use kezek_pages::fonts;
use serde_json::Value;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

const TEMPLATE: &str = "/paper.typ";
const FACTS: &str = "/facts.json";
const CODE: &str = "/code.svg";
/// Papers after which what the typesetter remembers of a paper is forgotten.
const REMEMBERED: usize = 4;

/// Why a paper could not be set.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The typesetter refused.
    #[error("the paper cannot be set: {0}")]
    Unset(String),
    /// Something in the facts cannot be written down.
    #[error("the paper cannot be set: {0}")]
    Unwritten(#[from] kezek_model::canonical::CanonicalError),
}

/// One paper: what is known to its template.
pub(crate) struct Sheet {
    /// The template.
    pub(crate) template: &'static str,
    /// What it is filled with.
    pub(crate) facts: Value,
    /// A picture, as SVG; may be empty.
    pub(crate) code: String,
    /// Tells papers apart, the same for the same facts.
    pub(crate) ident: String,
    /// The date of the paper: that of its facts.
    pub(crate) dated: DateTime<Utc>,
}

struct Types {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    ids: Option<Ids>,
}

/// The only files there are.
#[derive(Clone, Copy)]
struct Ids {
    template: FileId,
    facts: FileId,
    code: FileId,
}

static TYPES: LazyLock<Types> = LazyLock::new(|| {
    let fonts: Vec<Font> =
        [fonts::REGULAR, fonts::BOLD].into_iter().flat_map(|face| Font::iter(Bytes::new(face))).collect();
    let id = |path: &str| {
        let path = VirtualPath::new(path).ok()?;
        Some(RootedPath::new(VirtualRoot::Project, path).intern())
    };
    let ids = || Some(Ids { template: id(TEMPLATE)?, facts: id(FACTS)?, code: id(CODE)? });
    Types {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
        ids: ids(),
    }
});

/// All that the typesetter can see of the world.
struct Desk {
    ids: Ids,
    template: Source,
    facts: Bytes,
    code: Bytes,
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &TYPES.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &TYPES.book
    }

    fn main(&self) -> FileId {
        self.ids.template
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.ids.template { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match id {
            id if id == self.ids.facts => Ok(self.facts.clone()),
            id if id == self.ids.code => Ok(self.code.clone()),
            _ => Err(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        TYPES.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

impl Sheet {
    /// The paper as PDF.
    pub(crate) fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        let document = self.pages()?;
        let options = PdfOptions {
            ident: Smart::Custom(self.ident.clone()),
            creator: Smart::Custom(Some("Kezek".into())),
            timestamp: timestamp(self.dated),
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options).map_err(|faults| refused(&faults))
    }

    /// The pages, laid out.
    pub(crate) fn pages(&self) -> Result<PagedDocument, PaperError> {
        let ids = TYPES.ids.ok_or_else(|| PaperError::Unset("its files have no names".into()))?;
        let desk = Desk {
            ids,
            template: Source::new(ids.template, self.template.into()),
            facts: Bytes::from_string(self.facts.to_string()),
            code: Bytes::from_string(self.code.clone()),
        };
        let made = typst::compile::<PagedDocument>(&desk).output;
        typst::comemo::evict(REMEMBERED);
        made.map_err(|faults| refused(&faults))
    }
}

fn timestamp(at: DateTime<Utc>) -> Option<Timestamp> {
    let part = |value: u32| u8::try_from(value).ok();
    let date = (part(at.month())?, part(at.day())?);
    let time = (part(at.hour())?, part(at.minute())?, part(at.second())?);
    Datetime::from_ymd_hms(at.year(), date.0, date.1, time.0, time.1, time.2).map(Timestamp::new_utc)
}

fn refused(faults: &[SourceDiagnostic]) -> PaperError {
    let said: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    PaperError::Unset(said.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sheet(template: &'static str) -> Sheet {
        let dated = "2026-01-23T12:00:00Z".parse().unwrap();
        Sheet { template, facts: json!({"a": 1}), code: String::new(), ident: "x".into(), dated }
    }

    #[test]
    fn nothing_is_read_but_the_facts_and_nobody_asks_for_the_time() {
        assert!(sheet("#json(\"/facts.json\").a").pages().is_ok());
        for outside in ["#read(\"/etc/hostname\")", "#read(\"../Cargo.toml\")", "#include \"other.typ\""] {
            assert!(sheet(outside).pages().is_err(), "{outside}");
        }
        assert!(sheet("#import \"@preview/tablex:0.0.8\": *").pages().is_err(), "no packages");
        assert!(sheet("#datetime.today().display()").pages().is_err(), "no clock");
    }

    #[test]
    fn kazakh_letters_have_shapes_and_what_has_none_is_seen() {
        let letters = sheet("#set text(font: \"DejaVu Sans\")\nӘәҒғҚқҢңӨөҰұҮүҺһІі № – 2\u{202f}000 ▲ ■");
        assert_eq!(crate::testing::unknown(&letters.pages().unwrap()), 0);
        let strange = sheet("#set text(font: \"DejaVu Sans\")\n漢");
        assert_eq!(crate::testing::unknown(&strange.pages().unwrap()), 1);
    }
}
