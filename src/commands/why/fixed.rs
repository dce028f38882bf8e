//! Following a figure of the concentration workbook, whose layout is fixed: the customers or the group its row is about,
//! their exposures, and the loans these were summed from.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context as _, Result};
use polars::prelude::{BooleanChunked, DataFrame, IntoLazy as _, SortMultipleOptions, col};

use super::{Answer, Target, behind, nothing};
use crate::{
    ingest::{PlainRow, PlainSheet, read_plain},
    problem::did_you_mean,
    report::{catalog, fill, query::Tables},
    run::Given,
    text::{Lang, Text},
    workbook::CONCENTRATION,
};

/// The tables of what was derived that rows are followed to.
pub const TABLES: [&str; 2] = [catalog::EXPOSURES.name, catalog::GROUPS.name];

/// How many customers the ratio of the largest is about.
const LARGEST: usize = 10;

/// What a row is about.
enum Subject {
    Customers(BTreeSet<String>),
    Group(i64),
    Largest,
}

/// Says what the row of a cell of the workbook in `out` is about, and what its figures were made of.
///
/// # Errors
/// If the workbook is not there, has no such cell, or the row names no customer.
pub fn explain(given: &Given<'_>, target: &Target, out: &Path) -> Result<String> {
    let file = out.join(given.outcome.job.period.to_string()).join("summary").join(format!("{CONCENTRATION}.xlsx"));
    let book = read_plain(&file, None).map_err(|unreadable| {
        let place = file.display();
        let why = &unreadable.message;
        let message = Text::new(format!("{place}：{}", why.zh), format!("{place}: {}", why.en));
        let help = Text::new(
            "先用 `baosong run` 生成，或用 --out 指定输出文件夹",
            "write it with `baosong run`, or say with --out where it is",
        );
        nothing(message, Some(help))
    })?;
    let Some(sheet) = book.sheets.iter().find(|sheet| sheet.name == target.sheet) else {
        let help = did_you_mean(&target.sheet, book.sheets.iter().map(|sheet| sheet.name.as_str()));
        let name = &target.sheet;
        let message = Text::new(format!("没有工作表 `{name}`"), format!("there is no sheet `{name}`"));
        return Err(nothing(message, help));
    };
    let wanted: BTreeSet<String> = TABLES.into_iter().map(str::to_owned).collect();
    let all = wanted.iter().cloned().chain(behind(&wanted)).chain(["loans".to_owned()]).collect();
    let tables = fill(&given.material(&[]), &all, true)?;
    let row = sheet.rows.iter().find(|row| row.number == target.row + 1);
    let exposures = table(&tables, catalog::EXPOSURES.name)?;
    let subject = row.map(|row| subject(sheet, row, &exposures)).transpose()?.flatten();
    let (Some(row), Some(subject)) = (row, subject) else {
        let message = Text::new(
            "这一行是标题或说明，或没有指明客户和集团",
            "the row is a heading or a remark, or names neither customer nor group",
        );
        let help = Text::new(
            "与上期比较的数字，请追溯报表“与上期比较”",
            "for changes against the prior period ask about the report 与上期比较",
        );
        return Err(nothing(message, Some(help)));
    };
    let mut answer = Answer { out: String::new(), lang: given.lang, given, tables: &tables };
    answer.line("报表", "Report", &format!("{CONCENTRATION} {}", sheet.name));
    let heading = sheet.rows.first().map(|heading| heading.get(u32::from(target.column)).seen()).unwrap_or_default();
    answer.line("列", "Column", &heading.replace('\n', " "));
    answer.line("值", "Value", &row.get(u32::from(target.column)).seen());
    let exposures = match subject {
        Subject::Customers(codes) => having(&exposures, "customer_code", |code| codes.contains(code))?,
        Subject::Largest => {
            let largest = SortMultipleOptions::default().with_order_descending(true).with_nulls_last(true);
            exposures.sort(["balance"], largest)?.head(Some(LARGEST))
        }
        Subject::Group(group) => {
            let groups = table(&tables, catalog::GROUPS.name)?.lazy().filter(col("group_no").eq(group)).collect()?;
            let codes: BTreeSet<String> =
                groups.column("customer_code")?.str()?.iter().flatten().map(str::to_owned).collect();
            having(&exposures, "customer_code", |code| codes.contains(code))?
        }
    };
    answer.made_rows(catalog::EXPOSURES.name, &exposures);
    answer.made_of(catalog::EXPOSURES.name, &exposures)?;
    Ok(answer.out.trim_end().to_owned())
}

fn table(tables: &Tables, name: &str) -> Result<DataFrame> {
    let frame = tables.get(name).with_context(|| format!("table {name}"))?;
    Ok(frame.clone().collect()?)
}

/// The rows whose text in a column is such.
fn having(frame: &DataFrame, column: &str, such: impl Fn(&str) -> bool) -> Result<DataFrame> {
    let mask: BooleanChunked = frame.column(column)?.str()?.iter().map(|text| text.is_some_and(&such)).collect();
    Ok(frame.filter(&mask)?)
}

/// What a row is about: the customers whose codes it has, or else the group or the customers it names.
fn subject(sheet: &PlainSheet, row: &PlainRow, exposures: &DataFrame) -> Result<Option<Subject>> {
    if sheet.rows.first().is_none_or(|heading| heading.number == row.number) {
        return Ok(None);
    }
    let cells: Vec<String> = row.cells.iter().map(|(_, value)| value.seen()).filter(|text| !text.is_empty()).collect();
    let exact: BTreeSet<&str> = cells.iter().map(String::as_str).collect();
    let codes = exposures.column("customer_code")?.str()?;
    let found: BTreeSet<String> =
        codes.iter().flatten().filter(|code| exact.contains(code)).map(str::to_owned).collect();
    if !found.is_empty() {
        return Ok(Some(Subject::Customers(found)));
    }
    for cell in &cells {
        let group = [Lang::Zh, Lang::En].into_iter().find_map(|lang| group_of(cell, lang));
        if let Some(group) = group {
            return Ok(Some(Subject::Group(group)));
        }
        if ["最大十家", "ten largest"].iter().any(|start| cell.to_lowercase().starts_with(start)) {
            return Ok(Some(Subject::Largest));
        }
    }
    // Names of organisations, which are not masked, within a text that may name several.
    let customers = exposures.column("customer_name")?.str()?;
    let stands_in =
        |name: &str| name.chars().count() > 3 && !name.contains('*') && cells.iter().any(|cell| cell.contains(name));
    let found: BTreeSet<String> = codes
        .iter()
        .zip(customers.iter())
        .filter_map(|(code, name)| Some((code?, name?)))
        .filter(|(_, name)| stands_in(name))
        .map(|(code, _)| code.to_owned())
        .collect();
    Ok((!found.is_empty()).then_some(Subject::Customers(found)))
}

/// The number of the group a text begins with: 集团3：…
fn group_of(text: &str, lang: Lang) -> Option<i64> {
    let rest = match lang {
        Lang::Zh => text.strip_prefix("集团")?,
        Lang::En => text.strip_prefix("group ").or_else(|| text.strip_prefix("Group "))?,
    };
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_recognised_by_their_number() {
        assert_eq!(group_of("集团12：某公司等", Lang::Zh), Some(12));
        assert_eq!(group_of("group 3: a company", Lang::En), Some(3));
        assert_eq!(group_of("集团有限公司", Lang::Zh), None);
    }
}
