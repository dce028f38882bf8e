//! What was corrected, written out: a unit's data with the corrected values, and the list of what it must change in its
//! source system (Article 14).

mod data;
mod source_changes;

pub use data::write_corrected_data;
pub use source_changes::write_source_changes;

use crate::{
    message::{Renderer, blank},
    outcome::Outcome,
    overlay::{At, Correction, SourceState},
    table::column_letters,
    text::Lang,
};

/// A correction as the lists show it.
pub struct Line {
    /// Title of the dataset.
    pub dataset: String,
    /// What people call the record.
    pub record: String,
    /// Heading, as submitted.
    pub heading: String,
    /// The value handed in.
    pub old: String,
    /// The corrected value.
    pub new: String,
    /// File, sheet and cell it stands in.
    pub place: [String; 3],
    /// What is doubtful about it.
    pub doubts: String,
}

/// What the lists show of a correction, masked or in full as the renderer is. `submitted` is what the file shows in its
/// cell, where that is known better than from the correction.
pub fn line(
    outcome: &Outcome,
    renderer: &Renderer<'_>,
    correction: &Correction,
    at: Option<At>,
    submitted: Option<&str>,
    masked: bool,
) -> Line {
    let lang = renderer.lang();
    let pack = &outcome.pack;
    let dataset = pack.dataset_index(&correction.dataset).and_then(|index| pack.datasets.get(index));
    let index = dataset.and_then(|dataset| dataset.field_index(&correction.field));
    let field = index.and_then(|index| dataset?.fields.get(usize::from(index)));
    let mask = field.map(|field| field.mask).unwrap_or_default();
    let shown = |text: &str| match text {
        "" => blank(lang).to_owned(),
        text if masked => mask.apply(text),
        text => text.to_owned(),
    };
    let cells = at.and_then(|at| renderer.cells(at.dataset));
    let record = at.and_then(|at| cells.map(|cells| cells.key_text(at.record, lang, masked)));
    let mut heading = field.map(|field| field.title().get(lang).to_owned()).unwrap_or_default();
    let mut place = [String::new(), String::new(), String::new()];
    if let (Some(at), Some(cells)) = (at, cells) {
        let segment = cells.table.segment(at.record);
        let file = outcome.intake.files.get(segment.file).map(|file| file.name.clone()).unwrap_or_default();
        let row = cells.table.sheet_rows.get(at.record as usize).copied().unwrap_or_default();
        let column = segment.column_of(at.field);
        if let Some(column) = column {
            heading.clone_from(&column.heading);
        }
        let letters = column.map(|column| column_letters(column.index)).unwrap_or_default();
        place = [file, segment.sheet.clone(), format!("{letters}{row}")];
    }
    let doubts = correction.suspicions.iter().map(|doubt| doubt.title().get(lang).to_owned());
    Line {
        dataset: dataset.map(|dataset| dataset.title.get(lang).to_owned()).unwrap_or_default(),
        record: record.unwrap_or_default(),
        heading,
        old: shown(submitted.or(correction.old.as_deref()).unwrap_or_default()),
        new: shown(&correction.new.seen()),
        place,
        doubts: doubts.collect::<Vec<_>>().join(if lang == Lang::Zh { "，" } else { ", " }),
    }
}

/// The units with something in `corrected-data/` or a list of changes to the source system: indexes of the roster.
pub fn units_with_corrections(outcome: &Outcome) -> (Vec<usize>, Vec<usize>) {
    let of = |correction: &Correction| outcome.units.iter().position(|unit| unit.code == correction.unit);
    let mut data: Vec<_> = outcome.overlay.applied().filter_map(|(laid, _)| of(&laid.correction)).collect();
    let laid = outcome.overlay.laid.iter().map(|laid| &laid.correction);
    let carried = outcome.overlay.carried.iter().filter(|carried| carried.state == SourceState::NotChanged);
    let mut source: Vec<_> = laid.chain(carried.map(|carried| &carried.correction)).filter_map(of).collect();
    for units in [&mut data, &mut source] {
        units.sort_unstable();
        units.dedup();
    }
    (data, source)
}
