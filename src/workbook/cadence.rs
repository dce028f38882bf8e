//! The workbook 联络提醒: what is overdue and what is due soon, by duty and by person, and what cannot be told.
//!
//! Knows an agenda and how it is shown; counts no days. Personal data is masked as the fields ask for.

use std::{collections::BTreeMap, fs::File, io::BufWriter, path::Path};

use anyhow::{Context as _, Result};
use rust_xlsxwriter::{Chart, ChartLegendPosition, ChartSolidFill, Workbook};

use super::{
    dated_workbook,
    label::{Label, label},
    style,
    table_sheet::{Column, TableSheet},
};
use crate::{
    cadence::{AHEAD, Agenda, Cadence, Item, State},
    finding::Severity,
    job::Job,
    message::source_text,
    pack::Dataset,
    text::{Lang, Text},
};

/// Most lines a sheet lists; what is beyond is counted.
const MOST_LINES: usize = 100_000;

/// What the workbook shows.
pub struct Contacts<'a> {
    /// The job.
    pub job: &'a Job,
    /// Datasets of the pack.
    pub datasets: &'a [Dataset],
    /// The duties.
    pub cadences: &'a [Cadence],
    /// How they stand.
    pub agenda: &'a Agenda,
    /// For each item who it falls to, the customer's key and name, and the unit, as they may be shown.
    pub lines: &'a [ContactLine],
}

/// Whom an item is about, as it may be shown.
#[derive(Clone, Debug, Default)]
pub struct ContactLine {
    /// Code of the unit.
    pub unit: String,
    /// Who it falls to.
    pub owner: String,
    /// The customer's key.
    pub key: String,
    /// The customer's name.
    pub name: String,
}

const OVERVIEW: [Column; 9] = [
    (label("联络要求", "Duty"), 40),
    (label("依据", "Source"), 34),
    (label("户数", "Customers"), 11),
    (label("已逾期", "Overdue"), 11),
    (label("最长逾期天数", "Longest"), 12),
    (label("30天内到期", "Due in 30 days"), 12),
    (label("已完成", "Met"), 11),
    (label("迟完成", "Done late"), 11),
    (label("不能判定", "Unknown"), 11),
];

const LIST: [Column; 11] = [
    (label("状态", "State"), 12),
    (label("责任人", "Owner"), 14),
    (label("社部代码", "Unit"), 11),
    (label("客户", "Customer"), 18),
    (label("名称", "Name"), 26),
    (label("联络要求", "Duty"), 36),
    (label("到期日", "Due"), 13),
    (label("逾期天数", "Days overdue"), 11),
    (label("上次完成", "Last done"), 13),
    (label("连续未做期数", "Missed in a row"), 12),
    (label("级别不够次数", "Below the level"), 12),
];

const OWNERS: [Column; 7] = [
    (label("责任人", "Owner"), 20),
    (label("合计", "Total"), 11),
    (label("已逾期", "Overdue"), 11),
    (label("最长逾期天数", "Longest"), 12),
    (label("30天内到期", "Due in 30 days"), 12),
    (label("已完成", "Met"), 11),
    (label("迟完成", "Done late"), 11),
];

/// Counts of a group of items.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    states: [u64; 5],
    longest: i64,
}

impl Tally {
    fn add(&mut self, item: &Item) {
        if let Some(count) = self.states.get_mut(item.finding.state as usize) {
            *count += 1;
        }
        if item.finding.state == State::Overdue {
            self.longest = self.longest.max(item.finding.over);
        }
    }

    fn of(&self, state: State) -> u64 {
        self.states.get(state as usize).copied().unwrap_or(0)
    }

    fn total(&self) -> u64 {
        self.states.iter().sum()
    }
}

