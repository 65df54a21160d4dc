//! Facilities become known, once, and change with two people.

use kezek_server::api::{ConfirmBody, EnrolBody};
use kezek_server::{Client, ServerError};

use crate::receiver::Receiver;
use crate::world::World;

async fn try_enrol(world: &World, body: &EnrolBody) -> Result<bool, (u16, String)> {
    match Client::new(&world.base, None).unwrap().enrol(body).await {
        Ok(enrolled) => Ok(enrolled.holds),
        Err(ServerError::Answered { status, error, .. }) => Err((status, error)),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_code_is_good_once_survives_a_restart_and_is_kept_nowhere() {
    let mut world = World::new().await;
    let code = world.as_("administrator").enrolment_code(&"N1".into()).await.unwrap().code;
    world.crash().await;
    let bytes = std::fs::read(world.database()).unwrap();
    assert!(!bytes.windows(code.len()).any(|window| window == code.as_bytes()), "the code is in the journal");
    world.start().await;

    let receiver = Receiver::start("N1", world.database().to_owned()).await;
    let body = world.enrolment(&receiver, &code);
    let elsewhere = EnrolBody { environment: "live".into(), ..body.clone() };
    assert_eq!(try_enrol(&world, &elsewhere).await.unwrap_err().0, 409);
    let other = EnrolBody { facility: "S1".into(), ..body.clone() };
    assert_eq!(try_enrol(&world, &other).await.unwrap_err().0, 409, "a code is for one facility");
    let metadata = EnrolBody { address: "http://169.254.169.254/orders".into(), ..body.clone() };
    assert_eq!(try_enrol(&world, &metadata).await.unwrap_err().0, 400, "an address orders may not go to");
    assert_eq!(try_enrol(&world, &body).await, Ok(true));
    assert_eq!(try_enrol(&world, &body).await, Ok(true), "the answer may have been lost");
    let thief = Receiver::start("N1", world.database().to_owned()).await;
    let (status, error) = try_enrol(&world, &world.enrolment(&thief, &code)).await.unwrap_err();
    assert!(status == 409 && error.contains("used"), "{error}");
    assert_eq!(
        world.as_("auditor").facilities().await.unwrap()[0].public_key,
        receiver.key.public().to_string()
    );
}

#[tokio::test]
async fn a_code_expires() {
    let world = World::new().await;
    let issued = world.as_("administrator").enrolment_code(&"N1".into()).await.unwrap();
    let receiver = Receiver::start("N1", world.database().to_owned()).await;
    world.set(issued.expires);
    let (status, error) = try_enrol(&world, &world.enrolment(&receiver, &issued.code)).await.unwrap_err();
    assert!(status == 409 && error.contains("expired"), "{error}");
}

#[tokio::test]
async fn a_change_takes_two_people() {
    let world = World::new().await;
    let first = world.enrol("N1").await;
    let code = world.as_("administrator").enrolment_code(&"N1".into()).await.unwrap().code;
    let next = Receiver::start("N1", world.database().to_owned()).await;
    assert_eq!(try_enrol(&world, &world.enrolment(&next, &code)).await, Ok(false));
    let row = world.as_("auditor").facilities().await.unwrap().remove(0);
    assert_eq!(row.address, first.url(), "the old address holds");
    assert_eq!(row.pending.as_ref().unwrap().address, next.url());

    let change = ConfirmBody { address: next.url(), public_key: next.key.public().to_string(), relay: None };
    let alone = world.as_("administrator").confirm(&"N1".into(), &change).await;
    assert!(matches!(alone, Err(ServerError::Answered { status: 409, .. })), "{alone:?}");
    let other = ConfirmBody { address: first.url(), ..change.clone() };
    let other = world.as_("approver").confirm(&"N1".into(), &other).await;
    assert!(matches!(other, Err(ServerError::Answered { status: 409, .. })), "{other:?}");
    world.as_("approver").confirm(&"N1".into(), &change).await.unwrap();
    assert_eq!(world.as_("auditor").facilities().await.unwrap()[0].address, next.url());
}
