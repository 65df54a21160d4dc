//! The run: an agenda of moments, taken one after the other, from the first start to the end of the quiet phase.

use super::chances::{Chances, Quirk, RestoreLimits};
use super::clock::Time;
use super::crash::{Crash, CrashPoint, Fate};
use super::disk::Disk;
use super::facility::{Facility, Kind};
use super::keys;
use super::network::{Cut, Network, Way};
use super::people::{self, Action};
use super::room::{Corridor, Opening};
use super::sabotage::Sabotage;
use super::transmit::Post;
use crate::draw::Draw;
use crate::oracle::{self, Evidence, Facts, Seen, Sight};
use chrono::{DateTime, TimeDelta, Utc};
use kezek_agent::Pins;
use kezek_courier::PrivateKey;
use kezek_engine::{Config, Outcome as Ended};
use kezek_journal::{Head, JournalError};
use kezek_model::canonical::canonical_json;
use kezek_model::ids::OrderNo;
use kezek_model::order::Order;
use std::collections::{BTreeMap, BTreeSet};

/// Name of the environment that everybody belongs to.
pub(super) const ENVIRONMENT: &str = "pretend";
/// How long everything fails, in minutes.
const SAFETY_MINUTES: i64 = 120;
/// How long nothing does, in minutes: longer than any order that can still be issued.
const QUIET_MINUTES: i64 = 190;
/// When a death that is asked for is due, in minutes from the beginning.
const CRASH_MINUTES: i64 = 15;
/// Moments of one run; what takes more goes round in circles.
const MOST_MOMENTS: usize = 100_000;

/// What a run is made of.
pub struct Settings<'a> {
    /// Everything is drawn from it.
    pub seed: u64,
    /// A deliberate fault.
    pub sabotage: Option<Sabotage>,
    /// Where the journal is kept.
    pub disk: Disk,
    /// A death that happens for certain, once orders are on their way.
    pub crash: Option<(CrashPoint, Fate)>,
    /// Starts the control room.
    pub opening: Opening<'a>,
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// What was seen.
    pub evidence: Evidence,
    /// The end of the journal.
    pub head: Head,
    /// How often the control room died.
    pub deaths: u32,
    /// How often the deliberate fault made a difference.
    pub struck: u32,
    /// Attempts at delivery that left.
    pub attempts: u32,
}

impl Outcome {
    /// What the oracle finds.
    #[must_use]
    pub fn findings(&self) -> Vec<oracle::Finding> {
        oracle::examine(&self.evidence)
    }
}

/// An attempt under way, of one life of the control room.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Flight {
    pub(super) life: u32,
    pub(super) order_no: OrderNo,
    pub(super) attempt: u32,
}

/// Something that happens at an instant.
pub(super) enum Moment {
    /// The control room is started.
    Open,
    /// It looks for what time has brought.
    Look,
    /// It is to die, at a point.
    Doom(Crash),
    /// The supervisor ends and starts it, for it cannot write any more.
    Restart,
    /// An attempt has ended, one way or the other.
    Ended(Flight, Ended),
    /// A message reaches a facility.
    AtFacility(usize, Post, Option<Flight>),
    /// A facility has something to do.
    Wake(usize),
    /// A facility's word reaches the control room.
    AtRoom { facility: usize, parcel: u64, kind: Kind, bytes: Vec<u8> },
    /// A facility hears that its word was taken.
    Taken { facility: usize, parcel: u64 },
    /// A person acts.
    Act(Action),
    /// Whoever is on duty sees that everything is as it should be.
    Duty,
    /// Somebody looks at the phone list.
    PhoneList,
    /// The wall clock is so many milliseconds off from now on.
    Wall(i64),
    /// The disk is full, or is not any more.
    Full(bool),
    /// The disk writes and says that it has not.
    Unsure,
    /// Somebody else sends something to a facility.
    Intrude(usize, u64),
}

