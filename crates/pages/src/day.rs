//! The dispatcher's day board: is there a shortage today, when, is it covered, and what must I do now?

use askama::Template;
use chrono::{DateTime, Utc};

use crate::alarm::Alarm;
use crate::chart::{Point, curve};
use crate::figures::fill;
use crate::frame::Frame;
use crate::words;

words! {
    /// Words of the day board.
    DayWords {
        title: "Day board", "Сутки", "Тәулік";
        no_plan: "No plan is approved for this day.", "На эти сутки нет утверждённого плана.", "Бұл тәулікке бекітілген жоспар жоқ.";
        see_plans: "See plans", "К планам", "Жоспарларға";
        no_shortage: "No shortage in the approved plan for the rest of this day.", "До конца суток по утверждённому плану дефицита нет.", "Бекітілген жоспар бойынша тәулік соңына дейін тапшылық жоқ.";
        no_shortage_past: "No shortage in the approved plan for this day.", "На эти сутки по утверждённому плану дефицита не было.", "Бекітілген жоспар бойынша бұл тәулікте тапшылық болған жоқ.";
        shortage: "Shortage {0}: need {1} MW, planned {2}, accepted {3} ({4} %), uncovered {5} MWh", "Дефицит {0}: нужно {1} МВт, по плану {2}, принято {3} ({4} %), не покрыто {5} МВт·ч", "Тапшылық {0}: қажет {1} МВт, жоспарда {2}, қабылданды {3} ({4} %), жабылмады {5} МВт·сағ";
        next: "Next", "Ближайшее", "Келесі";
        now: "Now", "Сейчас", "Қазір";
        past: "Over", "Сутки прошли", "Тәулік өтті";
        do_now: "Do now, worst first", "Сделать сейчас, худшее сверху", "Қазір істеу керек, ең нашары жоғарыда";
        nothing: "Nothing waits for you.", "Вас ничто не ждёт.", "Сізді күтіп тұрған ештеңе жоқ.";
        curve: "Need, plan and meters", "Потребность, план и счётчики", "Қажеттілік, жоспар және есептеуіштер";
        legend: "dashed: need · hatched: planned cut · thick: metered cut · upright line: now", "пунктир: нужно · штриховка: план · жирная: по счётчикам · вертикаль: сейчас", "үзік сызық: қажет · штрих: жоспар · қалың: есептеуіштер бойынша · тік сызық: қазір";
        need: "need", "нужно", "қажет";
        planned: "planned", "план", "жоспар";
        accepted: "accepted", "принято", "қабылданды";
        metered: "metered cut", "снижено по счётчикам", "есептеуіш бойынша кемітілді";
        uncovered: "uncovered", "не покрыто", "жабылмаған";
        zones: "By zone, highest of the rest of the day", "По зонам, наибольшее до конца суток", "Аймақтар бойынша, тәулік соңына дейінгі ең үлкені";
        by_zone: "Planned cut by zone and hour", "Плановое снижение по зонам и часам", "Аймақ пен сағат бойынша жоспарлы кеміту";
        by_facility: "Planned cut by facility and hour, most energy first", "Плановое снижение по объектам и часам, больше энергии — выше", "Нысан пен сағат бойынша жоспарлы кеміту, энергиясы көбі жоғарыда";
        zones_only: "zones", "зоны", "аймақтар";
        facility: "Facility", "Объект", "Нысан";
        facilities: "facilities", "объекты", "нысандар";
        nobody: "Nobody is cut on this day.", "В эти сутки никого не ограничивают.", "Бұл тәулікте ешкім шектелмейді.";
        left_out: "{0} more facilities are cut; the plan names all.", "Ограничены ещё объекты: {0}; в плане названы все.", "Тағы {0} нысан шектеледі; жоспарда бәрі аталған.";
        ties: "Ties as planned, fullest of the rest of the day", "Перетоки по плану, наибольшая загрузка до конца суток", "Жоспардағы ағындар, тәулік соңына дейінгі ең көп жүктелуі";
        came_ties: "Ties as planned, fullest of the day", "Перетоки по плану, наибольшая загрузка за сутки", "Жоспардағы ағындар, тәуліктегі ең көп жүктелуі";
        tie: "tie", "переток", "ағын";
        way: "from – to", "откуда – куда", "қайдан – қайда";
        flow: "flow", "поток", "ағыны";
        limit: "limit", "предел", "шегі";
        loaded: "loaded, %", "загрузка, %", "жүктелуі, %";
        at: "at", "в", "уақыты";
        interval: "Interval", "Интервал", "Аралық";
        today: "today", "сегодня", "бүгін";
        previous: "previous day", "предыдущие сутки", "алдыңғы тәулік";
        following: "next day", "следующие сутки", "келесі тәулік";
        silent: "{0} silent, {1} MW, {2} left", "молчат: {0}, {1} МВт, осталось {2}", "үнсіз: {0}, {1} МВт, қалды: {2}";
        late: "{0} silent, {1} MW, the time to answer is over", "молчат: {0}, {1} МВт, срок ответа вышел", "үнсіз: {0}, {1} МВт, жауап мерзімі өтті";
        refused: "{0} refused, {1} MW", "отказались: {0}, {1} МВт", "бас тартты: {0}, {1} МВт";
        breach: "{0} above the limit, {1} MW ordered", "выше предела: {0}, предписано {1} МВт", "шектен асқан: {0}, бұйырылғаны {1} МВт";
        undelivered: "{0} not delivered, {1} MW", "не доставлено: {0}, {1} МВт", "жеткізілмеді: {0}, {1} МВт";
        alarm: "{0} cannot be delivered: address or key", "доставить нельзя: {0} (адрес или ключ)", "жеткізу мүмкін емес: {0} (мекенжай не кілт)";
        waits: "Plan {0} waits for approval: {1} MWh, {2} facilities", "План {0} ждёт утверждения: {1} МВт·ч, объектов: {2}", "{0} жоспары бекітуді күтуде: {1} МВт·сағ, нысандар: {2}";
        unconfirmed: "Emergency plan {0} needs a second person", "Аварийному плану {0} нужен второй человек", "{0} апаттық жоспарына екінші адам керек";
        sentence: "Need and plan of {0}", "Потребность и план, {0}", "Қажеттілік пен жоспар, {0}";
        replay: "Study {0}, scenario {1}, draw {2}: this never happened.", "Исследование {0}, сценарий {1}, розыгрыш {2}: этого не было.", "{0} зерттеуі, {1} сценарийі, {2}-ұтыс: бұл болған жоқ.";
        as_came: "Need and uncovered are what came in this draw, not what was forecast; accepted and cut are what of the plan arrived.", "Потребность и непокрытое — как сложилось в этом розыгрыше, а не по прогнозу; принято и снижено — что дошло из плана.", "Қажеттілік пен жабылмағаны — болжам емес, осы ұтыста болғаны; қабылданғаны мен кемітілгені — жоспардан жеткені.";
        came_legend: "dashed: need · hatched: planned cut · thick: cut that arrived", "пунктир: нужно · штриховка: план · жирная: дошедшее снижение", "үзік сызық: қажет · штрих: жоспар · қалың: жеткен кеміту";
        came: "As it came", "Как сложилось", "Іс жүзінде";
        none_came: "No shortage on this day, and no cut.", "В эти сутки нет ни дефицита, ни ограничений.", "Бұл тәулікте тапшылық та, шектеу де жоқ.";
        came_curve: "Need, plan and cut", "Потребность, план и снижение", "Қажеттілік, жоспар және кеміту";
        came_zones: "By zone, highest of the day", "По зонам, наибольшее за сутки", "Аймақтар бойынша, тәуліктегі ең үлкені";
        came_cut: "cut", "снижено", "кемітілді";
        days: "Days of the season, MWh", "Сутки сезона, МВт·ч", "Маусым тәуліктері, МВт·сағ";
        day: "Day", "Сутки", "Тәулік";
        studies: "To the studies", "К исследованиям", "Зерттеулерге";
        quiet: "{0} days without shortage and without cuts are left out.", "Суток без дефицита и ограничений, не показанных здесь: {0}.", "Тапшылықсыз әрі шектеусіз {0} тәулік көрсетілмеген.";
    }
}

