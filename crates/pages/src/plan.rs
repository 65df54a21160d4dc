//! One plan before the approvers: what changes against what stands, how many MW, who is newly hit, what is overridden.

use askama::Template;
use chrono::{DateTime, Utc};
use kezek_model::units::Kw;

use crate::figures::fill;
use crate::frame::Frame;
use crate::plans::{PlanRow, Status, short};
use crate::words;

words! {
    /// Words of a plan before the approvers.
    PlanWords {
        title: "Plan {0}", "План {0}", "{0} жоспары";
        by: "proposed {0} by {1}", "предложен {0}, автор {1}", "{0} ұсынылды, авторы {1}";
        replaces: "against {0}, which stands", "по сравнению с действующим {0}", "қолданыстағы {0} жоспарымен салыстырғанда";
        from_parent: "against {0}, which it was made from", "по сравнению с {0}, из которого составлен", "негізге алынған {0} жоспарымен салыстырғанда";
        first: "No plan stands for these hours.", "На эти часы действующего плана нет.", "Бұл сағаттарға қолданыстағы жоспар жоқ.";
        replaced_none: "It replaced no plan.", "Он не заменял другого плана.", "Ол басқа жоспарды алмастырған жоқ.";
        figure: "Figure", "Показатель", "Көрсеткіш";
        before: "before", "было", "бұрын";
        after: "now", "стало", "енді";
        change: "change", "разница", "айырма";
        energy: "Cut, MWh", "Снижение, МВт·ч", "Кеміту, МВт·сағ";
        peak: "Peak cut, MW", "Наибольшее снижение, МВт", "Ең үлкен кеміту, МВт";
        facilities: "Facilities under cut", "Объектов под снижением", "Кемітілетін нысандар";
        uncovered: "Uncovered, MWh", "Не покрыто, МВт·ч", "Жабылмаған, МВт·сағ";
        changed: "{0} facilities change: {1} newly cut, {2} released", "Меняется объектов: {0}, впервые снижаются: {1}, освобождаются: {2}", "Өзгеретін нысандар: {0}, жаңадан кемітілетіні: {1}, босатылатыны: {2}";
        same: "{0} facilities as before", "без изменений: {0}", "өзгеріссіз: {0}";
        facility: "Facility", "Объект", "Нысан";
        newly: "newly cut", "впервые", "жаңадан";
        released: "released", "освобождается", "босатылады";
        why: "Why", "Почему", "Неліктен";
        uncut: "no cut", "без снижения", "кемітусіз";
        to_limit: "{0} MW less, to {1} MW, {2}", "на {0} МВт, до {1} МВт, {2}", "{0} МВт-қа, {1} МВт-қа дейін, {2}";
        check: "Check", "Проверка", "Тексеру";
        passed: "passed; it runs once more with the approval", "пройдена; повторится при утверждении", "өтті; бекіту кезінде қайта жүргізіледі";
        lone: "{0} returns {1} MW in one step, above the restore limit of {2} MW of zone {3}", "{0} возвращает {1} МВт сразу, больше предела возврата {2} МВт зоны {3}", "{0} бірден {1} МВт қайтарады, бұл {3} аймағының {2} МВт қайтару шегінен артық";
        no_address: "No address, must be called by phone: {0}", "Без адреса, звонить по телефону: {0}", "Мекенжайы жоқ, телефонмен хабарлау керек: {0}";
        people: "Approvals: {0} of {1}", "Утвердили: {0} из {1}", "Бекіткендер: {0}/{1}";
        sent_back: "Returned by {0}: {1}", "Вернул(а) {0}: {1}", "Қайтарған {0}: {1}";
        approve: "Approve", "Утвердить", "Бекіту";
        will_issue: "{0} orders leave at once, at most {1} MW less at a time. The first cut begins in {2}.", "Сразу уйдёт распоряжений: {0}, одновременно не более {1} МВт. До первого снижения {2}.", "Бірден {0} өкім кетеді, бір мезетте ең көбі {1} МВт. Алғашқы кемітуге {2} қалды.";
        will_count: "Your approval is one of {0}; orders leave with the last.", "Ваше утверждение одно из {0}; распоряжения уйдут с последним.", "Бекітуіңіз {0} қажеттінің бірі; өкімдер соңғысымен кетеді.";
        prove: "Prove that it is you", "Подтвердите, что это вы", "Өзіңіз екеніңізді растаңыз";
        comment: "Comment", "Примечание", "Ескертпе";
        send_back: "Return to the author", "Вернуть автору", "Авторына қайтару";
        why_back: "What must change", "Что нужно изменить", "Не өзгеруі керек";
        edit: "Change by hand", "Изменить вручную", "Қолмен өзгерту";
        edit_says: "The change is checked at once and stands as a new plan before the approvers; this one stays as it is. Leave lines empty that you do not need.", "Изменение сразу проверяется и подаётся на утверждение новым планом; этот остаётся как есть. Ненужные строки оставьте пустыми.", "Өзгеріс бірден тексеріліп, жаңа жоспар болып бекітуге беріледі; бұл жоспар сол қалпында қалады. Қажетсіз жолдарды бос қалдырыңыз.";
        edit_from: "From", "С", "Басы";
        edit_to: "Until", "До", "Соңы";
        edit_cut: "Cut by, MW", "Снизить на, МВт", "Кеміту, МВт";
        edit_why: "Why", "Почему", "Неліктен";
        edit_do: "Check and propose", "Проверить и подать", "Тексеріп, ұсыну";
        own: "This is your own plan: another person approves it.", "Это ваш план: его утверждает другой.", "Бұл өз жоспарыңыз: оны басқа адам бекітеді.";
        counted: "Your approval is counted.", "Ваше утверждение учтено.", "Бекітуіңіз есепке алынды.";
        digest: "Digest", "Отпечаток", "Таңба";
        on_paper: "on paper (PDF)", "для печати (PDF)", "басып шығаруға (PDF)";
        as_file: "plan.json", "plan.json", "plan.json";
    }
}