/// The pretend world.
pub(super) struct World<'a> {
    pub(super) settings: Settings<'a>,
    pub(super) time: Time,
    agenda: BTreeMap<(DateTime<Utc>, u64), Moment>,
    count: u64,
    pub(super) draw: Draw,
    pub(super) network: Network,
    pub(super) facilities: Vec<Facility>,
    pub(super) config: Config,
    pub(super) restore_limits: Option<RestoreLimits>,
    pub(super) surged: BTreeMap<OrderNo, Order>,
    pub(super) key: PrivateKey,
    pub(super) corridor: Option<Box<dyn Corridor>>,
    /// Starts so far: what an earlier life began, a later one does not hear of.
    pub(super) life: u32,
    pub(super) doom: Option<Crash>,
    pub(super) flights: BTreeSet<Flight>,
    pub(super) look_at: Option<DateTime<Utc>>,
    wake_at: Vec<Option<DateTime<Utc>>>,
    /// Orders that somebody will look for on the phone list.
    pub(super) listed: usize,
    pub(super) evidence: Evidence,
    pub(super) wiretap: Vec<(usize, Post)>,
    pub(super) deaths: u32,
    pub(super) struck: u32,
    pub(super) attempts: u32,
    pub(super) failed_since: Option<DateTime<Utc>>,
}

/// Runs one seed.
///
/// # Errors
/// When the journal cannot be read at the end; nothing that happens in the run is an error.
pub fn run(settings: Settings<'_>) -> Result<Outcome, JournalError> {
    let Some(mut world) = World::draw(settings) else {
        return Ok(Outcome::default());
    };
    world.go();
    world.conclude()
}

impl Default for Outcome {
    fn default() -> Self {
        let (deaths, struck, attempts) = (0, 0, 0);
        Self { evidence: Evidence::default(), head: Head::empty(), deaths, struck, attempts }
    }
}

/// A winter evening.
fn begin() -> DateTime<Utc> {
    DateTime::from_timestamp(1_642_960_800, 0).unwrap_or_default()
}

impl<'a> World<'a> {
    fn draw(settings: Settings<'a>) -> Option<Self> {
        let mut draw = Draw(settings.seed.wrapping_mul(0x2545_F491_4F6C_DD1D));
        let chances = Chances::draw(&mut draw.split());
        let quiet_from = begin() + TimeDelta::minutes(SAFETY_MINUTES);
        let key = keys::of(settings.seed, ENVIRONMENT, 0)?;
        let facilities = facilities(&settings, &chances, &key)?;
        let network = Network { weather: chances.weather, cuts: Vec::new(), quiet_from, draw: draw.split() };
        let mut world = Self {
            time: Time::begin(begin()),
            agenda: BTreeMap::new(),
            count: 0,
            wake_at: vec![None; facilities.len()],
            evidence: Evidence { seed: settings.seed, facts: facts(&facilities), ..Evidence::default() },
            network,
            facilities,
            config: chances.config.clone(),
            restore_limits: chances.restore_limits.clone(),
            surged: BTreeMap::new(),
            key,
            corridor: None,
            life: 0,
            doom: None,
            flights: BTreeSet::new(),
            look_at: None,
            listed: 0,
            wiretap: Vec::new(),
            deaths: 0,
            struck: 0,
            attempts: 0,
            failed_since: None,
            settings,
            draw,
        };
        world.foretell(&chances);
        Some(world)
    }

    /// Everything that is bound to happen.
    fn foretell(&mut self, chances: &Chances) {
        let (mut draw, quiet) = (self.draw.split(), self.network.quiet_from);
        let minute =
            |draw: &mut Draw| begin() + TimeDelta::seconds(draw.whole(120, SAFETY_MINUTES * 60 - 60));
        self.at(begin(), Moment::Open);
        for (after, action) in people::day(&mut draw, SAFETY_MINUTES) {
            self.at(begin() + TimeDelta::seconds(30) + after, Moment::Act(action));
        }
        for _ in 0..chances.crashes {
            self.at(minute(&mut draw), Moment::Doom(Crash::draw(&mut draw)));
        }
        if let Some((point, fate)) = self.settings.crash {
            self.at(begin() + TimeDelta::minutes(CRASH_MINUTES), Moment::Doom(Crash { point, fate }));
        }
        for _ in 0..chances.leaps {
            self.foretell_leap(minute(&mut draw), &mut draw);
        }
        for _ in 0..chances.full_disks {
            let from = minute(&mut draw);
            match draw.chance(30) {
                true => self.at(from, Moment::Unsure),
                false => {
                    self.at(from, Moment::Full(true));
                    self.at(from + TimeDelta::seconds(draw.whole(1, 400)), Moment::Full(false));
                }
            }
        }
        for _ in 0..draw.below(6) {
            let (at, facility) = (minute(&mut draw), self.any_facility(&mut draw));
            self.at(at, Moment::Intrude(facility, draw.below(5)));
        }
        self.cut_links(chances, &mut draw);
        for minutes in (0..QUIET_MINUTES).step_by(2) {
            let at = quiet + TimeDelta::minutes(minutes);
            self.at(at, if minutes % 10 == 4 { Moment::PhoneList } else { Moment::Duty });
        }
    }