/// How badly something waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Now.
    Urgent,
    /// Soon.
    Soon,
    /// It waits.
    Waits,
}

impl Urgency {
    /// The class of the style sheet.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Soon => "soon",
            Self::Waits => "waits",
        }
    }

    /// The shape: what is seen without colours.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Self::Urgent => "!",
            Self::Soon => "▲",
            Self::Waits => "○",
        }
    }
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    /// How badly.
    pub urgency: Urgency,
    /// What, in the language of the page.
    pub text: String,
    /// Where it is done.
    pub path: String,
}

/// The shortage that comes next, or holds now. Powers in MW at its worst, energy over its rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Shortage {
    /// Whether it holds.
    pub is_now: bool,
    /// From.
    pub from: DateTime<Utc>,
    /// Until.
    pub to: DateTime<Utc>,
    /// What is short before any cut.
    pub need_mw: f64,
    /// What is planned to be cut.
    pub planned_mw: f64,
    /// Of it accepted by the facilities.
    pub accepted_mw: f64,
    /// What stays uncovered.
    pub uncovered_mwh: f64,
}

/// A zone at its worst for the rest of the day, in MW; a cell for each interval of the day.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneRow {
    /// Its name.
    pub name: String,
    /// What is short before any cut.
    pub need_mw: f64,
    /// What is planned to be cut.
    pub planned_mw: f64,
    /// Of it accepted.
    pub accepted_mw: f64,
    /// What was cut in the last interval that the meters have told of.
    pub metered_mw: Option<f64>,
    /// What stays uncovered.
    pub uncovered_mw: f64,
}

