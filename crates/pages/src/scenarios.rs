//! Scenarios of a study side by side: which is worse, by how much, and is that more than chance?

use askama::Template;

use crate::figures::fill;
use crate::frame::{Frame, encoded};
use crate::words;

words! {
    /// Words of the comparison of scenarios.
    ScenarioWords {
        title: "Scenarios side by side", "Сценарии рядом", "Сценарийлер қатар";
        none: "There is no study to compare here. A planner makes one with `kezek study run`.", "Сравнивать нечего: исследований нет. Плановик получает их командой `kezek study run`.", "Салыстыратын зерттеу жоқ. Жоспарлаушы оны `kezek study run` бұйрығымен алады.";
        worst_base: "None of these leaves more uncovered than {0}: {1} MWh a season.", "Ни один не оставляет непокрытым больше, чем «{0}»: {1} МВт·ч за сезон.", "Ешқайсысы {0} сценарийінен көп жабылмаған қалдырмайды: маусымда {1} МВт·сағ.";
        worst: "{0} leaves most uncovered: {1} MWh a season, {2} MWh against {3}.", "Больше всего не покрыто в сценарии «{0}»: {1} МВт·ч за сезон, {2} МВт·ч к сценарию «{3}».", "Ең көп жабылмағаны — {0}: маусымда {1} МВт·сағ, {3} сценарийіне қарағанда {2} МВт·сағ.";
        pick: "Compare", "Сравнить", "Салыстыру";
        pick_label: "Scenarios beside the base", "Сценарии рядом с базовым", "Негізгі сценариймен қатар қойылатындар";
        metric: "Of a season", "За сезон", "Маусым бойынша";
        honest: "Mean ± half of its 95 % interval; between which values nine draws of ten lie; difference from the base, draw by draw, with its interval. In brackets: not told apart from chance.", "Среднее ± половина его 95-процентного интервала; пределы девяти розыгрышей из десяти; разность с базовым по розыгрышам с её интервалом. В скобках: неотличимо от случайности.", "Орташа ± 95 пайыздық аралығының жартысы; он ұтыстың тоғызы жататын шектер; негізгі сценарийден ұтыстар бойынша айырма және оның аралығы. Жақшада: кездейсоқтықтан ажыратылмайды.";
        worst_draw: "Worst draw by uncovered energy", "Худший розыгрыш по непокрытой энергии", "Жабылмаған энергия бойынша ең нашар ұтыс";
        watch: "{0}, day by day", "{0}, сутки за сутками", "{0}, күн сайын";
        live_again: "Worst draws are watched day by day once a planner has lived them again and laid the folder with the results:", "Худшие розыгрыши видны по суткам, когда плановик прожил их заново и положил папку к результатам:", "Жоспарлаушы нашар ұтысты қайта өткізіп, қалтасын нәтижелер жанына қойған соң, ол күн сайын көрінеді:";

        view: "Show", "Показать", "Көрсету";
        as_table: "figures", "показатели", "көрсеткіштер";
        as_plots: "plots", "графики", "графиктер";
        as_map: "map", "карта", "карта";
        table: "as a table", "таблицей", "кесте түрінде";
    }
}

/// What a scenario's draws say of a figure, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct SeasonCell {
    /// The mean with its interval.
    pub mean: String,
    /// Between which values nine draws of ten lie.
    pub between: String,
    /// The difference from the base; none of the base itself.
    pub difference: Option<String>,
}

/// The worst draw of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct WorstDraw {
    /// Its number.
    pub draw: u32,
    /// Where it is watched, if it was lived again.
    pub path: Option<String>,
    /// How it is.
    pub command: String,
}

/// A drawing with its table.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// Its title.
    pub title: String,
    /// What is seen.
    pub note: String,
    /// The drawing.
    pub svg: String,
    /// Names of the columns.
    pub head: Vec<String>,
    /// How many of them are words.
    pub words: usize,
    /// Rows, as wide.
    pub rows: Vec<Vec<String>>,
}

/// What of a comparison is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The figures of a season.
    #[default]
    Table,
    /// How much, when and who.
    Plots,
    /// Where.
    Map,
}

impl View {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Table, Self::Plots, Self::Map];

    /// Its name in an address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Plots => "plots",
            Self::Map => "map",
        }
    }

    fn word(self, w: &ScenarioWords) -> &'static str {
        match self {
            Self::Table => w.as_table,
            Self::Plots => w.as_plots,
            Self::Map => w.as_map,
        }
    }
}

/// A study whose scenarios are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Its file of results.
    pub file: String,
    /// What people call the study.
    pub study: String,
    /// What of it is seen.
    pub view: View,
    /// Draws, seed, digest and engine.
    pub foot: String,
    /// What the base is called.
    pub base: String,
    /// The scenarios beside it, and whether each is shown.
    pub scenarios: Vec<(String, bool)>,
    /// What those that are shown are called, the base first.
    pub shown: Vec<String>,
    /// A row for every figure; seen as [`View::Table`] only.
    pub rows: Vec<(String, Vec<SeasonCell>)>,
    /// Which of [`Comparison::shown`] leaves most uncovered, its mean in MWh, and its difference from the base.
    pub worst: Option<(String, String, Option<String>)>,
    /// The worst draw of each.
    pub worst_draws: Vec<WorstDraw>,
    /// What is drawn, as far as it is seen.
    pub figures: Vec<Drawn>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "scenarios.html")]
