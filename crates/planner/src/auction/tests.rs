//! The auction by hand, by brute force, and by its promises.

use super::*;
use kezek_model::case::Bidder;
use proptest::prelude::*;
use story::{auction, bid, bidder, joined, lots};

/// Small auctions.
pub(super) mod story {
    use kezek_model::amount::{Money, Price, Wh};
    use kezek_model::case::{Auction, Bid, Bidder, JointTie, OfferedZone};
    use kezek_model::grid::TimeGrid;

    pub(in crate::auction) fn wh(mwh: f64) -> Wh {
        Wh::from_mwh(mwh).unwrap()
    }

    /// An hour with this quota (MWh) in zones `z0`, `z1` and so on, lots of 1 MWh, no start price.
    pub(in crate::auction) fn auction(quotas: &[f64]) -> Auction {
        let zone = |(place, quota): (usize, &f64)| OfferedZone {
            id: format!("z{place}").as_str().into(),
            quota_mwh: Some(vec![wh(*quota)]),
        };
        Auction {
            name: "story".into(),
            currency: "KZT".into(),
            grid: TimeGrid {
                start: "2024-03-04T00:00:00Z".parse().unwrap(),
                step_minutes: 60,
                len: 1,
                time_zone: "Asia/Almaty".parse().unwrap(),
            },
            lot_mwh: wh(1.0),
            start_price_per_mwh: Price(0),
            zones: quotas.iter().enumerate().map(zone).collect(),
            ties: vec![],
            bidders: vec![],
            bids: vec![],
        }
    }

    /// Ties two zones, with limits in MWh there and back.
    pub(in crate::auction) fn joined(auction: &mut Auction, from: usize, to: usize, mwh: (f64, f64)) {
        auction.ties.push(JointTie {
            id: format!("t{}", auction.ties.len()).as_str().into(),
            from,
            to,
            limit_mwh: vec![Some(wh(mwh.0)); auction.grid.len],
            reverse_limit_mwh: vec![Some(wh(mwh.1)); auction.grid.len],
        });
    }

    /// A further facility, `f00`, `f01` and so on.
    pub(in crate::auction) fn bidder(auction: &mut Auction, zone: usize, prepaid: i64) -> usize {
        auction.bidders.push(Bidder {
            facility: format!("f{:02}", auction.bidders.len()).as_str().into(),
            zone,
            is_licensed: vec![true; auction.grid.len],
            prepaid: Money::from_millionths(prepaid * 1_000_000),
        });
        auction.bidders.len() - 1
    }

    /// A bid for the first interval.
    pub(in crate::auction) fn bid(auction: &mut Auction, bidder: usize, mwh: f64, price: i64) {
        let price_per_mwh = Price(price * 1_000_000);
        auction.bids.push(Bid { interval: 0, bidder, price_per_mwh, bid_at: None, mwh: wh(mwh) });
    }

    /// The lots that each bid won, in the order in which they are told.
    pub(in crate::auction) fn lots(auction: &Auction) -> Vec<i64> {
        super::hold(auction).bids.iter().map(|award| award.won_mwh.0 / auction.lot_mwh.0).collect()
    }
}

/// A zone and bidders in it, each with its MWh at one price.
fn equal_bids(quota: f64, mwh: &[f64], prepaid: &[i64]) -> Auction {
    let mut auction = auction(&[quota]);
    for (mwh, prepaid) in mwh.iter().zip(prepaid) {
        let place = bidder(&mut auction, 0, *prepaid);
        bid(&mut auction, place, *mwh, 10);
    }
    auction
}

const RICH: i64 = 1_000_000;

#[test]
fn the_highest_price_comes_first_and_pays_what_it_bid() {
    let mut auction = auction(&[10.5]);
    for (mwh, price) in [(4.0, 12), (5.0, 15), (9.0, 11)] {
        let place = bidder(&mut auction, 0, RICH);
        bid(&mut auction, place, mwh, price);
    }
    let outcome = hold(&auction);
    let paid: Vec<String> = outcome.bids.iter().map(|award| award.paid.to_string()).collect();
    assert_eq!(paid, ["48", "75", "11"]);
    let sale = &outcome.zones[0];
    assert_eq!((sale.won_mwh, sale.unsold_mwh), (story::wh(10.0), story::wh(0.5)));
    assert_eq!(sale.reasons, [Unsold { reason: UnsoldReason::LotsDoNotFill, mwh: story::wh(8.0) }]);
    let lost = Loss { reason: LossReason::QuotaUsedUp, mwh: story::wh(8.0) };
    assert_eq!(outcome.bids[2].lost, [lost]);
    let mw: Vec<Kw> = outcome.quotas.iter().map(|quota| quota.mw).collect();
    assert_eq!(mw, [Kw(4000), Kw(5000), Kw(1000)]);
}

