//! Papers, printed pages and the words of notices, as people get them.

use std::collections::BTreeMap;
use std::fs;

use chrono::TimeDelta;
use kezek_model::ids::OrderNo;
use kezek_model::registry::Language;
use kezek_server::access::Role;
use kezek_server::notice::folder::Texts;
use tempfile::TempDir;

use crate::browser::{Browser, accounts};
use crate::world::{PLAN, World, proposal};

struct Scene {
    world: World,
    passwords: BTreeMap<String, String>,
    texts: TempDir,
}

impl Scene {
    async fn new() -> Self {
        let texts = tempfile::tempdir().unwrap();
        let mut passwords = BTreeMap::new();
        let people: [(&str, &[Role], Option<&str>); 2] =
            [("dispatcher", &[Role::Dispatcher], None), ("miner-n1", &[Role::Facility], Some("N1"))];
        let world = World::with(|config| {
            config.notices.folder = Some(texts.path().to_owned());
            config.notice.legal_basis = "Grid rules, 14".into();
            (_, passwords) = accounts(config, &people);
        });
        Self { world: world.await, passwords, texts }
    }

    async fn enter(&self, login: &str) -> Browser {
        Browser::enter(&self.world, login, &self.passwords[login]).await.in_("ru")
    }

    async fn issued(&self) -> Vec<OrderNo> {
        let _receivers = self.world.enrol_all().await;
        self.world.issue(&PLAN).await
    }
}

fn of<'a>(orders: &'a [OrderNo], facility: &str) -> &'a OrderNo {
    orders.iter().find(|order| order.as_str().contains(&format!("-{facility}-"))).unwrap()
}

#[tokio::test]
async fn an_order_on_paper_is_the_same_for_everybody_who_may_see_it() {
    let scene = Scene::new().await;
    let orders = scene.issued().await;
    let (own, other) = (of(&orders, "N1"), of(&orders, "S1"));
    let (dispatcher, miner) = (scene.enter("dispatcher").await, scene.enter("miner-n1").await);
    let paper = scene.world.as_("auditor").order_paper(own).await.unwrap();
    assert!(paper.starts_with(b"%PDF-") && paper.len() > 10_000, "{} bytes", paper.len());
    scene.world.run_until(scene.world.now() + TimeDelta::hours(1)).await;
    assert_eq!(scene.world.as_("N1").order_paper(own).await.unwrap(), paper, "the same an hour later");
    let shown = dispatcher.get(&format!("/orders/{own}/order.pdf")).await;
    assert_eq!((shown.status, shown.headers["content-type"].as_str()), (200, "application/pdf"));
    assert!(shown.headers["content-disposition"].contains(&format!("{own}.pdf")), "{:?}", shown.headers);
    assert_eq!(shown.headers["content-length"], paper.len().to_string());
    let shown = miner.get(&format!("/my/orders/{own}.pdf")).await;
    assert_eq!((shown.status, &shown.headers["content-length"]), (200, &paper.len().to_string()));
    for (path, status) in [
        (format!("/my/orders/{other}.pdf"), 403),
        ("/my/orders/none.pdf".to_owned(), 404),
        (format!("/my/orders/{own}.exe"), 404),
        (format!("/orders/{own}/order.pdf"), 403),
        (format!("/plans/{}/plan.pdf", PLAN.digest().unwrap()), 403),
    ] {
        let refused = miner.get(&path).await;
        assert_eq!(refused.status, status, "{path}");
        assert!(!refused.body.starts_with("%PDF"), "{path}");
    }
    assert!(miner.page("/my").await.contains(&format!("/my/orders/{own}.pdf")));
}

#[tokio::test]
async fn a_plan_on_paper_changes_with_its_approval() {
    let scene = Scene::new().await;
    let _receivers = scene.world.enrol_all().await;
    let digest = scene.world.as_("author").propose(&proposal(&PLAN)).await.unwrap().plan_digest;
    let before = scene.world.as_("auditor").plan_paper(&digest).await.unwrap();
    assert!(before.starts_with(b"%PDF-"));
    scene.world.as_("approver").approve(&digest, "").await.unwrap();
    let after = scene.world.as_("auditor").plan_paper(&digest).await.unwrap();
    assert_ne!(before, after);
    assert_eq!(scene.world.as_("planner").plan_paper(&digest).await.unwrap(), after);
    let dispatcher = scene.enter("dispatcher").await;
    let shown = dispatcher.get(&format!("/plans/{digest}/plan.pdf")).await;
    assert_eq!((shown.status, shown.headers["content-type"].as_str()), (200, "application/pdf"));
    assert_eq!(dispatcher.get("/plans/none/plan.pdf").await.status, 404);
    let page = dispatcher.page(&format!("/plans/{digest}")).await;
    assert!(page.contains("plan.pdf") && page.contains("paper signatures"), "{page}");
}

#[tokio::test]
async fn pages_bring_what_a_printer_needs() {
    let scene = Scene::new().await;
    let orders = scene.issued().await;
    scene.world.run_until(scene.world.now() + TimeDelta::hours(2)).await;
    let dispatcher = scene.enter("dispatcher").await;
    let board = dispatcher.page("/orders").await;
    for said in [
        "paper pen",
        "Подтвердил: кто, когда",
        "Телефонный список",
        "распечатал(а) dispatcher",
        "class=\"across\"",
    ] {
        assert!(board.contains(said), "{said}: {board}");
    }
    let order = dispatcher.page(&format!("/orders/{}", of(&orders, "N1"))).await;
    assert!(order.contains("<section lang=\"kk\">") && order.contains("<section lang=\"ru\">"), "{order}");
    let sheet = board.split("media=\"print\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let css = dispatcher.get(sheet).await;
    assert!(css.status == 200 && css.body.contains("A4 landscape"), "{css:?}");
}

#[tokio::test]
async fn an_operator_changes_the_words_while_it_runs_and_faults_change_nothing() {
    let scene = Scene::new().await;
    scene.issued().await;
    let miner = scene.enter("miner-n1").await;
    assert!(miner.page("/my").await.contains("Основание: Grid rules, 14"));
    let file = scene.texts.path().join("legal.ru.txt");
    fs::write(&file, "Согласно документу «{basis}».\n").unwrap();
    assert!(miner.page("/my").await.contains("Согласно документу «Grid rules, 14»."));
    fs::write(&file, "Согласно {bases}\n").unwrap();
    assert!(miner.page("/my").await.contains("Основание: Grid rules, 14"), "what is built in stands");
    let trouble = scene.world.as_("auditor").status().await.unwrap().notice_trouble;
    assert!(trouble.len() == 1 && trouble[0].starts_with("legal.ru.txt, line 1: `{bases}`"), "{trouble:?}");
    assert!(scene.enter("dispatcher").await.page("/orders").await.contains("В текстах сообщений ошибки"));
    assert_eq!(scene.world.as_("N1").status().await.unwrap().notice_trouble, Vec::<String>::new());
    fs::remove_file(&file).unwrap();
    assert!(scene.world.as_("auditor").status().await.unwrap().notice_trouble.is_empty());
    assert_eq!(Texts::of(scene.texts.path()).0.shown(Language::Kk), Texts::default().shown(Language::Kk));
}
