//! An order at a facility, signed by whoever may.
#![no_main]

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use kezek_fuzz::{json, orders, plant};
use kezek_model::order::Order;
use libfuzzer_sys::fuzz_target;

static ORDERS: LazyLock<Vec<Order>> = LazyLock::new(orders);
static AT: LazyLock<DateTime<Utc>> = LazyLock::new(|| ORDERS[0].not_before);

fn seed(order: &Order) -> Vec<u8> {
    json(&Order { environment: kezek_study::noise::ENVIRONMENT.into(), ..order.clone() })
}

fuzz_target!(init: plant(ORDERS.iter().map(seed)), |bytes: &[u8]| kezek_study::noise::order(bytes, *AT));
