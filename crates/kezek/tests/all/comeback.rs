//! A page that is open while its control room is killed and started again.

use crate::chromium::Chromium;
use crate::control::ControlRoom;
use crate::run::{arg, kezek};

#[test]
fn a_page_says_that_the_control_room_is_gone_and_goes_on_when_it_is_back() {
    let room = ControlRoom::new();
    let config = room.config();
    let account = ["account", "add", "serik", "--name", "A. Serik", "--role", "dispatcher", "--without-code"];
    let made = kezek(&[&account[..], &["--config", arg(&config)]].concat()).ends_with(0).stdout;
    let password = made.lines().find_map(|line| line.strip_prefix("password")).unwrap().trim();
    let chromium = Chromium::start();
    let server = room.start();
    let tab = chromium.tab(&room.base());
    tab.sign_in("serik", password);
    tab.sees("На эти сутки нет утверждённого плана.");
    assert!(!tab.shows("#offline"));
    server.kill();
    tab.sees("Нет связи с диспетчерской с");

    let server = room.start();
    tab.sees_no_more("Нет связи с диспетчерской с");
    room.as_("Dispatcher", &["freeze", "--reason", "старый прогноз"]).ends_with(0);
    tab.sees("ЗАМОРОЖЕНО: ничего не уходит, пока двое не разморозят (C. Dispatcher: старый прогноз)");
    tab.follow_on("Заморозка");
    tab.sees("A. Serik / диспетчер");
    assert_eq!(server.terminate(), Some(0));
}
