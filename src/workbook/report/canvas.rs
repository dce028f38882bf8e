//! The sheet being drawn: how far it is filled, its columns, title and foot, and the next one when it is full.
//!
//! Knows nothing of what blocks hold.

use anyhow::{Context as _, Result};
use rust_xlsxwriter::{Color, Format, FormatAlign, Workbook, Worksheet};

use super::Occasion;
use crate::{
    report::{
        evaluate::EvaluatedSheet,
        model::{Body, Paper, Report},
        trace::{Shows, Trace},
    },
    text::{Lang, Text},
    workbook::{
        cell::{MAX_ROWS, write_text},
        page,
        sheet_name::SheetNames,
        style,
        width::{display_width, line_count, row_height},
    },
};

/// Page breaks a sheet can have.
const MOST_BREAKS: usize = 1_000;
/// Rows kept free below a list that goes on over several sheets.
const RESERVE: u32 = 40;
/// A3 in Excel's list of papers; A4 is what `page` sets.
const A3: u8 = 8;

/// Rows of a long list that are put in when the workbook is finished.
pub struct LongPart {
    /// Number of the worksheet, from 0.
    pub sheet: usize,
    /// The first of the rows that stand for them, from 0.
    pub row: u32,
    /// How many stand for them: one of each style.
    pub templates: u32,
    /// The rows of the query.
    pub rows: std::ops::Range<usize>,
    /// Index of the sheet in the definition.
    pub sheet_at: usize,
    /// Index of the block.
    pub block: usize,
}

/// The sheet being drawn.
pub struct Canvas<'w> {
    workbook: &'w mut Workbook,
    names: SheetNames,
    /// The definition.
    pub report: &'w Report,
    /// What stands on every report.
    pub occasion: &'w Occasion<'w>,
    traces: Vec<Trace>,
    longs: Vec<LongPart>,
    current: usize,
    name: String,
    sheet_at: usize,
    title: String,
    short: String,
    widths: Vec<u16>,
    landscape: bool,
    paper: Paper,
    one_page: bool,
    /// Whether the sheet may be filtered and its headings kept in sight: it is one list.
    pub single_list: bool,
    row: u32,
    breaks: Vec<u32>,
}

impl<'w> Canvas<'w> {
    /// A canvas for the sheets of a report.
    pub fn new(workbook: &'w mut Workbook, report: &'w Report, occasion: &'w Occasion<'w>) -> Self {
        Self {
            workbook,
            names: SheetNames::new(&[]),
            report,
            occasion,
            traces: Vec::new(),
            longs: Vec::new(),
            current: 0,
            name: String::new(),
            sheet_at: 0,
            title: String::new(),
            short: String::new(),
            widths: Vec::new(),
            landscape: true,
            paper: Paper::A4,
            one_page: false,
            single_list: false,
            row: 0,
            breaks: Vec::new(),
        }
    }

    /// Where everything was drawn, and the long lists still to be put in.
    pub fn into_parts(self) -> (Vec<Trace>, Vec<LongPart>) {
        (self.traces, self.longs)
    }

    /// Notes that the rows of a long list come in place of the `templates` rows from the current one on.
    pub fn put_later(&mut self, block: usize, templates: u32, rows: std::ops::Range<usize>) {
        let (sheet, row, sheet_at) = (self.current, self.row, self.sheet_at);
        self.longs.push(LongPart { sheet, row, templates, rows, sheet_at, block });
    }

    /// Notes that cells from the current row on show something.
    pub fn trace(&mut self, block: usize, height: u32, shows: Shows) {
        let (sheet, row) = (self.name.clone(), self.row);
        self.traces.push(Trace { sheet, row, height, sheet_at: self.sheet_at, block, shows });
    }

    /// The sheet.
    pub fn sheet(&mut self) -> Result<&mut Worksheet> {
        self.workbook.worksheet_from_index(self.current).context("the sheet being drawn")
    }

    /// Name of the sheet.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The row to be drawn next.
    pub fn row(&self) -> u32 {
        self.row
    }

    /// Language.
    pub fn lang(&self) -> Lang {
        self.occasion.lang
    }

    /// Goes down.
    pub fn advance(&mut self, rows: u32) {
        self.row += rows;
    }

    /// Leaves a row free below a block.
    pub fn gap(&mut self) {
        self.row += 1;
    }

    /// Width of a column.
    pub fn width(&self, column: u16) -> usize {
        self.widths.get(usize::from(column)).copied().map_or(9, usize::from)
    }

    /// Width of several columns together.
    pub fn width_of(&self, columns: std::ops::RangeInclusive<u16>) -> usize {
        columns.map(|column| self.width(column)).sum()
    }

    /// Width of all columns together.
    pub fn total_width(&self) -> usize {
        self.width_of(0..=self.last_column())
    }

