//! The sheet 说明: whom the workbook is for, how many findings there are, what the colours mean, what to do, by when.

use std::collections::BTreeMap;

use anyhow::Result;
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet};

use super::{
    cell::{MAX_LINKS, count_value, write_text},
    finding_list::{LIST_SHEET, MAX_LISTED},
    label::{Label, label},
    note::MAX_NOTES,
    page,
    plan::{Notes, Plan},
    style,
    width::{line_count, row_height},
};
use crate::{
    finding::{Place, Severity},
    outcome::Outcome,
    text::Lang,
};

/// Name of the sheet.
pub const INSTRUCTIONS_SHEET: Label = label("说明", "Read me");

/// Widths of the columns, in characters.
const WIDTHS: [u16; 6] = [34, 12, 12, 12, 12, 12];
const LAST: u16 = 5;

const SEVERITIES: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Info];

/// Writes lines one below the other.
struct Writer<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
    lang: Lang,
}

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, outcome: &Outcome, plan: &Plan, unit: usize, lang: Lang) -> Result<()> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(INSTRUCTIONS_SHEET.get(lang))?.set_screen_gridlines(false);
    for (column, width) in (0u16..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    let mut writer = Writer { sheet, row: 0, lang };
    let title = label("数据校验问题反馈", "Findings in the submitted data");
    writer.sheet.set_row_height(0, 30)?;
    writer.spread(title.get(lang), &style::title())?;
    facts(&mut writer, outcome, unit)?;
    severities(&mut writer, plan)?;
    files(&mut writer, outcome, plan, unit)?;
    steps(&mut writer, outcome)?;
    remarks(&mut writer, plan)?;

    let named = outcome.units.get(unit);
    let header = named.map(|unit| format!("{} {} {}", unit.code, unit.name, outcome.job.period)).unwrap_or_default();
    page::set_up(sheet, &header, INSTRUCTIONS_SHEET.get(lang), lang);
    sheet.set_portrait();
    sheet.protect();
    Ok(())
}

impl Writer<'_> {
    /// A text over the whole width; the row grows with it.
    fn spread(&mut self, text: &str, format: &Format) -> Result<()> {
        self.sheet.merge_range(self.row, 0, self.row, LAST, "", format)?;
        write_text(self.sheet, self.row, 0, text, format)?;
        self.row += 1;
        Ok(())
    }

    fn paragraph(&mut self, text: &str, format: &Format) -> Result<()> {
        let width: u16 = WIDTHS.iter().sum();
        self.sheet.set_row_height(self.row, row_height(line_count(text, usize::from(width))) + 4.0)?;
        self.spread(text, format)
    }

    fn section(&mut self, title: Label) -> Result<()> {
        self.row += 1;
        self.sheet.set_row_height(self.row, 22)?;
        let text = title.beside(self.lang);
        self.spread(&text, &style::section())
    }

    fn fact(&mut self, name: Label, value: &str, format: &Format) -> Result<()> {
        let heading = style::heading().set_align(FormatAlign::Left);
        write_text(self.sheet, self.row, 0, &name.beside(self.lang), &heading)?;
        self.sheet.merge_range(self.row, 1, self.row, LAST, "", format)?;
        write_text(self.sheet, self.row, 1, value, format)?;
        self.sheet.set_row_height(self.row, 19)?;
        self.row += 1;
        Ok(())
    }

    fn headings(&mut self, labels: &[Label]) -> Result<()> {
        let format = style::heading();
        for (column, label) in (0u16..).zip(labels) {
            write_text(self.sheet, self.row, column, &label.stacked(self.lang), &format)?;
        }
        self.sheet.set_row_height(self.row, 34)?;
        self.row += 1;
        Ok(())
    }
}

fn facts(writer: &mut Writer, outcome: &Outcome, unit: usize) -> Result<()> {
    let job = &outcome.job;
    let plain = style::text();
    if let Some(unit) = outcome.units.get(unit) {
        writer.fact(label("社部", "Unit"), &format!("{} {}", unit.code, unit.name), &plain.clone().set_bold())?;
        let officer = if unit.officer.is_empty() { "—" } else { &unit.officer };
        writer.fact(label("报送人员", "Reporting officer"), officer, &plain)?;
    }
    let institution = format!("{} {}", job.institution.code, job.institution.name);
    writer.fact(label("联社", "Institution"), &institution, &plain)?;
    let period = match writer.lang {
        Lang::Zh => format!("{}（数据日期 {}）", job.period, job.period.data_date()),
        Lang::En => format!("{} (data date {})", job.period, job.period.data_date()),
    };
    writer.fact(label("报送期", "Period"), &period, &plain)?;
    if let Some(deadlines) = outcome.due() {
        let submission = match writer.lang {
            Lang::Zh => format!("{}（月后第4个工作日）", deadlines.submission),
            Lang::En => format!("{} (4th working day)", deadlines.submission),
        };
        writer.fact(label("报送截止", "Submission due"), &submission, &plain)?;
        let correction = match writer.lang {
            Lang::Zh => format!("{} 中午 12:00 前（月后第5个工作日）", deadlines.correction),
            Lang::En => format!("{} 12:00 noon (5th working day)", deadlines.correction),
        };
        let urgent = style::shaded(plain.clone(), Severity::Error).set_bold();
        writer.fact(label("更正重报截止", "Correction due"), &correction, &urgent)?;
    }
    let pack = format!("{} {}", outcome.pack.title.get(writer.lang), outcome.pack.edition);
    writer.fact(label("校验规则", "Rules"), &pack, &plain)
}