/// Writes the workbook to `path`. The same agenda gives the same bytes.
///
/// # Errors
/// If `path` cannot be written.
pub fn write_contacts(shown: &Contacts<'_>, lang: Lang, path: &Path) -> Result<()> {
    let context = || "cannot write the workbook of contacts";
    let company = &shown.job.institution.name;
    let day = Text::new(format!("截至{}", shown.agenda.today), format!("as of {}", shown.agenda.today));
    let title = format!("{company} {}", day.get(lang));
    let mut workbook = dated_workbook(shown.job.period, &title, company);
    overview(&mut workbook, shown, &title, lang).with_context(context)?;
    let due = label("到期清单", "Due");
    list(&mut workbook, shown, due, &[State::Overdue, State::Soon], &title, lang).with_context(context)?;
    owners(&mut workbook, shown, &title, lang).with_context(context)?;
    let done = label("已完成", "Met");
    list(&mut workbook, shown, done, &[State::Late, State::Met], &title, lang).with_context(context)?;
    list(&mut workbook, shown, label("不能判定", "Unknown"), &[State::Unknown], &title, lang).with_context(context)?;
    let file = File::create(path).with_context(context)?;
    workbook.save_to_writer(BufWriter::new(file)).with_context(context)
}

/// A state, in words.
pub fn state_text(state: State) -> Label {
    match state {
        State::Overdue => label("已逾期", "overdue"),
        State::Soon => label("将到期", "due soon"),
        State::Met => label("已完成", "met"),
        State::Late => label("迟完成", "done late"),
        State::Unknown => label("不能判定", "unknown"),
    }
}

fn overview(workbook: &mut Workbook, shown: &Contacts<'_>, title: &str, lang: Lang) -> Result<()> {
    let name = label("总览", "Overview");
    let mut table = TableSheet::new(workbook, name, &OVERVIEW, title, lang)?;
    let mut tallies = vec![Tally::default(); shown.cadences.len()];
    for item in &shown.agenda.items {
        if let Some(tally) = tallies.get_mut(item.cadence) {
            tally.add(item);
        }
    }
    let mut strays = Vec::new();
    for ((cadence, tally), stray) in shown.cadences.iter().zip(&tallies).zip(&shown.agenda.strays) {
        table.text(0, cadence.title.get(lang))?;
        table.text(1, &source_text(&cadence.source, lang))?;
        table.count(2, tally.total())?;
        let overdue = tally.of(State::Overdue);
        table.count(3, overdue)?;
        table.count(4, tally.longest.unsigned_abs())?;
        for (column, state) in (5_u16..).zip([State::Soon, State::Met, State::Late, State::Unknown]) {
            table.count(column, tally.of(state))?;
        }
        table.end_line()?;
        if *stray > 0 {
            let text = Text::new(
                format!("“{}”的联络记录中有{stray}户不在客户表中。", cadence.title.zh),
                format!("The log of \"{}\" names {stray} customers that are not there.", cadence.title.en),
            );
            strays.push(text.get(lang).to_owned());
        }
    }
    let last = table.row() - 1;
    let text = Text::new(
        format!("数据截至{}；“将到期”指今后{AHEAD}天内到期。", shown.agenda.today),
        format!("Data of {}; due soon means within {AHEAD} days.", shown.agenda.today),
    );
    let mut remarks = vec![text.get(lang).to_owned()];
    remarks.extend(strays);
    let row = table.row() + u32::try_from(remarks.len())? + 3;
    table.foot(&remarks)?;
    let mut chart = Chart::new_bar();
    for (column, severity) in [(3, Severity::Error), (5, Severity::Warning), (6, Severity::Info)] {
        chart
            .add_series()
            .set_name((name.get(lang), 0, column))
            .set_categories((name.get(lang), 1, 0, last, 0))
            .set_values((name.get(lang), 1, column, last, column))
            .set_format(ChartSolidFill::new().set_color(style::strong(severity)));
    }
    chart.title().set_name(label("各项联络要求", "Duties").get(lang)).set_font(&style::chart_title());
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart.set_width(900).set_height(360);
    table.sheet.insert_chart(row, 0, &chart)?;
    Ok(())
}

