//! The page of a facility: may it draw power, what was it told, does it obey, how is it reached.

use askama::Template;
use chrono::{DateTime, Utc};
use kezek_model::units::Kw;

use crate::facilities::{FacilitiesWords, Row};
use crate::figures::fill;
use crate::frame::Frame;
use crate::issuing::{Disbelief, IssuingWords};
use crate::licence::Licence;
use crate::orders::{Contact, OrdersWords, Row as OrderRow};
use crate::states::StateWords;
use crate::words;

words! {
    /// Words of the page of a facility.
    FacilityWords {
        orders: "Its orders, newest first", "Распоряжения объекту, новые сверху", "Нысанға өкімдер, жаңасы жоғарыда";
        no_orders: "None yet.", "Пока нет.", "Әзірге жоқ.";
        complied: "Complied with {0} of {1} orders that are over; broken {2}, not proven {3}.", "Исполнено {0} из {1} завершённых распоряжений; нарушено {2}, не доказано {3}.", "Аяқталған {1} өкімнің {0} орындалды; бұзылғаны {2}, дәлелденбегені {3}.";
        verdict: "Verdict", "Итог", "Қорытынды";
        so_far: "so far", "пока", "әзірге";
        readings: "Meter against limit, newest first", "Счётчик и предел, новые сверху", "Есептеуіш пен шек, жаңасы жоғарыда";
        no_readings: "No reading under an order is known.", "Показаний за время распоряжений нет.", "Өкім кезіндегі көрсеткіш жоқ.";
        interval: "Interval", "Интервал", "Аралық";
        limit: "Limit, MW", "Предел, МВт", "Шек, МВт";
        metered: "Meter, MW", "Счётчик, МВт", "Есептеуіш, МВт";
        last: "Last reading: {0} MW, {1} ({2})", "Последнее показание: {0} МВт, {1} ({2})", "Соңғы көрсеткіш: {0} МВт, {1} ({2})";
        reach: "How it is reached", "Связь с объектом", "Нысанмен байланыс";
        address: "Address", "Адрес", "Мекенжай";
        fetches: "it fetches its orders itself", "сам забирает распоряжения", "өкімдерін өзі алады";
        relay: "Passed on by", "Передаёт", "Жеткізуші";
        key: "Key", "Ключ", "Кілт";
        since: "Holds since", "Действует с", "Күшіне енген уақыты";
        entered: "Entered by", "Внёс", "Енгізген";
        confirmed: "confirmed by {0}", "подтвердил {0}", "растаған: {0}";
        unreached: "It is not enrolled: its orders cannot be sent, somebody must call.", "Объект не подключён: распоряжения ему отправить нельзя, нужно звонить.", "Нысан қосылмаған: оған өкім жіберілмейді, қоңырау шалу керек.";
        pending: "A change waits for a second person", "Изменение ждёт второго лица", "Өзгеріс екінші адамды күтуде";
        confirm: "Confirm exactly this", "Подтвердить именно это", "Дәл осыны растау";
        confirm_what: "Orders of this facility will go to this address, and its answers will be verified with this key. Whoever entered it cannot confirm it.", "Распоряжения объекту пойдут по этому адресу, ответы будут проверяться этим ключом. Кто внёс изменение, подтвердить его не может.", "Нысан өкімдері осы мекенжайға барады, жауаптары осы кілтпен тексеріледі. Енгізген адам өзі растай алмайды.";
        file: "endpoints.csv says otherwise", "В endpoints.csv указано другое", "endpoints.csv файлында басқаша";
        adopt: "Let the word of the file hold", "Принять сказанное в файле", "Файлда айтылғанды қабылдау";
        adopt_what: "Orders will go where the file says. This takes two people: you, and another who signs in here beside you.", "Распоряжения пойдут туда, куда указывает файл. Нужны двое: вы и второй человек, который входит здесь же.", "Өкімдер файлда көрсетілген жерге барады. Бұған екі адам керек: сіз және осы жерде кіретін екінші адам.";
        contacts: "Whom to call", "Кому звонить", "Кімге қоңырау шалу керек";
        code: "Enrolment code", "Код подключения", "Қосылу коды";
        code_what: "The facility enrols once with it, within 72 hours. It is shown once and kept nowhere; hand it over by another way than e-mail of the same mailbox.", "По нему объект подключается один раз, в течение 72 часов. Код показывается один раз и нигде не хранится; передайте его другим путём, не той же почтой.", "Нысан онымен 72 сағат ішінде бір рет қосылады. Код бір рет көрсетіледі, еш жерде сақталмайды; оны басқа жолмен, сол поштадан бөлек беріңіз.";
        code_do: "Make a code", "Выдать код", "Код беру";
        code_is: "The code, shown once, good until {0}:", "Код, показан один раз, годен до {0}:", "Код, бір рет көрсетіледі, {0} дейін жарамды:";
        voluntary: "Voluntary cuts", "Добровольные снижения", "Ерікті кеміту";
        declare: "Enter a voluntary cut", "Внести добровольное снижение", "Ерікті кемітуді енгізу";
        declare_what: "What the facility has told you before it begins. It is no order; only its meter proves it.", "То, что объект сообщил вам до начала. Это не распоряжение; доказывает его только счётчик.", "Нысан басталғанға дейін сізге айтқаны. Бұл өкім емес; оны есептеуіш қана дәлелдейді.";
        from: "From ({0})", "С ({0})", "Бастап ({0})";
        to: "Until ({0})", "До ({0})", "Дейін ({0})";
        limit_to: "It will draw at most, MW", "Будет потреблять не больше, МВт", "Тұтынуы ең көбі, МВт";
        cut_by: "Less by, MW", "Меньше на, МВт", "Кемуі, МВт";
        by: "Who at the facility says so", "Кто на объекте сообщил", "Нысанда кім айтты";
        declare_do: "Enter", "Внести", "Енгізу";
        kept: "Kept, min", "Выдержано, мин", "Сақталды, мин";
        missed: "Missed, min", "Нарушено, мин", "Бұзылды, мин";
        credited: "Credited, MWh", "Зачтено, МВт·ч", "Есептелді, МВт·сағ";
        acts: "What people did about it", "Действия людей по этому объекту", "Осы нысан бойынша әрекеттер";
        holder: "Holder", "Владелец", "Иесі";
    }
}

