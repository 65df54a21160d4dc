//! Delivery to receivers that are dead, slow, wrong or late.

use chrono::TimeDelta;
use kezek_model::order::Order;

use crate::world::{PLAN, World, day_before, evening};

#[tokio::test]
async fn attempts_follow_the_schedule_until_the_receiver_lives() {
    let world = World::new().await;
    let [n1, s1, _] = world.enrol_all().await;
    n1.answer_with(503);
    world.issue(&PLAN).await;
    world.run_until(day_before() + TimeDelta::minutes(3)).await;

    let came = n1.came();
    let seconds: Vec<f64> =
        came.iter().map(|(at, _)| (*at - day_before()).num_milliseconds() as f64 / 1000.0).collect();
    let pauses: Vec<f64> = seconds.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(seconds[0], 0.0);
    for (pause, planned) in pauses.iter().zip([1.0, 1.0, 2.0, 4.0, 7.0, 15.0, 30.0, 30.0]) {
        assert!((pause - planned).abs() <= planned * 0.2 + 0.002, "{pause} s, planned {planned}: {pauses:?}");
    }
    assert!(came.len() >= 9, "{seconds:?}");
    assert!(came.iter().all(|(_, order): &(_, Order)| *order == came[0].1), "the same bytes every time");
    assert_eq!(s1.came().len(), 1, "a dead neighbour changes nothing");
    let row = world.as_("auditor").order(&came[0].1.order_no).await.unwrap();
    assert_eq!((row.row.delivery.as_str(), row.row.attempts as usize), ("waiting", came.len()));

    n1.answer_with(204);
    world.run_until(day_before() + TimeDelta::minutes(5)).await;
    let delivered = n1.came().len();
    assert_eq!(delivered, came.len() + 1);
    world.run_until(evening()).await;
    assert_eq!(n1.came().len(), delivered, "nothing is sent after it has arrived");
}

#[tokio::test]
async fn a_configuration_alarm_waits_for_a_person() {
    let world = World::new().await;
    let [n1, ..] = world.enrol_all().await;
    n1.answer_with(410);
    world.issue(&PLAN).await;
    world.run_until(day_before() + TimeDelta::hours(1)).await;
    assert_eq!(n1.came().len(), 1, "an alarm is no retry");
    let order_no = n1.orders()[0].order_no.clone();
    let worst = world.as_("dispatcher").orders(None, None).await.unwrap();
    assert_eq!((&worst[0].order_no, worst[0].delivery.as_str()), (&order_no, "alarm"));
    let pending = world.as_("N1").pending(&"N1".into()).await.unwrap();
    assert_eq!(pending.len(), 1, "it can be fetched meanwhile");
    assert_eq!(worst[0].call.as_deref(), Some("alarm"));
    world.as_("dispatcher").called(&order_no, "they mend it").await.unwrap();
    let calls = world.as_("auditor").order(&order_no).await.unwrap().calls;
    assert_eq!((calls[0].person.as_str(), calls[0].answer.as_str()), ("dispatcher", "they mend it"));
    n1.answer_with(200);
    world.as_("dispatcher").resend(&order_no).await.unwrap();
    world.room().tick().await.unwrap();
    assert_eq!(n1.came().len(), 2);
    assert!(world.as_("N1").pending(&"N1".into()).await.unwrap().is_empty());
}

#[tokio::test]
async fn approvers_see_who_cannot_be_reached() {
    let world = World::new().await;
    world.enrol("N1").await;
    let digest = world.propose(&PLAN).await;
    let drafts = world.as_("approver").proposal(&digest).await.unwrap().drafts;
    let reached: Vec<_> = drafts.iter().filter(|draft| draft.has_address).collect();
    assert_eq!(reached.iter().map(|draft| draft.facility.as_str()).collect::<Vec<_>>(), ["N1"]);
    assert!(drafts.len() > 1);
}

#[tokio::test]
async fn nothing_is_sent_after_an_order_has_expired() {
    let world = World::new().await;
    let [n1, ..] = world.enrol_all().await;
    n1.answer_with(500);
    world.issue(&PLAN).await;
    world.run_until(evening() + TimeDelta::hours(30)).await;
    let came = n1.came();
    assert!(came.iter().all(|(at, order)| *at < order.expires), "S12");
    let last = came.last().unwrap();
    assert!(last.1.expires - last.0 < TimeDelta::minutes(7), "slow attempts go on while it is in effect");
    let row = world.as_("auditor").order(&last.1.order_no).await.unwrap();
    assert_eq!(row.row.delivery, "gave-up");
}
