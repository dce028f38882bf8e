//! Sheets that are one table: headings in the first row, then lines, then perhaps a total.

use anyhow::Result;
use rust_xlsxwriter::{Format, FormatAlign, Formula, Workbook, Worksheet};

use crate::{
    message::decimal_text,
    table::column_letters,
    text::Lang,
    workbook::{
        cell::{count_value, exact_number, write_text},
        label::Label,
        page, style,
        width::{line_count, row_height},
    },
};

/// A column: heading and width in characters.
pub type Column = (Label, u16);

/// A sheet that is being filled line by line.
pub struct TableSheet<'a> {
    /// The sheet, for what only one of them has.
    pub sheet: &'a mut Worksheet,
    widths: Vec<u16>,
    lang: Lang,
    row: u32,
    lines: usize,
    wrapped: Format,
    centred: Format,
    count: Format,
    money: Format,
    share: Format,
}

impl<'a> TableSheet<'a> {
    /// Adds a sheet with its headings.
    pub fn new(workbook: &'a mut Workbook, name: Label, columns: &[Column], title: &str, lang: Lang) -> Result<Self> {
        let columns: Vec<_> = columns.iter().map(|(label, width)| (label.stacked(lang), *width)).collect();
        Self::with_headings(workbook, name.get(lang), &columns, title, lang)
    }

    /// Adds a sheet called `name` with headings that are not known beforehand: text and width in characters.
    pub fn with_headings(
        workbook: &'a mut Workbook,
        name: &str,
        columns: &[(String, u16)],
        title: &str,
        lang: Lang,
    ) -> Result<Self> {
        Self::on(workbook.add_worksheet(), name, columns, title, lang)
    }

    /// Adds a sheet for very many lines: those that are done are not kept in memory, and cannot be gone back to.
    pub fn streamed(
        workbook: &'a mut Workbook,
        name: Label,
        columns: &[Column],
        title: &str,
        lang: Lang,
    ) -> Result<Self> {
        let columns: Vec<_> = columns.iter().map(|(label, width)| (label.stacked(lang), *width)).collect();
        Self::on(workbook.add_worksheet_with_low_memory()?, name.get(lang), &columns, title, lang)
    }

    fn on(sheet: &'a mut Worksheet, name: &str, columns: &[(String, u16)], title: &str, lang: Lang) -> Result<Self> {
        sheet.set_name(name)?;
        let heading = style::heading();
        let mut lines = 2;
        for (at, (text, width)) in (0u16..).zip(columns) {
            write_text(sheet, 0, at, text, &heading)?;
            sheet.set_column_width(at, *width)?;
            lines = lines.max(line_count(text, usize::from(*width)));
        }
        sheet.set_row_height(0, row_height(lines))?;
        sheet.set_freeze_panes(1, 0)?;
        sheet.set_repeat_rows(0, 0)?;
        page::set_up(sheet, title, name, lang);
        let centred = style::centred().set_text_wrap();
        Ok(Self {
            sheet,
            widths: columns.iter().map(|(_, width)| *width).collect(),
            lang,
            row: 1,
            lines: 1,
            wrapped: style::wrapped(),
            centred,
            count: style::count().set_align(FormatAlign::Right),
            money: style::cell().set_num_format("#,##0.00").set_align(FormatAlign::Right),
            share: style::cell().set_num_format("0.00%").set_align(FormatAlign::Right),
        })
    }

    /// Row index of the line being filled.
    pub fn row(&self) -> u32 {
        self.row
    }

    /// Text that may take several lines.
    pub fn text(&mut self, column: u16, text: &str) -> Result<()> {
        self.lines = self.lines.max(line_count(text, self.width(column)));
        write_text(self.sheet, self.row, column, text, &self.wrapped)?;
        Ok(())
    }