/// A tie where it is fullest for the rest of the day, as planned. Powers in MW.
#[derive(Clone, Debug, PartialEq)]
pub struct TieRow {
    /// Its name.
    pub name: String,
    /// The zone that gives, and the one that takes.
    pub way: [String; 2],
    /// What flows.
    pub flow_mw: f64,
    /// What may flow that way, if there is a limit.
    pub limit_mw: Option<f64>,
    /// When.
    pub at: DateTime<Utc>,
}

impl TieRow {
    /// How full it is, in percent; none without a limit, and of a tie that is out.
    #[must_use]
    pub fn percent(&self) -> Option<f64> {
        self.limit_mw.filter(|limit| *limit > 0.0).map(|limit| 100.0 * self.flow_mw / limit)
    }

    fn is_full(&self) -> bool {
        self.percent().is_some_and(|percent| percent >= FULL_PERCENT)
    }
}

/// What a tie carries when it stands out.
const FULL_PERCENT: f64 = 95.0;

/// Whose cuts a matrix shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// Zones.
    #[default]
    Zone,
    /// Facilities that are cut.
    Facility,
}

impl By {
    /// What an address that has a query already needs for it.
    #[must_use]
    pub fn asked(self) -> &'static str {
        match self {
            Self::Zone => "",
            Self::Facility => "&by=facility",
        }
    }
}

/// Who is planned to be cut when.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    /// Whose.
    pub by: By,
    /// Rows.
    pub rows: Vec<MatrixRow>,
    /// How many more facilities are cut that day.
    pub left_out: usize,
    /// Where the same day is by zone, and by facility.
    pub paths: [String; 2],
}

/// A row of it.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixRow {
    /// A zone or a facility.
    pub name: String,
    /// Where there is more of it.
    pub path: Option<String>,
    /// MW in each interval of the day.
    pub cuts_mw: Vec<f64>,
}