/// Lines of changes by hand in one form.
pub const EDITS: usize = 4;

/// A limit over a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// From.
    pub from: DateTime<Utc>,
    /// Until.
    pub to: DateTime<Utc>,
    /// Reduce to this.
    pub limit: Kw,
    /// Which is less by this.
    pub cut: Kw,
}

/// A facility whose hours change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Whose.
    pub facility: String,
    /// In which zone.
    pub zone: String,
    /// What stands.
    pub before: Vec<Cut>,
    /// What is proposed.
    pub after: Vec<Cut>,
    /// More energy cut, in MWh.
    pub change_mwh: f64,
    /// The planner's reason in the first hour that is cut.
    pub why: String,
}

/// What it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Before {
    /// Its digest.
    pub digest: String,
    /// Whether orders follow it now.
    pub stands: bool,
    /// Energy cut, in MWh.
    pub cut_mwh: f64,
    /// Highest total cut, in MW.
    pub peak_mw: f64,
    /// Facilities under cut.
    pub facilities: u32,
    /// Shortage that stays, in MWh.
    pub uncovered_mwh: f64,
}

/// A return above the restore limit that cannot come in smaller parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lone {
    /// Whose.
    pub facility: String,
    /// In which zone.
    pub zone: String,
    /// How much.
    pub power: Kw,
    /// The limit.
    pub limit: Kw,
}

/// What the visitor may do with the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Approve or return.
    Decide {
        /// Orders that leave, where this is the last approval that is needed.
        orders: Option<usize>,
    },
    /// Nothing: it is the visitor's own.
    Own,
    /// Nothing: the visitor has approved.
    Counted,
    /// Nothing.
    None,
}

