//! Headings and sheet names the packs in the program declare: what they call a thing, a suggestion calls it too.

use std::collections::BTreeMap;

use crate::{
    ingest::heading::{Heading, normalised},
    job::{Calendar, Period},
    pack::{FieldKind, Request, load_pack, pack_names},
    problem::Problems,
    text::{Mask, Text},
};

/// A field of a pack in the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownField {
    /// Name in SQL.
    pub id: String,
    /// English name.
    pub en: String,
    /// What its cells hold.
    pub kind: FieldKind,
    /// How it is masked.
    pub mask: Mask,
    /// The pack.
    pub pack: String,
}

/// A dataset of a pack in the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDataset {
    /// Name in SQL.
    pub id: String,
    /// First part of rule ids.
    pub prefix: String,
    /// Title.
    pub title: Text,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// By heading.
    fields: BTreeMap<String, KnownField>,
    /// By dataset and heading.
    of_datasets: BTreeMap<(String, String), KnownField>,
    datasets: BTreeMap<String, KnownDataset>,
}

impl Known {
    /// What the packs in the program declare. Where two declare the same heading, the first in the order of the packs'
    /// names counts, but the stricter masking.
    ///
    /// # Errors
    /// If a pack in the program is wrong, which would be a fault of the program.
    pub fn load() -> Result<Self, Problems> {
        let mut known = Self::default();
        let calendar = Calendar::built_in()?;
        // Any will do: fields are the same in all periods.
        let period = Period::month_of(chrono::NaiveDate::from_ymd_opt(2026, 10, 31).unwrap_or_default());
        for name in pack_names(None).unwrap_or_default() {
            let overrides = BTreeMap::new();
            let calendar = calendar.clone();
            let pack = load_pack(&Request { pack: &name, folder: None, period, overrides: &overrides, calendar })?;
            for dataset in pack.datasets.iter().filter(|dataset| !dataset.roster) {
                let of = KnownDataset {
                    id: dataset.id.clone(),
                    prefix: dataset.prefix.clone(),
                    title: dataset.title.clone(),
                };
                for sheet in dataset.sheets.iter().chain([&dataset.title.zh]) {
                    known.datasets.entry(normalised(sheet)).or_insert_with(|| of.clone());
                }
                for field in &dataset.fields {
                    let own = KnownField {
                        id: field.id.clone(),
                        en: field.title_en.clone(),
                        kind: field.kind,
                        mask: field.mask,
                        pack: name.clone(),
                    };
                    for heading in &field.headings {
                        known.add(&dataset.id, &Heading::parse(heading), &own);
                    }
                }
            }
        }
        Ok(known)
    }

    fn add(&mut self, dataset: &str, heading: &Heading, own: &KnownField) {
        for text in [&heading.whole, &heading.base] {
            let of_dataset = self.of_datasets.entry((dataset.to_owned(), text.clone()));
            let first = self.fields.entry(text.clone()).or_insert_with(|| own.clone());
            for field in [of_dataset.or_insert_with(|| own.clone()), first] {
                if field.mask == Mask::None {
                    field.mask = own.mask;
                }
            }
        }
    }

    /// The field a heading names, of this dataset rather than of another.
    pub fn field(&self, heading: &str, dataset: Option<&KnownDataset>) -> Option<&KnownField> {
        let heading = Heading::parse(heading);
        let texts = [&heading.whole, &heading.base];
        let own = |text: &&String| {
            let dataset = dataset?;
            self.of_datasets.get(&(dataset.id.clone(), (*text).clone()))
        };
        texts.iter().find_map(own).or_else(|| texts.iter().find_map(|text| self.fields.get(*text)))
    }

    /// The dataset a sheet's name is that of.
    pub fn dataset(&self, sheet: &str) -> Option<&KnownDataset> {
        self.datasets.get(&normalised(sheet))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_the_shipped_packs_are_known() {
        let known = Known::load().unwrap_or_else(|problems| panic!("{problems}"));
        let field = known.field("贷款余额（元）", None).expect("a field");
        let loans = known.dataset("贷款台账");
        let own = known.field("贷款余额（元）", loans).expect("a field");
        assert_eq!((field.id.as_str(), own.id.as_str()), ("loan_balance", "balance"));
        assert_eq!((field.kind, field.pack.as_str()), (FieldKind::Amount, "large-credit"));
        assert_eq!(known.field("身份证号码", None).map(|field| field.mask), Some(Mask::Identifier));
        assert_eq!(loans.map(|dataset| dataset.id.as_str()), Some("loans"));
        assert_eq!(known.field("本栏无人知晓", loans), None);
    }
}
