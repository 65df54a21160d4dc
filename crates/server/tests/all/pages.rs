//! The pages, as a browser without scripts sees them.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, TimeDelta, Utc};
use totp_rs::{Builder, Secret};

use std::collections::BTreeMap;

use kezek_model::units::Kw;
use kezek_server::Config;
use kezek_server::accounts::Accounts;

use crate::browser::{Browser, accounts, seal_of};
use crate::world::{PEOPLE, PLAN, World, after, evening};

/// An account for everybody.
struct Logins {
    accounts: Accounts,
    passwords: BTreeMap<String, String>,
}

impl Logins {
    fn write(config: &mut Config) -> Self {
        let people = PEOPLE.map(|(name, roles)| (name, roles, None));
        let (accounts, passwords) = accounts(config, &people);
        Self { accounts, passwords }
    }

    fn save(&self, config: &Config) {
        self.accounts.write(config.accounts.as_ref().unwrap(), config).unwrap();
    }

    fn password(&self, login: &str) -> &str {
        &self.passwords[login]
    }

    async fn enter(&self, world: &World, login: &str) -> Browser {
        Browser::enter(world, login, self.password(login)).await
    }
}

async fn world() -> (World, Logins) {
    let mut logins = None;
    let world = World::with(|config| logins = Some(Logins::write(config))).await;
    (world, logins.unwrap())
}

#[tokio::test]
async fn nobody_sees_a_page_before_signing_in_and_comes_back_to_it_after() {
    let (world, logins) = world().await;
    let browser = Browser::of(&world);
    for path in ["/", "/day", "/plans", "/plans/x", "/live"] {
        let shown = browser.get(path).await;
        assert_eq!(
            (shown.status, shown.location()),
            (303, format!("/sign-in?next={path}").as_str()),
            "{path}"
        );
    }
    let page = browser.get("/sign-in?next=/plans").await;
    assert!(page.body.contains("value=\"/plans\""), "{}", page.body);
    let fields = [("login", "Dispatcher"), ("password", logins.password("dispatcher")), ("next", "/plans")];
    assert_eq!(browser.post("/sign-in", &fields).await.location(), "/plans");
    assert_eq!(browser.get("/plans").await.status, 200);
    let cookie = browser.post("/sign-in", &fields).await.headers["set-cookie"].clone();
    for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(word), "{cookie}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_the_sixth_attempt_must_wait() {
    let (world, logins) = world().await;
    let browser = Browser::of(&world);
    for _ in 0..5 {
        assert_eq!(browser.sign_in("dispatcher", "wrong", "").await.status, 401);
    }
    let locked = browser.sign_in("dispatcher", logins.password("dispatcher"), "").await;
    assert_eq!(locked.status, 429, "the right password does not help either");
    assert!(!browser.cookies.lock().unwrap().contains_key("kezek-session"));
    assert_eq!(
        browser.sign_in("approver", logins.password("approver"), "").await.status,
        303,
        "others go on"
    );
}

#[tokio::test]
async fn a_code_is_needed_where_the_account_has_one_and_is_good_once() {
    let mut logins = None;
    let mut password = String::new();
    let world = World::with(|config| {
        let mut written = Logins::write(config);
        password = written.accounts.all[2].reset("test", true).unwrap().password;
        written.save(config);
        logins = Some(written);
    })
    .await;
    let account = &logins.unwrap().accounts.all[2];
    let secret = Secret::try_from_base32(account.code_secret.as_ref().unwrap()).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let code = totp.generate(now).to_string();
    let browser = Browser::of(&world);
    assert_eq!(browser.sign_in("dispatcher", &password, "").await.status, 401);
    assert_eq!(browser.sign_in("dispatcher", &password, &code).await.status, 303);
    assert_eq!(Browser::of(&world).sign_in("dispatcher", &password, &code).await.status, 401, "it was seen");
}

