//! Chance as it is drawn for the tests, and what they ask of it.

use super::*;
use crate::testing::hour;
use proptest::collection::vec;
use proptest::prelude::*;

pub(super) fn chance() -> impl Strategy<Value = Chance> {
    let limit = |chance| proptest::option::weighted(chance, 0u16..20_000);
    let limits = [limit(0.7), limit(0.5), limit(0.5), limit(0.05)];
    prop_oneof![
        3 => (0u8..6, limits, any::<bool>(), 0u8..2, prop::bool::weighted(0.9), prop::bool::weighted(0.3)).prop_map(
            |(window, limits, follows, author, passes, emergency)| {
                Chance::Propose { window, limits, follows, author, passes, emergency }
            }
        ),
        4 => (any::<u8>(), any::<u8>(), prop::bool::weighted(0.9))
            .prop_map(|(plan, person, passes)| Chance::Approve { plan, person, passes }),
        1 => any::<u8>().prop_map(|plan| Chance::Return { plan }),
        1 => any::<u8>().prop_map(|order| Chance::Recall { order }),
        1 => any::<u8>().prop_map(|order| Chance::Resend { order }),
        8 => prop_oneof![4 => 0u32..5, 4 => 0u32..300, 1 => 0u32..9_000].prop_map(|seconds| Chance::Wait { seconds }),
        6 => (any::<u8>(), any::<u8>()).prop_map(|(flight, outcome)| Chance::End { flight, outcome }),
        2 => (any::<u8>(), any::<bool>(), any::<u8>(), any::<bool>())
            .prop_map(|(order, accepts, minutes, on_page)| Chance::Answer { order, accepts, minutes, on_page }),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(order, minutes)| Chance::Report { order, minutes }),
        2 => (any::<u8>(), 0u8..40, any::<u16>(), any::<u8>())
            .prop_map(|(facility, quarter, kw, quality)| Chance::Read { facility, quarter, kw, quality }),
        1 => Just(Chance::Restart),
        1 => any::<u8>().prop_map(|person| Chance::Freeze { person }),
        5 => (any::<u8>(), any::<u8>()).prop_map(|(by, confirmed_by)| Chance::Thaw { by, confirmed_by }),
        1 => (any::<u8>(), any::<u8>(), any::<u8>())
            .prop_map(|(facility, address, person)| Chance::Enrol { facility, address, person }),
        1 => (any::<u8>(), any::<u8>(), any::<u8>())
            .prop_map(|(facility, address, person)| Chance::Confirm { facility, address, person }),
        3 => (any::<u8>(), any::<u8>()).prop_map(|(notice, outcome)| Chance::EndNotice { notice, outcome }),
        1 => any::<u8>().prop_map(|which| Chance::ReadRegistry { which }),
        1 => (any::<u8>(), 0u8..40, any::<u16>())
            .prop_map(|(facility, half, kw)| Chance::Volunteer { facility, half, kw }),
        1 => (any::<u8>(), any::<bool>()).prop_map(|(which, suspends)| Chance::Licence { which, suspends }),
        3 => any::<u8>().prop_map(|event| Chance::Again { event }),
        2 => (any::<u8>(), any::<u8>(), any::<u8>())
            .prop_map(|(order, attempt, kind)| Chance::Forge { order, attempt, kind }),
    ]
}

/// Replays the first events, starts anew, and lets a perfect network carry on.
fn crash(journal: &[(Event, DateTime<Utc>)]) -> Room {
    let mut room = Room { state: State::new(), now: hour(-6), journal: vec![] };
    for (event, now) in journal {
        room.now = *now;
        room.tell(event.clone());
    }
    let (epoch, config) = (room.state.epoch() + 1, room.state.config().clone());
    room.tell(Event::Opened { environment: "test".into(), epoch, config });
    if room.state.frozen().is_some() {
        room.tell(thawed("anna", "dana"));
    }
    room
}

