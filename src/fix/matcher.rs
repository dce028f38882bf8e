//! What was entered in workbooks, matched with the cells of the tables of now.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;

use super::{
    Answer, Book, Remark, Treatment,
    take::{Cell, Change, Entry, FindingAnswer, Intent, Options, Settled, Taken, Unflagged},
};
use crate::{
    finding::Place,
    ingest::{Entered, TypedCell},
    message::{Cells, Renderer, blank},
    outcome::Outcome,
    overlay::{self, At, Correction, Finder, RecordId},
    table::{FaultKind, Table},
    text::{Lang, Text},
    workbook::{cell_mark, seen_cell},
};

/// What was answered to all findings, and the lines it stands in.
#[derive(Clone, Copy)]
pub struct Said<'s> {
    /// The answers.
    pub answers: &'s [FindingAnswer],
    /// For each of them the lines of the list.
    pub lines: &'s [Vec<Answer>],
}

/// The tables of now, ready for being asked.
pub struct Matcher<'a> {
    base: &'a Outcome,
    options: &'a Options<'a>,
    finder: Finder<'a>,
    now: Vec<Cells<'a>>,
    before: Vec<Cells<'a>>,
    found: HashMap<(usize, String), (usize, Place)>,
    standing: HashMap<At, &'a Correction>,
    books: &'a [Book],
}

impl<'a> Matcher<'a> {
    pub fn new(base: &'a Outcome, submitted: &'a [Table], books: &'a [Book], options: &'a Options<'a>) -> Result<Self> {
        let renderer = Renderer::new(base, options.lang, true)?;
        let fingerprints = renderer.fingerprints(&base.findings);
        let found = base.findings.iter().zip(&base.finding_units).zip(fingerprints);
        let found = found.map(|((finding, unit), print)| ((*unit, print), (finding.rule, finding.place))).collect();
        let datasets = books.iter().flat_map(|book| {
            let sheets = book.issued.sheets.iter().map(|sheet| sheet.dataset.as_str());
            sheets.chain(book.issued.findings.iter().map(|finding| finding.dataset.as_str()))
        });
        let cells = |tables: &'a [Table]| -> Result<Vec<Cells<'a>>> {
            base.pack.datasets.iter().zip(tables).map(|(dataset, table)| Cells::new(dataset, table)).collect()
        };
        Ok(Self {
            base,
            options,
            finder: Finder::new(&base.pack, &base.units, &base.overlay.ids, &base.intake.tables, datasets),
            now: cells(&base.intake.tables)?,
            before: cells(submitted)?,
            found,
            standing: base.overlay.applied().map(|(laid, at)| (at, &laid.correction)).collect(),
            books,
        })
    }

    fn unit(&self, code: &str) -> Option<usize> {
        self.base.units.iter().position(|unit| unit.code == code)
    }

    pub fn unanswered(&self, index: usize, book: &Book, finding: &super::IssuedFinding) -> FindingAnswer {
        let unit = self.unit(&book.issued.unit);
        let found = unit.and_then(|unit| self.found.get(&(unit, finding.fingerprint.clone())));
        FindingAnswer {
            book: index,
            unit: book.issued.unit.clone(),
            fingerprint: finding.fingerprint.clone(),
            number: finding.number,
            intent: Intent::Unchanged(None),
            text: String::new(),
            explains: false,
            found: found.copied(),
        }
    }

    /// The values entered in one workbook, by cell, and the lines of its list; `own` are its findings' answers.
    pub fn collect(
        index: usize,
        book: &Book,
        own: &[usize],
        entries: &mut BTreeMap<Cell, Vec<Entry>>,
        lines: &mut [Vec<Answer>],
        taken: &mut Taken,
    ) {
        let mut marking: HashMap<(usize, RecordId, usize), Vec<usize>> = HashMap::new();
        for (finding, answer) in book.issued.findings.iter().zip(own) {
            if let (Some(sheet), Some(record)) = (finding.sheet, finding.record) {
                for column in &finding.marked {
                    marking.entry((sheet, record, *column)).or_default().push(*answer);
                }
            }
        }
        let marks = |sheet, record, column| marking.get(&(sheet, record, column)).cloned().unwrap_or_default();
        for edit in &book.edits {
            let Some(sheet) = book.issued.sheets.get(edit.sheet) else { continue };
            let Some((Some(field), _)) = sheet.columns.get(edit.column) else { continue };
            let cell = (book.issued.unit.clone(), sheet.dataset.clone(), edit.record, field.clone());
            entries.entry(cell).or_default().push(Entry {
                book: index,
                value: edit.value.clone(),
                place: edit.place.clone(),
                mark: edit.mark.clone(),
                answers: marks(edit.sheet, edit.record, edit.column),
            });
        }
        for answer in &book.answers {
            let (Some(finding), Some(at)) = (book.issued.findings.get(answer.finding), own.get(answer.finding)) else {
                continue;
            };
            if let Some(lines) = lines.get_mut(*at) {
                lines.push(answer.clone());
            }
            if answer.value.is_blank() {
                continue;
            }
            let (Some(record), false) = (finding.record, finding.field.is_empty()) else {
                let remark = Remark::new(
                    answer.place.as_str(),
                    "这个问题不针对某个单元格，更正值未采用；请在报送文件中处理后重新报送",
                    "this finding is about no single cell, the corrected value is not taken; correct the file and hand it in again",
                );
                taken.remarks.push((index, remark));
                continue;
            };
            let column = finding.sheet.and_then(|sheet| {
                let columns = &book.issued.sheets.get(sheet)?.columns;
                Some((sheet, columns.iter().position(|(field, _)| field.as_deref() == Some(finding.field.as_str()))?))
            });
            let mut answers = column.map(|(sheet, column)| marks(sheet, record, column)).unwrap_or_default();
            answers.push(*at);
            let cell = (book.issued.unit.clone(), finding.dataset.clone(), record, finding.field.clone());
            let value = if is_blank_word(&answer.value) { Entered::Blank } else { answer.value.clone() };
            let (place, mark) = (answer.place.clone(), finding.mark.clone());
            entries.entry(cell).or_default().push(Entry { book: index, value, place, mark, answers });
        }
    }