#[tokio::test]
async fn a_session_holds_over_a_restart_and_ends_with_a_reset_or_by_signing_out() {
    let (mut world, mut logins) = world().await;
    let browser = logins.enter(&world, "auditor").await;
    let other = logins.enter(&world, "planner").await;
    let base = world.base.clone();
    world.crash().await;
    world.start_at(&base).await;
    assert_eq!(browser.get("/day").await.status, 200);
    assert_eq!(browser.send("/day", "/sign-out", &[]).await.location(), "/sign-in");
    assert_eq!(browser.get("/day").await.status, 303);
    assert_eq!(other.get("/day").await.status, 200);
    logins.accounts.all[1].reset("test", false).unwrap();
    logins.save(&world.config);
    assert_eq!(other.get("/day").await.status, 303);
}

#[tokio::test]
async fn a_session_that_was_changed_or_made_elsewhere_is_none() {
    let (world, logins) = world().await;
    let (elsewhere, theirs) = self::world().await;
    let browser = theirs.enter(&elsewhere, "dispatcher").await;
    let foreign = browser.cookies.lock().unwrap()["kezek-session"].clone();
    let browser = Browser::of(&world);
    browser.cookies.lock().unwrap().insert("kezek-session".into(), foreign);
    assert_eq!(browser.get("/day").await.status, 303, "another control room's key");
    let own = logins.enter(&world, "dispatcher").await;
    let mut cookie = own.cookies.lock().unwrap()["kezek-session"].clone();
    let place = cookie.len() / 2;
    let with = if cookie.as_bytes()[place] == b'A' { "B" } else { "A" };
    cookie.replace_range(place..=place, with);
    own.cookies.lock().unwrap().insert("kezek-session".into(), cookie);
    assert_eq!(own.get("/day").await.status, 303);
}

#[tokio::test]
async fn every_page_is_small_whole_and_lets_nothing_of_others_in() {
    let (world, logins) = world().await;
    let digest = world.propose(&PLAN).await;
    let browser = logins.enter(&world, "auditor").await;
    for (language, word) in [("kk", "Тәулік"), ("ru", "Сутки"), ("en", "Day board")] {
        browser.get(&format!("/look?language={language}&back=/day")).await;
        for path in ["/day", "/plans", &format!("/plans/{digest}")] {
            let shown = browser.get(path).await;
            assert_eq!(shown.status, 200, "{path}");
            assert!(shown.body.contains(&format!("lang=\"{language}\"")), "{path}: {}", shown.body);
            assert!(shown.body.len() < 100_000 && shown.body.ends_with("</html>"), "{path}");
            assert!(
                !shown.body.contains(" style=") && !shown.body.contains("<script>"),
                "{path}: {}",
                shown.body
            );
            let policy = &shown.headers["content-security-policy"];
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
            assert_eq!(shown.headers["cache-control"], "no-store");
        }
        assert!(browser.get("/day").await.body.contains(word), "{language}");
    }
}

#[tokio::test]
async fn the_day_board_says_what_is_short_and_what_waits() {
    let (world, logins) = world().await;
    let _receivers = world.enrol_all().await;
    world.propose(&PLAN).await;
    let browser = logins.enter(&world, "dispatcher").await;
    let before = browser.get("/day?date=2026-01-15").await.body;
    assert!(before.contains("ждёт утверждения") && before.contains("нет утверждённого плана"), "{before}");
    world.as_("approver").approve(&PLAN.digest().unwrap(), "").await.unwrap();
    let after = browser.get("/day?date=2026-01-15").await.body;
    assert!(after.contains("не покрыто 3,0"), "{after}");
    assert!(after.contains("<svg") && after.contains("таблицей"), "{after}");
    assert!(after.contains("date=2026-01-15&#38;by=facility"), "{after}");
    assert!(!after.contains("href=\"/facilities/N1\""), "zones come first: {after}");
    let matrix = browser.get("/day?date=2026-01-15&by=facility").await.body;
    let cut = PLAN.allocations.iter().filter(|row| row.cut.0 > 0).map(|row| &row.facility);
    for facility in cut.collect::<std::collections::BTreeSet<_>>() {
        assert!(matrix.contains(&format!("href=\"/facilities/{facility}\"")), "{facility}: {matrix}");
    }
    assert!(
        matrix.contains("date=2026-01-16&#38;by=facility"),
        "another day is seen in the same way: {matrix}"
    );
}

