//! What the keys of the keyboard do, on one sheet.

use crate::frame::{Frame, Place};
use crate::words;

words! {
    /// Words of the sheet of keys.
    KeysWords {
        title: "Keys", "Клавиши", "Пернелер";
        sheet: "this sheet", "эта подсказка", "осы анықтама";
        rows: "next and previous row", "следующая и предыдущая строка", "келесі және алдыңғы жол";
        open: "open the row", "открыть строку", "жолды ашу";
        filter: "to the filter", "к фильтру", "сүзгіге";
        beside: "previous and next day", "предыдущие и следующие сутки", "алдыңғы және келесі тәулік";
        now: "back to now", "к текущему времени", "қазіргі уақытқа";
        table: "charts as tables", "графики таблицами", "графиктер кесте түрінде";
        call: "log a call about the row (orders)", "записать звонок по строке (распоряжения)", "жол бойынша қоңырауды жазу (өкімдер)";
        sound: "Something urgent that is new makes one sound, once you have pressed a key or clicked on the page: a browser allows none before.", "О новом срочном один раз звучит сигнал, если на странице уже нажимали клавишу или кнопку: раньше браузер звук не разрешает.", "Жаңа шұғыл нәрсе туралы бір рет дыбыс беріледі, бірақ алдымен бетте перне не батырма басылуы керек: оған дейін браузер дыбысқа рұқсат бермейді.";
    }
}

/// The keys and what they do; those of the menu last.
#[must_use]
pub fn keys(frame: &Frame) -> Vec<(String, &'static str)> {
    let w = KeysWords::of(frame.language);
    let keys = [
        ("?", w.sheet),
        ("j k", w.rows),
        ("Enter", w.open),
        ("c", w.call),
        ("/", w.filter),
        ("[ ]", w.beside),
        ("t", w.now),
        ("v", w.table),
    ];
    let places = frame.who.iter().flat_map(|who| &who.menu).copied();
    let places = places.map(|place: Place| (format!("g {}", place.key()), place.name(frame.words())));
    keys.map(|(key, does)| (key.to_owned(), does)).into_iter().chain(places).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;
    use std::collections::BTreeSet;

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(KeysWords::TABLE, &[]);
    }

    #[test]
    fn every_place_of_the_menu_has_a_key_of_its_own() {
        let mut frame = frame(Language::En);
        let all = Place::ALL;
        if let Some(who) = &mut frame.who {
            who.menu = all.to_vec();
        }
        let keys = keys(&frame);
        let different: BTreeSet<&String> = keys.iter().map(|(key, _)| key).collect();
        assert_eq!((different.len(), keys.len()), (8 + all.len(), 8 + all.len()));
        assert!(keys.contains(&("g o".to_owned(), "Orders")), "{keys:?}");
    }
}
