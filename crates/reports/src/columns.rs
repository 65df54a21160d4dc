//! All draws as Parquet, for pandas, DuckDB and the like: every figure of every day, and what each facility bore.

use crate::ReportError;
use crate::facts::TABLES;
use kezek_study::lab::outcome::{DAY_FIGURES, Outcome, ZONE_FIGURES};
use kezek_study::lab::results::{Header, Results};
use parquet::basic::Compression;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use std::sync::Arc;

/// The only figure of a day that is a yes or no.
const FLAG: &str = "ended_by_work";

enum Values {
    Text(Vec<ByteArray>),
    Number(Vec<i32>),
    /// Days since 1970.
    Day(Vec<i32>),
    Long(Vec<i64>),
    Flag(Vec<bool>),
}

struct Column {
    name: &'static str,
    values: Values,
}

/// A row for every scenario, draw and day, with the figures of the day.
///
/// # Errors
/// When Parquet's writer refuses.
pub fn draws(results: &Results) -> Result<Vec<u8>, ReportError> {
    let header = &results.header;
    let days =
        || rows(results).flat_map(|row| row.outcome.days.iter().enumerate().map(move |day| (row, day)));
    // The default date is the first of 1970.
    let since = (header.first_day - chrono::NaiveDate::default()).num_days() as i32;
    let mut columns = vec![
        text("scenario", days().map(|(row, _)| scenario(header, row))),
        number("draw", days().map(|(row, _)| row.draw)),
        Column { name: "day", values: Values::Day(days().map(|(_, (day, _))| since + day as i32).collect()) },
    ];
    for (figure, name) in DAY_FIGURES.into_iter().enumerate() {
        let own = days().map(|(_, (_, figures))| figures[figure]);
        let values = match name {
            FLAG => Values::Flag(own.map(|value| value != 0).collect()),
            _ => Values::Long(own.collect()),
        };
        columns.push(Column { name, values });
    }
    written(header, columns)
}

/// A row for every scenario, draw and facility, with what it bore in the season.
///
/// # Errors
/// When Parquet's writer refuses.
pub fn facilities(results: &Results) -> Result<Vec<u8>, ReportError> {
    let header = &results.header;
    let all = || rows(results).flat_map(|row| (0..header.facilities.len()).map(move |at| (row, at)));
    let of = |kwh: fn(&Outcome) -> &Vec<i64>| all().map(move |(row, at)| kwh(row.outcome)[at]);
    let columns = vec![
        text("scenario", all().map(|(row, _)| scenario(header, row))),
        number("draw", all().map(|(row, _)| row.draw)),
        text("facility", all().map(|(_, at)| header.facilities[at].id.as_str())),
        text("zone", all().map(|(_, at)| header.facilities[at].zone.as_str())),
        Column { name: "nominated_kwh", values: Values::Long(of(|own| &own.nominated_kwh).collect()) },
        Column { name: "cut_kwh", values: Values::Long(of(|own| &own.cut_kwh).collect()) },
        Column {
            name: "events",
            values: Values::Long(all().map(|(row, at)| row.outcome.events[at] as i64).collect()),
        },
    ];
    written(header, columns)
}

/// A row for every scenario, draw and zone, with its figures of the season.
///
/// # Errors
/// When Parquet's writer refuses.
pub fn zones(results: &Results) -> Result<Vec<u8>, ReportError> {
    let header = &results.header;
    let all = || rows(results).flat_map(|row| (0..header.zones.len()).map(move |at| (row, at)));
    let mut columns = vec![
        text("scenario", all().map(|(row, _)| scenario(header, row))),
        number("draw", all().map(|(row, _)| row.draw)),
        text("zone", all().map(|(_, at)| header.zones[at].as_str())),
    ];
    for (figure, name) in ZONE_FIGURES.into_iter().enumerate() {
        let values = Values::Long(all().map(|(row, at)| row.outcome.zones[at][figure]).collect());
        columns.push(Column { name, values });
    }
    written(header, columns)
}

#[derive(Clone, Copy)]
struct Row<'r> {
    scenario: usize,
    draw: u32,
    outcome: &'r Outcome,
}

/// By scenario, then draw.
fn rows(results: &Results) -> impl Iterator<Item = Row<'_>> {
    let of = |scenario| results.of(scenario).map(move |(draw, outcome)| Row { scenario, draw, outcome });
    (0..results.header.scenarios.len()).flat_map(of)
}

fn scenario<'h>(header: &'h Header, row: Row<'_>) -> &'h str {
    &header.scenarios[row.scenario].0
}

fn text<'t>(name: &'static str, values: impl Iterator<Item = &'t str>) -> Column {
    Column { name, values: Values::Text(values.map(ByteArray::from).collect()) }
}

