//! Zones, ties and tiers of `case.toml`.

use super::Zone;
use super::document::{Keys, Section};
use super::names::{nearest, suggestion};
use super::value::{self, COUNT, MONEY, POWER};
use crate::ids::{TieId, ZoneId};
use std::collections::BTreeMap;

const ZONE: Keys = Keys { required: &["id"], optional: &["restore_limit_mw"] };
const TIE: Keys = Keys { required: &["id", "from", "to", "limit_mw", "reverse_limit_mw"], optional: &[] };
const TIER: Keys = Keys { required: &["id", "adder_per_mwh"], optional: &[] };

/// Most zones, and most ties.
const MOST: usize = 1000;

/// A tie before `ties.csv` is laid over it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) id: TieId,
    pub(super) from: ZoneId,
    pub(super) to: ZoneId,
    pub(super) limit_mw: f64,
    pub(super) reverse_limit_mw: f64,
}

/// The zones, sorted; `None` where not all of their names could be read.
pub(super) fn zones(root: &Section<'_>) -> Option<Vec<Zone>> {
    let sections = root.sections("zone", ZONE)?;
    if sections.is_empty() && root.has("zone") {
        root.tell("zone", "no zones", "at least one [[zone]]");
    }
    let ids = names(root, "zone", &sections);
    let restore_limits: Vec<_> =
        sections.iter().map(|section| section.number("restore_limit_mw", POWER)).collect();
    let zone = |(id, restore_limit_mw): (Option<&str>, _)| Some(Zone { id: id?.into(), restore_limit_mw });
    let mut zones = ids.into_iter().zip(restore_limits).map(zone).collect::<Option<Vec<Zone>>>()?;
    zones.sort_by(|one, two| one.id.cmp(&two.id));
    zones.dedup_by(|one, two| one.id == two.id);
    (!zones.is_empty()).then_some(zones)
}

/// The ties, sorted; `None` where not all of them could be read.
pub(super) fn ties(root: &Section<'_>, zones: Option<&[Zone]>) -> Option<Vec<Line>> {
    let sections = root.sections("tie", TIE)?;
    let ids = names(root, "tie", &sections);
    let lines: Vec<Option<Line>> =
        sections.iter().zip(ids).map(|(section, id)| tie(section, id, zones)).collect();
    let mut lines = lines.into_iter().collect::<Option<Vec<Line>>>()?;
    lines.sort_by(|one, two| one.id.cmp(&two.id));
    lines.dedup_by(|one, two| one.id == two.id);
    Some(lines)
}

fn tie(section: &Section<'_>, id: Option<&str>, zones: Option<&[Zone]>) -> Option<Line> {
    let (from, to) = (end(section, "from", zones), end(section, "to", zones));
    let limit_mw = section.number("limit_mw", POWER);
    let reverse_limit_mw = section.number("reverse_limit_mw", POWER);
    if let (Some(from), Some(to)) = (&from, &to)
        && from == to
    {
        section.tell("to", value::quoted(to.as_str()), "another zone than `from`: a tie joins two zones");
    }
    let id = id?.into();
    Some(Line { id, from: from?, to: to?, limit_mw: limit_mw?, reverse_limit_mw: reverse_limit_mw? })
}

fn end(section: &Section<'_>, key: &str, zones: Option<&[Zone]>) -> Option<ZoneId> {
    let name = section.text(key, value::name)?;
    let known = |zones: &[Zone]| zones.iter().any(|zone| zone.id.as_str() == name);
    if let Some(zones) = zones
        && !known(zones)
    {
        let near = suggestion(nearest(name, zones.iter().map(|zone| zone.id.as_str())));
        section.tell(key, value::quoted(name), format!("the id of a [[zone]]{near}"));
    }
    Some(name.into())
}

/// What a cut MWh costs on top, by tier.
pub(super) fn tiers(root: &Section<'_>) -> BTreeMap<i64, f64> {
    let mut tiers = BTreeMap::new();
    let mut rows = BTreeMap::new();
    for section in root.sections("tier", TIER).unwrap_or_default() {
        let (id, adder) = (section.whole("id", COUNT), section.number("adder_per_mwh", MONEY));
        let Some(id) = id else { continue };
        if let Some(earlier) = rows.insert(id, section.row) {
            tell_duplicate(&section, &id.to_string(), earlier);
        }
        tiers.insert(id, adder.unwrap_or_default());
    }
    tiers
}

/// The ids of `[[zone]]` or `[[tie]]`; `None` for one that could not be read.
fn names<'a>(root: &Section<'_>, key: &'static str, sections: &[Section<'a>]) -> Vec<Option<&'a str>> {
    if sections.len() > MOST {
        root.tell(key, format!("{} of them", sections.len()), format!("at most {MOST}"));
        return vec![None; sections.len()];
    }
    let mut rows = BTreeMap::new();
    let ids: Vec<Option<&str>> = sections.iter().map(|section| section.text("id", value::name)).collect();
    for (section, id) in sections.iter().zip(&ids) {
        let Some(id) = id else { continue };
        if let Some(earlier) = rows.insert(*id, section.row) {
            tell_duplicate(section, &value::quoted(id), earlier);
        }
    }
    ids
}

fn tell_duplicate(section: &Section<'_>, key: &str, earlier: Option<u64>) {
    let earlier = earlier.map_or_else(String::new, |row| format!(" (first in row {row})"));
    section.tell(
        "id",
        format!("{key} a second time{earlier}"),
        "every id once: rename or delete one of them",
    );
}
