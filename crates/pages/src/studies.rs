//! The list of studies whose results lie with this control room.

use askama::Template;
use chrono::NaiveDate;

use crate::figures::{date, fill};
use crate::frame::{Frame, encoded};
use crate::words;

words! {
    /// Words of the list of studies.
    StudiesWords {
        title: "Studies", "Исследования", "Зерттеулер";
        no_folder: "No folder for results is set: `[studies] folder` in kezek.toml.", "Папка с результатами не задана: `[studies] folder` в kezek.toml.", "Нәтижелер қалтасы берілмеген: kezek.toml файлындағы `[studies] folder`.";
        none: "There are no results in the folder yet. A planner makes them with `kezek study run`.", "В папке пока нет результатов. Плановик получает их командой `kezek study run`.", "Қалтада нәтиже әлі жоқ. Жоспарлаушы оларды `kezek study run` бұйрығымен алады.";
        study: "Study", "Исследование", "Зерттеу";
        season: "Season", "Сезон", "Маусым";
        days: "{0}, {1} days", "{0}, суток: {1}", "{0}, {1} тәулік";
        draws: "Draws", "Розыгрыши", "Ұтыстар";
        scenarios: "Scenarios", "Сценарии", "Сценарийлер";
        seed: "Seed", "Начальное число", "Бастапқы сан";
        part: "part {0}", "часть {0}", "{0} бөлігі";
        files: "Files", "Файлы", "Файлдар";
        report: "Report with figures", "Отчёт с графиками", "Графиктері бар есеп";
        workbook: "Workbook (XLSX)", "Книга (XLSX)", "Кітап (XLSX)";
        days_file: "Every day of every draw (Parquet)", "Все сутки всех розыгрышей (Parquet)", "Барлық ұтыстың барлық тәулігі (Parquet)";
        facilities_file: "Facilities by draw (Parquet)", "Объекты по розыгрышам (Parquet)", "Ұтыстар бойынша нысандар (Parquet)";
        zones_file: "Zones by draw (Parquet)", "Зоны по розыгрышам (Parquet)", "Ұтыстар бойынша аймақтар (Parquet)";
        results: "Results as they were written", "Результаты в исходном виде", "Нәтижелердің бастапқы түрі";
        large: "too large for a page: `kezek study report` makes one", "слишком велик для страницы: отчёт делает `kezek study report`", "бет үшін тым үлкен: есепті `kezek study report` жасайды";
        compare: "Scenarios side by side", "Сценарии рядом", "Сценарийлер қатар";
        replays: "Draws lived again, day by day", "Розыгрыши, прожитые заново, сутки за сутками", "Қайта өткізілген ұтыстар, күн сайын";
        scenario: "Scenario", "Сценарий", "Сценарий";
        draw: "Draw", "Розыгрыш", "Ұтыс";
        watch: "watch", "смотреть", "көру";
        unread: "Not readable: {0}", "Не читается: {0}", "Оқылмайды: {0}";
    }
}

/// A file of results.
#[derive(Clone, Debug, PartialEq)]
pub struct StudyRow {
    /// Its name in the folder.
    pub file: String,
    /// What people call the study.
    pub study: String,
    /// First civil day, and how many.
    pub season: (NaiveDate, usize),
    /// Draws of the whole study.
    pub draws: u32,
    /// Which part it is, where it is not the whole.
    pub part: Option<String>,
    /// Seed of all that was drawn.
    pub seed: u64,
    /// Names of the scenarios.
    pub scenarios: Vec<String>,
    /// Whether a report can be made on demand.
    pub is_small: bool,
}

/// A draw that was lived again and laid with the results.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayRow {
    /// Where it is watched.
    pub path: String,
    /// What people call the study.
    pub study: String,
    /// The scenario.
    pub scenario: String,
    /// The draw.
    pub draw: u32,
    /// First civil day, and how many.
    pub season: (NaiveDate, usize),
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "studies.html")]
pub struct Studies<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static StudiesWords,
    /// Whether a folder is set.
    pub has_folder: bool,
    /// The newest first.
    pub rows: Vec<StudyRow>,
    /// Draws that were lived again.
    pub replays: Vec<ReplayRow>,
    /// Files that are none of a study.
    pub unread: Vec<String>,
}

