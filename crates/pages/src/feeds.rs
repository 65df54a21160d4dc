//! Where the facts come from, how old they are, and what is wrong with them; readings are entered here.

use askama::Template;
use chrono::{DateTime, Utc};

use crate::figures::fill;
use crate::frame::Frame;
use crate::handover::Warned;
use crate::words;

words! {
    /// Words of the page of data.
    FeedsWords {
        title: "Data and their age", "Данные и их возраст", "Деректер және олардың жасы";
        source: "Source", "Источник", "Дереккөз";
        newest: "Newest", "Последнее", "Соңғысы";
        age: "Age", "Возраст", "Жасы";
        fine: "as it should be", "в норме", "қалыпты";
        old: "older than it should be", "устарело", "ескірген";
        plans: "plan approved last", "последний утверждённый план", "соңғы бекітілген жоспар";
        meters: "Meters by zone", "Счётчики по зонам", "Аймақтар бойынша есептеуіштер";
        facilities: "Facilities", "Объектов", "Нысандар";
        stale: "Silent for more than {0} min", "Молчат дольше {0} мин", "{0} мин артық үнсіз";
        no_zone: "without a zone", "без зоны", "аймақсыз";
        more: "and {0} more", "и ещё {0}", "және тағы {0}";
        database: "Database and journal", "База и журнал", "Дерекқор мен журнал";
        kept: "Kept in", "Хранится", "Сақталады";
        file: "a file on this machine", "в файле на этой машине", "осы машинадағы файлда";
        server: "a PostgreSQL server", "на сервере PostgreSQL", "PostgreSQL серверінде";
        writes: "Writing", "Запись", "Жазу";
        written: "the journal is written", "журнал пишется", "журнал жазылуда";
        head: "Last record", "Последняя запись", "Соңғы жазба";
        epoch: "Start no.", "Запуск №", "Іске қосу №";
        version: "Version", "Версия", "Нұсқа";
        next: "Due next", "Ближайшее дело", "Келесі іс";
        nothing_due: "nothing", "ничего", "ештеңе";
        under_way: "Deliveries under way", "Идёт доставок", "Жүріп жатқан жеткізу";
        counts: "Orders", "Распоряжения", "Өкімдер";
        counted: "{0} issued, {1} received; {2} accepted, {3} refused, {4} silent; by the meter {5} complying, {6} in breach, {7} unknown", "выдано {0}, доставлено {1}; принято {2}, отказ {3}, молчат {4}; по счётчику соблюдают {5}, нарушают {6}, неизвестно {7}", "шығарылды {0}, жеткізілді {1}; қабылданды {2}, бас тартты {3}, үнсіз {4}; есептеуішше сақтайды {5}, бұзады {6}, белгісіз {7}";
        uncovered: "Uncovered so far, by the meters", "Не покрыто по счётчикам на сейчас", "Есептеуіш бойынша әзірге жабылмаған";
        assumed: "{0} MWh; for {1} facility-hours without a reading the nomination was taken", "{0} МВт·ч; за {1} объекто-часов без показаний взята заявка", "{0} МВт·сағ; көрсеткішсіз {1} нысан-сағатқа мәлімдеме алынды";
        settings: "Settings and files", "Настройки и файлы", "Баптаулар мен файлдар";
        tolerance: "How meters are judged", "Как судят счётчики", "Есептеуіш қалай бағаланады";
        registry: "Registry", "Реестр", "Тізілім";
        no_registry: "no folder is named in the settings", "папка в настройках не указана", "баптауда қалта көрсетілмеген";
        accounts: "Accounts", "Учётные записи", "Тіркелгілер";
        second: "Second channel", "Второй канал", "Екінші арна";
        no_second: "none is set up", "не настроен", "бапталмаған";
        sound: "no faults", "ошибок нет", "қате жоқ";
        faults: "Faults; what was read before holds", "Ошибки; действует прочитанное раньше", "Қателер; бұрын оқылғаны күшінде";
        warnings: "Latest warnings", "Последние предупреждения", "Соңғы ескертулер";
        enter: "Enter readings", "Внести показания", "Көрсеткіш енгізу";
        enter_what: "Paste a table with commas: facility, interval_start, interval_end (with offset), mean_mw, quality (ok, estimated, bad), source. If one row is wrong, nothing is entered and every fault is listed.", "Вставьте таблицу с запятыми: facility, interval_start, interval_end (со смещением), mean_mw, quality (ok, estimated, bad), source. Если ошибочна хоть одна строка, ничего не вносится и показываются все ошибки.", "Үтірмен бөлінген кестені қойыңыз: facility, interval_start, interval_end (ығысуымен), mean_mw, quality (ok, estimated, bad), source. Бір жол қате болса, ештеңе енгізілмейді, барлық қате көрсетіледі.";
        table: "Table", "Таблица", "Кесте";
        enter_do: "Enter", "Внести", "Енгізу";
        entered: "{0} readings are entered.", "Внесено показаний: {0}.", "Енгізілген көрсеткіштер: {0}.";
        known: "{0} readings, all known before; nothing changed.", "Показаний: {0}, все известны; ничего не изменилось.", "Көрсеткіштер: {0}, бәрі бұрыннан белгілі; ештеңе өзгермеді.";
        wrong: "Nothing was entered. Faults: {0}", "Ничего не внесено. Ошибок: {0}", "Ештеңе енгізілмеді. Қателер: {0}";
    }
}

