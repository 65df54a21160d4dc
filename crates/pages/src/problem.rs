//! The page that says why something was not done.

use askama::Template;

use crate::frame::Frame;
use crate::words;

words! {
    /// What a refusal means, whatever its cause.
    ProblemWords {
        input: "What was entered cannot be used. Nothing was done.", "Введённое использовать нельзя. Ничего не сделано.", "Енгізілгенді қолдануға болмайды. Ештеңе жасалған жоқ.";
        proof: "It was not proven who asks. Nothing was done.", "Не подтверждено, кто просит. Ничего не сделано.", "Кім сұрап тұрғаны расталмады. Ештеңе жасалған жоқ.";
        right: "This is not for your role, or not from this page. Nothing was done.", "Это не для вашей роли или не с этой страницы. Ничего не сделано.", "Бұл сіздің рөліңізге немесе осы бетке арналмаған. Ештеңе жасалған жоқ.";
        absent: "There is no such thing here, or it is not yours to see.", "Такого здесь нет, или это не для вас.", "Мұнда ондай жоқ немесе ол сізге көрсетілмейді.";
        conflict: "It does not fit how things stand now. Nothing was done: look, and decide again.", "Это не подходит к нынешнему положению. Ничего не сделано: посмотрите и решите заново.", "Бұл қазіргі жағдайға сай емес. Ештеңе жасалған жоқ: қарап, қайта шешіңіз.";
        later: "Too much is asked at once. Nothing was done: wait and repeat it.", "Слишком много запросов сразу. Ничего не сделано: подождите и повторите.", "Бірден тым көп сұралды. Ештеңе жасалған жоқ: күтіп, қайталаңыз.";
        broken: "The control room itself is in trouble. It may not have happened: look before you repeat it.", "Неполадка в самой диспетчерской. Возможно, не выполнено: проверьте, прежде чем повторять.", "Диспетчерліктің өзінде ақау бар. Орындалмаған болуы мүмкін: қайталамас бұрын тексеріңіз.";
        details: "Details", "Подробности", "Толығырақ";
    }
}

/// The page that says why something was not done.
#[derive(Debug, Template)]
#[template(path = "problem.html")]
pub struct Problem<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static ProblemWords,
    /// The HTTP status.
    pub status: u16,
    /// What was found and what was expected, as the API says it.
    pub error: &'a str,
    /// What to do.
    pub hint: &'a str,
    /// All faults of an input.
    pub faults: &'a [String],
    /// The page to go on with.
    pub back: &'a str,
}

impl Problem<'_> {
    /// What it means, in the language of the page.
    fn meaning(&self) -> &'static str {
        match self.status {
            401 => self.w.proof,
            403 => self.w.right,
            404 => self.w.absent,
            409 => self.w.conflict,
            408 | 429 | 503 => self.w.later,
            400..=499 => self.w.input,
            _ => self.w.broken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(ProblemWords::TABLE, &[]);
    }

    #[test]
    fn a_refusal_is_said_in_the_language_of_the_page_and_what_is_not_known_as_it_came() {
        let frame = frame(Language::Kk);
        let (w, faults) = (ProblemWords::of(frame.language), ["the <pump> broke".to_owned()]);
        let page = |status| Problem {
            frame: &frame,
            w,
            status,
            error: "Aigul made plan 0123 and cannot approve it; another person must",
            hint: "",
            faults: &faults,
            back: "/",
        };
        let html = page(409).render().unwrap();
        for text in [
            "қазіргі жағдайға сай емес",
            "0123 жоспарын Aigul жасаған, сондықтан оны бекіте алмайды",
            "<span lang=\"en\">the &#60;pump&#62; broke</span>",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert_eq!((page(422).meaning(), page(502).meaning()), (w.input, w.broken));
    }
}
