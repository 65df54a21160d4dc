//! The life of the control room: it is started, asked, looks for what time has brought, and dies.

use super::crash::{Crash, CrashPoint, Fate};
use super::people::{self, Action, View};
use super::plans;
use super::room::{Asked, Denied, Start};
use super::run::{ENVIRONMENT, Moment, World};
use super::sabotage::Sabotage;
use crate::oracle::Sight;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_engine::phone::Cause;
use kezek_engine::query::{OrderView, orders};
use kezek_engine::{Effect, Effects, Event, next_due};

/// How long a room that cannot write is left alone.
const RESTART_AFTER: TimeDelta = TimeDelta::minutes(3);

type Answers = Vec<Result<Effects, Denied>>;

impl World<'_> {
    /// Starts the room, or tries again a little later.
    pub(super) fn open(&mut self) {
        if self.corridor.is_some() {
            return;
        }
        let again = self.now() + TimeDelta::seconds(10);
        let Ok(store) = self.settings.disk.mount() else { return self.at(again, Moment::Open) };
        self.doom_start();
        let clock = self.time.clock(self.settings.sabotage != Some(Sabotage::TrustsTheWall));
        let (environment, config) = (ENVIRONMENT.to_owned(), self.config.clone());
        self.see(Sight::Opened);
        let opened = (self.settings.opening)(Start { store, clock, environment, config });
        self.acknowledge();
        match opened {
            Ok(corridor) => {
                self.life += 1;
                self.corridor = Some(corridor);
                self.failed_since = None;
                self.register();
            }
            Err(why) => {
                self.see(Sight::Fault(format!("the room did not start: {why}")));
                let pulled = self.settings.disk.pull_the_plug(Fate::Kept);
                pulled.unwrap_or_else(|error| self.see(Sight::Fault(error.to_string())));
                self.at(again, Moment::Open);
            }
        }
    }

    /// A death at the start itself happens once.
    fn doom_start(&mut self) {
        let records = self.settings.disk.records().map_or(0, |records| records.len());
        match self.doom {
            Some(Crash { point: CrashPoint::InReplay, .. }) => self.settings.disk.die_in_reading(records / 2),
            Some(Crash { point: CrashPoint::InOpening, fate }) => self.settings.disk.die_at_append(fate),
            _ => return,
        }
        self.doom = None;
    }

    /// The facilities are entered by an administrator, once.
    fn register(&mut self) {
        let natures: Vec<_> = self.facilities.iter().map(|facility| facility.nature.id.clone()).collect();
        for (index, facility) in natures.into_iter().enumerate() {
            let is_known = self.look(|state| state.enrolment(&facility).is_some());
            if is_known != Some(false) {
                continue;
            }
            let public_key = self.facilities[index].key.public().to_string();
            let (address, by) = (people::address(&facility, 0), "admin".to_owned());
            let event = Event::Enrolled { facility, address, public_key, by, approved_by: None, relay: None };
            self.ask(vec![Asked::Happen(Box::new(event), None)], false);
        }
    }

    /// Looks at what is durable.
    pub(super) fn look<T>(&self, question: impl FnOnce(&kezek_engine::State) -> T) -> Option<T> {
        let (mut question, mut answer) = (Some(question), None);
        self.corridor.as_ref()?.look(&mut |state| answer = question.take().map(|ask| ask(state)));
        answer
    }

    /// Has a batch served, and carries out what follows; none where the room died over it or is not there.
    pub(super) fn ask(&mut self, batch: Vec<Asked>, is_outcome: bool) -> Option<Answers> {
        let point = self.doom.map(|crash| crash.point);
        if point == Some(CrashPoint::BeforeAppend) {
            self.meet_doom();
            return None;
        }
        if point == Some(CrashPoint::InAppend) || (is_outcome && point == Some(CrashPoint::InOutcome)) {
            self.settings.disk.die_at_append(self.doom.map_or(Fate::Kept, |crash| crash.fate));
        }
        let answers = self.corridor.as_mut()?.serve(batch);
        let has_written = self.acknowledge();
        if has_written {
            self.failed_since = None;
        }
        if self.settings.disk.is_dead() || (has_written && point == Some(CrashPoint::AfterAppend)) {
            self.meet_doom();
            return None;
        }
        self.note_trouble(&answers);
        let effects = answers.iter().flatten().flatten().cloned().collect();
        self.follow(effects, point)?;
        self.expect_calls();
        Some(answers)
    }

    /// Sends what follows; a room that dies here has sent a part, or all without hearing what came of it.
    fn follow(&mut self, effects: Effects, point: Option<CrashPoint>) -> Option<()> {
        let sends: Vec<Effect> =
            effects.into_iter().filter(|effect| matches!(effect, Effect::Send { .. })).collect();
        let is_last = matches!(point, Some(CrashPoint::BetweenSends | CrashPoint::AfterSends));
        let count = if point == Some(CrashPoint::BetweenSends) { sends.len() / 2 } else { sends.len() };
        let dies = is_last && !sends.is_empty();
        for effect in sends.into_iter().take(count) {
            self.send(effect);
        }
        if dies {
            self.meet_doom();
            return None;
        }
        Some(())
    }

    /// What the disk says is durable is seen before anything that follows from it.
    fn acknowledge(&mut self) -> bool {
        let heads = self.settings.disk.take_acknowledged();
        let has_written = !heads.is_empty();
        let believes_wrong = self.settings.sabotage == Some(Sabotage::TrustsTheWall) && self.time.is_wrong();
        self.struck += u32::from(has_written && believes_wrong && self.corridor.is_some());
        for head in heads.into_iter().filter(|head| head.seq > 0) {
            self.see(Sight::Durable { seq: head.seq, hash: head.hash });
        }
        has_written
    }

    /// A journal that cannot be written for long, or only by a new process, makes somebody restart the room.
    fn note_trouble(&mut self, answers: &Answers) {
        let is_down = answers.iter().any(|answer| matches!(answer, Err(Denied::Journal(_))));
        if !is_down {
            return;
        }
        let now = self.now();
        let since = *self.failed_since.get_or_insert(now);
        if since == now {
            self.see(Sight::Fault("the journal cannot be written".to_owned()));
            self.at(now + RESTART_AFTER, Moment::Restart);
        }
    }

    /// Whoever watches the room starts it anew, where nothing could be written since.
    pub(super) fn restart(&mut self) {
        let is_long = self.failed_since.is_some_and(|since| since + RESTART_AFTER <= self.now());
        if is_long && self.corridor.is_some() {
            let crash = Crash { point: CrashPoint::BeforeAppend, fate: Fate::Kept };
            self.die(crash, self.now() + TimeDelta::seconds(5));
        }
    }

    /// The room is to die; where the point is one of the next start, it dies now for a first time.
    pub(super) fn foredoom(&mut self, crash: Crash) {
        if self.is_quiet() || self.corridor.is_none() {
            return;
        }
        self.doom = Some(crash);
        if matches!(crash.point, CrashPoint::InReplay | CrashPoint::InOpening) {
            self.die(crash, self.now() + TimeDelta::seconds(5));
        }
    }

    fn meet_doom(&mut self) {
        let crash = self.doom.take().unwrap_or(Crash { point: CrashPoint::InAppend, fate: Fate::Kept });
        let down_s = self.draw.whole(2, 240);
        self.die(crash, self.now() + TimeDelta::seconds(down_s));
    }

    fn die(&mut self, crash: Crash, up_at: DateTime<Utc>) {
        let pulled = self.settings.disk.pull_the_plug(crash.fate);
        pulled.unwrap_or_else(|error| self.see(Sight::Fault(error.to_string())));
        self.corridor = None;
        self.flights.clear();
        self.look_at = None;
        self.deaths += 1;
        self.see(Sight::Crashed { how: format!("{:?} {:?}", crash.point, crash.fate) });
        // A machine that starts asks for the time first.
        self.time.set_wall_error(0);
        self.at(up_at, Moment::Open);
    }

    /// Lets what time has brought happen.
    pub(super) fn look_around(&mut self) {
        self.look_at = None;
        if self.corridor.is_none() {
            return;
        }
        if self.settings.sabotage == Some(Sabotage::SendsBeforeWriting) {
            self.send_before_writing();
        }
        self.ask(vec![Asked::Due], false);
    }

    /// The room looks when something falls due, and five times a second at most.
    pub(super) fn plan_look(&mut self) {
        let Some(corridor) = &self.corridor else { return };
        let (room_now, mut next) = (corridor.now(), None);
        corridor.look(&mut |state| next = next_due(state));
        let Some(next) = next else { return };
        // A room that cannot write looks less often.
        let least = if self.failed_since.is_some() { 2_000 } else { 10 };
        let wait = (next - room_now).max(TimeDelta::milliseconds(least));
        let at = self.now() + wait;
        if self.look_at.is_none_or(|planned| at < planned || planned < self.now()) {
            self.look_at = Some(at);
            self.at(at, Moment::Look);
        }
    }

    /// Somebody will look at the phone list shortly before each order must have arrived.
    fn expect_calls(&mut self) {
        let known = self.listed;
        let times = self.look(|state| {
            let records: Vec<_> = state.records().map(|record| &record.order).collect();
            (records.len(), records.iter().map(|order| order.deliver_by).collect::<Vec<_>>())
        });
        let Some((count, times)) = times.filter(|(count, _)| *count > known) else { return };
        self.listed = count;
        let now = self.now();
        for at in times.into_iter().filter(|at| *at > now) {
            self.at(at - TimeDelta::milliseconds(500), Moment::PhoneList);
        }
    }

    pub(super) fn read_phone_list(&mut self) {
        let Some(clock) = self.corridor.as_ref().map(|corridor| corridor.now()) else { return };
        let hides = self.settings.sabotage == Some(Sabotage::HidesCalls);
        let is_hidden = |view: &OrderView| hides && view.call == Some(Cause::NotReceived);
        let shown = self.look(|state| {
            let called = orders(state, clock).filter(|view| view.call.is_some());
            let (hidden, shown): (Vec<_>, Vec<_>) = called.partition(is_hidden);
            let shown = shown.iter().map(|view| view.record.order.order_no.to_string()).collect::<Vec<_>>();
            (shown, hidden.len())
        });
        let (orders, hidden) = shown.unwrap_or_default();
        self.struck += u32::try_from(hidden).unwrap_or(u32::MAX);
        self.see(Sight::PhoneList { clock, orders });
    }

    /// A person acts on what the room shows.
    pub(super) fn act(&mut self, action: Action) {
        if matches!(action, Action::Resume | Action::ResumeAlone) && self.corridor.is_some() {
            // Nobody resumes before the clock is right.
            let by_ms = self.time.set_wall_error(0);
            if by_ms != 0 {
                self.see(Sight::Leapt { by_ms });
            }
        }
        let mut draw = self.draw.split();
        let natures: Vec<_> = self.facilities.iter().map(|facility| facility.nature.clone()).collect();
        let (seed, now) = (self.settings.seed, self.corridor.as_ref().map(|corridor| corridor.now()));
        let passes_all = self.settings.sabotage == Some(Sabotage::PassesEveryPlan);
        let unsound = self.evidence.facts.unsound_plans.clone();
        let restore_limits = self.restore_limits.as_ref();
        let wanted = self.look(|state| {
            let (natures, unsound, now) = (&natures[..], &unsound, now.unwrap_or_default());
            View { state, now, natures, restore_limits, unsound, seed, passes_all }.want(action, &mut draw)
        });
        let Some(wanted) = wanted.flatten() else { return };
        if let (Action::ProposeUnsound, Event::Proposed(proposed)) = (action, &wanted.event) {
            self.evidence.facts.unsound_plans.insert(proposed.plan_digest.clone());
        }
        self.demand(action, wanted);
    }

    fn demand(&mut self, action: Action, wanted: people::Wanted) {
        let people::Wanted { person, mut event, forbidden_by } = wanted;
        if self.settings.sabotage == Some(Sabotage::LetsAuthorApprove)
            && action == Action::ApproveOwn
            && let Event::Approved { person, .. } = &mut event
        {
            *person = person.to_uppercase();
        }
        let what = describe(&event);
        let changed = event.clone();
        let answers = self.ask(vec![Asked::Happen(Box::new(event), None)], false);
        let refused = match answers.map(|mut answers| answers.remove(0)) {
            Some(Ok(_)) => None,
            Some(Err(Denied::Refused(refusal))) => Some(refusal.to_string()),
            Some(Err(Denied::Journal(why))) => Some(why),
            None => Some("no answer came".to_owned()),
        };
        let is_granted = refused.is_none();
        if self.settings.sabotage == Some(Sabotage::LetsAuthorApprove)
            && forbidden_by == Some("S2")
            && is_granted
        {
            self.struck += 1;
        }
        if self.settings.sabotage == Some(Sabotage::PassesEveryPlan)
            && forbidden_by == Some("S15")
            && is_granted
        {
            self.struck += 1;
        }
        self.see(Sight::Asked { person, what, forbidden_by, refused });
        if is_granted {
            self.adopt_key(&changed);
            self.at(self.now() + TimeDelta::milliseconds(10), Moment::Look);
        }
    }

    /// A facility signs with its new key as soon as the change holds.
    fn adopt_key(&mut self, event: &Event) {
        let Event::EnrolmentConfirmed { facility, address, .. } = event else { return };
        let turn = address.rsplit('/').next().and_then(|turn| turn.parse().ok()).unwrap_or(0);
        let found = self.facilities.iter_mut().find(|known| known.nature.id == *facility);
        if let (Some(found), Some(key)) =
            (found, super::keys::of(self.settings.seed, facility.as_str(), turn))
        {
            found.key = key;
        }
    }

    /// In quiet times whoever is on duty puts right what people can.
    pub(super) fn duty(&mut self) {
        if self.corridor.is_none() {
            return self.open();
        }
        let is_frozen = self.look(|state| state.frozen().is_some()) == Some(true);
        let has_stopped = self.look(|state| state.stopped().is_some()) == Some(true);
        if has_stopped {
            self.act(Action::Resume);
        }
        if is_frozen {
            self.act(Action::Thaw);
        }
        for action in [Action::Approve, Action::ConfirmChange, Action::Resend, Action::Call] {
            self.act(action);
        }
    }

    /// S8 broken: what is due leaves first and is written down afterwards.
    fn send_before_writing(&mut self) {
        let Some(now) = self.corridor.as_ref().map(|corridor| corridor.now()) else { return };
        let effects = self.look(|state| {
            let mut ahead = state.clone();
            let events = kezek_engine::due(state, now, 100);
            events
                .into_iter()
                .flat_map(|event| kezek_engine::step(&mut ahead, event, now))
                .collect::<Effects>()
        });
        for effect in effects.unwrap_or_default() {
            if matches!(effect, Effect::Send { .. }) {
                self.struck += 1;
                self.send(effect);
            }
        }
    }
}

/// What a person asks for, in a line.
fn describe(event: &Event) -> String {
    match event {
        Event::Proposed(proposed) => {
            format!("propose plan {:.8} ({:?})", proposed.plan_digest, proposed.priority())
        }
        Event::Approved { plan_digest, person, .. } => format!("{person} approves plan {plan_digest:.8}"),
        other => {
            let text = serde_json::to_string(other).unwrap_or_default();
            text.chars().take(160).collect()
        }
    }
}

/// The digest that a sabotaged order names: of a plan that nobody approved.
pub(super) fn unapproved_digest(seed: u64) -> String {
    plans::digest(seed, 999)
}