/// An order in the list of a facility.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// In short.
    pub row: OrderRow,
    /// The verdict in words, and whether more may come; none where it never governed.
    pub verdict: Option<(&'static str, bool)>,
}

/// What the meter said in an interval of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Metered {
    /// From.
    pub from: DateTime<Utc>,
    /// Until.
    pub to: DateTime<Utc>,
    /// What held.
    pub limit: Kw,
    /// What was drawn.
    pub metered: Kw,
    /// The judgement in words.
    pub word: &'static str,
    /// Whether it is above.
    pub is_breach: bool,
}

/// The last reading: power, end of its interval, source.
#[derive(Clone, Debug, PartialEq)]
pub struct Last {
    /// Mean power.
    pub mean: Kw,
    /// End of its interval.
    pub at: DateTime<Utc>,
    /// Who read it.
    pub source: String,
}

/// Where orders go, or would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The URL; nothing where it fetches.
    pub address: String,
    /// Whether it fetches.
    pub fetches: bool,
    /// The key.
    pub public_key: String,
    /// Who passes them on.
    pub relay: Option<String>,
    /// Who entered it.
    pub by: String,
    /// Who confirmed it.
    pub approved_by: Option<String>,
    /// Since when; when it was entered.
    pub since: Option<DateTime<Utc>>,
}

/// A voluntary cut.
#[derive(Clone, Debug, PartialEq)]
pub struct Voluntary {
    /// From.
    pub from: DateTime<Utc>,
    /// Until.
    pub to: DateTime<Utc>,
    /// What it draws at most.
    pub limit: Kw,
    /// Less by.
    pub cut: Kw,
    /// Who said so, and who entered it.
    pub by: String,
    /// Minutes kept and missed.
    pub minutes: [i64; 2],
    /// What the meter bears out, in MWh.
    pub credited_mwh: f64,
}

/// A code that was just made, and until when it is good.
pub type Code = (String, DateTime<Utc>);

/// What the person may do here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct May {
    /// Suspend licences.
    pub suspend: bool,
    /// Confirm and adopt.
    pub confirm: bool,
    /// Make codes.
    pub enrol: bool,
    /// Enter voluntary cuts.
    pub declare: bool,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "facility.html")]
pub struct FacilityPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static FacilityWords,
    /// Words it shares with the registry.
    pub f: &'static FacilitiesWords,
    /// Words it shares with the orders.
    pub b: &'static OrdersWords,
    /// Words of states.
    pub s: &'static StateWords,
    /// Words of what two people do.
    pub i: &'static IssuingWords,
    /// In short.
    pub row: Row,
    /// Its orders, newest first.
    pub orders: Vec<Told>,
    /// Verdicts on orders that are over: complied, all, broken, not proven.
    pub compliance: [usize; 4],
    /// The last readings under orders, newest first.
    pub readings: Vec<Metered>,
    /// The last reading at all.
    pub last: Option<Last>,
    /// Where orders go.
    pub way: Option<Way>,
    /// A change that waits.
    pub pending: Option<Way>,
    /// What the file proposes.
    pub proposed: Option<Way>,
    /// Whom to call.
    pub contacts: Vec<Contact>,
    /// What it gives of its own accord.
    pub voluntary: Vec<Voluntary>,
    /// What the person may do.
    pub may: May,
    /// A code that was just made.
    pub code: Option<Code>,
    /// Why a second person was just not believed.
    pub disbelief: Option<Disbelief>,
}