#[test]
fn the_largest_remainders_get_the_lots_that_are_over() {
    // 10 of 21 lots: 10/21 of 3, 8 and 10 are 1.43, 3.81 and 4.76.
    assert_eq!(lots(&equal_bids(10.0, &[3.0, 8.0, 10.0], &[RICH; 3])), [1, 4, 5]);
    // Equal remainders: by facility.
    assert_eq!(lots(&equal_bids(2.0, &[5.0, 5.0, 5.0], &[RICH; 3])), [1, 1, 0]);
    // The half lot of a bid counts in its MWh but is never won.
    assert_eq!(lots(&equal_bids(4.0, &[1.5, 4.5], &[RICH; 2])), [1, 3]);
}

#[test]
fn what_one_cannot_pay_is_for_the_others() {
    // Shares of 3 each; the first can pay one lot.
    assert_eq!(lots(&equal_bids(9.0, &[9.0, 9.0, 9.0], &[19, RICH, RICH])), [1, 4, 4]);
    // One lot of 30, and the 9 others in proportion 12 to 6.
    assert_eq!(lots(&equal_bids(10.0, &[30.0, 12.0, 6.0], &[19, RICH, RICH])), [1, 6, 3]);
    let outcome = hold(&equal_bids(9.0, &[9.0], &[35]));
    assert_eq!(outcome.purses[0].left, Money::from_millionths(5_000_000));
    let reasons: Vec<_> = outcome.zones[0].reasons.iter().map(|reason| reason.reason).collect();
    assert_eq!(reasons, [UnsoldReason::MoneyRanOut]);
}

#[test]
fn a_cheaper_bid_of_the_same_facility_may_still_be_paid() {
    let mut auction = auction(&[10.0]);
    let place = bidder(&mut auction, 0, 25);
    bid(&mut auction, place, 2.0, 20);
    bid(&mut auction, place, 4.0, 5);
    assert_eq!(lots(&auction), [1, 1]);
}

#[test]
fn who_bid_earlier_comes_first_and_who_gave_no_time_last() {
    let mut auction = equal_bids(5.0, &[3.0, 3.0, 3.0], &[RICH; 3]);
    auction.bids[1].bid_at = Some("2024-03-03T10:00:01Z".parse().unwrap());
    auction.bids[2].bid_at = Some("2024-03-03T10:00:00Z".parse().unwrap());
    assert_eq!(lots(&auction), [0, 2, 3]);
}

#[test]
fn a_limit_holds_back_only_those_behind_it() {
    // The north has 10, the south 2 of its own and 3 over the tie; both bid for 10 at one price. The south is stopped at
    // 5, the north goes on to the 7 that are left.
    let mut auction = auction(&[10.0, 2.0]);
    joined(&mut auction, 0, 1, (3.0, 0.0));
    for zone in [0, 1] {
        let place = bidder(&mut auction, zone, RICH);
        bid(&mut auction, place, 10.0, 10);
    }
    assert_eq!(lots(&auction), [7, 5]);
    // With a wide tie all is one zone: 6 each.
    auction.ties[0].limit_mwh = vec![None];
    assert_eq!(lots(&auction), [6, 6]);
    let outcome = hold(&auction);
    assert_eq!(outcome.transfers[0].mwh, story::wh(4.0));
    assert_eq!(outcome.zones[1].received_mwh, story::wh(4.0));
    assert_eq!(outcome.zones[0].received_mwh, story::wh(-4.0));
}

#[test]
fn those_who_go_on_share_in_proportion_too() {
    // As above; the 17 that are left in the north are shared 16 to 4: 13.6 and 3.4.
    let mut auction = auction(&[20.0, 2.0]);
    joined(&mut auction, 0, 1, (3.0, 0.0));
    for (zone, mwh) in [(0, 16.0), (0, 4.0), (1, 20.0)] {
        let place = bidder(&mut auction, zone, RICH);
        bid(&mut auction, place, mwh, 10);
    }
    assert_eq!(lots(&auction), [14, 3, 5]);
}

