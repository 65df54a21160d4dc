//! The language that an argument names.

use kezek_model::registry::Language;

/// A language by its code.
pub(crate) fn parse(text: &str) -> Result<Language, String> {
    let known = [("kk", Language::Kk), ("ru", Language::Ru), ("en", Language::En)];
    let found = known.into_iter().find(|(code, _)| *code == text);
    found.map(|(_, language)| language).ok_or_else(|| "expected kk, ru or en".into())
}
