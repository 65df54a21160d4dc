//! What stands on printed pages alone: a line above each sheet, lines to sign, a column to fill by pen.

use crate::figures::fill;
use crate::frame::Frame;
use crate::words;

words! {
    /// Words of printed pages.
    PaperWords {
        printed: "as of {0} {1}, printed by {2}", "по состоянию на {0} {1}, распечатал(а) {2}", "{0} {1} жағдайы бойынша, басып шығарған {2}";
        pen: "Acknowledged: who, when (by pen)", "Подтвердил: кто, когда (от руки)", "Растаған: кім, қашан (қолмен)";
        issued: "Issued", "Выдал", "Шығарған";
        approved: "Approved", "Утвердил", "Бекіткен";
        received: "Received", "Принял", "Қабылдаған";
        time: "Date and time", "Дата и время", "Күні мен уақыты";
        phones: "Telephone list: who must be called", "Телефонный список: кому звонить", "Телефон тізімі: кімге қоңырау шалу керек";
        phone: "Telephone", "Телефон", "Телефон нөмірі";
        said: "What was said, when (by pen)", "Что ответили, когда (от руки)", "Не айтты, қашан (қолмен)";
        nobody: "Nobody must be called.", "Звонить никому не нужно.", "Ешкімге қоңырау шалудың қажеті жоқ.";
    }
}

impl Frame {
    /// The words of printed pages.
    #[must_use]
    pub fn paper(&self) -> &'static PaperWords {
        PaperWords::of(self.language)
    }

    /// When a sheet was true and who has printed it.
    #[must_use]
    pub fn printed(&self) -> String {
        let name = self.who.as_ref().map_or("–", |who| &who.name);
        fill(self.paper().printed, &[&self.stamp(&self.now), &self.offset(), name])
    }

    /// The lines to sign.
    #[must_use]
    pub fn signatures(&self) -> [&'static str; 4] {
        let w = self.paper();
        [w.issued, w.approved, w.received, w.time]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::frame::tests::frame;

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(PaperWords::TABLE, &[]);
    }

    #[test]
    fn a_sheet_says_when_it_was_true_and_who_printed_it() {
        let said = frame(Language::Ru).printed();
        assert_eq!(said, "по состоянию на сб 24 янв 12:41 UTC+05, распечатал(а) A. Serik");
    }

    #[test]
    fn the_sheet_of_paper_has_no_colour_and_no_navigation() {
        let text = crate::assets::PAPER.text;
        for needed in ["size:A4 landscape", "size:A4", "counter(pages)", "nav", "td.cut{background:url(data:"]
        {
            assert!(text.contains(needed), "{needed}");
        }
        assert!(!text.contains("-gradient("), "printed pages grow by megabytes");
        assert!(!text.contains("var(--blue)") && !text.contains("var(--red)"), "{text}");
    }
}
