//! A notice for each unit (通知单, Article 11), one page of A4 to be printed and signed.

use std::collections::BTreeMap;

use anyhow::Result;
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet};

use super::{correction, timeliness};
use crate::{
    finding::Severity,
    ledger::{Problem, Register, UnitScore},
    message::decimal_text,
    text::{Lang, Text},
    workbook::{
        cell::write_text,
        label::{Label, label},
        page,
        sheet_name::SheetNames,
        style,
    },
};

/// Columns of the page, and their width; twelve months fit.
const COLUMNS: u16 = 12;
const WIDTH: f64 = 8.2;

/// Rules named on the page.
const RULES: usize = 12;

/// Writes a sheet for each unit.
pub fn write(workbook: &mut Workbook, register: &Register, lang: Lang) -> Result<()> {
    let mut names = SheetNames::new(&[]);
    for unit in register.units.iter().filter(|unit| !unit.gate.institution) {
        let name = names.take(&format!("{} {}", unit.gate.code, unit.gate.name));
        let sheet = workbook.add_worksheet();
        sheet.set_name(&name)?.set_screen_gridlines(false);
        for column in 0..COLUMNS {
            sheet.set_column_width(column, WIDTH)?;
        }
        let mut page = Page { sheet, row: 0, lang };
        fill(&mut page, register, unit)?;
        page::set_up(page.sheet, &register.institution.1, &name, lang);
        page.sheet.set_portrait().set_print_fit_to_pages(1, 1);
    }
    if register.units.iter().all(|unit| unit.gate.institution) {
        // A workbook has at least one sheet.
        workbook.add_worksheet().set_name(label("无社部", "no units").get(lang))?;
    }
    Ok(())
}

struct Page<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
    lang: Lang,
}

impl Page<'_> {
    fn span(&mut self, first: u16, last: u16, text: &str, format: &Format) -> Result<()> {
        if first < last {
            self.sheet.merge_range(self.row, first, self.row, last, "", format)?;
        }
        write_text(self.sheet, self.row, first, text, format)?;
        Ok(())
    }

    fn next(&mut self, height: f64) -> Result<()> {
        self.sheet.set_row_height(self.row, height)?;
        self.row += 1;
        Ok(())
    }

    fn section(&mut self, title: Label) -> Result<()> {
        self.next(8.0)?;
        self.span(0, COLUMNS - 1, title.get(self.lang), &style::section())?;
        self.next(20.0)
    }

    /// Names and values on one line, each pair over an equal part of the width.
    fn facts(&mut self, facts: &[(Label, &str)]) -> Result<()> {
        let width = COLUMNS / u16::try_from(facts.len())?.max(1);
        let name_width = (width / 2).min(2);
        for (number, (name, value)) in (0u16..).zip(facts) {
            let first = number * width;
            let last = if usize::from(number) + 1 == facts.len() { COLUMNS - 1 } else { first + width - 1 };
            self.span(first, first + name_width - 1, name.get(self.lang), &style::heading())?;
            self.span(first + name_width, last, value, &style::wrapped().set_align(FormatAlign::Center))?;
        }
        self.next(22.0)
    }

    /// A line of cells of equal width.
    fn cells(&mut self, texts: &[String], format: &Format) -> Result<()> {
        let width = COLUMNS / u16::try_from(texts.len())?.clamp(1, COLUMNS);
        for (number, text) in (0u16..).zip(texts) {
            let last = if usize::from(number) + 1 == texts.len() && texts.len() < usize::from(COLUMNS) {
                COLUMNS - 1
            } else {
                number * width + width - 1
            };
            self.span(number * width, last, text, format)?;
        }
        self.next(22.0)
    }
}