#[test]
fn lots_that_limits_leave_over_go_to_those_who_can_be_served() {
    // 2 MWh for shares of 0.9, 0.9 and 0.2; the ties to the first two carry less than a lot.
    let mut auction = auction(&[2.0, 0.0, 0.0, 0.0]);
    for (zone, limit, mwh) in [(1, 0.95, 9.0), (2, 0.95, 9.0), (3, 5.0, 2.0)] {
        joined(&mut auction, 0, zone, (limit, 0.0));
        let place = bidder(&mut auction, zone, RICH);
        bid(&mut auction, place, mwh, 10);
    }
    assert_eq!(lots(&auction), [0, 0, 2]);
}

#[test]
fn a_full_tie_is_named_where_it_leaves_something_unsold() {
    let mut auction = auction(&[10.0, 2.0]);
    joined(&mut auction, 0, 1, (3.0, 0.0));
    let place = bidder(&mut auction, 1, RICH);
    bid(&mut auction, place, 9.0, 10);
    let outcome = hold(&auction);
    let reasons: Vec<_> = outcome.zones.iter().map(|sale| sale.reasons.clone()).collect();
    let unsold = |reason, mwh| Unsold { reason, mwh: story::wh(mwh) };
    assert_eq!(reasons[0], [unsold(UnsoldReason::NoBids, 7.0), unsold(UnsoldReason::TieFull, 4.0)]);
    assert_eq!(reasons[1], []);
}

