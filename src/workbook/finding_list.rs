//! The sheet 问题清单: one line a finding, with a link to its cell and columns to fill in.

use std::collections::HashMap;

use anyhow::Result;
use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, Format, Url, Workbook, Worksheet};

use super::{
    cell::{MAX_LINKS, MAX_ROWS, write_text},
    corrections,
    label::{Label, label},
    page,
    plan::{Entry, Plan},
    style,
    width::{line_count, row_height},
};
use crate::{
    finding::{Place, Severity},
    message::{Renderer, blank, source_text},
    outcome::Outcome,
    overlay::{At, Laid},
    text::{Lang, Text},
};

/// Name of the sheet.
pub const LIST_SHEET: Label = label("问题清单", "Findings");

/// Findings the sheet has room for.
pub const MAX_LISTED: usize = MAX_ROWS - 1;

/// What officers can answer to a finding, in the order of the drop-down.
const TREATMENTS: [Label; 4] = [
    label("已更正", "Corrected"),
    label("情况属实并说明", "True and explained"),
    label("已改源系统", "Corrected in the source system"),
    label("非本社部数据", "Not this unit's data"),
];

/// Columns with their widths in characters: the whole prints legibly on one A4 page across.
const COLUMNS: [(Label, u16); 17] = [
    (label("序号", "No."), 6),
    (label("级别", "Severity"), 9),
    (label("文件", "File"), 17),
    (label("工作表", "Sheet"), 11),
    (label("原行号", "Row"), 8),
    (label("列", "Column"), 8),
    (label("栏目", "Heading"), 14),
    (label("记录", "Record"), 17),
    (label("原值", "Value"), 17),
    (label("问题", "What is wrong"), 30),
    (label("处理建议", "What to do"), 26),
    (label("规则与依据", "Rule and clause"), 22),
    (label("定位", "Go to"), 7),
    (label("处理方式", "Treatment"), 14),
    (label("更正值", "Corrected value"), 16),
    (label("说明", "Explanation"), 20),
    (label("标识", "Id"), 22),
];

/// The columns of the list that are read when the workbook comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListColumn {
    /// Number of the finding.
    Number,
    /// What was done.
    Treatment,
    /// The right value.
    Value,
    /// Why the value is as it is.
    Explanation,
    /// Fingerprint of the finding; hidden.
    Fingerprint,
}

impl ListColumn {
    /// All of them.
    pub const ALL: [ListColumn; 5] = [
        ListColumn::Number,
        ListColumn::Treatment,
        ListColumn::Value,
        ListColumn::Explanation,
        ListColumn::Fingerprint,
    ];

    /// Its heading, in both languages.
    pub fn heading(self) -> Text {
        let at = match self {
            ListColumn::Number => 0,
            ListColumn::Treatment => TREATMENT,
            ListColumn::Value => EXPLANATION - 1,
            ListColumn::Explanation => EXPLANATION,
            ListColumn::Fingerprint => FINGERPRINT,
        };
        let label = COLUMNS.get(usize::from(at)).map(|(label, _)| label);
        label.map(|label| Text::new(label.get(Lang::Zh), label.get(Lang::En))).unwrap_or_default()
    }
}

/// Most lines a row shows; longer text can be read in the cell.
const MOST_LINES: usize = 8;

const LINK: u16 = 12;
const TREATMENT: u16 = 13;
const EXPLANATION: u16 = 15;
const FINGERPRINT: u16 = 16;

/// The answers of the drop-down 处理方式, in both languages.
pub fn treatments() -> Vec<Text> {
    TREATMENTS.iter().map(|label| Text::new(label.get(Lang::Zh), label.get(Lang::En))).collect()
}

/// Formats used in every line.
struct Formats {
    text: Format,
    wrapped: Format,
    centred: Format,
    severities: [Format; 3],
    link: Format,
    entry: Format,
}

/// What stands in one line: the texts of columns 2, 3 and 5 to 11, and the row number.
struct Line {
    file: String,
    sheet: String,
    row: Option<u32>,
    letters: String,
    texts: [String; 6],
}