pub struct Scenarios<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static ScenarioWords,
    /// What is compared; nothing where there is no study.
    pub comparison: Option<Comparison>,
}

impl Scenarios<'_> {
    fn sentence(&self, of: &Comparison) -> String {
        match &of.worst {
            Some((name, mean, Some(difference))) => fill(self.w.worst, &[name, mean, difference, &of.base]),
            Some((name, mean, None)) => fill(self.w.worst_base, &[name, mean]),
            None => String::new(),
        }
    }

    fn watch(&self, draw: &u32) -> String {
        fill(self.w.watch, &[&draw.to_string()])
    }

    /// What has to be typed to see the worst draws that nobody has lived again.
    fn commands<'c>(&self, of: &'c Comparison) -> Vec<&'c str> {
        of.worst_draws.iter().filter(|own| own.path.is_none()).map(|own| own.command.as_str()).collect()
    }

    /// Where each view is, what it is called, and whether it is the one that is seen.
    fn views(&self, of: &Comparison) -> [(String, &'static str, bool); 3] {
        let shown = of.scenarios.iter().filter(|own| own.1).map(|own| format!("&s={}", encoded(&own.0)));
        let rest: String = shown.collect();
        let path =
            |view: View| format!("/studies/compare?of={}{rest}&view={}", encoded(&of.file), view.name());
        View::ALL.map(|view| (path(view), view.word(self.w), view == of.view))
    }

    fn is_table(&self, of: &Comparison) -> bool {
        of.view == View::Table
    }

    fn part(&self, of: &Comparison, part: &str) -> String {
        format!("/studies/{}/{part}", encoded(&of.file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::frame::tests::frame;

    fn comparison() -> Comparison {
        let cell = |difference: Option<&str>| SeasonCell {
            mean: "58.9 ± 3.1".into(),
            between: "52.0 … 66.0".into(),
            difference: difference.map(str::to_owned),
        };
        let draw = |draw, path: Option<&str>| WorstDraw {
            draw,
            path: path.map(str::to_owned),
            command: format!("kezek study replay STUDY.toml --draw {draw}"),
        };
        Comparison {
            file: "winter 1.jsonl".into(),
            study: "a <winter>".into(),
            view: View::Table,
            foot: "40 draws".into(),
            base: "base".into(),
            scenarios: vec![("cold".into(), true), ("tie".into(), false)],
            shown: vec!["base".into(), "cold".into()],
            rows: vec![("Uncovered, MWh".into(), vec![cell(None), cell(Some("+17.7 ± 3.0"))])],
            worst: Some(("cold".into(), "58.9 ± 3.1".into(), Some("+17.7 ± 3.0".into()))),
            worst_draws: vec![draw(117, Some("/studies/replays/base-117")), draw(9, None)],
            figures: vec![],
        }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(ScenarioWords::TABLE, &[]);
    }

    #[test]
    fn the_page_says_which_is_worse_and_by_how_much() {
        let frame = frame(Language::En);
        let w = ScenarioWords::of(frame.language);
        let html = Scenarios { frame: &frame, w, comparison: Some(comparison()) }.render().unwrap();
        let said = "cold leaves most uncovered: 58.9 ± 3.1 MWh a season, +17.7 ± 3.0 MWh against base.";
        assert!(html.contains(said) && html.contains("a &#60;winter&#62;"), "{html}");
        assert!(html.contains("href=\"/studies/replays/base-117\">117, day by day"), "{html}");
        assert!(
            html.contains("--draw 9") && !html.contains("--draw 117"),
            "what can be watched needs no command"
        );
        assert!(html.contains("/studies/winter%201.jsonl/results.xlsx"), "{html}");
        let ticked = |name: &str| html.contains(&format!("value=\"{name}\" checked"));
        assert!(ticked("cold") && !ticked("tie"), "{html}");
    }

    #[test]
    fn every_view_keeps_what_was_chosen() {
        let frame = frame(Language::Ru);
        let w = ScenarioWords::of(frame.language);
        let map = Comparison { view: View::Map, ..comparison() };
        let html = Scenarios { frame: &frame, w, comparison: Some(map) }.render().unwrap();
        for view in ["table", "plots", "map"] {
            let path = format!("/studies/compare?of=winter%201.jsonl&#38;s=cold&#38;view={view}\"");
            assert!(html.contains(&path), "{path} {html}");
        }
        assert_eq!(html.matches("aria-current=\"page\">карта").count(), 1, "{html}");
        assert!(html.contains("name=\"view\" value=\"map\"") && !html.contains("Uncovered, MWh"), "{html}");
    }

    #[test]
    fn without_a_study_the_page_says_how_to_get_one() {
        let frame = frame(Language::Kk);
        let w = ScenarioWords::of(frame.language);
        let html = Scenarios { frame: &frame, w, comparison: None }.render().unwrap();
        assert!(html.contains("kezek study run"), "{html}");
    }
}
