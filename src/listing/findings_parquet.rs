//! The long table as parquet, for those who query findings over many periods.

use std::{fs::File, path::Path, sync::Arc};

use anyhow::{Context, Result};
use parquet::{
    basic::{LogicalType, Repetition, Type as PhysicalType},
    data_type::{ByteArray, ByteArrayType, Int32Type},
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::{Type, TypePtr},
};

use super::{COLUMNS, each_line, run_id};
use crate::{outcome::Outcome, text::Lang};

/// Position of the column `row`, the only one that holds numbers.
const ROW: usize = 5;

/// Columns that always have a value.
const ALWAYS: [&str; 9] = ["run", "period", "unit", "rule", "severity", "message", "fix", "source", "fingerprint"];

/// Lines written as one group: what is held in memory.
const GROUP: usize = 65_536;

/// One column's values in a group, one after the other in memory.
#[derive(Default)]
struct Texts {
    text: Vec<u8>,
    /// Where each value ends.
    ends: Vec<usize>,
    /// 1 where there is a value, 0 where there is none.
    levels: Vec<i16>,
}

impl Texts {
    fn push(&mut self, value: Option<&str>) {
        self.levels.push(i16::from(value.is_some()));
        if let Some(value) = value {
            self.text.extend_from_slice(value.as_bytes());
            self.ends.push(self.text.len());
        }
    }
}

/// The lines of one group.
#[derive(Default)]
struct Group {
    texts: [Texts; COLUMNS.len()],
    rows: Vec<Option<i32>>,
}

/// Writes all findings as parquet, uncompressed, with the columns of the csv; `row` is an optional 32-bit number, a
/// value that is not there is null.
///
/// # Errors
/// If `path` cannot be written.
pub fn write_findings_parquet(outcome: &Outcome, lang: Lang, path: &Path) -> Result<()> {
    let context = || "cannot write the list of findings (parquet)";
    let properties =
        WriterProperties::builder().set_created_by(format!("baosong {}", env!("CARGO_PKG_VERSION"))).build();
    let file = File::create(path).with_context(context)?;
    let mut writer = SerializedFileWriter::new(file, schema()?, Arc::new(properties)).with_context(context)?;
    let mut group = Group::default();
    let (run, period) = (run_id(outcome), outcome.job.period.to_string());
    each_line(outcome, lang, |line| {
        let values: [Option<&str>; COLUMNS.len()] = [
            Some(&run),
            Some(&period),
            Some(line.unit),
            line.file,
            line.sheet,
            None,
            line.column.as_deref(),
            line.cell.as_deref(),
            line.record_key.as_deref(),
            Some(line.rule),
            Some(line.severity),
            line.value.as_deref(),
            Some(&line.message),
            Some(&line.fix),
            Some(line.source),
            Some(&line.fingerprint),
        ];
        for (texts, value) in group.texts.iter_mut().zip(values) {
            texts.push(value);
        }
        group.rows.push(line.row.and_then(|row| i32::try_from(row).ok()));
        if group.rows.len() == GROUP {
            write_group(&mut writer, std::mem::take(&mut group)).with_context(context)?;
        }
        Ok(())
    })?;
    if !group.rows.is_empty() || outcome.findings.is_empty() {
        write_group(&mut writer, group).with_context(context)?;
    }
    writer.close().with_context(context)?;
    Ok(())
}

fn write_group(writer: &mut SerializedFileWriter<File>, lines: Group) -> Result<()> {
    let mut group = writer.next_row_group()?;
    for (index, texts) in lines.texts.into_iter().enumerate() {
        if index == ROW {
            write_numbers(&mut group, &lines.rows)?;
        } else {
            write_texts(&mut group, texts)?;
        }
    }
    group.close()?;
    Ok(())
}

fn write_texts(group: &mut SerializedRowGroupWriter<'_, File>, texts: Texts) -> Result<()> {
    let mut column = group.next_column()?.context("a column less than values")?;
    let Texts { text, ends, levels } = texts;
    let text = ByteArray::from(text);
    let mut start = 0;
    let mut values = Vec::with_capacity(ends.len());
    for end in ends {
        values.push(text.slice(start, end - start));
        start = end;
    }
    column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
    column.close()?;
    Ok(())
}

fn write_numbers(group: &mut SerializedRowGroupWriter<'_, File>, rows: &[Option<i32>]) -> Result<()> {
    let mut column = group.next_column()?.context("a column less than values")?;
    let levels: Vec<i16> = rows.iter().map(|row| i16::from(row.is_some())).collect();
    let values: Vec<i32> = rows.iter().flatten().copied().collect();
    column.typed::<Int32Type>().write_batch(&values, Some(&levels), None)?;
    column.close()?;
    Ok(())
}

fn schema() -> Result<TypePtr> {
    let fields = COLUMNS
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let repetition = if ALWAYS.contains(name) { Repetition::REQUIRED } else { Repetition::OPTIONAL };
            let (physical, logical) = if index == ROW {
                (PhysicalType::INT32, None)
            } else {
                (PhysicalType::BYTE_ARRAY, Some(LogicalType::String))
            };
            let field = Type::primitive_type_builder(name, physical);
            Ok(Arc::new(field.with_repetition(repetition).with_logical_type(logical).build()?))
        })
        .collect::<Result<_>>()?;
    Ok(Arc::new(Type::group_type_builder("findings").with_fields(fields).build()?))
}
