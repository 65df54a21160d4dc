//! Scenarios of a study side by side, filled.

use std::path::Path;

use axum::extract::{Query, State};
use axum::response::Response;
use kezek_pages::scenarios::{Comparison, Drawn, ScenarioWords, Scenarios, SeasonCell, View, WorstDraw};
use kezek_pages::{Language, Place};
use kezek_reports::abreast::{self, Abreast, difference, mean};
use kezek_reports::facts::{foot, name};
use kezek_reports::figures::Figure;
use kezek_reports::{Report, figures};
use kezek_study::lab::compare::{Metric, Summary};
use kezek_study::lab::results::{Header, Results};

use super::super::frame::{frame, html};
use super::super::problem::problem;
use super::super::session::Visitor;
use super::{Found, Laid, broken, found, laid, path_of, small};
use crate::limits::MAX_STUDY_BYTES;
use crate::routes::Room;
use crate::routes::gate::STAFF;
use crate::routes::refusal::ApiError;

/// Scenarios beside the base where nobody has chosen: with it, as many as are told apart in one picture.
const SHOWN: usize = 4;

/// The page: `?of=FILE&s=cold&s=tie&view=map`, or `s=cold,tie`; the newest study where none is named.
pub(in crate::pages) async fn compare(
    State(room): State<Room>,
    visitor: Visitor,
    Query(asked): Query<Vec<(String, String)>>,
) -> Response {
    if let Err(error) = visitor.caller.require(&STAFF) {
        return problem(&room, &visitor, error, "/").await;
    }
    let (folder, language) = (room.config().studies.folder.clone(), visitor.language);
    let making = tokio::task::spawn_blocking(move || compared(folder.as_deref(), &asked, language));
    let made = making.await.unwrap_or_else(|_| Err(broken("the comparison broke off")));
    match made {
        Ok(comparison) => {
            let frame = frame(&room, &visitor, Some(Place::Studies)).await;
            html(&Scenarios { frame: &frame, w: ScenarioWords::of(frame.language), comparison })
        }
        Err(error) => problem(&room, &visitor, error, "/studies").await,
    }
}

fn compared(
    folder: Option<&Path>,
    asked: &[(String, String)],
    language: Language,
) -> Result<Option<Comparison>, ApiError> {
    let all = found(folder);
    let file = match values(asked, "of").next() {
        Some(name) => {
            Some(all.iter().find(|own| own.name == name).ok_or_else(|| ApiError::absent("study", name))?)
        }
        None => all.iter().find(|own| own.bytes <= MAX_STUDY_BYTES && Header::read(&own.path).is_ok()),
    };
    let Some(file) = file else { return Ok(None) };
    let named = values(asked, "view").next();
    let view =
        named.map_or(Some(View::default()), |name| View::ALL.into_iter().find(|own| own.name() == name));
    let view = view.ok_or_else(|| ApiError::absent("view of a comparison", named.unwrap_or_default()))?;
    let wanted: Vec<&str> = values(asked, "s").flat_map(|names| names.split(',')).collect();
    let results = small(file)?;
    let is_known = |name: &&&str| results.header.scenarios.iter().any(|own| own.0 == **name);
    if let Some(unknown) = wanted.iter().find(|name| !is_known(name)) {
        return Err(ApiError::absent("scenario", unknown));
    }
    if results.lived.is_empty() {
        return Err(broken("the results hold no draw"));
    }
    Ok(Some(comparison(file, results, (&wanted, view), &laid(folder), language)))
}

fn values<'a>(asked: &'a [(String, String)], key: &'a str) -> impl Iterator<Item = &'a str> {
    asked.iter().filter(move |(own, _)| own == key).map(|(_, value)| value.as_str())
}

fn comparison(
    file: &Found,
    results: Results,
    (wanted, view): (&[&str], View),
    laid: &[Laid],
    language: Language,
) -> Comparison {
    let names: Vec<String> = results.header.scenarios.iter().map(|own| own.0.clone()).collect();
    let is_shown = |at: usize| if wanted.is_empty() { at <= SHOWN } else { wanted.contains(&&*names[at]) };
    let scenarios = (1..names.len()).map(|at| (names[at].clone(), is_shown(at))).collect();
    let shown: Vec<usize> = (0..names.len()).filter(|&at| at == 0 || is_shown(at)).collect();
    let results = results.only(&shown);
    let report = Report { results: &results, language };
    let all: Vec<usize> = (0..shown.len()).collect();
    let table = Abreast::new(&report, &all, cell);
    let worst = abreast::worst(&report, &all);
    let figures = match view {
        View::Table => Vec::new(),
        View::Plots => figures::plots(&report),
        View::Map => vec![figures::map(&report)],
    };
    Comparison {
        file: file.name.clone(),
        study: results.header.study.clone(),
        view,
        foot: foot(&report),
        base: name(&report, 0),
        scenarios,
        worst: worst.map(|(at, mean, difference)| (name(&report, at), mean, difference)),
        worst_draws: worst_draws(&results.header, &table.worst, laid),
        shown: table.scenarios,
        rows: table.rows,
        figures: figures.into_iter().map(drawn).collect(),
    }
}

fn cell(report: &Report<'_>, metric: &Metric, own: &Summary) -> SeasonCell {
    let [mean, between] = mean(report, metric, own);
    let difference = own.from_base.is_some().then(|| difference(report, metric, own));
    SeasonCell { mean, between, difference }
}

fn worst_draws(header: &Header, draws: &[u32], laid: &[Laid]) -> Vec<WorstDraw> {
    let worst = |((scenario, _), &draw): (&(String, String), &u32)| {
        let is_it = |own: &&Laid| {
            let about = &own.about;
            about.study_digest == header.study_digest && about.scenario == *scenario && about.draw == draw
        };
        let path = laid.iter().find(is_it).map(|own| path_of(own, None));
        let command = format!(
            "kezek study replay STUDY.toml --draw {draw} --scenario {scenario} --out {scenario}-{draw}"
        );
        WorstDraw { draw, path, command }
    };
    header.scenarios.iter().zip(draws).map(worst).collect()
}

fn drawn(figure: Figure) -> Drawn {
    let svg = figure.inline();
    let Figure { title, note, table, .. } = figure;
    Drawn { title, note, svg, head: table.head, words: table.words, rows: table.rows }
}
