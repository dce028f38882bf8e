//! Drawing a report: its sheets with title, lists, forms, charts, remarks and the line for signatures.
//!
//! Knows what rows a report has, not where they come from. Long lists are written row by row and go on over further
//! sheets where a sheet is full.

mod canvas;
mod chart;
mod form;
mod list;

use std::{collections::HashMap, fs::File, io::BufWriter, ops::Range, path::Path};

use anyhow::{Context as _, Result};

use self::canvas::Canvas;
use super::dated_workbook;
use crate::{
    job::{Period, Signers},
    pack::RulePack,
    report::{
        evaluate::{Evaluated, EvaluatedSheet},
        model::Body,
        trace::Trace,
    },
    text::Lang,
};

/// What stands on every report besides its own content.
#[derive(Clone, Copy)]
pub struct Occasion<'a> {
    /// Name of the institution.
    pub institution: &'a str,
    /// Period.
    pub period: Period,
    /// Points that keep the submission back; with any the report is a draft (未定稿).
    pub open_points: u64,
    /// Who signs.
    pub signers: &'a Signers,
    /// Code lists.
    pub pack: &'a RulePack,
    /// Language.
    pub lang: Lang,
}

/// Where a list was drawn, for charts: sheet, rows of its values, column of each field.
struct Drawn {
    sheet: String,
    rows: Range<u32>,
    fields: Vec<(String, u16)>,
}

/// Writes a report to `path`, and says where its rows stand. The same rows give the same bytes.
///
/// # Errors
/// If `path` cannot be written.
pub fn write_report(evaluated: &Evaluated<'_>, occasion: &Occasion<'_>, path: &Path) -> Result<Vec<Trace>> {
    let context = || format!("cannot write the report {}", evaluated.report.id);
    let lang = occasion.lang;
    let title = format!("{} {}", evaluated.report.title.get(lang), occasion.period);
    let mut workbook = dated_workbook(occasion.period, &title, occasion.institution);
    let mut canvas = Canvas::new(&mut workbook, evaluated.report, occasion);
    for (at, sheet) in evaluated.sheets.iter().enumerate() {
        draw_sheet(&mut canvas, at, sheet).with_context(|| sheet.sheet.name.get(lang).to_owned())?;
    }
    let traces = canvas.into_traces();
    let file = File::create(path).with_context(context)?;
    workbook.save_to_writer(BufWriter::new(file)).with_context(context)?;
    Ok(traces)
}

fn draw_sheet(canvas: &mut Canvas<'_>, at: usize, sheet: &EvaluatedSheet<'_>) -> Result<()> {
    canvas.begin(at, sheet)?;
    for (number, key) in sheet.pages.iter().enumerate() {
        if number > 0 {
            canvas.next_page()?;
        }
        let mut drawn: HashMap<&str, Drawn> = HashMap::new();
        for (index, block) in sheet.sheet.blocks.iter().enumerate() {
            let rows = sheet.blocks.get(index).and_then(Option::as_ref);
            if let Some(heading) = &block.heading {
                canvas.section(heading)?;
            }
            match (&block.body, rows) {
                (Body::List(list), Some(rows)) => {
                    let place = list::draw(canvas, index, list, rows, key.as_deref())?;
                    if let (Some(name), Some(place)) = (&list.name, place) {
                        drawn.insert(name, place);
                    }
                }
                (Body::Form(form), Some(rows)) => form::draw(canvas, index, form, rows, key.as_deref())?,
                (Body::Chart(chart), _) => chart::draw(canvas, chart, drawn.get(chart.of.as_str()))?,
                _ => {}
            }
            canvas.gap();
        }
        canvas.close_page(&sheet.sheet.notes)?;
    }
    if sheet.pages.is_empty() {
        canvas.say_nothing()?;
    }
    canvas.end()
}
