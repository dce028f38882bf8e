//! What a finding says to people: message, fix, value, record key and place, in one language.
//!
//! Knows nothing of workbooks and lists. Everything that depends on the rule or dataset only is prepared once, so that
//! tens of thousands of findings are rendered quickly.

mod cells;
mod template;

use std::{borrow::Cow, collections::HashMap};

use anyhow::Result;
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::{
    finding::{Finding, Place, fingerprint},
    outcome::Outcome,
    pack::Source,
    table::{SheetColumn, column_letters},
    text::Lang,
};

pub use cells::{Cells, Value, blank, decimal_text};
pub(crate) use template::Template;

/// Renders the findings of one outcome in one language.
pub struct Renderer<'a> {
    outcome: &'a Outcome,
    lang: Lang,
    masked: bool,
    cells: Vec<Cells<'a>>,
    messages: Vec<Template>,
    fixes: Vec<Template>,
}

/// Where a finding stands in the files handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location<'a> {
    /// Name of the file, if the finding is about one file.
    pub file: Option<&'a str>,
    /// Name of the sheet; empty for csv and for findings about a whole submission.
    pub sheet: &'a str,
    /// Row number as Excel shows it.
    pub row: Option<u32>,
    /// Position of the column, 0-based; absent if the sheet does not have it.
    pub column: Option<u32>,
    /// Heading as submitted, or the standard one if the sheet does not have the column.
    pub heading: Option<Cow<'a, str>>,
}

impl Location<'_> {
    /// The column as Excel names it, such as `F`.
    pub fn letters(&self) -> Option<String> {
        self.column.map(column_letters)
    }

    /// The cell as Excel names it, such as `F17`.
    pub fn cell(&self) -> Option<String> {
        Some(format!("{}{}", self.letters()?, self.row?))
    }
}

impl<'a> Renderer<'a> {
    /// Prepares the texts of all rules and the columns of all tables. With `masked`, personal data is hidden as the
    /// fields ask for; only the unit's own workbook goes without.
    ///
    /// # Errors
    /// If a table does not have the columns of its dataset.
    pub fn new(outcome: &'a Outcome, lang: Lang, masked: bool) -> Result<Self> {
        let pack = &outcome.pack;
        let cells = pack
            .datasets
            .iter()
            .zip(&outcome.intake.tables)
            .map(|(dataset, table)| Cells::new(dataset, table))
            .collect::<Result<_>>()?;
        let prepare = |text: &str, on: Option<usize>| Template::parse(text, on.and_then(|on| pack.datasets.get(on)));
        Ok(Self {
            outcome,
            lang,
            masked,
            cells,
            messages: pack.rules.iter().map(|rule| prepare(rule.message.get(lang), rule.on)).collect(),
            fixes: pack.rules.iter().map(|rule| prepare(rule.fix.get(lang), rule.on)).collect(),
        })
    }

