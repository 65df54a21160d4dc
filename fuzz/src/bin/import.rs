//! A profile and the table that it is for.
#![no_main]

use kezek_fuzz::{bundle, files, plant, texts};
use kezek_model::case::CaseFiles;
use kezek_model::import::Profile;
use libfuzzer_sys::fuzz_target;

const PROFILE: &str = r#"zone = "z"
step_minutes = 60
unit = "MW"
fill = "last"
[time]
column = "t"
formats = ["rfc3339", "%Y-%m-%d %H:%M"]
time_zone = "Asia/Almaty"
[[column]]
name = "d"
part = "demand"
min = 0.0
max = 90.0
[constant]
supply_mw = 100.0
"#;
const TABLE: &str =
    "t,d\n2024-02-29 22:00,1\n2024-02-29 23:00,2.5\n2024-02-29 23:00,3\n2024-03-01T01:00:00Z,\n";

fn seeds() -> Vec<Vec<u8>> {
    let mut profiles: Vec<Vec<u8>> = texts("examples/import").into_values().collect();
    profiles.push(PROFILE.into());
    let seed = |profile| {
        bundle(&CaseFiles { files: [("p".to_owned(), profile), ("t".to_owned(), TABLE.into())].into() })
    };
    profiles.into_iter().map(seed).collect()
}

fuzz_target!(init: plant(seeds()), |bytes: &[u8]| {
    let files = files(bytes);
    let text = |name| String::from_utf8_lossy(files.get(name).unwrap_or_default());
    if let Ok(profile) = Profile::from_toml("p.toml", &text("p")) {
        kezek_model::noise::table(&profile, files.get("t").unwrap_or_default());
    }
});
