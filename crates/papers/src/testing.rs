//! What stands on laid-out pages.

use typst::layout::{Frame, FrameItem};
use typst_layout::PagedDocument;

fn walk(frame: &Frame, see: &mut impl FnMut(&FrameItem)) {
    for (_, item) in frame.items() {
        see(item);
        if let FrameItem::Group(group) = item {
            walk(&group.frame, see);
        }
    }
}

fn seen(document: &PagedDocument, mut see: impl FnMut(&FrameItem)) {
    for page in document.pages() {
        walk(&page.frame, &mut see);
    }
}

/// How many letters have no shape in any font.
pub(crate) fn unknown(document: &PagedDocument) -> usize {
    let mut count = 0;
    seen(document, |item| {
        if let FrameItem::Text(text) = item {
            count += text.glyphs.iter().filter(|glyph| glyph.id == 0).count();
        }
    });
    count
}

/// A text without its spaces: on a page lines break where they may.
pub(crate) fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

/// All words, without spaces.
pub(crate) fn words(document: &PagedDocument) -> String {
    let mut words = String::new();
    seen(document, |item| {
        if let FrameItem::Text(text) = item {
            words += &bare(&text.text);
        }
    });
    words
}