impl Studies<'_> {
    fn season(&self, (first, days): &(NaiveDate, usize)) -> String {
        fill(self.w.days, &[&date(*first, self.frame.language), &days.to_string()])
    }

    fn part(&self, row: &StudyRow) -> String {
        row.part.as_ref().map_or_else(String::new, |part| format!(", {}", fill(self.w.part, &[part])))
    }

    fn unread(&self) -> Vec<String> {
        self.unread.iter().map(|file| fill(self.w.unread, &[file])).collect()
    }

    /// What can be had of a file: where, and what it is called.
    fn files(&self, row: &StudyRow) -> Vec<(String, &'static str)> {
        let made = [
            ("report.html", self.w.report),
            ("results.xlsx", self.w.workbook),
            ("draws.parquet", self.w.days_file),
            ("facilities.parquet", self.w.facilities_file),
            ("zones.parquet", self.w.zones_file),
        ];
        let made = made.into_iter().filter(|_| row.is_small);
        let named = made.chain([("results.jsonl", self.w.results)]);
        let file = encoded(&row.file);
        let compared = row.is_small.then(|| (format!("/studies/compare?of={file}"), self.w.compare));
        let parts = named.map(|(part, name)| (format!("/studies/{file}/{part}"), name));
        compared.into_iter().chain(parts).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    fn row() -> StudyRow {
        StudyRow {
            file: "winter-1-of-1-0123456789abcdef.jsonl".into(),
            study: "winter <2027>".into(),
            season: (NaiveDate::from_ymd_opt(2027, 1, 11).unwrap(), 21),
            draws: 40,
            part: None,
            seed: 7,
            scenarios: vec!["base".into(), "cold".into()],
            is_small: true,
        }
    }

    fn drawn(rows: Vec<StudyRow>, has_folder: bool, language: Language) -> String {
        let frame = crate::frame::tests::frame(language);
        let w = StudiesWords::of(language);
        let replay = ReplayRow {
            path: "/studies/replays/cold-3".into(),
            study: "winter".into(),
            scenario: "cold".into(),
            draw: 3,
            season: row().season,
        };
        let unread = vec!["notes.jsonl".into()];
        Studies { frame: &frame, w, has_folder, rows, replays: vec![replay], unread }.render().unwrap()
    }

    #[test]
    fn every_file_of_a_study_is_offered() {
        let page = drawn(vec![row()], true, Language::Ru);
        let parquet = ["draws.parquet", "facilities.parquet", "zones.parquet"];
        for part in ["report.html", "results.xlsx", "results.jsonl"].into_iter().chain(parquet) {
            assert!(page.contains(&format!("/studies/{}/{part}", row().file)), "{part}");
        }
        assert!(
            page.contains("/studies/compare?of=winter-1-of-1") && page.contains("/studies/replays/cold-3")
        );
        assert!(!page.contains("<2027>") && page.contains("суток: 21") && page.contains("notes.jsonl"));
    }

    #[test]
    fn what_is_too_large_is_not_made_on_demand() {
        let large = StudyRow { is_small: false, part: Some("2/8".into()), ..row() };
        let page = drawn(vec![large], true, Language::En);
        assert!(
            !page.contains("report.html")
                && !page.contains("/studies/compare")
                && page.contains("results.jsonl")
                && page.contains("part 2/8")
        );
    }

    #[test]
    fn nothing_is_explained() {
        assert!(drawn(Vec::new(), false, Language::Kk).contains(StudiesWords::of(Language::Kk).no_folder));
        assert!(drawn(Vec::new(), true, Language::En).contains("kezek study run"));
    }
}