/// A season of a study, lived again day by day.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// What people call the study.
    pub study: String,
    /// The scenario.
    pub scenario: String,
    /// The draw.
    pub draw: u32,
    /// Its days.
    pub days: Vec<ReplayedDay>,
}

/// A day of a replay. Energies in MWh.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayedDay {
    /// A moment of it.
    pub day: DateTime<Utc>,
    /// Where it is.
    pub path: String,
    /// What would have been uncovered if nobody had been cut.
    pub need_mwh: f64,
    /// What was cut.
    pub cut_mwh: f64,
    /// What stayed uncovered.
    pub uncovered_mwh: f64,
    /// Whether it is the one that is shown.
    pub is_shown: bool,
}

impl ReplayedDay {
    fn is_quiet(&self) -> bool {
        self.need_mwh < QUIET_MWH && self.cut_mwh < QUIET_MWH
    }
}

/// Less than this rounds to nothing.
const QUIET_MWH: f64 = 0.05;

/// The board.
#[derive(Debug, Template)]
#[template(path = "day.html")]
pub struct Day<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static DayWords,
    /// A moment of the day that is shown.
    pub day: DateTime<Utc>,
    /// Where the days before and after are, if there are any.
    pub beside: [Option<String>; 2],
    /// What the day is of, where it never happened; nothing waits for anybody then.
    pub replay: Option<Replay>,
    /// Whether a plan is approved for it.
    pub has_plan: bool,
    /// Whether nothing of it lies ahead; figures are of the whole day then.
    pub is_over: bool,
    /// The shortage that comes next.
    pub shortage: Option<Shortage>,
    /// What is urgent, and nobody has seen to.
    pub alarm: Option<Alarm>,
    /// What waits for a person, worst first.
    pub todo: Vec<Todo>,
    /// The curve.
    pub points: Vec<Point>,
    /// Zone by zone.
    pub zones: Vec<ZoneRow>,
    /// Tie by tie.
    pub ties: Vec<TieRow>,
    /// Who is cut when.
    pub matrix: Matrix,
}

