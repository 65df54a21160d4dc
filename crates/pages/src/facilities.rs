//! The registry: who may be cut, under which licence, how each is reached, and what waits for a person.

use askama::Template;
use chrono::{DateTime, Utc};
use kezek_model::units::Kw;

use crate::day::Urgency;
use crate::figures::fill;
use crate::frame::Frame;
use crate::licence::{Licence, Suspended};
use crate::words;

words! {
    /// Words of the registry.
    FacilitiesWords {
        files: "Registry files", "Файлы реестра", "Тізілім файлдары";
        title: "Facilities", "Объекты", "Нысандар";
        lead: "{0} facilities, nominated {1} MW, {2} reached by their orders", "Объектов: {0}, заявлено {1} МВт, адрес есть у {2}", "Нысандар: {0}, мәлімделгені {1} МВт, мекенжайы бары: {2}";
        none: "No facility is known: propose a plan, or name a folder `registry` in the settings.", "Объекты неизвестны: предложите план или укажите папку `registry` в настройках.", "Нысандар белгісіз: жоспар ұсыныңыз немесе баптауда `registry` қалтасын көрсетіңіз.";
        none_such: "There is no such facility.", "Таких объектов нет.", "Мұндай нысан жоқ.";
        facility: "Facility", "Объект", "Нысан";
        licence: "Licence", "Лицензия", "Лицензия";
        nominated: "Nominated, MW", "Заявка, МВт", "Мәлімделгені, МВт";
        quota: "Quota, MW", "Квота, МВт", "Квота, МВт";
        reach: "How it is reached", "Связь", "Байланысы";
        said: "Heard, ago", "Сведения, назад", "Мәлімет, бұрын";
        report: "word: {0}", "ответ: {0}", "хабар: {0}";
        reading: "meter: {0}", "счётчик: {0}", "есептеуіш: {0}";
        silence: "nothing yet", "пока ничего", "әзірге ештеңе";
        orders: "Orders", "Распоряжений", "Өкімдер";
        waits: "Waits for a person", "Ждёт человека", "Адамды күтуде";
        push: "sent to it", "отправляется", "жіберіледі";
        fetch: "fetches by itself", "забирает сам", "өзі алады";
        relay: "by {0}", "через {0}", "{0} арқылы";
        unreached: "no address: call it", "нет адреса: звоните", "мекенжайы жоқ: қоңырау шалыңыз";
        key: "key {0}", "ключ {0}", "кілт {0}";
        change: "a change of address or key: a second person confirms it", "смена адреса или ключа: подтверждает второе лицо", "мекенжай не кілт ауысуы: екінші адам растайды";
        file: "endpoints.csv says otherwise: two people adopt it", "в endpoints.csv иначе: принимают двое", "endpoints.csv басқаша: екі адам қабылдайды";
        suspended: "licence suspended", "лицензия приостановлена", "лицензия тоқтатылған";
        unlicensed: "no valid licence today", "сегодня нет действующей лицензии", "бүгін жарамды лицензия жоқ";
        stale: "meter is silent", "счётчик молчит", "есептеуіш үнсіз";
        protected: "never cut", "не ограничивается", "шектелмейді";
        search: "Name, zone or licence", "Имя, зона или лицензия", "Атауы, аймағы не лицензиясы";
        show: "Show", "Показать", "Көрсету";
        all: "all", "все", "барлығы";
        by_state: "By what they wait for", "По тому, чего ждут", "Нені күтетіні бойынша";
        suspensions: "Suspended licences", "Приостановленные лицензии", "Тоқтатылған лицензиялар";
        no_suspension: "No licence is suspended.", "Приостановленных лицензий нет.", "Тоқтатылған лицензия жоқ.";
        since: "Since", "С", "Бастап";
        who: "Who", "Кто", "Кім";
        why: "Why", "Почему", "Неге";
        suspend: "Suspend a licence", "Приостановить лицензию", "Лицензияны тоқтату";
        suspend_what: "From this moment the licence counts as suspended. Orders bind as before; the next case must leave it without quota.", "С этого момента лицензия считается приостановленной. Распоряжения действуют как прежде; в следующем плане она должна остаться без квоты.", "Осы сәттен бастап лицензия тоқтатылған болып саналады. Өкімдер бұрынғыдай міндетті; келесі жоспарда ол квотасыз қалуы тиіс.";
        suspend_do: "Suspend", "Приостановить", "Тоқтату";
        reinstate: "Let it hold again", "Возобновить", "Қайта жандандыру";
        reinstate_what: "The licence counts as valid again; the next case may give it a quota.", "Лицензия снова считается действующей; в следующем плане у неё может быть квота.", "Лицензия қайта жарамды болып саналады; келесі жоспарда оның квотасы болуы мүмкін.";
        number: "Number of the licence", "Номер лицензии", "Лицензия нөмірі";
        reason: "Reason: number and date of the decision", "Основание: номер и дата решения", "Негіздеме: шешімнің нөмірі мен күні";
    }
}

