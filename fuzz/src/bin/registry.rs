//! Contacts, endpoints and tenants.
#![no_main]

use kezek_fuzz::{files, plant};
use libfuzzer_sys::fuzz_target;

const SEED: &str = "==> contacts.csv
facility,role,name,language,phone,email,sms
F1,owner,A. Person,kk,+7 700 000 00 00,a@mine.example,+77000000000
==> endpoints.csv
facility,channel,address,public_key,relay
F1,push,https://mine.example/orders,whpk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,
==> tenants.csv
facility,tenant,licence
F1,T1,L-1
";

fuzz_target!(init: plant([SEED.into()]), |bytes: &[u8]| kezek_model::noise::registry(&files(bytes)));
