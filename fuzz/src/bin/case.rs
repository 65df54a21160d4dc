//! The folder of a case.
#![no_main]

use kezek_fuzz::{bundle, files, plant};
use kezek_model::case::CaseFiles;
use libfuzzer_sys::fuzz_target;

fn seeds() -> Vec<Vec<u8>> {
    let folders = std::fs::read_dir("examples").expect("./dev fuzz starts in the repository");
    let paths = folders.map(|folder| folder.expect("an entry").path());
    paths.filter_map(|path| CaseFiles::from_folder(&path).ok()).map(|files| bundle(&files)).collect()
}

fuzz_target!(init: plant(seeds()), |bytes: &[u8]| kezek_model::noise::case(&files(bytes)));
