//! The tracking board: how many MW are certain, who is silent, how long there is, and whom to call.

use askama::Template;
use chrono::{DateTime, Days, NaiveDate, Utc};
use kezek_model::order::{OrderKind, Priority};
use kezek_model::units::Kw;

use crate::alarm::Alarm;
use crate::course::Course;
use crate::day::Urgency;
use crate::figures::fill;
use crate::frame::Frame;
use crate::states::StateWords;
use crate::words;

words! {
    /// Words of the tracking board.
    OrdersWords {
        waves: "Restore waves", "Волны возврата", "Қайтару толқындары";
        title: "Orders", "Распоряжения", "Өкімдер";
        lead: "Certain: {0} of {1} MW ({2} of {3} orders accepted)", "Подтверждено: {0} из {1} МВт (принято {2} из {3})", "Расталды: {1} МВт-тан {0} ({3} өкімнің {2} қабылданды)";
        nothing: "No order stands.", "Действующих распоряжений нет.", "Күшіндегі өкім жоқ.";
        by_state: "By state", "По состояниям", "Күйлері бойынша";
        awaited: "answer awaited", "ждём ответа", "жауап күтілуде";
        undelivered: "not arrived", "не дошло", "жетпеді";
        in_effect: "in effect", "действует сейчас", "қазір қолданыста";
        drills: "Of these {0} drills; they move no load and are in no MW.", "Из них учений: {0}; нагрузку они не снижают и в МВт не входят.", "Оның ішінде жаттығу: {0}; олар жүктемені кемітпейді және МВт есебіне кірмейді.";
        all: "all", "все", "барлығы";
        shown: "Shown", "Показано", "Көрсетілгені";
        facility: "Facility", "Объект", "Нысан";
        filter: "Show", "Показать", "Көрсету";
        none_such: "There is no such order.", "Таких распоряжений нет.", "Мұндай өкім жоқ.";
        standing: "Need attention or an answer", "Требуют внимания или ответа", "Назар не жауап керек";
        accepted: "Accepted: {0}, {1} MW", "Принято: {0}, {1} МВт", "Қабылданды: {0}, {1} МВт";
        past: "Superseded, recalled or over: {0}", "Заменены, отозваны или истекли: {0}", "Ауыстырылған, кері қайтарылған не біткен: {0}";
        more: "{0} more are not shown: choose a facility.", "Ещё {0} не показано: выберите объект.", "Тағы {0} көрсетілмеді: нысанды таңдаңыз.";
        order: "Order", "Распоряжение", "Өкім";
        reduce_to: "To, MW", "До, МВт", "Дейін, МВт";
        cut_by: "Cut, MW", "Снижение, МВт", "Кеміту, МВт";
        when: "When", "Когда", "Қашан";
        delivery: "Delivery", "Доставка", "Жеткізу";
        answer: "Answer", "Ответ", "Жауап";
        meter: "Meter", "Счётчик", "Есептеуіш";
        left: "Time left", "Осталось", "Қалған уақыт";
        call: "Call", "Звонить", "Қоңырау";
        to_answer: "{0} to answer", "{0} на ответ", "жауапқа {0}";
        overdue: "answer late by {0}", "ответ просрочен на {0}", "жауап {0} кешікті";
        to_start: "{0} to the start", "{0} до начала", "басталуға {0}";
        running: "in effect since {0}", "действует с {0}", "{0} бастап қолданыста";
        by: "by", "новым", "жаңасы:";
        no_phone: "no number in the registry", "в реестре нет номера", "тізілімде нөмір жоқ";
        day_before: "previous day", "предыдущие сутки", "алдыңғы тәулік";
        day_after: "next day", "следующие сутки", "келесі тәулік";
        of_all_days: "of all days", "за все сутки", "барлық тәулік";
        of_day: "Orders in force on {0}", "Распоряжения, действующие {0}", "{0} күні қолданыстағы өкімдер";
        enter_call: "log a call", "записать звонок", "қоңырауды жазу";
        called: "Called {0}", "Звонили {0}", "Қоңырау шалынды: {0}";
    }
}

/// Somebody to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// In what part.
    pub role: String,
    /// Who.
    pub name: String,
    /// What is spoken there, in the language of the page.
    pub language: &'static str,
    /// At which number; may be empty.
    pub phone: String,
}

impl Contact {
    /// The number as an address: digits, and `+` before them.
    #[must_use]
    pub fn dial(&self) -> String {
        self.phone.chars().filter(|letter| letter.is_ascii_digit() || *letter == '+').collect()
    }
}

/// What was said on the phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Who called.
    pub person: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What was said.
    pub answer: String,
}

