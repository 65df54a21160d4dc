//! Letters for what is drawn without a browser: DejaVu Sans Condensed, cut down to Latin, Cyrillic with the letters of Kazakh,
//! and the signs that figures need. Its licence lies beside it.

/// The plain face.
pub const REGULAR: &[u8] = include_bytes!("../fonts/DejaVuSansCondensed.ttf");
/// The bold face.
pub const BOLD: &[u8] = include_bytes!("../fonts/DejaVuSansCondensed-Bold.ttf");
