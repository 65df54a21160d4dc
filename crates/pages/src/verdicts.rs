//! Who complied, what it brought, and what it costs.

use askama::Template;
use chrono::{DateTime, Utc};

use crate::figures::{fill, number};
use crate::frame::Frame;
use crate::states::StateWords;
use crate::words;

words! {
    /// Words of the verdicts.
    VerdictsWords {
        title: "Who complied", "Кто исполнил", "Кім орындады";
        lead: "Complied {0}, broken {1}, not proven {2}; {3} orders are not over", "Исполнено {0}, нарушено {1}, не доказано {2}; не завершено {3}", "Орындалды {0}, бұзылды {1}, дәлелденбеді {2}; аяқталмағаны {3}";
        none: "No order has limited anything yet.", "Распоряжений с ограничением ещё не было.", "Шектейтін өкім әлі болған жоқ.";
        facility: "Facility", "Объект", "Нысан";
        show: "Show", "Показать", "Көрсету";
        all: "all", "все", "барлығы";
        order: "Order", "Распоряжение", "Өкім";
        verdict: "Verdict", "Итог", "Қорытынды";
        so_far: "so far", "пока", "әзірге";
        within: "Within", "В пределе", "Шекте";
        drifting: "Tolerated", "В допуске", "Рұқсатта";
        breach: "Above", "Выше", "Асқан";
        unknown: "Unknown", "Неизвестно", "Белгісіз";
        ordered: "Ordered, MWh", "Предписано, МВт·ч", "Бұйырылды, МВт·сағ";
        achieved: "Achieved, MWh", "Снижено, МВт·ч", "Кемітілді, МВт·сағ";
        above: "In excess, MWh", "Сверх, МВт·ч", "Асқаны, МВт·сағ";
        evidence: "evidence", "доказательство", "дәлел";
        hint: "Intervals are counted. What no meter tells is unknown: neither complied nor broken, never zero.", "Считаются интервалы. Чего счётчик не показал, то неизвестно: ни исполнено, ни нарушено и не ноль.", "Аралықтар саналады. Есептеуіш көрсетпегені белгісіз: орындалды да, бұзылды да емес, нөл де емес.";
        files: "As files", "Файлами", "Файлмен";
        verdict_file: "verdicts by interval, CSV", "итоги по интервалам, CSV", "аралықтар қорытындысы, CSV";
        line_file: "settlement lines, CSV", "строки расчёта, CSV", "есеп жолдары, CSV";
        sums: "What facilities owe", "Сколько должны объекты", "Нысандардың қарызы";
        no_lines: "No standing order says a price, or there is nothing to be priced.", "Цена не задана ни одним действующим порядком, или расценивать нечего.", "Ешбір тұрақты тәртіпте баға жоқ немесе бағалайтын ештеңе жоқ.";
        penalty: "Penalty", "Штраф", "Айыппұл";
        credit: "Credit", "Возмещение", "Өтемақы";
        owes: "Owes", "Должен", "Қарызы";
        assumed: "assumed price, nobody's law", "цена условная, не из закона", "баға шартты, заңда жоқ";
        lines: "Settlement lines ({0})", "Строки расчёта ({0})", "Есеп жолдары ({0})";
        window: "Window", "Период", "Кезең";
        line: "Line", "Строка", "Жол";
        schedule: "Standing order", "Порядок", "Тәртіп";
        energy: "MWh", "МВт·ч", "МВт·сағ";
        price: "Price of 1 MWh", "Цена 1 МВт·ч", "1 МВт·сағ бағасы";
        amount: "Amount", "Сумма", "Сома";
        cut_off: "There are more lines than are shown; the file has all.", "Строк больше, чем показано; в файле все.", "Жолдар көрсетілгеннен көп; файлда бәрі бар.";
        settings: "Judged by", "Основание", "Бағалау негізі";
    }
}

/// The verdict on an order.
#[derive(Clone, Debug, PartialEq)]
pub struct VerdictRow {
    /// The order.
    pub order_no: String,
    /// For whom.
    pub facility: String,
    /// In words.
    pub word: &'static str,
    /// Whether it was broken.
    pub is_breach: bool,
    /// Whether more may come.
    pub so_far: bool,
    /// Intervals within, tolerated, above, unknown.
    pub counts: [u32; 4],
    /// Ordered and above the limit, in MWh; none where it was not counted.
    pub energy: Option<[f64; 2]>,
    /// Achieved, in MWh, as far as it is known.
    pub achieved: Option<f64>,
}