#[tokio::test]
async fn a_plan_is_approved_on_its_page_by_another_person_who_proves_it() {
    let (world, logins) = world().await;
    let _receivers = world.enrol_all().await;
    let digest = world.propose(&PLAN).await;
    let (page, approve) = (format!("/plans/{digest}"), format!("/plans/{digest}/approve"));
    let issued = || world.room().look(|book| book.state.records().count());
    let author = logins.enter(&world, "author").await;
    assert!(author.get(&page).await.body.contains("Это ваш план"));
    let password = logins.password("author");
    let own = author.send(&page, &approve, &[("comment", ""), ("password", password)]).await;
    assert_eq!((own.status, issued()), (409, 0), "{}", own.body);
    let planner = logins.enter(&world, "planner").await;
    let password = logins.password("planner");
    let none = planner.send(&page, &approve, &[("comment", ""), ("password", password)]).await;
    assert_eq!((none.status, issued()), (403, 0), "{}", none.body);
    let approver = logins.enter(&world, "approver").await;
    let password = logins.password("approver");
    let asked = approver.get(&page).await.body;
    assert!(asked.contains("Сразу уйдёт распоряжений: 3"), "{asked}");
    for fields in [[("comment", ""), ("password", "wrong")], [("comment", ""), ("password", "")]] {
        let refused = approver.send(&page, &approve, &fields).await;
        assert_eq!((refused.status, issued()), (403, 0), "{}", refused.body);
    }
    let sealless = approver.post(&approve, &[("seal", "x"), ("comment", ""), ("password", password)]).await;
    assert_eq!((sealless.status, issued()), (403, 0));
    let seal = seal_of(&asked);
    let fields = [("seal", seal), ("comment", ""), ("password", password)];
    let foreign = approver.post_from("http://evil.example", &approve, &fields).await;
    assert_eq!((foreign.status, issued()), (403, 0));
    let approved = approver.post(&approve, &fields).await;
    assert_eq!(
        (approved.status, approved.location(), issued()),
        (303, page.as_str(), 3),
        "{}",
        approved.body
    );
    let done = approver.get(&page).await.body;
    assert!(done.contains("утверждён, распоряжения выданы") && !done.contains("action=\"/plans/"), "{done}");
}

#[tokio::test]
async fn a_plan_is_returned_with_words_and_compared_with_what_stands() {
    let (world, logins) = world().await;
    let _receivers = world.enrol_all().await;
    world.issue(&PLAN).await;
    let later = after(&PLAN.digest().unwrap());
    let digest = world.propose(&later).await;
    let approver = logins.enter(&world, "approver").await;
    let page = format!("/plans/{digest}");
    let shown = approver.get(&page).await.body;
    assert!(shown.contains("по сравнению с действующим") && shown.contains("Вернуть автору"), "{shown}");
    let back = format!("{page}/return");
    let silent = approver.send(&page, &back, &[("comment", " ")]).await;
    assert_eq!(silent.status, 400, "{}", silent.body);
    assert_eq!(approver.send(&page, &back, &[("comment", "S1 ремонтируется")]).await.status, 303);
    let returned = approver.get(&page).await.body;
    assert!(returned.contains("approver: S1 ремонтируется") && !returned.contains("/approve"), "{returned}");
    world.set(evening() + TimeDelta::days(30));
    assert_eq!(approver.get("/day").await.status, 200, "long after");
}

