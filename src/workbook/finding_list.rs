//! The sheet 问题清单: one line a finding, with a link to its cell and columns to fill in.

use std::{collections::HashMap, ops::Range};

use anyhow::{Result, bail};
use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, Url, Workbook, Worksheet};

use super::{
    cell::{MAX_LINKS, MAX_ROWS, write_text},
    corrections,
    label::{Label, label},
    markup::{Rows, height, letters, link},
    page,
    plan::{Entry, Plan},
    splice::{Insert, styles_of},
    style,
    width::{line_count, row_height},
};
use crate::{
    finding::{Place, Severity},
    message::{Renderer, blank, source_text},
    outcome::Outcome,
    overlay::{At, Laid},
    pack::Rule,
    table::column_letters,
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

/// What stands in one line: the texts of columns 2, 3 and 5 to 10, and the row number.
struct Line<'a> {
    file: &'a str,
    sheet: &'a str,
    row: Option<u32>,
    letters: String,
    texts: [String; 5],
}

/// Corrections by dataset and record.
type Corrected<'o> = HashMap<(usize, u32), Vec<(&'o Laid, At)>>;

/// Draws the sheet with its headings and one cell of each style; the lines come from [`inserts`].
pub fn draw(workbook: &mut Workbook, plan: &Plan, title: &str, lang: Lang) -> Result<()> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(LIST_SHEET.get(lang))?;
    write_headings(sheet, lang)?;
    for (column, (_, width)) in (0u16..).zip(COLUMNS) {
        sheet.set_column_width(column, width)?;
    }
    let centred = style::centred();
    let [error, warning, info] =
        [Severity::Error, Severity::Warning, Severity::Info].map(|severity| style::shaded(centred.clone(), severity));
    let link = style::link(centred.clone());
    // In the order of the fields of `Styles`.
    let formats = [centred, error, warning, info, style::wrapped(), style::entry(), style::text(), link.clone()];
    for (column, format) in (0u16..).zip(&formats) {
        sheet.write_blank(1, column, format)?;
    }
    if plan.entries.iter().take(MAX_LINKS).any(|entry| entry.target.is_some()) {
        let url = Url::new(format!("internal:'{}'!A1", LIST_SHEET.get(lang))).set_text("-");
        sheet.write_url_with_format(1, 7, &url, &link)?;
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

/// The styles of the cells of a line.
#[derive(Clone, Copy)]
struct Styles {
    centred: u32,
    severities: [u32; 3],
    wrapped: u32,
    entry: u32,
    text: u32,
    link: u32,
}

/// What the lines are made from.
struct Lines<'a> {
    outcome: &'a Outcome,
    renderer: &'a Renderer<'a>,
    plan: &'a Plan<'a>,
    corrected: Corrected<'a>,
    /// Rule and clause, by rule.
    clauses: Vec<String>,
    styles: Styles,
    letters: Vec<String>,
    /// Heights of rows by their number of lines.
    heights: Vec<String>,
}

/// The lines of the sheet, and their links.
pub fn inserts<'a>(
    drawn: &[u8],
    part: &str,
    outcome: &'a Outcome,
    renderer: &'a Renderer<'a>,
    plan: &'a Plan<'a>,
) -> Result<Vec<Insert<'a>>> {
    let lang = renderer.lang();
    let styles = styles_of(drawn, part, 2)?;
    let &[centred, error, warning, info, wrapped, entry, text, link] = styles.as_slice() else {
        bail!("the styles of the list are missing");
    };
    let mut corrected = Corrected::new();
    for (laid, at) in outcome.overlay.applied() {
        corrected.entry((at.dataset, at.record)).or_default().push((laid, at));
    }
    let clause = |rule: &Rule| format!("{}\n{}", rule.id, source_text(&rule.source, lang));
    let lines = Lines {
        outcome,
        renderer,
        plan,
        corrected,
        clauses: outcome.pack.rules.iter().map(clause).collect(),
        styles: Styles { centred, severities: [error, warning, info], wrapped, entry, text, link },
        letters: letters(COLUMNS.len()),
        heights: (0..=MOST_LINES).map(|lines| height(row_height(lines) + 2.0)).collect(),
    };
    let listed = plan.entries.len().min(MAX_LISTED);
    let mut inserts = Vec::from(Insert::below_headings(part, listed, COLUMNS.len(), move |range| lines.xml(range)));
    if plan.entries.iter().take(MAX_LINKS).any(|entry| entry.target.is_some()) {
        inserts.push(Insert::links(part, listed.min(MAX_LINKS), move |range| links(plan, range, lang)));
    }
    Ok(inserts)
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