    /// A short text in the middle.
    pub fn centred(&mut self, column: u16, text: &str) -> Result<()> {
        self.lines = self.lines.max(line_count(text, self.width(column)));
        write_text(self.sheet, self.row, column, text, &self.centred)?;
        Ok(())
    }

    fn width(&self, column: u16) -> usize {
        self.widths.get(usize::from(column)).map_or(1, |width| usize::from(*width))
    }

    /// Text in a format of its own.
    pub fn text_as(&mut self, column: u16, text: &str, format: &Format) -> Result<()> {
        self.lines = self.lines.max(line_count(text, self.width(column)));
        write_text(self.sheet, self.row, column, text, format)?;
        Ok(())
    }

    /// A count.
    pub fn count(&mut self, column: u16, count: u64) -> Result<()> {
        self.sheet.write_number_with_format(self.row, column, count_value(count), &self.count)?;
        Ok(())
    }

    /// An amount in yuan, from fen; one Excel cannot hold exactly is written as text.
    pub fn money(&mut self, column: u16, fen: i128) -> Result<()> {
        let text = decimal_text(fen, 2);
        match exact_number(&text) {
            Some(number) => {
                self.sheet.write_number_with_format(self.row, column, number, &self.money)?;
                Ok(())
            }
            None => self.text_as(column, &text, &self.money.clone()),
        }
    }

    /// A share, from millionths, shown in per cent.
    pub fn share(&mut self, column: u16, ppm: i128) -> Result<()> {
        let text = decimal_text(ppm, 6);
        match exact_number(&text) {
            Some(number) => {
                self.sheet.write_number_with_format(self.row, column, number, &self.share)?;
                Ok(())
            }
            None => self.text_as(column, &text, &self.share.clone()),
        }
    }

    /// Remarks below the lines, each over the whole width, after one row left free. To be called last.
    pub fn foot(&mut self, remarks: &[String]) -> Result<()> {
        let last = u16::try_from(self.widths.len())?.saturating_sub(1);
        let width = self.widths.iter().map(|width| usize::from(*width)).sum();
        let format = style::remark();
        self.row += 1;
        for remark in remarks {
            self.sheet.merge_range(self.row, 0, self.row, last, "", &format)?;
            write_text(self.sheet, self.row, 0, remark, &format)?;
            self.sheet.set_row_height(self.row, row_height(line_count(remark, width)) + 2.0)?;
            self.row += 1;
        }
        Ok(())
    }

    /// Ends the line.
    pub fn end_line(&mut self) -> Result<()> {
        self.sheet.set_row_height(self.row, row_height(self.lines) + 2.0)?;
        self.row += 1;
        self.lines = 1;
        Ok(())
    }

    /// A total line below `lines` lines: the sums of `sums` as formulas with their values.
    pub fn total(&mut self, sums: &[(u16, u64)]) -> Result<()> {
        let name = if self.lang == Lang::Zh { "合计" } else { "Total" };
        let (text, number) = (style::total(style::centred()), style::total(self.count.clone()));
        let last = self.row;
        for at in 0..u16::try_from(self.widths.len())? {
            match sums.iter().find(|(column, _)| *column == at) {
                Some((_, sum)) => {
                    let letters = column_letters(u32::from(at));
                    let formula = Formula::new(format!("=SUM({letters}2:{letters}{last})")).set_result(sum.to_string());
                    self.sheet.write_formula_with_format(self.row, at, formula, &number)?;
                }
                None => write_text(self.sheet, self.row, at, if at == 0 { name } else { "" }, &text)?,
            }
        }
        self.sheet.set_row_height(self.row, row_height(1) + 2.0)?;
        Ok(())
    }

    /// Adds filters to the lines written so far.
    pub fn filter(&mut self) -> Result<()> {
        let last_column = u16::try_from(self.widths.len())?.saturating_sub(1);
        self.sheet.autofilter(0, 0, self.row.saturating_sub(1).max(1), last_column)?;
        Ok(())
    }
}