/// A plan before the approvers.
#[derive(Debug, Template)]
#[template(path = "plan.html")]
pub struct PlanPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static PlanWords,
    /// The plan.
    pub plan: PlanRow,
    /// What the author said.
    pub comment: String,
    /// What it is compared with.
    pub before: Option<Before>,
    /// Who changes, the greatest change first.
    pub changes: Vec<Change>,
    /// How many do not.
    pub same: usize,
    /// When the first cut begins.
    pub first_cut: Option<DateTime<Utc>>,
    /// What the check found.
    pub findings: Vec<String>,
    /// What approvers must know.
    pub lone: Vec<Lone>,
    /// Facilities that no order reaches.
    pub no_address: Vec<String>,
    /// Who approved, when, with what words.
    pub approvals: Vec<(String, DateTime<Utc>, String)>,
    /// Who returned it, with what words.
    pub returned: Option<(String, String)>,
    /// All facilities of the plan, for who may change it.
    pub facilities: Vec<String>,
    /// What the visitor may do.
    pub choice: Choice,
    /// Whether codes of the visitor's account are asked for.
    pub has_codes: bool,
}

impl PlanPage<'_> {
    fn title(&self) -> String {
        fill(self.w.title, &[self.plan.short()])
    }

    fn by(&self) -> String {
        fill(self.w.by, &[&self.frame.stamp(&self.plan.at), &self.plan.author])
    }

    fn against(&self) -> String {
        let text = |before: &Before| {
            let text = if before.stands { self.w.replaces } else { self.w.from_parent };
            fill(text, &[short(&before.digest)])
        };
        let none = if self.plan.status == Status::Approved { self.w.replaced_none } else { self.w.first };
        self.before.as_ref().map_or_else(|| none.to_owned(), text)
    }

    fn changed(&self) -> String {
        let newly = self.changes.iter().filter(|one| one.before.is_empty()).count();
        let released = self.changes.iter().filter(|one| one.after.is_empty()).count();
        fill(
            self.w.changed,
            &[self.changes.len(), newly, released].map(|n| n.to_string()).each_ref().map(String::as_str),
        )
    }

    /// Rows of the comparison: name, before, after, change.
    fn figures(&self) -> [(&'static str, String, String, String); 4] {
        let (w, frame) = (self.w, self.frame);
        let row = |name, before: Option<f64>, after: f64, whole: bool| {
            let text = |value: f64| if whole { format!("{value:.0}") } else { frame.tenth(&value) };
            let change = before.map_or_else(
                || "–".into(),
                |before| {
                    let change = after - before;
                    if whole && change == 0.0 {
                        "0".into()
                    } else if whole {
                        format!("{change:+.0}").replace('-', "\u{2212}")
                    } else {
                        frame.change(&change)
                    }
                },
            );
            (name, before.map_or_else(|| "–".into(), text), text(after), change)
        };
        let of = |figure: fn(&Before) -> f64| self.before.as_ref().map(figure);
        [
            row(w.energy, of(|before| before.cut_mwh), self.plan.cut_mwh, false),
            row(w.peak, of(|before| before.peak_mw), self.plan.peak_mw, false),
            row(
                w.facilities,
                of(|before| f64::from(before.facilities)),
                f64::from(self.plan.facilities),
                true,
            ),
            row(w.uncovered, of(|before| before.uncovered_mwh), self.plan.uncovered_mwh, false),
        ]
    }

    /// Limits in words, one a line.
    fn cuts(&self, cuts: &[Cut]) -> Vec<String> {
        if cuts.is_empty() {
            return vec![self.w.uncut.to_owned()];
        }
        let text = |cut: &Cut| {
            let (by, to) = (self.frame.mw(&cut.cut), self.frame.mw(&cut.limit));
            fill(self.w.to_limit, &[&by, &to, &self.frame.span(&cut.from, &cut.to)])
        };
        cuts.iter().map(text).collect()
    }

    fn same_as_before(&self) -> String {
        fill(self.w.same, &[&self.same.to_string()])
    }

    fn lines(&self) -> std::ops::RangeInclusive<usize> {
        1..=EDITS
    }

    fn people(&self) -> String {
        fill(self.w.people, &[&self.plan.approvals.to_string(), &self.plan.needed.to_string()])
    }

    fn sent_back(&self, person: &str, said: &str) -> String {
        fill(self.w.sent_back, &[person, said])
    }

    fn unreached(&self) -> String {
        fill(self.w.no_address, &[&self.no_address.join(", ")])
    }

    fn lone(&self, lone: &Lone) -> String {
        let (power, limit) = (self.frame.mw(&lone.power), self.frame.mw(&lone.limit));
        fill(self.w.lone, &[&lone.facility, &power, &limit, &lone.zone])
    }

    fn what_follows(&self, orders: &Option<usize>) -> String {
        match orders {
            Some(orders) => {
                let left = self.first_cut.map_or_else(|| "–".into(), |at| self.frame.age(&at));
                fill(self.w.will_issue, &[&orders.to_string(), &self.frame.tenth(&self.plan.peak_mw), &left])
            }
            None => fill(self.w.will_count, &[&self.plan.needed.to_string()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use chrono::TimeDelta;
    use kezek_model::registry::Language;

    fn page(frame: &Frame) -> PlanPage<'_> {
        let (from, to) = (frame.now + TimeDelta::hours(4), frame.now + TimeDelta::hours(7));
        let cut = Cut { from, to, limit: Kw(2_000), cut: Kw(12_000) };
        let change = |facility: &str, before: Vec<Cut>, after: Vec<Cut>, change_mwh| Change {
            facility: facility.into(),
            zone: "South".into(),
            before,
            after,
            change_mwh,
            why: "without it zone South is short of 12.000 MW; its burden is 5.9 %".into(),
        };
        let changes =
            vec![change("S-031", vec![cut.clone()], vec![], -36.0), change("<S>", vec![], vec![cut], 36.0)];
        PlanPage {
            frame,
            w: PlanWords::of(frame.language),
            plan: PlanRow {
                digest: "0123456789abcdef".into(),
                at: frame.now,
                author: "B. Omarova".into(),
                status: Status::Waiting,
                window: Some((from, to)),
                cut_mwh: 1305.0,
                peak_mw: 335.0,
                facilities: 6,
                uncovered_mwh: 0.0,
                approvals: 0,
                needed: 1,
            },
            comment: String::new(),
            before: Some(Before {
                digest: "fedcba9876543210".into(),
                stands: true,
                cut_mwh: 1240.0,
                peak_mw: 335.0,
                facilities: 7,
                uncovered_mwh: 0.0,
            }),
            changes,
            same: 39,
            first_cut: Some(from),
            findings: vec![],
            lone: vec![],
            no_address: vec![],
            approvals: vec![],
            returned: None,
            facilities: vec!["S-017".into()],
            choice: Choice::Decide { orders: Some(6) },
            has_codes: true,
        }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(PlanWords::TABLE, &["as_file"]);
    }

    #[test]
    fn the_page_says_what_changes_and_what_an_approval_sends() {
        let frame = frame(Language::Ru);
        let html = page(&frame).render().unwrap();
        for text in [
            "по сравнению с действующим fedcba98",
            "+65,0",
            "\u{2212}1<",
            "Меняется объектов: 2, впервые снижаются: 1, освобождаются: 1",
            "на 12,0 МВт, до 2,0 МВт",
            "Сразу уйдёт распоряжений: 6, одновременно не более 335,0 МВт. До первого снижения 4 ч 00 мин.",
            "name=\"code\"",
            "без изменений: 39",
            "<td class=\"cuts\">без него зоне South не хватит 12,000 МВт; его нагрузка от снижений 5,9 %</td>",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(!html.contains("<S>"), "{html}");
    }

    #[test]
    fn who_may_not_approve_is_told_why_and_has_no_button() {
        let frame = frame(Language::En);
        for (choice, text) in
            [(Choice::Own, "your own plan"), (Choice::Counted, "is counted"), (Choice::None, "Digest")]
        {
            let html = PlanPage { choice, ..page(&frame) }.render().unwrap();
            assert!(html.contains(text) && !html.contains("/approve"), "{choice:?}: {html}");
        }
    }
}
