//! The sheet 报送人员: who reports for each unit, units without a named person (Article 13), and whether a change came
//! with a record of the handover (Article 6).

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use crate::{
    finding::Severity,
    ledger::{Register, UnitScore},
    text::{Lang, Text},
    workbook::{
        label::{Label, label},
        style,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("报送人员", "Officers");

const COLUMNS: [Column; 9] = [
    (label("社部代码", "Code"), 11),
    (label("社部名称", "Unit"), 20),
    (label("报送人员", "Officer"), 13),
    (label("任职日期", "Since"), 13),
    (label("复核人", "Reviewer"), 13),
    (label("上次报送人员", "Officer before"), 13),
    (label("上次报告期", "Period before"), 12),
    (label("交接记录", "Handover record"), 26),
    (label("情况", "What to do"), 40),
];

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, register: &Register, title: &str, lang: Lang) -> Result<()> {
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    for unit in register.units.iter().filter(|unit| !unit.gate.institution) {
        let people = &unit.people;
        table.centred(0, &unit.gate.code)?;
        table.text(1, &unit.gate.name)?;
        table.text(2, &people.officer)?;
        table.centred(3, &people.since)?;
        table.text(4, &people.reviewer)?;
        let before = unit.before.as_ref();
        table.text(5, before.map_or("", |(_, officer)| officer.as_str()))?;
        table.centred(6, &before.map(|(period, _)| period.to_string()).unwrap_or_default())?;
        table.text(7, &people.handover)?;
        match state(unit) {
            Some((severity, text)) => table.text_as(8, text.get(lang), &style::shaded(style::wrapped(), severity))?,
            None => table.text(8, "")?,
        }
        table.end_line()?;
    }
    table.filter()
}

/// What is to be said of a unit's persons.
fn state(unit: &UnitScore) -> Option<(Severity, Text)> {
    let people = &unit.people;
    if people.officer.is_empty() {
        let text = Text::new("未指定报送人员（第十三条），请指定", "no named person (Article 13): name one");
        return Some((Severity::Error, text));
    }
    let changed = unit.before.as_ref().is_some_and(|(_, officer)| *officer != people.officer);
    match (changed, people.handover.is_empty()) {
        (true, true) => Some((
            Severity::Warning,
            Text::new(
                "报送人员有变动，名册中没有交接记录（第六条），请补办",
                "the person changed and the roster has no handover record (Article 6): add it",
            ),
        )),
        (true, false) => {
            Some((Severity::Info, Text::new("报送人员有变动，有交接记录", "changed, with a handover record")))
        }
        (false, _) if people.reviewer.is_empty() => {
            Some((Severity::Warning, Text::new("没有复核人", "no reviewer is named")))
        }
        (false, _) => None,
    }
}
