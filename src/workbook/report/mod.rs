//! Drawing a report: its sheets with title, lists, forms, charts, remarks and the line for signatures.
//!
//! Knows what rows a report has, not where they come from. Long lists are written row by row and go on over further
//! sheets where a sheet is full.

mod canvas;
mod chart;
mod form;
mod list;
mod long;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, fs::File, io::BufWriter, ops::Range, path::Path};

use anyhow::{Context as _, Result};

use self::canvas::{Canvas, LongPart};
use super::{dated_workbook, splice};
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
    let (traces, longs) = canvas.into_parts();
    let file = BufWriter::new(File::create(path).with_context(context)?);
    if longs.is_empty() {
        workbook.save_to_writer(file).with_context(context)?;
        return Ok(traces);
    }
    let drawn = workbook.save_to_buffer().with_context(context)?;
    put_rows(&drawn, &longs, evaluated, occasion, file).with_context(context)?;
    Ok(traces)
}

/// Writes the workbook with the rows of its long lists.
fn put_rows(
    drawn: &[u8],
    longs: &[LongPart],
    evaluated: &Evaluated<'_>,
    occasion: &Occasion<'_>,
    file: BufWriter<File>,
) -> Result<()> {
    let mut ready = Vec::new();
    for part in longs {
        let sheet = evaluated.sheets.get(part.sheet_at).context("the sheet of a long list")?;
        let body = sheet.sheet.blocks.get(part.block).map(|block| &block.body);
        let (Some(Body::List(list)), Some(rows)) = (body, sheet.blocks.get(part.block).and_then(Option::as_ref)) else {
            anyhow::bail!("a long list is no list");
        };
        ready.push((part, list.numbered, list::prepare_all(list, rows)));
    }
    let mut inserts = Vec::new();
    for (part, numbered, ready) in &ready {
        let name = format!("xl/worksheets/sheet{}.xml", part.sheet + 1);
        let templates = (0..part.templates).map(|at| splice::styles_of(drawn, &name, part.row + 1 + at));
        let templates: Vec<_> = templates.collect::<Result<_>>()?;
        let skip = usize::from(*numbered);
        let styles = (0..ready.len())
            .map(|column| templates.iter().map(|row| row.get(column + skip).copied().unwrap_or_default()).collect());
        let rows = long::LongRows {
            ready,
            styles: styles.collect(),
            number_style: templates.first().and_then(|row| row.first().copied()).filter(|_| *numbered),
            page_start: 0,
            first_row: part.row + 1,
            first: part.rows.start,
            pack: occasion.pack,
            lang: occasion.lang,
        };
        let start = part.rows.start;
        inserts.push(splice::Insert {
            part: name,
            place: splice::Place::Rows { from: part.row + 1, count: part.templates },
            count: part.rows.len(),
            piece: long::PIECE,
            xml: Box::new(move |range| rows.xml(range.start + start..range.end + start)),
        });
    }
    splice::splice(drawn, &inserts, file)
}

fn draw_sheet(canvas: &mut Canvas<'_>, at: usize, sheet: &EvaluatedSheet<'_>) -> Result<()> {
    canvas.begin(at, sheet)?;
    let (found, shown, lang) = (sheet.found, sheet.pages.len(), canvas.lang());
    if found > shown {
        canvas.remark(&match lang {
            Lang::Zh => format!("共{found}页，列前{shown}页。"),
            Lang::En => format!("{found} pages in all; the first {shown} are drawn."),
        })?;
    }
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
