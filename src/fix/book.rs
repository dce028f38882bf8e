//! A workbook that comes back, read: what was issued in it, what was answered, and which cells were changed.
//!
//! Knows nothing of the tables of now.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use super::{
    Issued, IssuedSheet,
    refusal::{self, Refused, Remark},
};
use crate::{
    digest::unhex,
    ingest::{Entered, Format, PlainBook, PlainRow, PlainSheet, read_plain},
    overlay::RecordId,
    table::column_letters,
    text::Text,
    workbook::{CELL_MARK, IDENTITY_SHEET, ListColumn, cell_mark, row_number_heading, sheet_marked, treatments},
};

/// Rows among which headings are sought: people put titles above them.
const HEADING_WITHIN: usize = 10;

/// What a workbook must be of to be taken.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    /// Code of the institution.
    pub institution: &'a str,
    /// Period.
    pub period: String,
    /// Name of the pack.
    pub pack: &'a str,
    /// Codes of the units.
    pub units: Vec<&'a str>,
    /// Password of encrypted workbooks.
    pub password: Option<&'a str>,
}

/// A workbook that came back.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// Its name.
    pub name: String,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// What was issued in it.
    pub issued: Issued,
    /// What was answered in the list.
    pub answers: Vec<Answer>,
    /// Cells of re-issued sheets that were changed.
    pub edits: Vec<Edit>,
    /// What could not be taken.
    pub remarks: Vec<Remark>,
}

/// A line of the list, as filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Index of the finding in [`Issued::findings`].
    pub finding: usize,
    /// What was done, if one of the list was chosen.
    pub treatment: Option<Treatment>,
    /// The right value; blank if none was entered.
    pub value: Entered,
    /// The explanation; empty if there is none.
    pub text: String,
    /// Sheet and row.
    pub place: String,
}

/// What officers can say they did, in the order of the drop-down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Corrected.
    Corrected,
    /// True and explained.
    Explained,
    /// Corrected in the source system.
    SourceCorrected,
    /// Not this unit's data.
    NotOurs,
}

impl Treatment {
    const ALL: [Treatment; 4] =
        [Treatment::Corrected, Treatment::Explained, Treatment::SourceCorrected, Treatment::NotOurs];

    fn of(text: &str) -> Option<Self> {
        let titles = treatments();
        let at = titles.iter().position(|title| title.zh == text || title.en.eq_ignore_ascii_case(text))?;
        Self::ALL.get(at).copied()
    }
}

/// A cell of a re-issued sheet that was changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Index of the sheet in [`Issued::sheets`].
    pub sheet: usize,
    /// The record.
    pub record: RecordId,
    /// Index of the column in [`IssuedSheet::columns`].
    pub column: usize,
    /// Mark of the cell as issued.
    pub mark: String,
    /// What it holds now.
    pub value: Entered,
    /// Sheet and cell.
    pub place: String,
}

/// Reads a workbook.
///
/// # Errors
/// If it cannot be read, was not issued for this job, or lost what it is matched by.
pub fn read_book(path: &Path, name: &str, expected: &Expected<'_>) -> Result<Book, Refused> {
    let refuse = |sha256: &str, unit: Option<&str>, text: Text| Refused {
        sha256: sha256.to_owned(),
        unit: unit.map(ToOwned::to_owned),
        text,
    };
    let plain = read_plain(path, expected.password).map_err(|found| refuse("", None, refusal::unreadable(&found)))?;
    let sha256 = plain.sha256.clone();
    if plain.format != Format::Xlsx {
        let format = serde_json::to_value(plain.format).ok();
        let format = format.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        return Err(refuse(&sha256, None, refusal::other_format(format)));
    }
    let hidden = plain.sheets.iter().find(|sheet| sheet.name == IDENTITY_SHEET);
    let issued =
        hidden.ok_or_else(refusal::foreign).and_then(Issued::read).map_err(|text| refuse(&sha256, None, text))?;
    let unit = issued.unit.clone();
    let book = checked(&issued, expected).and_then(|()| filled_in(&plain, issued));
    let mut book = book.map_err(|text| refuse(&sha256, Some(&unit), text))?;
    name.clone_into(&mut book.name);
    book.sha256 = sha256;
    Ok(book)
}

fn checked(issued: &Issued, expected: &Expected<'_>) -> Result<(), Text> {
    let pairs = [
        (Text::new("联社", "institution"), issued.institution.as_str(), expected.institution),
        (Text::new("规则包", "pack"), issued.pack.as_str(), expected.pack),
        (Text::new("报送期", "period"), issued.period.as_str(), expected.period.as_str()),
    ];
    for (what, found, wanted) in pairs {
        if found != wanted {
            return Err(refusal::other_job(&what, found, wanted));
        }
    }
    if !expected.units.contains(&issued.unit.as_str()) {
        return Err(refusal::no_unit(&issued.unit));
    }
    Ok(())
}

