//! What reading the submission files gives.

use std::{collections::BTreeMap, path::PathBuf};

use crate::table::Table;

/// A file to read.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// How it is named to people: its path below the job's input folder, with `/`.
    pub name: String,
    /// Index of the unit that handed it in, in the job's roster.
    pub unit: usize,
}

/// How to read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Password for encrypted workbooks.
    pub password: Option<String>,
    /// Read only sheets that match this dataset (used for the roster); all but the roster's datasets if absent.
    pub only_dataset: Option<usize>,
}

/// Everything read for one period.
#[derive(Clone, Debug, Default)]
pub struct Intake {
    /// One table for each dataset of the pack, in its order.
    pub tables: Vec<Table>,
    /// The files, in the order of the sources.
    pub files: Vec<FileRead>,
}

/// What became of one file.
#[derive(Clone, Debug)]
pub struct FileRead {
    /// How it is named to people.
    pub name: String,
    /// Index of the unit in the job's roster.
    pub unit: usize,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its content, hexadecimal; empty if it could not be opened.
    pub sha256: String,
    /// What it really is, told by its content.
    pub format: Option<Format>,
    /// Sheets, in the order of the workbook; those that match no dataset included.
    pub sheets: Vec<SheetRead>,
    /// Why nothing, or not everything, could be read from it.
    pub unreadable: Option<Unreadable>,
    /// That, where and why an xlsx workbook was left to calamine, which reads everything but more slowly.
    pub handed_over: Option<crate::text::Text>,
    /// Repairs made by named normalisers, with how often.
    pub repairs: BTreeMap<Normaliser, u64>,
}

/// File formats, told apart by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Office Open XML workbook, with or without macros.
    Xlsx,
    /// Excel 97-2003 workbook.
    Xls,
    /// Binary workbook.
    Xlsb,
    /// Spreadsheet of the `OpenDocument` standard.
    Ods,
    /// Delimited text.
    Csv,
}

/// Why a file could not be read, as a text for people that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The kind of trouble.
    pub kind: Trouble,
    /// What was found and what to do.
    pub message: crate::text::Text,
}

/// Kinds of trouble with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// It has no content.
    Empty,
    /// It cannot be opened.
    Unopened,
    /// It is no spreadsheet of a known format.
    UnknownFormat,
    /// It is damaged.
    Damaged,
    /// It needs a password that was not given.
    PasswordNeeded,
    /// The password given is wrong.
    PasswordWrong,
    /// No sheet has the headings of a dataset.
    NothingMatches,
    /// No unit of the roster, or several, fit its folder or name.
    NoUnit,
    /// Several sheets match the same dataset and their names do not decide.
    Ambiguous,
}

/// What became of one sheet.
#[derive(Clone, Debug, Default)]
pub struct SheetRead {
    /// Name; empty for csv.
    pub name: String,
    /// Hidden in the workbook.
    pub hidden: bool,
    /// Index of the dataset it was read as.
    pub dataset: Option<usize>,
    /// Row number of the (lower) heading row; 0 if none was found.
    pub header_row: u32,
    /// Number of records read.
    pub records: u64,
    /// Number of records in hidden rows.
    pub hidden_records: u64,
    /// The hidden columns that have a heading: letters and heading.
    pub hidden_columns: Vec<(String, String)>,
    /// Fields in per cent none of whose values is more than 1, so that they may be fractions.
    pub fractions: Vec<u16>,
    /// Rows that are no records.
    pub skipped: Vec<SkippedRow>,
    /// Fields the dataset requires whose heading is missing.
    pub missing: Vec<u16>,
    /// Fields whose heading occurs more than once, with the column letters; none of the columns is read.
    pub twice: Vec<(u16, Vec<String>)>,
    /// Fields whose heading states another unit than the field; values were converted exactly.
    pub unit_differs: Vec<u16>,
    /// The sheet matches no dataset or was left out; why.
    pub note: Option<crate::text::Text>,
}

/// A row, or a run of blank rows, that is no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedRow {
    /// First row number.
    pub first: u32,
    /// Last row number.
    pub last: u32,
    /// Why it was skipped.
    pub kind: SkippedKind,
    /// Its first text, shortened to 60 characters.
    pub text: String,
}

/// Kinds of rows that are no records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkippedKind {
    /// Above the heading: title, period, unit of amounts.
    Title,
    /// Nothing in it, between records.
    Blank,
    /// 合计, 小计, 总计.
    Total,
    /// A note or signature line below the records.
    Note,
    /// The heading again, or a row that numbers the columns.
    Heading,
}

/// Repairs that are applied and counted; everything else is left as submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normaliser {
    /// Blanks before and after a value, in identifiers, codes, numbers and dates also inside.
    Blanks,
    /// Full-width digits, letters and signs folded to ASCII.
    FullWidth,
    /// Zero-width and other invisible characters removed.
    Invisible,
    /// Lower-case letters of identifiers raised (`x` to `X`).
    UpperCase,
    /// Thousands separators removed.
    Thousands,
    /// A sign of currency or unit after a number removed (`元`).
    CurrencySign,
    /// Brackets read as a minus sign.
    BracketNegative,
    /// A number cell read as a code (`3` for `"3"`).
    NumericCode,
    /// A date written as text (`2026.9.30`, `20260930`, `2026年9月30日`).
    DateText,
    /// A serial number read as a date.
    DateSerial,
    /// An amount converted between yuan and ten thousand yuan because the heading says so.
    UnitOfHeading,
    /// The name of a code replaced by the code (`正常` by `1`).
    CodeName,
    /// A dash or slash that stands for a blank.
    DashAsBlank,
    /// A number shown as per cent, in a column of per cent, read as it is shown (`0.0435` as 4.35).
    PercentFormat,
}
