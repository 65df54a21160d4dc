//! Where drills begin: a plan is laid before the approvers once more, so that its orders move no load.

use askama::Template;

use crate::frame::Frame;
use crate::plans::{PlanRow, PlansWords};
use crate::words;

words! {
    /// Words of the drills.
    DrillsWords {
        title: "Drills", "Учения", "Жаттығулар";
        what: "A drill sends real orders that say DRILL: facilities receive and answer them, no load moves, nothing is settled.", "Учение рассылает настоящие распоряжения с пометкой УЧЕНИЕ: объекты получают их и отвечают, нагрузка не меняется, ничего не начисляется.", "Жаттығу ЖАТТЫҒУ белгісі бар нағыз өкімдерді жібереді: нысандар алып, жауап береді, жүктеме өзгермейді, ештеңе есептелмейді.";
        ready: "Plans that can be rehearsed", "Планы, которые можно отработать", "Жаттығуға болатын жоспарлар";
        none: "None: a drill needs a plan whose hours have not begun. A planner makes one and lays it before the approvers.", "Нет: для учения нужен план, часы которого ещё не начались. Его составляет и подаёт плановик.", "Жоқ: жаттығуға сағаттары әлі басталмаған жоспар керек. Оны жоспарлаушы жасап, бекітуге береді.";
        launch: "Rehearse this plan", "Провести учение по этому плану", "Осы жоспар бойынша жаттығу өткізу";
        launch_what: "A copy of this plan waits for an approver as a drill. Once it is approved, every facility in it gets an order that says DRILL.", "Копия этого плана будет ждать утверждения как учение. После утверждения каждый объект плана получит распоряжение с пометкой УЧЕНИЕ.", "Осы жоспардың көшірмесі жаттығу ретінде бекітуді күтеді. Бекітілген соң жоспардағы әр нысан ЖАТТЫҒУ белгісі бар өкім алады.";
        comment: "What is rehearsed, and why", "Что отрабатывается и зачем", "Не жаттығылады және не үшін";
        past: "Drills so far", "Проведённые и начатые учения", "Өткізілген және басталған жаттығулар";
        no_past: "None yet.", "Пока не было.", "Әзірге болған жоқ.";
    }
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "drills.html")]
pub struct Drills<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static DrillsWords,
    /// Words of plans.
    pub p: &'static PlansWords,
    /// Plans whose hours have not begun.
    pub ready: Vec<PlanRow>,
    /// Drills, newest first.
    pub past: Vec<PlanRow>,
    /// Whether the person may propose.
    pub may_launch: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use crate::plans::tests::row;
    use kezek_model::registry::Language;

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(DrillsWords::TABLE, &[]);
    }

    #[test]
    fn a_drill_says_first_what_will_happen() {
        let frame = frame(Language::Ru);
        let page = |may_launch| {
            let (w, p) = (DrillsWords::of(frame.language), PlansWords::of(frame.language));
            let ready = vec![row(&frame)];
            Drills { frame: &frame, w, p, ready, past: vec![], may_launch }.render().unwrap()
        };
        let html = page(true);
        for text in [
            "action=\"/drills\"",
            "name=\"plan\" value=\"0123456789abcdef\"",
            "с пометкой УЧЕНИЕ",
            "Пока не было.",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(!html.contains("<Omarova>") && !page(false).contains("action=\"/drills\""));
    }
}
