//! How pages look: each is drawn into `target/screens`, and judged for what people with poor sight, a keyboard or a narrow
//! screen need, and for what the browser complains about.

use crate::chromium::Chromium;
use crate::run::root;
use crate::tab::Tab;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;

/// A page of the control room.
pub(crate) struct Page<'a> {
    /// Of its pictures.
    pub(crate) name: &'a str,
    /// The login of whoever looks at it; nobody has signed in if it is empty.
    pub(crate) who: &'a str,
    pub(crate) path: &'a str,
    /// The link on it, folded or not, that leads to the page that is meant; empty for itself.
    pub(crate) link: &'a str,
    /// Whether it is a refusal, which browsers note down.
    pub(crate) is_refused: bool,
}

/// Widths of a desk and of a telephone.
const SIZES: [(u32, u32); 2] = [(1366, 768), (390, 844)];

/// What the browser notes down of a refusal.
const REFUSED: &str = "the server responded with a status of 40";

const AXE: &str = "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'], resultTypes: ['violations'], preload: false })\
    .then(found => found.violations.filter(one => ['serious', 'critical'].includes(one.impact))\
    .map(one => `${one.id}: ${one.help}: ${one.nodes.slice(0, 4).map(node => node.html).join(' ')}`))";

/// What judges whether a page can be read and used by everybody.
pub(crate) fn axe() -> String {
    let path = root().join("target/axe/axe.min.js");
    std::fs::read_to_string(path)
        .expect("the pages are judged by axe-core, which is not in target/axe; `./dev test` fetches it")
}

pub(crate) fn folder() -> PathBuf {
    let folder = root().join("target/screens");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Looks at a page in a language, by day and by night, as it comes and with everything unfolded.
pub(crate) fn judge(tab: &Tab<'_>, page: &Page<'_>, language: &str, axe: &str) -> Vec<String> {
    tab.complaints();
    tab.size(SIZES[0].0, SIZES[0].1);
    tab.open(&format!("/look?language={language}&back={}", page.path.replace('&', "%26")));
    if !page.link.is_empty() {
        let link = format!("document.querySelector({}).getAttribute('href')", json!(page.link));
        tab.open(tab.evaluate(&link).as_str().unwrap());
    }
    let picture = |kind: &str| tab.picture(&folder().join(format!("{}-{language}-{kind}.png", page.name)));
    picture("light");
    tab.evaluate(axe);
    let mut found = Vec::new();
    for (width, height) in SIZES {
        tab.size(width, height);
        found.extend(overflow(tab).map(|text| format!("at {width} px {text}")));
    }
    picture("phone");
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })");
    found.extend(barriers(tab).map(|text| format!("on a phone {text}")));
    tab.size(SIZES[0].0, SIZES[0].1);
    for dark in [false, true] {
        tab.dark(dark);
        found.extend(barriers(tab).map(|text| format!("{} {text}", if dark { "dark" } else { "light" })));
    }
    picture("dark");
    tab.dark(false);
    found.extend(tab.complaints().into_iter().filter(|text| !(page.is_refused && text.contains(REFUSED))));
    found.into_iter().map(|text| format!("{} ({language}): {text}", page.name)).collect()
}

/// Looks at a page as it is in this moment, by day and by night.
pub(crate) fn looked_at(tab: &Tab<'_>, name: &str) -> Vec<String> {
    tab.evaluate(&axe());
    let found = [false, true].into_iter().flat_map(|dark| {
        tab.dark(dark);
        tab.picture(&folder().join(format!("{name}-{}.png", if dark { "dark" } else { "light" })));
        barriers(tab)
    });
    let found = found.collect();
    tab.dark(false);
    found
}

/// What keeps somebody from reading or using the page.
pub(crate) fn barriers(tab: &Tab<'_>) -> impl Iterator<Item = String> {
    tab.evaluate("new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)))");
    let Value::Array(found) = tab.evaluate(AXE) else { panic!("axe has found nothing, not even no fault") };
    found.into_iter().map(|one| one.as_str().unwrap().to_owned())
}

/// What makes the whole page scroll to the side.
pub(crate) fn overflow(tab: &Tab<'_>) -> Option<String> {
    let widths = tab.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]");
    (widths[0] != widths[1]).then(|| format!("it is {} px wide: {}", widths[0], wide(tab)))
}

fn wide(tab: &Tab<'_>) -> Value {
    let right = json!("one.getBoundingClientRect().right > document.documentElement.clientWidth + 1");
    tab.evaluate(&format!(
        "[...document.body.querySelectorAll('*')].filter(one => {} && !one.closest('.scroll')).slice(0, 3)\
         .map(one => one.outerHTML.slice(0, 90)).join(' ')",
        right.as_str().unwrap()
    ))
}

/// A page with a fault of each kind that is looked for.
const FAULTY: &str = "<!doctype html><html lang=en><title>x</title>\
    <meta name=viewport content='width=device-width'><p><font color=#999999>pale</font><input><img src='http://elsewhere.example/x.png'>\
    <script>alert(1)</script><script src=/broken.js></script><p style='width:40em'>wide";

/// Answers whoever asks with the page, or with a script that breaks.
fn faulty() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = String::new();
            BufReader::new(&stream).read_line(&mut request).unwrap();
            let (media, body) = match request.contains("broken.js") {
                true => ("text/javascript", "console.error('it broke'); missing()"),
                false => ("text/html", FAULTY),
            };
            let head =
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-security-policy: script-src 'self'\r\n";
            write!(stream, "{head}content-type: {media}\r\n\r\n{body}").unwrap();
        }
    });
    base
}

#[test]
fn every_kind_of_fault_is_seen() {
    let chromium = Chromium::start();
    let tab = chromium.tab(&faulty());
    tab.open("/");
    tab.size(SIZES[1].0, SIZES[1].1);
    assert!(overflow(&tab).unwrap().contains("wide"));
    tab.evaluate(&axe());
    let barriers: Vec<String> = barriers(&tab).collect();
    let complaints = tab.complaints();
    for (found, expected) in [
        (&barriers, &["color-contrast: ", "image-alt: ", "label: "][..]),
        (
            &complaints,
            &[
                "Content Security Policy",
                "it broke",
                "missing is not defined",
                "asked for http://elsewhere.example/x.png",
                "net::ERR_NAME_NOT_RESOLVED",
            ],
        ),
    ] {
        for text in expected {
            assert!(found.iter().any(|one| one.contains(text)), "{text}: {found:#?}");
        }
    }
}