/// An order in short; states are in the language of the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its number.
    pub order_no: String,
    /// For whom.
    pub facility: String,
    /// How badly it waits for a person; not at all.
    pub urgency: Option<Urgency>,
    /// Whether it limits or withdraws.
    pub kind: OrderKind,
    /// How it is meant.
    pub priority: Priority,
    /// Lowest limit.
    pub limit: Option<Kw>,
    /// Deepest cut.
    pub cut: Kw,
    /// First cut.
    pub from: Option<DateTime<Utc>>,
    /// When load may return.
    pub until: Option<DateTime<Utc>>,
    /// The answer is due by then.
    pub ack_by: DateTime<Utc>,
    /// Has it arrived?
    pub delivery: &'static str,
    /// Will it be obeyed?
    pub answer: &'static str,
    /// Whether the facility has answered.
    pub is_answered: bool,
    /// Why it was refused; else empty.
    pub refusal: String,
    /// Is it obeyed?
    pub meter: &'static str,
    /// Does it stand?
    pub life: &'static str,
    /// Whether it does.
    pub stands: bool,
    /// Whether another has taken its place.
    pub is_gone: bool,
    /// That other.
    pub successor: Option<String>,
    /// Why a person must call.
    pub call: Option<&'static str>,
    /// Whom, in that order.
    pub contacts: Vec<Contact>,
    /// The last call about it.
    pub last_call: Option<Call>,
    /// What it allows and what was metered, where that is drawn.
    pub course: Option<Course>,
}

impl Row {
    /// The class of the row.
    #[must_use]
    pub fn class(&self) -> String {
        let drill = (self.is_drill()).then_some("drill");
        let gone = self.is_gone.then_some("gone");
        let urgency = self.urgency.map(Urgency::class);
        [urgency, drill, gone].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// The shape: what is seen without colours.
    #[must_use]
    pub fn mark(&self) -> &'static str {
        self.urgency.map_or("\u{2013}", Urgency::mark)
    }

    /// Whether it moves no load.
    #[must_use]
    pub fn is_drill(&self) -> bool {
        self.priority == Priority::Drill
    }

    /// Whether it was issued in an emergency.
    #[must_use]
    pub fn is_emergency(&self) -> bool {
        self.priority == Priority::Emergency
    }

    /// Whether it withdraws another.
    #[must_use]
    pub fn is_recall(&self) -> bool {
        self.kind == OrderKind::Recall
    }

    /// How long there is: to the answer, to the start.
    #[must_use]
    pub fn left(&self, frame: &Frame) -> Vec<String> {
        if !self.stands {
            return Vec::new();
        }
        let w = OrdersWords::of(frame.language);
        let answer = if frame.now < self.ack_by { w.to_answer } else { w.overdue };
        let answer = (!self.is_answered).then(|| fill(answer, &[&frame.age(&self.ack_by)]));
        let start = self.from.and_then(|from| match self.until {
            _ if frame.now < from => Some(fill(w.to_start, &[&frame.age(&from)])),
            Some(until) if until <= frame.now => None,
            _ => Some(fill(w.running, &[&frame.hour(&from)])),
        });
        [answer, start].into_iter().flatten().collect()
    }
}

/// Orders of one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The state in words.
    pub word: &'static str,
    /// What `?state=` says.
    pub state: &'static str,
    /// How many.
    pub count: usize,
    /// Their cuts.
    pub power: Kw,
    /// How badly it waits for a person where there is any.
    pub urgency: Option<Urgency>,
    /// Whether only these are shown.
    pub is_chosen: bool,
}

impl Tally {
    fn urgency(&self) -> Option<Urgency> {
        self.urgency.filter(|_| self.count > 0)
    }
}

/// Rows under one heading.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Names it in the page.
    pub id: &'static str,
    /// What stands above it.
    pub heading: String,
    /// Whether it is folded until somebody opens it.
    pub folded: bool,
    /// Worst first.
    pub rows: Vec<Row>,
    /// How many more there are.
    pub more: usize,
}

/// All orders that stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many, drills too.
    pub orders: usize,
    /// Of these accepted.
    pub accepted: usize,
    /// Of these drills.
    pub drills: usize,
    /// What is cut, drills apart.
    pub power: Kw,
    /// Of it accepted.
    pub certain: Kw,
}

