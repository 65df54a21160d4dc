//! The answer as a person reads it.

use crate::clock::Clock;
use crate::figures::{change, count, money, one, percent, with_decimals};
use crate::output::Paint;
use kezek_model::case::Case;
use kezek_planner::why::{Headroom, Instead, Order, Place, Span, Taker, Why};

/// Most facilities that are named one by one.
const MOST_NAMED: usize = 5;

/// The answer as text.
pub(super) fn text(case: &Case, why: &Why, interval: Option<usize>, paint: Paint) -> String {
    let clock = Clock::new(case.grid.time_zone, case.grid.start, case.grid.end());
    let view = View { why, clock };
    let spans: Vec<String> = why.spans.iter().map(|span| view.span(span, interval.is_some())).collect();
    let nothing = if why.spans.is_empty() {
        "\nnever cut in this plan; name a time to see why it is spared then\n".to_owned()
    } else {
        String::new()
    };
    format!("{}\n{}{}{nothing}", paint.heading(&view.title()), view.whole(), spans.concat())
}

struct View<'a> {
    why: &'a Why,
    clock: Clock,
}

impl View<'_> {
    fn title(&self) -> String {
        let name = if self.why.name == self.why.facility.as_str() { "" } else { &self.why.name };
        let spaced = if name.is_empty() { String::new() } else { format!(" {name}") };
        format!("{}{spaced}, zone {} ({})", self.why.facility, self.why.zone, self.clock.heading())
    }

    fn whole(&self) -> String {
        let why = self.why;
        let burden = why
            .burden
            .map_or("it has no burden".to_owned(), |share| format!("a burden of {}", percent(share)));
        let events = if why.event_cost > 0.0 {
            format!(", {} an event", money(why.event_cost))
        } else {
            String::new()
        };
        let cost = format!("{}/MWh{events} {}", money(why.cut_cost_per_mwh), why.currency);
        format!(
            "{:<11}cut {} MWh in the whole horizon, {burden}; a cut costs {cost}\n",
            "facility",
            one(why.cut_mwh)
        )
    }

    fn span(&self, span: &Span, is_interval: bool) -> String {
        let what = if span.peak_cut_mw <= 0.0 {
            "not cut".to_owned()
        } else if is_interval {
            format!("cut {} MW", with_decimals(span.peak_cut_mw, 3))
        } else {
            format!("cut {} MWh, up to {} MW", one(span.cut_mwh), with_decimals(span.peak_cut_mw, 3))
        };
        let mut lines = vec![("price", self.price(span))];
        lines.extend(span.place.as_ref().map(|place| ("place", self.place(place))));
        for (n, run) in span.causes.iter().enumerate() {
            let when = if is_interval {
                String::new()
            } else {
                format!("{}: ", self.clock.window(run.start, run.end))
            };
            lines.push((if n == 0 { "why" } else { "" }, format!("{when}{}", run.text)));
        }
        if let Some(instead) = &span.instead {
            lines.extend(self.instead(instead));
        }
        lines.extend(span.headroom.as_ref().map(|headroom| ("headroom", self.headroom(headroom))));
        let lines: String = lines.iter().map(|(name, words)| format!("  {name:<9}{words}\n")).collect();
        format!("\n{}: {what}\n{lines}", self.clock.window(span.start, span.end))
    }

    fn price(&self, span: &Span) -> String {
        let (price, currency) = (money(span.price_per_mwh), &self.why.currency);
        format!("{price} {currency}/MWh is what a MWh more of headroom in zone {} is worth", self.why.zone)
    }

    fn place(&self, place: &Place) -> String {
        let before = place.place - 1;
        let cut = match before {
            0 => "nobody before it".to_owned(),
            _ => format!(
                "{} of the {before} before it cut, with room for {} MW",
                place.before_cut,
                one(place.before_room_mw)
            ),
        };
        let figure = match place.order {
            Order::Merit => format!("{} {}/MWh with events spread", money(place.figure), self.why.currency),
            Order::Burden => format!("a burden of {}", percent(place.figure)),
        };
        let order = match place.order {
            Order::Merit => "merit order",
            Order::Burden => "order of burdens",
        };
        format!("{} of {} in the {order} of its zone, at {figure}; {cut}", place.place, place.of)
    }

    fn instead(&self, instead: &Instead) -> Vec<(&'static str, String)> {
        let Some(true) = instead.possible else {
            let why = match instead.possible {
                Some(_) => "nobody could: rules hold this cut whatever the others do",
                None => "no plan without this cut was found that keeps all rules",
            };
            return vec![("instead", why.to_owned())];
        };
        let takers = named(&instead.takers);
        let shortage = if instead.uncovered_more_mwh > 0.0005 {
            format!("; {} MWh more stay uncovered", one(instead.uncovered_more_mwh))
        } else {
            String::new()
        };
        let who = match (instead.takers.len(), shortage.is_empty()) {
            (0, true) => "nobody has to be cut more".to_owned(),
            (0, false) => "nobody can be cut more".to_owned(),
            _ => format!("{takers} cut more"),
        };
        let currency = &self.why.currency;
        let found = instead.cost_found.unwrap_or_default();
        let proven = match instead.cost_at_least {
            Some(least) if found - least < 0.01 => "proven".to_owned(),
            Some(least) => format!("the best found; proven not below {}", change(least, 2)),
            None => "the best found".to_owned(),
        };
        vec![
            ("instead", format!("{who}{shortage}")),
            ("", format!("that would cost {} {currency} ({proven})", change(found, 2))),
        ]
    }

    fn headroom(&self, headroom: &Headroom) -> String {
        let zone = &self.why.zone;
        match (headroom.above_mw, headroom.at_most_mw) {
            (_, Some(at_most)) if at_most <= 0.0 => {
                "no more is needed: a plan as near to the best as this one spares it here".to_owned()
            }
            (Some(above), Some(at_most)) if at_most - above > 0.0015 => format!(
                "between {} and {} MW more in zone {zone} in this interval would have spared it",
                with_decimals(above, 3),
                with_decimals(at_most, 3)
            ),
            (_, Some(at_most)) => {
                format!(
                    "{} MW more in zone {zone} in this interval would have spared it",
                    with_decimals(at_most, 3)
                )
            }
            _ if headroom.proven => {
                format!("no headroom of zone {zone} in this interval alone would have spared it")
            }
            _ => format!(
                "none found: with all that zone {zone} could draw in this interval the search still cuts it"
            ),
        }
    }
}

fn named(takers: &[Taker]) -> String {
    let words = |taker: &Taker| format!("{} by {} MWh", taker.facility, one(taker.mwh));
    let mut parts: Vec<String> = takers.iter().take(MOST_NAMED).map(words).collect();
    if let Some(rest) = takers.get(MOST_NAMED..).filter(|rest| !rest.is_empty()) {
        let mwh = rest.iter().map(|taker| taker.mwh).sum();
        parts.push(format!("{} by {} MWh together", count(rest.len(), "other", "others"), one(mwh)));
    }
    parts.join(", ")
}