    pub fn settle(&self, cell: &Cell, entries: &[Entry], answers: &[usize], said: Said<'_>) -> Settled {
        let (unit, dataset, record, field) = cell;
        let Some(first) = entries.first() else { return Settled::Nothing };
        let found = self.finder.record(unit, dataset, *record);
        let at = found.and_then(|(dataset, record)| {
            let field = self.base.pack.datasets.get(dataset)?.field_index(field)?;
            Some(At { dataset, record, field })
        });
        let entered = |value: &Entered| self.masked(dataset, field, &value.seen());
        let typed = at.and_then(|at| {
            let typed = |entry: &Entry| overlay::typed(&self.base.pack, &self.base.intake.tables, at, &entry.value);
            Some((at, entries.iter().map(typed).collect::<Option<Vec<_>>>()?))
        });
        let Some((at, typed)) = typed else {
            let new = entered(&first.value);
            return Settled::Conflict(Text::new(
                format!("报送文件中已没有这条记录或这一列，填写的“{new}”未采用"),
                format!("the file no longer has the record or the column; {new} is not taken"),
            ));
        };
        let (Some(now), Some(before)) = (self.now.get(at.dataset), self.before.get(at.dataset)) else {
            return Settled::Nothing;
        };
        let plain: Vec<_> = typed.iter().map(|typed| overlay::plain(now.dataset, at.field, typed)).collect();
        if plain.iter().any(|other| Some(other) != plain.first()) {
            let said: Vec<_> =
                entries.iter().map(|entry| format!("{} “{}”", entry.place, entered(&entry.value))).collect();
            let said = said.join("、");
            return Settled::Conflict(Text::new(
                format!("同一单元格填写不一致（{said}），未采用"),
                format!("different values were entered for one cell ({said}); none is taken"),
            ));
        }
        if let Some(fault) = typed.first().and_then(TypedCell::destroyed) {
            let (new, why) = (entered(&first.value), fault_text(fault));
            return Settled::Unreadable(Text::new(
                format!("填写的“{new}”{}，未采用", why.zh),
                format!("{new} {} and is not taken", why.en),
            ));
        }
        let new = plain.into_iter().next().flatten();
        let current = now.plain(at.record, at.field);
        let mark_of = |cells: &Cells<'_>| seen_cell(cells, at.record, at.field).map(|seen| cell_mark(&seen));
        let (current_mark, first_mark) = (mark_of(now), mark_of(before));
        let as_issued =
            |mark: &Option<String>| entries.iter().all(|entry| mark.as_deref() == Some(entry.mark.as_str()));
        if new.as_deref() == current.as_deref() {
            return if as_issued(&current_mark) { Settled::Nothing } else { Settled::Done };
        }
        if !as_issued(&current_mark) && !as_issued(&first_mark) {
            let current = self.masked(dataset, field, current.as_deref().unwrap_or_default());
            let new = entered(&first.value);
            return Settled::Conflict(Text::new(
                format!("发出工作簿后报送的数值已变（现为“{current}”），填写的“{new}”未采用；请在新发的工作簿中核对"),
                format!(
                    "the value changed after the workbook was issued (it is {current} now), {new} is not taken; look at the new workbook"
                ),
            ));
        }
        let old = before.plain(at.record, at.field).map(std::borrow::Cow::into_owned);
        let standing = self.standing.get(&at).copied();
        if let (true, Some(standing)) = (new == old, standing) {
            return Settled::Withdrawn(Box::new(standing.clone()));
        }
        let book = self.books.get(first.book);
        let mut findings: Vec<_> = standing.map(|standing| standing.findings.clone()).unwrap_or_default();
        findings.extend(answers.iter().filter_map(|at| said.answers.get(*at)).map(|answer| answer.fingerprint.clone()));
        findings.sort_unstable();
        findings.dedup();
        let mut lines = answers.iter().filter_map(|answer| said.lines.get(*answer)).flatten();
        let source_changed = lines.any(|line| line.treatment == Some(Treatment::SourceCorrected));
        let correction = Correction {
            unit: unit.clone(),
            dataset: dataset.clone(),
            record: *record,
            field: field.clone(),
            old,
            new: first.value.clone(),
            flagged: !answers.is_empty(),
            source_changed,
            suspicions: Vec::new(),
            findings,
            who: self.who(unit),
            given: self.options.now,
            workbook: book.map(|book| book.name.clone()).unwrap_or_default(),
            sha256: book.map(|book| book.sha256.clone()).unwrap_or_default(),
        };
        let record_key = now.key_text(at.record, self.options.lang, true);
        let shown = before.text(at.record, at.field).unwrap_or_default();
        Settled::Change(Box::new(Change {
            at,
            record_key,
            heading: self.heading(now, at.field),
            old: self.masked(dataset, field, &shown),
            new: entered(&first.value),
            correction,
            answers: answers.to_vec(),
        }))
    }