/// Corrections by dataset and record.
type Corrected<'o> = HashMap<(usize, u32), Vec<(&'o Laid, At)>>;

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, outcome: &Outcome, renderer: &Renderer, plan: &Plan, title: &str) -> Result<()> {
    let lang = renderer.lang();
    let large = plan.entries.len() * COLUMNS.len() > super::reissue::LARGE_SHEET;
    let sheet = if large { workbook.add_worksheet_with_low_memory()? } else { workbook.add_worksheet() };
    sheet.set_name(LIST_SHEET.get(lang))?;
    write_headings(sheet, lang)?;

    let centred = style::centred();
    let formats = Formats {
        text: style::text(),
        wrapped: style::wrapped(),
        severities: [Severity::Error, Severity::Warning, Severity::Info]
            .map(|severity| style::shaded(centred.clone(), severity)),
        link: style::link(centred.clone()),
        centred,
        entry: style::entry(),
    };
    for (column, (_, width)) in (0u16..).zip(COLUMNS) {
        sheet.set_column_width(column, width)?;
    }
    let mut corrected = Corrected::new();
    for (laid, at) in outcome.overlay.applied() {
        corrected.entry((at.dataset, at.record)).or_default().push((laid, at));
    }
    for (index, entry) in plan.entries.iter().take(MAX_LISTED).enumerate() {
        write_line(sheet, plan, index, &line(outcome, renderer, entry, &corrected), &formats, lang)?;
    }
    sheet.set_column_hidden(FINGERPRINT)?;

    let last = u32::try_from(plan.entries.len().clamp(1, MAX_LISTED))?;
    sheet.add_data_validation(1, TREATMENT, last, TREATMENT, &drop_down(lang)?)?;
    // Sorting moves only what the filter covers: the hidden column must move with its line.
    sheet.autofilter(0, 0, last, FINGERPRINT)?;
    sheet.set_freeze_panes(1, 2)?;
    sheet.set_repeat_rows(0, 0)?;
    page::set_up(sheet, title, LIST_SHEET.get(lang), lang);
    page::protect(sheet);
    Ok(())
}

fn write_headings(sheet: &mut Worksheet, lang: Lang) -> Result<()> {
    let (heading, entry) = (style::heading(), style::entry_heading());
    for (column, (label, _)) in (0u16..).zip(COLUMNS) {
        let format = if (TREATMENT..=EXPLANATION).contains(&column) { &entry } else { &heading };
        write_text(sheet, 0, column, &label.stacked(lang), format)?;
    }
    sheet.set_row_height(0, 34)?;
    Ok(())
}

fn line(outcome: &Outcome, renderer: &Renderer, entry: &Entry, corrected: &Corrected<'_>) -> Line {
    let lang = renderer.lang();
    let message = with_repeat(renderer.message(entry.finding), entry, outcome, lang);
    let message = with_corrections(message, entry, outcome, renderer, corrected);
    let location = renderer.location(entry.finding);
    let is_cell = location.row.is_some() && location.heading.is_some();
    let value = match renderer.value(entry.finding) {
        Some(value) => value.into_owned(),
        None if is_cell => blank(lang).to_owned(),
        None => String::new(),
    };
    let rule = outcome.pack.rules.get(entry.finding.rule);
    let clause = rule.map(|rule| format!("{}\n{}", rule.id, source_text(&rule.source, lang))).unwrap_or_default();
    Line {
        file: location.file.unwrap_or_default().to_owned(),
        sheet: location.sheet.to_owned(),
        row: location.row,
        letters: location.letters().unwrap_or_default(),
        texts: [
            location.heading.unwrap_or_default().into_owned(),
            renderer.record_key(entry.finding).unwrap_or_default(),
            value,
            with_note(&message, entry, outcome, renderer),
            renderer.fix(entry.finding),
            clause,
        ],
    }
}

/// The message, with a second line if earlier periods saw the finding too (Article 22 one).
fn with_repeat(message: String, entry: &Entry, outcome: &Outcome, lang: Lang) -> String {
    let Some(repeat) = entry.repeat else { return message };
    let last_month = repeat.last_period == outcome.job.period.prior();
    let times = repeat.times;
    let last = match lang {
        Lang::Zh if last_month => "上月".to_owned(),
        _ => repeat.last_period.to_string(),
    };
    let note = match (lang, repeat.source_not_corrected, repeat.other_record) {
        (Lang::Zh, true, _) => format!("{last}已更正，源系统未修改，第{times}次"),
        (Lang::Zh, _, true) => format!("{last}同一客户已报同样的错误，第{times}次"),
        (Lang::Zh, ..) => format!("{last}已报，第{times}次"),
        (Lang::En, true, _) => format!("corrected in {last}, but not in the source system; now for the {times}. time"),
        (Lang::En, _, true) => {
            format!("the same error of the same customer was reported in {last}; now for the {times}. time")
        }
        (Lang::En, ..) => format!("reported before in {last}, now for the {times}. time"),
    };
    format!("{message}\n【{note}】")
}