#[tokio::test]
async fn a_plan_is_changed_by_hand_checked_at_once_and_stands_as_a_new_one() {
    let (world, logins) = world().await;
    let digest = world.propose(&PLAN).await;
    let author = logins.enter(&world, "author").await.in_("en");
    let (page, edit) = (format!("/plans/{digest}"), format!("/plans/{digest}/edit"));
    assert!(author.page(&page).await.contains("Check and propose"));
    let row = PLAN.allocations.iter().find(|row| row.cut > Kw::ZERO).unwrap();
    let zone = chrono_tz::Asia::Almaty;
    let clock = |at: DateTime<Utc>| at.with_timezone(&zone).format("%Y-%m-%dT%H:%M").to_string();
    let (from, to) = (clock(row.interval_start), clock(row.interval_start + TimeDelta::hours(1)));
    let change = |cut: &str, comment: &str| {
        [
            ("facility-2", row.facility.as_str()),
            ("from-2", &from),
            ("to-2", &to),
            ("cut-2", cut),
            ("comment", comment),
        ]
        .map(|(name, value)| (name, value.to_owned()))
    };
    let send = async |browser: &Browser, cut: &str, comment: &str| {
        let fields = change(cut, comment);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.send(&page, &edit, &fields).await
    };
    let plans = async || world.as_("author").proposals().await.unwrap().len();

    let deep = send(&author, "9999", "all of it").await;
    assert!(deep.status == 409 && deep.body.contains("fails its check"), "{deep:?}");
    assert_eq!(send(&author, "0", " ").await.status, 400, "without a reason");
    assert_eq!(plans().await, 1, "nothing was kept");

    let made = send(&author, "0", "S1 heats a school").await;
    assert_eq!(made.status, 303, "{}", made.body);
    assert_eq!(plans().await, 2);
    let new = author.page(&made.headers["location"]).await;
    assert!(new.contains("S1 heats a school") && new.contains("This is your own plan"), "{new}");
    let approver = logins.enter(&world, "approver").await;
    assert!(!approver.page(&page).await.contains("/edit"), "an approver proposes nothing");
    assert_eq!(approver.send(&page, &edit, &[("comment", "x")]).await.status, 403);
}

#[tokio::test]
async fn of_two_people_who_change_one_plan_the_later_sees_both_and_loses_nothing() {
    let (world, logins) = world().await;
    let digest = world.propose(&PLAN).await;
    let [author, planner] = ["author", "planner"].map(|name| logins.enter(&world, name));
    let (author, planner) = (author.await.in_("en"), planner.await.in_("en"));
    let (page, edit) = (format!("/plans/{digest}"), format!("/plans/{digest}/edit"));
    let cut: Vec<_> = PLAN.allocations.iter().filter(|row| row.cut > Kw::ZERO).collect();
    let clock =
        |at: DateTime<Utc>| at.with_timezone(&chrono_tz::Asia::Almaty).format("%Y-%m-%dT%H:%M").to_string();
    let [first, last] = [cut[0], cut[cut.len() - 1]];
    let hour = |at: DateTime<Utc>| [clock(at), clock(at + TimeDelta::hours(1))];
    let [from, to] = hour(first.interval_start);
    let theirs = [
        ("facility-1", first.facility.as_str()),
        ("from-1", &from),
        ("to-1", &to),
        ("cut-1", "0"),
        ("comment", "it heats a school"),
    ];
    let saved = planner.send(&page, &edit, &theirs).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let newer = saved.location().to_owned();

    let [from, to] = hour(last.interval_start);
    let yours = [
        ("facility-3", last.facility.as_str()),
        ("from-3", &from),
        ("to-3", &to),
        ("cut-3", "0,0"),
        ("comment", "<repair>"),
    ];
    let kept = || async { world.as_("author").proposals().await.unwrap().len() };
    let refused = author.send(&page, &edit, &yours).await;
    assert_eq!((refused.status, kept().await), (409, 2), "{}", refused.body);
    for said in [
        "Not saved: the plan was changed meanwhile",
        "planner saved plan",
        "it heats a school",
        "name=\"cut-3\" inputmode=\"decimal\" value=\"0,0\"",
        "&#60;repair&#62;</textarea>",
        &format!("action=\"{newer}/edit\""),
    ] {
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
    }
    let told = logins.enter(&world, "auditor").await.in_("en").page("/audit?kind=refused").await;
    assert!(told.contains("planner has changed plan"), "{told}");

    let again = author.send(&newer, &format!("{newer}/edit"), &yours).await;
    assert_eq!((again.status, kept().await), (303, 3), "{}", again.body);
    let more = planner.send(&page, &edit, &theirs).await;
    assert_eq!(more.status, 409, "what others have built on one's own change counts too");
    assert!(more.body.contains(&format!("action=\"{}/edit\"", again.location())), "{}", more.body);
    let approver = logins.enter(&world, "approver").await;
    for plan in [&newer, again.location()] {
        let back = [("comment", "no")];
        assert_eq!(approver.send(plan, &format!("{plan}/return"), &back).await.status, 303);
    }
    let free = author.send(&page, &edit, &yours).await;
    assert_eq!(free.status, 303, "what was sent back is in nobody's way: {}", free.body);
}

