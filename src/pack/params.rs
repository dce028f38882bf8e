//! Reading the dated thresholds of a pack, some of which depend on how large the institution is.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{
    Literal, Param,
    load::{cannot_name, is_name, read_source},
};
use crate::{
    problem::{At, Problems, Reader, did_you_mean},
    text::Text,
};

/// The parameter that names the institution's size class.
pub const SIZE_CLASS: &str = "size_class";

/// Parameters in force whose value depends on the size class: by name, one for each class.
#[derive(Debug, Default)]
pub struct Classed {
    by_name: BTreeMap<String, BTreeMap<String, Param>>,
}

impl Classed {
    /// The parameters with those of the class the job or else the pack names. A class no parameter knows is a problem.
    pub(super) fn in_force(
        self,
        mut params: BTreeMap<String, Param>,
        overrides: &BTreeMap<String, Literal>,
        problems: &mut Problems,
    ) -> BTreeMap<String, Param> {
        let chosen = overrides.get(SIZE_CLASS).or(params.get(SIZE_CLASS).map(|param| &param.value));
        let chosen = match chosen {
            Some(Literal::Text(class)) => class.clone(),
            _ => String::new(),
        };
        for (name, mut classes) in self.by_name {
            if let Some(param) = classes.remove(&chosen) {
                params.insert(name, param);
                continue;
            }
            let known = classes.keys().map(String::as_str).collect::<Vec<_>>().join("、");
            let message = Text::new(
                format!("参数 `{name}` 没有规模档次“{chosen}”的值"),
                format!("`{name}` has no value for the size class `{chosen}`"),
            );
            let help = Text::new(
                format!("参数 {SIZE_CLASS} 可以写：{known}"),
                format!("the parameter {SIZE_CLASS} is one of: {known}"),
            );
            problems.add(message, Some(help));
        }
        params
    }
}

/// First and last day in force.
type Validity = (NaiveDate, NaiveDate);

/// Reads the `[[param]]` blocks of a file; those in force on `date` are kept.
pub(super) fn read_params(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    date: NaiveDate,
    params: &mut BTreeMap<String, Param>,
    classed: &mut Classed,
) {
    let mut ranges: BTreeMap<(String, Option<String>), Vec<Validity>> = BTreeMap::new();
    reader.tables("param", problems, |reader, problems| {
        let name = reader.required_text("name", problems);
        let taken = ["data_date", "period_start"].contains(&name.value.as_str());
        if !name.value.is_empty() && (!is_name(&name.value) || taken) {
            name.span.problem(problems, cannot_name(&name.value, "参数名", "name a parameter"), None);
        }
        let value = reader.literal("value", problems);
        if value.is_none() && !reader.has("value") {
            reader.missing("value", problems);
        }
        let unit = reader.text("unit", problems).map(|unit| unit.value).unwrap_or_default();
        let class = reader.text(SIZE_CLASS, problems).map(|class| class.value);
        let from = reader.date("from", problems).unwrap_or(NaiveDate::MIN);
        let until = reader.date("until", problems).unwrap_or(NaiveDate::MAX);
        let source = read_source(reader, problems);
        let known = ranges.entry((name.value.clone(), class.clone())).or_default();
        report_overlap(&name, (from, until), known, problems);
        known.push((from, until));
        if let Some(value) = value
            && from <= date
            && date <= until
        {
            let param = Param { value: value.value, unit, source, overridden: false };
            match class {
                Some(class) => drop(classed.by_name.entry(name.value).or_default().insert(class, param)),
                None => drop(params.insert(name.value, param)),
            }
        }
    });
}

fn report_overlap(name: &At<String>, (from, until): Validity, known: &[Validity], problems: &mut Problems) {
    if known.iter().any(|(first, last)| from <= *last && *first <= until) {
        let message = Text::new(
            format!("`{}` 同时有两个值生效", name.value),
            format!("two values of `{}` are in force at once", name.value),
        );
        let help = Text::new("用 from、until 把有效期分开", "set them apart with `from` and `until`");
        name.span.problem(problems, message, Some(help));
    }
}

/// Puts the values a job sets in place of the pack's.
pub(super) fn override_params(
    params: &mut BTreeMap<String, Param>,
    overrides: &BTreeMap<String, Literal>,
    problems: &mut Problems,
) {
    for (name, value) in overrides {
        if let Some(param) = params.get_mut(name) {
            param.value = value.clone();
            param.overridden = true;
        } else {
            let help = did_you_mean(name, params.keys().map(String::as_str));
            let message = Text::new(
                format!("作业设置了规则包没有的参数 `{name}`"),
                format!("the job sets a parameter `{name}` the pack does not know"),
            );
            problems.add(message, help);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::TomlFile;

    const TEXT: &str = r#"
[[param]]
name = "size_class"
value = "small"
source = { doc = "试" }

[[param]]
name = "band"
size_class = "small"
value = 5
source = { doc = "试" }

[[param]]
name = "band"
size_class = "large"
value = 50
until = 2026-06-30
source = { doc = "试" }

[[param]]
name = "band"
size_class = "large"
value = 60
from = 2026-07-01
source = { doc = "试" }
"#;

    fn band(chosen: Option<&str>, date: &str) -> Result<Option<Literal>, String> {
        let mut problems = Problems::default();
        let (mut params, mut classed) = (BTreeMap::new(), Classed::default());
        TomlFile::new("params.toml", TEXT.to_owned()).parse(&mut problems, |reader, problems| {
            read_params(reader, problems, date.parse().expect("a date"), &mut params, &mut classed);
        });
        let chosen = chosen.map(|class| (SIZE_CLASS.to_owned(), Literal::Text(class.to_owned())));
        let params = classed.in_force(params, &chosen.into_iter().collect(), &mut problems);
        let value = params.get("band").map(|param| param.value.clone());
        problems.into_result(value).map_err(|problems| problems.render())
    }

    /// The job's class outweighs the pack's; each class has its own editions; a class nothing is known of is no default.
    #[test]
    fn the_size_class_chooses() {
        assert_eq!(band(None, "2026-10-31"), Ok(Some(Literal::Integer(5))));
        assert_eq!(band(Some("large"), "2026-06-30"), Ok(Some(Literal::Integer(50))));
        assert_eq!(band(Some("large"), "2026-07-31"), Ok(Some(Literal::Integer(60))));
        let problem = band(Some("huge"), "2026-10-31").expect_err("an unknown class");
        assert!(problem.contains("`huge`") && problem.contains("large、small"), "{problem}");
    }
}
