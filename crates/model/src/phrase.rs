//! Sentences with places: written by one part of the house, recognised by another, said in the language of a reader.
//!
//! A pattern is a sentence with places in braces. The last sign of a place says what may stand in it: `{mw#}` a number,
//! `{until@}` an instant, `{why~}` another sentence, `{what?}` another sentence or words; any other, such as `{zone}`,
//! takes words as they are.

/// What may stand in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name, or what a person wrote.
    Words,
    /// A number in its plain form.
    Number,
    /// An instant.
    Instant,
    /// A sentence of another pattern.
    Sentence,
    /// One, or words.
    Either,
}

impl Kind {
    fn of(place: &str) -> Self {
        match place.as_bytes().last() {
            Some(b'#') => Self::Number,
            Some(b'@') => Self::Instant,
            Some(b'~') => Self::Sentence,
            Some(b'?') => Self::Either,
            _ => Self::Words,
        }
    }
}

/// A pattern with `N` places, to write sentences with.
#[derive(Clone, Copy, Debug)]
pub struct Phrase<const N: usize>(pub &'static str);

impl<const N: usize> Phrase<N> {
    /// The sentence with these parts in its places, in their order.
    #[must_use]
    pub fn with(&self, parts: [&str; N]) -> String {
        let mut parts = parts.into_iter();
        fill(self.0, |_| parts.next().unwrap_or_default())
    }
}

/// How many places a pattern has.
#[must_use]
pub const fn places(pattern: &str) -> usize {
    let (bytes, mut at, mut count) = (pattern.as_bytes(), 0, 0);
    while at < bytes.len() {
        if bytes[at] == b'{' {
            count += 1;
        }
        at += 1;
    }
    count
}

/// The sentence of a pattern with parts in its places.
pub fn fill<'p, T: AsRef<str>>(pattern: &'p str, mut part: impl FnMut(&'p str) -> T) -> String {
    let (mut text, mut rest) = (String::new(), pattern);
    while let Some((before, place, after)) = first_place(rest) {
        text.push_str(before);
        text.push_str(part(place).as_ref());
        rest = after;
    }
    text + rest
}

/// What stands in the places of a pattern, if the text is one of its sentences. `say` says a part in other words, or
/// that it cannot stand there.
pub fn read<'p>(
    pattern: &'p str,
    text: &str,
    say: &impl Fn(Kind, &str) -> Option<String>,
) -> Option<Vec<(&'p str, String)>> {
    let Some((before, place, after)) = first_place(pattern) else {
        return (pattern == text).then(Vec::new);
    };
    let text = text.strip_prefix(before)?;
    let follows = after.split('{').next().unwrap_or_default();
    // Whatever takes the last place of a pattern that ends with it takes all that is left.
    let all = after.is_empty().then_some(text.len());
    let ends =
        all.into_iter().chain(text.match_indices(follows).map(|(end, _)| end).filter(|_| all.is_none()));
    ends.into_iter().find_map(|end| {
        let said = say(Kind::of(place), &text[..end])?;
        let mut parts = read(after, &text[end..], say)?;
        parts.insert(0, (place, said));
        Some(parts)
    })
}

/// What stands before the first place of a pattern, the place, and what stands after it.
fn first_place(pattern: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = pattern.split_once('{')?;
    let (place, after) = rest.split_once('}')?;
    Some((before, place, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Phrase<3> = Phrase("zone {zone} is short of {mw#} MW; {why~}");

    /// Numbers are digits, sentences end with a full stop; both are said in brackets.
    fn say(kind: Kind, part: &str) -> Option<String> {
        let fits = match kind {
            Kind::Number => part.parse::<f64>().is_ok(),
            Kind::Sentence => part.ends_with('.'),
            _ => return Some(part.to_owned()),
        };
        fits.then(|| format!("[{part}]"))
    }

    fn parts(text: &str) -> Option<Vec<(&'static str, String)>> {
        read(SHORT.0, text, &say)
    }

    #[test]
    fn what_is_written_is_recognised() {
        assert_eq!(places(SHORT.0), 3);
        let text = SHORT.with(["South", "0.250", "it rains."]);
        assert_eq!(text, "zone South is short of 0.250 MW; it rains.");
        let said = |text: &str| text.to_owned();
        let expected = [("zone", said("South")), ("mw#", said("[0.250]")), ("why~", said("[it rains.]"))];
        assert_eq!(parts(&text).unwrap(), expected);
    }

    #[test]
    fn what_cannot_stand_in_a_place_is_not_taken_for_it() {
        for text in
            ["zone South is short of much MW; it rains.", "zone South is short of 1 MW; no", "zone South", ""]
        {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_may_look_like_what_follows_it() {
        let found = parts("zone A is short of B is short of 2 MW; it rains.").unwrap();
        assert_eq!(found[0].1, "A is short of B");
    }

    #[test]
    fn parts_go_to_their_places_and_are_not_read_again() {
        let text = fill("{b} before {a#}", |place| if place == "b" { "{a#}" } else { "1" });
        assert_eq!(text, "{a#} before 1");
    }
}
