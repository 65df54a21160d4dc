//! Keys from a seed: a run must give the same signatures again.

use crate::draw::Draw;
use kezek_courier::PrivateKey;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A private key in its text form, drawn; none where the draw is not one, which it always is.
fn private(draw: &mut Draw) -> Option<PrivateKey> {
    let mut digit =
        |step: u64| char::from(DIGITS[usize::try_from(draw.below(64 / step) * step).unwrap_or(0)]);
    // 32 bytes: 42 digits of six bits, one of four.
    let text: String = (0..42).map(|_| digit(1)).collect();
    format!("whsk_{text}{}=", digit(4)).parse().ok()
}

/// The key of somebody, by name and by how often it has been changed.
pub(super) fn of(seed: u64, name: &str, turn: u64) -> Option<PrivateKey> {
    let letters = name.bytes().fold(seed, |sum, byte| sum.wrapping_mul(257).wrapping_add(u64::from(byte)));
    private(&mut Draw(letters.wrapping_mul(257).wrapping_add(turn)))
}