/// The message, with a further line for each cell the finding is about that has a corrected value: the file shows another
/// one there.
fn with_corrections(
    mut message: String,
    entry: &Entry,
    outcome: &Outcome,
    renderer: &Renderer,
    corrected: &Corrected<'_>,
) -> String {
    let Place::Record { dataset, record, field } = entry.finding.place else { return message };
    let rule = outcome.pack.rules.get(entry.finding.rule).filter(|rule| rule.on == Some(dataset));
    let marked = rule.map(|rule| rule.fields.as_slice()).unwrap_or_default();
    let of_record = corrected.get(&(dataset, record)).map(Vec::as_slice).unwrap_or_default();
    for (laid, at) in of_record.iter().filter(|(_, at)| field == Some(at.field) || marked.contains(&at.field)) {
        let corrections::Line { heading, old, new, .. } =
            corrections::line(outcome, renderer, &laid.correction, Some(*at), laid.submitted.as_deref(), false);
        let what = Text::new("更正过：", "corrected before: ");
        message.extend(["\n【", what.get(renderer.lang()), &heading, " ", &old, " → ", &new, "】"]);
    }
    message
}

/// The message, with a further line if the officer's last answer did not help.
fn with_note(message: &str, entry: &Entry, outcome: &Outcome, renderer: &Renderer) -> String {
    let unit = renderer.unit(entry.finding).and_then(|unit| outcome.units.get(unit)).map(|unit| unit.code.clone());
    let note = outcome.overlay.notes.get(&(unit.unwrap_or_default(), entry.fingerprint.clone()));
    note.map_or_else(|| message.to_owned(), |note| format!("{message}\n【{note}】"))
}

fn write_line(
    sheet: &mut Worksheet,
    plan: &Plan,
    index: usize,
    line: &Line,
    formats: &Formats,
    lang: Lang,
) -> Result<()> {
    let Some(entry) = plan.entries.get(index) else { return Ok(()) };
    let row = u32::try_from(index + 1)?;
    let mut lines = 1;
    let mut write_wrapped = |sheet: &mut Worksheet, column: u16, text: &str| {
        let width = COLUMNS.get(usize::from(column)).map_or(1, |(_, width)| usize::from(*width));
        lines = lines.max(line_count(text, width));
        write_text(sheet, row, column, text, &formats.wrapped)
    };
    sheet.write_number_with_format(row, 0, f64::from(row), &formats.centred)?;
    let shade = &formats.severities[entry.severity as usize];
    write_text(sheet, row, 1, entry.severity.title(lang), shade)?;
    write_wrapped(sheet, 2, &line.file)?;
    write_wrapped(sheet, 3, &line.sheet)?;
    match line.row {
        Some(number) => sheet.write_number_with_format(row, 4, f64::from(number), &formats.centred)?,
        None => sheet.write_blank(row, 4, &formats.centred)?,
    };
    write_text(sheet, row, 5, &line.letters, &formats.centred)?;
    for (column, text) in (6u16..).zip(&line.texts) {
        write_wrapped(sheet, column, text)?;
    }
    match entry.target.filter(|_| index < MAX_LINKS).and_then(|target| link(plan, target, lang)) {
        Some(url) => {
            sheet.write_url_with_format(row, LINK, &url, &formats.link)?;
        }
        None => write_text(sheet, row, LINK, "", &formats.centred)?,
    }
    for column in TREATMENT..=EXPLANATION {
        sheet.write_blank(row, column, &formats.entry)?;
    }
    write_text(sheet, row, FINGERPRINT, &entry.fingerprint, &formats.text)?;
    sheet.set_row_height(row, row_height(lines.min(MOST_LINES)) + 2.0)?;
    Ok(())
}

fn link(plan: &Plan, (at, row, column): (usize, u32, u16), lang: Lang) -> Option<Url> {
    let name = plan.sheets.get(at)?.name.replace('\'', "''");
    let cell = crate::table::column_letters(u32::from(column));
    let text = if lang == Lang::Zh { "跳转" } else { "go" };
    Some(Url::new(format!("internal:'{name}'!{cell}{}", row + 1)).set_text(text))
}

fn drop_down(lang: Lang) -> Result<DataValidation> {
    let choices = TREATMENTS.map(|label| label.get(lang));
    let (title, message) = match lang {
        Lang::Zh => ("处理方式", "请从下拉列表中选择一项，其他情况写在“说明”栏。"),
        Lang::En => ("Treatment", "Choose one of the list; anything else goes into the explanation."),
    };
    Ok(DataValidation::new()
        .allow_list_strings(&choices)?
        .set_error_style(DataValidationErrorStyle::Stop)
        .set_error_title(title)?
        .set_error_message(message)?)
}
