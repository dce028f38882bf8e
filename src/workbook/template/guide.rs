//! The sheets of a workbook to be filled in that explain it: how to fill in, and what each column is for.

use anyhow::Result;
use rust_xlsxwriter::{Format, Workbook, Worksheet};

use super::hint;
use crate::{
    finding::Severity,
    pack::{Dataset, RulePack},
    text::Lang,
    workbook::{
        cell::write_text,
        label::{Label, label},
        page, style,
        table_sheet::{Column, TableSheet},
        width::{line_count, row_height},
    },
};

/// Name of the sheet that says how to fill in.
pub const GUIDE_SHEET: Label = label("填写说明", "How to fill in");
/// Name of the sheet that explains the columns.
pub const FIELDS_SHEET: Label = label("栏目说明", "Columns");

const WIDTHS: [u16; 3] = [26, 18, 64];
const LAST: u16 = 2;

const FIELD_COLUMNS: [Column; 6] = [
    (label("工作表", "Sheet"), 26),
    (label("栏目", "Column"), 26),
    (label("要求", "Need"), 11),
    (label("填写内容", "What belongs in it"), 46),
    (label("其他可用表头", "Other headings accepted"), 32),
    (label("依据", "Clauses"), 36),
];

/// Writes lines one below the other.
struct Writer<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
}

impl Writer<'_> {
    fn spread(&mut self, text: &str, format: &Format) -> Result<()> {
        self.sheet.merge_range(self.row, 0, self.row, LAST, "", format)?;
        write_text(self.sheet, self.row, 0, text, format)?;
        self.row += 1;
        Ok(())
    }

    fn paragraph(&mut self, text: &str) -> Result<()> {
        let width: u16 = WIDTHS.iter().sum();
        self.sheet.set_row_height(self.row, row_height(line_count(text, usize::from(width))) + 4.0)?;
        self.spread(text, &style::paragraph())
    }

    fn section(&mut self, title: &str) -> Result<()> {
        self.row += 1;
        self.sheet.set_row_height(self.row, 22)?;
        self.spread(title, &style::section())
    }

    fn line(&mut self, texts: [(&str, &Format); 3]) -> Result<()> {
        let mut lines = 1;
        for ((column, (text, format)), width) in (0u16..).zip(texts).zip(WIDTHS) {
            write_text(self.sheet, self.row, column, text, format)?;
            lines = lines.max(line_count(text, usize::from(width)));
        }
        self.sheet.set_row_height(self.row, row_height(lines) + 3.0)?;
        self.row += 1;
        Ok(())
    }
}

/// Writes the sheet that says how to fill in. `sheets` are names and datasets of those to be filled in.
pub fn write(workbook: &mut Workbook, pack: &RulePack, sheets: &[(&str, &Dataset)], lang: Lang) -> Result<()> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(GUIDE_SHEET.get(lang))?.set_screen_gridlines(false);
    for (column, width) in (0u16..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    let mut writer = Writer { sheet, row: 0 };
    let phrase = |zh: &'static str, en: &'static str| label(zh, en).get(lang);
    writer.sheet.set_row_height(0, 30)?;
    writer.spread(phrase("填报工作簿", "Workbook to be filled in"), &style::title())?;
    writer.paragraph(&format!("{} {}", pack.title.get(lang), pack.edition))?;

    writer.section(phrase("一、要填的工作表", "Sheets to be filled in"))?;
    let (heading, text) = (style::heading(), style::wrapped());
    let headings =
        [phrase("工作表", "Sheet"), phrase("是否必报", "Need"), phrase("主键（不能重复）", "Key (no two alike)")];
    writer.line(headings.map(|text| (text, &heading)))?;
    for (name, dataset) in sheets {
        let need = if dataset.required || dataset.roster {
            phrase("必报", "Required")
        } else {
            phrase("有则填报", "If there are any")
        };
        let fields = dataset.key.iter().filter_map(|field| dataset.fields.get(usize::from(*field)));
        let key = fields.filter_map(|field| field.headings.first()).cloned().collect::<Vec<_>>().join("、");
        writer.line([(name, &text), (need, &text), (&key, &text)])?;
    }

    writer.section(phrase("二、表头的颜色", "Colours of the headings"))?;
    let meanings = [
        (Some(Severity::Error), "* 必填", "* Required", "不能空着", "Must not be blank"),
        (Some(Severity::Warning), "△ 应填", "△ Expected", "空着要说明原因", "A blank has to be explained"),
        (None, "选填", "Optional", "有则填，没有留空，不要写“无”或“/”", "Leave it blank if there is none"),
    ];
    for (severity, zh, en, meaning, meaning_en) in meanings {
        let format = severity.map_or_else(style::heading, |severity| style::shaded(style::heading(), severity));
        writer.sheet.merge_range(writer.row, 1, writer.row, LAST, phrase(meaning, meaning_en), &text)?;
        write_text(writer.sheet, writer.row, 0, phrase(zh, en), &format)?;
        writer.sheet.set_row_height(writer.row, 19)?;
        writer.row += 1;
    }

    writer.section(phrase("三、怎样填写", "How to fill in"))?;
    for step in steps(lang) {
        writer.paragraph(step)?;
    }
    page::set_up(sheet, pack.title.get(lang), GUIDE_SHEET.get(lang), lang);
    sheet.set_portrait();
    sheet.protect();
    Ok(())
}

