//! What a seed says about a run: how bad the network is, who the facilities are, what the room is set to.

use crate::draw::Draw;
use chrono::TimeDelta;
use kezek_engine::Config;
use kezek_model::ids::{FacilityId, ZoneId};
use kezek_model::units::Kw;
use std::collections::BTreeMap;

/// How a facility behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quirk {
    /// Obeys, and says so after so many seconds.
    Obeys(i64),
    /// Obeys and never answers.
    Mute,
    /// Says that it cannot obey.
    Refuses,
    /// Says that it obeys, and draws what it likes.
    Lies,
    /// Nothing reaches it before the quiet phase.
    Deaf,
}

/// A facility, as it is drawn.
#[derive(Clone, Debug)]
pub(super) struct Nature {
    pub(super) id: FacilityId,
    pub(super) zone: ZoneId,
    pub(super) quirk: Quirk,
    pub(super) is_protected: bool,
    pub(super) nominated: Kw,
    pub(super) floor: Kw,
    /// Its clock less the true one.
    pub(super) skew: TimeDelta,
}

/// How bad the network is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weather {
    pub(super) lost_percent: u64,
    pub(super) twice_percent: u64,
    pub(super) delay_ms: i64,
    pub(super) misled_percent: u64,
}

/// What may return in a zone within a plan interval, for each zone; `None`: any.
pub(super) type RestoreLimits = BTreeMap<ZoneId, Option<Kw>>;

/// What a seed says about a run.
#[derive(Clone, Debug)]
pub(super) struct Chances {
    pub(super) natures: Vec<Nature>,
    /// None where plans say nothing of what their zones bear, as old ones do.
    pub(super) restore_limits: Option<RestoreLimits>,
    pub(super) weather: Weather,
    pub(super) config: Config,
    pub(super) crashes: u64,
    pub(super) leaps: u64,
    pub(super) full_disks: u64,
    pub(super) cuts: u64,
}

impl Chances {
    pub(super) fn draw(draw: &mut Draw) -> Self {
        let count = draw.whole(3, 5);
        let mut zones = draw.split();
        let has_west = zones.chance(40);
        let zone = |number: i64| ZoneId::from(if has_west && number % 2 == 1 { "west" } else { "south" });
        let natures: Vec<Nature> = (0..count).map(|number| nature(number, zone(number), draw)).collect();
        let names: BTreeMap<ZoneId, ()> = natures.iter().map(|nature| (nature.zone.clone(), ())).collect();
        let restore_limits = zones.chance(85).then(|| {
            let limit = |zones: &mut Draw| zones.chance(70).then(|| Kw(zones.whole(8, 70) * 1_000));
            names.keys().map(|zone| (zone.clone(), limit(&mut zones))).collect()
        });
        let shed = names.keys().filter_map(|zone| {
            let limit = Kw(zones.whole(15, 90) * 1_000);
            zones.chance(50).then(|| (zone.clone(), limit))
        });
        let shed_limits: BTreeMap<ZoneId, Kw> = shed.collect();
        let weather = Weather {
            lost_percent: draw.below(31),
            twice_percent: draw.below(51),
            delay_ms: [200, 5_000, 20_000, 60_000][usize::try_from(draw.below(4)).unwrap_or(0)],
            misled_percent: draw.below(4),
        };
        let two_people_above = draw.chance(35).then(|| Kw(draw.whole(5, 40) * 1_000));
        let orders_per_minute = draw.chance(70).then_some(200);
        let reading_late_minutes = 5;
        let config = Config {
            two_people_above,
            orders_per_minute,
            reading_late_minutes,
            shed_limits,
            ..Config::default()
        };
        let (crashes, leaps) = (draw.below(4), draw.below(8).saturating_sub(5));
        Self {
            natures,
            restore_limits,
            weather,
            config,
            crashes,
            leaps,
            full_disks: draw.below(3),
            cuts: draw.below(6),
        }
    }
}

fn nature(number: i64, zone: ZoneId, draw: &mut Draw) -> Nature {
    let quirk = match draw.below(12) {
        0 => Quirk::Mute,
        1 => Quirk::Refuses,
        2 | 3 => Quirk::Lies,
        4 => Quirk::Deaf,
        5 | 6 => Quirk::Obeys(draw.whole(60, 900)),
        _ => Quirk::Obeys(draw.whole(0, 5)),
    };
    let skew_s = if draw.chance(15) { draw.whole(-120, 120) } else { draw.whole(-20, 20) };
    let nominated = draw.whole(5, 40) * 1_000;
    Nature {
        id: format!("F{}", number + 1).into(),
        zone,
        quirk,
        is_protected: number > 1 && draw.chance(20),
        nominated: Kw(nominated),
        floor: Kw(nominated / 20),
        skew: TimeDelta::seconds(skew_s),
    }
}
