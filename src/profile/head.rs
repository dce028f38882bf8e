//! Where the headings of a sheet stand that nobody has declared: the fullest row of labels above the first row of data,
//! or two such rows one under the other.
//!
//! Works on the first rows as texts; knows no file format.

use super::personal;
use crate::ingest::{
    characters::{cleaned, is_dash},
    date,
    heading::{Heading, unit_in_title},
    number,
};
use crate::pack::AmountUnit;

/// Rows with content among which the headings are sought.
pub const WITHIN: usize = 30;
/// Longest text that can head a column, in characters.
const LONGEST: usize = 60;

/// One of the first rows: its number, and its cells that are not blank by ascending column.
#[derive(Clone, Debug, Default)]
pub struct TopRow {
    /// Row number, 1-based.
    pub sheet_row: u32,
    /// 0-based column, text, and whether it is a text cell.
    pub cells: Vec<(u32, String, bool)>,
}

/// A column's heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headed {
    /// 0-based position.
    pub column: u32,
    /// As people read it; two parts are joined by ` / `.
    pub label: String,
    /// As the reader of declared datasets wants it; two parts stand one after the other.
    pub declared: String,
    /// The lower part, or the only one: what the column itself is called.
    pub own: String,
    /// The unit of amounts the upper part states.
    pub unit: Option<AmountUnit>,
}

/// The headings of a sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Row numbers of the upper and lower heading row; equal if there is one, 0 if there is none.
    pub rows: (u32, u32),
    /// Headings from left to right.
    pub columns: Vec<Headed>,
    /// The unit of amounts stated above them.
    pub unit: Option<AmountUnit>,
}

/// Finds the headings.
pub fn find(rows: &[TopRow]) -> Head {
    let widest = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    let data = rows.iter().position(|row| is_data(row, widest)).unwrap_or(rows.len());
    let above = rows.get(..data).unwrap_or_default();
    let fullest = above.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    let enough = fullest * 2 > widest || fullest == widest;
    let chosen = above.iter().position(|row| row.cells.len() == fullest).filter(|_| enough && fullest > 0);
    let Some(at) = chosen else { return paired(rows, above, None).unwrap_or_default() };
    if let Some(head) = paired(rows, above, Some(at)) {
        return head;
    }
    let Some(row) = above.get(at) else { return Head::default() };
    if recurs(row, rows.get(at + 1..).unwrap_or_default()) {
        return Head::default();
    }
    let columns = row.cells.iter().map(|(column, text, _)| headed(*column, "", text)).collect();
    Head { rows: (row.sheet_row, row.sheet_row), columns, unit: title_unit(rows.get(..at).unwrap_or_default()) }
}

/// Two rows of labels, one directly under the other, that complete each other: a cell merged downwards has its text
/// above, one merged sideways stands above the first of its columns.
fn paired(rows: &[TopRow], above: &[TopRow], single: Option<usize>) -> Option<Head> {
    let single_width = single.and_then(|at| above.get(at)).map_or(0, |row| row.cells.len());
    let widest = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    for (at, pair) in above.windows(2).enumerate() {
        let [upper, lower] = pair else { continue };
        let fills = |row: &TopRow, other: &TopRow| {
            row.cells.iter().filter(|(column, ..)| !other.cells.iter().any(|(there, ..)| there == column)).count()
        };
        let complete = fills(upper, lower) > 0 && fills(lower, upper) > 0;
        // Groups over a full row are needed only to tell its headings apart.
        let states_unit = upper.cells.iter().any(|(_, text, _)| unit_in_title(text).is_some());
        let tells_apart = upper.cells.len() > 1 && fills(lower, upper) > 0 && has_doubles(lower) && !states_unit;
        let width = lower.cells.len() + fills(upper, lower);
        let next_to =
            upper.sheet_row + 1 == lower.sheet_row && single.is_none_or(|single| single == at || single == at + 1);
        let below = rows.get(at + 2..).unwrap_or_default();
        if next_to && (complete && width > single_width || tells_apart) && width * 2 > widest && !recurs(lower, below) {
            return Some(Head {
                rows: (upper.sheet_row, lower.sheet_row),
                columns: joined(upper, lower),
                unit: title_unit(rows.get(..at).unwrap_or_default()),
            });
        }
    }
    None
}

fn has_doubles(row: &TopRow) -> bool {
    row.cells
        .iter()
        .enumerate()
        .any(|(at, (_, text, _))| row.cells.iter().skip(at + 1).any(|(_, other, _)| other == text))
}

fn joined(upper: &TopRow, lower: &TopRow) -> Vec<Headed> {
    let text = |row: &TopRow, column: u32| {
        row.cells.iter().find(|(there, ..)| *there == column).map(|(_, text, _)| text.clone())
    };
    let mut columns: Vec<u32> = upper.cells.iter().chain(&lower.cells).map(|(column, ..)| *column).collect();
    columns.sort_unstable();
    columns.dedup();
    let mut group = String::new();
    let mut found = Vec::with_capacity(columns.len());
    for column in columns {
        group = text(upper, column).unwrap_or(group);
        found.push(headed(column, &group, &text(lower, column).unwrap_or_default()));
    }
    found
}

fn headed(column: u32, upper: &str, lower: &str) -> Headed {
    let (upper, lower) = (one_line(upper), one_line(lower));
    let label = match (upper.as_str(), lower.as_str()) {
        ("", only) | (only, "") => only.to_owned(),
        (upper, lower) => format!("{upper} / {lower}"),
    };
    let own = if lower.is_empty() { upper.clone() } else { lower.clone() };
    Headed { column, label, declared: format!("{upper}{lower}"), own, unit: Heading::parse(&upper).unit }
}

