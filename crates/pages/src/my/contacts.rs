//! Whom the control room tells at a facility, and the message that tries it out.

use kezek_model::registry::Language;

use super::MyWords;
use crate::figures::fill;

/// The text of the message for a facility, from the control room of an environment with this number.
#[must_use]
pub fn trial(language: Language, facility: &str, environment: &str, phone: &str) -> String {
    fill(MyWords::of(language).trial, &[facility, environment, phone])
}

/// Somebody who is told of orders that do not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// In what part.
    pub role: String,
    /// Who.
    pub name: String,
    /// Number to call.
    pub phone: String,
    /// Number for short messages; blank where there is none.
    pub sms: String,
    /// Mailbox; blank where there is none.
    pub email: String,
}

/// Over what a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channels {
    /// Whether the control room sends short messages.
    pub sms: bool,
    /// Whether it sends e-mail.
    pub email: bool,
}

impl Person {
    /// Field, address and whether a message can go there.
    pub(super) fn ways(&self, channels: Channels) -> [(&'static str, &str, bool); 2] {
        [("sms", &self.sms, channels.sms), ("email", &self.email, channels.email)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_says_first_that_it_is_a_test_and_whose() {
        let text = trial(Language::Kk, "N01", "training", "+7 000");
        assert!(text.starts_with("KEZEK СЫНАҒЫ, N01 (training)") && text.ends_with("Тел. +7 000"), "{text}");
    }
}
