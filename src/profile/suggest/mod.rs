//! A first pack from profiles: datasets, fields and rules, each with the figures that speak for it in a comment.
//!
//! Taken as it is, the pack loads and its examples come out: a person goes on from there. No value of the data is in it
//! but those of code lists, which are never longer than a few entries and never tell of persons.

mod dataset;
mod naming;
mod rules;

use std::{collections::BTreeMap, fmt::Write as _};

use dataset::{Dataset, Members};
use naming::Names;

use super::{FileProfile, SheetProfile, head::Headed, personal};
use crate::{
    ingest::heading::normalised,
    new_files::NewFile,
    pack::common_files,
    text::Lang,
    toml_text::{one_line, quoted},
};

/// Name of the suggested pack.
pub const PACK_NAME: &str = "draft";

/// Records from which on a column without blanks is taken for required.
const ENOUGH: u64 = 5;

/// The files of a folder of packs with the suggested one in it; none if no sheet has headings.
///
/// # Errors
/// If a code list cannot be written, which would be a fault of the program.
pub fn pack_files(files: &[FileProfile]) -> anyhow::Result<Vec<NewFile>> {
    let datasets = datasets(files);
    if datasets.is_empty() {
        return Ok(Vec::new());
    }
    let mut made = vec![
        NewFile::new(format!("{PACK_NAME}/pack.toml"), pack_toml(&datasets)),
        NewFile::new(format!("{PACK_NAME}/rules.toml"), rules::rules_toml(&datasets)),
    ];
    for dataset in &datasets {
        for (name, values) in dataset.code_lists() {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["code", "name", "from", "until"])?;
            for value in values {
                writer.write_record([value, "", "", ""])?;
            }
            made.push(NewFile::new(format!("{PACK_NAME}/codes/{name}.csv"), writer.into_inner()?));
        }
    }
    made.extend(common_files().into_iter().map(|(name, content)| NewFile { name, content }));
    Ok(made)
}

/// The datasets the sheets show: sheets with the same headings in the same columns are one.
fn datasets(files: &[FileProfile]) -> Vec<Dataset<'_>> {
    let mut groups: Vec<(Vec<(u32, String)>, Members<'_>)> = Vec::new();
    for file in files {
        for sheet in file.sheets.iter().filter(|sheet| sheet.head.rows.1 > 0) {
            let heading = |headed: &Headed| (headed.column, normalised(&headed.declared));
            let headings: Vec<_> = sheet.head.columns.iter().map(heading).collect();
            match groups.iter_mut().find(|(known, _)| *known == headings) {
                Some((_, sheets)) => sheets.push((file, sheet)),
                None => groups.push((headings, vec![(file, sheet)])),
            }
        }
    }
    let mut names = Names::default();
    groups
        .into_iter()
        .map(|(_, sheets)| Dataset::of(&sheets, &mut names))
        .filter(|dataset| !dataset.fields.is_empty())
        .collect()
}

const HEAD: &str = "\
# 由 baosong profile 根据表格内容生成的规则包草稿。每项建议的依据写在它上面的注释里，请逐项核对，删去不对的。
# A first pack, suggested by baosong profile from what is in the tables. The reasons stand above each suggestion: look
# at them one by one and delete what is wrong. Prove the pack with
#   baosong rules lint --rules <folder> --pack draft
#   baosong rules test --rules <folder> --pack draft

edition = \"draft\"
title   = { zh = \"规则包草稿\", en = \"Draft pack\" }
include = [\"common\"]

# 每个作业都要有的机构名册 / The roster of units, which every job needs
[[dataset]]
id     = \"units\"
prefix = \"UNIT\"
title  = { zh = \"社部名册\", en = \"Units\" }
sheets = [\"社部名册\"]
key    = [\"unit_code\"]
roster = true
fields = [
    { id = \"unit_code\", headings = [\"社部代码\"], en = \"Unit code\", type = \"code\", required = \"error\" },
    { id = \"unit_name\", headings = [\"社部名称\"], en = \"Unit name\", type = \"name\", required = \"error\" },
    { id = \"officer\", headings = [\"报送人员\"], en = \"Reporting officer\", type = \"name\" },
    { id = \"reviewer\", headings = [\"复核人\"], en = \"Reviewer\", type = \"name\" },
]
";

fn pack_toml(datasets: &[Dataset<'_>]) -> String {
    let mut text = HEAD.to_owned();
    for dataset in datasets {
        text.push('\n');
        for line in dataset.evidence() {
            comment(&mut text, "", &line);
        }
        let (id, prefix) = (quoted(&dataset.id), quoted(&dataset.prefix));
        let (zh, en) = (quoted(&dataset.title.zh), quoted(&dataset.title.en));
        let _ = write!(text, "[[dataset]]\nid     = {id}\nprefix = {prefix}\ntitle  = {{ zh = {zh}, en = {en} }}\n");
        if !dataset.sheets.is_empty() {
            let sheets: Vec<_> = dataset.sheets.iter().map(|sheet| quoted(sheet)).collect();
            let _ = writeln!(text, "sheets = [{}]", sheets.join(", "));
        }
        let key = dataset.key();
        if let Some(first) = key.first() {
            let filled = first.filled();
            let titles = key.iter().map(|field| field.shown_title()).collect::<Vec<_>>().join("＋");
            let together =
                if key.len() > 1 { "，单独一列都有重复 / together; each alone repeats" } else { "" };
            comment(
                &mut text,
                "",
                &format!("{titles}：{filled} 条记录都填写，没有重复 / filled in all records, no two alike{together}"),
            );
            let ids: Vec<_> = key.iter().map(|field| quoted(&field.id)).collect();
            let _ = writeln!(text, "key    = [{}]", ids.join(", "));
        }
        text.push_str("fields = [\n");
        for field in &dataset.fields {
            comment(&mut text, "    ", &field.evidence());
            let _ = writeln!(text, "    {},", field.toml());
        }
        text.push_str("]\n");
        for line in &dataset.left_out {
            comment(&mut text, "", line);
        }
    }
    text
}

fn comment(text: &mut String, indent: &str, line: &str) {
    let _ = writeln!(text, "{indent}# {}", one_line(line));
}

/// Values of a code list, over several sheets.
type Values = BTreeMap<String, u64>;

/// A sheet's name, if something may be named after it.
fn sheet_name(sheet: &SheetProfile) -> Option<&str> {
    Some(sheet.name.trim()).filter(|name| !name.is_empty() && !personal::names_a_person(name))
}

/// Figures of a column for a comment.
fn figures(sheet: &SheetProfile, column: &super::ColumnProfile) -> String {
    use super::shown;
    let (letters, heading) = shown::title(column);
    let (records, filled) = (sheet.records, column.facts.filled);
    let mut parts = vec![format!("{letters} {heading}：{}", shown::kind(column).zh)];
    parts.push(format!("填写 {filled}/{records}"));
    parts.push(format!("不同值 {}", shown::distinct(column)));
    parts.push(shown::range(column, Lang::Zh));
    parts.push(shown::shapes(column));
    parts.push(shown::reasons(column).zh);
    parts.extend(shown::damage(column, Lang::Zh));
    parts.retain(|part| !part.is_empty());
    parts.join("；")
}