    /// A leap, and whoever sets the clock right again and resumes.
    fn foretell_leap(&mut self, at: DateTime<Utc>, draw: &mut Draw) {
        let size = [2_500, 60_000, 3_600_000][usize::try_from(draw.below(3)).unwrap_or(0)];
        self.at(at, Moment::Wall(if draw.chance(50) { size } else { -size }));
        let later = at + TimeDelta::seconds(draw.whole(5, 900));
        self.at(later, Moment::Wall(0));
        self.at(later + TimeDelta::seconds(draw.whole(1, 120)), Moment::Act(Action::Resume));
    }

    fn cut_links(&mut self, chances: &Chances, draw: &mut Draw) {
        for _ in 0..chances.cuts {
            let from = begin() + TimeDelta::minutes(draw.whole(0, SAFETY_MINUTES));
            let to = from + TimeDelta::minutes(draw.whole(1, 30));
            let way = if draw.chance(50) { Way::Out } else { Way::Back };
            let facility = self.any_facility(draw);
            self.network.cuts.push(Cut { facility, way, from, to });
        }
        for (facility, one) in self.facilities.iter().enumerate() {
            if one.nature.quirk == Quirk::Deaf {
                let (from, to) = (begin(), self.network.quiet_from);
                self.network.cuts.push(Cut { facility, way: Way::Out, from, to });
            }
        }
    }

    fn any_facility(&self, draw: &mut Draw) -> usize {
        usize::try_from(draw.below(self.facilities.len() as u64)).unwrap_or(0)
    }

    pub(super) fn at(&mut self, at: DateTime<Utc>, moment: Moment) {
        self.count += 1;
        self.agenda.insert((at.max(self.time.now()), self.count), moment);
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.time.now()
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.now() >= self.network.quiet_from
    }

    pub(super) fn see(&mut self, sight: Sight) {
        self.evidence.seen.push(Seen { at: self.now(), sight });
    }

    fn go(&mut self) {
        let end = self.network.quiet_from + TimeDelta::minutes(QUIET_MINUTES);
        let mut is_calm = false;
        self.evidence.facts.is_cut_short = true;
        for _ in 0..MOST_MOMENTS {
            let next = self.agenda.pop_first().filter(|((at, _), _)| *at < end);
            let Some(((at, _), moment)) = next else {
                self.evidence.facts.is_cut_short = false;
                break;
            };
            self.time.go_to(at);
            if self.is_quiet() && !std::mem::replace(&mut is_calm, self.is_quiet()) {
                self.calm();
            }
            self.take(moment);
            self.send_while_frozen();
            self.plan_look();
        }
        self.time.go_to(end);
    }

    /// From now on nothing fails.
    fn calm(&mut self) {
        self.settings.disk.live();
        self.doom = None;
        self.set_wall(0);
        self.see(Sight::Fault("the quiet phase begins".to_owned()));
    }

    fn take(&mut self, moment: Moment) {
        match moment {
            Moment::Open => self.open(),
            Moment::Look => self.look_around(),
            Moment::Doom(crash) => self.foredoom(crash),
            Moment::Restart => self.restart(),
            Moment::Ended(flight, ended) => self.ended(flight, ended),
            Moment::AtFacility(facility, post, flight) => self.at_facility(facility, &post, flight),
            Moment::Wake(facility) => self.wake(facility),
            Moment::AtRoom { facility, parcel, kind, bytes } => self.at_room(facility, parcel, kind, bytes),
            Moment::Taken { facility, parcel } => _ = self.facilities[facility].parcels.remove(&parcel),
            Moment::Act(action) => self.act(action),
            Moment::Duty => self.duty(),
            Moment::PhoneList => self.read_phone_list(),
            Moment::Wall(error_ms) => self.set_wall(if self.is_quiet() { 0 } else { error_ms }),
            Moment::Full(is_full) => self.fill_disk(is_full),
            Moment::Unsure => self.doubt_disk(),
            Moment::Intrude(facility, kind) => self.intrude(facility, kind),
        }
    }

