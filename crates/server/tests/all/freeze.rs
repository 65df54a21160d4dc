//! Freeze and thaw, over the API and over a restart.

use chrono::TimeDelta;

use crate::world::{PLAN, World, after, day_before};

#[tokio::test]
async fn one_person_freezes_a_restart_changes_nothing_and_two_thaw() {
    let mut world = World::new().await;
    let [n1, ..] = world.enrol_all().await;
    n1.answer_with(503);
    world.issue(&PLAN).await;
    world.run_until(day_before() + TimeDelta::seconds(5)).await;
    let before = n1.came().len();
    assert!(before >= 3, "{before}");

    let dispatcher = world.as_("dispatcher");
    dispatcher.freeze("the forecast is of yesterday").await.unwrap();
    assert!(dispatcher.freeze("again").await.is_err(), "it is frozen already");
    n1.answer_with(200);
    world.run_until(day_before() + TimeDelta::minutes(10)).await;
    assert_eq!(n1.came().len(), before, "nothing leaves");
    world.crash().await;
    world.start().await;
    world.run_until(day_before() + TimeDelta::minutes(20)).await;
    assert_eq!(n1.came().len(), before, "nor after a restart");
    let frozen = world.as_("auditor").status().await.unwrap().frozen.unwrap();
    assert_eq!(
        (frozen.person.as_str(), frozen.reason.as_str()),
        ("dispatcher", "the forecast is of yesterday")
    );
    assert_eq!(frozen.since, day_before() + TimeDelta::seconds(5));
    let digest = world.propose(&after(&PLAN.digest().unwrap())).await;
    let refused = world.as_("approver").approve(&digest, "").await.unwrap_err().to_string();
    assert!(refused.contains("frozen by dispatcher"), "{refused}");

    let dispatcher = world.as_("dispatcher");
    for (second, why) in [("dispatcher", "alone"), ("planner", "no such right"), ("nobody", "unknown")] {
        assert!(dispatcher.thaw("looked", second).await.is_err(), "{why}");
    }
    dispatcher.thaw("looked", "approver").await.unwrap();
    world.room().tick().await.unwrap();
    assert_eq!(n1.came().len(), before + 1, "what waited goes at once");
    assert_eq!(world.as_("auditor").status().await.unwrap().frozen, None);
    assert!(world.as_("approver").approve(&digest, "").await.unwrap().approved);
}