#[tokio::test]
async fn all_that_is_wrong_with_changes_by_hand_is_told_at_once() {
    let (world, logins) = world().await;
    let digest = world.propose(&PLAN).await;
    let author = logins.enter(&world, "author").await.in_("en");
    let (page, edit) = (format!("/plans/{digest}"), format!("/plans/{digest}/edit"));
    let wrong = [
        ("facility-1", "nobody"),
        ("from-1", "2026-01-15T20:00"),
        ("to-1", "2026-01-15T21:00"),
        ("cut-1", "1"),
        ("facility-2", "S1"),
        ("from-2", "2027-01-15T20:00"),
        ("to-2", "2027-01-15T21:00"),
        ("cut-2", "1"),
        ("comment", "x"),
    ];
    let refused = author.send(&page, &edit, &wrong).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    for said in ["the case has no facility nobody", "S1: no interval of the plan begins"] {
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
    }
}

#[tokio::test]
async fn the_planner_says_on_a_page_why_a_facility_is_cut() {
    let (world, logins) = world().await;
    let digest = world.propose(&PLAN).await;
    let author = logins.enter(&world, "author").await.in_("ru");
    let row = PLAN.allocations.iter().find(|row| row.cut > Kw::ZERO).unwrap();
    let path = format!("/plans/{digest}/why?facility={}", row.facility);
    let page = author.page(&path).await;
    for text in ["Почему ", "Лишний МВт·ч запаса", "Место ", "Вместо него"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(
        author.page(&format!("/plans/{digest}")).await.contains(&format!("/why?facility={}", row.facility))
    );
    for (wrong, why) in
        [("facility=nobody", "нет объекта nobody"), ("facility=N1&time=2031-01-01T00:00", "вне плана")]
    {
        let refused = author.get(&format!("/plans/{digest}/why?{wrong}")).await;
        assert!(refused.status == 400 && refused.body.contains(why), "{refused:?}");
    }
}

#[tokio::test]
async fn plans_stand_side_by_side() {
    let (world, logins) = world().await;
    let first = world.propose(&PLAN).await;
    let second = world.propose(&after(&first)).await;
    let planner = logins.enter(&world, "author").await.in_("en");
    let list = planner.page("/plans").await;
    assert!(
        list.contains("Compare the ticked ones") && list.contains(&format!("value=\"{second}\"")),
        "{list}"
    );
    let page = planner.page(&format!("/plans/compare?p={first}&p={second}")).await;
    for text in [&first[..8], &second[..8], "All leave as much uncovered", "Every facility is cut by as much"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(planner.page(&format!("/plans/compare?p={first}")).await.contains("Tick two to five plans"));
}

#[tokio::test]
async fn accounts_that_cannot_be_read_are_told_and_those_before_stay() {
    let (world, logins) = world().await;
    let browser = logins.enter(&world, "dispatcher").await;
    std::fs::write(world.config.accounts.as_ref().unwrap(), "[[account]]\nlogin = 5\n").unwrap();
    let shown = browser.get("/day").await;
    assert!(shown.status == 200 && shown.body.contains("Файл учётных записей с ошибками"), "{shown:?}");
}