    /// The language of the texts.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The cells of a dataset.
    pub fn cells(&self, dataset: usize) -> Option<&Cells<'a>> {
        self.cells.get(dataset)
    }

    /// What is wrong.
    pub fn message(&self, finding: &Finding) -> String {
        self.fill(self.messages.get(finding.rule), finding)
    }

    /// What to do.
    pub fn fix(&self, finding: &Finding) -> String {
        self.fill(self.fixes.get(finding.rule), finding)
    }

    /// What a rule says in general: its message with the headings of its fields in place of values.
    pub fn title(&self, rule: usize) -> String {
        let dataset = self.outcome.pack.rules.get(rule).and_then(|rule| rule.on);
        let fields = dataset.and_then(|on| self.outcome.pack.datasets.get(on)).map(|dataset| &dataset.fields);
        let Some(template) = self.messages.get(rule) else { return String::new() };
        template.render(|_, field, out| {
            let Some(field) = field.and_then(|field| fields?.get(usize::from(field))) else { return out.push('…') };
            out.push('〔');
            out.push_str(field.title().get(self.lang));
            out.push('〕');
        })
    }

    /// What the cell the finding is listed under shows; nothing if it is blank or the finding is about no cell.
    pub fn value(&self, finding: &Finding) -> Option<Cow<'a, str>> {
        let Place::Record { dataset, record, field: Some(field) } = finding.place else { return None };
        self.cell_text(dataset, record, field)
    }

    /// The key of the finding's record; nothing if the finding is about no record.
    pub fn record_key(&self, finding: &Finding) -> Option<String> {
        let Place::Record { dataset, record, .. } = finding.place else { return None };
        Some(self.cells.get(dataset)?.key_text(record, self.lang, self.masked))
    }

    /// Where the finding stands.
    pub fn location(&self, finding: &Finding) -> Location<'a> {
        let files = &self.outcome.intake.files;
        let mut location = Location { file: None, sheet: "", row: None, column: None, heading: None };
        let (dataset, field) = match finding.place {
            Place::Unit { dataset, .. } => (dataset, None),
            Place::Sheet { dataset, file, field, sheet, .. } => {
                let file = files.get(file);
                location.file = file.map(|file| file.name.as_str());
                location.sheet = file.and_then(|file| file.sheets.get(sheet)).map_or("", |sheet| sheet.name.as_str());
                let column = field.and_then(|field| self.sheet_column(finding, location.sheet, field));
                location.column = column.map(|column| column.index);
                location.heading = column.map(|column| Cow::Borrowed(column.heading.as_str()));
                (dataset, field)
            }
            Place::Record { dataset, record, field } => {
                if let Some(cells) = self.cells.get(dataset) {
                    let segment = cells.table.segment(record);
                    let column = field.and_then(|field| segment.column_of(field));
                    location.file = files.get(segment.file).map(|file| file.name.as_str());
                    location.sheet = &segment.sheet;
                    location.row = cells.table.sheet_rows.get(record as usize).copied();
                    location.column = column.map(|column| column.index);
                    location.heading = column.map(|SheetColumn { heading, .. }| Cow::Borrowed(heading.as_str()));
                }
                (dataset, field)
            }
        };
        if location.heading.is_none() {
            let field = field.and_then(|field| self.outcome.pack.datasets.get(dataset)?.fields.get(usize::from(field)));
            location.heading = field.map(|field| Cow::Owned(field.title().get(self.lang).to_owned()));
        }
        location
    }

    /// The column of `field` in the sheet a finding about a sheet stands for, if records of it were read.
    fn sheet_column(&self, finding: &Finding, sheet: &str, field: u16) -> Option<&'a SheetColumn> {
        let Place::Sheet { dataset, file, .. } = finding.place else { return None };
        let segments = &self.cells.get(dataset)?.table.segments;
        segments.iter().find(|segment| segment.file == file && segment.sheet == sheet)?.column_of(field)
    }

    /// Index of the unit a finding belongs to.
    pub fn unit(&self, finding: &Finding) -> Option<usize> {
        match finding.place {
            Place::Unit { unit, .. } | Place::Sheet { unit, .. } => Some(unit),
            Place::Record { dataset, record, .. } => Some(self.cells.get(dataset)?.table.segment(record).unit),
        }
    }

    /// The identities of `findings` across runs and months, in their order: from unit, rule, record key and field,
    /// whatever the language and masking. Findings that agree in all of these are told apart by their order, so
    /// all findings of a unit must be given together.
    pub fn fingerprints(&self, findings: impl IntoIterator<Item = &'a Finding>) -> Vec<String> {
        let findings: Vec<&Finding> = findings.into_iter().collect();
        let mut identities: Vec<String> = findings.par_iter().map(|finding| self.identity(finding, 0)).collect();
        let mut seen: HashMap<&str, u32> = HashMap::with_capacity(identities.len());
        let mut again = Vec::new();
        for (index, identity) in identities.iter().enumerate() {
            let occurrence = seen.entry(identity).and_modify(|count| *count += 1).or_insert(0);
            if *occurrence > 0 {
                again.push((index, *occurrence));
            }
        }
        for (index, occurrence) in again {
            if let (Some(identity), Some(finding)) = (identities.get_mut(index), findings.get(index)) {
                *identity = self.identity(finding, occurrence);
            }
        }
        identities
    }

    fn identity(&self, finding: &Finding, occurrence: u32) -> String {
        let unit = self.unit_code(finding);
        let rule = self.outcome.pack.rules.get(finding.rule).map_or("", |rule| rule.id.as_str());
        let (dataset, field, key) = match finding.place {
            Place::Unit { dataset, .. } => (dataset, None, String::new()),
            Place::Sheet { dataset, field, .. } => (dataset, field, String::new()),
            Place::Record { dataset, record, field } => {
                (dataset, field, self.cells.get(dataset).map(|cells| cells.key_identity(record)).unwrap_or_default())
            }
        };
        // A cell rule has no dataset of its own: the field's id alone would mix up records of different datasets.
        let field = self.outcome.pack.datasets.get(dataset).map_or_else(String::new, |dataset| {
            let field = field.and_then(|field| dataset.fields.get(usize::from(field)));
            format!("{}.{}", dataset.id, field.map_or("", |field| field.id.as_str()))
        });
        fingerprint(unit, rule, &key, &field, occurrence)
    }

    fn unit_code(&self, finding: &Finding) -> &'a str {
        self.unit(finding).and_then(|unit| self.outcome.units.get(unit)).map_or("", |unit| unit.code.as_str())
    }

    fn cell_text(&self, dataset: usize, record: u32, field: u16) -> Option<Cow<'a, str>> {
        let text = self.cells.get(dataset)?.text(record, field)?;
        Some(self.hidden(dataset, field, text))
    }

    fn hidden(&self, dataset: usize, field: u16, text: Cow<'a, str>) -> Cow<'a, str> {
        let field = self.cells.get(dataset).and_then(|cells| cells.dataset.fields.get(usize::from(field)));
        let mask = field.map(|field| field.mask).unwrap_or_default();
        if self.masked { Cow::Owned(mask.apply(&text)) } else { text }
    }

    /// What a message says a field holds. Numbers are stated in the field's own unit, which the message names: the text
    /// as submitted may be in another (`4999900` under 元 for a field in 万元) or carry its own (`600万元`).
    fn stated(&self, dataset: usize, record: u32, field: u16) -> Option<Cow<'a, str>> {
        let value = self.cells.get(dataset)?.value(record, field);
        match value {
            Value::Number { .. } | Value::Integer(_) => Some(self.hidden(dataset, field, value.text()?)),
            _ => self.cell_text(dataset, record, field),
        }
    }

    fn fill(&self, template: Option<&Template>, finding: &Finding) -> String {
        let Some(template) = template else { return String::new() };
        template.render(|name, field, out| self.placeholder(finding, name, field, out))
    }

    fn placeholder(&self, finding: &Finding, name: &str, field: Option<u16>, out: &mut String) {
        // The standard heading among the details would deny what the sheet says.
        if let (Place::Sheet { .. }, "heading", Some(heading)) = (finding.place, name, self.location(finding).heading) {
            return out.push_str(&heading);
        }
        if let Some((_, detail)) = finding.details.iter().find(|(detail, _)| *detail == name) {
            let text = match (self.lang, &detail.en) {
                (Lang::En, Some(en)) => en,
                _ => &detail.text,
            };
            if self.masked {
                out.push_str(&detail.mask.apply(text));
            } else {
                out.push_str(text);
            }
            return;
        }
        let text = match (finding.place, name) {
            (_, "_unit") => Some(Cow::Borrowed(self.unit_code(finding))),
            (Place::Record { dataset, record, field: listed }, _) => {
                match field.or_else(|| self.field(dataset, name)) {
                    Some(field) => self.stated(dataset, record, field),
                    None if name == "heading" => self.location(finding).heading,
                    None if name == "value" => listed.and_then(|field| self.cell_text(dataset, record, field)),
                    None => None,
                }
            }
            // What is missing from a whole unit is a table, not a column.
            (Place::Unit { dataset, .. }, "heading") => {
                self.outcome.pack.datasets.get(dataset).map(|dataset| Cow::Borrowed(dataset.title.get(self.lang)))
            }
            (_, "heading") => self.location(finding).heading,
            _ => None,
        };
        out.push_str(text.as_deref().unwrap_or(blank(self.lang)));
    }

    fn field(&self, dataset: usize, name: &str) -> Option<u16> {
        self.outcome.pack.datasets.get(dataset)?.field_index(name)
    }
}

/// Where a rule comes from, in one line: document, article and the regulator's own number.
pub fn source_text(source: &Source, lang: Lang) -> String {
    let mut text = if source.doc.is_empty() { String::new() } else { format!("《{}》", source.doc) };
    text.push_str(&source.article);
    if let Some(id) = &source.id {
        text.extend(["［", id, "］"]);
    }
    if source.assumption {
        text.push_str(match lang {
            Lang::Zh => "（内部口径）",
            Lang::En => " (assumption)",
        });
    }
    text
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