/// A stream of facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it is.
    pub name: &'static str,
    /// The last one.
    pub last: Option<DateTime<Utc>>,
    /// Whether it is too old.
    pub is_old: bool,
}

/// The meters of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneMeters {
    /// Its name; blank for facilities without one.
    pub zone: String,
    /// How many facilities.
    pub facilities: usize,
    /// The end of the newest reading.
    pub newest: Option<DateTime<Utc>>,
    /// Facilities whose meters are silent.
    pub stale: Vec<String>,
}

/// The journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Ledger {
    /// Whether it is on a database server.
    pub on_server: bool,
    /// Why it cannot be written.
    pub trouble: Option<String>,
    /// Number and hash of its last record.
    pub head: (u64, String),
    /// Of this start.
    pub epoch: u64,
    /// Of the program.
    pub version: String,
    /// When something is due.
    pub next_due: Option<DateTime<Utc>>,
    /// Deliveries under way.
    pub in_flight: usize,
    /// Issued, received, accepted, refused, silent, complying, in breach, unknown.
    pub counts: [u64; 8],
    /// Uncovered so far, in MWh, and the facility-hours without a reading.
    pub uncovered: [f64; 2],
}

/// A file that is read again when it changes, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name in the language of the page.
    pub name: &'static str,
    /// What is said of it where nothing is wrong.
    pub said: String,
    /// Faults, in English.
    pub faults: Vec<String>,
}

/// What became of a table that was pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// Taken: how many, and whether anything was new.
    Taken(usize, bool),
    /// Not taken: the table, and its faults in English.
    Wrong(String, Vec<String>),
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "feeds.html")]
pub struct Feeds<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static FeedsWords,
    /// Streams of facts.
    pub sources: Vec<Source>,
    /// Minutes after which a meter counts as silent.
    pub stale_minutes: u32,
    /// Meters by zone.
    pub zones: Vec<ZoneMeters>,
    /// The journal.
    pub ledger: Ledger,
    /// How meters are judged, as the engine says it.
    pub tolerance: String,
    /// Files beside the journal.
    pub files: Vec<Kept>,
    /// The latest warnings.
    pub warnings: Vec<Warned>,
    /// Whether the person may enter readings.
    pub may_enter: bool,
    /// What became of a table.
    pub entered: Option<Entered>,
}

/// Facilities that are named in a row.
const MOST_NAMED: usize = 12;

