//! Signatures that are no signatures: every trick of the table is refused, whoever tries it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kezek_courier::{PrivateKey, PublicKey, Purpose, Signed, open_signed, sign, verify};
use serde_json::{Value, json};

/// The order of the base point, least byte first (RFC 8032, section 5.1).
const GROUP_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Points under which almost any signature fits, all eight with their second spellings.
const WEAK: [&str; 14] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

fn bytes_of(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The same signature with the group order added to its second half: it fits where that half is not checked.
fn respelled(signature: &[u8]) -> Vec<u8> {
    let mut made = signature.to_vec();
    let mut carry = 0_u16;
    for (byte, add) in made[32..].iter_mut().zip(GROUP_ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    made
}

/// What somebody may make of a signature that is genuine.
fn tricks(genuine: &[u8], stranger: &[u8]) -> Vec<(String, Vec<u8>)> {
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut made = genuine.to_vec();
        change(&mut made);
        made
    };
    let mut tricks = vec![
        ("zero".to_owned(), vec![0; 64]),
        ("ones".into(), vec![0xff; 64]),
        ("second half respelled".into(), respelled(genuine)),
        ("second half zero".into(), with(&|made| made[32..].fill(0))),
        ("first half zero".into(), with(&|made| made[..32].fill(0))),
        ("halves swapped".into(), with(&|made| made.rotate_left(32))),
        ("first half of another".into(), with(&|made| made[..32].copy_from_slice(&stranger[..32]))),
        ("second half of another".into(), with(&|made| made[32..].copy_from_slice(&stranger[32..]))),
        ("of another key".into(), stranger.to_vec()),
    ];
    for point in WEAK {
        tricks.push((format!("first half {point}, second zero"), [bytes_of(point), vec![0; 32]].concat()));
    }
    let bits = (0..512).step_by(5);
    tricks.extend(bits.map(|bit| (format!("bit {bit}"), with(&|made| made[bit / 8] ^= 1 << (bit % 8)))));
    tricks
}

#[test]
fn no_weak_key_is_pinned() {
    for point in WEAK {
        let text = format!("whpk_{}", STANDARD.encode(bytes_of(point)));
        let error = text.parse::<PublicKey>().unwrap_err().to_string();
        let known = ["weak", "second spelling", "no point of the curve"];
        assert!(known.iter().any(|why| error.contains(why)), "{point}: {error}");
        assert!(serde_json::from_value::<PublicKey>(json!(text)).is_err(), "{point}");
    }
}

#[test]
fn no_made_up_signature_fits_a_kept_value() {
    let (key, stranger) = (PrivateKey::generate().unwrap(), PrivateKey::generate().unwrap());
    let body = json!({"facility": "F1", "limit_mw": 2.5, "reason": "ё"});
    let sign = |key: &PrivateKey| {
        let signed = Signed::new(Purpose::Answer, body.clone(), key).unwrap();
        STANDARD.decode(signed.signature.to_string()).unwrap()
    };
    let open = |signature: &str, key_id: &str| {
        let text = json!({"body": body, "key_id": key_id, "signature": signature}).to_string();
        open_signed::<Value>(Purpose::Answer, text.as_bytes(), &[key.public()])
    };
    let genuine = sign(&key);
    assert!(open(&STANDARD.encode(&genuine), &key.key_id()).is_ok(), "the genuine one is taken");
    for (trick, signature) in tricks(&genuine, &sign(&stranger)) {
        assert!(open(&STANDARD.encode(signature), &key.key_id()).is_err(), "{trick}");
    }
    let genuine = STANDARD.encode(genuine);
    for (trick, signature, key_id) in [
        ("the id of another key", genuine.clone(), stranger.key_id()),
        ("no key id", genuine.clone(), String::new()),
        ("a key id in capitals with a tail", genuine.clone(), format!("{} ", key.key_id())),
        ("base64 without its end", genuine.trim_end_matches('=').to_owned(), key.key_id()),
        ("base64 with a line end", format!("{genuine}\n"), key.key_id()),
        ("base64 of addresses", genuine.replace('+', "-").replace('/', "_") + "-", key.key_id()),
        ("nothing", String::new(), key.key_id()),
        ("cut", genuine[..84].to_owned(), key.key_id()),
        ("extended", format!("{}AAAA", &genuine[..84]), key.key_id()),
    ] {
        assert!(open(&signature, &key_id).is_err(), "{trick}");
    }
}

#[test]
fn no_changed_value_fits_its_signature() {
    let key = PrivateKey::generate().unwrap();
    let body = json!({"facility": "F1", "limit_mw": 2.5, "reason": "\u{451}", "list": [1, 2]});
    let signed = Signed::new(Purpose::Report, body, &key).unwrap();
    let genuine = serde_json::to_string(&signed).unwrap();
    let open = |text: &str| open_signed::<Value>(Purpose::Report, text.as_bytes(), &[key.public()]);
    assert!(open(&genuine).is_ok());
    for (trick, from, to) in [
        ("a number", "2.5", "2.6"),
        ("a number as text", "2.5", "\"2.5\""),
        ("the same letter, composed of two", "\u{451}", "\u{435}\u{308}"),
        ("a letter that looks the same", "F1", "\u{3dc}1"),
        ("an invisible letter", "F1", "F\u{200b}1"),
        ("a byte order mark", "F1", "\u{feff}F1"),
        ("white space in a text", "F1", "F1 "),
        ("another order in a list", "[1,2]", "[2,1]"),
        ("a longer list", "[1,2]", "[1,2,3]"),
        ("a shorter list", "[1,2]", "[1]"),
        ("one more field", "\"facility\"", "\"more\":0,\"facility\""),
        ("a field of another spelling", "\"limit_mw\"", "\"Limit_mw\""),
        ("a key twice, the genuine one last", "\"limit_mw\"", "\"limit_mw\":9,\"limit_mw\""),
        ("a key twice, escaped", "\"limit_mw\"", "\"limit_\\u006dw\":9,\"limit_mw\""),
        ("two bodies", "\"body\"", "\"body\":{},\"body\""),
        ("two signatures", "\"signature\"", "\"signature\":\"\",\"signature\""),
        ("a field beside", "\"key_id\"", "\"alg\":\"none\",\"key_id\""),
        ("a number too long for a double", "[1,2]", "[1,2.00000000000000000000001]"),
    ] {
        let changed = genuine.replacen(from, to, 1);
        assert_ne!(changed, genuine, "{trick}");
        let taken = open(&changed);
        let same_meaning = trick == "a number too long for a double";
        assert_eq!(taken.is_ok(), same_meaning, "{trick}");
        if let Ok(taken) = taken {
            assert_eq!(taken.body, signed.body, "{trick}: another meaning");
        }
    }
    for end in (0..genuine.len()).filter(|end| genuine.is_char_boundary(*end)) {
        assert!(open(&genuine[..end]).is_err(), "cut at {end}");
    }
    assert!(open(&format!("{genuine}{genuine}")).is_err() && open(&format!("{genuine}x")).is_err());
}

#[test]
fn a_signature_is_good_for_one_purpose_and_no_envelope() {
    let key = PrivateKey::generate().unwrap();
    let purposes = [Purpose::Order, Purpose::Answer, Purpose::Report, Purpose::Voluntary];
    for made in purposes {
        let signed = Signed::new(made, json!({"a": 1}), &key).unwrap();
        let bytes = serde_json::to_vec(&signed).unwrap();
        for read in purposes.into_iter().filter(|read| *read != made) {
            assert!(open_signed::<Value>(read, &bytes, &[key.public()]).is_err(), "{made:?} as {read:?}");
        }
        let now = "2022-01-24T08:00:00Z".parse().unwrap();
        let mut envelope = sign(br#"{"a":1}"#, "m1", now, &[&key]).unwrap();
        envelope.signature = format!("v1a,{}", signed.signature);
        assert!(verify(&envelope, br#"{"a":1}"#, &[key.public()], now).is_err(), "{made:?}");
    }
}

#[test]
fn no_changed_envelope_is_taken() {
    let (key, stranger) = (PrivateKey::generate().unwrap(), PrivateKey::generate().unwrap());
    let now = "2022-01-24T08:00:00Z".parse().unwrap();
    let body = b"{\"limit_mw\":2.5}";
    let genuine = sign(body, "order-1", now, &[&key]).unwrap();
    let keys = [key.public()];
    assert!(verify(&genuine, body, &keys, now).is_ok());
    let other = sign(body, "order-1", now, &[&stranger]).unwrap();
    let raw = |text: &str| STANDARD.decode(text.strip_prefix("v1a,").unwrap()).unwrap();
    for (trick, signature) in tricks(&raw(&genuine.signature), &raw(&other.signature)) {
        let mut made = genuine.clone();
        made.signature = format!("v1a,{}", STANDARD.encode(signature));
        assert!(verify(&made, body, &keys, now).is_err(), "{trick}");
    }
    for seconds in [-301, 301, -86_400, 86_400] {
        let then = now + chrono::TimeDelta::seconds(seconds);
        assert!(verify(&genuine, body, &keys, then).is_err(), "{seconds} s later");
    }
    for (trick, id, timestamp) in [
        ("another id", "order-2", genuine.timestamp.clone()),
        ("a byte moved over the stop", "order-1.1", genuine.timestamp[1..].to_owned()),
        ("another stamp", "order-1", (now.timestamp() + 1).to_string()),
        ("a stamp with a sign", "order-1", format!("+{}", genuine.timestamp)),
        ("a stamp with a nought", "order-1", format!("0{}", genuine.timestamp)),
        ("a stamp in other digits", "order-1", "\u{661}\u{666}".into()),
        ("a stamp beyond time", "order-1", "9".repeat(40)),
    ] {
        let made = kezek_courier::Headers { id: id.into(), timestamp, signature: genuine.signature.clone() };
        assert!(verify(&made, body, &keys, now).is_err(), "{trick}");
    }
    for signature in ["v1,", "v1a", "none", "", "v1a,AAAA"] {
        let made = kezek_courier::Headers { signature: signature.into(), ..genuine.clone() };
        assert!(verify(&made, body, &keys, now).is_err(), "{signature}");
    }
}
