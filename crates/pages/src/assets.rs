//! Style sheet and script. Their paths carry a digest, so that a browser may keep them for ever.

/// A file that every page asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Name without ending.
    pub name: &'static str,
    /// Ending.
    pub ending: &'static str,
    /// Media type.
    pub media: &'static str,
    /// The file.
    pub text: &'static str,
}

/// The style sheet.
pub const STYLE: Asset = Asset {
    name: "kezek",
    ending: "css",
    media: "text/css; charset=utf-8",
    text: include_str!("../assets/kezek.css"),
};

/// What differs on paper.
pub const PAPER: Asset = Asset {
    name: "paper",
    ending: "css",
    media: "text/css; charset=utf-8",
    text: include_str!("../assets/paper.css"),
};

/// The script.
pub const SCRIPT: Asset = Asset {
    name: "kezek",
    ending: "js",
    media: "text/javascript; charset=utf-8",
    text: include_str!("../assets/kezek.js"),
};

impl Asset {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/assets/{}-{:016x}.{}", self.name, digest(self.text.as_bytes()), self.ending)
    }

    /// The asset of a file name.
    #[must_use]
    pub fn find(file: &str) -> Option<&'static Self> {
        [&STYLE, &PAPER, &SCRIPT].into_iter().find(|asset| asset.path().ends_with(&format!("/{file}")))
    }
}

/// FNV-1a: tells versions apart, proves nothing.
const fn digest(bytes: &[u8]) -> u64 {
    let (mut sum, mut place) = (0xcbf2_9ce4_8422_2325_u64, 0);
    while place < bytes.len() {
        sum = (sum ^ bytes[place] as u64).wrapping_mul(0x0100_0000_01b3);
        place += 1;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_found_by_its_own_path_only() {
        let path = STYLE.path();
        let file = path.rsplit('/').next().unwrap();
        assert_eq!(Asset::find(file).map(|asset| asset.media), Some(STYLE.media));
        assert!(Asset::find("kezek.css").is_none() && Asset::find("").is_none());
    }

    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        for asset in [STYLE, PAPER, SCRIPT] {
            assert!(!asset.text.contains("http:") && !asset.text.contains("https:"), "{}", asset.path());
        }
    }
}
