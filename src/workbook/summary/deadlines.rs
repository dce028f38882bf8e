//! The sheet 期限: which deadlines each unit has met or missed, and what is left of those still to come. What is left
//! depends on the day it is asked, so the workbook counts it itself whenever it is opened.

use anyhow::Result;
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};
use rust_xlsxwriter::{FormatAlign, Formula, Workbook};

use super::names;
use crate::{
    finding::Severity,
    job::Unit,
    outcome::{Outcome, Resubmission, Standing, Timeliness},
    text::{Lang, Text},
    workbook::{
        label::{Label, label},
        style,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("期限", "Deadlines");

const COLUMNS: [Column; 11] = [
    (label("社部代码", "Code"), 11),
    (label("社部名称", "Unit"), 20),
    (label("报送人员", "Officer"), 12),
    (label("报送截止", "Submit by"), 13),
    (label("收到时间", "Received"), 17),
    (label("报送情况", "Submission"), 13),
    (label("强制和提示", "Errors and warnings"), 14),
    (label("重报截止", "Correct by"), 17),
    (label("重报时间", "Received again"), 17),
    (label("重报情况", "Correction"), 20),
    (label("还剩", "Left"), 16),
];

const LEFT: u16 = 10;

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, outcome: &Outcome, title: &str, lang: Lang) -> Result<()> {
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    for (unit, standing) in outcome.units.iter().zip(&outcome.standings).filter(|(unit, _)| !unit.institution) {
        line(&mut table, outcome, unit, standing, lang)?;
    }
    table.filter()?;
    institution(&mut table, outcome, lang)?;
    let days = outcome.working_days.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let remarks = [
        Text::new(
            format!(
                "工作日（T+1 起）：{days}。报送截止为第4个工作日终了，重报截止为第5个工作日中午12:00，上报监管截止为第7个工作日终了（第十六条、第二十一条）。"
            ),
            format!(
                "Working days from T+1: {days}. Submissions are due at the end of the 4th, corrections at 12:00 on the 5th, the report at the end of the 7th (Articles 16 and 21)."
            ),
        ),
        Text::new(
            "收到和重报时间取自收件记录；同一文件再次收到的，作为重报。强制和提示为本次校验时的条数。“还剩”按打开本表的时间计算。",
            "Times are those of the receipts; a file received again counts as a correction. Errors and warnings are those of this run. What is left is counted when the workbook is opened.",
        ),
    ];
    table.foot(&remarks.map(|remark| remark.get(lang).to_owned()))
}

fn line(table: &mut TableSheet, outcome: &Outcome, unit: &Unit, standing: &Standing, lang: Lang) -> Result<()> {
    let deadlines = &outcome.deadlines;
    let minute = |time: Option<NaiveDateTime>| time.map(|time| time.format("%Y-%m-%d %H:%M").to_string());
    table.centred(0, &unit.code)?;
    table.text(1, &unit.name)?;
    table.text(2, &unit.officer)?;
    table.centred(3, &deadlines.submission.to_string())?;
    table.centred(4, minute(standing.received).as_deref().unwrap_or_default())?;
    let centred = style::centred().set_text_wrap();
    let shade = |severity: Option<Severity>| match severity {
        Some(severity) => style::shaded(centred.clone(), severity),
        None => centred.clone(),
    };
    let severity = match standing.timeliness {
        Timeliness::OnTime => None,
        Timeliness::Late | Timeliness::NoReceipt => Some(Severity::Warning),
        Timeliness::Missing => Some(Severity::Error),
    };
    table.text_as(5, names::timeliness(standing.timeliness).get(lang), &shade(severity))?;
    table.count(6, standing.errors + standing.warnings)?;
    table.centred(7, &format!("{} 12:00", deadlines.correction))?;
    table.centred(8, minute(standing.resubmitted).as_deref().unwrap_or_default())?;
    let resubmission = standing.resubmission(deadlines);
    let severity = match resubmission {
        Resubmission::NotNeeded | Resubmission::InTime => None,
        Resubmission::Awaited => Some(Severity::Warning),
        Resubmission::Late => Some(Severity::Error),
    };
    table.text_as(9, names::resubmission(resubmission).get(lang), &shade(severity))?;
    match (standing.timeliness, resubmission) {
        (Timeliness::Missing, _) => left(table, outcome, end_of(deadlines.submission), lang)?,
        (_, Resubmission::Awaited) => left(table, outcome, deadlines.correction_time(), lang)?,
        _ => table.centred(LEFT, "")?,
    }
    table.end_line()
}

/// The union's own deadline, below those of its units.
fn institution(table: &mut TableSheet, outcome: &Outcome, lang: Lang) -> Result<()> {
    let job = &outcome.job;
    table.centred(0, &job.institution.code)?;
    table.text(1, &job.institution.name)?;
    table.text(2, label("上报监管部门", "report to the regulator").get(lang))?;
    table.centred(3, &outcome.deadlines.report.to_string())?;
    for column in 4..LEFT {
        table.text(column, "")?;
    }
    left(table, outcome, end_of(outcome.deadlines.report), lang)?;
    table.end_line()
}

fn end_of(day: NaiveDate) -> NaiveDateTime {
    (day + Days::new(1)).and_time(NaiveTime::MIN)
}

/// The day as Excel counts it.
fn serial(day: NaiveDate) -> i64 {
    // Excel's day 1 is 1 January 1900, and it takes 1900 for a leap year.
    NaiveDate::from_ymd_opt(1899, 12, 30).map_or(0, |first| day.signed_duration_since(first).num_days())
}

/// What is left until `end`, in working days after today. The stored result is a dash: it would be
/// another every day.
fn left(table: &mut TableSheet, outcome: &Outcome, end: NaiveDateTime, lang: Lang) -> Result<()> {
    let last = (end - chrono::Duration::seconds(1)).date();
    let days: Vec<_> =
        outcome.working_days.iter().filter(|day| **day <= last).map(|day| serial(*day).to_string()).collect();
    if days.is_empty() {
        return table.centred(LEFT, "");
    }
    let moment = serial(end.date()) * 24 + i64::from(end.hour());
    let (past, today, unit) = match lang {
        Lang::Zh => ("已过", "今天到期", "个工作日"),
        Lang::En => ("past", "due today", " working days"),
    };
    let count = format!("SUMPRODUCT(--({{{}}}>TODAY()))", days.join(","));
    let formula =
        format!("=IF(NOW()>{moment}/24,\"{past}\",IF(TODAY()={},\"{today}\",{count}&\"{unit}\"))", serial(last));
    // No text format: Excel would take a formula in it for text as soon as someone edits the cell.
    let format = style::cell().set_align(FormatAlign::Center);
    table.sheet.write_formula_with_format(table.row(), LEFT, Formula::new(formula).set_result("—"), &format)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_excel_does() {
        let day = |text: &str| serial(text.parse().expect("a day"));
        // As Excel shows them: 61 is 1 March 1900, 46,327 is 1 November 2026.
        assert_eq!(day("1900-03-01"), 61);
        assert_eq!(day("2026-11-01"), 46_327);
    }
}