fn fill(page: &mut Page<'_>, register: &Register, unit: &UnitScore) -> Result<()> {
    let lang = page.lang;
    let title = Text::new("客户风险信息报送差错通知单", "Notice of errors in the data handed in");
    page.span(0, COLUMNS - 1, title.get(lang), &style::title().set_align(FormatAlign::Center))?;
    page.next(34.0)?;
    let (gate, people) = (&unit.gate, &unit.people);
    let named = format!("{} {}", gate.code, gate.name);
    page.facts(&[(label("社部", "Unit"), &named), (label("报告期", "Period"), &register.period.to_string())])?;
    page.facts(&[(label("报送人员", "Officer"), &people.officer), (label("复核人", "Reviewer"), &people.reviewer)])?;
    let received = gate.received.map(|time| time.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default();
    let submitted = format!("{} {received}", timeliness(gate.timeliness).get(lang));
    let due = register.deadlines.map(|deadlines| format!("{} 12:00", deadlines.correction)).unwrap_or_default();
    page.facts(&[
        (label("报送情况", "Submission"), submitted.trim_end()),
        (label("更正重报截止", "Correct by"), &due),
    ])?;
    figures(page, unit)?;
    months(page, unit)?;
    rules(page, register, unit)?;
    let text = Text::new(
        "请逐条核实上述问题：强制性问题必须更正，提示性问题更正或书面说明。更正时既要改上报文件，也要改数据源（第十四条），并在截止时间前重新上报（第二十一条）。明细见差错工作簿。",
        "Check each of these: errors have to be corrected, warnings corrected or explained in writing. Correct the file and the source system as well (Article 14), and hand in again by the time above (Article 21). The error workbook has the details.",
    );
    page.next(8.0)?;
    page.span(0, COLUMNS - 1, text.get(lang), &style::paragraph())?;
    page.next(52.0)?;
    page.next(8.0)?;
    page.facts(&[(label("通知人", "Issued by"), ""), (label("日期", "Date"), "")])?;
    page.facts(&[(label("签收人", "Received by"), ""), (label("日期", "Date"), "")])
}

fn figures(page: &mut Page<'_>, unit: &UnitScore) -> Result<()> {
    let lang = page.lang;
    page.section(label("一、本期情况", "This period"))?;
    let headings = [
        label("记录数", "Records"),
        label("强制", "Errors"),
        label("提示", "Warnings"),
        label("未了强制", "Errors open"),
        label("未了提示", "Warnings open"),
        label("每千条强制", "Errors per 1,000"),
    ];
    page.cells(&headings.map(|heading| heading.get(lang).to_owned()), &style::heading())?;
    let (errors, records) = (unit.found[Severity::Error as usize], unit.gate.records);
    let counts = [records, errors, unit.found[Severity::Warning as usize], unit.gate.errors, unit.gate.warnings];
    let mut values: Vec<_> = counts.iter().map(ToString::to_string).collect();
    values.push(per_thousand(errors, records));
    page.cells(&values, &style::centred())?;
    let money = unit.at_risk_fen.map(grouped).unwrap_or_default();
    page.facts(&[
        (label("反复出现", "Repeated"), &unit.repeats.to_string()),
        (label("源系统未改", "Source not corrected"), &unit.not_corrected.to_string()),
        (label("涉及金额(元)", "At risk, yuan"), &money),
    ])
}

/// So many per thousand, to one decimal place, rounded half up; nothing of nothing.
fn per_thousand(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "—".to_owned();
    }
    let tenths = (u128::from(part) * 20_000 / u128::from(whole)).div_ceil(2);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// An amount in yuan, the digits in groups of three.
fn grouped(fen: i128) -> String {
    let text = decimal_text(fen, 2);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.chars().count() - index;
        if index > 0 && left % 3 == 0 && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{fraction:0<2}")
}

/// How the deadlines of the last periods were kept.
fn months(page: &mut Page<'_>, unit: &UnitScore) -> Result<()> {
    let lang = page.lang;
    page.section(label(
        "二、按时情况（上行报送，下行更正重报）",
        "Deadlines kept: submission above, correction below",
    ))?;
    let skipped = unit.months.len().saturating_sub(usize::from(COLUMNS));
    let shown = || unit.months.iter().skip(skipped);
    let blanks = usize::from(COLUMNS).saturating_sub(unit.months.len());
    let line = |texts: Vec<String>| [texts, vec![String::new(); blanks]].concat();
    page.cells(&line(shown().map(|month| month.period.to_string()).collect()), &style::heading())?;
    let format = style::centred().set_text_wrap().set_shrink();
    page.cells(&line(shown().map(|month| timeliness(month.timeliness).get(lang).to_owned()).collect()), &format)?;
    page.cells(&line(shown().map(|month| correction(month.correction).get(lang).to_owned()).collect()), &format)
}

/// The rules with most findings, the first message of each as an example.
fn rules(page: &mut Page<'_>, register: &Register, unit: &UnitScore) -> Result<()> {
    let lang = page.lang;
    page.section(label("三、未了问题", "What is open"))?;
    let mut by_rule: BTreeMap<(usize, &str), Vec<&Problem>> = BTreeMap::new();
    let own = register.problems.iter().filter(|problem| problem.row.unit == unit.gate.code);
    for problem in own.filter(|problem| problem.row.status.is_open() && problem.row.severity != Severity::Info) {
        by_rule.entry((problem.row.severity as usize, problem.row.rule.as_str())).or_default().push(problem);
    }
    let mut by_rule: Vec<_> = by_rule.into_iter().collect();
    by_rule.sort_by_key(|((severity, rule), problems)| (*severity, std::cmp::Reverse(problems.len()), *rule));
    let (heading, centred) = (style::heading(), style::centred());
    page.span(0, 0, label("级别", "Severity").get(lang), &heading)?;
    page.span(1, 2, label("规则", "Rule").get(lang), &heading)?;
    page.span(3, 10, label("问题（举例）", "What is wrong, an example").get(lang), &heading)?;
    page.span(11, 11, label("条数", "Count").get(lang), &heading)?;
    page.next(20.0)?;
    for ((_, rule), problems) in by_rule.iter().take(RULES) {
        let Some(first) = problems.first() else { continue };
        let severity = first.row.severity;
        page.span(0, 0, severity.title(lang), &style::shaded(centred.clone(), severity))?;
        page.span(1, 2, rule, &centred.clone().set_shrink())?;
        page.span(3, 10, &first.row.message, &style::wrapped())?;
        page.span(11, 11, &problems.len().to_string(), &centred)?;
        page.next(34.0)?;
    }
    let left: usize = by_rule.iter().skip(RULES).map(|(_, problems)| problems.len()).sum();
    let text = match (by_rule.is_empty(), left) {
        (true, _) => Text::new("没有未了的强制性和提示性问题。", "No errors or warnings are open."),
        (false, 0) => return Ok(()),
        (false, left) => Text::new(
            format!("另有 {left} 条属于其他规则，见差错工作簿。"),
            format!("{left} more by other rules: see the error workbook."),
        ),
    };
    page.span(0, COLUMNS - 1, text.get(lang), &style::remark())?;
    page.next(20.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped() {
        for (fen, text) in
            [(0, "0.00"), (10, "0.10"), (123_456_789_012, "1,234,567,890.12"), (-12_345_600, "-123,456.00")]
        {
            assert_eq!(grouped(fen), text);
        }
    }

    #[test]
    fn shares_are_rounded_half_up() {
        for (part, whole, text) in [(0, 10, "0.0"), (1, 3, "333.3"), (2, 3, "666.7"), (1, 20_000, "0.1"), (1, 0, "—")]
        {
            assert_eq!(per_thousand(part, whole), text, "{part}/{whole}");
        }
    }
}