fn severities(writer: &mut Writer, plan: &Plan) -> Result<()> {
    writer.section(label("一、问题数量与涂色", "Findings and colours"))?;
    let (text, count) = (style::wrapped(), style::count().set_align(FormatAlign::Center));
    let headings = [label("级别", "Severity"), label("问题数", "Findings"), label("怎样处理", "What is expected")];
    writer.headings(&headings)?;
    writer.sheet.merge_range(
        writer.row - 1,
        2,
        writer.row - 1,
        LAST,
        &headings[2].stacked(writer.lang),
        &style::heading(),
    )?;
    for severity in SEVERITIES {
        let found = plan.entries.iter().filter(|entry| entry.severity == severity).count();
        let meaning = match severity {
            Severity::Error => label("必须更正，否则不能上报", "Must be corrected before the submission"),
            Severity::Warning => label("必须更正，或核实后说明原因", "Must be corrected, or checked and explained"),
            Severity::Info => label("供核对，无误可不处理", "To be looked at; nothing need be done if right"),
        };
        let name = match writer.lang {
            Lang::Zh => format!("{} {}", severity.title(Lang::Zh), severity.name()),
            Lang::En => format!("{} {}", severity.name(), severity.title(Lang::Zh)),
        };
        write_text(writer.sheet, writer.row, 0, &name, &style::shaded(text.clone(), severity))?;
        writer.sheet.write_number_with_format(writer.row, 1, count_value(found as u64), &count)?;
        writer.sheet.merge_range(writer.row, 2, writer.row, LAST, meaning.get(writer.lang), &text)?;
        writer.sheet.set_row_height(writer.row, 19)?;
        writer.row += 1;
    }
    Ok(())
}

/// What was found in one file.
#[derive(Default)]
struct FileCounts {
    flagged: u64,
    findings: [u64; 3],
}

fn files(writer: &mut Writer, outcome: &Outcome, plan: &Plan, unit: usize) -> Result<()> {
    writer.section(label("二、按文件统计", "By file"))?;
    writer.headings(&[
        label("文件", "File"),
        label("记录数", "Records"),
        label("有问题记录", "Flagged"),
        label("强制", "Errors"),
        label("提示", "Warnings"),
        label("信息", "Infos"),
    ])?;
    let mut counts: BTreeMap<Option<usize>, FileCounts> = BTreeMap::new();
    for reissue in &plan.sheets {
        let flagged = reissue.records.len() + reissue.omitted;
        counts.entry(Some(reissue.segment.file)).or_default().flagged += flagged as u64;
    }
    for entry in &plan.entries {
        let file = match entry.finding.place {
            Place::Unit { .. } => None,
            Place::Sheet { file, .. } => Some(file),
            Place::Record { dataset, record, .. } => {
                outcome.intake.tables.get(dataset).map(|table| table.segment(record).file)
            }
        };
        counts.entry(file).or_default().findings[entry.severity as usize] += 1;
    }
    let listed = outcome.intake.files.iter().enumerate().filter(|(_, file)| file.unit == unit);
    for (index, file) in listed {
        let records = file.sheets.iter().map(|sheet| sheet.records).sum();
        count_line(writer, &file.name, Some(records), &counts.remove(&Some(index)).unwrap_or_default())?;
        if let Some(unreadable) = &file.unreadable {
            let warning = style::shaded(style::wrapped(), Severity::Error);
            let text = format!("⚠ {}：{}", file.name, unreadable.message.get(writer.lang));
            writer.paragraph(&text, &warning)?;
        }
    }
    if let Some(rest) = counts.remove(&None) {
        let name = label("（整个社部）", "(whole unit)").get(writer.lang);
        count_line(writer, name, None, &rest)?;
    }
    Ok(())
}

fn count_line(writer: &mut Writer, name: &str, records: Option<u64>, counts: &FileCounts) -> Result<()> {
    let format = style::count().set_align(FormatAlign::Center);
    write_text(writer.sheet, writer.row, 0, name, &style::wrapped())?;
    match records {
        Some(records) => writer.sheet.write_number_with_format(writer.row, 1, count_value(records), &format)?,
        None => writer.sheet.write_blank(writer.row, 1, &format)?,
    };
    writer.sheet.write_number_with_format(writer.row, 2, count_value(counts.flagged), &format)?;
    for (column, count) in (3u16..).zip(counts.findings) {
        writer.sheet.write_number_with_format(writer.row, column, count_value(count), &format)?;
    }
    writer.sheet.set_row_height(writer.row, row_height(line_count(name, usize::from(WIDTHS[0]))) + 3.0)?;
    writer.row += 1;
    Ok(())
}

