//! Who did what, when and why.

use askama::Template;
use chrono::{DateTime, Utc};

use crate::figures::fill;
use crate::frame::Frame;
use crate::words;

words! {
    /// Words of the audit search.
    AuditWords {
        title: "Who did what, when and why", "Кто, что, когда и почему сделал", "Кім, нені, қашан және неге жасады";
        person: "Person", "Человек", "Адам";
        about: "Order, facility, plan or licence", "Распоряжение, объект, план или лицензия", "Өкім, нысан, жоспар не лицензия";
        kind: "What", "Что", "Не";
        day: "Day", "Сутки", "Тәулік";
        any: "everything done", "всё выполненное", "барлық орындалғаны";
        search: "Search", "Искать", "Іздеу";
        all: "all", "все", "барлығы";
        when: "When", "Когда", "Қашан";
        who: "Who", "Кто", "Кім";
        object: "About", "О чём", "Не туралы";
        why: "Why, or what was said", "Почему или что сказано", "Неге не не айтылды";
        record: "Record", "Запись", "Жазба";
        looked: "Looked through records {0} to {1} of {2}.", "Просмотрены записи с {0} по {1} из {2}.", "{2} жазбадан {0}–{1} қаралды.";
        none: "Nobody did such a thing in them.", "В них таких действий нет.", "Оларда мұндай әрекет жоқ.";
        nothing: "There is no record of that time.", "Записей за это время нет.", "Ол уақытта жазба жоқ.";
        older: "Older", "Раньше", "Ертерек";
        somebody: "somebody", "неизвестный", "белгісіз біреу";
        with: "with {0}", "вместе с {0}", "{0} бірге";
    }
}

words! {
    /// What people do, by the kinds of the journal.
    DeedWords {
        proposed: "proposed a plan", "предложил план", "жоспар ұсынды";
        approved: "approved a plan", "утвердил план", "жоспарды бекітті";
        returned: "returned a plan", "вернул план", "жоспарды қайтарды";
        recalled: "recalled an order", "отозвал распоряжение", "өкімді кері қайтарды";
        resend: "had an order sent again", "отправил распоряжение заново", "өкімді қайта жіберді";
        called: "called", "позвонил", "қоңырау шалды";
        answered: "answered an order", "ответил на распоряжение", "өкімге жауап берді";
        frozen: "froze issuing", "заморозил выдачу", "шығаруды тоқтатты";
        thawed: "thawed issuing", "разморозил выдачу", "шығаруды ашты";
        resumed: "let issuing go on", "возобновил выдачу", "шығаруды жалғастырды";
        suspended: "suspended a licence", "приостановил лицензию", "лицензияны тоқтатты";
        reinstated: "let a licence hold again", "возобновил лицензию", "лицензияны қайта жандандырды";
        code: "made an enrolment code", "выдал код подключения", "қосылу кодын берді";
        enrolled: "entered an address and key", "внёс адрес и ключ", "мекенжай мен кілт енгізді";
        confirmed: "confirmed an address and key", "подтвердил адрес и ключ", "мекенжай мен кілтті растады";
        volunteered: "declared a voluntary cut", "заявил добровольное снижение", "ерікті кемітуді мәлімдеді";
        read: "entered readings", "внёс показания", "көрсеткіш енгізді";
        muted: "muted the sound of the alarm", "выключил звук тревоги", "дабыл дыбысын өшірді";
        refused: "REFUSED by the control room", "ОТКАЗАНО системой", "жүйе ҚАБЫЛДАМАДЫ";
    }
}

/// `?kind=` of what was refused.
pub const REFUSED: &str = "refused";

impl DeedWords {
    /// Every kind with its words.
    #[must_use]
    pub fn kinds(&self) -> [(&'static str, &'static str); 19] {
        [
            ("proposed", self.proposed),
            ("approved", self.approved),
            ("returned", self.returned),
            ("recalled", self.recalled),
            ("resend", self.resend),
            ("called", self.called),
            ("answered", self.answered),
            ("frozen", self.frozen),
            ("thawed", self.thawed),
            ("resumed", self.resumed),
            ("licence-suspended", self.suspended),
            ("licence-reinstated", self.reinstated),
            ("code-issued", self.code),
            ("enrolled", self.enrolled),
            ("enrolment-confirmed", self.confirmed),
            ("volunteered", self.volunteered),
            ("read", self.read),
            ("sound-muted", self.muted),
            (REFUSED, self.refused),
        ]
    }