fn one_line(text: &str) -> String {
    text.split(['\n', '\r']).map(str::trim).collect::<String>()
}

fn title_unit(titles: &[TopRow]) -> Option<AmountUnit> {
    titles.iter().flat_map(|row| &row.cells).find_map(|(_, text, _)| unit_in_title(text))
}

/// More than a few of the row's cells could not head a column, and it is no title.
fn is_data(row: &TopRow, widest: usize) -> bool {
    let others = row.cells.iter().filter(|(_, text, is_text)| !is_label(text, *is_text)).count();
    others > 0 && row.cells.len() * 3 > widest && others * 5 > row.cells.len()
}

/// Text that is no number, no date and no dash.
fn is_label(text: &str, is_text: bool) -> bool {
    let plain = cleaned(text).text;
    is_text
        && !plain.is_empty()
        && text.chars().count() <= LONGEST
        && number::decimal_of_text(&plain.replace([',', '%', '元'], ""), 12).is_err()
        && date::from_text(&plain).is_none()
        && !is_dash(text)
        && !has_long_number(&plain)
}

/// Six digits in a row stand in no heading.
fn has_long_number(text: &str) -> bool {
    text.as_bytes().split(|byte| !byte.is_ascii_digit()).any(|run| run.len() >= 6)
}

/// A third of the row's texts, or one that may be a person's, stand again further down in their columns, or all may be
/// persons': it is a record itself. Rows that repeat the whole row, as each printed page does, tell nothing.
fn recurs(row: &TopRow, below: &[TopRow]) -> bool {
    let texts = |row: &TopRow| row.cells.iter().map(|(column, text, _)| (*column, text.clone())).collect::<Vec<_>>();
    let own = texts(row);
    let others: Vec<_> = below.iter().map(texts).filter(|other| *other != own).collect();
    let again = |cell: &&(u32, String)| others.iter().any(|other| other.contains(cell));
    let found = own.iter().filter(again).count();
    let persons = own.iter().filter(|(_, text)| personal::names_a_person(text)).count();
    found * 3 >= own.len() && found > 0 || persons * 2 > own.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[&str]) -> Vec<TopRow> {
        let cell = |(column, text): (u32, &str)| {
            (!text.is_empty()).then(|| (column, text.to_owned(), text.parse::<f64>().is_err()))
        };
        let row = |(sheet_row, line): (u32, &&str)| TopRow {
            sheet_row,
            cells: (0..).zip(line.split('|')).filter_map(cell).collect(),
        };
        (1..).zip(lines).map(row).filter(|row| !row.cells.is_empty()).collect()
    }

    fn found(lines: &[&str]) -> ((u32, u32), Vec<String>) {
        let head = find(&rows(lines));
        (head.rows, head.columns.into_iter().map(|column| column.declared).collect())
    }

    #[test]
    fn headings_below_titles() {
        let lines = ["贷款明细表", "单位：万元||2026年10月", "", "借据号|客户|余额", "D1|甲公司|12.5", "D2|乙公司|3"];
        assert_eq!(found(&lines), ((4, 4), ["借据号", "客户", "余额"].map(str::to_owned).to_vec()));
        assert_eq!(find(&rows(&lines)).unit, Some(AmountUnit::WanYuan));
    }

    #[test]
    fn two_rows_that_complete_each_other() {
        let lines = ["序号|客户|贷款||备注", "||金额|期限|", "1|甲公司|12.5|36|", "2|乙公司|3|12|有"];
        assert_eq!(
            found(&lines),
            ((1, 2), ["序号", "客户", "贷款金额", "贷款期限", "备注"].map(str::to_owned).to_vec())
        );
        let groups = ["本期||上期|", "户数|余额|户数|余额", "1|2|3|4"];
        assert_eq!(
            found(&groups),
            ((1, 2), ["本期户数", "本期余额", "上期户数", "上期余额"].map(str::to_owned).to_vec())
        );
        // Codes above the names tell nothing apart: the names are the headings.
        let coded = ["|X1|X2|X3", "ID|LIMIT|SEX|AGE", "1|20000|2|24", "2|120000|2|26"];
        assert_eq!(found(&coded).0, (2, 2));
    }

    #[test]
    fn a_table_of_texts() {
        let lines = ["名称|类型|状态", "甲公司|企业|正常", "乙公司|企业|关注", "丙|个体|正常"];
        assert_eq!(found(&lines).0, (1, 1));
    }

    #[test]
    fn a_sheet_without_headings() {
        assert_eq!(found(&["D1|甲公司|12.5", "D2|乙公司|3"]).0, (0, 0));
        // All texts, but two of three occur again: the first row is a record.
        assert_eq!(found(&["王小明|男|城关", "李强|男|东河", "赵敏|女|城关"]).0, (0, 0));
        assert_eq!(found(&["王小明|李强|赵敏", "甲|乙|丙"]).0, (0, 0));
        assert_eq!(found(&[]).0, (0, 0));
    }

    #[test]
    fn a_heading_repeated_on_every_page_is_one() {
        let lines = ["名称|类型", "甲公司|企业", "名称|类型", "乙公司|个体"];
        assert_eq!(found(&lines).0, (1, 1));
    }
}