    /// A cell changed that no finding was about.
    pub fn unflagged(&self, cell: &Cell, entries: &[Entry], taken: bool) -> Option<Unflagged> {
        let (unit, dataset, record, field) = cell;
        let first = entries.first()?;
        let (at, number) = self.finder.record(unit, dataset, *record)?;
        let cells = self.now.get(at)?;
        let index = cells.dataset.field_index(field)?;
        let old = cells.text(number, index).unwrap_or_default();
        Some(Unflagged {
            book: first.book,
            unit: unit.clone(),
            place: first.place.clone(),
            record_key: cells.key_text(number, self.options.lang, true),
            heading: self.heading(cells, index),
            old: self.masked(dataset, field, &old),
            new: self.masked(dataset, field, &first.value.seen()),
            taken,
        })
    }

    fn heading(&self, cells: &Cells<'_>, field: u16) -> String {
        let field = cells.dataset.fields.get(usize::from(field));
        field.map(|field| field.title().get(self.options.lang).to_owned()).unwrap_or_default()
    }

    /// A value of a field as it may be shown.
    fn masked(&self, dataset: &str, field: &str, text: &str) -> String {
        let pack = &self.base.pack;
        let dataset = pack.dataset_index(dataset).and_then(|dataset| pack.datasets.get(dataset));
        let field = dataset.and_then(|dataset| dataset.fields.get(usize::from(dataset.field_index(field)?)));
        if text.is_empty() {
            return blank(self.options.lang).to_owned();
        }
        field.map(|field| field.mask).unwrap_or_default().apply(text)
    }

    /// Who answers for a unit.
    pub fn who(&self, unit: &str) -> String {
        let officer = self.unit(unit).and_then(|unit| self.base.units.get(unit)).map(|unit| unit.officer.as_str());
        let officer = officer.filter(|officer| !officer.is_empty()).unwrap_or(unit);
        self.options.who.unwrap_or(officer).to_owned()
    }
}

/// The word by which lists show a blank cell: entered, it means that the cell is to be blank.
fn is_blank_word(value: &Entered) -> bool {
    let seen = value.seen();
    [Lang::Zh, Lang::En].iter().any(|lang| seen == blank(*lang))
}

/// Why a value cannot be read.
fn fault_text(fault: FaultKind) -> Text {
    match fault {
        FaultKind::NotADate => Text::new("不是日期", "is no date"),
        FaultKind::NotAnInteger => Text::new("不是整数", "is no whole number"),
        FaultKind::TooManyDecimals => Text::new("小数位过多", "has too many decimals"),
        FaultKind::ErrorCell => Text::new("是错误值", "is an error"),
        FaultKind::FormulaWithoutValue => Text::new("是没有结果的公式", "is a formula without result"),
        FaultKind::NumericIdentifier | FaultKind::ScientificNotation => Text::new(
            "按数字存放，末几位已丢失，请按文本填写",
            "was stored as a number and lost its last digits; enter it as text",
        ),
        FaultKind::LostLeadingZeros => {
            Text::new("缺少前面的0，请按文本填写", "lost its leading zeros; enter it as text")
        }
        FaultKind::ShownOtherwise => Text::new(
            "的单元格格式显示的数与实际存储的数不同，请改为常规格式后填写",
            "is shown as another number than the cell holds; use the general format",
        ),
        FaultKind::CodeBecameDate => Text::new("变成了日期，请按文本填写", "became a date; enter it as text"),
        _ => Text::new("不是数字", "is no number"),
    }
}
