//! The names that other files refer to.

use super::names::{nearest, suggestion};
use super::table::Row;
use super::value;

/// Known names.
pub(super) struct Known {
    /// What they are names of, said to a person.
    what: &'static str,
    /// Sorted, so that a name is found by halves.
    names: Vec<String>,
}

/// What a cell refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    /// A known name, by position.
    To(usize),
    /// A fault was told, or the names are not known themselves.
    Lost,
}

impl Known {
    /// Takes sorted names.
    pub(super) fn new<'n>(what: &'static str, names: impl Iterator<Item = &'n str>) -> Self {
        let names: Vec<String> = names.map(str::to_owned).collect();
        debug_assert!(names.is_sorted(), "names are given in order");
        Self { what, names }
    }

    /// Number of names.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The name at a position.
    pub(super) fn name(&self, place: usize) -> &str {
        &self.names[place]
    }

    /// Looks up the name in a cell.
    pub(super) fn find(known: Option<&Self>, row: &Row<'_>, column: &str) -> Reference {
        let (Some(name), Some(known)) = (row.required(column, value::name), known) else {
            return Reference::Lost;
        };
        if let Ok(place) = known.names.binary_search_by(|candidate| candidate.as_str().cmp(name)) {
            return Reference::To(place);
        }
        let near = || suggestion(nearest(name, known.names.iter().map(String::as_str)));
        row.tell_name(column, || format!("{}{}", known.what, near()));
        Reference::Lost
    }
}
