//! The sheets 重报 and 重报改动: what units that handed in again changed since, and each cell they changed that no finding was
//! about. Only there if a unit did.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use crate::{
    message::{Cells, blank},
    outcome::Outcome,
    overlay::Finder,
    text::Lang,
    workbook::{
        cell::MAX_ROWS,
        label::{Label, label},
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("重报", "Handed in again");
const CHANGES: Label = label("重报改动", "Changes unasked for");

const COLUMNS: [Column; 9] = [
    (label("社部", "Unit"), 10),
    (label("社部名称", "Name"), 20),
    (label("已改正", "Fixed"), 11),
    (label("仍有", "Still open"), 12),
    (label("新增", "New"), 10),
    (label("改动指出过的单元格", "Flagged cells changed"), 21),
    (label("改动未指出的单元格", "Other cells changed"), 21),
    (label("增加记录", "Records added"), 15),
    (label("减少记录", "Records removed"), 17),
];

const DETAILS: [Column; 6] = [
    (label("社部", "Unit"), 10),
    (label("类别", "Kind"), 18),
    (label("数据表", "Dataset"), 18),
    (label("记录", "Record"), 26),
    (label("栏目", "Heading"), 22),
    (label("现值", "Value now"), 26),
];

/// Writes the sheets.
pub fn write(workbook: &mut Workbook, outcome: &Outcome, title: &str, lang: Lang) -> Result<()> {
    if outcome.compared.is_empty() {
        return Ok(());
    }
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    for compared in &outcome.compared {
        let name = outcome.units.iter().find(|unit| unit.code == compared.unit).map_or("", |unit| unit.name.as_str());
        table.centred(0, &compared.unit)?;
        table.text(1, name)?;
        let counts = [
            compared.fixed,
            compared.open,
            compared.new,
            compared.flagged,
            compared.unflagged.len() as u64,
            compared.added.len() as u64,
            compared.removed,
        ];
        for (column, count) in (2..).zip(counts) {
            table.count(column, count)?;
        }
        table.end_line()?;
    }
    table.filter()?;
    if outcome.compared.iter().any(|compared| !compared.unflagged.is_empty() || !compared.added.is_empty()) {
        details(workbook, outcome, title, lang)?;
    }
    Ok(())
}

fn details(workbook: &mut Workbook, outcome: &Outcome, title: &str, lang: Lang) -> Result<()> {
    let (pack, tables) = (&outcome.pack, &outcome.intake.tables);
    let datasets = outcome.compared.iter().flat_map(|compared| {
        let changed = compared.unflagged.iter().map(|(dataset, ..)| dataset.as_str());
        changed.chain(compared.added.iter().map(|(dataset, _)| dataset.as_str()))
    });
    let finder = Finder::new(pack, &outcome.units, &outcome.overlay.ids, tables, datasets);
    let cells = pack.datasets.iter().zip(tables).map(|(dataset, table)| Cells::new(dataset, table));
    let cells = cells.collect::<Result<Vec<_>>>()?;
    let mut table = TableSheet::new(workbook, CHANGES, &DETAILS, title, lang)?;
    let mut room = MAX_ROWS - 2;
    for compared in &outcome.compared {
        let changed = compared.unflagged.iter().map(|(dataset, record, field)| (dataset, *record, Some(field)));
        let added = compared.added.iter().map(|(dataset, record)| (dataset, *record, None));
        for (dataset, record, field) in changed.chain(added) {
            let Some((index, record)) = finder.record(&compared.unit, dataset, record) else { continue };
            let Some(cells) = cells.get(index).filter(|_| room > 0) else { continue };
            room -= 1;
            let kind = match field {
                Some(_) => label("未指出而改动", "changed, not flagged"),
                None => label("增加的记录", "record added"),
            };
            table.centred(0, &compared.unit)?;
            table.text(1, kind.get(lang))?;
            table.text(2, cells.dataset.title.get(lang))?;
            table.text(3, &cells.key_text(record, lang, true))?;
            let at = field.and_then(|field| cells.dataset.field_index(field));
            let declared = at.and_then(|at| cells.dataset.fields.get(usize::from(at)));
            table.text(4, declared.map(|field| field.title().get(lang).to_owned()).as_deref().unwrap_or_default())?;
            let value = at.map(|at| cells.text(record, at).unwrap_or(blank(lang).into()));
            let mask = declared.map(|field| field.mask).unwrap_or_default();
            table.text(5, &value.map(|value| mask.apply(&value)).unwrap_or_default())?;
            table.end_line()?;
        }
    }
    table.filter()?;
    Ok(())
}
