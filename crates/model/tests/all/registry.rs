//! Whatever lies in the files of the registry: a registry or faults, never a panic, and nothing that could carry a
//! command into a mail or into the number of an order.

use crate::noise::SPITE;
use kezek_model::case::CaseFiles;
use kezek_model::noise;
use proptest::prelude::*;

const FILES: [(&str, &str, usize); 3] = [
    ("contacts.csv", "facility,role,name,language,phone,email,sms\n", 7),
    ("endpoints.csv", "facility,channel,address,public_key,relay\n", 5),
    ("tenants.csv", "facility,tenant,licence\n", 3),
];
const SENSE: [&str; 10] = [
    "F1",
    "F2",
    "owner",
    "ru",
    "push",
    "+7 700 000 00 00",
    "a@mine.example",
    "https://mine.example/orders",
    "whpk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "a@b>\r\nRCPT TO:<x@y",
];

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => proptest::sample::select(&SENSE[..]).prop_map(str::to_owned),
        1 => proptest::sample::select(&SPITE[..]).prop_map(str::to_owned),
        1 => ".{0,12}",
    ]
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cells_give_a_sound_registry_or_faults(
        which in 0usize..3,
        rows in prop::collection::vec(prop::collection::vec(cell(), 7), 0..5),
    ) {
        let (name, header, width) = FILES[which];
        let lines = rows.iter().map(|row| {
            let cells: Vec<String> = row.iter().take(width).map(|cell| quoted(cell)).collect();
            cells.join(",") + "\n"
        });
        let text = header.to_owned() + &lines.collect::<String>();
        let files = CaseFiles { files: [(name.to_owned(), text.into_bytes())].into() };
        noise::registry(&files);
    }

    #[test]
    fn any_bytes_give_a_registry_or_faults(which in 0usize..3, bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let files = CaseFiles { files: [(FILES[which].0.to_owned(), bytes)].into() };
        noise::registry(&files);
    }
}