impl Day<'_> {
    fn headline(&self, shortage: &Shortage) -> String {
        let share = 100.0 * shortage.accepted_mw / shortage.planned_mw.max(0.001);
        let figure = |value: f64| self.frame.tenth(&value);
        let figures = [
            self.frame.span(&shortage.from, &shortage.to),
            figure(shortage.need_mw),
            figure(shortage.planned_mw),
            figure(shortage.accepted_mw),
            format!("{share:.0}"),
            figure(shortage.uncovered_mwh),
        ];
        fill(self.w.shortage, &figures.each_ref().map(String::as_str))
    }

    fn next(&self) -> &'static str {
        match &self.shortage {
            _ if self.replay.is_some() => self.w.came,
            _ if self.is_over => self.w.past,
            Some(shortage) if shortage.is_now => self.w.now,
            _ => self.w.next,
        }
    }

    fn no_shortage(&self) -> &'static str {
        match self.is_over {
            _ if self.replay.is_some() => self.w.none_came,
            true => self.w.no_shortage_past,
            false => self.w.no_shortage,
        }
    }

    fn zones_title(&self) -> &'static str {
        if self.is_over { self.w.came_zones } else { self.w.zones }
    }

    fn ties_caption(&self) -> &'static str {
        if self.is_over { self.w.came_ties } else { self.w.ties }
    }

    fn replayed(&self, of: &Replay) -> String {
        fill(self.w.replay, &[&of.study, &of.scenario, &of.draw.to_string()])
    }

    /// The days of a replay that have something to see, and the one that is shown.
    fn days<'r>(&self, of: &'r Replay) -> Vec<&'r ReplayedDay> {
        of.days.iter().filter(|day| day.is_shown || !day.is_quiet()).collect()
    }

    /// How many are left out, if any.
    fn quiet(&self, of: &Replay) -> Option<String> {
        let left = of.days.len() - self.days(of).len();
        (left > 0).then(|| fill(self.w.quiet, &[&left.to_string()]))
    }

    fn metered(&self) -> &'static str {
        if self.replay.is_some() { self.w.came_cut } else { self.w.metered }
    }

    fn caption(&self) -> &'static str {
        match self.matrix.by {
            By::Zone => self.w.by_zone,
            By::Facility => self.w.by_facility,
        }
    }

    /// What the rows of the matrix are.
    fn whose(&self) -> &'static str {
        match self.matrix.by {
            By::Zone => self.frame.words().zone,
            By::Facility => self.w.facility,
        }
    }

    /// Both ways to see the matrix: where, what it is called, and whether it is the one that is seen.
    fn ways(&self) -> [(&str, &'static str, bool); 2] {
        let [by_zone, by_facility] = &self.matrix.paths;
        let is = |by| self.matrix.by == by;
        [(by_zone, self.w.zones_only, is(By::Zone)), (by_facility, self.w.facilities, is(By::Facility))]
    }

    /// The head of a column: the hour, with minutes where an interval does not begin with it.
    fn column(&self, point: &Point) -> String {
        let hour = self.frame.hour(&point.from);
        hour.strip_suffix(":00").map_or_else(|| hour.clone(), str::to_owned)
    }

    fn left_out(&self) -> String {
        fill(self.w.left_out, &[&self.matrix.left_out.to_string()])
    }

    fn curve(&self) -> String {
        curve(&self.points, self.frame, &fill(self.w.sentence, &[&self.frame.day(&self.day)]))
    }

    /// Whether a power is more than rounds to nothing.
    fn is_some(&self, mw: &f64) -> bool {
        *mw >= 0.05
    }

    fn cell(&self, mw: &f64) -> String {
        if self.is_some(mw) { self.whole(mw) } else { String::new() }
    }

    fn whole(&self, figure: &f64) -> String {
        crate::figures::number(*figure, 0, self.frame.language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::tests::alarm;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;

    fn board(frame: &Frame) -> Day<'_> {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (from, to) = (at("2026-01-24T12:00:00Z"), at("2026-01-24T17:00:00Z"));
        Day {
            frame,
            w: DayWords::of(frame.language),
            day: frame.now,
            beside: [Some("/day?date=2026-01-23".into()), None],
            replay: None,
            has_plan: true,
            is_over: false,
            shortage: Some(Shortage {
                is_now: false,
                from,
                to,
                need_mw: 310.0,
                planned_mw: 310.0,
                accepted_mw: 262.0,
                uncovered_mwh: 0.0,
            }),
            alarm: Some(alarm()),
            todo: vec![Todo { urgency: Urgency::Urgent, text: "<3 silent>".into(), path: "/orders".into() }],
            points: vec![],
            zones: vec![],
            ties: vec![],
            matrix: Matrix::default(),
        }
    }

    fn point(frame: &Frame) -> Point {
        Point {
            from: frame.now,
            to: frame.now + chrono::TimeDelta::hours(1),
            need_mw: 20.0,
            planned_mw: 18.0,
            metered_mw: None,
            uncovered_mw: 2.0,
        }
    }

    fn south() -> ZoneRow {
        ZoneRow {
            name: "south".into(),
            need_mw: 20.0,
            planned_mw: 18.0,
            accepted_mw: 18.0,
            metered_mw: None,
            uncovered_mw: 2.0,
        }
    }

    #[test]
    fn a_matrix_of_facilities_leads_to_each_and_says_what_it_leaves_out() {
        let frame = frame(Language::En);
        let row = |name: &str, mw| MatrixRow {
            name: name.into(),
            path: Some(format!("/facilities/{name}")),
            cuts_mw: vec![mw],
        };
        let matrix = Matrix {
            by: By::Facility,
            rows: vec![row("S-017", 18.0), row("S-018", 0.0)],
            left_out: 7,
            paths: ["/day?date=2026-01-24".into(), "/day?date=2026-01-24&by=facility".into()],
        };
        let tie = |flow_mw, limit_mw| TieRow {
            name: "north-south".into(),
            way: ["north".into(), "south".into()],
            flow_mw,
            limit_mw,
            at: frame.now,
        };
        let ties = vec![tie(2058.0, Some(2100.0)), tie(0.0, Some(0.0)), tie(7.0, None)];
        let html = Day { points: vec![point(&frame)], zones: vec![south()], ties, matrix, ..board(&frame) }
            .render()
            .unwrap();
        assert!(
            html.contains("<a href=\"/facilities/S-017\">S-017</a></th><td class=\"n cut\">18</td>"),
            "{html}"
        );
        assert!(html.contains("S-018</a></th><td class=\"n\"></td>"), "nothing is no figure: {html}");
        assert!(
            html.contains("7 more facilities") && html.contains("aria-current=\"page\">facilities</a>"),
            "{html}"
        );
        assert!(html.contains("<td class=\"n breach\">98</td>"), "{html}");
        assert_eq!(html.matches("<td class=\"n\">–</td><td>").count(), 2, "out, and without a limit: {html}");
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(DayWords::TABLE, &[]);
    }

    #[test]
    fn the_headline_answers_within_five_seconds() {
        let frame = frame(Language::En);
        let board = board(&frame);
        let headline = board.headline(board.shortage.as_ref().unwrap());
        let expected = "Shortage Sat 24 Jan 17:00–22:00: need 310.0 MW, planned 310.0, accepted 262.0 (85 %), uncovered 0.0 MWh";
        assert_eq!(headline, expected, "uncovered is printed, also when it is nothing");
        let html = board.render().unwrap();
        assert!(html.contains(expected) && html.contains("&#60;3 silent&#62;"), "{html}");
    }

    #[test]
    fn a_day_that_is_over_has_no_rest() {
        let frame = frame(Language::En);
        let page = |is_over| {
            let (zones, points) = (vec![south()], vec![point(&frame)]);
            Day { is_over, zones, points, shortage: None, ..board(&frame) }.render().unwrap()
        };
        let (under_way, over) = (page(false), page(true));
        assert!(under_way.contains(">Next<") && under_way.contains("the rest of this day"), "{under_way}");
        assert!(over.contains(">Over<") && over.contains("plan for this day"), "{over}");
        assert!(!over.contains(">Next<") && !over.contains("the rest of"), "{over}");
    }

    #[test]
    fn what_never_happened_says_so_and_asks_nothing_of_anybody() {
        let frame = frame(Language::En).training(chrono_tz::Asia::Oral);
        let at = |uncovered_mwh: f64, is_shown| ReplayedDay {
            day: frame.now,
            path: format!("/studies/replays/x?date={is_shown}"),
            need_mwh: uncovered_mwh * 2.0,
            cut_mwh: uncovered_mwh,
            uncovered_mwh,
            is_shown,
        };
        let days = vec![at(0.0, false), at(12.5, true), at(0.0, false)];
        let replay = Replay { study: "a <winter>".into(), scenario: "cold".into(), draw: 117, days };
        let board = Day { replay: Some(replay), alarm: None, todo: vec![], ..board(&frame) };
        let html = board.render().unwrap();
        assert!(html.contains("class=\"environment drill\">TRAINING<"), "{html}");
        assert!(html.contains("a &#60;winter&#62;, scenario cold, draw 117: this never happened."), "{html}");
        assert!(html.contains("2 days without shortage") && html.contains(">25</td>"), "{html}");
        for live in ["data-live", "http-equiv=\"refresh\"", "id=\"todo\"", "data-key=\"t\""] {
            assert!(!html.contains(live), "{live}");
        }
    }
}
