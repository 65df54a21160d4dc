//! The list of plans.

use askama::Template;
use chrono::{DateTime, Utc};

use crate::frame::Frame;
use crate::words;

words! {
    /// Words of the list of plans.
    PlansWords {
        title: "Plans", "Планы", "Жоспарлар";
        none: "No plan has been proposed. A planner makes one with `kezek plan` and lays it before the approvers with `kezek propose`.", "Планов ещё не предлагали. Плановик составляет план командой `kezek plan` и подаёт на утверждение командой `kezek propose`.", "Жоспар әлі ұсынылмаған. Жоспарлаушы оны `kezek plan` бұйрығымен жасап, `kezek propose` бұйрығымен бекітуге береді.";
        plan: "Plan", "План", "Жоспар";
        proposed: "Proposed", "Предложен", "Ұсынылды";
        author: "Author", "Автор", "Авторы";
        state: "State", "Состояние", "Күйі";
        horizon: "Horizon", "Период", "Кезең";
        cut: "Cut", "Снижение", "Кеміту";
        peak: "Peak", "Пик", "Шыңы";
        facilities: "Facilities", "Объектов", "Нысандар";
        uncovered: "Uncovered", "Не покрыто", "Жабылмаған";
        compare: "Compare the ticked ones", "Сравнить отмеченные", "Белгіленгендерді салыстыру";
        tick: "Compare {0}", "Сравнить {0}", "{0} салыстыру";
        people: "Approvals", "Утвердили", "Бекіткендер";
    }
}

words! {
    /// What may have become of a plan.
    StatusWords {
        waiting: "waits for approval", "ждёт утверждения", "бекітуді күтуде";
        returned: "returned to its author", "возвращён автору", "авторына қайтарылды";
        approved: "approved, orders are issued", "утверждён, распоряжения выданы", "бекітілді, өкімдер шығарылды";
        unconfirmed: "EMERGENCY: orders are issued, a second person is missing", "АВАРИЙНЫЙ: распоряжения выданы, нет второго лица", "АПАТТЫҚ: өкімдер шығарылды, екінші адам жоқ";
        clash: "overtaken: another plan was approved since, plan again", "опоздал: после него утверждён другой план, составьте заново", "кешікті: одан кейін басқа жоспар бекітілді, қайта жасаңыз";
        lapsed: "lapsed: its hours have begun", "просрочен: его часы уже начались", "мерзімі өтті: сағаттары басталып кетті";
    }
}

/// What has become of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// For people.
    Waiting,
    /// Sent back.
    Returned,
    /// Its orders are issued.
    Approved,
    /// Its orders are issued, and another person must approve too.
    Unconfirmed,
    /// The target has gone on.
    Clash,
    /// Its window has begun.
    Lapsed,
}

impl Status {
    /// In words.
    #[must_use]
    pub fn text(self, frame: &Frame) -> &'static str {
        let words = StatusWords::of(frame.language);
        match self {
            Self::Waiting => words.waiting,
            Self::Returned => words.returned,
            Self::Approved => words.approved,
            Self::Unconfirmed => words.unconfirmed,
            Self::Clash => words.clash,
            Self::Lapsed => words.lapsed,
        }
    }

    /// The class of its mark.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Waiting => "waits",
            Self::Unconfirmed => "urgent",
            Self::Clash => "soon",
            _ => "",
        }
    }

    /// Its shape.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Self::Waiting => "○",
            Self::Unconfirmed => "!",
            Self::Clash => "▲",
            _ => "–",
        }
    }
}

/// A plan in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanRow {
    /// Its digest.
    pub digest: String,
    /// When it was proposed.
    pub at: DateTime<Utc>,
    /// By whom.
    pub author: String,
    /// What has become of it.
    pub status: Status,
    /// First and last instant, the last exclusive.
    pub window: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Energy cut, in MWh.
    pub cut_mwh: f64,
    /// Highest total cut, in MW.
    pub peak_mw: f64,
    /// Facilities under cut.
    pub facilities: u32,
    /// Shortage that stays, in MWh.
    pub uncovered_mwh: f64,
    /// How many have approved.
    pub approvals: usize,
    /// How many must.
    pub needed: usize,
}

impl PlanRow {
    /// By which people call it.
    #[must_use]
    pub fn short(&self) -> &str {
        short(&self.digest)
    }
}

/// The first eight digits of a digest.
pub(crate) fn short(digest: &str) -> &str {
    digest.get(..8).unwrap_or(digest)
}

/// The list of plans.
#[derive(Debug, Template)]
#[template(path = "plans.html")]
pub struct Plans<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static PlansWords,
    /// Newest first.
    pub rows: Vec<PlanRow>,
}

impl Plans<'_> {
    fn tick(&self, row: &PlanRow) -> String {
        crate::figures::fill(self.w.tick, &[row.short()])
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;

    /// A plan that waits for its second approver.
    pub(crate) fn row(frame: &Frame) -> PlanRow {
        PlanRow {
            digest: "0123456789abcdef".into(),
            at: frame.now,
            author: "B. <Omarova>".into(),
            status: Status::Waiting,
            window: Some((frame.now, frame.now + chrono::TimeDelta::hours(24))),
            cut_mwh: 1305.3,
            peak_mw: 335.0,
            facilities: 6,
            uncovered_mwh: 0.0,
            approvals: 1,
            needed: 2,
        }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(PlansWords::TABLE, &[]);
        crate::words::tests::judge(StatusWords::TABLE, &[]);
    }

    #[test]
    fn a_plan_that_waits_says_for_how_many_people() {
        let frame = frame(Language::Kk);
        let html = Plans { frame: &frame, w: PlansWords::of(frame.language), rows: vec![row(&frame)] }
            .render()
            .unwrap();
        for text in
            ["href=\"/plans/0123456789abcdef\">01234567<", "1\u{202f}305,3", "бекітуді күтуде", "1 / 2"]
        {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(!html.contains("<Omarova>"), "{html}");
    }
}