#[test]
fn refused_bids_are_told_with_their_reason() {
    let mut auction = equal_bids(10.0, &[1.0, 2.0, 0.5], &[RICH; 3]);
    auction.start_price_per_mwh = Price(10_000_000);
    auction.bids[1].price_per_mwh = Price(9_999_999);
    auction.bidders[0].is_licensed = vec![false];
    let outcome = hold(&auction);
    let lost: Vec<_> = outcome.bids.iter().map(|award| award.lost[0].reason).collect();
    assert_eq!(lost, [LossReason::NoLicence, LossReason::BelowStartPrice, LossReason::PartOfALot]);
    let reasons: Vec<_> = outcome.zones[0].reasons.iter().map(|unsold| unsold.reason).collect();
    let expected = [
        UnsoldReason::FewerBids,
        UnsoldReason::NoLicence,
        UnsoldReason::BelowStartPrice,
        UnsoldReason::LotsDoNotFill,
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn money_is_spent_in_order_of_time() {
    let mut auction = auction(&[5.0]);
    auction.grid.len = 2;
    auction.zones[0].quota_mwh = Some(vec![story::wh(5.0); 2]);
    let place = bidder(&mut auction, 0, 70);
    bid(&mut auction, place, 5.0, 10);
    let later = Bid { interval: 1, ..auction.bids[0] };
    auction.bids.insert(0, later);
    assert_eq!(lots(&auction), [5, 2]);
}

#[test]
fn a_zone_without_quota_takes_no_part() {
    let mut auction = equal_bids(5.0, &[5.0], &[RICH]);
    auction.zones.push(kezek_model::case::OfferedZone { id: "z1".into(), quota_mwh: None });
    bidder(&mut auction, 1, 0);
    let outcome = hold(&auction);
    assert_eq!((outcome.quotas.len(), outcome.zones.len(), outcome.purses.len()), (1, 1, 1));
}

/// Whether demands (Wh) can be served: no set of zones is asked for more than its quotas and the ties into it give.
/// (By the theorem of Gale this is exactly when a flow exists; it shares no thought with the network.)
fn can_be_served(auction: &Auction, t: usize, demand: &[i64]) -> bool {
    (1..1_usize << demand.len()).all(|set| {
        let inside = |zone: usize| set >> zone & 1 == 1;
        let quota = |zone: usize| auction.zones[zone].quota_mwh.as_ref().map_or(0, |quota| quota[t].0);
        let zones = (0..demand.len()).filter(|&zone| inside(zone));
        let needed: i64 = zones.map(|zone| demand[zone] - quota(zone)).sum();
        let into = |from: usize, to: usize, limit: Option<Wh>| match inside(to) && !inside(from) {
            true => limit.map_or(1 << 50, |limit| limit.0),
            false => 0,
        };
        let over = auction.ties.iter().map(|tie| {
            into(tie.from, tie.to, tie.limit_mwh[t]) + into(tie.to, tie.from, tie.reverse_limit_mwh[t])
        });
        needed <= over.sum()
    })
}

/// Lot by lot from the highest price down, for bids of which no two are equal: what each wins, by place in `bids`.
fn by_brute_force(auction: &Auction) -> Vec<i64> {
    let mut order: Vec<usize> = (0..auction.bids.len()).collect();
    order.sort_by_key(|&place| {
        let bid = &auction.bids[place];
        (bid.interval, -bid.price_per_mwh.0, bid.bid_at)
    });
    let mut money: Vec<i128> = auction.bidders.iter().map(|bidder| bidder.prepaid.0).collect();
    let mut won = vec![0; auction.bids.len()];
    let mut demand = vec![vec![0; auction.zones.len()]; auction.grid.len];
    for place in order {
        let bid = &auction.bids[place];
        let bidder = &auction.bidders[bid.bidder];
        let cost = bid.price_per_mwh.of(auction.lot_mwh).0;
        if bid.price_per_mwh < auction.start_price_per_mwh || !bidder.is_licensed[bid.interval] {
            continue;
        }
        while (won[place] + 1) * auction.lot_mwh.0 <= bid.mwh.0 && cost <= money[bid.bidder] {
            demand[bid.interval][bidder.zone] += auction.lot_mwh.0;
            if !can_be_served(auction, bid.interval, &demand[bid.interval]) {
                demand[bid.interval][bidder.zone] -= auction.lot_mwh.0;
                break;
            }
            money[bid.bidder] -= cost;
            won[place] += 1;
        }
    }
    won
}

fn any_auction(most_prices: i64) -> impl Strategy<Value = Auction> {
    let zones = prop::collection::vec((0..40_i64, 0..40_i64), 1..=4);
    let ties = prop::collection::vec((0..4_usize, 0..4_usize, prop::option::of(0..25_i64), 0..12_i64), 0..5);
    let bidders = prop::collection::vec((0..4_usize, prop_oneof![0..200_i64, Just(RICH)], 0..10_u8), 1..7);
    let bids = prop::collection::vec((0..2_usize, 0..7_usize, 0..=most_prices, 0..60_i64, 0..4_u32), 0..14);
    (zones, ties, bidders, bids, prop_oneof![Just(2_i64), Just(3), Just(5)], 0..3_i64).prop_map(built)
}

type Parts = (
    Vec<(i64, i64)>,
    Vec<(usize, usize, Option<i64>, i64)>,
    Vec<(usize, i64, u8)>,
    Vec<(usize, usize, i64, i64, u32)>,
    i64,
    i64,
);

/// Half MWh everywhere but for lots of 1, 1.5 or 2.5 MWh: what is offered seldom is whole lots.
fn built((zones, ties, bidders, bids, lot, start_price): Parts) -> Auction {
    let half = |count: i64| Wh(count * 500_000);
    let mut auction = auction(&vec![0.0; zones.len()]);
    auction.grid.len = 2;
    auction.lot_mwh = half(lot);
    auction.start_price_per_mwh = Price(start_price * 1_000_000);
    for (zone, (one, two)) in auction.zones.iter_mut().zip(&zones) {
        zone.quota_mwh = Some(vec![half(*one), half(*two)]);
    }
    for (from, to, limit, back) in ties {
        let (from, to) = (from % zones.len(), to % zones.len());
        if from != to {
            joined(&mut auction, from, to, (0.0, 0.0));
            let tie = auction.ties.last_mut().unwrap();
            tie.limit_mwh = vec![limit.map(half), Some(half(back))];
            tie.reverse_limit_mwh = vec![Some(half(back)); 2];
        }
    }
    for (zone, prepaid, unlicensed) in bidders {
        let place = bidder(&mut auction, zone % zones.len(), prepaid);
        auction.bidders[place].is_licensed[1] = unlicensed > 0;
    }
    let day: DateTime<Utc> = "2024-03-03T10:00:00Z".parse().unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for (interval, place, price, mwh, second) in bids {
        let place = place % auction.bidders.len();
        let bid_at = (second > 0).then(|| day + chrono::TimeDelta::seconds(i64::from(second)));
        if seen.insert((interval, place, price, bid_at)) {
            let price_per_mwh = Price(price * 1_000_000);
            auction.bids.push(Bid { interval, bidder: place, price_per_mwh, bid_at, mwh: half(mwh) });
        }
    }
    auction
}

/// The bid of an award.
fn place_of(auction: &Auction, award: &Award) -> usize {
    let is_it = |bid: &Bid| {
        (auction.grid.instant(bid.interval), &auction.bidders[bid.bidder].facility)
            == (award.interval_start, &award.facility)
            && (bid.price_per_mwh, bid.bid_at) == (award.price_per_mwh, award.bid_at)
    };
    auction.bids.iter().position(is_it).unwrap()
}

fn lost_to(award: &Award, reason: LossReason) -> Wh {
    award.lost.iter().filter(|loss| loss.reason == reason).map(|loss| loss.mwh).sum()
}

/// What was won in an interval by bids that come no later than this one, per zone.
fn demand_up_to(auction: &Auction, outcome: &Outcome, last: &Award) -> Vec<i64> {
    let order = |award: &Award| (-award.price_per_mwh.0, award.bid_at.is_none(), award.bid_at);
    let mut demand = vec![0; auction.zones.len()];
    for award in &outcome.bids {
        if award.interval_start == last.interval_start && order(award) <= order(last) {
            demand[auction.bidders[auction.bids[place_of(auction, award)].bidder].zone] += award.won_mwh.0;
        }
    }
    demand
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn nobody_spends_more_than_was_prepaid_and_everybody_pays_its_bid(auction in any_auction(4)) {
        let outcome = hold(&auction);
        for award in &outcome.bids {
            prop_assert_eq!(award.paid.0, i128::from(award.price_per_mwh.0) * i128::from(award.won_mwh.0));
            prop_assert!(award.won_mwh == Wh::ZERO || award.price_per_mwh >= auction.start_price_per_mwh);
            prop_assert_eq!(award.won_mwh.0 % auction.lot_mwh.0, 0, "whole lots");
            let lost: Wh = award.lost.iter().map(|loss| loss.mwh).sum();
            prop_assert_eq!(award.won_mwh + lost, award.bid_mwh);
        }
        for purse in &outcome.purses {
            let paid: Money = outcome.bids.iter().filter(|award| award.facility == purse.facility).map(|award| award.paid).sum();
            prop_assert_eq!(paid, purse.spent);
            prop_assert!(purse.left >= Money::ZERO && purse.left + purse.spent == purse.prepaid);
        }
    }

    #[test]
    fn never_more_is_sold_than_quotas_and_ties_serve(auction in any_auction(4)) {
        let outcome = hold(&auction);
        for t in 0..2 {
            let at = auction.grid.instant(t);
            let sales: Vec<&Sale> = outcome.zones.iter().filter(|sale| sale.interval_start == at).collect();
            let demand: Vec<i64> = sales.iter().map(|sale| sale.won_mwh.0).collect();
            prop_assert!(can_be_served(&auction, t, &demand));
            let mut balance = vec![Wh::ZERO; sales.len()];
            for transfer in outcome.transfers.iter().filter(|transfer| transfer.interval_start == at) {
                let tie = auction.ties.iter().find(|tie| tie.id == transfer.tie).unwrap();
                prop_assert!(tie.limit_mwh[t].is_none_or(|limit| transfer.mwh <= limit));
                prop_assert!(tie.reverse_limit_mwh[t].is_none_or(|limit| Wh::ZERO - transfer.mwh <= limit));
                balance[tie.to] += transfer.mwh;
                balance[tie.from] -= transfer.mwh;
            }
            for (sale, balance) in sales.iter().zip(balance) {
                prop_assert_eq!(sale.received_mwh, balance);
                prop_assert_eq!(sale.won_mwh, sale.quota_mwh - sale.unsold_mwh + balance);
                prop_assert!(sale.unsold_mwh >= Wh::ZERO && sale.reasons.is_empty() == (sale.unsold_mwh == Wh::ZERO));
            }
        }
    }

    #[test]
    fn what_was_refused_for_want_of_energy_could_not_be_served(auction in any_auction(3)) {
        let outcome = hold(&auction);
        for award in &outcome.bids {
            if lost_to(award, LossReason::QuotaUsedUp) > Wh::ZERO {
                let bid = &auction.bids[place_of(&auction, award)];
                let mut demand = demand_up_to(&auction, &outcome, award);
                demand[auction.bidders[bid.bidder].zone] += auction.lot_mwh.0;
                prop_assert!(!can_be_served(&auction, bid.interval, &demand), "{:?} could have had more", award);
            }
        }
    }

    #[test]
    fn what_was_refused_for_want_of_money_could_not_be_paid(auction in any_auction(3)) {
        let outcome = hold(&auction);
        let turn = |award: &Award| (award.interval_start, -award.price_per_mwh.0, award.bid_at.is_none(), award.bid_at);
        for award in outcome.bids.iter().filter(|award| lost_to(award, LossReason::MoneyRanOut) > Wh::ZERO) {
            let own = outcome.bids.iter().filter(|other| other.facility == award.facility);
            let before: Money = own.filter(|other| turn(other) < turn(award)).map(|other| other.paid).sum();
            let bidder: &Bidder = auction.bidders.iter().find(|bidder| bidder.facility == award.facility).unwrap();
            let payable = award.won_mwh + lost_to(award, LossReason::QuotaUsedUp);
            let left = bidder.prepaid - before;
            prop_assert!(award.price_per_mwh.of(payable) <= left);
            prop_assert!(award.price_per_mwh.of(payable + auction.lot_mwh) > left);
        }
    }

    #[test]
    fn order_of_rows_changes_nothing(auction in any_auction(2), seed: u64) {
        let mut shuffled = auction.clone();
        let key = |bid: &Bid| (bid.mwh.0 as u64 + 1).wrapping_mul(seed | 1).rotate_left(bid.bidder as u32 + 3);
        shuffled.bids.sort_by_key(key);
        prop_assert_eq!(hold(&auction), hold(&shuffled));
    }

    #[test]
    fn it_is_the_same_as_lot_by_lot_from_the_highest_price_down(auction in any_auction(40)) {
        let mut auction = auction;
        let mut seen = std::collections::BTreeSet::new();
        auction.bids.retain(|bid| bid.bid_at.is_some() && seen.insert((bid.interval, bid.price_per_mwh, bid.bid_at)));
        let expected = by_brute_force(&auction);
        for award in hold(&auction).bids {
            let place = place_of(&auction, &award);
            prop_assert_eq!(award.won_mwh.0 / auction.lot_mwh.0, expected[place], "{:?}", award);
        }
    }

    /// Nobody could be given more of its share by taking it from somebody who has clearly more of his, in whichever zones
    /// the two are: two lots are what whole numbers may cost each.
    #[test]
    fn equal_bids_of_all_zones_have_equal_shares_as_far_as_limits_allow(auction in any_auction(0)) {
        let mut auction = auction;
        auction.start_price_per_mwh = Price(0);
        auction.bids.iter_mut().for_each(|bid| bid.bid_at = None);
        auction.bids.retain(|bid| bid.interval == 0);
        let mut seen = std::collections::BTreeSet::new();
        auction.bids.retain(|bid| seen.insert(bid.bidder));
        let (outcome, lot) = (hold(&auction), auction.lot_mwh.0);
        let zone = |award: &Award| auction.bidders[auction.bids[place_of(&auction, award)].bidder].zone;
        for poor in outcome.bids.iter().filter(|award| lost_to(award, LossReason::QuotaUsedUp) > Wh::ZERO) {
            for rich in &outcome.bids {
                let (more, less) = (poor.won_mwh.0 + 2 * lot, rich.won_mwh.0 - 2 * lot);
                if i128::from(more) * i128::from(rich.bid_mwh.0) < i128::from(less) * i128::from(poor.bid_mwh.0) {
                    let mut demand = demand_up_to(&auction, &outcome, poor);
                    demand[zone(poor)] += lot;
                    demand[zone(rich)] -= lot;
                    prop_assert!(!can_be_served(&auction, 0, &demand), "{:?} could give to {:?}", rich, poor);
                }
            }
        }
    }

    /// Hamilton's method, written down once more for one zone.
    #[test]
    fn one_zone_is_shared_by_largest_remainders(quota in 0..40_i64, mwh in prop::collection::vec(1..20_i64, 1..7)) {
        let all: i64 = mwh.iter().sum();
        let seats = quota.min(all);
        let mut expected: Vec<i64> = mwh.iter().map(|mwh| seats * mwh / all).collect();
        let mut order: Vec<usize> = (0..mwh.len()).collect();
        order.sort_by_key(|&place| -(seats * mwh[place] % all));
        let over = seats - expected.iter().sum::<i64>();
        order.iter().take(usize::try_from(over).unwrap()).for_each(|&place| expected[place] += 1);
        let asked: Vec<f64> = mwh.iter().map(|&mwh| mwh as f64).collect();
        prop_assert_eq!(lots(&equal_bids(quota as f64 + 0.5, &asked, &vec![RICH; mwh.len()])), expected);
    }
}