fn steps(lang: Lang) -> [&'static str; 7] {
    match lang {
        Lang::Zh => [
            "1. 每行一条记录，从第2行填起；中间不留空行，不加合计行，不改表头和工作表名称。",
            "2. 点一个单元格，旁边会提示填什么、是否必填、依据哪一条；每栏的详细说明见“栏目说明”。",
            "3. 有下拉箭头的栏目从列表选择；列表写的是“代码-名称”，校验时按代码读取。",
            "4. 证件号码、合同号、代码等栏目已设为文本格式，号码会原样保留；不要改成数字格式，否则第15位以后的数字会丢失。",
            "5. 金额只填数字，单位以表头为准；日期写成2026-10-31的样式。",
            "6. 从业务系统或其他表格复制时，用“选择性粘贴—数值”，否则会把格式和校验一起覆盖。",
            "7. 必填栏目空着时，该行填了内容后会自动涂色；交表前先看一遍有没有涂色的单元格。",
        ],
        Lang::En => [
            "1. One record to a line, from row 2 on: no blank rows, no totals, headings and sheet names as they are.",
            "2. Select a cell to see what belongs in it, whether it is required, and the clause. The sheet Columns has it all.",
            "3. Where there is an arrow, choose from the list; the entries are code and name, and are read as the code.",
            "4. Document numbers, contract numbers and codes are formatted as text and keep every digit. A number format \
             would lose those after the 15th.",
            "5. Amounts are digits only, in the unit of the heading; dates look like 2026-10-31.",
            "6. When you copy from elsewhere, paste values only: a plain paste replaces formats and checks too.",
            "7. Required cells left blank are coloured once the row holds something: look for colours before you hand in.",
        ],
    }
}

/// Writes the sheet that explains every column. `datasets` are index, dataset and name of the sheet.
pub fn write_fields(
    workbook: &mut Workbook,
    pack: &RulePack,
    datasets: &[(usize, &Dataset, String)],
    lang: Lang,
) -> Result<()> {
    let mut table = TableSheet::new(workbook, FIELDS_SHEET, &FIELD_COLUMNS, pack.title.get(lang), lang)?;
    for (index, dataset, name) in datasets {
        for (position, field) in (0u16..).zip(&dataset.fields) {
            let title = field.title();
            let need = hint::need(field, lang);
            table.text(0, name)?;
            table.text(1, &if lang == Lang::Zh { title.zh } else { format!("{}\n{}", title.en, title.zh) })?;
            match field.required {
                Some(severity) => table.text_as(2, need, &style::shaded(style::centred(), severity))?,
                None => table.centred(2, need)?,
            }
            table.text(3, &hint::content(pack, field, lang))?;
            let others: Vec<&str> = field.headings.iter().skip(1).map(String::as_str).collect();
            table.text(4, &others.join("、"))?;
            table.text(5, &hint::clauses(pack, *index, position).join("、"))?;
            table.end_line()?;
        }
    }
    table.filter()
}
