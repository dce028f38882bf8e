//! Reading the returned list: the same reading as that of submissions, with the mapping's headings as the fields of one
//! dataset. Nothing is lost: rows that are no lines and columns without meaning are told.

use std::{collections::BTreeMap, path::Path};

use super::{Column, Mapping};
use crate::{
    finding::Severity,
    ingest::{self, Options, SkippedKind, Source},
    message::Cells,
    pack::{Dataset, Field, FieldKind, RulePack},
    problem::Problems,
    text::{Mask, Text},
};

/// A line of the list.
#[derive(Clone, Debug)]
pub struct Line {
    /// Name of the sheet; blank for csv.
    pub sheet: String,
    /// Row number as Excel shows it.
    pub row: u32,
    texts: BTreeMap<Column, String>,
}

impl Line {
    /// What stands in a column; blank if the list does not have it.
    pub fn text(&self, column: Column) -> &str {
        self.texts.get(&column).map(String::as_str).unwrap_or_default()
    }

    /// A line of these texts, for tests.
    #[cfg(test)]
    pub fn of(texts: &[(Column, &str)]) -> Self {
        let texts = texts.iter().map(|(column, text)| (*column, (*text).to_owned())).collect();
        Self { sheet: String::new(), row: 2, texts }
    }
}

/// A list as read.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Columns that are found in it.
    pub found: Vec<Column>,
    /// Headings that mean nothing to the mapping.
    pub unknown: Vec<String>,
    /// Columns that several headings stand for, with their letters: none of them was read.
    pub twice: Vec<(Column, Vec<String>)>,
    /// What is in the file and no line of the list.
    pub left_out: Vec<LeftOut>,
}

/// A row, or a whole sheet, that is no part of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Name of the sheet.
    pub sheet: String,
    /// Row number; none for a whole sheet.
    pub row: Option<u32>,
    /// Why, or its first words.
    pub what: String,
}

/// Reads a list.
///
/// # Errors
/// If the file cannot be read, or no sheet has the headings.
pub fn read_list(path: &Path, mapping: &Mapping) -> Result<List, Problems> {
    let pack = pack(mapping);
    let shown = path.display().to_string();
    let source = Source { path: path.to_owned(), name: shown.clone(), unit: 0 };
    let options = Options { password: None, only_dataset: Some(0) };
    let intake = ingest::read_files(&[source], &pack, &options, &|_| {});
    let mut problems = Problems::default();
    let (Some(file), Some(table), Some(dataset)) = (intake.files.first(), intake.tables.first(), pack.datasets.first())
    else {
        return Ok(List::default());
    };
    if let Some(unreadable) = &file.unreadable {
        let (zh, en) = (&unreadable.message.zh, &unreadable.message.en);
        let message = Text::new(format!("{shown}：{zh}"), format!("{shown}: {en}"));
        let help = Text::new(
            "清单至少要有错误描述或记录主键一列，以及另一列能认出的；列名不同的，用 --mapping 指定对照",
            "the list needs a column for the message or the record, and one more that is known; name others with --mapping",
        );
        problems.add(message, Some(help));
        return Err(problems);
    }
    let columns = |field: u16| Column::ALL.get(usize::from(field)).map(|(column, _)| *column);
    let mut list = List { sha256: file.sha256.clone(), ..List::default() };
    for sheet in &file.sheets {
        if sheet.dataset.is_none() {
            let what = sheet.note.as_ref().map(ToString::to_string).unwrap_or_default();
            list.left_out.push(LeftOut { sheet: sheet.name.clone(), row: None, what });
            continue;
        }
        // Titles stand above and blank rows say nothing.
        let kinds = [SkippedKind::Title, SkippedKind::Blank, SkippedKind::Heading];
        let rows = sheet.skipped.iter().filter(|row| !kinds.contains(&row.kind));
        list.left_out.extend(rows.map(|row| LeftOut {
            sheet: sheet.name.clone(),
            row: Some(row.first),
            what: row.text.clone(),
        }));
        list.twice.extend(sheet.twice.iter().filter_map(|(field, letters)| Some((columns(*field)?, letters.clone()))));
    }
    let Ok(cells) = Cells::new(dataset, table) else { return Ok(list) };
    for segment in &table.segments {
        for column in &segment.columns {
            match column.field.and_then(columns) {
                Some(known) if !list.found.contains(&known) => list.found.push(known),
                None if !column.heading.trim().is_empty() && !list.unknown.contains(&column.heading) => {
                    list.unknown.push(column.heading.clone());
                }
                _ => {}
            }
        }
        for record in segment.records.clone() {
            let texts = (0..u16::try_from(Column::ALL.len()).unwrap_or_default()).filter_map(|field| {
                let text = cells.text(record, field)?;
                Some((columns(field)?, text.trim().to_owned()))
            });
            list.lines.push(Line {
                sheet: segment.sheet.clone(),
                row: table.sheet_rows.get(record as usize).copied().unwrap_or_default(),
                texts: texts.collect(),
            });
        }
    }
    Ok(list)
}