fn every_order_arrives_once(mut room: Room) {
    let alarmed: Vec<OrderNo> = room.state.records().map(|record| record.order.order_no.clone()).collect();
    for order_no in alarmed {
        let _ = room.ask(Event::Resend { order_no, person: "dana".into() });
    }
    let plans: Vec<String> = room.state.proposals.keys().cloned().collect();
    for (plan, person) in plans.iter().flat_map(|plan| PEOPLE.map(|person| (plan, person))) {
        if room.state.proposals[plan].issued_at.is_some() {
            let _ = room.ask(approved(plan, person));
        }
    }
    let started = room.now;
    let mut arrived: BTreeMap<(FacilityId, u64), Order> = BTreeMap::new();
    room.run(hour(60), |order| {
        let key = (order.facility.clone(), order.sequence);
        assert_eq!(arrived.entry(key).or_insert_with(|| order.clone()), order, "one effect per sequence");
        RECEIVED
    });
    for record in room.state.records().filter(|record| record.received_at.is_none()) {
        let order = &record.order;
        let newer =
            || room.state.records_of(&order.facility).filter(|other| other.order.sequence > order.sequence);
        let superseded = newer().any(|newer| {
            newer.order.kind == OrderKind::Limit
                && newer.order.window_from < order.window_to
                && order.window_from < newer.order.window_to
        });
        let enrolled = room.state.enrolment(&order.facility).is_some();
        let by_relay = order.facility.as_str() == RELAYED && record.relayed_at.is_some();
        let excused =
            by_relay || record.recalled.is_some() || superseded || order.expires <= started || !enrolled;
        assert!(excused, "order {} never arrived", order.order_no);
    }
    assert_eq!(room.state.in_flight(), 0);
}

fn settings() -> impl Strategy<Value = Option<Kw>> {
    prop_oneof![Just(None), Just(Some(Kw(20_000)))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn promises_hold_whatever_happens(two in settings(), chances in vec(chance(), 1..120)) {
        hold(two, &chances);
    }

    #[test]
    fn orders_are_bounded_per_minute_whatever_happens(most in 1u32..8, chances in vec(chance(), 1..120)) {
        let mut world = World::with(Config { orders_per_minute: Some(most), ..Config::default() });
        for chance in &chances {
            world.play(chance);
        }
        orders_of_a_minute_are_bounded(&world, most as usize);
        replays_equal(&world);
        let stopped = world.room.state.stopped();
        prop_assert!(stopped.is_none_or(|violation| violation.promise == "S7"), "{stopped:?}");
    }

    #[test]
    fn after_a_crash_at_any_point_every_order_arrives_once(chances in vec(chance(), 1..80), cut in any::<u16>()) {
        let mut world = World::new(None);
        for chance in &chances {
            world.play(chance);
        }
        let journal = &world.room.journal;
        let kept = usize::from(cut) % (journal.len() + 1);
        every_order_arrives_once(crash(&journal[..kept.max(1)]));
    }
}

/// Chance must reach what the promises are about, or they are kept idly.
#[test]
fn chance_reaches_orders_sends_recalls_and_supersession() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut sent, mut recalls, mut superseded, mut received, mut thaws) = (0, 0, 0, 0, 0);
    let (mut told, mut passed_on) = (0, 0);
    for _ in 0..120 {
        let chances = vec(chance(), 120).new_tree(&mut runner).unwrap().current();
        let mut world = World::new(None);
        chances.iter().for_each(|chance| world.play(chance));
        sent += world.flights.len();
        let orders = world.orders();
        recalls += orders.iter().filter(|order| order.kind == OrderKind::Recall).count();
        superseded += orders.iter().filter(|order| order.supersedes.is_some()).count();
        received += world.room.state.records().filter(|record| record.received_at.is_some()).count();
        told += world.messages.len();
        passed_on += world.room.state.records().filter(|record| record.relayed_at.is_some()).count();
        thaws += world.seen.iter().filter(|seen| matches!(seen.event, Event::Thawed { .. })).count();
    }
    assert!(
        sent > 500 && recalls > 20 && superseded > 50 && received > 50 && thaws > 20,
        "{sent} {recalls} {superseded} {received} {thaws}"
    );
    assert!(told > 50 && passed_on > 20, "{told} {passed_on}");
}

/// Every prefix of one whole story, not only a drawn one.
#[test]
fn a_story_cut_anywhere_ends_with_every_order_received() {
    let mut room = Room::new();
    room.issue("p1", None, drafts(0, [Some(2_000), Some(5_000), Some(0), None]));
    let mut count = 0;
    room.run(minute(-300), |_| {
        count += 1;
        if count % 3 == 0 { RECEIVED } else { failed(None) }
    });
    room.issue("p2", Some("p1"), drafts(1, [None, Some(1_000), Some(0), None]));
    room.run(minute(-290), |_| failed(None));
    room.tell(recalled("2022-0124-F3-v1"));
    room.run(hour(20), |_| RECEIVED);
    let longest = room.journal.len();
    assert!(longest > 50);
    for kept in 1..=longest {
        every_order_arrives_once(crash(&room.journal[..kept]));
    }
}
