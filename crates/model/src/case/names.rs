//! Names of columns and keys against those that are known, and the nearest known one.

/// Most names that are looked at for a suggestion.
const MOST_CANDIDATES: usize = 10_000;

/// What is wrong with the names that were found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct NameCheck {
    /// Positions of unknown names, with the nearest known one that is not there yet.
    pub(super) unknown: Vec<(usize, Option<&'static str>)>,
    /// Required names that are not there, unless an unknown one is taken for them.
    pub(super) missing: Vec<&'static str>,
}

/// Compares names with the known ones.
pub(super) fn check(
    found: &[&str],
    required: &'static [&'static str],
    optional: &'static [&'static str],
) -> NameCheck {
    let known = || required.iter().chain(optional).copied();
    let absent: Vec<&'static str> = known().filter(|name| !found.contains(name)).collect();
    let is_unknown = |name: &str| !known().any(|candidate| candidate == name);
    let unknown: Vec<_> = found
        .iter()
        .enumerate()
        .filter(|(_, name)| is_unknown(name))
        .map(|(place, name)| (place, nearest(name, absent.iter().copied())))
        .collect();
    let taken = |name: &str| unknown.iter().any(|(_, near)| *near == Some(name));
    let missing = required.iter().copied().filter(|name| absent.contains(name) && !taken(name)).collect();
    NameCheck { unknown, missing }
}

/// The candidate that is close enough to be a slip of the pen.
pub(super) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    if length > 64 {
        return None;
    }
    let allowed = (length / 3).clamp(1, 4);
    candidates
        .take(MOST_CANDIDATES)
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= allowed)
        .map(|candidate| (distance(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `; did you mean ...?`, or nothing.
pub(super) fn suggestion(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// Number of letters to insert, drop, change or swap with their neighbour.
fn distance(one: &str, two: &str) -> usize {
    let (one, two): (Vec<char>, Vec<char>) = (one.chars().collect(), two.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=two.len()).collect();
    for i in 0..one.len() {
        let mut current = vec![i + 1];
        for j in 0..two.len() {
            let change = previous[j] + usize::from(one[i] != two[j]);
            let swapped = i > 0 && j > 0 && one[i] == two[j - 1] && one[i - 1] == two[j];
            let swap = if swapped { before[j - 1] + 1 } else { usize::MAX };
            current.push(change.min(swap).min(previous[j + 1] + 1).min(current[j] + 1));
        }
        before = std::mem::replace(&mut previous, current);
    }
    previous[two.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let known = ["headroom_mw", "supply_mw", "zone"];
        assert_eq!(nearest("hedroom_mw", known.into_iter()), Some("headroom_mw"));
        assert_eq!(nearest("zoen", known.into_iter()), Some("zone"));
        assert_eq!(nearest("Zone", known.into_iter()), Some("zone"));
        assert_eq!(nearest("price", known.into_iter()), None);
        assert_eq!(nearest(&"z".repeat(100_000), known.into_iter()), None);
    }

    #[test]
    fn a_misspelt_required_name_is_not_missing_too() {
        let check = check(&["facilty", "mwh"], &["facility", "mw"], &["note"]);
        assert_eq!(check.unknown, [(0, Some("facility")), (1, Some("mw"))]);
        assert!(check.missing.is_empty());
    }

    #[test]
    fn what_is_there_is_never_suggested() {
        let check = check(&["zone", "zones"], &["zone", "mw"], &[]);
        assert_eq!(check.unknown, [(1, None)]);
        assert_eq!(check.missing, ["mw"]);
    }
}