/// A pack of one dataset: the list. Its fields are those of [`Column::ALL`], all read as text.
fn pack(mapping: &Mapping) -> RulePack {
    let field = |(column, key): &(Column, &str)| Field {
        id: (*key).to_owned(),
        headings: mapping.columns.get(column).cloned().unwrap_or_default(),
        title_en: (*key).to_owned(),
        kind: FieldKind::Text,
        // A row is the heading if it names one of the two, and a second field.
        required: matches!(column, Column::Message | Column::Record).then_some(Severity::Error),
        max_length: None,
        codes: None,
        unit: None,
        scale: 0,
        width: None,
        mask: Mask::None,
        source: None,
    };
    let dataset = Dataset {
        id: "feedback".to_owned(),
        prefix: "FB".to_owned(),
        title: Text::new("反馈清单", "Feedback"),
        sheets: Vec::new(),
        required: false,
        roster: false,
        fields: Column::ALL.iter().map(field).collect(),
        key: Vec::new(),
    };
    RulePack {
        id: "feedback".to_owned(),
        edition: String::new(),
        without_deadlines: false,
        title: Text::default(),
        datasets: vec![dataset],
        completeness: Vec::new(),
        tiers: Vec::new(),
        cadences: Vec::new(),
        rules: Vec::new(),
        params: BTreeMap::new(),
        codes: BTreeMap::new(),
        clauses: Vec::new(),
        retired: Vec::new(),
        hash: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<List, Problems> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("list.csv");
        std::fs::write(&path, text).expect("written");
        read_list(&path, &Mapping::read(None).expect("the shipped one"))
    }

    #[test]
    fn columns_are_found_by_their_headings_and_the_others_told() {
        let list = read(
            "客户风险统计校验反馈\n机构代码,借据号,字段名称,规则编号,错误描述,批次\n\
             150102,1501022024111137,贷款余额,LJX-026,余额大于金额,7\n150103,,,,缺少客户,7\n合计,,,,2,\n",
        )
        .expect("a list");
        assert_eq!(list.lines.len(), 2);
        assert_eq!(list.lines[0].text(Column::Record), "1501022024111137");
        assert_eq!((list.lines[0].row, list.lines[1].row), (3, 4));
        assert_eq!(list.lines[1].text(Column::Field), "");
        assert_eq!(list.unknown, ["批次"]);
        assert_eq!(list.left_out.len(), 1, "{:?}", list.left_out);
        assert_eq!(list.left_out[0].row, Some(5));
    }

    #[test]
    fn a_column_named_twice_is_told() {
        let list = read("借据号,主键,错误描述\n1,2,x\n").expect("a list");
        assert_eq!(list.twice, [(Column::Record, vec!["A".to_owned(), "B".to_owned()])]);
        assert_eq!(list.lines[0].text(Column::Record), "");
    }

    #[test]
    fn what_is_no_list_is_said_with_what_to_do() {
        let problems = read("甲,乙\n1,2\n").expect_err("no list").to_string();
        assert!(problems.contains("--mapping"), "{problems}");
    }
}
