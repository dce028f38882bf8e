//! The sheet 收件: the receipt log, with way, time and hash of every file handed in (Article 18, item 2).

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use crate::{
    finding::Severity,
    job::receipts::Receipt,
    outcome::Outcome,
    text::Lang,
    workbook::{
        label::{Label, label},
        style,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("收件", "Receipts");

const COLUMNS: [Column; 10] = [
    (label("社部代码", "Code"), 11),
    (label("社部名称", "Unit"), 20),
    (label("收到时间", "Received"), 20),
    (label("途径", "Channel"), 18),
    (label("类别", "Kind"), 9),
    (label("记录的文件", "File as noted"), 34),
    (label("本次读入的文件", "File of this run"), 34),
    (label("字节", "Bytes"), 12),
    (label("SHA-256", "SHA-256"), 34),
    (label("备注", "Remark"), 30),
];

/// Writes the sheet: the receipts in the order of time, then the files no receipt speaks of.
pub fn write(workbook: &mut Workbook, outcome: &Outcome, title: &str, lang: Lang) -> Result<()> {
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    let mut noted = vec![false; outcome.intake.files.len()];
    for receipt in &outcome.receipts.list {
        let file = file_of(outcome, receipt);
        if let Some(flag) = file.and_then(|file| noted.get_mut(file)) {
            *flag = true;
        }
        line(&mut table, outcome, receipt, file, lang)?;
    }
    let without = outcome
        .intake
        .files
        .iter()
        .zip(&noted)
        .filter(|(file, noted)| !**noted && outcome.units.get(file.unit).is_some_and(|unit| !unit.institution));
    for (file, _) in without {
        let unit = outcome.units.get(file.unit);
        table.centred(0, unit.map_or("", |unit| unit.code.as_str()))?;
        table.text(1, unit.map_or("", |unit| unit.name.as_str()))?;
        for column in 2..6 {
            table.text(column, "")?;
        }
        table.text(6, &file.name)?;
        table.count(7, file.bytes)?;
        table.text(8, &file.sha256)?;
        remark(&mut table, Some(label("没有收件记录", "no receipt")), lang)?;
        table.end_line()?;
    }
    table.filter()
}

/// Index of the file a receipt is of, if it is among those of this run.
fn file_of(outcome: &Outcome, receipt: &Receipt) -> Option<usize> {
    let own = |unit: usize| outcome.units.get(unit).is_some_and(|unit| unit.code == receipt.unit);
    outcome.intake.files.iter().position(|file| own(file.unit) && receipt.names(&file.name))
}

fn line(table: &mut TableSheet, outcome: &Outcome, receipt: &Receipt, file: Option<usize>, lang: Lang) -> Result<()> {
    let unit = outcome.units.iter().find(|unit| unit.code == receipt.unit);
    table.centred(0, &receipt.unit)?;
    table.text(1, unit.map_or("", |unit| unit.name.as_str()))?;
    table.centred(2, &receipt.received.format("%Y-%m-%d %H:%M:%S").to_string())?;
    table.text(3, &receipt.channel)?;
    let kind = if receipt.again { label("重报", "again") } else { label("首报", "first") };
    table.centred(4, kind.get(lang))?;
    table.text(5, &receipt.file)?;
    let file = file.and_then(|file| outcome.intake.files.get(file));
    // Only of its last receipt is the content known that lies there now.
    let last = file.is_some_and(|file| outcome.receipts.of_file(&receipt.unit, &file.name) == Some(receipt));
    match file {
        Some(file) if last => {
            table.text(6, &file.name)?;
            table.count(7, file.bytes)?;
            table.text(8, &file.sha256)?;
        }
        _ => (6..9).try_for_each(|column| table.text(column, ""))?,
    }
    let what = match file {
        _ if unit.is_none() => Some(label("名册中没有这个社部", "the roster has no such unit")),
        Some(_) if last => None,
        Some(_) => Some(label("已由后来的文件代替", "replaced by a later file")),
        None if receipt.file.is_empty() => Some(label("收件记录未写文件名", "the receipt names no file")),
        None => Some(label("报送文件夹中没有这个文件", "there is no such file among the submissions")),
    };
    remark(table, what, lang)?;
    table.end_line()
}

fn remark(table: &mut TableSheet, what: Option<Label>, lang: Lang) -> Result<()> {
    match what {
        Some(what) => table.text_as(9, what.get(lang), &style::shaded(style::wrapped(), Severity::Warning)),
        None => table.text(9, ""),
    }
}
