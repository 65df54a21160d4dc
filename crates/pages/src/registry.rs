//! The files of the registry: what stands in them, and one of them anew.

use askama::Template;

use crate::figures::fill;
use crate::frame::Frame;
use crate::words;

words! {
    /// Words of the files of the registry.
    RegistryWords {
        title: "Registry files", "Файлы реестра", "Тізілім файлдары";
        no_folder: "kezek.toml names no folder (`registry`): nothing can be imported.", "В kezek.toml не указана папка (`registry`): импортировать некуда.", "kezek.toml файлында бума (`registry`) көрсетілмеген: импорттайтын жер жоқ.";
        contacts: "Whom to call and to tell", "Кому звонить и сообщать", "Кімге қоңырау шалып, хабарлау керек";
        endpoints: "Where orders shall go; two people adopt a change", "Куда направлять распоряжения; изменение принимают двое", "Өкімдер қайда жіберіледі; өзгерісті екі адам қабылдайды";
        tenants: "Who works under which licence", "Кто работает по какой лицензии", "Кім қай лицензиямен жұмыс істейді";
        rows: "lines: {0}", "строк: {0}", "жолдар: {0}";
        download: "Download {0}", "Скачать {0}", "{0} жүктеу";
        import: "Import anew", "Импортировать заново", "Қайта импорттау";
        import_says: "The text takes the place of the whole file. It is read with the other two first: with any fault nothing changes.", "Текст заменит весь файл. Сначала он читается вместе с двумя другими: при любой ошибке ничего не изменится.", "Мәтін бүкіл файлдың орнын басады. Алдымен қалған екеуімен бірге оқылады: қате болса, ештеңе өзгермейді.";
        text: "The whole file, with its heading", "Весь файл с заголовком", "Тақырыбымен бүкіл файл";
        reason: "Why", "Почему", "Неліктен";
        button: "Check and import {0}", "Проверить и импортировать {0}", "{0} файлын тексеріп, импорттау";
        faults: "{0} was not imported: faults {1}", "{0} не импортирован: ошибок {1}", "{0} импортталмады: қателер {1}";
        done: "{0} is imported and holds.", "{0} импортирован и действует.", "{0} импортталды, күшінде.";
    }
}

/// A file as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryFile {
    /// Its name.
    pub name: &'static str,
    /// Lines below its heading.
    pub rows: usize,
    /// What stands in its form: the file, or what was sent; nothing where it is long.
    pub text: String,
    /// What is wrong with what was sent.
    pub faults: Vec<String>,
}

/// The files.
#[derive(Debug, Template)]
#[template(path = "registry.html")]
pub struct RegistryPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static RegistryWords,
    /// Whether there is a folder for them.
    pub has_folder: bool,
    /// Which one has just been imported.
    pub done: Option<&'static str>,
    /// All three.
    pub files: Vec<RegistryFile>,
}

impl RegistryPage<'_> {
    fn what(&self, file: &RegistryFile) -> &'static str {
        match file.name {
            "contacts.csv" => self.w.contacts,
            "endpoints.csv" => self.w.endpoints,
            _ => self.w.tenants,
        }
    }

    fn rows(&self, file: &RegistryFile) -> String {
        fill(self.w.rows, &[&file.rows.to_string()])
    }

    fn download(&self, file: &RegistryFile) -> String {
        fill(self.w.download, &[file.name])
    }

    fn button(&self, file: &RegistryFile) -> String {
        fill(self.w.button, &[file.name])
    }

    fn faulty(&self, file: &RegistryFile) -> String {
        fill(self.w.faults, &[file.name, &file.faults.len().to_string()])
    }

    fn imported(&self, name: &str) -> String {
        fill(self.w.done, &[name])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(RegistryWords::TABLE, &[]);
    }

    #[test]
    fn what_was_sent_stays_in_its_form_with_all_that_is_wrong_with_it() {
        let frame = frame(Language::Ru);
        let file = |name, faults: &[&str]| RegistryFile {
            name,
            rows: 2,
            text: "facility,role\n<N1>".into(),
            faults: faults.iter().map(|fault| (*fault).to_owned()).collect(),
        };
        let page = RegistryPage {
            frame: &frame,
            w: RegistryWords::of(frame.language),
            has_folder: true,
            done: Some("tenants.csv"),
            files: vec![file("contacts.csv", &["row 2: <phone>", "row 3"]), file("tenants.csv", &[])],
        };
        let html = page.render().unwrap();
        for text in [
            "contacts.csv не импортирован: ошибок 2",
            "row 2: &#60;phone&#62;",
            "&#60;N1&#62;",
            "tenants.csv импортирован",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(!html.contains("<N1>"), "{html}");
    }
}