/// The board.
#[derive(Debug, Template)]
#[template(path = "orders.html")]
pub struct Orders<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static OrdersWords,
    /// Words of the states.
    pub s: &'static StateWords,
    /// All that stands.
    pub standing: Standing,
    /// By state.
    pub tallies: Vec<Tally>,
    /// The state that is shown alone; empty for all.
    pub state: &'a str,
    /// The facility that is shown alone; empty for all.
    pub facility: &'a str,
    /// The day that is shown alone.
    pub day: Option<NaiveDate>,
    /// What is urgent, and nobody has seen to.
    pub alarm: Option<Alarm>,
    /// The rows.
    pub sections: Vec<Section>,
}

impl Orders<'_> {
    fn lead(&self) -> String {
        if self.standing.orders == 0 {
            return self.w.nothing.into();
        }
        let Standing { orders, accepted, power, certain, .. } = self.standing;
        let (accepted, orders) = (accepted.to_string(), orders.to_string());
        fill(self.w.lead, &[&self.frame.mw(&certain), &self.frame.mw(&power), &accepted, &orders])
    }

    /// Where the orders of a state are shown, of the same day.
    fn path(&self, tally: &Tally) -> String {
        let day = self.day.map_or_else(String::new, |day| format!("&day={day}"));
        format!("/orders?state={}{day}", tally.state.replace(' ', "%20"))
    }

    /// The days before and after the one that is shown, or before and after today.
    fn beside(&self) -> [String; 2] {
        let day = self.day.unwrap_or_else(|| self.frame.now.with_timezone(&self.frame.zone).date_naive());
        let beside = [day.checked_sub_days(Days::new(1)), day.checked_add_days(Days::new(1))];
        beside.map(|day| format!("/orders?day={}", day.unwrap_or_default()))
    }

    fn of_day(&self, day: &NaiveDate) -> String {
        fill(self.w.of_day, &[&self.frame.date(day)])
    }

    /// Who must be called, as the board lists them.
    fn to_call(&self) -> Vec<&Row> {
        let rows = self.sections.iter().flat_map(|section| &section.rows);
        rows.filter(|row| row.call.is_some()).collect()
    }

    fn drills(&self) -> String {
        fill(self.w.drills, &[&self.standing.drills.to_string()])
    }

    fn more(&self, more: &usize) -> String {
        fill(self.w.more, &[&more.to_string()])
    }

    fn called(&self, call: &Call) -> String {
        fill(self.w.called, &[&self.frame.hour(&call.at)])
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::course::Mean;
    use crate::course::tests::course;
    use crate::frame::tests::frame;
    use chrono::TimeDelta;
    use kezek_model::registry::Language;

    /// A silent order of the evening, about which somebody must call.
    pub(crate) fn row(frame: &Frame) -> Row {
        let s = StateWords::of(frame.language);
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let contact = Contact {
            role: "shift leader".into(),
            name: "<Ivanov>".into(),
            language: s.russian,
            phone: "+7 701 (000) 00-01".into(),
        };
        Row {
            order_no: "2026-0124-S022-v5".into(),
            facility: "S-022".into(),
            urgency: Some(Urgency::Urgent),
            kind: OrderKind::Limit,
            priority: Priority::Normal,
            limit: Some(Kw(2_000)),
            cut: Kw(18_000),
            from: Some(at("2026-01-24T12:00:00Z")),
            until: Some(at("2026-01-24T17:00:00Z")),
            ack_by: at("2026-01-24T07:38:00Z"),
            delivery: s.received,
            answer: s.silent,
            is_answered: false,
            refusal: String::new(),
            meter: s.no_limit,
            life: s.live,
            stands: true,
            is_gone: false,
            successor: None,
            call: Some(s.call_silent),
            contacts: vec![contact],
            last_call: None,
            course: None,
        }
    }

    fn board(frame: &Frame) -> Orders<'_> {
        let (w, s) = (OrdersWords::of(frame.language), StateWords::of(frame.language));
        let (silent, accepted) = (row(frame), Row { urgency: None, call: None, ..row(frame) });
        let drill = Row { priority: Priority::Drill, order_no: "d".into(), ..row(frame) };
        let successor = Some("2026-0124-S022-v6".to_owned());
        let (stands, is_gone) = (false, true);
        let gone = Row { stands, is_gone, successor, life: s.superseded, call: None, ..row(frame) };
        let section = |id, folded, rows| Section { id, heading: id.into(), folded, rows, more: 0 };
        let (power, certain) = (Kw(310_000), Kw(262_000));
        let tally = Tally {
            word: s.silent,
            state: "silent",
            count: 1,
            power: Kw(18_000),
            urgency: Some(Urgency::Urgent),
            is_chosen: false,
        };
        Orders {
            frame,
            w,
            s,
            standing: Standing { orders: 45, accepted: 39, drills: 1, power, certain },
            tallies: vec![tally],
            state: "",
            facility: "",
            day: None,
            alarm: None,
            sections: vec![
                section("standing", false, vec![silent, drill]),
                section("accepted", true, vec![accepted]),
                section("past", true, vec![gone]),
            ],
        }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(OrdersWords::TABLE, &[]);
    }

    #[test]
    fn the_board_says_what_is_certain_who_is_silent_how_long_and_whom_to_call() {
        let frame = frame(Language::Ru);
        let html = board(&frame).render().unwrap();
        let lead = "Подтверждено: 262,0 из 310,0 МВт (принято 39 из 45)";
        for said in [
            lead,
            "молчит",
            "/orders?state=silent",
            "ответ просрочен на 3 мин",
            "4 ч 18 мин до начала",
            "tel:+77010000001",
            "&#60;Ivanov&#62;",
            "УЧЕНИЕ",
            "заменено",
            "/orders/2026-0124-S022-v6",
            "<details class=\"panel\" id=\"accepted\">",
        ] {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert!(html.contains("class=\"urgent drill\"") && html.contains("gone"), "{html}");
    }

    #[test]
    fn a_row_that_stands_open_has_its_course_and_a_call_is_a_key_away() {
        let frame = frame(Language::En);
        let mut board = board(&frame);
        board.sections[0].rows[0].course = Some(course(&frame));
        let html = board.render().unwrap();
        let place = html.find("<tr id=\"o-2026-0124-S022-v5\"").unwrap();
        let row = html[place..].split("</tr>").next().unwrap();
        for said in [
            "<svg class=\"course\"",
            "read 0 min ago",
            "href=\"/orders/2026-0124-S022-v5#said\" data-key=\"c\"",
        ] {
            assert!(row.contains(said), "{said}: {row}");
        }
        assert_eq!(html.matches("<svg class=\"course\"").count(), 1);
        let who = frame.who.clone().map(|who| crate::Who { roles: vec!["auditor".into()], ..who });
        let auditor = Frame { who, ..frame.clone() };
        let html = Orders { frame: &auditor, ..board }.render().unwrap();
        assert!(!html.contains("data-key=\"c\""), "an auditor logs no calls: {html}");
    }

    #[test]
    fn the_days_beside_are_a_key_away_and_a_day_stays_chosen() {
        let frame = frame(Language::En);
        let mut board = board(&frame);
        let html = board.render().unwrap();
        for said in
            ["rel=\"prev\" href=\"/orders?day=2026-01-23\"", "rel=\"next\" href=\"/orders?day=2026-01-25\""]
        {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert!(!html.contains("name=\"day\""), "{html}");
        board.day = NaiveDate::from_ymd_opt(2026, 3, 1);
        let html = board.render().unwrap();
        for said in [
            "rel=\"prev\" href=\"/orders?day=2026-02-28\"",
            "Orders in force on 1 Mar 2026",
            "/orders?state=silent&#38;day=2026-03-01",
            "name=\"day\" value=\"2026-03-01\"",
        ] {
            assert!(html.contains(said), "{said}: {html}");
        }
    }

    #[test]
    fn the_board_of_a_whole_fleet_is_a_small_page() {
        let frame = frame(Language::Kk);
        let mut board = board(&frame);
        let mut course = course(&frame);
        let quarter = course.metered[0];
        let later = |n: i32| Mean {
            from: quarter.from + TimeDelta::minutes(15) * n,
            to: quarter.to + TimeDelta::minutes(15) * n,
            power: Kw(1_500 + 700 * i64::from(n % 3)),
            is_above: n % 5 == 0,
        };
        course.metered = (0..40).map(later).collect();
        board.sections[0].rows = vec![Row { course: Some(course), ..row(&frame) }; 45];
        let length = board.render().unwrap().len();
        assert!((60_000..100_000).contains(&length), "{length} bytes");
    }

    #[test]
    fn the_time_left_is_of_the_next_deadline() {
        let frame = frame(Language::En);
        let late = row(&frame);
        assert_eq!(late.left(&frame), ["answer late by 3 min", "4 h 18 min to the start"]);
        let early = Row { ack_by: frame.now + chrono::TimeDelta::minutes(9), from: None, ..late.clone() };
        assert_eq!(early.left(&frame), ["9 min to answer"]);
        let begun = Some(frame.now - chrono::TimeDelta::hours(2));
        let running = Row { is_answered: true, from: begun, ..late.clone() };
        assert_eq!(running.left(&frame), ["in effect since 10:41"]);
        assert_eq!(Row { stands: false, ..late }.left(&frame), Vec::<String>::new());
    }
}
