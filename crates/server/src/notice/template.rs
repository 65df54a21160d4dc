//! A text with places that values go to, as an operator writes it: a line a sentence.
//!
//! `{name}` is a place, `{{` and `}}` are brackets. A line that begins with `[cut]`, or with several as in `[cut|drill]`,
//! stands for orders of that kind alone; `[step]` stands once for each further limit. A line none of whose places has a
//! value is left out, and so is one that begins with `#`.

use std::collections::BTreeMap;

/// Every place there is.
pub(super) const PLACES: [&str; 23] = [
    "basis",
    "check",
    "condition",
    "confirm_by",
    "contact",
    "cut_mw",
    "environment",
    "facility",
    "from",
    "issuer",
    "limit_mw",
    "more",
    "offset",
    "order_no",
    "phone",
    "reason",
    "replaces",
    "returns",
    "scope",
    "signatory",
    "to",
    "withdraws",
    "zone",
];

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Cut,
    Emergency,
    Drill,
    Free,
    Recall,
    Step,
}

impl About {
    pub(super) const ALL: [(&'static str, Self); 6] = [
        ("cut", Self::Cut),
        ("emergency", Self::Emergency),
        ("drill", Self::Drill),
        ("free", Self::Free),
        ("recall", Self::Recall),
        ("step", Self::Step),
    ];

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, about)| about)
    }
}

/// Values by place; what is not there is blank.
pub(super) type Values = BTreeMap<&'static str, String>;

/// What is wrong with a line, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) what: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Words(String),
    Place(&'static str),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    /// Of which kinds; of all where there is none.
    about: Vec<About>,
    pieces: Vec<Piece>,
}

/// A text that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    lines: Vec<Line>,
}

impl Template {
    /// Reads a text, or says all that is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, Vec<Fault>> {
        let (mut lines, mut faults) = (Vec::new(), Vec::new());
        let kept = text.trim_start_matches('\u{feff}').lines().enumerate();
        for (place, line) in kept.filter(|(_, line)| !line.trim_start().starts_with('#')) {
            match Line::read(line.trim_end()) {
                Ok(line) => lines.push(line),
                Err(what) => faults.push(Fault { line: place + 1, what }),
            }
        }
        if faults.is_empty() { Ok(Self { lines }) } else { Err(faults) }
    }

    /// A text that says nothing.
    pub(super) fn none() -> Self {
        Self { lines: Vec::new() }
    }

    /// Whether a line for orders of this kind has this place.
    pub(super) fn has(&self, about: About, place: &str) -> bool {
        let meant = self.lines.iter().filter(|line| line.is_about(about));
        meant.flat_map(|line| &line.pieces).any(|piece| matches!(piece, Piece::Place(name) if *name == place))
    }

    /// The lines for an order of a kind; the values of each further limit are in `steps`.
    pub(super) fn filled(&self, about: About, values: &Values, steps: &[Values]) -> Vec<String> {
        let mut filled: Vec<String> = Vec::new();
        for line in &self.lines {
            if line.about.contains(&About::Step) {
                let further = steps.iter().filter_map(|step| line.filled(&[step, values]));
                filled.extend(further);
            } else if line.is_about(about)
                && let Some(text) = line.filled(&[values])
            {
                let is_second_blank = text.is_empty() && filled.last().is_none_or(String::is_empty);
                filled.extend((!is_second_blank).then_some(text));
            }
        }
        while filled.last().is_some_and(String::is_empty) {
            filled.pop();
        }
        filled
    }
}

impl Line {
    fn read(text: &str) -> Result<Self, String> {
        let (about, rest) = match text.strip_prefix('[') {
            Some(tagged) => {
                let (names, rest) = tagged.split_once(']').ok_or("`[` is not closed by `]`")?;
                (abouts(names)?, rest.trim_start())
            }
            None => (Vec::new(), text),
        };
        Ok(Self { about, pieces: pieces(rest)? })
    }