impl Feeds<'_> {
    fn stale(&self) -> String {
        fill(self.w.stale, &[&self.stale_minutes.to_string()])
    }

    fn named<'z>(&self, zone: &'z ZoneMeters) -> &'z [String] {
        zone.stale.get(..MOST_NAMED).unwrap_or(&zone.stale)
    }

    fn unnamed(&self, zone: &ZoneMeters) -> Option<String> {
        let more = zone.stale.len().saturating_sub(MOST_NAMED);
        (more > 0).then(|| fill(self.w.more, &[&more.to_string()]))
    }

    fn counted(&self) -> String {
        let counts = self.ledger.counts.map(|count| count.to_string());
        fill(self.w.counted, &counts.each_ref().map(String::as_str))
    }

    fn uncovered(&self) -> String {
        let figures = self.ledger.uncovered.map(|figure| self.frame.tenth(&figure));
        fill(self.w.assumed, &figures.each_ref().map(String::as_str))
    }

    /// What is said of a table that was taken.
    fn taken(&self) -> Option<String> {
        match &self.entered {
            Some(Entered::Taken(count, true)) => Some(fill(self.w.entered, &[&count.to_string()])),
            Some(Entered::Taken(count, false)) => Some(fill(self.w.known, &[&count.to_string()])),
            _ => None,
        }
    }

    /// A table that was not taken.
    fn wrong(&self) -> Option<(&String, &Vec<String>)> {
        match &self.entered {
            Some(Entered::Wrong(text, faults)) => Some((text, faults)),
            _ => None,
        }
    }

    fn typed(&self) -> &str {
        self.wrong().map_or("", |(text, _)| text)
    }

    fn not_entered(&self, faults: &[String]) -> String {
        fill(self.w.wrong, &[&faults.len().to_string()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;

    fn page(frame: &Frame) -> Feeds<'_> {
        let w = FeedsWords::of(frame.language);
        let last = Some(frame.now - chrono::TimeDelta::minutes(18));
        Feeds {
            frame,
            w,
            sources: vec![Source { name: "x", last, is_old: true }],
            stale_minutes: 5,
            zones: vec![ZoneMeters {
                zone: "<South>".into(),
                facilities: 20,
                newest: last,
                stale: (0..14).map(|number| format!("S{number}")).collect(),
            }],
            ledger: Ledger {
                on_server: false,
                trouble: Some("<disk full>".into()),
                head: (1_234, "ab".repeat(32)),
                epoch: 3,
                version: "0.1.0".into(),
                next_due: None,
                in_flight: 0,
                counts: [45, 44, 39, 1, 5, 30, 2, 13],
                uncovered: [3.0, 0.5],
            },
            tolerance: "1 (assumed)".into(),
            files: vec![Kept { name: w.registry, said: "x".into(), faults: vec!["<row 3>".into()] }],
            warnings: vec![],
            may_enter: true,
            entered: None,
        }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(FeedsWords::TABLE, &[]);
    }

    #[test]
    fn ages_silent_meters_and_faults_are_told() {
        let frame = frame(Language::Ru);
        let html = page(&frame).render().unwrap();
        for text in [
            "<s>18 мин</s>",
            "устарело",
            "Молчат дольше 5 мин",
            "href=\"/facilities/S11\"",
            "и ещё 2",
            "&#60;disk full&#62;",
            "№ 1234",
            "выдано 45, доставлено 44",
            "3,0 МВт·ч; за 0,5 объекто-часов",
            "&#60;row 3&#62;",
            "action=\"/feeds/readings\"",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
        for raw in ["<South>", "<disk full>", "<row 3>", "/facilities/S12\""] {
            assert!(!html.contains(raw), "{raw}: {html}");
        }
        let reader = Feeds { may_enter: false, ..page(&frame) };
        assert!(!reader.render().unwrap().contains("/feeds/readings"));
    }

    #[test]
    fn a_table_that_was_not_taken_stays_with_its_faults() {
        let frame = frame(Language::En);
        let entered = Some(Entered::Wrong("facility,<x>".into(), vec!["row 1: found <x>".into()]));
        let html = Feeds { entered, ..page(&frame) }.render().unwrap();
        for text in
            ["Nothing was entered. Faults: 1", "row 1: found &#60;x&#62;", "facility,&#60;x&#62;</textarea>"]
        {
            assert!(html.contains(text), "{text}: {html}");
        }
        let html = Feeds { entered: Some(Entered::Taken(24, true)), ..page(&frame) }.render().unwrap();
        assert!(html.contains("24 readings are entered."), "{html}");
    }
}