fn filled_in(plain: &PlainBook, issued: Issued) -> Result<Book, Text> {
    let mut book = Book::default();
    let sheets = || plain.sheets.iter().filter(|sheet| sheet.name != IDENTITY_SHEET);
    let list = sheets().find_map(|sheet| Some((sheet, list_heading(sheet)?)));
    let (list, (heading, columns)) = list.ok_or_else(refusal::no_list)?;
    read_list(list, heading, &columns, &issued, &mut book)?;
    let mut found = vec![false; issued.sheets.len()];
    for sheet in sheets().filter(|sheet| sheet.name != list.name) {
        let marked = sheet.rows.iter().enumerate().take(HEADING_WITHIN).find_map(|(at, row)| {
            row.cells.iter().find_map(|(column, value)| Some((at, *column, sheet_marked(&value.seen())?)))
        });
        let Some((heading, hidden, index)) = marked else { continue };
        let Some(declared) = issued.sheets.get(index) else { continue };
        if let Some(found) = found.get_mut(index) {
            *found = true;
        }
        read_sheet(sheet, (heading, hidden), (index, declared), &mut book)?;
    }
    for (declared, _) in issued.sheets.iter().zip(&found).filter(|(_, found)| !**found) {
        if sheets().any(|sheet| sheet.name == declared.name) {
            return Err(refusal::no_marks(&declared.name));
        }
        book.remarks.push(Remark::new(
            declared.name.as_str(),
            "工作表已删除，其中的记录按未修改处理",
            "the sheet was deleted; its records are taken as unchanged",
        ));
    }
    book.issued = issued;
    Ok(book)
}

type ListColumns = HashMap<&'static str, u32>;

fn key(column: ListColumn) -> &'static str {
    match column {
        ListColumn::Number => "number",
        ListColumn::Treatment => "treatment",
        ListColumn::Value => "value",
        ListColumn::Explanation => "explanation",
        ListColumn::Fingerprint => "fingerprint",
    }
}

/// The heading row of the list, by its index, and its columns. The columns to fill in make a sheet the list.
fn list_heading(sheet: &PlainSheet) -> Option<(usize, ListColumns)> {
    sheet.rows.iter().enumerate().take(HEADING_WITHIN).find_map(|(at, row)| {
        let mut columns = ListColumns::new();
        for (column, value) in &row.cells {
            let text = value.seen();
            let known = ListColumn::ALL.into_iter().find(|known| {
                let heading = known.heading();
                text.lines().any(|line| line.trim() == heading.zh || line.trim() == heading.en)
            });
            if let Some(known) = known {
                columns.entry(key(known)).or_insert(*column);
            }
        }
        let entries = [ListColumn::Treatment, ListColumn::Value, ListColumn::Explanation];
        entries.iter().all(|entry| columns.contains_key(key(*entry))).then_some((at, columns))
    })
}

fn read_list(
    sheet: &PlainSheet,
    heading: usize,
    columns: &ListColumns,
    issued: &Issued,
    book: &mut Book,
) -> Result<(), Text> {
    let Some(fingerprint) = columns.get(key(ListColumn::Fingerprint)) else {
        return Err(refusal::no_marks(&sheet.name));
    };
    let of: HashMap<&str, usize> =
        issued.findings.iter().enumerate().map(|(index, finding)| (finding.fingerprint.as_str(), index)).collect();
    let mut torn = Vec::new();
    let mut answers: BTreeMap<usize, Vec<Answer>> = BTreeMap::new();
    for row in sheet.rows.iter().skip(heading + 1) {
        let at = |column: ListColumn| columns.get(key(column)).map_or(&Entered::Blank, |column| row.get(*column));
        let id = row.get(*fingerprint).seen();
        let (value, text) = (at(ListColumn::Value), at(ListColumn::Explanation).seen());
        let chosen = at(ListColumn::Treatment).seen();
        let place = format!("{} {}", sheet.name, row.number);
        let filled = !value.is_blank() || !text.is_empty() || !chosen.is_empty();
        let Some(finding) = of.get(id.as_str()).copied() else {
            if filled {
                book.remarks.push(Remark::new(
                    place,
                    "这一行没有本工作簿问题的标识，填写的内容未采用；请填在原有的行里",
                    "this line has no mark of a finding of this workbook, what it says is not taken; use the lines that were issued",
                ));
            }
            continue;
        };
        let number = at(ListColumn::Number).seen();
        if issued.findings.get(finding).is_some_and(|issued| !number.is_empty() && number != issued.number.to_string())
        {
            torn.push(row.number);
        }
        let treatment = Treatment::of(&chosen);
        if treatment.is_none() && !chosen.is_empty() {
            book.remarks.push(Remark::new(
                place.as_str(),
                format!("处理方式“{chosen}”不在下拉列表中，未采用"),
                format!("the treatment {chosen} is none of the list and is not taken"),
            ));
        }
        answers.entry(finding).or_default().push(Answer { finding, treatment, value: value.clone(), text, place });
    }
    if !torn.is_empty() {
        return Err(refusal::torn(&sheet.name, &torn));
    }
    for (_, mut lines) in answers {
        let same = |a: &Answer, b: &Answer| (a.treatment, &a.value, &a.text) == (b.treatment, &b.value, &b.text);
        if let [first, rest @ ..] = lines.as_slice()
            && !rest.iter().all(|line| same(first, line))
        {
            let places: Vec<_> = lines.iter().map(|line| line.place.clone()).collect();
            book.remarks.push(Remark::new(
                places.join("、"),
                "同一问题的标识出现在多行（多为复制粘贴所致）且填写不同，这些行未采用；请用原来发出的工作簿填写",
                "lines with the mark of one finding, as copying leaves it, say different things and are not taken; fill in the workbook as issued",
            ));
            continue;
        }
        lines.truncate(1);
        book.answers.extend(lines);
    }
    Ok(())
}