    fn is_about(&self, about: About) -> bool {
        self.about.is_empty() || self.about.contains(&about)
    }

    /// The line with the first value that is known for each place; nothing where it has places and no value.
    fn filled(&self, values: &[&Values]) -> Option<String> {
        let value =
            |place: &str| values.iter().find_map(|values| values.get(place)).map_or("", String::as_str);
        let mut places = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Place(place) => Some(*place),
            Piece::Words(_) => None,
        });
        let is_plain = places.clone().next().is_none();
        (is_plain || places.any(|place| !value(place).is_empty())).then(|| {
            let text = self.pieces.iter().map(|piece| match piece {
                Piece::Words(words) => words.as_str(),
                Piece::Place(place) => value(place),
            });
            text.collect::<String>()
        })
    }
}

fn abouts(names: &str) -> Result<Vec<About>, String> {
    let about = |name: &str| {
        About::of(name).ok_or_else(|| {
            let known = About::ALL.map(|(name, _)| name).join(", ");
            format!("`[{name}]` is no kind of line; expected one of {known}")
        })
    };
    names.split('|').map(|name| about(name.trim())).collect()
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let (mut pieces, mut words, mut rest) = (Vec::new(), String::new(), text);
    while let Some(at) = rest.find(['{', '}']) {
        words += &rest[..at];
        let (bracket, after) = (&rest[at..=at], &rest[at + 1..]);
        if let Some(further) = after.strip_prefix(bracket) {
            words += bracket;
            rest = further;
            continue;
        }
        let (name, further) = match bracket {
            "{" => after.split_once('}').ok_or("`{` is not closed by `}`")?,
            _ => return Err("`}` without `{`; a bracket itself is written twice".into()),
        };
        let place = PLACES.into_iter().find(|known| *known == name);
        let place = place
            .ok_or_else(|| format!("`{{{name}}}` is no place; expected one of {}", PLACES.join(", ")))?;
        pieces.push(Piece::Words(std::mem::take(&mut words)));
        pieces.push(Piece::Place(place));
        rest = further;
    }
    pieces.push(Piece::Words(words + rest));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&'static str, &str)]) -> Values {
        pairs.iter().map(|(place, value)| (*place, (*value).to_owned())).collect()
    }

    #[test]
    fn lines_stand_for_their_kind_and_go_where_nothing_is_known() {
        let text = "# none\n[cut|drill] to {limit_mw}\n[free] free\n\n\n[step] then {limit_mw} in {facility}\nat {phone}\nend {{x}}\n\n";
        let template = Template::read(text).unwrap();
        let (first, step) = (values(&[("limit_mw", "2"), ("facility", "F")]), values(&[("limit_mw", "5")]));
        let said = template.filled(About::Drill, &first, &[step]);
        assert_eq!(said, ["to 2", "", "then 5 in F", "end {x}"]);
        assert_eq!(template.filled(About::Free, &first, &[]), ["free", "", "end {x}"]);
        assert!(template.has(About::Cut, "limit_mw") && !template.has(About::Free, "limit_mw"));
    }

    #[test]
    fn what_a_value_holds_is_no_place() {
        let template = Template::read("{reason} {phone}").unwrap();
        let said = template.filled(About::Cut, &values(&[("reason", "{phone} [cut] #")]), &[]);
        assert_eq!(said, ["{phone} [cut] # "]);
    }

    #[test]
    fn all_faults_are_told_with_their_lines() {
        let faults = Template::read("ok {to}\n# {no}\n{limit}\n[king] x\n{to\n}\n[cut x").unwrap_err();
        let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
        assert_eq!(lines, [3, 4, 5, 6, 7]);
        assert!(faults[0].what.starts_with("`{limit}` is no place") && faults[0].what.contains("limit_mw"));
        assert!(faults[1].what.starts_with("`[king]` is no kind of line"), "{faults:?}");
    }
}