    /// The words of a kind; a kind without any stands as it is.
    #[must_use]
    pub fn of_kind(&self, kind: &str) -> String {
        let kinds = self.kinds();
        let found = kinds.iter().find(|(known, _)| *known == kind);
        found.map_or_else(|| kind.to_owned(), |(_, words)| (*words).to_owned())
    }
}

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// When.
    pub at: DateTime<Utc>,
    /// Number and hash of its record; none of what was refused.
    pub record: Option<(u64, String)>,
    /// Who; blank where nobody proved a name.
    pub person: String,
    /// Who stood beside.
    pub second: Option<String>,
    /// What, in words.
    pub what: String,
    /// What it is about, and its page.
    pub about: Option<(String, String)>,
    /// Why.
    pub reason: String,
}

impl Deed {
    /// The beginning of the hash.
    #[must_use]
    pub fn short<'a>(&self, hash: &'a str) -> &'a str {
        hash.get(..10).unwrap_or(hash)
    }
}

/// What was searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Part of a name.
    pub person: String,
    /// A thing.
    pub about: String,
    /// A kind.
    pub kind: String,
    /// A civil day, as `2026-01-24`.
    pub day: String,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "audit.html")]
pub struct Audit<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static AuditWords,
    /// Words of deeds.
    pub d: &'static DeedWords,
    /// What was searched for.
    pub search: Search,
    /// Newest first.
    pub rows: Vec<Deed>,
    /// Lowest and highest record that was looked at, and how many there are; none of refusals.
    pub looked: Option<[u64; 3]>,
    /// Where older ones are.
    pub older: Option<String>,
}

impl Audit<'_> {
    fn looked(&self, looked: &[u64; 3]) -> String {
        fill(self.w.looked, &looked.map(|number| number.to_string()).each_ref().map(String::as_str))
    }

    fn with(&self, second: &str) -> String {
        fill(self.w.with, &[second])
    }

    fn is_blank(&self) -> bool {
        self.search == Search::default()
    }

    fn is_refused(&self) -> bool {
        self.search.kind == REFUSED
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;

    /// A recall.
    pub(crate) fn deed(frame: &Frame) -> Deed {
        Deed {
            at: frame.now,
            record: Some((1_234, "ab".repeat(32))),
            person: "D. <Duty>".into(),
            second: Some("<second>".into()),
            what: DeedWords::of(frame.language).of_kind("recalled"),
            about: Some(("2026-0124-S022-v4".into(), "/orders/2026-0124-S022-v4".into())),
            reason: "<b>over</b>".into(),
        }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(AuditWords::TABLE, &[]);
        crate::words::tests::judge(DeedWords::TABLE, &[]);
    }

    #[test]
    fn a_deed_is_told_with_record_link_and_reason_and_nothing_unescaped() {
        let frame = frame(Language::Ru);
        let search = Search { person: "\"><script>".into(), kind: "recalled".into(), ..Search::default() };
        let page = Audit {
            frame: &frame,
            w: AuditWords::of(frame.language),
            d: DeedWords::of(frame.language),
            search,
            rows: vec![deed(&frame)],
            looked: Some([1_001, 21_000, 21_000]),
            older: Some("/audit?before=1001&kind=recalled".into()),
        };
        let html = page.render().unwrap();
        for text in [
            "отозвал распоряжение",
            "D. &#60;Duty&#62; вместе с &#60;second&#62;",
            "href=\"/orders/2026-0124-S022-v4\"",
            "&#60;b&#62;over",
            "№ 1234",
            "title=\"abababab",
            "Просмотрены записи с 1001 по 21000 из 21000.",
            "href=\"/audit?before=1001&#38;kind=recalled\"",
            "<option value=\"recalled\" selected>",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(!html.contains("<script>") && !html.contains("<b>") && !html.contains("<Duty>"), "{html}");
        assert_eq!(DeedWords::of(Language::En).of_kind("new-kind"), "new-kind", "nothing is left out");
    }
}