fn number(name: &'static str, values: impl Iterator<Item = u32>) -> Column {
    Column { name, values: Values::Number(values.map(|value| value as i32).collect()) }
}

impl Column {
    fn declared(&self) -> String {
        let name = self.name;
        match self.values {
            Values::Text(_) => format!("REQUIRED BYTE_ARRAY {name} (STRING);"),
            Values::Number(_) => format!("REQUIRED INT32 {name};"),
            Values::Day(_) => format!("REQUIRED INT32 {name} (DATE);"),
            Values::Long(_) => format!("REQUIRED INT64 {name};"),
            Values::Flag(_) => format!("REQUIRED BOOLEAN {name};"),
        }
    }

    fn write(&self, writer: &mut SerializedColumnWriter<'_>) -> Result<usize, parquet::errors::ParquetError> {
        match &self.values {
            Values::Text(own) => writer.typed::<ByteArrayType>().write_batch(own, None, None),
            Values::Number(own) | Values::Day(own) => {
                writer.typed::<Int32Type>().write_batch(own, None, None)
            }
            Values::Long(own) => writer.typed::<Int64Type>().write_batch(own, None, None),
            Values::Flag(own) => writer.typed::<BoolType>().write_batch(own, None, None),
        }
    }
}

fn written(header: &Header, columns: Vec<Column>) -> Result<Vec<u8>, ReportError> {
    let declared: String = columns.iter().map(Column::declared).collect();
    let schema = Arc::new(parse_message_type(&format!("message study {{ {declared} }}"))?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(format!("Kezek {}", header.engine))
        .set_key_value_metadata(Some(origin(header)))
        .build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
    let (mut group, mut columns) = (file.next_row_group()?, columns.iter());
    while let (Some(mut writer), Some(column)) = (group.next_column()?, columns.next()) {
        column.write(&mut writer)?;
        writer.close()?;
    }
    group.close()?;
    Ok(file.into_inner()?)
}

/// Where the figures come from.
fn origin(header: &Header) -> Vec<KeyValue> {
    let facts = [
        ("schema_version", TABLES.to_string()),
        ("study", header.study.clone()),
        ("study_digest", header.study_digest.clone()),
        ("engine", header.engine.clone()),
        ("seed", header.seed.to_string()),
        ("shard", header.shard.to_string()),
        ("time_zone", header.time_zone.clone()),
        ("currency", header.currency.clone()),
    ];
    facts.map(|(key, value)| KeyValue::new(key.to_owned(), value)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::results;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::{Field, Row as Record};

    fn read(bytes: Vec<u8>) -> (Vec<Record>, Vec<KeyValue>) {
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(path.path(), bytes).unwrap();
        let reader = SerializedFileReader::new(path.reopen().unwrap()).unwrap();
        let facts = reader.metadata().file_metadata().key_value_metadata().cloned().unwrap();
        (reader.get_row_iter(None).unwrap().map(Result::unwrap).collect(), facts)
    }

    fn field(record: &Record, name: &str) -> Field {
        record.get_column_iter().find(|(own, _)| *own == name).unwrap().1.clone()
    }

    #[test]
    fn every_day_of_every_draw_is_read_back() {
        let results = results();
        let (records, facts) = read(draws(&results).unwrap());
        let header = &results.header;
        assert_eq!(records.len(), header.scenarios.len() * 20 * header.days);
        let at = header.days * 20 + 3 * header.days + 4;
        let own = &results.lived[&(3, 1)].days[4];
        assert_eq!(field(&records[at], "scenario"), Field::Str("cold".into()));
        assert_eq!(field(&records[at], "draw"), Field::Int(3));
        assert_eq!(field(&records[at], "need_kwh"), Field::Long(own[0]));
        assert_eq!(field(&records[at], FLAG), Field::Bool(own[13] != 0));
        let days = (header.first_day - chrono::NaiveDate::default()).num_days() as i32;
        assert_eq!(field(&records[at], "day"), Field::Date(days + 4));
        let digest = facts.iter().find(|own| own.key == "study_digest").unwrap();
        assert_eq!(digest.value.as_deref(), Some(header.study_digest.as_str()));
    }

    #[test]
    fn what_each_facility_bore_is_read_back() {
        let results = results();
        let (records, _) = read(facilities(&results).unwrap());
        let count = results.header.facilities.len();
        assert_eq!(records.len(), results.lived.len() * count);
        let own = &results.lived[&(19, 2)];
        let last = records.last().unwrap();
        assert_eq!(field(last, "facility"), Field::Str(results.header.facilities[count - 1].id.to_string()));
        assert_eq!(field(last, "cut_kwh"), Field::Long(own.cut_kwh[count - 1]));
    }

    #[test]
    fn the_same_results_make_the_same_bytes() {
        assert!(draws(&results()).unwrap() == draws(&results()).unwrap());
    }
}
