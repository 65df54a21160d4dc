//! Whom an order means, and which orders have been replaced.

use super::StandingOrder;
use crate::case::Facility;
use std::collections::BTreeSet;

impl StandingOrder {
    /// Whether a facility is in scope: in every list that is not empty, and not in `except`.
    #[must_use]
    pub fn covers(&self, facility: &Facility) -> bool {
        let scope = &self.scope;
        listed(&scope.zones, Some(facility.zone.as_str()))
            && listed(&scope.regions, facility.region.as_deref())
            && listed(&scope.classes, Some(&facility.class))
            && listed(&scope.facilities, Some(facility.id.as_str()))
            && !scope.except.iter().any(|id| id == facility.id.as_str())
    }
}

fn listed(list: &[String], name: Option<&str>) -> bool {
    list.is_empty() || name.is_some_and(|name| list.iter().any(|entry| entry == name))
}

/// Numbers of the orders that another order present makes void, each as a whole.
///
/// An order takes effect on its predecessor when it is issued, for good: that it is itself superseded later does not
/// bring the predecessor back. In a chain order - extension - early release only the last is in force; whoever
/// revokes a revocation writes a new order.
#[must_use]
pub fn void_numbers(orders: &[StandingOrder]) -> BTreeSet<&str> {
    let replaced = orders.iter().filter(|order| order.supersedes.as_ref() != Some(&order.number));
    let replaced: BTreeSet<&str> = replaced.filter_map(|order| order.supersedes.as_deref()).collect();
    orders.iter().map(|order| order.number.as_str()).filter(|number| replaced.contains(number)).collect()
}

/// The orders that are not void, in the order given.
#[must_use]
pub fn in_force(orders: &[StandingOrder]) -> Vec<&StandingOrder> {
    let void = void_numbers(orders);
    orders.iter().filter(|order| !void.contains(order.number.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::read::tests::order;

    fn facility(id: &str, zone: &str, region: Option<&str>) -> Facility {
        let region = region.map(Into::into);
        Facility { region, ..Facility::unlimited(id.into(), zone.into(), chrono_tz::Asia::Almaty, vec![]) }
    }

    #[test]
    fn without_lists_everybody_is_meant() {
        assert!(order("").covers(&facility("F01", "north", None)));
    }

    #[test]
    fn every_list_must_name_the_facility_and_except_must_not() {
        let mut order = order("");
        order.scope.zones = vec!["west".into()];
        order.scope.regions = vec!["Atyrau".into()];
        order.scope.classes = vec!["digital-mining".into()];
        order.scope.except = vec!["W02".into()];
        assert!(order.covers(&facility("W01", "west", Some("Atyrau"))));
        assert!(!order.covers(&facility("W02", "west", Some("Atyrau"))));
        assert!(!order.covers(&facility("W03", "west", Some("Mangystau"))));
        assert!(!order.covers(&facility("W04", "west", None)));
        assert!(!order.covers(&facility("S01", "south", Some("Atyrau"))));
        order.scope.facilities = vec!["W09".into()];
        assert!(!order.covers(&facility("W01", "west", Some("Atyrau"))));
        order.scope.facilities = vec![];
        order.scope.classes = vec!["smelter".into()];
        assert!(!order.covers(&facility("W01", "west", Some("Atyrau"))));
    }

    fn chain(links: &[(&str, Option<&str>)]) -> Vec<StandingOrder> {
        let link = |&(number, supersedes): &(&str, Option<&str>)| StandingOrder {
            number: number.into(),
            supersedes: supersedes.map(Into::into),
            ..order("")
        };
        links.iter().map(link).collect()
    }

    #[test]
    fn only_orders_that_are_present_become_void() {
        let orders = chain(&[("B", Some("A")), ("C", None)]);
        assert!(void_numbers(&orders).is_empty());
        assert_eq!(in_force(&orders).len(), 2);
    }

    #[test]
    fn a_superseded_revocation_does_not_revive_what_it_revoked() {
        let orders = chain(&[("order", None), ("revocation", Some("order")), ("again", Some("revocation"))]);
        assert_eq!(void_numbers(&orders), BTreeSet::from(["order", "revocation"]));
        let numbers: Vec<_> = in_force(&orders).iter().map(|order| order.number.clone()).collect();
        assert_eq!(numbers, ["again"]);
    }
}