/// What a facility owes, in units of a currency.
#[derive(Clone, Debug, PartialEq)]
pub struct SumRow {
    /// Who.
    pub facility: String,
    /// In what.
    pub currency: String,
    /// Penalty, credit, both.
    pub amounts: [f64; 3],
    /// Whether a price is assumed.
    pub assumed: bool,
}

/// A line of the settlement.
#[derive(Clone, Debug, PartialEq)]
pub struct LineRow {
    /// The order.
    pub order_no: String,
    /// From.
    pub from: DateTime<Utc>,
    /// Until.
    pub to: DateTime<Utc>,
    /// Whether it is a penalty.
    pub is_penalty: bool,
    /// Who says the price.
    pub schedule: String,
    /// Energy in MWh, price, amount.
    pub figures: [f64; 3],
    /// In what.
    pub currency: String,
    /// Whether the price is assumed.
    pub assumed: bool,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "verdicts.html")]
pub struct Verdicts<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static VerdictsWords,
    /// Words of states.
    pub s: &'static StateWords,
    /// Whose.
    pub facility: &'a str,
    /// That, as part of an address: `?facility=N1`, or nothing.
    pub query: String,
    /// Broken ones first.
    pub rows: Vec<VerdictRow>,
    /// Complied, broken, not proven, not over.
    pub counts: [usize; 4],
    /// What facilities owe.
    pub sums: Vec<SumRow>,
    /// Lines, and how many there are.
    pub lines: Vec<LineRow>,
    /// How many there are.
    pub all_lines: usize,
    /// How meters are judged, as the engine says it.
    pub settings: String,
}

impl Verdicts<'_> {
    fn lead(&self) -> String {
        fill(self.w.lead, &self.counts.map(|count| count.to_string()).each_ref().map(String::as_str))
    }

    fn heading(&self) -> String {
        fill(self.w.lines, &[&self.all_lines.to_string()])
    }

    fn money(&self, amount: &f64) -> String {
        number(*amount, 2, self.frame.language)
    }

    fn is_assumed(&self) -> bool {
        self.sums.iter().any(|sum| sum.assumed)
    }

    fn is_cut_off(&self) -> bool {
        self.lines.len() < self.all_lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(VerdictsWords::TABLE, &[]);
    }

    #[test]
    fn verdicts_energy_and_money_are_told() {
        let frame = frame(Language::Ru);
        let s = StateWords::of(frame.language);
        let page = Verdicts {
            frame: &frame,
            w: VerdictsWords::of(frame.language),
            s,
            facility: "\"><script>",
            query: "?facility=S-022".into(),
            rows: vec![VerdictRow {
                order_no: "2026-0124-S022-v5".into(),
                facility: "<S-022>".into(),
                word: s.broken,
                is_breach: true,
                so_far: true,
                counts: [3, 1, 2, 4],
                energy: Some([90.0, 4.25]),
                achieved: None,
            }],
            counts: [11, 1, 0, 3],
            sums: vec![SumRow {
                facility: "S-022".into(),
                currency: "KZT".into(),
                amounts: [1_234.5, -34.5, 1_200.0],
                assumed: true,
            }],
            lines: vec![],
            all_lines: 24,
            settings:
                "1 (assumed): above the limit up to max(5 %, 100 kW), grace 10 min, stale after 5 min, \
                       baseline nomination"
                    .into(),
        };
        let html = page.render().unwrap();
        for text in [
            "Исполнено 11, нарушено 1, не доказано 0; не завершено 3",
            "href=\"/orders/2026-0124-S022-v5\"",
            "href=\"/orders/2026-0124-S022-v5/evidence.json\"",
            "<strong>нарушено</strong> (пока)",
            "90,0",
            "неизвестно",
            "1\u{202f}234,50",
            "\u{2212}34,50",
            "цена условная",
            "сверх предела до большего из 5 % и 100 кВт",
            "href=\"/verdicts/settlement.csv?facility=S-022\"",
            "Строки расчёта (24)",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(!html.contains("<script>") && !html.contains("<S-022>"), "{html}");
    }
}
