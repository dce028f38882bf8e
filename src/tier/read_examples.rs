//! Reading the records that show a scheme, with the tiers they come into.

use super::model::{SchemeExample, SchemeRow, Tier};
use crate::{
    pack::{Dataset, examples::read_fields},
    problem::{At, Problems, Reader, did_you_mean},
    text::Text,
};

/// Reads the examples of a scheme.
pub(super) fn read_examples(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    dataset: &Dataset,
    tiers: &[Tier],
) -> Vec<SchemeExample> {
    let mut examples = Vec::new();
    reader.tables("examples", problems, |reader, problems| {
        let mut example = SchemeExample { rows: Vec::new(), place: reader.span.file_line() };
        if reader.has("rows") {
            reader.tables("rows", problems, |reader, problems| {
                example.rows.extend(read_example_row(reader, problems, dataset, tiers));
            });
        } else {
            example.rows.extend(read_example_row(reader, problems, dataset, tiers));
        }
        examples.push(example);
    });
    examples
}

/// The word for a record that cannot be classed.
const NOWHERE: &str = "none";

fn read_example_row(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    dataset: &Dataset,
    tiers: &[Tier],
) -> Option<SchemeRow> {
    let index = |name: At<String>, nowhere: bool, problems: &mut Problems| {
        let found = tiers.iter().position(|tier| tier.id == name.value);
        if found.is_none() && !name.value.is_empty() && !(nowhere && name.value == NOWHERE) {
            let help = did_you_mean(&name.value, tiers.iter().map(|tier| tier.id.as_str())).or_else(|| {
                nowhere.then(|| Text::new("无法分级写 none", "write none for a record that cannot be classed"))
            });
            let message = Text::new(format!("没有级别 `{}`", name.value), format!("unknown tier `{}`", name.value));
            name.span.problem(problems, message, help);
            return Err(());
        }
        Ok(found)
    };
    let expect = reader.required_text("expect", problems);
    let expect = index(expect, true, problems);
    let quarters = reader.count("was_quarters", problems).unwrap_or(1);
    let was = match reader.text("was", problems) {
        Some(name) => index(name, false, problems),
        None => Ok(None),
    };
    let keys: Vec<_> = reader
        .keys()
        .into_iter()
        .filter(|key| !["expect", "was", "was_quarters"].contains(&key.value.as_str()))
        .collect();
    let values = read_fields(reader, problems, dataset, keys);
    Some(SchemeRow { values, expect: expect.ok()?, was: was.ok()?.map(|tier| (tier, quarters)) })
}