    fn fill_disk(&mut self, is_full: bool) {
        let is_full = is_full && !self.is_quiet();
        self.settings.disk.set_full(is_full);
        self.see(Sight::Fault(if is_full { "the disk is full" } else { "the disk has room" }.to_owned()));
    }

    fn doubt_disk(&mut self) {
        if !self.is_quiet() {
            self.settings.disk.set_unsure();
            self.see(Sight::Fault("the disk will write and say that it has not".to_owned()));
        }
    }

    fn set_wall(&mut self, error_ms: i64) {
        // A machine that starts asks for the time first.
        let error_ms = if self.corridor.is_some() { error_ms } else { 0 };
        let by_ms = self.time.set_wall_error(error_ms);
        if by_ms != 0 {
            self.see(Sight::Leapt { by_ms });
            self.at(self.now() + TimeDelta::milliseconds(200), Moment::Look);
        }
    }

    /// Lets a facility be woken when it wants to be.
    pub(super) fn plan_wake(&mut self, facility: usize) {
        let now = self.now();
        let Some(next) = self.facilities[facility].next(now) else { return };
        if self.wake_at[facility].is_none_or(|planned| next < planned || planned < now) {
            self.wake_at[facility] = Some(next);
            self.at(next, Moment::Wake(facility));
        }
    }

    pub(super) fn woken(&mut self, facility: usize) {
        self.wake_at[facility] = None;
    }

    fn conclude(mut self) -> Result<Outcome, JournalError> {
        self.evidence.facts.quiet_from = self.network.quiet_from;
        self.evidence.facts.ended_at = self.now();
        self.list_orders();
        self.finish_sabotage()?;
        let records = self.settings.disk.records()?;
        let head = records.last().map_or_else(Head::empty, kezek_journal::Record::head);
        let values = records.iter().filter_map(|record| serde_json::to_value(record).ok());
        self.evidence.records = values.collect();
        self.rewrite();
        let struck = self.struck + self.facilities.iter().map(|facility| facility.struck).sum::<u32>();
        let (evidence, deaths, attempts) = (self.evidence, self.deaths, self.attempts);
        Ok(Outcome { evidence, head, deaths, struck, attempts })
    }

    fn list_orders(&mut self) {
        let mut orders = Vec::new();
        if let Some(corridor) = &self.corridor {
            corridor.look(&mut |state| {
                // As they are signed, so that a number has one spelling.
                let bytes = state.records().filter_map(|record| canonical_json(&record.order).ok());
                orders = bytes.filter_map(|bytes| serde_json::from_slice(&bytes).ok()).collect();
            });
        }
        self.evidence.orders = orders;
    }
}

fn facilities(settings: &Settings<'_>, chances: &Chances, room: &PrivateKey) -> Option<Vec<Facility>> {
    let made = chances.natures.iter().map(|nature| {
        let key = keys::of(settings.seed, nature.id.as_str(), 0)?;
        let pins = Pins {
            facility: nature.id.clone(),
            environment: ENVIRONMENT.to_owned(),
            control_room_keys: vec![room.public()],
            key_id: key.key_id(),
        };
        let mut facility = Facility::new(nature.clone(), key, pins, begin());
        facility.sabotage = settings.sabotage;
        Some(facility)
    });
    made.collect()
}

fn facts(facilities: &[Facility]) -> Facts {
    let fact = |facility: &Facility| {
        let nature = &facility.nature;
        let lies = nature.quirk == Quirk::Lies;
        let is_protected = nature.is_protected;
        let (nominated_kw, floor_kw) = (nature.nominated.0, nature.floor.0);
        (nature.id.to_string(), oracle::Facility { is_protected, floor_kw, nominated_kw, lies })
    };
    let facilities = facilities.iter().map(fact).collect();
    Facts { facilities, environment: ENVIRONMENT.to_owned(), ..Facts::default() }
}
