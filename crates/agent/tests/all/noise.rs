//! Whatever comes through the door, nobody falls and no load moves.

use crate::world::{World, at};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use tokio::runtime::Runtime;

const NAMES: [&str; 4] = ["webhook-id", "webhook-timestamp", "webhook-signature", "kezek-order-signature"];

fn headers(values: &[Vec<u8>]) -> HeaderMap {
    let pairs = NAMES.iter().zip(values);
    let pair = |(name, value): (&&'static str, &Vec<u8>)| {
        Some((HeaderName::from_static(name), HeaderValue::from_bytes(value).ok()?))
    };
    pairs.filter_map(pair).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Bytes without a proof are refused, however they look.
    #[test]
    fn noise_is_refused(
        values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 4),
        body in prop::collection::vec(any::<u8>(), 0..500),
    ) {
        Runtime::new().unwrap().block_on(async {
            let world = World::new("'accept'");
            let agent = world.open();
            let status = agent.receive(headers(&values), body.into()).await.unwrap_err().status();
            assert!((400..500).contains(&status), "{status}");
            world.set(at(30));
            agent.tick().await;
            assert_eq!((world.told(), agent.standing().holdings.len()), (vec![], 0));
        });
    }

    /// Bytes that the control room itself has signed by mistake are refused too, unless they are an order.
    #[test]
    fn signed_noise_is_refused(
        at_byte in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 0..8),
        cut in 0_usize..8,
    ) {
        Runtime::new().unwrap().block_on(async {
            let world = World::new("'accept'");
            let agent = world.open();
            let order = world.order(1);
            let (_, mut body) = world.envelope(&order);
            let place = at_byte.index(body.len());
            let sound = body.clone();
            body.splice(place..(place + cut).min(sound.len()), with);
            if body == sound {
                return;
            }
            let headers = world.headers(&order, &body, &world.room);
            assert!(agent.receive(headers, body.into()).await.is_err());
            world.set(at(30));
            agent.tick().await;
            assert_eq!(world.told(), []);
        });
    }
}