/// How the orders of a facility go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Whether it asks for them itself.
    pub fetches: bool,
    /// Host of its address.
    pub host: String,
    /// Who passes them on.
    pub relay: Option<String>,
    /// The key its answers are verified with.
    pub key: String,
}

/// What waits for a person, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wait {
    /// Orders cannot be sent.
    Unreached,
    /// A change waits for its second person.
    Change,
    /// The file proposes another address or key.
    File,
    /// A licence is suspended.
    Suspended,
    /// No licence is valid.
    Unlicensed,
    /// An order stands and the meter tells nothing.
    Stale,
}

impl Wait {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Unreached, Self::Change, Self::File, Self::Suspended, Self::Unlicensed, Self::Stale];

    /// What `?state=` says.
    #[must_use]
    pub fn state(self) -> &'static str {
        match self {
            Self::Unreached => "unreached",
            Self::Change => "change",
            Self::File => "file",
            Self::Suspended => "suspended",
            Self::Unlicensed => "unlicensed",
            Self::Stale => "stale",
        }
    }

    /// In words.
    #[must_use]
    pub fn text(self, w: &FacilitiesWords) -> &'static str {
        match self {
            Self::Unreached => w.unreached,
            Self::Change => w.change,
            Self::File => w.file,
            Self::Suspended => w.suspended,
            Self::Unlicensed => w.unlicensed,
            Self::Stale => w.stale,
        }
    }

    /// How badly.
    #[must_use]
    pub fn urgency(self) -> Urgency {
        match self {
            Self::Change | Self::Stale => Urgency::Soon,
            Self::Unreached | Self::File | Self::Suspended | Self::Unlicensed => Urgency::Waits,
        }
    }
}

/// A facility in short.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its name in files.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Who holds it.
    pub licensee: String,
    /// Where it stands.
    pub zone: String,
    /// Whether it is never cut.
    pub protected: bool,
    /// Its licences; that of the case first.
    pub licences: Vec<Licence>,
    /// Highest nomination of the plan.
    pub nominated: Option<Kw>,
    /// Lowest quota of the plan.
    pub quota: Option<Kw>,
    /// How its orders go; nothing where they cannot.
    pub reach: Option<Reach>,
    /// Its last answer or report.
    pub last_report: Option<DateTime<Utc>>,
    /// The end of its last reading.
    pub last_reading: Option<DateTime<Utc>>,
    /// Its orders so far.
    pub orders: usize,
    /// What waits for a person, worst first.
    pub waits: Vec<Wait>,
}

impl Row {
    /// How badly it waits for a person.
    #[must_use]
    pub fn urgency(&self) -> Option<Urgency> {
        self.waits.iter().map(|wait| wait.urgency()).min()
    }

    /// Class of its row.
    #[must_use]
    pub fn class(&self) -> &'static str {
        self.urgency().map_or("", Urgency::class)
    }

    /// The shape: what is seen without colours.
    #[must_use]
    pub fn mark(&self) -> &'static str {
        self.urgency().map_or("\u{2013}", Urgency::mark)
    }

    /// The names beside that in files, once each.
    #[must_use]
    pub fn names(&self) -> String {
        let mut names = vec![self.name.as_str()];
        names.extend((self.licensee != self.name).then_some(self.licensee.as_str()));
        names.retain(|name| !name.is_empty() && *name != self.id);
        names.join(", ")
    }
}

/// Facilities that wait for the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// For what.
    pub wait: Wait,
    /// How many.
    pub count: usize,
    /// Whether only these are shown.
    pub is_chosen: bool,
}

/// A licence that is suspended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuspendedRow {
    /// Its number.
    pub number: String,
    /// By whom, since when, why.
    pub suspended: Suspended,
    /// The facilities in which somebody works under it.
    pub facilities: Vec<String>,
}