fn steps(writer: &mut Writer, outcome: &Outcome) -> Result<()> {
    writer.section(label("三、怎样填写", "How to fill in"))?;
    let deadline = outcome.due().map(|due| due.correction);
    let by = match (deadline, writer.lang) {
        (None, _) => String::new(),
        (Some(day), Lang::Zh) => format!("{day} 中午 12:00 前，"),
        (Some(day), Lang::En) => format!(" by 12:00 noon on {day}"),
    };
    let steps: [String; 7] = match writer.lang {
        Lang::Zh => [
            "1. 在“问题清单”中逐条处理。点“跳转”到有问题的单元格；鼠标停在涂色单元格上，批注写明问题和处理建议。后面的各表只列有问题的记录，“原行号”是报送文件中的行号。".to_owned(),
            "2. 数据有误：直接改正涂色的单元格（只有这些单元格可以修改），或在“更正值”栏填写正确值；“处理方式”选“已更正”。".to_owned(),
            "3. 数据属实：“处理方式”选“情况属实并说明”，在“说明”栏写明原因。强制级问题不能只作说明。".to_owned(),
            "4. 业务系统中已改正的选“已改源系统”；不属于本社部的选“非本社部数据”，并写明应属哪个社部。源系统和报送文件都要改正。".to_owned(),
            "5. 要删除或补录的记录、缺少的表和列，在报送文件中处理，“处理方式”选“已更正”，“说明”栏写“已删除”或“已补录”。".to_owned(),
            "6. 证件号码、合同号等按文本填写。可以排序、筛选、改列宽；不要删除表头、隐藏的列和“原行号”，交回时仍存为 xlsx。数值应为空的，在“更正值”填“（空）”。".to_owned(),
            format!("7. {by}将本工作簿和改正后的报送文件一并交回联社。"),
        ],
        Lang::En => [
            "1. Go through the sheet Findings line by line. The link leads to the cell; its note says what is wrong and what to do. The sheets behind list the records at fault only, with their row number in the submitted file.".to_owned(),
            "2. If the data is wrong: correct the coloured cell (only these can be changed) or enter the right value as corrected value, and choose Corrected.".to_owned(),
            "3. If the data is right: choose True and explained, and give the reason. Errors cannot be explained away.".to_owned(),
            "4. Choose Corrected in the source system, or Not this unit's data and name the unit, where that is the case. Both the source system and the submitted file must be corrected.".to_owned(),
            "5. Delete or add records, and add missing sheets and columns, in the submitted file; choose Corrected and explain Deleted or Added.".to_owned(),
            "6. Enter document and contract numbers as text. Sort, filter and widen as you like, but leave headings, hidden columns and row numbers, and save as xlsx. Where a value is to be blank, enter (blank) as corrected value.".to_owned(),
            format!("7. Return this workbook together with the corrected files{by}."),
        ],
    };
    let format = style::paragraph();
    for step in &steps {
        writer.paragraph(step, &format)?;
    }
    Ok(())
}

/// Says what Excel's limits kept out.
fn remarks(writer: &mut Writer, plan: &Plan) -> Result<()> {
    let format = style::remark();
    let found = plan.entries.len();
    let list = LIST_SHEET.get(writer.lang);
    let mut remarks: Vec<String> = Vec::new();
    if plan.notes != Notes::All {
        remarks.push(match (writer.lang, plan.notes) {
            (Lang::Zh, Notes::Listed) => format!("批注超过 {MAX_NOTES} 条，只在问题所列的单元格上添加批注。"),
            (Lang::Zh, _) => format!("批注超过 {MAX_NOTES} 条，只有前 {MAX_NOTES} 条左右，其余请看“{list}”。"),
            (Lang::En, Notes::Listed) => {
                format!("More than {MAX_NOTES} notes: only the cells findings are listed under have one.")
            }
            (Lang::En, _) => {
                format!("More than {MAX_NOTES} notes: only about the first {MAX_NOTES} are there, see {list}.")
            }
        });
    }
    if found > MAX_LINKS {
        remarks.push(match writer.lang {
            Lang::Zh => format!("问题共 {found} 条，只有前 {MAX_LINKS} 条有跳转链接。"),
            Lang::En => format!("{found} findings: only the first {MAX_LINKS} have links."),
        });
    }
    if found > MAX_LISTED {
        remarks.push(match writer.lang {
            Lang::Zh => format!("问题共 {found} 条，“{list}”只列前 {MAX_LISTED} 条。"),
            Lang::En => format!("{found} findings: {list} shows the first {MAX_LISTED}."),
        });
    }
    for reissue in plan.sheets.iter().filter(|reissue| reissue.omitted > 0) {
        let (name, omitted) = (&reissue.name, reissue.omitted);
        remarks.push(match writer.lang {
            Lang::Zh => format!("工作表“{name}”行数超过 Excel 上限，另有 {omitted} 条有问题的记录未列出。"),
            Lang::En => format!("Sheet {name} is full: {omitted} more flagged records are not shown."),
        });
    }
    for remark in remarks {
        writer.paragraph(&remark, &format)?;
    }
    Ok(())
}