fn list(
    workbook: &mut Workbook,
    shown: &Contacts<'_>,
    name: Label,
    states: &[State],
    title: &str,
    lang: Lang,
) -> Result<()> {
    let mut table = TableSheet::new(workbook, name, &LIST, title, lang)?;
    let mut lines: Vec<(&Item, &ContactLine)> =
        shown.agenda.items.iter().zip(shown.lines).filter(|(item, _)| states.contains(&item.finding.state)).collect();
    lines.sort_by_key(|(item, line)| {
        (item.finding.state, line.owner.as_str(), item.finding.due, item.cadence, item.record)
    });
    for (item, line) in lines.iter().take(MOST_LINES) {
        let Some(cadence) = shown.cadences.get(item.cadence) else { continue };
        let finding = item.finding;
        let format = match finding.state {
            State::Overdue => style::shaded(style::centred(), Severity::Error),
            State::Soon | State::Late | State::Unknown => style::shaded(style::centred(), Severity::Warning),
            State::Met => style::centred(),
        };
        let date = |day: Option<chrono::NaiveDate>| day.map_or_else(|| "—".to_owned(), |day| day.to_string());
        table.text_as(0, state_text(finding.state).get(lang), &format)?;
        table.text(1, &line.owner)?;
        table.centred(2, &line.unit)?;
        table.text(3, &line.key)?;
        table.text(4, &line.name)?;
        let missing = item.missing.and_then(|field| {
            let dataset = shown.datasets.get(cadence.on)?;
            Some(dataset.fields.get(usize::from(field))?.title())
        });
        match missing {
            Some(field) => {
                let why = Text::new(format!("（缺少：{}）", field.zh), format!(" (missing: {})", field.en));
                table.text(5, &format!("{}{}", cadence.title.get(lang), why.get(lang)))?;
            }
            None => table.text(5, cadence.title.get(lang))?,
        }
        table.centred(6, &date(finding.due))?;
        table.count(7, finding.over.unsigned_abs())?;
        table.centred(8, &date(finding.last))?;
        table.count(9, finding.missed.into())?;
        table.count(10, item.below.into())?;
        table.end_line()?;
    }
    if lines.is_empty() {
        return table.foot(&[label("没有。", "None.").get(lang).to_owned()]);
    }
    table.filter()?;
    let more = lines.len().saturating_sub(MOST_LINES);
    let text = Text::new(
        format!("共{}条，只列前{MOST_LINES}条。", lines.len()),
        format!("{} in all; the first {MOST_LINES} are listed.", lines.len()),
    );
    table.foot(&(more > 0).then(|| text.get(lang).to_owned()).into_iter().collect::<Vec<_>>())
}

fn owners(workbook: &mut Workbook, shown: &Contacts<'_>, title: &str, lang: Lang) -> Result<()> {
    let mut table = TableSheet::new(workbook, label("责任人", "Owners"), &OWNERS, title, lang)?;
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (item, line) in shown.agenda.items.iter().zip(shown.lines) {
        tallies.entry(line.owner.as_str()).or_default().add(item);
    }
    let mut sums = [0_u64; 5];
    for (owner, tally) in &tallies {
        let own = if owner.is_empty() { label("（未填）", "(blank)").get(lang) } else { owner };
        table.text(0, own)?;
        let counts = [
            tally.total(),
            tally.of(State::Overdue),
            tally.of(State::Soon),
            tally.of(State::Met),
            tally.of(State::Late),
        ];
        for ((column, count), sum) in [1_u16, 2, 4, 5, 6].into_iter().zip(counts).zip(&mut sums) {
            table.count(column, count)?;
            *sum += count;
        }
        table.count(3, tally.longest.unsigned_abs())?;
        table.end_line()?;
    }
    if tallies.is_empty() {
        return table.foot(&[label("没有。", "None.").get(lang).to_owned()]);
    }
    table.filter()?;
    let columns = [1_u16, 2, 4, 5, 6].into_iter().zip(sums).collect::<Vec<_>>();
    table.total(&columns)
}