    /// Rows of a list that fit on this sheet.
    pub fn room(&self) -> usize {
        let rows = u32::try_from(MAX_ROWS).unwrap_or(u32::MAX);
        usize::try_from(rows.saturating_sub(self.row + RESERVE)).unwrap_or_default()
    }

    fn last_column(&self) -> u16 {
        u16::try_from(self.widths.len()).unwrap_or(u16::MAX).saturating_sub(1)
    }

    /// Begins the sheet of a definition.
    pub fn begin(&mut self, at: usize, sheet: &EvaluatedSheet<'_>) -> Result<()> {
        let lang = self.lang();
        self.sheet_at = at;
        self.title = sheet.sheet.title.as_ref().unwrap_or(&self.report.title).get(lang).to_owned();
        sheet.sheet.name.get(lang).clone_into(&mut self.short);
        self.landscape = sheet.sheet.landscape;
        self.paper = sheet.sheet.paper;
        self.widths = widths(sheet);
        self.one_page = sheet.sheet.one_page;
        self.single_list = sheet.sheet.each.is_none()
            && matches!(sheet.sheet.blocks.as_slice(), [block] if matches!(&block.body, Body::List(list) if list.group.is_none()));
        self.open_sheet()
    }

    /// A further sheet for what did not fit.
    pub fn continue_sheet(&mut self) -> Result<()> {
        self.end()?;
        self.open_sheet()
    }

    fn open_sheet(&mut self) -> Result<()> {
        self.name = self.names.take(&self.short);
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(&self.name)?;
        self.current = self.workbook.worksheets().len().saturating_sub(1);
        self.row = 0;
        self.breaks.clear();
        let widths = self.widths.clone();
        let sheet = self.sheet()?;
        for (column, width) in (0u16..).zip(widths) {
            sheet.set_column_width(column, width)?;
        }
        self.head()
    }

    /// Title, institution, period and what else stands above the first block.
    fn head(&mut self) -> Result<()> {
        let (lang, last, row) = (self.lang(), self.last_column(), self.row);
        let Occasion { institution, period, open_points, .. } = *self.occasion;
        let date = period.data_date();
        let mut line = match lang {
            Lang::Zh => format!("填报单位：{institution}　　报告期：{period}　　数据日期：{date}"),
            Lang::En => format!("Institution: {institution}    Period: {period}    Data date: {date}"),
        };
        if let Some(unit) = self.report.unit {
            line.push_str(if lang == Lang::Zh { "　　单位：" } else { "    Unit: " });
            line.push_str(unit.name());
        }
        let title = self.title.clone();
        let width = self.width_of(0..=last);
        let lines = line_count(&line, width);
        let sheet = self.sheet()?;
        let format = style::title().set_align(FormatAlign::Center);
        merged(sheet, row, last, &title, &format)?;
        sheet.set_row_height(row, 30)?;
        merged(sheet, row + 1, last, &line, &style::paragraph())?;
        sheet.set_row_height(row + 1, row_height(lines))?;
        self.row += 2;
        if open_points > 0 {
            let text = match lang {
                Lang::Zh => format!("未定稿：尚有{open_points}项未处理，不得上报"),
                Lang::En => format!("DRAFT: {open_points} point(s) open; not to be submitted"),
            };
            let format = style::paragraph().set_bold().set_font_color(Color::RGB(0x00C0_0000));
            let (row, lines) = (self.row, line_count(&text, width));
            let sheet = self.sheet()?;
            merged(sheet, row, last, &text, &format)?;
            sheet.set_row_height(row, row_height(lines))?;
            self.row += 1;
        }
        Ok(())
    }

    /// Heading of a block.
    pub fn section(&mut self, heading: &Text) -> Result<()> {
        let (row, last, text) = (self.row, self.last_column(), heading.get(self.lang()).to_owned());
        let sheet = self.sheet()?;
        merged(sheet, row, last, &text, &style::section())?;
        sheet.set_row_height(row, 22)?;
        self.row += 1;
        Ok(())
    }

    /// A remark over the whole width.
    pub fn remark(&mut self, text: &str) -> Result<()> {
        let (row, last) = (self.row, self.last_column());
        let lines = line_count(text, self.width_of(0..=last));
        let sheet = self.sheet()?;
        merged(sheet, row, last, text, &style::remark())?;
        sheet.set_row_height(row, row_height(lines))?;
        self.row += 1;
        Ok(())
    }

    /// Says that there is nothing to repeat the sheet for.
    pub fn say_nothing(&mut self) -> Result<()> {
        let text = Text::new("本期没有记录。", "Nothing this period.");
        self.remark(text.get(self.lang()))?;
        self.close_page(&[])
    }