/// The registry.
#[derive(Debug, Template)]
#[template(path = "facilities.html")]
pub struct Facilities<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static FacilitiesWords,
    /// How many there are, and how many have an address.
    pub counts: [usize; 2],
    /// What all have nominated.
    pub nominated: Kw,
    /// By what they wait for; none is left out that counts any.
    pub tallies: Vec<Tally>,
    /// What was searched for.
    pub search: &'a str,
    /// What `?state=` said.
    pub state: &'a str,
    /// Those that are shown, worst first.
    pub rows: Vec<Row>,
    /// The licences that are suspended.
    pub suspensions: Vec<SuspendedRow>,
    /// Whether the person may suspend.
    pub may_suspend: bool,
}

impl Facilities<'_> {
    fn is_bare(&self) -> bool {
        self.counts[0] == 0
    }

    fn lead(&self) -> String {
        let [all, reached] = self.counts.map(|count| count.to_string());
        fill(self.w.lead, &[&all, &self.frame.mw(&self.nominated), &reached])
    }

    fn key(&self, reach: &Reach) -> String {
        fill(self.w.key, &[reach.key.get(..13).unwrap_or(&reach.key)])
    }

    fn relay(&self, relay: &str) -> String {
        fill(self.w.relay, &[relay])
    }

    /// How long ago it spoke and its meter told.
    fn heard(&self, row: &Row) -> Vec<String> {
        let said =
            |text: &str, at: &Option<DateTime<Utc>>| at.as_ref().map(|at| fill(text, &[&self.frame.age(at)]));
        let heard = [said(self.w.report, &row.last_report), said(self.w.reading, &row.last_reading)];
        let heard: Vec<String> = heard.into_iter().flatten().collect();
        if heard.is_empty() { vec![self.w.silence.into()] } else { heard }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use crate::licence::tests::licence;
    use chrono::TimeDelta;
    use kezek_model::registry::Language;

    /// A facility whose change of key waits.
    pub(crate) fn row(frame: &Frame) -> Row {
        Row {
            id: "S-022".into(),
            name: "Yard <22>".into(),
            licensee: "Example LLP".into(),
            zone: "South".into(),
            protected: false,
            licences: vec![licence()],
            nominated: Some(Kw(20_000)),
            quota: None,
            reach: Some(Reach {
                fetches: false,
                host: "s022.example".into(),
                relay: Some("<T-11>".into()),
                key: "whpk_abcdefghijklmnop".into(),
            }),
            last_report: Some(frame.now - TimeDelta::minutes(18)),
            last_reading: None,
            orders: 12,
            waits: vec![Wait::Change],
        }
    }

    fn page(frame: &Frame) -> Facilities<'_> {
        Facilities {
            frame,
            w: FacilitiesWords::of(frame.language),
            counts: [2, 1],
            nominated: Kw(310_500),
            tallies: vec![Tally { wait: Wait::Change, count: 1, is_chosen: false }],
            search: "\"><script>",
            state: "",
            rows: vec![row(frame)],
            suspensions: vec![SuspendedRow {
                number: "KZ/9".into(),
                suspended: Suspended { by: "<D>".into(), reason: "<order 7>".into(), since: frame.now },
                facilities: vec!["S-022".into()],
            }],
            may_suspend: true,
        }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(FacilitiesWords::TABLE, &[]);
    }

    #[test]
    fn a_facility_is_told_with_licence_reach_age_and_what_waits() {
        let frame = frame(Language::Ru);
        let html = page(&frame).render().unwrap();
        for text in [
            "Объектов: 2, заявлено 310,5 МВт, адрес есть у 1",
            "href=\"/facilities/S-022\"",
            "Yard &#60;22&#62;, Example LLP",
            "действует",
            "через &#60;T-11&#62;",
            "s022.example",
            "ключ whpk_abcdefgh",
            "ответ: 18 мин",
            "подтверждает второе лицо",
            "href=\"/facilities?state=change\"",
            "&#60;order 7&#62;",
            "action=\"/licences/suspend\"",
            "action=\"/licences/reinstate\"",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
        for raw in ["<22>", "<T-11>", "<script>", "<order 7>", "<D>"] {
            assert!(!html.contains(raw), "{raw}: {html}");
        }
        let reader = Facilities { may_suspend: false, ..page(&frame) };
        assert!(!reader.render().unwrap().contains("action=\"/licences"));
    }
}