/// The columns of the sheet that hold the issued ones, by their headings: a column may have been moved or put between.
fn placed(sheet: &PlainSheet, row: &PlainRow, declared: &IssuedSheet) -> Result<Vec<Option<u32>>, Text> {
    let mut by_heading: HashMap<String, Vec<u32>> = HashMap::new();
    for (column, value) in &row.cells {
        by_heading.entry(value.seen()).or_default().push(*column);
    }
    let mut issued: HashMap<&str, usize> = HashMap::new();
    for (_, heading) in &declared.columns {
        *issued.entry(heading.as_str()).or_default() += 1;
    }
    let mut used: HashMap<&str, usize> = HashMap::new();
    let mut columns = Vec::with_capacity(declared.columns.len());
    for (field, heading) in &declared.columns {
        let found = by_heading.get(heading.as_str()).map(Vec::as_slice).unwrap_or_default();
        let nth = used.entry(heading.as_str()).or_default();
        let column = found.get(*nth).copied();
        *nth += 1;
        if field.is_some() && Some(&found.len()) != issued.get(heading.as_str()) {
            return Err(refusal::columns(&sheet.name, heading));
        }
        columns.push(column);
    }
    Ok(columns)
}

fn read_sheet(
    sheet: &PlainSheet,
    (heading, hidden): (usize, u32),
    (index, declared): (usize, &IssuedSheet),
    book: &mut Book,
) -> Result<(), Text> {
    let Some(head) = sheet.rows.get(heading) else { return Ok(()) };
    let columns = placed(sheet, head, declared)?;
    let row_number = row_number_heading();
    let is_number = |text: &str| text.lines().any(|line| line == row_number.zh || line == row_number.en);
    let numbers = head.cells.iter().find(|(_, value)| is_number(&value.seen())).map(|(column, _)| *column);
    let mut torn = Vec::new();
    for row in sheet.rows.iter().skip(heading + 1) {
        let mark = row.get(hidden).seen();
        let mut parts = mark.splitn(3, ':');
        let (id, number, marks) =
            (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let Some(record) = unhex(id).filter(|_| marks.len() == CELL_MARK * declared.columns.len() && marks.is_ascii())
        else {
            book.remarks.push(Remark::new(
                format!("{} {}", sheet.name, row.number),
                "这一行没有记录的标识（新增的行？），未采用；要补录的记录请写进报送文件重新报送",
                "this row has no mark of a record (was it added?) and is not taken; add records in the file handed in",
            ));
            continue;
        };
        let shown = numbers.map(|column| row.get(column).seen()).filter(|shown| !shown.is_empty());
        if shown.is_some_and(|shown| shown != number) {
            torn.push(row.number);
            continue;
        }
        for (at, ((field, _), column)) in declared.columns.iter().zip(&columns).enumerate() {
            let (Some(_), Some(column)) = (field, column) else { continue };
            let value = row.get(*column);
            let issued = marks.get(at * CELL_MARK..(at + 1) * CELL_MARK).unwrap_or_default();
            if cell_mark(&value.seen()) != issued {
                let place = format!("{}!{}{}", sheet.name, column_letters(*column), row.number);
                let (mark, value) = (issued.to_owned(), value.clone());
                book.edits.push(Edit { sheet: index, record, column: at, mark, value, place });
            }
        }
    }
    if torn.is_empty() { Ok(()) } else { Err(refusal::torn(&sheet.name, &torn)) }
}