    /// Remarks and the line for signatures.
    pub fn close_page(&mut self, notes: &[Text]) -> Result<()> {
        let lang = self.lang();
        let notes: Vec<_> = notes.iter().chain(&self.report.notes).map(|note| note.get(lang).to_owned()).collect();
        let numbered = notes.len() > 1;
        for (at, note) in notes.iter().enumerate() {
            let prefix = match (lang, numbered) {
                (Lang::Zh, true) => format!("注{}：", at + 1),
                (Lang::Zh, false) => "注：".to_owned(),
                (Lang::En, true) => format!("Note {}: ", at + 1),
                (Lang::En, false) => "Note: ".to_owned(),
            };
            self.remark(&(prefix + note))?;
        }
        if self.report.signature {
            let signers = self.occasion.signers;
            let blank = |name: &str| if name.is_empty() { "＿＿＿＿＿＿".to_owned() } else { name.to_owned() };
            let (fill, verify, head) = (blank(&signers.fill), blank(&signers.verify), blank(&signers.head));
            let text = match lang {
                Lang::Zh => format!("填报人：{fill}　　　　复核人：{verify}　　　　负责人：{head}"),
                Lang::En => format!("Filled in by: {fill}        Reviewed by: {verify}        Responsible: {head}"),
            };
            self.row += u32::from(!notes.is_empty());
            let (row, last) = (self.row, self.last_column());
            let sheet = self.sheet()?;
            merged(sheet, row, last, &text, &style::plain())?;
            sheet.set_row_height(row, 24)?;
            self.row += 1;
        }
        Ok(())
    }

    /// The next page of a sheet that is repeated; a further sheet if this one is full.
    pub fn next_page(&mut self) -> Result<()> {
        const ROWS_OF_A_PAGE: usize = 10_000;
        if self.breaks.len() >= MOST_BREAKS || self.room() < ROWS_OF_A_PAGE {
            return self.continue_sheet();
        }
        self.row += 1;
        self.breaks.push(self.row);
        self.head()
    }

    /// Sets up the page of the sheet that was drawn.
    pub fn end(&mut self) -> Result<()> {
        let (lang, breaks) = (self.lang(), std::mem::take(&mut self.breaks));
        let right = match (self.occasion.open_points > 0, lang) {
            (true, Lang::Zh) => format!("{}　未定稿", self.short),
            (true, Lang::En) => format!("{} DRAFT", self.short),
            (false, _) => self.short.clone(),
        };
        let left = format!("{} {}", self.occasion.institution, self.occasion.period);
        let (landscape, paper, one_page) = (self.landscape, self.paper, self.one_page);
        let last_row = self.row.saturating_sub(1);
        let last = self.last_column();
        let sheet = self.sheet()?;
        page::set_up(sheet, &left, &right, lang);
        if !landscape {
            sheet.set_portrait();
        }
        if one_page {
            sheet.set_print_fit_to_pages(1, 1);
        }
        if paper == Paper::A3 {
            sheet.set_paper_size(A3);
        }
        if !breaks.is_empty() {
            sheet.set_page_breaks(&breaks)?;
        }
        sheet.set_print_area(0, 0, last_row, last)?;
        sheet.set_screen_gridlines(false);
        Ok(())
    }
}

/// A text over all columns.
fn merged(sheet: &mut Worksheet, row: u32, last: u16, text: &str, format: &Format) -> Result<()> {
    if last > 0 {
        sheet.merge_range(row, 0, row, last, "", format)?;
    }
    write_text(sheet, row, 0, text, format)?;
    Ok(())
}

/// Least width of a sheet, so that the line with institution and period is not folded to pieces.
const LEAST: u16 = 60;

/// The width of each column: the widest any block asks for.
fn widths(sheet: &EvaluatedSheet<'_>) -> Vec<u16> {
    let mut widths: Vec<u16> = Vec::new();
    let mut ask = |at: usize, width: u16| {
        if widths.len() <= at {
            widths.resize(at + 1, 0);
        }
        if let Some(known) = widths.get_mut(at) {
            *known = width.max(*known);
        }
    };
    for block in &sheet.sheet.blocks {
        match &block.body {
            Body::List(list) => {
                if list.numbered {
                    ask(0, super::list::NUMBER_WIDTH);
                }
                for (column, (first, last)) in list.columns.iter().zip(list.positions()) {
                    // One that takes several leaves their widths to the other blocks.
                    ask(usize::from(last), if first == last { column.width } else { 0 });
                }
            }
            Body::Form(form) => {
                for (at, width) in form.widths.iter().enumerate() {
                    ask(at, *width);
                }
                let last = form.cells.iter().map(|cell| cell.last_column).max().unwrap_or_default();
                ask(usize::from(last), 0);
            }
            Body::Chart(_) => ask(0, 0),
        }
    }
    let usual = u16::try_from(display_width("2026-10-31") + 4).unwrap_or(14);
    widths.iter_mut().filter(|width| **width == 0).for_each(|width| *width = usual);
    let total: u16 = widths.iter().sum();
    if let Some(last) = widths.last_mut()
        && total < LEAST
    {
        *last += LEAST - total;
    }
    widths
}
