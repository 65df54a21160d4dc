//! How the burden is shared: which part of its energy each facility has had cut.

use std::fmt::Write as _;

use askama::Template;

use crate::figures::{fill, number};
use crate::frame::Frame;
use crate::words;

words! {
    /// Words of the burden.
    BurdenWords {
        title: "How the burden is shared", "Как распределено снижение", "Кеміту қалай бөлінген";
        lead: "Highest {0} % ({1}), median {2} %, spread {3} points", "Наибольшее {0} % ({1}), медиана {2} %, разброс {3} п. п.", "Ең үлкені {0} % ({1}), медиана {2} %, айырма {3} п. т.";
        none: "No plan was approved yet.", "Утверждённого плана ещё нет.", "Бекітілген жоспар әлі жоқ.";
        means: "The part of its nominated energy that a facility has had cut by the plan in force.", "Доля заявленной энергии объекта, снятая действующим планом.", "Нысанның мәлімделген энергиясынан қолданыстағы жоспар кеміткен үлесі.";
        past: "The ledger of the past days is counted in.", "Прошлые дни по ведомости учтены.", "Ведомость бойынша өткен күндер есептелген.";
        no_past: "The past is not counted: the policy of this plan looks at its horizon only.", "Прошлое не учтено: правило этого плана смотрит только на его период.", "Өткен күндер есептелмеген: бұл жоспардың ережесі тек өз кезеңіне қарайды.";
        plan: "Plan", "План", "Жоспар";
        facility: "Facility", "Объект", "Нысан";
        share: "Burden, %", "Доля, %", "Үлес, %";
        bar: "Compared", "Сравнение", "Салыстыру";
        nominated: "Nominated, MWh", "Заявлено, МВт·ч", "Мәлімделді, МВт·сағ";
        cut: "Planned cut, MWh", "Снижение по плану, МВт·ч", "Жоспарлы кеміту, МВт·сағ";
        ordered: "Ordered so far, MWh", "Предписано, МВт·ч", "Бұйырылды, МВт·сағ";
        achieved: "Achieved by meter, MWh", "Снижено по счётчику, МВт·ч", "Есептеуішше кемітілді, МВт·сағ";
        exempt: "Never cut, or without a valid licence: {0}", "Не ограничиваются или без действующей лицензии: {0}", "Шектелмейтін не жарамды лицензиясы жоқ: {0}";
        orders: "Ordered and achieved are of all orders so far, against the baseline of the settings.", "Предписано и снижено — по всем распоряжениям на сейчас, по базе из настроек.", "Бұйырылғаны мен кемітілгені — осы сәтке дейінгі барлық өкім бойынша, баптаудағы база бойынша.";
        label: "{0}: {1} %", "{0}: {1} %", "{0}: {1} %";
    }
}

/// The burden of a facility.
#[derive(Clone, Debug, PartialEq)]
pub struct BurdenRow {
    /// Its name.
    pub facility: String,
    /// Where it stands.
    pub zone: String,
    /// Which part of its energy was cut, 0 to 1.
    pub share: f64,
    /// Nominated and cut, in MWh.
    pub energy: [f64; 2],
    /// Ordered so far, in MWh.
    pub ordered: Option<f64>,
    /// Achieved so far, in MWh.
    pub achieved: Option<f64>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "burden.html")]
pub struct Burden<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static BurdenWords,
    /// The digest of the plan in force; nothing where there is none.
    pub plan: Option<String>,
    /// Whether the past is counted in.
    pub counts_past: bool,
    /// The highest first.
    pub rows: Vec<BurdenRow>,
    /// Facilities without a burden.
    pub exempt: Vec<String>,
}

const WIDTH: f64 = 280.0;

/// The value in the middle; the mean of the two where they are even in number.
fn median(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        len if len.is_multiple_of(2) => f64::midpoint(sorted[half - 1], sorted[half]),
        _ => sorted[half],
    }
}

impl Burden<'_> {
    fn lead(&self) -> String {
        let mut shares: Vec<f64> = self.rows.iter().map(|row| row.share).collect();
        shares.sort_by(f64::total_cmp);
        let (lowest, highest) =
            (shares.first().copied().unwrap_or(0.0), shares.last().copied().unwrap_or(0.0));
        let first = self.rows.first().map_or("", |row| row.facility.as_str());
        let figures = [
            self.percent(&highest),
            first.to_owned(),
            self.percent(&median(&shares)),
            self.percent(&(highest - lowest)),
        ];
        fill(self.w.lead, &figures.each_ref().map(String::as_str))
    }

    fn percent(&self, share: &f64) -> String {
        number(share * 100.0, 1, self.frame.language)
    }

    fn exempt(&self) -> String {
        fill(self.w.exempt, &[&self.exempt.join(", ")])
    }

    fn short<'p>(&self, digest: &'p str) -> &'p str {
        crate::plans::short(digest)
    }

    /// As long as the share is of the highest, with a line at the median.
    fn bar(&self, row: &BurdenRow) -> String {
        let mut shares: Vec<f64> = self.rows.iter().map(|row| row.share).collect();
        shares.sort_by(f64::total_cmp);
        let highest = shares.last().copied().unwrap_or(0.0).max(1e-9);
        let (length, middle) = (WIDTH * row.share / highest, WIDTH * median(&shares) / highest);
        let label = fill(self.w.label, &[&row.facility, &self.percent(&row.share)]);
        let mut svg = String::new();
        // Writing to a text does not fail.
        let _ = write!(
            svg,
            "<svg class=\"bar\" viewBox=\"0 0 {WIDTH} 20\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">\
             <path d=\"M0 3H{length:.1}V17H0Z\" fill=\"var(--normal)\"/>\
             <path d=\"M{middle:.1} 0V20\" stroke=\"var(--text)\" stroke-width=\"2\" stroke-dasharray=\"4 3\"/></svg>",
            crate::chart::escape(&label),
        );
        svg
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(BurdenWords::TABLE, &["label"]);
    }

    #[test]
    fn the_middle_of_a_list_is_its_median() {
        assert_eq!([median(&[]), median(&[3.0]), median(&[1.0, 3.0])], [0.0, 3.0, 2.0]);
        assert_eq!([median(&[1.0, 2.0, 9.0])], [2.0]);
    }

    #[test]
    fn highest_median_and_spread_are_told_and_each_has_a_bar() {
        let frame = frame(Language::Ru);
        let row = |facility: &str, share: f64| BurdenRow {
            facility: facility.into(),
            zone: "South".into(),
            share,
            energy: [1_000.0, 1_000.0 * share],
            ordered: Some(12.0),
            achieved: None,
        };
        let page = Burden {
            frame: &frame,
            w: BurdenWords::of(frame.language),
            plan: Some("0123456789abcdef".into()),
            counts_past: true,
            rows: vec![row("<S1>", 0.081), row("S2", 0.06), row("S3", 0.058)],
            exempt: vec!["<H1>".into()],
        };
        let html = page.render().unwrap();
        for text in [
            "Наибольшее 8,1 % (&#60;S1&#62;), медиана 6,0 %, разброс 2,3 п. п.",
            "href=\"/plans/0123456789abcdef\">01234567<",
            "M0 3H280.0V17",
            "M207.4 0V20",
            "aria-label=\"S2: 6,0 %\"",
            "&#60;H1&#62;",
            "Прошлые дни по ведомости учтены.",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(!html.contains("<S1>") && !html.contains("<H1>"), "{html}");
    }
}
