//! The sheet 总览: institution, period, deadlines, the two lines of arithmetic, submissions and findings in figures.

use anyhow::Result;
use rust_xlsxwriter::{Chart, ChartDataLabel, ChartPoint, ChartSolidFill, FormatAlign, Formula, Workbook, Worksheet};

use super::{Figures, SEVERITIES, names};
use crate::{
    finding::Severity,
    outcome::{Outcome, Timeliness},
    text::Lang,
    workbook::{
        cell::{count_value, write_text},
        label::{Label, label},
        page, style,
    },
};

const SHEET: Label = label("总览", "Overview");
const WIDTHS: [u16; 5] = [28, 16, 18, 18, 20];
const LAST: u16 = 4;

/// Writes lines one below the other.
struct Writer<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
    lang: Lang,
}

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, outcome: &Outcome, figures: &Figures, title: &str, lang: Lang) -> Result<()> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(SHEET.get(lang))?.set_screen_gridlines(false);
    for (column, width) in (0u16..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    let mut writer = Writer { sheet, row: 0, lang };
    let heading = format!("{} {}", outcome.job.period, label("数据校验汇总", "Summary of data checks").get(lang));
    write_text(writer.sheet, 0, 0, &heading, &style::title())?;
    writer.sheet.set_row_height(0, 30)?;
    writer.row = 1;
    facts(&mut writer, outcome)?;
    balance(&mut writer, figures)?;
    submissions(&mut writer, outcome)?;
    severities(&mut writer, figures)?;
    page::set_up(sheet, title, SHEET.get(lang), lang);
    sheet.set_portrait();
    Ok(())
}

impl Writer<'_> {
    fn fact(&mut self, name: Label, value: &str) -> Result<()> {
        let heading = style::heading().set_align(FormatAlign::Left);
        write_text(self.sheet, self.row, 0, &name.beside(self.lang), &heading)?;
        let format = style::text();
        self.sheet.merge_range(self.row, 1, self.row, LAST, "", &format)?;
        write_text(self.sheet, self.row, 1, value, &format)?;
        self.next(19)
    }

    fn section(&mut self, title: Label) -> Result<()> {
        self.row += 1;
        write_text(self.sheet, self.row, 0, &title.beside(self.lang), &style::section())?;
        self.next(22)
    }

    fn headings(&mut self, labels: &[Label]) -> Result<()> {
        let format = style::heading();
        for (column, label) in (0u16..).zip(labels) {
            write_text(self.sheet, self.row, column, &label.stacked(self.lang), &format)?;
        }
        self.next(34)
    }

    fn count(&mut self, column: u16, count: u64) -> Result<()> {
        let format = style::count().set_align(FormatAlign::Center);
        self.sheet.write_number_with_format(self.row, column, count_value(count), &format)?;
        Ok(())
    }

    fn next(&mut self, height: u16) -> Result<()> {
        self.sheet.set_row_height(self.row, height)?;
        self.row += 1;
        Ok(())
    }
}

fn facts(writer: &mut Writer, outcome: &Outcome) -> Result<()> {
    let (job, lang) = (&outcome.job, writer.lang);
    let institution = format!("{} {}", job.institution.code, job.institution.name);
    writer.fact(label("联社", "Institution"), &institution)?;
    writer.fact(label("报送期", "Period"), &job.period.to_string())?;
    writer.fact(label("数据日期", "Data date"), &job.period.data_date().to_string())?;
    let pack = format!("{} {}", outcome.pack.title.get(lang), outcome.pack.edition);
    writer.fact(label("校验规则", "Rules"), &pack)?;
    let Some(deadlines) = outcome.due() else { return Ok(()) };
    let noon = if lang == Lang::Zh { "中午 12:00" } else { "12:00 noon" };
    writer.fact(label("社部报送截止", "Units submit by"), &deadlines.submission.to_string())?;
    writer.fact(label("社部更正截止", "Units correct by"), &format!("{} {noon}", deadlines.correction))?;
    writer.fact(label("联社上报截止", "Report due"), &deadlines.report.to_string())
}

