//! A line of the list as the ledger keeps it: tied, personal data masked, with the finding to be opened.

use crate::{
    digest::short,
    feedback::{Column, Known, Line, Mapping, Outcome, Place, Tied, Ties},
    finding::fingerprint,
    ingest::FileRead,
    job::{Period, Unit},
    ledger::{FeedbackLine, LineOutcome, Opening, Origin, SecondCheck},
    message::Cells,
    pack::RulePack,
    table::column_letters,
    text::{Lang, Mask, Text},
};

/// What stands before the regulator's rule ids, which might be like ours.
const RULE: &str = "REG";

/// What tells a line by what it says, wherever it stands.
const SAYS: [Column; 10] = [
    Column::Unit,
    Column::UnitName,
    Column::Dataset,
    Column::Record,
    Column::Customer,
    Column::Name,
    Column::Field,
    Column::Rule,
    Column::Message,
    Column::Value,
];

/// What lines are made of.
pub struct Desk<'a> {
    pub pack: &'a RulePack,
    pub period: Period,
    pub units: &'a [Unit],
    pub files: &'a [FileRead],
    pub mapping: &'a Mapping,
    pub known: &'a [Known],
    pub ties: &'a Ties<'a>,
    pub who: Option<&'a str>,
    pub lang: Lang,
}

impl Desk<'_> {
    /// A line as it is recorded.
    pub fn line(&self, line: &Line) -> FeedbackLine {
        let Tied { place, outcome, reason } = self.ties.tie(line);
        let unit = place.and_then(|place| self.units.get(place.unit));
        let dataset = place.and_then(|place| self.pack.datasets.get(place.dataset?));
        let field = place.and_then(|place| dataset?.fields.get(usize::from(place.field?)));
        let said = |column: Column| line.text(column).to_owned();
        let mask = field.map(|field| field.mask).unwrap_or_default();
        let record_key =
            place.and_then(|place| Some(self.ties.cells(place.dataset?)?.key_text(place.record?, self.lang, true)));
        let mut recorded = FeedbackLine {
            content: short(SAYS.map(|column| line.text(column))),
            sheet: line.sheet.clone(),
            row: line.row,
            unit: unit.map(|unit| unit.code.clone()),
            rule: said(Column::Rule),
            dataset: dataset.map_or_else(|| said(Column::Dataset), |dataset| dataset.id.clone()),
            field: field.map_or_else(|| said(Column::Field), |field| field.id.clone()),
            // What fits no record may be anything, the number of a person too.
            record_key: record_key.unwrap_or_else(|| Mask::Identifier.apply(&named(line))),
            value: mask.apply(line.text(Column::Value)),
            message: self.message(line, place),
            reason: reason.get(self.lang).to_owned(),
            outcome: LineOutcome::Unmatched,
            check: self.check(line, unit),
        };
        recorded.outcome = match (outcome, place) {
            (Outcome::Caught(found), _) => {
                let found = found.iter().filter_map(|index| self.known.get(*index));
                LineOutcome::Caught(found.map(|known| known.fingerprint.clone()).collect())
            }
            (Outcome::Missed, Some(place)) => LineOutcome::Missed(Box::new(self.opening(line, &recorded, place))),
            (Outcome::Missed | Outcome::Unmatched, _) => LineOutcome::Unmatched,
        };
        recorded
    }

    /// What is wrong, with the personal data of the record masked wherever it stands in the text.
    fn message(&self, line: &Line, place: Option<Place>) -> String {
        let mut message = line.text(Column::Message).to_owned();
        if message.is_empty() {
            let rule = line.text(Column::Rule);
            let text = Text::new(format!("监管反馈 {rule}"), format!("returned by the regulator {rule}"));
            text.get(self.lang).trim_end().clone_into(&mut message);
        }
        let record = place.and_then(|place| Some((self.ties.cells(place.dataset?)?, place.record?)));
        if let Some((cells, record)) = record {
            for (index, field) in (0_u16..).zip(&cells.dataset.fields).filter(|(_, field)| field.mask != Mask::None) {
                if let Some(value) = cells.value(record, index).text().filter(|value| value.chars().count() > 1) {
                    message = message.replace(value.as_ref(), &field.mask.apply(&value));
                }
            }
        }
        Mask::None.apply(&message)
    }

    /// What the second check came to, if the list says so.
    fn check(&self, line: &Line, unit: Option<&Unit>) -> Option<(SecondCheck, String, String)> {
        let word = line.text(Column::Result);
        let result = self.mapping.result(word)?;
        let remark = line.text(Column::Remark);
        let text = if remark.is_empty() { word } else { remark };
        let by = line.text(Column::CheckedBy);
        let officer = unit.map(|unit| unit.officer.as_str()).filter(|officer| !officer.is_empty());
        let by = if by.is_empty() { self.who.or(officer).unwrap_or("—") } else { by };
        Some((result, Mask::None.apply(text), by.to_owned()))
    }

    fn opening(&self, line: &Line, recorded: &FeedbackLine, place: Place) -> Opening {
        let unit = recorded.unit.clone().unwrap_or_default();
        let rule = if recorded.rule.is_empty() { RULE.to_owned() } else { format!("{RULE}:{}", recorded.rule) };
        let cells = place.dataset.and_then(|dataset| self.ties.cells(dataset));
        let at = cells.zip(place.record);
        let identity = at.map(|(cells, record)| cells.key_identity(record)).unwrap_or_default();
        // Without a rule it is what the list says that tells one from another.
        let about = if recorded.rule.is_empty() { line.text(Column::Message) } else { "" };
        let about = format!("{}.{}:{about}", recorded.dataset, recorded.field);
        let value = at.and_then(|(cells, record)| cells.value(record, place.field?).text());
        let value_hash = short([value.as_deref().unwrap_or(line.text(Column::Value))]);
        let (file, sheet, cell) = at.map(|(cells, record)| self.stands(cells, record, place.field)).unwrap_or_default();
        Opening {
            fingerprint: fingerprint(&unit, &rule, &identity, &about, 0),
            pack: self.pack.id.clone(),
            period: self.period,
            unit,
            origin: Origin::Regulator,
            rule,
            severity: self.mapping.severity(line.text(Column::Severity)),
            dataset: recorded.dataset.clone(),
            field: recorded.field.clone(),
            key: at.map(|_| {
                let hash = (!identity.is_empty()).then(|| short([&identity]));
                (recorded.record_key.clone(), hash)
            }),
            file,
            sheet,
            cell,
            value: Some(recorded.value.clone()).filter(|value| !value.is_empty()),
            value_hash,
            message: recorded.message.clone(),
            who: Text::new("监管反馈", "the regulator").get(self.lang).to_owned(),
        }
    }

    /// File, sheet and cell of a record's field.
    fn stands(
        &self,
        cells: &Cells<'_>,
        record: u32,
        field: Option<u16>,
    ) -> (Option<String>, Option<String>, Option<String>) {
        let segment = cells.table.segment(record);
        let row = cells.table.sheet_rows.get(record as usize).copied().unwrap_or_default();
        let column = field.and_then(|field| segment.column_of(field)).map(|column| column_letters(column.index));
        let sheet = Some(segment.sheet.clone()).filter(|sheet| !sheet.is_empty());
        let file = self.files.get(segment.file).map(|file| file.name.clone());
        (file, sheet, Some(format!("{}{row}", column.unwrap_or_default())))
    }
}

/// What a line names, for people who look for it.
fn named(line: &Line) -> String {
    let names = [Column::Record, Column::Customer].map(|column| line.text(column));
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_default().to_owned()
}