fn line<'a>(outcome: &'a Outcome, renderer: &Renderer<'a>, entry: &Entry, corrected: &Corrected<'_>) -> Line<'a> {
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
    Line {
        file: location.file.unwrap_or_default(),
        sheet: location.sheet,
        row: location.row,
        letters: location.letters().unwrap_or_default(),
        texts: [
            location.heading.unwrap_or_default().into_owned(),
            renderer.record_key(entry.finding).unwrap_or_default(),
            value,
            with_note(message, entry, outcome, renderer),
            renderer.fix(entry.finding),
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
fn with_note(message: String, entry: &Entry, outcome: &Outcome, renderer: &Renderer) -> String {
    if outcome.overlay.notes.is_empty() {
        return message;
    }
    let unit = renderer.unit(entry.finding).and_then(|unit| outcome.units.get(unit)).map(|unit| unit.code.clone());
    let note = outcome.overlay.notes.get(&(unit.unwrap_or_default(), entry.fingerprint.clone()));
    match note {
        Some(note) => format!("{message}\n【{note}】"),
        None => message,
    }
}

impl Lines<'_> {
    /// The markup of lines.
    fn xml(&self, range: Range<usize>) -> String {
        let mut rows = Rows::new(&self.letters, range.len() * 1_536);
        for index in range {
            if let Some(entry) = self.plan.entries.get(index) {
                self.put(&mut rows, index, entry);
            }
        }
        rows.finish()
    }

    fn put(&self, rows: &mut Rows<'_>, index: usize, entry: &Entry) {
        let (styles, lang) = (self.styles, self.renderer.lang());
        let line = line(self.outcome, self.renderer, entry, &self.corrected);
        let clause = self.clauses.get(entry.finding.rule).map_or("", String::as_str);
        let [heading, key, value, message, fix] = line.texts.each_ref().map(String::as_str);
        let wrapped = [
            (2, line.file),
            (3, line.sheet),
            (6, heading),
            (7, key),
            (8, value),
            (9, message),
            (10, fix),
            (11, clause),
        ];
        let lines = wrapped.iter().map(|(column, text)| {
            let width = COLUMNS.get(*column).map_or(1, |(_, width)| usize::from(*width));
            line_count(text, width)
        });
        let lines = lines.max().unwrap_or(1).clamp(1, MOST_LINES);
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        rows.begin(index + 2, self.heights.get(lines).map(String::as_str));
        rows.whole(0, styles.centred, number);
        rows.text(1, styles.severities[entry.severity as usize], entry.severity.title(lang));
        let [file, sheet, rest @ ..] = wrapped;
        for (column, text) in [file, sheet] {
            rows.text(column, styles.wrapped, text);
        }
        match line.row {
            Some(row) => rows.whole(4, styles.centred, row),
            None => rows.blank(4, styles.centred),
        }
        rows.text(5, styles.centred, &line.letters);
        for (column, text) in rest {
            rows.text(column, styles.wrapped, text);
        }
        match target(self.plan, index) {
            Some(_) => rows.text(usize::from(LINK), styles.link, link_text(lang)),
            None => rows.blank(usize::from(LINK), styles.centred),
        }
        for column in TREATMENT..=EXPLANATION {
            rows.blank(usize::from(column), styles.entry);
        }
        rows.text(usize::from(FINGERPRINT), styles.text, &entry.fingerprint);
        rows.end();
    }
}

/// The sheet and the cell (row and column from 0) the line of a finding links to.
fn target<'p>(plan: &'p Plan, index: usize) -> Option<(&'p str, u32, u16)> {
    let (at, row, column) = plan.entries.get(index).filter(|_| index < MAX_LINKS)?.target?;
    Some((&plan.sheets.get(at)?.name, row, column))
}

fn link_text(lang: Lang) -> &'static str {
    if lang == Lang::Zh { "跳转" } else { "go" }
}

/// The links of lines.
fn links(plan: &Plan, range: Range<usize>, lang: Lang) -> String {
    let from = column_letters(u32::from(LINK));
    let mut out = String::with_capacity(range.len() * 80);
    for index in range {
        if let Some((sheet, row, column)) = target(plan, index) {
            let to = column_letters(u32::from(column));
            link(&mut out, (&from, index + 2), sheet, (&to, row as usize + 1), link_text(lang));
        }
    }
    out
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
