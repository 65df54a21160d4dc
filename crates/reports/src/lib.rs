//! What a study leaves behind for people and for other tools: figures as SVG and PNG, a workbook, Parquet, and one page that
//! holds it all together.
//!
//! Results in, bytes out: no clock, no disk, no network, no fonts of the machine. The same results make the same bytes.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod abreast;
pub mod columns;
mod draw;
pub mod facts;
pub mod figures;
#[cfg(test)]
mod made;
pub mod page;
pub mod png;
pub mod season;
pub mod words;
pub mod workbook;

pub use kezek_pages::Language;
use kezek_study::lab::results::Results;

/// What is reported, and in which language.
#[derive(Clone, Copy, Debug)]
pub struct Report<'r> {
    /// The whole of a study, or a part.
    pub results: &'r Results,
    /// Of titles, axes and sentences; names of columns are the same in all.
    pub language: Language,
}

/// Why a report can't be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// There is nothing to report.
    #[error("the results hold no draw")]
    Empty,
    /// The workbook's writer refused, for instance for too many rows.
    #[error("the workbook: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// Parquet's writer refused.
    #[error("Parquet: {0}")]
    Columns(#[from] parquet::errors::ParquetError),
    /// A figure can't be painted.
    #[error("the picture of a figure: {0}")]
    Picture(String),
    /// The page can't be filled.
    #[error("the page: {0}")]
    Page(#[from] askama::Error),
}

/// Everything that a report consists of: the names of its files, and their bytes.
///
/// # Errors
/// When there is no draw, or a part can't be written.
pub fn files(report: &Report<'_>) -> Result<Vec<(String, Vec<u8>)>, ReportError> {
    if report.results.lived.is_empty() {
        return Err(ReportError::Empty);
    }
    let figures = figures::all(report);
    let mut files = vec![
        ("report.html".to_owned(), page::html(report, &figures)?.into_bytes()),
        ("results.xlsx".to_owned(), workbook::xlsx(report)?),
        ("draws.parquet".to_owned(), columns::draws(report.results)?),
        ("facilities.parquet".to_owned(), columns::facilities(report.results)?),
        ("zones.parquet".to_owned(), columns::zones(report.results)?),
    ];
    let painter = png::Painter::new();
    for figure in &figures {
        files.push((format!("figures/{}.png", figure.name), painter.png(&figure.for_painter())?));
        files.push((format!("figures/{}.svg", figure.name), figure.svg().into_bytes()));
    }
    Ok(files)
}
