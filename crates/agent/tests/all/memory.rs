//! Power failures, restarts, damage.

use crate::world::{World, at};
use chrono::TimeDelta;
use kezek_agent::{Agent, AgentError, Store};
use std::fs;
use std::sync::Arc;

fn refusal(world: &World) -> String {
    Store::open(&world.config.store_file).unwrap_err().to_string()
}

#[tokio::test]
async fn after_a_restart_everything_is_known_and_the_limit_is_told_again() {
    let world = World::new("'accept'");
    let agent = world.open();
    world.give(&agent, &world.order(1)).await;
    world.leap(&agent, at(20)).await;
    let before = agent.standing();
    drop(agent);
    let agent = world.open();
    assert_eq!(agent.standing(), before);
    assert_eq!(world.told(), [(at(0), Some(2000))], "opening touches nothing");
    agent.tick().await;
    assert_eq!(world.told()[1..], [(at(20), Some(2000))]);
    assert_eq!(agent.standing().unsent, before.unsent, "no second report");
    agent.tick().await;
    assert_eq!(world.told().len(), 2);
}

#[tokio::test]
async fn a_limit_that_ended_while_the_agent_was_away_is_lifted_late_and_only_then() {
    let world = World::new("'accept'");
    let agent = world.open();
    world.give(&agent, &world.order(1)).await;
    world.leap(&agent, at(20)).await;
    drop(agent);
    world.set(at(74));
    let agent = world.open();
    agent.tick().await;
    assert_eq!(agent.standing().applied.limit.map(|limit| limit.0), Some(2000));
    drop(agent);
    world.set(at(300));
    let agent = world.open();
    agent.tick().await;
    assert_eq!(world.told().last(), Some(&(at(300), None)));
}

#[tokio::test]
async fn without_orders_a_start_moves_nothing() {
    let world = World::new("'accept'");
    for minute in [0, 10] {
        world.set(at(minute));
        let agent = world.open();
        agent.tick().await;
    }
    assert_eq!(world.told(), []);
}

#[tokio::test]
async fn a_record_torn_at_any_byte_is_cut_off_and_all_before_it_is_kept() {
    let world = World::new("'manual'");
    let agent = world.open();
    world.give(&agent, &world.order(1)).await;
    let whole = fs::read(&world.config.store_file).unwrap();
    world.give(&agent, &world.order(2)).await;
    let more = fs::read(&world.config.store_file).unwrap();
    drop(agent);
    for length in whole.len()..more.len() {
        fs::write(&world.config.store_file, &more[..length]).unwrap();
        let agent = world.open();
        assert_eq!(agent.standing().holdings.len(), 1, "{length}");
        assert_eq!(fs::read(&world.config.store_file).unwrap(), whole, "{length}");
    }
    let agent = world.open();
    assert_eq!(world.give(&agent, &world.order(2)).await, 200);
    drop(agent);
    assert_eq!(world.open().standing().holdings.len(), 2);
}

#[tokio::test]
async fn any_other_damage_refuses_the_start_and_touches_nothing() {
    let world = World::new("'manual'");
    let agent = world.open();
    world.give(&agent, &world.order(1)).await;
    world.give(&agent, &world.order(2)).await;
    drop(agent);
    let path = &world.config.store_file;
    let sound = fs::read(path).unwrap();
    let ends: Vec<_> = (0..sound.len()).filter(|place| sound[*place] == b'\n').collect();
    for place in (0..ends[2]).step_by(11) {
        let mut damaged = sound.clone();
        damaged[place] ^= 4;
        fs::write(path, &damaged).unwrap();
        let why = refusal(&world);
        assert!(why.contains("load is left as it is"), "byte {place}: {why}");
    }
    let without_second = [&sound[..=ends[0]], &sound[ends[1] + 1..]].concat();
    for (content, words) in [
        (without_second, "line 2: its hash does not fit"),
        (sound[..ends[0]].to_vec(), "record that opens a store is missing"),
        (vec![], "record that opens a store is missing"),
        ([&sound[..], b"\n"].concat(), "line 4"),
        ([&sound[..], b"\xff\n"].concat(), "line 4: it is not text"),
        (sound[ends[0] + 1..].to_vec(), "line 1"),
    ] {
        fs::write(path, &content).unwrap();
        assert!(refusal(&world).contains(words), "{words}: {}", refusal(&world));
        assert_eq!(fs::read(path).unwrap(), content, "what is damaged is left for those who look into it");
    }
    fs::remove_file(path).unwrap();
    assert!(refusal(&world).contains("is missing: the orders in force are not known"));
    assert!(!path.exists());
    assert_eq!(world.told(), []);
}

#[test]
fn two_agents_cannot_share_a_store() {
    let world = World::new("'manual'");
    let _held = Store::open(&world.config.store_file).unwrap();
    assert!(refusal(&world).contains("two agents must not act"));
    let error = Store::create(&world.config.store_file, &"F1".into(), "test").unwrap_err();
    assert!(matches!(error, AgentError::File { what: "make a new store", .. }));
}

#[test]
fn files_of_another_facility_are_refused() {
    let world = World::new("'manual'");
    let open = |config: kezek_agent::AgentConfig| {
        let store = Store::open(&world.config.store_file).unwrap();
        let opened = Agent::open(config, store, Box::new(Arc::clone(&world.load)), Arc::new(|| at(0)));
        opened.err().map(|error| error.to_string()).unwrap_or_default()
    };
    let mut other = world.config.clone();
    other.facility = "F2".into();
    assert!(open(other).contains("the enrolled facility is F1, expected F2"));
    let mut other = world.config.clone();
    other.environment = "live".into();
    assert!(open(other).contains("the enrolled environment is test, expected live"));
    let mut other = world.config.clone();
    other.state_file = world.dir.path().join("nowhere.json");
    assert!(open(other).contains("not enrolled"));
    let mut other = world.config.clone();
    other.key_file = world.dir.path().join("other.key");
    kezek_courier::PrivateKey::generate().unwrap().save(&other.key_file).unwrap();
    assert!(open(other).contains("put the key file back"));
    fs::remove_file(&world.config.store_file).unwrap();
    Store::create(&world.config.store_file, &"F9".into(), "test").unwrap();
    assert!(open(world.config.clone()).contains("the store's facility is F9, expected F1"));
}

#[tokio::test]
async fn what_was_sent_is_not_sent_again_after_a_restart() {
    let room = crate::world::Room::default();
    let (address, _serving) = room.listen().await;
    let mut world = World::new("'accept'");
    world.config.server_url = format!("http://{address}");
    let agent = world.open();
    world.give(&agent, &world.order(1)).await;
    world.leap(&agent, at(30) + TimeDelta::seconds(1)).await;
    let sent = room.got.lock().unwrap().len();
    drop(agent);
    let agent = world.open();
    agent.tick().await;
    assert_eq!((agent.standing().unsent, room.got.lock().unwrap().len()), (0, sent));
}