impl FacilityPage<'_> {
    fn is_judged(&self) -> bool {
        self.compliance[1] > 0
    }

    fn complied(&self) -> String {
        fill(self.w.complied, &self.compliance.map(|count| count.to_string()).each_ref().map(String::as_str))
    }

    fn last(&self, last: &Last) -> String {
        fill(self.w.last, &[&self.frame.mw(&last.mean), &self.frame.stamp(&last.at), &last.source])
    }

    fn confirmed(&self, by: &str) -> String {
        fill(self.w.confirmed, &[by])
    }

    fn local(&self, text: &str) -> String {
        fill(text, &[&self.frame.offset()])
    }

    fn code_is(&self, until: &DateTime<Utc>) -> String {
        fill(self.w.code_is, &[&self.frame.stamp(until)])
    }

    fn disbelief(&self) -> Option<String> {
        self.disbelief.map(|why| why.text(self.i))
    }

    fn is_suspended(&self, licence: &Licence) -> bool {
        licence.suspended.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facilities::tests::row;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;

    fn way(frame: &Frame, address: &str) -> Way {
        Way {
            address: address.into(),
            fetches: false,
            public_key: "whpk_<new>".into(),
            relay: None,
            by: "B. <Omarova>".into(),
            approved_by: None,
            since: Some(frame.now),
        }
    }

    fn page(frame: &Frame) -> FacilityPage<'_> {
        let (from, to) = (frame.now, frame.now + chrono::TimeDelta::hours(1));
        FacilityPage {
            frame,
            w: FacilityWords::of(frame.language),
            f: FacilitiesWords::of(frame.language),
            b: OrdersWords::of(frame.language),
            s: StateWords::of(frame.language),
            i: IssuingWords::of(frame.language),
            row: row(frame),
            orders: vec![],
            compliance: [11, 12, 1, 0],
            readings: vec![Metered {
                from,
                to,
                limit: Kw(2_000),
                metered: Kw(3_450),
                word: StateWords::of(frame.language).breach,
                is_breach: true,
            }],
            last: Some(Last { mean: Kw(3_450), at: to, source: "<grid>".into() }),
            way: Some(way(frame, "https://old.example/orders")),
            pending: Some(way(frame, "https://new.example/orders\"><script>")),
            proposed: Some(way(frame, "https://file.example/orders")),
            contacts: vec![],
            voluntary: vec![],
            may: May { suspend: true, confirm: true, enrol: true, declare: true },
            code: None,
            disbelief: None,
        }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(FacilityWords::TABLE, &[]);
    }

    #[test]
    fn a_facility_is_told_whole_and_nothing_unescaped() {
        let frame = frame(Language::Ru);
        let html = page(&frame).render().unwrap();
        for text in [
            "Исполнено 11 из 12 завершённых распоряжений; нарушено 1, не доказано 0.",
            "class=\"n breach\">3,5",
            "Последнее показание: 3,5 МВт, сб 24 янв 13:41 (&#60;grid&#62;)",
            "https://old.example/orders",
            "name=\"public_key\" value=\"whpk_&#60;new&#62;\"",
            "action=\"/facilities/S-022/confirm\"",
            "action=\"/facilities/S-022/adopt\"",
            "action=\"/facilities/S-022/code\"",
            "action=\"/facilities/S-022/voluntary\"",
            "action=\"/licences/suspend\"",
            "href=\"/audit?about=S-022\"",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
        for raw in ["<script>", "<new>", "<Omarova>", "<grid>"] {
            assert!(!html.contains(raw), "{raw}: {html}");
        }
    }

    #[test]
    fn whoever_may_not_has_no_form_and_a_code_is_shown_where_it_was_made() {
        let frame = frame(Language::En);
        let html = FacilityPage { may: May::default(), ..page(&frame) }.render().unwrap();
        assert!(!html.contains("action=\"/facilities/") && !html.contains("action=\"/licences"), "{html}");
        let code = Some(("ABCD-EFGH".to_owned(), frame.now));
        let html = FacilityPage { code, ..page(&frame) }.render().unwrap();
        assert!(html.contains("ABCD-EFGH") && html.contains("good until Sat 24 Jan 12:41"), "{html}");
        let disbelief = Some(Disbelief::Wrong);
        let html = FacilityPage { disbelief, ..page(&frame) }.render().unwrap();
        assert!(html.contains("id=\"adopt\" open"), "{html}");
    }
}
