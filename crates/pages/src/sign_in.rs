//! The page on which a person signs in.

use askama::Template;

use crate::figures::fill;
use crate::frame::Frame;
use crate::words;

words! {
    /// Words of signing in.
    SignInWords {
        title: "Sign in to the control room", "Вход в диспетчерскую", "Диспетчерлікке кіру";
        login: "Login", "Имя для входа", "Кіру аты";
        code_hint: "Six digits of your authenticator app; empty where you have none", "Шесть цифр из приложения-аутентификатора; пусто, если его нет", "Аутентификатор қолданбасындағы алты сан; жоқ болса, бос қалдырыңыз";
        wrong: "Login, password or code is wrong.", "Имя, пароль или код неверны.", "Аты, құпиясөзі немесе коды қате.";
        locked: "Too many attempts. Try again in", "Слишком много попыток. Повторите через", "Әрекет тым көп болды. Қайталаңыз:";
        other: "Sign in with {0}", "Войти через {0}", "{0} арқылы кіру";
        arrived: "You are signed in", "Вход выполнен", "Кіру орындалды";
        go_on: "Continue", "Продолжить", "Жалғастыру";
        lost: "Lost your password or phone? An administrator makes a new one; nobody can read the old.", "Потеряли пароль или телефон? Администратор выдаст новый; прежний никто прочесть не может.", "Құпиясөзді не телефонды жоғалттыңыз ба? Әкімші жаңасын береді; ескісін ешкім оқи алмайды.";
    }
}

/// The page on which a person signs in.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static SignInWords,
    /// Whether the last attempt proved nothing.
    pub wrong: bool,
    /// Minutes until the next attempt may be made.
    pub locked_minutes: Option<u64>,
    /// Where to go afterwards: a path of this server.
    pub next: &'a str,
    /// Where else people may sign in, as the button says it.
    pub provider: Option<&'a str>,
    /// The same path as part of an address.
    pub next_encoded: &'a str,
}

impl SignIn<'_> {
    fn other(&self, provider: &str) -> String {
        fill(self.w.other, &[provider])
    }
}

/// The page for somebody who comes back from the provider.
#[derive(Debug, Template)]
#[template(path = "arrived.html")]
pub struct Arrived<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static SignInWords,
    /// Where to go on: a path of this server.
    pub next: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(SignInWords::TABLE, &[]);
    }

    #[test]
    fn the_page_says_what_is_wrong_and_lets_nothing_in() {
        let mut frame = frame(Language::Ru);
        frame.who = None;
        let w = SignInWords::of(frame.language);
        let page = SignIn {
            frame: &frame,
            w,
            wrong: true,
            locked_minutes: Some(14),
            next: "/day\"><script>",
            provider: Some("KEGOC"),
            next_encoded: "/day",
        };
        let html = page.render().unwrap();
        assert!(
            html.contains("неверны") && html.contains("Войти через KEGOC") && html.contains("через 14 мин"),
            "{html}"
        );
        assert!(!html.contains("\"><script>") && html.contains("lang=\"ru\""), "{html}");
    }
}