/// The two lines that must balance, with the check as a formula over the figures beside it.
fn balance(writer: &mut Writer, figures: &Figures) -> Result<()> {
    writer.section(label("一、勾稽", "Balance"))?;
    writer.headings(&[
        label("项目", "Item"),
        label("总数", "Total"),
        label("＝ 第一部分", "= first part"),
        label("＋ 第二部分", "+ second part"),
        label("核对", "Check"),
    ])?;
    let lines = [
        (
            label("读入记录＝无问题＋有问题", "records read = clean + flagged"),
            [figures.records, figures.clean, figures.flagged],
        ),
        (
            label("收到文件＝已读入＋未能读入", "files found = read + unreadable"),
            [figures.files, figures.read, figures.unreadable],
        ),
    ];
    for (name, [total, first, second]) in lines {
        write_text(writer.sheet, writer.row, 0, &name.stacked(writer.lang), &style::wrapped())?;
        for (column, count) in (1u16..).zip([total, first, second]) {
            writer.count(column, count)?;
        }
        let (yes, no) = if writer.lang == Lang::Zh { ("✓ 平", "✗ 不平") } else { ("✓", "✗") };
        let balanced = total == first + second;
        let severity = if balanced { Severity::Info } else { Severity::Error };
        let row = writer.row + 1;
        let formula = Formula::new(format!("=IF(B{row}=C{row}+D{row},\"{yes}\",\"{no}\")")).set_result(if balanced {
            yes
        } else {
            no
        });
        let format = style::shaded(style::cell().set_align(FormatAlign::Center), severity).set_bold();
        writer.sheet.write_formula_with_format(writer.row, 4, formula, &format)?;
        writer.next(34)?;
    }
    Ok(())
}

fn submissions(writer: &mut Writer, outcome: &Outcome) -> Result<()> {
    writer.section(label("二、社部报送情况", "Submissions"))?;
    let states = [Timeliness::OnTime, Timeliness::Late, Timeliness::Missing, Timeliness::NoReceipt];
    let mut labels = vec![label("社部数", "Units")];
    labels.extend(states.map(names::timeliness));
    writer.headings(&labels)?;
    let units = || outcome.units.iter().zip(&outcome.standings).filter(|(unit, _)| !unit.institution);
    writer.count(0, units().count() as u64)?;
    for (column, state) in (1u16..).zip(states) {
        writer.count(column, units().filter(|(_, standing)| standing.timeliness == state).count() as u64)?;
    }
    writer.next(19)
}

fn severities(writer: &mut Writer, figures: &Figures) -> Result<()> {
    writer.section(label("三、问题数", "Findings"))?;
    writer.headings(&[label("级别", "Severity"), label("问题数", "Findings")])?;
    let first = writer.row;
    for (severity, count) in SEVERITIES.into_iter().zip(figures.findings) {
        let name = severity.title(writer.lang);
        write_text(writer.sheet, writer.row, 0, name, &style::shaded(style::centred(), severity))?;
        writer.count(1, count)?;
        writer.next(19)?;
    }
    let last = writer.row - 1;
    let total = style::total(style::count().set_align(FormatAlign::Center));
    let name = label("合计", "Total").get(writer.lang);
    write_text(writer.sheet, writer.row, 0, name, &style::total(style::centred()))?;
    let sum: u64 = figures.findings.iter().sum();
    let formula = Formula::new(format!("=SUM(B{}:B{})", first + 1, last + 1)).set_result(sum.to_string());
    writer.sheet.write_formula_with_format(writer.row, 1, formula, &total)?;
    writer.next(19)?;

    let sheet = SHEET.get(writer.lang);
    let points: Vec<_> = SEVERITIES
        .map(|severity| ChartPoint::new().set_format(ChartSolidFill::new().set_color(style::strong(severity))))
        .to_vec();
    let mut chart = Chart::new_bar();
    chart
        .add_series()
        .set_categories((sheet, first, 0, last, 0))
        .set_values((sheet, first, 1, last, 1))
        .set_points(&points)
        .set_gap(60)
        .set_data_label(ChartDataLabel::new().show_value());
    chart.title().set_name(&label("问题数", "Findings").beside(writer.lang)).set_font(&style::chart_title());
    chart.legend().set_hidden();
    // A bar chart begins at the bottom: reversed, the worst severity is on top.
    chart.y_axis().set_reverse();
    chart.x_axis().set_hidden(true).set_major_gridlines(false);
    chart.set_width(400).set_height(230);
    writer.sheet.insert_chart_with_offset(first - 1, 2, &chart, 10, 0)?;
    Ok(())
}
