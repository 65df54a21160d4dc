//! The emergency path and drills, over the API.

use chrono::TimeDelta;
use kezek_model::order::Priority;
use kezek_server::api::ProposeBody;

use crate::world::{PLAN, World, day_before, proposal};

async fn propose(world: &World, priority: Priority) -> String {
    let body = ProposeBody { priority: Some(priority), ..proposal(&PLAN) };
    world.as_("author").propose(&body).await.unwrap().plan_digest
}

#[tokio::test]
async fn the_author_alone_lets_an_emergency_leave_and_another_confirms_it() {
    let world = World::new().await;
    let [n1, ..] = world.enrol_all().await;
    let digest = propose(&world, Priority::Emergency).await;
    let alone = world.as_("author").approve(&digest, "unit 3 has tripped").await.unwrap();
    assert!(alone.approved && (alone.approvals, alone.needed) == (1, 2), "{alone:?}");
    assert_eq!(alone.confirm_by, Some(day_before() + TimeDelta::minutes(15)));
    world.room().tick().await.unwrap();
    assert_eq!(n1.orders()[0].priority, Priority::Emergency);
    assert_eq!(world.as_("auditor").proposal(&digest).await.unwrap().row.status, "unconfirmed");
    let both = world.as_("second").approve(&digest, "").await.unwrap();
    assert_eq!((both.approvals, both.confirm_by), (2, None));
    assert_eq!(world.as_("auditor").proposal(&digest).await.unwrap().row.status, "approved");
    assert!(world.as_("approver").approve(&digest, "").await.is_err(), "it has both");
}

#[tokio::test]
async fn an_emergency_that_nobody_confirms_waits_where_it_has_not_left() {
    let world = World::new().await;
    let digest = propose(&world, Priority::Emergency).await;
    world.as_("author").approve(&digest, "").await.unwrap();
    world.run_until(day_before() + TimeDelta::minutes(20)).await;
    let warned = world.as_("auditor").status().await.unwrap().warnings;
    assert!(warned.iter().any(|warning| warning.kind == "unconfirmed"), "{warned:?}");
    let n1 = world.enrol("N1").await;
    world.run_until(day_before() + TimeDelta::minutes(30)).await;
    assert!(n1.came().is_empty(), "nothing leaves for the first time");
    world.as_("approver").approve(&digest, "late, but here").await.unwrap();
    world.room().tick().await.unwrap();
    assert_eq!(n1.came().len(), 1);
}

#[tokio::test]
async fn a_drill_arrives_as_a_drill_and_the_plan_of_the_evening_is_in_nobodys_way() {
    let world = World::new().await;
    let [n1, ..] = world.enrol_all().await;
    let digest = propose(&world, Priority::Drill).await;
    assert!(world.as_("author").approve(&digest, "").await.is_err(), "a drill is no emergency");
    world.as_("approver").approve(&digest, "").await.unwrap();
    world.room().tick().await.unwrap();
    assert_eq!(n1.orders()[0].priority, Priority::Drill);
    assert_eq!(world.as_("auditor").status().await.unwrap().target, None);
}
